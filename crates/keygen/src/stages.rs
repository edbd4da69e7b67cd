//! The stages of a search, one by one, for benchmarks: a key is made by [`crate::make_prime`].

use crypto_bigint::{BoxedUint, Odd};
use rsa::rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::{
    Filter, GenerateError, KeySize, Prime,
    generate::{Acceptance, Sieve, Watched},
};

/// The numbers from a fixed start that the sieve leaves.
pub struct Stages {
    candidates: Vec<Zeroizing<BoxedUint>>,
    filter: Filter,
    size: KeySize,
}

impl Stages {
    /// Sieves from `start`, an odd number in bytes, the most significant first, of a prime's
    /// length for `size`; takes so many numbers of what is left. `None` for another number.
    #[must_use]
    pub fn sieve(start: &[u8], size: KeySize, candidates: usize) -> Option<Self> {
        let start = BoxedUint::from_be_slice(start, size.bits() / 2).ok()?;
        let start = Odd::new(start).into_option()?;
        Some(Self {
            candidates: Sieve::new(&start).take(candidates).collect(),
            filter: Filter::choose(),
            size,
        })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.candidates.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// The bytes of one, the most significant first.
    #[must_use]
    pub fn bytes(&self, at: usize) -> Option<Vec<u8>> {
        Some(self.candidates.get(at)?.to_be_bytes().to_vec())
    }

    /// Whether `filter`, or else the fastest one, says that it is composite.
    #[must_use]
    pub fn is_composite(&self, at: usize, filter: Option<Filter>) -> Option<bool> {
        let candidate = Odd::new(BoxedUint::clone(self.candidates.get(at)?)).into_option()?;
        Some(filter.unwrap_or(self.filter).is_composite(&candidate))
    }

    /// Puts one to the test that decides.
    ///
    /// # Errors
    /// [`GenerateError::Randomness`].
    pub fn accept<R: TryCryptoRng + ?Sized>(
        &self,
        at: usize,
        rng: &mut R,
    ) -> Result<Option<Prime>, GenerateError> {
        let Some(candidate) = self.candidates.get(at) else {
            return Ok(None);
        };
        let accepted = Acceptance::new(self.size).accepts(&mut Watched::new(rng), candidate)?;
        Ok(accepted.then(|| Prime::new(candidate.clone(), self.size)))
    }
}
