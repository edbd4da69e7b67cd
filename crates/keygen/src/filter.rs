//! Throws composites out before the real primality test, which decides alone.
//!
//! What is dropped here is composite for certain, if the arithmetic is right; what is kept may
//! still be composite. So a fault of our own arithmetic could cost time, never a bad prime.

mod columns;
mod euler;
mod lanes;

use crypto_bigint::{BoxedUint, Odd};
use crypto_primes::hazmat::MillerRabin;

/// A way of telling composites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Euler's criterion to base 2 on fused multiply-adds in SIMD lanes, by our own arithmetic.
    FusedSimd,
    /// Miller-Rabin to base 2 by crypto-primes.
    Library,
}

impl Filter {
    /// The fastest that this program was compiled for and that works on this machine.
    #[must_use]
    pub fn choose() -> Self {
        if lanes::ARE_FAST && columns::is_fused() {
            Self::FusedSimd
        } else {
            Self::Library
        }
    }

    /// Whether `candidate` is surely composite.
    pub(crate) fn is_composite(self, candidate: &Odd<BoxedUint>) -> bool {
        match self {
            Self::FusedSimd => !euler::may_be_prime(candidate),
            Self::Library => MillerRabin::new(candidate.clone())
                .test_base_two()
                .is_composite(),
        }
    }
}

#[cfg(test)]
#[path = "filter/tests.rs"]
mod tests;
