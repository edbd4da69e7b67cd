//! Limbs of 24 bits, multiplied and added as floats, for browsers without relaxed SIMD.
//!
//! Nothing is ever rounded: limbs are integers at most 2^23 + 2^8 in size, of either sign, so a product is below
//! 2^46 (1 + 2^-14), and a column of up to 127 of them below 2^53, where all integers are floats. A carry is
//! the integer nearest to a column / 2^24. It is at most 2^29 in size and propagates by one limb, so that all
//! carries are computed at once; carried twice, limbs are small enough again.

use super::{
    columns::Arithmetic,
    lanes::{Floats, Ints},
};

const LIMB_BITS: u32 = 24;
const UNIT: i64 = 1 << LIMB_BITS;

/// The constants.
#[derive(Clone, Copy)]
pub struct Plain {
    /// 2^-24.
    scale: Floats,
    /// 2^24.
    unit: Floats,
    /// 3 2^51: near it floats are 1 apart, so adding it rounds to an integer.
    round: Floats,
}

impl Plain {
    /// What is left of the sum, with the carry of the column before.
    #[inline(always)]
    fn carried(self, carry: &mut Floats, sum: Floats) -> Floats {
        let carries = sum * self.scale + self.round - self.round;
        let carried = sum - carries * self.unit + *carry;
        *carry = carries;
        carried
    }
}

impl Arithmetic for Plain {
    const LIMB_BITS: u32 = LIMB_BITS;

    type Sum = Floats;
    /// Of both times.
    type Carries = [Floats; 2];

    fn new() -> Self {
        core::hint::black_box(Self {
            scale: Floats::splat(1.0 / UNIT as f64),
            unit: Floats::splat(UNIT as f64),
            round: Floats::splat(3.0 * (1_u64 << 51) as f64),
        })
    }

    #[inline(always)]
    fn empty(_low_halves: usize, _high_halves: usize) -> Floats {
        Floats::splat(0.0)
    }

    #[inline(always)]
    fn add(self, [sum, _]: [&mut Floats; 2], limb: Floats, with: Floats) {
        *sum = *sum + limb * with;
    }

    #[inline(always)]
    fn sum(self, limb: Floats) -> Floats {
        limb
    }

    #[inline(always)]
    fn no_carries(self) -> [Floats; 2] {
        [Floats::splat(0.0); 2]
    }

    #[inline(always)]
    fn limb(self, [first, second]: &mut [Floats; 2], sum: Floats, doubled: Ints) -> Floats {
        let sum = self.carried(first, sum);
        self.carried(second, sum + (sum & doubled))
    }

    #[inline(always)]
    fn lowered(self, [first, _]: &mut [Floats; 2], sum: Floats) -> Floats {
        self.carried(first, sum)
    }

    #[inline(always)]
    fn carry(self, [first, second]: [Floats; 2]) -> Floats {
        first + second
    }
}
