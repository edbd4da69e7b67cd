//! The search for a prime: a sieve from a random start, then Miller-Rabin.

use core::{num::NonZeroU32, ops::ControlFlow};

use crypto_bigint::{BoxedUint, Limb, NonZero, Odd};
use crypto_primes::{
    Flavor,
    fips::{self, FipsOptions},
    hazmat::{SetBits, SmallFactorsSieve, random_odd_integer},
};
use rsa::rand_core::TryCryptoRng;
use zeroize::{Zeroize, Zeroizing};

use super::{GenerateError, KeySize, PUBLIC_EXPONENT, Progress, rng::Watched};
use crate::Filter;

/// A prime of a pair to be. Zeroizes on drop; cannot be printed, cloned or serialised.
pub struct Prime {
    value: Zeroizing<BoxedUint>,
    size: KeySize,
}

impl Prime {
    pub(super) fn new(value: BoxedUint, size: KeySize) -> Self {
        Self {
            value: Zeroizing::new(value),
            size,
        }
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
    prime_bits: NonZeroU32,
    filter: Filter,
    test: FipsOptions,
    observe: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    progress: Progress,
}

impl<'a, R: TryCryptoRng + ?Sized> Search<'a, R> {
    pub fn new(
        rng: Watched<'a, R>,
        size: KeySize,
        observe: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Self {
        let bits = size.bits() / 2;
        // Both hold for every size on offer; the fallbacks are on the safe side.
        let prime_bits = NonZeroU32::new(bits).unwrap_or(NonZeroU32::MAX);
        let test = FipsOptions::with_error_bound(bits, size.miller_rabin_error())
            .unwrap_or(FipsOptions::with_mr_iterations(64));
        Self {
            rng,
            prime_bits,
            filter: Filter::choose(),
            test,
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
    pub fn make_prime(&mut self) -> Result<BoxedUint, GenerateError> {
        loop {
            let start: Zeroizing<Odd<BoxedUint>> = Zeroizing::new(
                random_odd_integer(&mut self.rng, self.prime_bits, SetBits::TwoMsb)
                    .map_err(|_| GenerateError::Randomness)?,
            );
            if self.rng.has_failed() {
                return Err(GenerateError::Randomness);
            }
            let sieve =
                SmallFactorsSieve::new(BoxedUint::clone(start.as_ref()), self.prime_bits, false)
                    .map_err(|_| GenerateError::SelfCheck)?;
            for mut candidate in sieve {
                if self.accepts(&candidate)? {
                    self.progress.primes_found += 1;
                    self.progress.candidates_for_this_prime = 0;
                    return Ok(candidate);
                }
                candidate.zeroize();
            }
            // The interval above the start held no prime: very near to 2^bits. Draw again.
        }
    }

    fn accepts(&mut self, candidate: &BoxedUint) -> Result<bool, GenerateError> {
        if is_one_modulo_e(candidate) {
            return Ok(false);
        }
        if (self.observe)(self.progress).is_break() {
            return Err(GenerateError::Cancelled);
        }
        self.progress.candidates_tested += 1;
        self.progress.candidates_for_this_prime += 1;
        let Some(odd) = Odd::new(candidate.clone()).into_option() else {
            return Ok(false);
        };
        if self.filter.is_composite(&odd) {
            return Ok(false);
        }
        let prime = fips::is_prime(&mut self.rng, Flavor::Any, candidate, self.test);
        if self.rng.has_failed() {
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
