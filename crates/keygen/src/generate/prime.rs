//! The search for a prime: a sieve from a random start, then Miller-Rabin.

use core::num::NonZeroU32;

use crypto_bigint::{BoxedUint, Limb, NonZero, Odd};
use crypto_primes::{
    Flavor,
    fips::{self, FipsOptions},
    hazmat::{SetBits, random_odd_integer},
};
use rsa::rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use super::{GenerateError, KeySize, PUBLIC_EXPONENT, rng::MonitoredRng, sieve::Sieve};
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

/// A search for the primes of a key pair, two candidates per call, so that a caller can do other things in
/// between.
pub struct PrimeSearch<'a, R: ?Sized> {
    rng: MonitoredRng<'a, R>,
    size: KeySize,
    prime_bits: NonZeroU32,
    filter: Filter,
    /// What is left of the current window.
    candidates: Option<Sieve>,
    /// The second of the two candidates tested last, if the first was probably prime, too.
    waiting: Option<Prime>,
    tested: u32,
}

impl<'a, R: TryCryptoRng + ?Sized> PrimeSearch<'a, R> {
    /// Searches for primes of pairs of `size`, with random numbers from `rng`.
    pub fn new(rng: &'a mut R, size: KeySize) -> Self {
        let bits = size.bits() / 2;
        Self {
            rng: MonitoredRng::new(rng),
            size,
            // All sizes are above zero.
            prime_bits: NonZeroU32::new(bits).unwrap_or(NonZeroU32::MAX),
            filter: Filter::choose(),
            candidates: None,
            waiting: None,
            tested: 0,
        }
    }

    /// The number of candidates tested so far.
    #[must_use]
    pub fn tested(&self) -> u32 {
        self.tested
    }

    /// Tests the next two candidates p, with both top bits set and gcd(p - 1, e) = 1, which takes some
    /// milliseconds. Returns one that is probably prime; then [`PrimeSearch::accepts`] decides.
    ///
    /// # Errors
    /// [`GenerateError::Randomness`].
    pub fn test_next(&mut self) -> Result<Option<Prime>, GenerateError> {
        if let Some(probable) = self.waiting.take() {
            return Ok(Some(probable));
        }
        let [first, second] = [self.next_candidate()?, self.next_candidate()?];
        self.tested += 2;
        let [first_is_composite, second_is_composite] =
            self.filter.are_composite([&first, &second]);
        let prime =
            |odd: &Odd<BoxedUint>| Prime::new(Zeroizing::new(BoxedUint::clone(odd)), self.size);
        let second = (!second_is_composite).then(|| prime(&second));
        if first_is_composite {
            return Ok(second);
        }
        self.waiting = second;
        Ok(Some(prime(&first)))
    }

    fn next_candidate(&mut self) -> Result<Zeroizing<Odd<BoxedUint>>, GenerateError> {
        loop {
            let mut left = self.candidates.iter_mut().flatten();
            if let Some(candidate) = left.find(|candidate| !is_one_modulo_e(candidate)) {
                return Ok(candidate);
            }
            // The first start, or there was no prime in the sieve's window.
            let start: Zeroizing<Odd<BoxedUint>> = Zeroizing::new(
                random_odd_integer(&mut self.rng, self.prime_bits, SetBits::TwoMsb)
                    .map_err(|_| GenerateError::Randomness)?,
            );
            if self.rng.has_failed() {
                return Err(GenerateError::Randomness);
            }
            self.candidates = Some(Sieve::new(&start));
        }
    }

    /// The final test: whether the number is prime. If it is, the search goes on from another start, as
    /// both primes of a pair must be independent.
    ///
    /// # Errors
    /// [`GenerateError::Randomness`].
    pub fn accepts(&mut self, probable: &Prime) -> Result<bool, GenerateError> {
        let accepted = accepts(self.size, &mut self.rng, probable.value())?;
        if accepted {
            self.candidates = None;
            self.waiting = None;
        }
        Ok(accepted)
    }
}

/// The final primality test, which alone decides: whether `candidate` is prime, by the rounds of Miller-Rabin that
/// `size` requires (FIPS 186-5, appendix B.3), by crypto-primes.
///
/// # Errors
/// When the generator that draws the bases fails.
pub fn accepts<R: TryCryptoRng + ?Sized>(
    size: KeySize,
    rng: &mut MonitoredRng<'_, R>,
    candidate: &BoxedUint,
) -> Result<bool, GenerateError> {
    let rounds = FipsOptions::with_mr_iterations(size.miller_rabin_rounds());
    let prime = fips::is_prime(rng, Flavor::Any, candidate, rounds);
    if rng.has_failed() {
        return Err(GenerateError::Randomness);
    }
    Ok(prime)
}

/// Whether the prime e divides `candidate` - 1: then e has no inverse.
fn is_one_modulo_e(candidate: &BoxedUint) -> bool {
    const E: NonZero<Limb> = NonZero::<Limb>::new_unwrap(Limb::from_u32(PUBLIC_EXPONENT));
    candidate.rem_limb(E) == Limb::ONE
}
