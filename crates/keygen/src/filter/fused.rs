//! Limbs of 51 bits, multiplied by fused multiply-adds of relaxed SIMD.
//!
//! Limbs are integers at most 2^50 + 2^9 in size, of either sign, kept as floats. The product a b of two is at
//! most 2^100 + 2^60 in size, and is split without any rounding:
//!
//! - h = fma(a, b, C) = C + r 2^51 with C = 3 2^102. From 2^103 to 2^104, where h lies, floats are 2^51 apart, so
//!   r is the integer nearest to a b / 2^51, and the bits of h are [`HIGH_BITS`] + r.
//! - l = fma(a, b, C + 3 2^51 - h) = 3 2^51 + (a b - r 2^51). The addend (3 - r) 2^51 is a float, the rest is
//!   at most 2^50 in size, and near 3 2^51 floats are 1 apart: nothing is lost, and the bits of l are
//!   [`LOW_BITS`] + (a b - r 2^51).
//!
//! Added up as integers, l belongs to the column of a b, and h to the next one. A column of 41 limbs has at
//! most 41 of each: numbers at most 2^50 + 2^14 in size, in all below 2^57.
//!
//! A carry is the integer nearest to a column's sum / 2^51. Sums are below 2^59 in size, also of T + q n doubled,
//! hence carries are at most 2^8 in size and need not propagate: all limbs are computed at once.

use super::{
    columns::Arithmetic,
    lanes::{Floats, Ints},
};

const LIMB_BITS: u32 = 51;

const SPLIT: f64 = 3.0 * (1_u128 << 102) as f64;
const SPLIT_LOW: f64 = SPLIT + 3.0 * (1_u64 << 51) as f64;
const HIGH_BITS: i64 = SPLIT.to_bits() as i64;
const LOW_BITS: i64 = (3.0 * (1_u64 << 51) as f64).to_bits() as i64;

/// Half a unit, so that what is cut off is the nearest multiple; and a multiple of a carry's unit, so that
/// every sum becomes positive.
const BIAS: i64 = (1 << 62) + HALF;
const HALF: i64 = 1 << (LIMB_BITS - 1);
/// The part of [`BIAS`] in a carry.
const CARRY_BIAS: i64 = BIAS >> LIMB_BITS;
/// 2^52: for an integer x, the bits of 2^52 + x are the bits of 2^52 plus x.
const FLOAT: f64 = (1_u64 << 52) as f64;

/// The constants.
#[derive(Clone, Copy)]
pub struct Fused {
    split: Floats,
    split_low: Floats,
    bias: Ints,
    mask: Ints,
    float: Ints,
    biased_float: Floats,
}

impl Arithmetic for Fused {
    const LIMB_BITS: u32 = LIMB_BITS;

    type Sum = Ints;
    /// With [`CARRY_BIAS`].
    type Carries = Ints;

    fn new() -> Self {
        core::hint::black_box(Self {
            split: Floats::splat(SPLIT),
            split_low: Floats::splat(SPLIT_LOW),
            bias: Ints::splat(BIAS),
            mask: Ints::splat((1 << LIMB_BITS) - 1),
            float: Ints::splat(FLOAT.to_bits() as i64),
            biased_float: Floats::splat(FLOAT + (HALF + CARRY_BIAS) as f64),
        })
    }

    /// Both constants are even.
    #[inline(always)]
    fn empty(low_halves: usize, high_halves: usize) -> Ints {
        let bits = |halves: usize, bits: i64| (halves as i64).wrapping_mul(bits / 2);
        let bits = bits(low_halves, LOW_BITS).wrapping_add(bits(high_halves, HIGH_BITS));
        Ints::splat(bits.wrapping_neg())
    }

    #[inline(always)]
    fn add(self, [low, high]: [&mut Ints; 2], limb: Floats, with: Floats) {
        let h = limb.mul_add(with, self.split);
        let l = limb.mul_add(with, self.split_low - h);
        *high = *high + h.bits();
        *low = *low + l.bits();
    }

    #[inline(always)]
    fn sum(self, limb: Floats) -> Ints {
        let low = Floats::splat(f64::from_bits(LOW_BITS as u64));
        (limb + low).bits() + Ints::splat(-LOW_BITS)
    }

    #[inline(always)]
    fn no_carries(self) -> Ints {
        Ints::splat(CARRY_BIAS)
    }

    #[inline(always)]
    fn limb(self, carries: &mut Ints, sum: Ints, doubled: Ints) -> Floats {
        let sum = sum + (sum & doubled) + self.bias;
        let limb = (sum & self.mask) + *carries;
        *carries = sum.shifted::<LIMB_BITS>();
        (limb + self.float).floats() - self.biased_float
    }

    #[inline(always)]
    fn lowered(self, _carries: &mut Ints, sum: Ints) -> Ints {
        sum
    }

    #[inline(always)]
    fn carry(self, carries: Ints) -> Ints {
        carries + Ints::splat(-CARRY_BIAS)
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
