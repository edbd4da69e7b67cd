//! Squarings modulo a candidate with fused multiply-adds: 51-bit limbs, kept as floats.
//!
//! Montgomery form with R = 2^(51 L) for an odd number L of limbs. One squaring is three products of rows:
//! T = a a; q = (T mod R) N' mod R with N' = -1/n mod R; and the upper half of T + q n, which is divisible
//! by R. No digit of q depends on the one before it.
//!
//! Carries only propagate by one limb: with the column sums S, limb k is (S_k mod 2^51) +
//! floor(S_(k-1) / 2^51), so all limbs are computed at once. Sums are below 2^60 in size, also of
//! T + q n doubled, hence limbs above -2^9 and below 2^51 + 2^9: well within the range of a
//! product. R is above 2^43 n and q above -2^-40 R and below R (1 + 2^-40), so a squaring's result
//! is below n (1 + 2^-38), even if its operand was doubled, and no subtraction is needed.

use crypto_bigint::{BoxedUint, Odd};
use zeroize::Zeroizing;

use super::{
    columns::{LIMB_BITS, Quad, Split},
    euler::{Modular, minus_inverse},
    lanes::{Floats, Ints},
    rows::{self, Row},
};

const MASK: i64 = (1 << LIMB_BITS) - 1;

/// Makes every sum positive when added, and is a multiple of a carry's unit.
const BIAS: i64 = 1 << 62;
/// The part of [`BIAS`] in a carry.
const CARRY_BIAS: i64 = BIAS >> LIMB_BITS;
/// 2^52: for an integer x, the bits of 2^52 + x are the bits of 2^52 plus x.
const FLOAT: f64 = (1_u64 << 52) as f64;

/// The sums of all columns in pairs, low and high parts separate. Overwrites itself when dropped.
struct Columns {
    split: Split,
    low: Vec<Ints>,
    high: Vec<Ints>,
}

impl Columns {
    fn new(limbs: usize) -> Self {
        let zeros = vec![Ints::splat(0); limbs + 3];
        Self {
            split: Split::new(),
            low: zeros.clone(),
            high: zeros,
        }
    }

    #[inline(always)]
    fn put(&mut self, column: usize, sums: Quad) {
        self.low[column / 2..][..2].copy_from_slice(&sums.low);
        self.high[column / 2..][..2].copy_from_slice(&sums.high);
    }

    /// The total of a column.
    fn at(&self, column: usize) -> i64 {
        let lane = |sums: &[Ints], column: usize| sums[column / 2].lanes()[column % 2];
        let high = column.checked_sub(1).map_or(0, |c| lane(&self.high, c));
        lane(&self.low, column) + high
    }

    #[inline(always)]
    fn product(&mut self, a: &Row, b: &Row, first: usize, end: usize) {
        let split = self.split;
        rows::product(split, [a, b], (first, end), |k, sums| self.put(k, sums));
    }

    #[inline(always)]
    fn square(&mut self, row: &Row) {
        let split = self.split;
        rows::square(split, row, |k, sums| self.put(k, sums));
    }
}

impl Drop for Columns {
    fn drop(&mut self) {
        self.low.fill(Ints::splat(0));
        self.high.fill(Ints::splat(0));
        core::hint::black_box(self);
    }
}

/// Converts sums to limbs, pair by pair.
struct Carrier {
    /// Carries of the previous pair.
    carries: Ints,
    constants: Constants,
}

/// Constants that stay in registers, like [`Split`].
#[derive(Clone, Copy)]
struct Constants {
    bias: Ints,
    mask: Ints,
    float: Ints,
    biased_float: Floats,
}

impl Constants {
    fn new() -> Self {
        core::hint::black_box(Self {
            bias: Ints::splat(BIAS),
            mask: Ints::splat(MASK),
            float: Ints::splat(FLOAT.to_bits() as i64),
            biased_float: Floats::splat(FLOAT + CARRY_BIAS as f64),
        })
    }
}

impl Carrier {
    fn new(constants: Constants) -> Self {
        Self {
            carries: Ints::splat(CARRY_BIAS),
            constants,
        }
    }

    #[inline(always)]
    fn limbs(&mut self, sums: Ints) -> Floats {
        let sums = sums.plus(self.constants.bias);
        let carries = sums.shifted::<LIMB_BITS>();
        let limbs = sums
            .and(self.constants.mask)
            .plus(self.carries.between(carries));
        self.carries = carries;
        let floats = limbs.plus(self.constants.float).floats();
        floats.minus(self.constants.biased_float)
    }

    /// The carry out of the lower limb of the last pair.
    fn lower_carry(&self) -> i64 {
        self.carries.lanes()[0] - CARRY_BIAS
    }
}

/// A number modulo an odd candidate.
pub struct Fused {
    constants: Constants,
    modulus: Row,
    /// -1/n mod R.
    inverse: Row,
    /// The current number, in Montgomery form.
    value: Row,
    square: Columns,
    product: Columns,
    low_half: Row,
    quotient: Row,
}

impl Modular for Fused {
    fn r_bits(bits: u32) -> u32 {
        limb_count(bits) as u32 * LIMB_BITS
    }

    fn new(n: &Odd<BoxedUint>, value: &BoxedUint) -> Self {
        let limbs = limb_count(n.bit_width());
        let inverse = minus_inverse(n, limbs as u32 * LIMB_BITS);
        Self {
            constants: Constants::new(),
            modulus: row_of(n.as_ref(), limbs),
            inverse: row_of(&inverse, limbs),
            value: row_of(value, limbs),
            square: Columns::new(limbs),
            product: Columns::new(limbs),
            low_half: Row::new(limbs),
            quotient: Row::new(limbs),
        }
    }

    #[inline(always)]
    fn square(&mut self, doubled: bool) {
        let limbs = self.value.count();
        self.square.square(&self.value);
        let carry = lower_half(&mut self.low_half, &self.square, self.constants);
        self.product
            .product(&self.low_half, &self.inverse, 0, limbs);
        lower_half(&mut self.quotient, &self.product, self.constants);
        self.product
            .product(&self.quotient, &self.modulus, limbs - 3, 2 * limbs);
        // The lower half of T + q n is a multiple m of R. Its two upper columns determine m; the
        // ones below change the rounded sum by less than 2^9.
        let sum = |column| self.product.at(column) + self.low_half.limbs[column] as i64;
        let lower = (sum(limbs - 2) + (1 << (LIMB_BITS - 1))) >> LIMB_BITS;
        let multiple = (sum(limbs - 1) + lower) >> LIMB_BITS;
        self.upper_half(carry + multiple, doubled);
    }

    /// n is added, so that the number is positive.
    fn value(&self) -> Zeroizing<BoxedUint> {
        let (value, n) = (&self.value.limbs, &self.modulus.limbs);
        let limbs = (0..self.value.count()).map(|at| value[at] as i64 + n[at] as i64);
        rows::number(limbs, LIMB_BITS)
    }
}

impl Fused {
    /// Sets the value to the sum of the upper halves of the square and the product, plus `carry`.
    #[inline(always)]
    fn upper_half(&mut self, carry: i64, doubled: bool) {
        // The number of limbs is odd, so the first column is the upper one of a pair.
        let first = self.value.count() / 2;
        let [low, high] = [
            [&self.square.low[first..], &self.product.low[first..]],
            [&self.square.high[first..], &self.product.high[first..]],
        ];
        let mut carrier = Carrier::new(self.constants);
        let mut from_below = Ints::new(carry, 0);
        let mut before = low[0][0].plus(low[1][0]);
        for at in 0..=first {
            let next = low[0][at + 1].plus(low[1][at + 1]);
            let mut sums = before
                .between(next)
                .plus(high[0][at].plus(high[1][at]))
                .plus(from_below);
            before = next;
            from_below = Ints::splat(0);
            if doubled {
                sums = sums.plus(sums);
            }
            let pair = carrier.limbs(sums);
            self.value.put(at, pair);
        }
        // The uppermost limb carries to nowhere: nothing is cut off it.
        let at = 2 * first;
        let uppermost = self.value.limbs[at] + (carrier.lower_carry() << LIMB_BITS) as f64;
        self.value.put(first, Floats::new(uppermost, 0.0));
    }
}

/// Computes the row of the lower half of the columns; returns the carry into the upper half.
#[inline(always)]
fn lower_half(row: &mut Row, columns: &Columns, constants: Constants) -> i64 {
    let mut carrier = Carrier::new(constants);
    let mut high = Ints::splat(0);
    let pairs = row.count() / 2;
    for at in 0..pairs {
        let next = columns.high[at];
        row.put(at, carrier.limbs(columns.low[at].plus(high.between(next))));
        high = next;
    }
    let last = carrier.limbs(columns.low[pairs].plus(high.between(columns.high[pairs])));
    row.put(pairs, Floats::new(last.lanes()[0], 0.0));
    carrier.lower_carry()
}

/// Number of limbs for a candidate of `bits`: odd, and large enough that R is far above the
/// candidate.
fn limb_count(bits: u32) -> usize {
    (bits + 43).div_ceil(LIMB_BITS) as usize | 1
}

/// Splits a number into limbs.
fn row_of(number: &BoxedUint, limbs: usize) -> Row {
    let digit = rows::digits(number, LIMB_BITS);
    Row::from_limbs(limbs, |at| digit(at) as f64)
}
