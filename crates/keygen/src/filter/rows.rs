//! Rows of limbs, and which limbs are multiplied for a column of a product; `fused` and `plain` say how.

use core::ops::Range;

use crypto_bigint::BoxedUint;
use zeroize::Zeroizing;

use super::lanes::Floats;

/// Zero pairs before the first limb of a row and behind the last one, as far as four columns read.
const PAD: usize = 3;

/// Limbs, little-endian, laid out for both operands of a product. Overwrites itself when dropped.
pub struct Row {
    count: usize,
    /// The limbs and one or two zeros: an even number of floats.
    pub limbs: Vec<f64>,
    /// Each limb with the next one, with zeros around them.
    pairs: Vec<Floats>,
}

impl Row {
    /// Zeros.
    pub fn new(count: usize) -> Self {
        Self {
            count,
            limbs: vec![0.0; count / 2 * 2 + 2],
            pairs: vec![Floats::splat(0.0); PAD + count + PAD],
        }
    }

    /// The limbs that `limb` returns for each position.
    pub fn from_limbs(count: usize, mut limb: impl FnMut(usize) -> f64) -> Self {
        let mut row = Self::new(count);
        let mut next = |at| if at < count { limb(at) } else { 0.0 };
        for at in 0..=count / 2 {
            row.put(at, Floats::new(next(2 * at), next(2 * at + 1)));
        }
        row
    }

    /// Sets the limbs 2 at and 2 at + 1; the limbs before them must be set.
    #[inline(always)]
    pub fn put(&mut self, at: usize, pair: Floats) {
        let pairs = &mut self.pairs[2 * at + PAD - 2..][..3];
        pairs[1] = pairs[0].between(pair);
        pairs[2] = pair;
        self.limbs[2 * at..][..2].copy_from_slice(&pair.lanes());
    }

    /// The number of limbs.
    pub fn count(&self) -> usize {
        self.count
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        self.limbs.fill(0.0);
        self.pairs.fill(Floats::splat(0.0));
        core::hint::black_box(self);
    }
}

/// The digits of a number, of `bits` up to 56, by their position.
pub fn digits(number: &BoxedUint, bits: u32) -> impl Fn(usize) -> i64 {
    let bytes = Zeroizing::new(number.to_le_bytes());
    move |at| {
        let byte = |at: usize| u64::from(bytes.get(at).copied().unwrap_or(0));
        let (first, shift) = (at * bits as usize / 8, at * bits as usize % 8);
        let window = (0..8).fold(0_u128, |sum, at| {
            sum | u128::from(byte(first + at)) << (8 * at)
        });
        (window >> shift) as i64 & ((1 << bits) - 1)
    }
}

/// The number with limbs of `bits`, which may be negative or too large as long as the number is neither.
pub fn number(limbs: impl ExactSizeIterator<Item = i64>, bits: u32) -> Zeroizing<BoxedUint> {
    let width = (limbs.len() as u32 * bits).next_multiple_of(64);
    let mut bytes = Zeroizing::new(vec![0_u8; width as usize / 8]);
    let mut carry = 0;
    for (at, limb) in limbs.enumerate() {
        carry += limb;
        let bit = at * bits as usize;
        let digit = ((carry & ((1 << bits) - 1)) as u128) << (bit % 8);
        for (byte, part) in bytes[bit / 8..].iter_mut().zip(digit.to_le_bytes()) {
            *byte |= part;
        }
        carry >>= bits;
    }
    let number = BoxedUint::from_le_slice(&bytes, width);
    // The bytes have just that width.
    Zeroizing::new(number.unwrap_or_else(|_| BoxedUint::zero_with_precision(width)))
}

/// The sums of four adjacent columns, in two pairs.
pub trait Sums: Sized {
    /// Constants that stay in registers.
    type Constants: Copy;

    /// Empty sums, prepared for that many products for each pair of columns.
    fn new(constants: Self::Constants, products: [usize; 2]) -> Self;

    /// Adds the products of a limb with two limbs, for the pair `at` of columns. `turn` alternates between 0 and
    /// 1, so that an addition need not wait for the one before it.
    fn add(&mut self, at: usize, turn: usize, limb: Floats, with: Floats);

    /// Twice these sums plus `others`.
    fn doubled_plus(self, others: Self) -> Self;
}

/// Computes the columns of a product from `first`, which is even, up to `end`, four at a time.
#[inline(always)]
pub fn product<S: Sums>(
    constants: S::Constants,
    [a, b]: [&Row; 2],
    (first, end): (usize, usize),
    mut put: impl FnMut(usize, S),
) {
    let last = a.count() - 1;
    for k in (first..end).step_by(4) {
        let from = k.saturating_sub(last);
        let to = (last.min(k + 3) + 1).max(from);
        let mut sums = S::new(constants, [to - from; 2]);
        add_products(&mut sums, a, b, from..to, k);
        put(k, sums);
    }
}

/// Computes all columns of a square: twice the products of different limbs, plus the squares of the limbs.
#[inline(always)]
pub fn square<S: Sums>(constants: S::Constants, row: &Row, mut put: impl FnMut(usize, S)) {
    let count = row.count();
    let zero = Floats::splat(0.0);
    for k in (0..2 * count).step_by(4) {
        let middle = k / 2;
        let from = (k + 1).saturating_sub(count);
        // Each limb below the middle is multiplied by four later ones.
        let to = middle.min(count).max(from);
        let mut sums = S::new(constants, [to - from + 1, to - from + 2]);
        add_products(&mut sums, row, row, from..to, k);
        // The two middle limbs are multiplied by later ones and, undoubled, by themselves.
        let (limbs, pairs) = (&row.limbs[middle..][..2], &row.pairs[PAD + middle..][..3]);
        let (one, two) = (Floats::splat(limbs[0]), Floats::splat(limbs[1]));
        sums.add(0, 0, one, zero.between(pairs[1]));
        sums.add(1, 0, one, pairs[2]);
        sums.add(1, 1, two, zero.between(pairs[2]));
        let mut squares = S::new(constants, [1; 2]);
        squares.add(0, 0, one, row.pairs[PAD + middle - 1].between(zero));
        squares.add(1, 0, two, pairs[0].between(zero));
        put(k, sums.doubled_plus(squares));
    }
}

/// Adds the products of the given limbs of `a` to the four columns from `k`.
#[inline(always)]
fn add_products(sums: &mut impl Sums, a: &Row, b: &Row, limbs: Range<usize>, k: usize) {
    let Range {
        start: from,
        end: to,
    } = limbs;
    if from == to {
        return;
    }
    let limbs = &a.limbs[from..to];
    // Limb i is multiplied by the pairs k - i and k - i + 2; the latter is also used by limb i - 2.
    let pairs = &b.pairs[PAD + k + 1 - to..PAD + k + 3 - from];
    let (pairs, ahead) = pairs.split_at(limbs.len());
    let &[mut odd, mut even] = ahead else { return };
    let mut two_by_two = limbs.chunks_exact(2);
    let mut their_pairs = pairs.rchunks_exact(2);
    for (limbs, pairs) in (&mut two_by_two).zip(&mut their_pairs) {
        let (one, two) = (Floats::splat(limbs[0]), Floats::splat(limbs[1]));
        sums.add(0, 0, one, pairs[1]);
        sums.add(1, 0, one, even);
        sums.add(0, 1, two, pairs[0]);
        sums.add(1, 1, two, odd);
        (odd, even) = (pairs[0], pairs[1]);
    }
    if let ([limb], [pair]) = (two_by_two.remainder(), their_pairs.remainder()) {
        let limb = Floats::splat(*limb);
        sums.add(0, 0, limb, *pair);
        sums.add(1, 0, limb, even);
    }
}
