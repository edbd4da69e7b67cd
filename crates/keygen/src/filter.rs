//! Drops composites before the final primality test, which alone decides.
//!
//! If the arithmetic is right, only composites are dropped; some composites are kept. A bug in our
//! own arithmetic can therefore cost time, but never lead to a bad prime.

mod columns;
mod euler;
mod fused;
mod lanes;
mod montgomery;
mod plain;

use crypto_bigint::{BoxedUint, Odd};
use crypto_primes::hazmat::MillerRabin;

use self::{euler::may_be_prime, fused::Fused, plain::Plain};

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
        if lanes::HAVE_MUL_ADD && fused::is_fused() {
            Self::FusedSimd
        } else if lanes::ARE_FAST {
            Self::PlainSimd
        } else {
            Self::Library
        }
    }

    /// Whether the candidates are certainly composite. Two are tested in hardly more time than one.
    pub(crate) fn are_composite(self, candidates: [&Odd<BoxedUint>; 2]) -> [bool; 2] {
        match self {
            Self::FusedSimd => may_be_prime::<Fused>(candidates).map(|may_be| !may_be),
            Self::PlainSimd => may_be_prime::<Plain>(candidates).map(|may_be| !may_be),
            Self::Library => candidates.map(|candidate| {
                let test = MillerRabin::new(candidate.clone());
                test.test_base_two().is_composite()
            }),
        }
    }
}

#[cfg(test)]
#[path = "filter/tests.rs"]
mod tests;
