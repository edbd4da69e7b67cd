//! A random generator that remembers failures: the primality test only accepts infallible ones.

use core::convert::Infallible;

use rsa::rand_core::{TryCryptoRng, TryRng};

/// Returns zeros once the generator behind it has failed. Callers must check
/// [`MonitoredRng::has_failed`] before they use the numbers.
pub struct MonitoredRng<'a, R: ?Sized> {
    rng: &'a mut R,
    failed: bool,
}

impl<'a, R: TryCryptoRng + ?Sized> MonitoredRng<'a, R> {
    pub fn new(rng: &'a mut R) -> Self {
        Self { rng, failed: false }
    }

    /// Whether some of the drawn numbers aren't random.
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

impl<R: TryCryptoRng + ?Sized> TryRng for MonitoredRng<'_, R> {
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

impl<R: TryCryptoRng + ?Sized> TryCryptoRng for MonitoredRng<'_, R> {}
