//! Throws composites out: 2^((n-1)/2) must be 1 or -1 modulo a prime n (Euler's criterion).
//!
//! The exponentiation is squarings and doublings only, in Montgomery form with R = 2^(51 L) for L
//! limbs. One squaring is three products of rows: T = a a; q = (T mod R) N' mod R with
//! N' = -1/n mod R; and the upper half of T + q n, which is divisible by R. No digit of q waits
//! for the one before it. R is above 2^43 n, so a result is below n (1 + 2^-40), also when it came
//! of a doubled operand, and no subtraction is needed between squarings.

use crypto_bigint::{BoxedUint, NonZero, Odd, Resize};

use super::{
    columns::{LIMB_BITS, Quad},
    lanes::Floats,
};

/// Leading bits of the exponent that are taken at once.
const HEAD_BITS: u32 = 10;
const MASK: i64 = (1 << LIMB_BITS) - 1;
/// Zero pairs before a row's first limb: a quad of columns looks so far back.
const PAD: usize = 3;

/// A row of limbs as the second operand of a product: each limb beside the next one, with zeros
/// around them.
struct Pairs(Vec<Floats>);

impl Pairs {
    fn new(limbs: usize) -> Self {
        Self(vec![Floats::splat(0.0); PAD + limbs + 2])
    }

    fn of(row: &[f64]) -> Self {
        let mut pairs = Self::new(row.len());
        pairs.set(row);
        pairs
    }

    fn set(&mut self, row: &[f64]) {
        let mut last = 0.0;
        let next = row.iter().copied().chain([0.0]);
        for (pair, next) in self.0[PAD - 1..].iter_mut().zip(next) {
            *pair = Floats::new(last, next);
            last = next;
        }
    }

    fn wipe(&mut self) {
        self.0.fill(Floats::splat(0.0));
        core::hint::black_box(&mut self.0);
    }
}

/// The sums of all columns, low and high parts apart.
struct Columns {
    low: Vec<i64>,
    high: Vec<i64>,
}

impl Columns {
    fn new(limbs: usize) -> Self {
        let length = (2 * limbs).next_multiple_of(4) + 4;
        Self {
            low: vec![0; length],
            high: vec![0; length],
        }
    }

    #[inline(always)]
    fn put(&mut self, at: usize, (low, high): ([i64; 4], [i64; 4])) {
        self.low[at..at + 4].copy_from_slice(&low);
        self.high[at..at + 4].copy_from_slice(&high);
    }

    /// A column's whole sum.
    #[inline(always)]
    fn at(&self, column: usize) -> i64 {
        self.low[column] + column.checked_sub(1).map_or(0, |before| self.high[before])
    }

    /// The columns from `first` (a multiple of 4) up to `end` of the product of two rows.
    #[inline(always)]
    fn product(&mut self, row: &[f64], pairs: &Pairs, first: usize, end: usize) {
        let last = row.len() - 1;
        for k in (first..end).step_by(4) {
            let from = k.saturating_sub(last);
            let to = last.min(k + 3);
            if from > to {
                self.put(k, ([0; 4], [0; 4]));
                continue;
            }
            let mut quad = Quad::new(to - from + 1);
            let with = &pairs.0[PAD + k - to..PAD + k - from + 3];
            for (limb, with) in row[from..=to].iter().zip(with.windows(3).rev()) {
                let limb = Floats::splat(*limb);
                quad.add(0, limb, with[0]);
                quad.add(1, limb, with[2]);
            }
            self.put(k, quad.sums());
        }
    }

    /// All columns of a row's square: the products of unlike limbs once, doubled, and the squares
    /// of the limbs.
    #[inline(always)]
    fn square(&mut self, row: &[f64], pairs: &Pairs) {
        let limbs = row.len();
        let limb = |at: usize| row.get(at).copied().unwrap_or(0.0);
        for k in (0..2 * limbs).step_by(4) {
            let middle = k / 2;
            let from = (k + 1).saturating_sub(limbs);
            // Limbs below the middle meet four later ones each.
            let below = from..middle.min(limbs);
            let mut quad = Quad::with_counts([below.len() + 1, below.len() + 2]);
            if !below.is_empty() {
                let with = &pairs.0[PAD + k + 1 - below.end..PAD + k - below.start + 3];
                for (limb, with) in row[below].iter().zip(with.windows(3).rev()) {
                    let limb = Floats::splat(*limb);
                    quad.add(0, limb, with[0]);
                    quad.add(1, limb, with[2]);
                }
            }
            // The two middle limbs meet themselves, which is not doubled, and later ones.
            let (one, two) = (Floats::splat(limb(middle)), Floats::splat(limb(middle + 1)));
            quad.add(0, one, Floats::new(0.0, limb(middle + 1)));
            quad.add(1, one, Floats::new(limb(middle + 2), limb(middle + 3)));
            quad.add(1, two, Floats::new(0.0, limb(middle + 2)));
            let mut squares = Quad::new(1);
            squares.add(0, one, Floats::new(limb(middle), 0.0));
            squares.add(1, two, Floats::new(limb(middle + 1), 0.0));
            let ((low, high), (low_squares, high_squares)) = (quad.sums(), squares.sums());
            let double = |sums: [i64; 4], squares: [i64; 4]| {
                core::array::from_fn(|at| 2 * sums[at] + squares[at])
            };
            self.put(k, (double(low, low_squares), double(high, high_squares)));
        }
    }

    fn wipe(&mut self) {
        self.low.fill(0);
        self.high.fill(0);
        core::hint::black_box(self);
    }
}

/// Numbers modulo one odd candidate. Wipes itself when dropped.
struct Montgomery {
    limbs: usize,
    modulus: Pairs,
    /// -1/n mod R.
    inverse: Pairs,
    /// The number at hand, in Montgomery form.
    value: Vec<f64>,
    pairs: Pairs,
    square: Columns,
    product: Columns,
    low_half: Vec<f64>,
    quotient: Vec<f64>,
}

impl Montgomery {
    /// `bits` is the candidate's length; `value` is below R.
    fn new(n: &Odd<BoxedUint>, value: &BoxedUint) -> Self {
        let limbs = limb_count(n.bit_width());
        let width = (limbs as u32 * LIMB_BITS).next_multiple_of(64);
        // Of an odd number there always is one.
        let (inverse, _) = n.as_ref().clone().resize(width).invert_mod2k_vartime(width);
        let inverse = inverse.wrapping_neg();
        Self {
            limbs,
            modulus: Pairs::of(&row(n.as_ref(), limbs)),
            inverse: Pairs::of(&row(&inverse, limbs)),
            value: row(value, limbs),
            pairs: Pairs::new(limbs),
            square: Columns::new(limbs),
            product: Columns::new(limbs),
            low_half: vec![0.0; limbs],
            quotient: vec![0.0; limbs],
        }
    }

    /// Squares the value, and doubles it if asked.
    #[inline(always)]
    fn square(&mut self, doubled: bool) {
        let limbs = self.limbs;
        self.pairs.set(&self.value);
        self.square.square(&self.value, &self.pairs);
        let carry = carry(&mut self.low_half, 0, |at| self.square.at(at));
        self.product
            .product(&self.low_half, &self.inverse, 0, limbs);
        carry_off(&mut self.quotient, |at| self.product.at(at));
        self.product.product(
            &self.quotient,
            &self.modulus,
            (limbs - 3) / 4 * 4,
            2 * limbs,
        );
        // The lower half of T + q n is a multiple m of R; its two upper columns tell m, the ones
        // below add less than 2^8 to what is rounded here.
        let lower = self.product.at(limbs - 2) + self.low_half[limbs - 2] as i64;
        let upper = self.product.at(limbs - 1) + self.low_half[limbs - 1] as i64;
        let multiple = (upper + ((lower + (1 << (LIMB_BITS - 1))) >> LIMB_BITS)) >> LIMB_BITS;
        let shift = u32::from(doubled);
        let mut carried = (carry + multiple) << shift;
        for at in 0..limbs {
            let sum = self.square.at(limbs + at) + self.product.at(limbs + at);
            carried += sum << shift;
            self.value[at] = (carried & MASK) as f64;
            carried >>= LIMB_BITS;
        }
    }

    /// The value, below 2^(51 L).
    fn value(&self) -> BoxedUint {
        let width = (self.limbs as u32 * LIMB_BITS).next_multiple_of(64);
        let mut sum = BoxedUint::zero_with_precision(width);
        for limb in self.value.iter().rev() {
            sum = sum.wrapping_shl_vartime(LIMB_BITS);
            sum |= &BoxedUint::from(*limb as u64).resize(width);
        }
        sum
    }
}

impl Drop for Montgomery {
    fn drop(&mut self) {
        for pairs in [&mut self.modulus, &mut self.inverse, &mut self.pairs] {
            pairs.wipe();
        }
        for columns in [&mut self.square, &mut self.product] {
            columns.wipe();
        }
        for row in [&mut self.value, &mut self.low_half, &mut self.quotient] {
            row.fill(0.0);
            core::hint::black_box(row);
        }
    }
}

/// Limbs for a candidate of `bits`: R must be far above it.
fn limb_count(bits: u32) -> usize {
    (bits + 43).div_ceil(LIMB_BITS) as usize
}

#[inline(always)]
fn carry(row: &mut [f64], mut carried: i64, sum: impl Fn(usize) -> i64) -> i64 {
    for (at, limb) in row.iter_mut().enumerate() {
        carried += sum(at);
        *limb = (carried & MASK) as f64;
        carried >>= LIMB_BITS;
    }
    carried
}

/// Carries within R: what goes beyond is dropped.
#[inline(always)]
fn carry_off(row: &mut [f64], sum: impl Fn(usize) -> i64) {
    carry(row, 0, sum);
}

/// Cuts a number into limbs.
fn row(number: &BoxedUint, limbs: usize) -> Vec<f64> {
    let bytes = number.to_le_bytes();
    let byte = |at: usize| u64::from(bytes.get(at).copied().unwrap_or(0));
    (0..limbs)
        .map(|limb| {
            let bit = limb * LIMB_BITS as usize;
            let (first, shift) = (bit / 8, bit % 8);
            let window = (0..8).fold(0_u128, |sum, at| {
                sum | u128::from(byte(first + at)) << (8 * at)
            });
            ((window >> shift) as u64 & MASK as u64) as f64
        })
        .collect()
}

/// `start` squared so many times modulo n.
#[cfg(test)]
pub fn squared(n: &Odd<BoxedUint>, start: u32, squarings: usize) -> BoxedUint {
    let r_bits = limb_count(n.bit_width()) as u32 * LIMB_BITS;
    let width = (r_bits + 64).next_multiple_of(64);
    let modulus = NonZero::new(n.as_ref().clone().resize(width)).unwrap();
    let start = BoxedUint::from(start)
        .resize(width)
        .wrapping_shl_vartime(r_bits);
    let mut number = Montgomery::new(n, &start.rem_vartime(&modulus));
    for _ in 0..squarings {
        number.square(false);
    }
    // Out of Montgomery form: divided by R, which halving does once a bit.
    let mut value = number.value().resize(width).rem_vartime(&modulus);
    for _ in 0..r_bits {
        if value.bit_vartime(0) {
            value = value.wrapping_add(modulus.as_ref());
        }
        value = value.shr_vartime(1).unwrap();
    }
    value
}

/// Whether 2^((n-1)/2) is 1 or -1 modulo n. True for every odd prime; false for nearly every
/// composite. Candidates of 64 to 2048 bits.
pub fn may_be_prime(n: &Odd<BoxedUint>) -> bool {
    let bits = n.bit_width();
    let r_bits = limb_count(bits) as u32 * LIMB_BITS;
    // Room for R times the head below.
    let width = (r_bits + (1 << HEAD_BITS)).next_multiple_of(64);
    let Some(modulus) = NonZero::new(n.as_ref().clone().resize(width)).into_option() else {
        return true;
    };
    let power = |exponent: u32| {
        BoxedUint::one_with_precision(width)
            .wrapping_shl_vartime(exponent)
            .rem_vartime(&modulus)
    };
    // The exponent (n - 1) / 2 has bits - 1 bits: those of n without the last. Its leading ones
    // make a power of two that needs no squaring.
    let head = (0..HEAD_BITS).fold(0, |head, at| {
        2 * head + u32::from(n.as_ref().bit_vartime(bits - 1 - at))
    });
    let mut number = Montgomery::new(n, &power(r_bits + head));
    for at in (1..bits - HEAD_BITS).rev() {
        number.square(n.as_ref().bit_vartime(at));
    }
    let value = number.value().resize(width).rem_vartime(&modulus);
    let one = power(r_bits);
    value == one || value == modulus.as_ref().wrapping_sub(&one)
}
