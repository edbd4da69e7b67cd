//! Drops composites before the final primality test, which alone decides.
//!
//! If the arithmetic is right, only composites are dropped; some composites are kept. A bug in our
//! own arithmetic can therefore cost time, but never lead to a bad prime.

mod columns;
mod euler;
mod fused;
mod lanes;
mod plain;
mod rows;

use crypto_bigint::{BoxedUint, Odd};
use crypto_primes::hazmat::MillerRabin;

use self::{fused::Fused, plain::Plain};

/// A test that recognizes composites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Euler's criterion to base 2 with our own arithmetic: fused multiply-adds in SIMD lanes.
    FusedSimd,
    /// The same with multiplications and additions that are never rounded.
    PlainSimd,
    /// Miller-Rabin to base 2 by crypto-primes.
    Library,
}

impl Filter {
    /// The fastest filter that this build contains and this machine supports.
    #[must_use]
    pub fn choose() -> Self {
        if lanes::HAVE_MUL_ADD && columns::is_fused() {
            Self::FusedSimd
        } else if lanes::ARE_FAST {
            Self::PlainSimd
        } else {
            Self::Library
        }
    }

    /// Whether `candidate` is certainly composite.
    pub(crate) fn is_composite(self, candidate: &Odd<BoxedUint>) -> bool {
        match self {
            Self::FusedSimd => !euler::may_be_prime::<Fused>(candidate),
            Self::PlainSimd => !euler::may_be_prime::<Plain>(candidate),
            Self::Library => MillerRabin::new(candidate.clone())
                .test_base_two()
                .is_composite(),
        }
    }
}

#[cfg(test)]
#[path = "filter/tests.rs"]
mod tests;
