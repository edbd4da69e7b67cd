//! Column sums of products of 51-bit limbs, without carries.
//!
//! A number is a row of limbs, least first, each an integer from 0 to 2^51 - 1 kept as a float.
//! Two limbs' product a b is below 2^102 and is split without any rounding:
//!
//! - h = fma(a, b, 3 2^102) = 3 2^102 + r 2^51. Near 3 2^102 floats stand 2^51 apart, so r is the
//!   integer nearest to a b / 2^51, and the bits of h are [`HIGH_BITS`] + r.
//! - l = fma(a, b, 3 2^102 + 3 2^51 - h) = 3 2^51 + (a b - r 2^51). The addend (3 - r) 2^51 is a
//!   float, the rest is at most 2^50 in size, and near 3 2^51 floats stand 1 apart: nothing is
//!   lost, and the bits of l are [`LOW_BITS`] + (a b - r 2^51).
//!
//! Added up as integers, the h of limbs i and j belong to column i + j + 1, the l to column i + j.
//! A column of 41 limbs has at most 41 of each: 82 numbers below 2^51 in size, under 2^58.

use super::lanes::{Floats, Ints};

/// Bits of a limb.
pub const LIMB_BITS: u32 = 51;

const SPLIT: f64 = 3.0 * (1_u128 << 102) as f64;
const SPLIT_LOW: f64 = SPLIT + 3.0 * (1_u64 << 51) as f64;
const HIGH_BITS: i64 = SPLIT.to_bits() as i64;
const LOW_BITS: i64 = (3.0 * (1_u64 << 51) as f64).to_bits() as i64;

/// Four neighbouring columns' sums: two pairs of low parts, two pairs of high parts.
#[derive(Clone, Copy)]
pub struct Quad {
    low: [Ints; 2],
    high: [Ints; 2],
}

impl Quad {
    /// Empty, ready for `products` limbs to be spread over the four columns.
    pub fn new(products: usize) -> Self {
        Self::with_counts([products; 2])
    }

    /// As [`Quad::new`], with a count for each pair of columns.
    pub fn with_counts(products: [usize; 2]) -> Self {
        let start =
            |bits: i64| products.map(|n| Ints::splat((n as i64).wrapping_mul(bits).wrapping_neg()));
        Self {
            low: start(LOW_BITS),
            high: start(HIGH_BITS),
        }
    }

    /// Adds the products of `limb` with two limbs, for the pair `at` of columns.
    #[inline(always)]
    pub fn add(&mut self, at: usize, limb: Floats, with: Floats) {
        let high = limb.mul_add(with, Floats::splat(SPLIT));
        let low = limb.mul_add(with, Floats::splat(SPLIT_LOW).minus(high));
        self.high[at] = self.high[at].plus(high.bits());
        self.low[at] = self.low[at].plus(low.bits());
    }

    /// The low and the high sums of the four columns.
    pub fn sums(&self) -> ([i64; 4], [i64; 4]) {
        let four = |pairs: [Ints; 2]| {
            let [[a, b], [c, d]] = pairs.map(Ints::lanes);
            [a, b, c, d]
        };
        (four(self.low), four(self.high))
    }
}

/// Whether this machine's multiply-add rounds once, as all of this needs: (1 + 2^-30)^2 less its
/// rounded square is 2^-60, but 0 where the product is rounded first.
pub fn is_fused() -> bool {
    let x = core::hint::black_box(1.0 + f64::powi(2.0, -30));
    let square = x * x;
    let rest = Floats::splat(x).mul_add(Floats::splat(x), Floats::splat(-square));
    rest.bits().lanes() == [f64::powi(2.0, -60).to_bits() as i64; 2]
}
