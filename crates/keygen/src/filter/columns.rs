//! Column sums of products of 51-bit limbs, without carries.
//!
//! A number is a row of limbs, little-endian: integers above -2^11 and below 2^51 + 2^11, kept as
//! floats. The product a b of two limbs is above -2^63 and below 2^102 + 2^64, and is split
//! without any rounding:
//!
//! - h = fma(a, b, C) = C + r 2^51 with C = 2^103 + 2^70. From 2^103 to 2^104, where h lies,
//!   floats are 2^51 apart, so r is the integer nearest to a b / 2^51, and the bits of h are
//!   [`HIGH_BITS`] + r.
//! - l = fma(a, b, C + 3 2^51 - h) = 3 2^51 + (a b - r 2^51). The addend (3 - r) 2^51 is a float,
//!   the rest is at most 2^50 in size, and near 3 2^51 floats are 1 apart: nothing is lost, and
//!   the bits of l are [`LOW_BITS`] + (a b - r 2^51).
//!
//! Added up as integers, the h of limbs i and j belong to column i + j + 1, the l to column i + j.
//! A column of 41 limbs has at most 41 of each: 82 numbers below 2^51 + 2^14 in size, under 2^58.

use super::{
    lanes::{Floats, Ints},
    rows::Sums,
};

/// Bits of a limb.
pub const LIMB_BITS: u32 = 51;

const SPLIT: f64 = ((1_u128 << 103) + (1_u128 << 70)) as f64;
const SPLIT_LOW: f64 = SPLIT + 3.0 * (1_u64 << 51) as f64;
const HIGH_BITS: i64 = SPLIT.to_bits() as i64;
const LOW_BITS: i64 = (3.0 * (1_u64 << 51) as f64).to_bits() as i64;

/// The constants that split a product, hidden from the compiler so that it keeps them in registers:
/// WebAssembly has no cheap 128-bit constants.
#[derive(Clone, Copy)]
pub struct Split {
    high: Floats,
    low: Floats,
}

impl Split {
    /// The constants, hidden from constant folding.
    pub fn new() -> Self {
        core::hint::black_box(Self {
            high: Floats::splat(SPLIT),
            low: Floats::splat(SPLIT_LOW),
        })
    }
}

/// The sums of four adjacent columns: two pairs of low parts, two pairs of high parts.
#[derive(Clone, Copy)]
pub struct Quad {
    pub low: [Ints; 2],
    pub high: [Ints; 2],
    split: Split,
}

impl Sums for Quad {
    type Constants = Split;

    #[inline(always)]
    fn new(split: Split, products: [usize; 2]) -> Self {
        let start =
            |bits: i64| products.map(|n| Ints::splat((n as i64).wrapping_mul(bits).wrapping_neg()));
        Self {
            low: start(LOW_BITS),
            high: start(HIGH_BITS),
            split,
        }
    }

    #[inline(always)]
    fn add(&mut self, at: usize, _turn: usize, limb: Floats, with: Floats) {
        let high = limb.mul_add(with, self.split.high);
        let low = limb.mul_add(with, self.split.low.minus(high));
        self.high[at] = self.high[at].plus(high.bits());
        self.low[at] = self.low[at].plus(low.bits());
    }

    #[inline(always)]
    fn doubled_plus(self, others: Self) -> Self {
        let sum = |these: [Ints; 2], others: [Ints; 2]| {
            core::array::from_fn(|at| these[at].plus(these[at]).plus(others[at]))
        };
        Self {
            low: sum(self.low, others.low),
            high: sum(self.high, others.high),
            split: self.split,
        }
    }
}

/// Whether this machine's multiply-add rounds only once, which this arithmetic requires: (1 +
/// 2^-30)^2 minus its rounded square is 2^-60, but 0 if the product is rounded first.
pub fn is_fused() -> bool {
    let x = core::hint::black_box(1.0 + f64::powi(2.0, -30));
    let square = x * x;
    let rest = Floats::splat(x).mul_add(Floats::splat(x), Floats::splat(-square));
    rest.bits().lanes() == [f64::powi(2.0, -60).to_bits() as i64; 2]
}
