//! A generator that remembers whether it failed: the primality test takes only generators that
//! cannot.

use core::convert::Infallible;

use rsa::rand_core::{TryCryptoRng, TryRng};

/// Gives zeros once the generator behind it has failed. Whoever draws from it must ask
/// [`Watched::has_failed`] before using what came out.
pub struct Watched<'a, R: ?Sized> {
    rng: &'a mut R,
    failed: bool,
}

impl<'a, R: TryCryptoRng + ?Sized> Watched<'a, R> {
    pub fn new(rng: &'a mut R) -> Self {
        Self { rng, failed: false }
    }

    /// Whether some of what was drawn is not random.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    fn or_zero<T: Default>(&mut self, draw: impl FnOnce(&mut R) -> Result<T, R::Error>) -> T {
        if self.failed {
            return T::default();
        }
        draw(self.rng).unwrap_or_else(|_| {
            self.failed = true;
            T::default()
        })
    }
}

impl<R: TryCryptoRng + ?Sized> TryRng for Watched<'_, R> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.or_zero(|rng| rng.try_next_u32()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.or_zero(|rng| rng.try_next_u64()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.or_zero(|rng| rng.try_fill_bytes(bytes));
        if self.failed {
            bytes.fill(0);
        }
        Ok(())
    }
}

impl<R: TryCryptoRng + ?Sized> TryCryptoRng for Watched<'_, R> {}
