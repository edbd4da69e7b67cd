//! Squarings modulo a candidate with 28-bit limbs in integer lanes, for browsers without relaxed SIMD.
//!
//! Montgomery form with R = 2^(28 L), where L is even, but not a multiple of 4. As in `fused`, one squaring is
//! three products of rows: T = a a; q = (T mod R) N' mod R with N' = -1/n mod R; and the upper half of T + q n,
//! which is divisible by R. A column sums up to L products below 2^56: for L up to 100, two columns
//! together fit 64 bits, and carries wait until a column is complete.
//!
//! R is above 2^16 n and q below R, so a squaring's result is below n (1 + 2^-14), even if its operand
//! was doubled, and no subtraction is needed.

use crypto_bigint::{BoxedUint, Odd};
use zeroize::{Zeroize, Zeroizing};

use super::{
    euler::{Modular, minus_inverse},
    quads::{Four, Sums},
};

/// Bits of a limb.
const LIMB_BITS: u32 = 28;
const MASK: u64 = (1 << LIMB_BITS) - 1;
/// Columns computed at once.
const LANES: usize = 4;
/// Zeros before the first limb and behind the last one.
const PAD: usize = LANES - 1;

/// Limbs, little-endian, laid out for both operands of a product. Overwrites itself when dropped.
struct Row {
    /// The limbs, with zeros around them.
    padded: Vec<u32>,
    /// Each limb with the next three, from [`PAD`] zeros before the first one.
    quads: Vec<Four>,
}

impl Row {
    fn new(limbs: usize) -> Self {
        Self {
            padded: vec![0; PAD + limbs + PAD],
            quads: vec![Four::splat(0); PAD + limbs],
        }
    }

    fn of(number: &BoxedUint, limbs: usize) -> Self {
        let mut row = Self::new(limbs);
        let bytes = Zeroizing::new(number.to_le_bytes());
        let byte = |at: usize| u64::from(bytes.get(at).copied().unwrap_or(0));
        for (limb, padded) in row.padded[PAD..][..limbs].iter_mut().enumerate() {
            let bit = limb * LIMB_BITS as usize;
            let window = (0..5).fold(0, |sum, at| sum | byte(bit / 8 + at) << (8 * at));
            *padded = (window >> (bit % 8) & MASK) as u32;
        }
        row.arrange();
        row
    }

    /// The number of limbs.
    fn count(&self) -> usize {
        self.padded.len() - 2 * PAD
    }

    fn limbs(&self) -> &[u32] {
        &self.padded[PAD..][..self.count()]
    }

    /// Sets the limbs, and returns the carry out of the last one.
    #[inline(always)]
    fn carry(&mut self, columns: impl Iterator<Item = u64>, mut carry: u64) -> u64 {
        for (limb, column) in self.padded[PAD..].iter_mut().zip(columns) {
            let sum = column + carry;
            *limb = (sum & MASK) as u32;
            carry = sum >> LIMB_BITS;
        }
        self.arrange();
        carry
    }

    /// Arranges the limbs in quads.
    #[inline(always)]
    fn arrange(&mut self) {
        for (quad, limbs) in self.quads.iter_mut().zip(self.padded.windows(LANES)) {
            if let &[a, b, c, d] = limbs {
                *quad = Four::new([a, b, c, d]);
            }
        }
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        self.padded.zeroize();
        self.quads.fill(Four::splat(0));
        core::hint::black_box(self);
    }
}

/// Sets the columns of a product from `first`, a multiple of [`LANES`], up to `end`.
#[inline(always)]
fn product(columns: &mut [u64], a: &Row, b: &Row, first: usize, end: usize) {
    let last = a.count() - 1;
    for k in (first..end).step_by(LANES) {
        let mut sums = Sums::zero();
        add_products(
            &mut sums,
            a,
            b,
            k.saturating_sub(last),
            last.min(k + PAD) + 1,
            k,
        );
        put(columns, k, sums);
    }
}

/// Sets all columns of a square: twice the products of different limbs, plus the squares of the limbs.
#[inline(always)]
fn square(columns: &mut [u64], row: &Row) {
    let count = row.count();
    for k in (0..2 * count).step_by(LANES) {
        let middle = k / 2;
        let mut sums = Sums::zero();
        // Each limb below the middle is multiplied by four later ones.
        add_products(
            &mut sums,
            row,
            row,
            (k + 1).saturating_sub(count),
            middle,
            k,
        );
        let mut squares = Sums::zero();
        // The two limbs in the middle are multiplied by later ones and, undoubled, by themselves.
        if let Some(&[a, b, c, d]) = row.padded[PAD + middle..].first_chunk() {
            sums.add(Four::splat(a), Four::new([0, b, c, d]));
            sums.add(Four::splat(b), Four::new([0, 0, 0, c]));
            let middle = Four::new([a, 0, b, 0]);
            squares.add(middle, middle);
        }
        put(columns, k, sums.doubled_plus(squares));
    }
}

/// Adds the products of the limbs `from` to `to` of `a` to the four columns from `k`.
#[inline(always)]
fn add_products(sums: &mut Sums, a: &Row, b: &Row, from: usize, to: usize, k: usize) {
    if from >= to {
        return;
    }
    let limbs = &a.limbs()[from..to];
    // Limb i is multiplied by the limbs k - i to k - i + 3.
    let quads = &b.quads[PAD + k + 1 - to..PAD + k + 1 - from];
    for (limb, quad) in limbs.iter().zip(quads.iter().rev()) {
        sums.add(Four::splat(*limb), *quad);
    }
}

#[inline(always)]
fn put(columns: &mut [u64], first: usize, sums: Sums) {
    columns[first..][..LANES].copy_from_slice(&sums.lanes());
}

/// A number modulo an odd candidate.
pub struct Integers {
    modulus: Row,
    /// -1/n mod R.
    inverse: Row,
    value: Row,
    low_half: Row,
    quotient: Row,
    square: Zeroizing<Vec<u64>>,
    product: Zeroizing<Vec<u64>>,
}

impl Modular for Integers {
    fn r_bits(bits: u32) -> u32 {
        limb_count(bits) as u32 * LIMB_BITS
    }

    fn new(n: &Odd<BoxedUint>, value: &BoxedUint) -> Self {
        let limbs = limb_count(n.bit_width());
        let inverse = minus_inverse(n, limbs as u32 * LIMB_BITS);
        let columns = Zeroizing::new(vec![0; 2 * limbs + LANES]);
        Self {
            modulus: Row::of(n.as_ref(), limbs),
            inverse: Row::of(&inverse, limbs),
            value: Row::of(value, limbs),
            low_half: Row::new(limbs),
            quotient: Row::new(limbs),
            square: columns.clone(),
            product: columns,
        }
    }

    fn square(&mut self, doubled: bool) {
        self.square_in_lanes(doubled);
    }

    fn value(&self) -> Zeroizing<BoxedUint> {
        let width = (self.value.count() as u32 * LIMB_BITS).next_multiple_of(64);
        let mut bytes = Zeroizing::new(vec![0_u8; width as usize / 8]);
        for (at, limb) in self.value.limbs().iter().enumerate() {
            let bit = at * LIMB_BITS as usize;
            let limb = u64::from(*limb) << (bit % 8);
            for (byte, part) in bytes[bit / 8..].iter_mut().zip(limb.to_le_bytes()) {
                *byte |= part;
            }
        }
        let number = BoxedUint::from_le_slice(&bytes, width);
        // The bytes have just that width.
        Zeroizing::new(number.unwrap_or_else(|_| BoxedUint::zero_with_precision(width)))
    }
}

impl Integers {
    /// The feature only concerns this function; browsers without SIMD can't load a program that contains it.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    fn square_in_lanes(&mut self, doubled: bool) {
        let limbs = self.value.count();
        square(&mut self.square, &self.value);
        let (lower, upper) = self.square.split_at(limbs);
        let carry = self.low_half.carry(lower.iter().copied(), 0);
        product(&mut self.product, &self.low_half, &self.inverse, 0, limbs);
        let lower_product = self.product[..limbs].iter().copied();
        self.quotient.carry(lower_product, 0);
        product(
            &mut self.product,
            &self.quotient,
            &self.modulus,
            limbs - 2,
            2 * limbs,
        );
        // The lower half of T + q n is a multiple m of R. Its two upper columns determine m: the ones below
        // add less than 2^-16 R.
        let sum = |column: usize| self.product[column] + u64::from(self.low_half.limbs()[column]);
        let upper_two = sum(limbs - 1) + (sum(limbs - 2) >> LIMB_BITS);
        let multiple = (upper_two + (1 << (LIMB_BITS - 1))) >> LIMB_BITS;
        let mut sums = upper
            .iter()
            .zip(&self.product[limbs..])
            .map(|(t, qn)| t + qn);
        if doubled {
            // A sum can't be doubled before its carry, because it may need all bits.
            let (mut carry, mut doubled_carry) = (carry + multiple, 0);
            let doubled = core::iter::from_fn(|| {
                let sum = sums.next()? + carry;
                carry = sum >> LIMB_BITS;
                let limb = 2 * (sum & MASK) + doubled_carry;
                doubled_carry = limb >> LIMB_BITS;
                Some(limb & MASK)
            });
            self.value.carry(doubled.take(limbs), 0);
        } else {
            self.value.carry(sums.take(limbs), carry + multiple);
        }
    }
}

/// Number of limbs for a candidate of `bits`: enough for R to be far above it, and 2 more than a multiple of
/// [`LANES`], so that the two upper columns of the lower half begin a group.
fn limb_count(bits: u32) -> usize {
    let least = (bits + 16).div_ceil(LIMB_BITS) as usize;
    least + (LANES + 2 - least % LANES) % LANES
}
