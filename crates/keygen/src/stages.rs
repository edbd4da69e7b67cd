//! Runs the stages of a prime search one by one, for benchmarks. Keys come from
//! [`crate::PrimeSearch`].

use crypto_bigint::{BoxedUint, Odd};
use rsa::rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::{
    Filter, GenerateError, KeySize, Prime,
    generate::{MonitoredRng, Sieve, accepts},
};

/// The candidates that the sieve leaves after a fixed start.
pub struct Stages {
    candidates: Vec<Zeroizing<Odd<BoxedUint>>>,
    filter: Filter,
    size: KeySize,
}

impl Stages {
    /// Sieves from `start`, an odd big-endian number with the length of a prime for `size`, and
    /// keeps the first `candidates` numbers. `None` for an invalid start.
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

    /// The number of candidates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.candidates.len()
    }

    /// Whether there are no candidates.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// The bytes of a candidate, big-endian.
    #[must_use]
    pub fn bytes(&self, at: usize) -> Option<Vec<u8>> {
        Some(self.candidates.get(at)?.to_be_bytes().to_vec())
    }

    /// Whether `filter`, by default the fastest one, recognizes this candidate and the next one as composite.
    #[must_use]
    pub fn are_composite(&self, at: usize, filter: Option<Filter>) -> Option<[bool; 2]> {
        let [first, second] = self.candidates.get(at..at + 2)? else {
            return None;
        };
        Some(filter.unwrap_or(self.filter).are_composite([first, second]))
    }

    /// Runs the final primality test on a candidate.
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
        let accepted = accepts(self.size, &mut MonitoredRng::new(rng), candidate)?;
        Ok(accepted.then(|| Prime::new(Zeroizing::new(BoxedUint::clone(candidate)), self.size)))
    }
}
