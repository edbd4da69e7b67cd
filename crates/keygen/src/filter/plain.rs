//! Squarings modulo a candidate with multiplications and additions of floats, for browsers without relaxed SIMD.
//!
//! Montgomery form with R = 2^(24 L). As in `fused`, one squaring is three products of rows: T = a a;
//! q = (T mod R) N' mod R with N' = -1/n mod R; and the upper half of T + q n, which is divisible by R.
//!
//! Nothing is ever rounded: limbs are integers at most 2^23 + 2^8 in size, of either sign, so a product is below
//! 2^46 (1 + 2^-14), and a column of up to 127 of them below 2^53, where all integers are floats. A carry is
//! the integer nearest to a column / 2^24. It is at most 2^29 in size and propagates by one limb, so that all
//! carries are computed at once; carried twice, limbs are small enough again.
//!
//! R is above 2^16 n and q at most R (1/2 + 2^-15) in size, so a squaring's result is at most n (1/2 + 2^-13),
//! and no subtraction is needed, even if its operand was doubled.

use crypto_bigint::{BoxedUint, Odd};
use zeroize::Zeroizing;

use super::{
    euler::{Modular, minus_inverse},
    lanes::Floats,
    rows::{self, Row, Sums},
};

/// Bits of a limb.
const LIMB_BITS: u32 = 24;
const UNIT: i64 = 1 << LIMB_BITS;

/// The sums of four columns, of which nothing is rounded: [`Sums`] by turn and pair of columns.
struct Exact([[Floats; 2]; 2]);

impl Exact {
    #[inline(always)]
    fn total(self) -> [Floats; 2] {
        let [[a, b], [c, d]] = self.0;
        [a.plus(c), b.plus(d)]
    }
}

impl Sums for Exact {
    type Constants = ();

    #[inline(always)]
    fn new((): (), _products: [usize; 2]) -> Self {
        Self([[Floats::splat(0.0); 2]; 2])
    }

    #[inline(always)]
    fn add(&mut self, at: usize, turn: usize, limb: Floats, with: Floats) {
        self.0[turn][at] = self.0[turn][at].plus(limb.times(with));
    }

    #[inline(always)]
    fn doubled_plus(self, others: Self) -> Self {
        let ([a, b], [c, d]) = (self.total(), others.total());
        let zeros = [Floats::splat(0.0); 2];
        Self([[a.plus(a).plus(c), b.plus(b).plus(d)], zeros])
    }
}

/// The sums of all columns, in pairs. Overwrites itself when dropped.
struct Columns(Vec<Floats>);

impl Columns {
    fn new(limbs: usize) -> Self {
        Self(vec![Floats::splat(0.0); limbs])
    }

    #[inline(always)]
    fn product(&mut self, a: &Row, b: &Row, first: usize, end: usize) {
        rows::product((), [a, b], (first, end), |k, sums| self.put(k, sums));
    }

    #[inline(always)]
    fn square(&mut self, row: &Row) {
        rows::square((), row, |k, sums| self.put(k, sums));
    }

    #[inline(always)]
    fn put(&mut self, column: usize, sums: Exact) {
        self.0[column / 2..][..2].copy_from_slice(&sums.total());
    }
}

impl Drop for Columns {
    fn drop(&mut self) {
        self.0.fill(Floats::splat(0.0));
        core::hint::black_box(self);
    }
}

/// Constants that stay in registers: hidden from the compiler, because WebAssembly has no cheap 128-bit ones.
#[derive(Clone, Copy)]
struct Constants {
    /// 2^-24.
    scale: Floats,
    /// 2^24.
    unit: Floats,
    /// 3 2^51: near it floats are 1 apart, so adding it rounds to an integer.
    round: Floats,
}

impl Constants {
    fn new() -> Self {
        core::hint::black_box(Self {
            scale: Floats::splat(1.0 / UNIT as f64),
            unit: Floats::splat(UNIT as f64),
            round: Floats::splat(3.0 * (1_u64 << 51) as f64),
        })
    }

    /// The integers nearest to the sums / 2^24.
    #[inline(always)]
    fn carries(self, sums: Floats) -> Floats {
        sums.times(self.scale).plus(self.round).minus(self.round)
    }
}

/// Replaces sums by what is left of them plus the carries of the ones before, pair by pair.
struct Carrier {
    constants: Constants,
    /// Carries of the previous pair.
    carries: Floats,
}

impl Carrier {
    /// With the carry into the first limb.
    #[inline(always)]
    fn new(constants: Constants, carry: f64) -> Self {
        Self {
            constants,
            carries: Floats::splat(carry),
        }
    }

    #[inline(always)]
    fn carried(&mut self, sums: Floats) -> Floats {
        let carries = self.constants.carries(sums);
        let rest = sums.minus(carries.times(self.constants.unit));
        let carried = rest.plus(self.carries.between(carries));
        self.carries = carries;
        carried
    }

    /// The carry out of the last limb.
    #[inline(always)]
    fn carry(&self) -> f64 {
        self.carries.lanes()[1]
    }
}

/// A number modulo an odd candidate.
pub struct Plain {
    constants: Constants,
    modulus: Row,
    /// -1/n mod R.
    inverse: Row,
    value: Row,
    low_half: Row,
    quotient: Row,
    square: Columns,
    product: Columns,
}

impl Modular for Plain {
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
            low_half: Row::new(limbs),
            quotient: Row::new(limbs),
            square: Columns::new(limbs),
            product: Columns::new(limbs),
        }
    }

    fn square(&mut self, doubled: bool) {
        self.square_in_lanes(doubled);
    }

    /// 2 n is added, so that the number is positive.
    fn value(&self) -> Zeroizing<BoxedUint> {
        let (value, n) = (&self.value.limbs, &self.modulus.limbs);
        let limbs = (0..self.value.count()).map(|at| value[at] as i64 + 2 * n[at] as i64);
        rows::number(limbs, LIMB_BITS)
    }
}

impl Plain {
    /// The feature only concerns this function; browsers without SIMD can't load a program that contains it.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    fn square_in_lanes(&mut self, doubled: bool) {
        let limbs = self.value.count();
        self.square.square(&self.value);
        let carry = lower_half(&mut self.low_half, &self.square, self.constants);
        self.product
            .product(&self.low_half, &self.inverse, 0, limbs);
        lower_half(&mut self.quotient, &self.product, self.constants);
        self.product
            .product(&self.quotient, &self.modulus, limbs - 2, 2 * limbs);
        // The lower half of T + q n is a multiple m of R. Its two upper columns determine m: the ones below
        // add less than 2^-18 R.
        let [low, high] = self.product.0[limbs / 2 - 1].lanes();
        let [t_low, t_high] = [2, 1].map(|from_end| self.low_half.limbs[limbs - from_end]);
        let two = (high + t_high) + (low + t_low) / UNIT as f64;
        let [multiple, _] = self.constants.carries(Floats::splat(two)).lanes();
        self.upper_half(carry + multiple, doubled);
    }

    /// Sets the value to the sum of the upper halves of the square and the product, plus `carry`.
    #[inline(always)]
    fn upper_half(&mut self, carry: f64, doubled: bool) {
        let limbs = self.value.count();
        // Their sum could exceed 2^53.
        let mut of_square = Carrier::new(self.constants, carry);
        let mut of_product = Carrier::new(self.constants, 0.0);
        let mut of_sum = Carrier::new(self.constants, 0.0);
        let [squares, products] = [&self.square, &self.product].map(|all| &all.0[limbs / 2..]);
        // The uppermost limbs are small, so nothing is carried out of them.
        for (at, (square, product)) in squares.iter().zip(products).enumerate() {
            let mut sums = of_square
                .carried(*square)
                .plus(of_product.carried(*product));
            if doubled {
                sums = sums.plus(sums);
            }
            self.value.put(at, of_sum.carried(sums));
        }
        self.value.put(limbs / 2, Floats::splat(0.0));
    }
}

/// Computes the row of the lower half of the columns; returns the carry into the upper half.
#[inline(always)]
fn lower_half(row: &mut Row, columns: &Columns, constants: Constants) -> f64 {
    let mut first = Carrier::new(constants, 0.0);
    let mut second = Carrier::new(constants, 0.0);
    let pairs = row.count() / 2;
    for (at, sums) in columns.0[..pairs].iter().enumerate() {
        row.put(at, second.carried(first.carried(*sums)));
    }
    row.put(pairs, Floats::splat(0.0));
    first.carry() + second.carry()
}

/// Number of limbs for a candidate of `bits`: enough for R to be far above it, and 2 more than a multiple of
/// 4, so that the two upper columns of the lower half begin a group.
fn limb_count(bits: u32) -> usize {
    let least = (bits + 16).div_ceil(LIMB_BITS) as usize;
    least + (4 + 2 - least % 4) % 4
}

/// The number modulo R.
fn row_of(number: &BoxedUint, limbs: usize) -> Row {
    let digit = rows::digits(number, LIMB_BITS);
    let mut carry = 0;
    Row::from_limbs(limbs, |at| {
        let limb = digit(at) + carry;
        carry = (limb + UNIT / 2) >> LIMB_BITS;
        (limb - carry * UNIT) as f64
    })
}
