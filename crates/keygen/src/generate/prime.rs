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

use super::{GenerateError, KeySize, PUBLIC_EXPONENT, Progress, Step, rng::Watched, sieve::Sieve};
use crate::Filter;

/// A prime of a pair to be. Zeroizes on drop; cannot be printed, cloned or serialised.
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

    /// The secret as bytes, the most significant first, to be handed to [`Prime::from_bytes`].
    #[must_use]
    pub fn expose_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.value.to_be_bytes().to_vec())
    }

    /// Takes over what [`Prime::expose_bytes`] gave; `None` when that cannot be. The number is not
    /// tested again: the pair that comes of it is.
    #[must_use]
    pub fn from_bytes(bytes: &[u8], size: KeySize) -> Option<Self> {
        let bits = size.bits() / 2;
        let value = Zeroizing::new(BoxedUint::from_be_slice(bytes, bits).ok()?);
        let has_form = value.bit_width() == bits
            && value.bit_vartime(bits - 2)
            && value.bit_vartime(0)
            && !is_one_modulo_e(&value);
        has_form.then_some(Self { value, size })
    }
}

/// The state of a search over both primes of a pair.
pub struct Search<'a, R: ?Sized> {
    rng: Watched<'a, R>,
    size: KeySize,
    prime_bits: NonZeroU32,
    filter: Filter,
    acceptance: Acceptance,
    observe: &'a mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
    progress: Progress,
}

impl<'a, R: TryCryptoRng + ?Sized> Search<'a, R> {
    pub fn new(
        rng: Watched<'a, R>,
        size: KeySize,
        observe: &'a mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
    ) -> Self {
        let bits = size.bits() / 2;
        // Holds for every size on offer.
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

    /// Both primes of a pair are to be found (again).
    pub fn start_pair(&mut self) {
        self.progress.primes_found = 0;
        self.progress.candidates_for_this_prime = 0;
    }

    /// Draws a prime p with both top bits set and gcd(p - 1, e) = 1.
    ///
    /// # Errors
    /// When the observer breaks, or the generator fails.
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
                if let Some(prime) = self.accepted(candidate)? {
                    self.progress.primes_found += 1;
                    self.progress.candidates_for_this_prime = 0;
                    return Ok(prime);
                }
            }
            // The window from the start held no prime. Draw again.
        }
    }

    fn accepted(
        &mut self,
        candidate: Zeroizing<BoxedUint>,
    ) -> Result<Option<Prime>, GenerateError> {
        if is_one_modulo_e(&candidate) {
            return Ok(None);
        }
        self.observe(Step::Candidate)?;
        self.progress.candidates_tested += 1;
        self.progress.candidates_for_this_prime += 1;
        let Some(odd) = Odd::new(BoxedUint::clone(&candidate)).into_option() else {
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

/// The bound of FIPS 186-5 holds for independent candidates. From one start, any of the WINDOW odd
/// numbers of the sieve may be the composite that passes, where one in h ln(2) / 2 is prime, and
/// the second top bit halves the numbers to choose from: 4 WINDOW / (h ln 2), below 2^6 from
/// h = 1024 bits on. Table B.1's rounds have that much to spare.
pub(super) const INCREMENTS_COST: u32 = 6;

/// The test that alone decides what is a prime: FIPS 186-5, appendix B.3, by crypto-primes.
pub struct Acceptance(FipsOptions);

impl Acceptance {
    /// With the rounds of Miller-Rabin that the size asks for.
    pub fn new(size: KeySize) -> Self {
        let rounds = FipsOptions::with_error_bound(
            size.bits() / 2,
            size.miller_rabin_error() + INCREMENTS_COST,
        );
        // There is a bound for every size on offer; the fallback is on the safe side.
        Self(rounds.unwrap_or(FipsOptions::with_mr_iterations(64)))
    }

    /// Whether `candidate` is prime.
    ///
    /// # Errors
    /// When the generator fails, which draws the bases.
    pub fn accepts<R: TryCryptoRng + ?Sized>(
        &self,
        rng: &mut Watched<'_, R>,
        candidate: &BoxedUint,
    ) -> Result<bool, GenerateError> {
        let prime = fips::is_prime(rng, Flavor::Any, candidate, self.0);
        if rng.has_failed() {
            return Err(GenerateError::Randomness);
        }
        Ok(prime)
    }
}

/// Whether e, a prime, divides `candidate` - 1: then it has no inverse.
fn is_one_modulo_e(candidate: &BoxedUint) -> bool {
    const E: NonZero<Limb> = NonZero::<Limb>::new_unwrap(Limb::from_u32(PUBLIC_EXPONENT));
    candidate.rem_limb(E) == Limb::ONE
}
