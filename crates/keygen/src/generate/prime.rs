//! The search for a prime: a sieve from a random start, then Miller-Rabin.

use core::{num::NonZeroU32, ops::ControlFlow};

use crypto_bigint::{BoxedUint, Limb, NonZero, Odd};
use crypto_primes::{
    Flavor,
    fips::{self, FipsOptions},
    hazmat::{SetBits, random_odd_integer},
};
use rsa::rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use super::{
    GenerateError, KeySize, PUBLIC_EXPONENT, Progress, Step, rng::MonitoredRng, sieve::Sieve,
};
use crate::Filter;

/// A prime for a key pair. Zeroizes on drop; can't be printed, cloned or serialized.
pub struct Prime {
    value: Zeroizing<BoxedUint>,
    size: KeySize,
}

impl Prime {
    pub(crate) fn new(value: Zeroizing<BoxedUint>, size: KeySize) -> Self {
        Self { value, size }
    }

    pub(super) fn value(&self) -> &BoxedUint {
        &self.value
    }

    pub(super) fn size(&self) -> KeySize {
        self.size
    }

    /// The secret as big-endian bytes, for [`Prime::from_bytes`].
    #[must_use]
    pub fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        let bytes = Zeroizing::new(self.value.to_be_bytes());
        Zeroizing::new(bytes.to_vec())
    }

    /// Reads the bytes of [`Prime::expose_bytes`]; `None` if they aren't valid. The number isn't
    /// tested again, but its key pair will be.
    #[must_use]
    pub fn from_bytes(bytes: &[u8], size: KeySize) -> Option<Self> {
        let bits = size.bits() / 2;
        let value = Zeroizing::new(BoxedUint::from_be_slice(bytes, bits).ok()?);
        let is_valid = value.bit_width() == bits
            && value.bit_vartime(bits - 2)
            && value.bit_vartime(0)
            && !is_one_modulo_e(&value);
        is_valid.then_some(Self { value, size })
    }
}

/// A search for both primes of a key pair.
pub struct Search<'a, R: ?Sized> {
    rng: MonitoredRng<'a, R>,
    size: KeySize,
    prime_bits: NonZeroU32,
    filter: Filter,
    acceptance: Acceptance,
    observe: &'a mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
    progress: Progress,
}

impl<'a, R: TryCryptoRng + ?Sized> Search<'a, R> {
    pub fn new(
        rng: MonitoredRng<'a, R>,
        size: KeySize,
        observe: &'a mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
    ) -> Self {
        let bits = size.bits() / 2;
        // All sizes are above zero.
        let prime_bits = NonZeroU32::new(bits).unwrap_or(NonZeroU32::MAX);
        Self {
            rng,
            size,
            prime_bits,
            filter: Filter::choose(),
            acceptance: Acceptance::new(size),
            observe,
            progress: Progress::default(),
        }
    }

    /// Starts the search for both primes, maybe once more.
    pub fn start_pair(&mut self) {
        self.progress.primes_found = 0;
        self.progress.candidates_for_this_prime = 0;
    }

    /// Draws a prime p with both top bits set and gcd(p - 1, e) = 1.
    ///
    /// # Errors
    /// When the observer returns `Break`, or the generator fails.
    pub fn make_prime(&mut self) -> Result<Prime, GenerateError> {
        loop {
            let start: Zeroizing<Odd<BoxedUint>> = Zeroizing::new(
                random_odd_integer(&mut self.rng, self.prime_bits, SetBits::TwoMsb)
                    .map_err(|_| GenerateError::Randomness)?,
            );
            if self.rng.has_failed() {
                return Err(GenerateError::Randomness);
            }
            for candidate in Sieve::new(&start) {
                if let Some(prime) = self.test(candidate)? {
                    self.progress.primes_found += 1;
                    self.progress.candidates_for_this_prime = 0;
                    return Ok(prime);
                }
            }
            // There was no prime in the sieve's window: draw another start.
        }
    }

    fn test(&mut self, candidate: Zeroizing<BoxedUint>) -> Result<Option<Prime>, GenerateError> {
        if is_one_modulo_e(&candidate) {
            return Ok(None);
        }
        self.observe(Step::Candidate)?;
        self.progress.candidates_tested += 1;
        self.progress.candidates_for_this_prime += 1;
        let odd = Odd::new(BoxedUint::clone(&candidate)).into_option();
        let Some(odd) = odd.map(Zeroizing::new) else {
            return Ok(None);
        };
        if self.filter.is_composite(&odd) {
            return Ok(None);
        }
        let prime = Prime::new(candidate, self.size);
        self.observe(|_| Step::Probable(&prime))?;
        let accepted = self.acceptance.accepts(&mut self.rng, prime.value())?;
        Ok(accepted.then_some(prime))
    }

    fn observe<'b>(
        &mut self,
        step: impl FnOnce(Progress) -> Step<'b>,
    ) -> Result<(), GenerateError> {
        match (self.observe)(step(self.progress)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(GenerateError::Cancelled),
        }
    }
}

/// Bits by which increments weaken the bound of FIPS 186-5, which holds for independent candidates.
/// Any of the WINDOW odd numbers after a start may be the composite that passes, one in h ln(2) / 2
/// is prime, and the second top bit halves the choice: 4 WINDOW / (h ln 2), below 2^6 from h = 1024
/// bits on. The rounds of table B.1 leave enough margin for that.
pub(super) const INCREMENTS_COST: u32 = 6;

/// The final primality test, which alone decides: FIPS 186-5, appendix B.3, by crypto-primes.
pub struct Acceptance(FipsOptions);

impl Acceptance {
    /// With the rounds of Miller-Rabin that `size` requires.
    pub fn new(size: KeySize) -> Self {
        let rounds = FipsOptions::with_error_bound(
            size.bits() / 2,
            size.miller_rabin_error() + INCREMENTS_COST,
        );
        // All sizes have a bound; the fallback is a safe one.
        Self(rounds.unwrap_or(FipsOptions::with_mr_iterations(64)))
    }

    /// Whether `candidate` is prime.
    ///
    /// # Errors
    /// When the generator that draws the bases fails.
    pub fn accepts<R: TryCryptoRng + ?Sized>(
        &self,
        rng: &mut MonitoredRng<'_, R>,
        candidate: &BoxedUint,
    ) -> Result<bool, GenerateError> {
        let prime = fips::is_prime(rng, Flavor::Any, candidate, self.0);
        if rng.has_failed() {
            return Err(GenerateError::Randomness);
        }
        Ok(prime)
    }
}

/// Whether the prime e divides `candidate` - 1: then e has no inverse.
fn is_one_modulo_e(candidate: &BoxedUint) -> bool {
    const E: NonZero<Limb> = NonZero::<Limb>::new_unwrap(Limb::from_u32(PUBLIC_EXPONENT));
    candidate.rem_limb(E) == Limb::ONE
}
