//! The columns of products of numbers in limbs: which limbs are multiplied, four columns at a time. `fused` and
//! `plain` say how.
//!
//! Limbs i and j belong to column i + j. The number L of limbs is one more than a multiple of 4: then column 0
//! and the groups of four end with the lower half of the columns, 0 to L - 1, and further groups of four with
//! column 2 L - 2, the last one that has products.

use core::ops::Add;

use super::lanes::{Floats, Ints};

/// What is computed with limbs, of two numbers at once. Has constants that stay in registers.
pub trait Arithmetic: Copy {
    /// Bits of a limb.
    const LIMB_BITS: u32;

    /// The sum of a column.
    type Sum: Copy + Default + Add<Output = Self::Sum>;

    /// Carries from a column to the next one.
    type Carries: Copy;

    /// The constants, hidden from the compiler: WebAssembly has no cheap 128-bit ones.
    fn new() -> Self;

    /// The sum of a column to which so many low and high parts of products will be added. Counted in halves: the
    /// sums of a square are doubled before the last product is added to them, which counts half here.
    fn empty(low_halves: usize, high_halves: usize) -> Self::Sum;

    /// Adds a product to the sum of its column and, as far as it belongs there, to that of the next one.
    fn add(self, sums: [&mut Self::Sum; 2], limb: Floats, with: Floats);

    /// The limb as a sum.
    fn sum(self, limb: Floats) -> Self::Sum;

    /// No carries.
    fn no_carries(self) -> Self::Carries;

    /// The limb of a column with this sum, doubled in the lanes where `doubled` has ones.
    fn limb(self, carries: &mut Self::Carries, sum: Self::Sum, doubled: Ints) -> Floats;

    /// The sum with its carry given to the next column, if it's too large to be added to another column's.
    fn lowered(self, carries: &mut Self::Carries, sum: Self::Sum) -> Self::Sum;

    /// What is carried out of the last column.
    fn carry(self, carries: Self::Carries) -> Self::Sum;
}

/// The sums of N adjacent columns, and what is added to the column above them.
struct Sums<A: Arithmetic, const N: usize> {
    arithmetic: A,
    columns: [A::Sum; N],
    above: A::Sum,
}

impl<A: Arithmetic, const N: usize> Sums<A, N> {
    /// Empty sums for so many products in each column.
    #[inline(always)]
    fn new(arithmetic: A, products: [usize; N]) -> Self {
        Self::in_halves(arithmetic, products.map(|count| 2 * count))
    }

    /// Empty sums that are doubled once, for so many products before, and for a square after that where
    /// `squares` has a one.
    #[inline(always)]
    fn for_squares(arithmetic: A, products: [usize; N], squares: [usize; N]) -> Self {
        let halves = core::array::from_fn(|column| 2 * products[column] + squares[column]);
        Self::in_halves(arithmetic, halves)
    }

    #[inline(always)]
    fn in_halves(arithmetic: A, halves: [usize; N]) -> Self {
        let below = |column: usize| if column == 0 { 0 } else { halves[column - 1] };
        Self {
            arithmetic,
            columns: core::array::from_fn(|column| A::empty(halves[column], below(column))),
            above: A::empty(0, below(N)),
        }
    }

    #[inline(always)]
    fn add(&mut self, column: usize, limb: Floats, with: Floats) {
        let (these, next) = self.columns.split_at_mut(column + 1);
        let next = next.first_mut().unwrap_or(&mut self.above);
        self.arithmetic.add([&mut these[column], next], limb, with);
    }

    /// Adds the products of each limb of `a` with N limbs of `b`: the first one with the last N, each later one
    /// with those one place lower.
    #[inline(always)]
    fn add_all(&mut self, a: &[Floats], b: &[Floats]) {
        let Some((b, last)) = b.split_at_checked(a.len()) else {
            return;
        };
        // The limbs of the previous step; the first of N isn't used again.
        let mut with = [Floats::default(); N];
        with[..N - 1].copy_from_slice(&last[..N - 1]);
        // Two at a time need fewer moves between registers.
        let (mut limbs, mut next) = (a.chunks_exact(2), b.rchunks_exact(2));
        for (limbs, next) in (&mut limbs).zip(&mut next) {
            self.step(limbs[0], &mut with, next[1]);
            self.step(limbs[1], &mut with, next[0]);
        }
        if let ([limb], [next]) = (limbs.remainder(), next.remainder()) {
            self.step(*limb, &mut with, *next);
        }
    }

    /// Adds the products of a limb with `next` and all but the last of the limbs that were used before.
    #[inline(always)]
    fn step(&mut self, limb: Floats, with: &mut [Floats; N], next: Floats) {
        for column in (1..N).rev() {
            with[column] = with[column - 1];
        }
        with[0] = next;
        for (column, with) in with.iter().enumerate() {
            self.add(column, limb, *with);
        }
    }

    #[inline(always)]
    fn double(&mut self) {
        self.columns = self.columns.map(|sum| sum + sum);
        self.above = self.above + self.above;
    }
}

impl<A: Arithmetic> Sums<A, 4> {
    /// Adds the products at the beginning of four columns of the upper half: `a` begins with the first column's
    /// first limb, and `b` ends with the uppermost one.
    #[inline(always)]
    fn add_beginning(&mut self, a: &[Floats], b: &[Floats]) {
        let (&[first, second, third, ..], &[.., lower, upper, uppermost]) = (a, b) else {
            return;
        };
        self.add(0, first, uppermost);
        self.add(0, second, upper);
        self.add(1, second, uppermost);
        self.add(0, third, lower);
        self.add(1, third, upper);
        self.add(2, third, uppermost);
    }

    /// Adds the products at the end of four columns of the lower half: `a` begins with the last limb of the second
    /// column, and `b` with the lowest one.
    #[inline(always)]
    fn add_end(&mut self, a: &[Floats], b: &[Floats]) {
        let (&[first, second, third, ..], &[lowest, low, higher, ..]) = (a, b) else {
            return;
        };
        self.add(1, first, lowest);
        self.add(2, first, low);
        self.add(3, first, higher);
        self.add(2, second, lowest);
        self.add(3, second, low);
        self.add(3, third, lowest);
    }

    /// Adds the products at the end of four columns of a square, whose sums are doubled: `middle` begins with
    /// the limb that the second column squares.
    #[inline(always)]
    fn double_and_add_squares(&mut self, middle: &[Floats]) {
        let &[first, second, third, ..] = middle else {
            return;
        };
        self.add(2, first, second);
        self.add(3, first, third);
        self.double();
        self.add(1, first, first);
        self.add(3, second, second);
    }

    /// Writes the columns, each converted, with what the columns below have added.
    #[inline(always)]
    fn put<T>(self, below: &mut A::Sum, out: &mut [T], convert: &mut impl FnMut(A::Sum) -> T) {
        let mut columns = self.columns;
        columns[0] = columns[0] + *below;
        for (out, sum) in out.iter_mut().zip(columns) {
            *out = convert(sum);
        }
        *below = self.above;
    }
}

/// Computes the lower half of the columns of a b, in ascending order, each converted.
#[inline(always)]
pub fn lower_product<A: Arithmetic, T>(
    arithmetic: A,
    [a, b]: [&[Floats]; 2],
    out: &mut [T],
    mut convert: impl FnMut(A::Sum) -> T,
) {
    let mut below = lowest(arithmetic, [a[0], b[0]], out, &mut convert);
    for (group, out) in out[1..].chunks_exact_mut(4).enumerate() {
        let k = 4 * group + 1;
        let mut sums = Sums::new(arithmetic, [k + 1, k + 2, k + 3, k + 4]);
        let (first, last) = a.split_at(k + 1);
        sums.add_all(first, &b[..k + 4]);
        sums.add_end(last, b);
        sums.put(&mut below, out, &mut convert);
    }
}

/// Computes the upper half of the columns of a b, in ascending order, each converted. `carry` is what the
/// lower half carries.
#[inline(always)]
pub fn upper_product<A: Arithmetic, T>(
    arithmetic: A,
    [a, b]: [&[Floats]; 2],
    carry: A::Sum,
    out: &mut [T],
    mut convert: impl FnMut(A::Sum) -> T,
) {
    let mut below = carry;
    let mut groups = out.chunks_exact_mut(4);
    for (group, out) in (&mut groups).enumerate() {
        // The limbs that are multiplied for the first of the columns.
        let [a, b] = [a, b].map(|limbs| &limbs[4 * group + 1..]);
        let count = a.len();
        let mut sums = Sums::new(arithmetic, [count, count - 1, count - 2, count - 3]);
        sums.add_beginning(a, b);
        sums.add_all(&a[3..], b);
        sums.put(&mut below, out, &mut convert);
    }
    for out in groups.into_remainder() {
        *out = convert(below);
    }
}

/// The sums of the two upper columns of the lower half of a b, and what they add to the column above. What the
/// columns below add is missing.
#[inline(always)]
pub fn middle_columns<A: Arithmetic>(
    arithmetic: A,
    [a, b]: [&[Floats]; 2],
) -> ([A::Sum; 2], A::Sum) {
    let count = a.len();
    let mut sums = Sums::new(arithmetic, [count - 1, count]);
    let (first, last) = a.split_at(count - 1);
    sums.add_all(first, b);
    sums.add(1, last[0], b[0]);
    (sums.columns, sums.above)
}

/// Computes the lower half of the columns of a square, in ascending order, each converted; returns what they
/// add to the column above.
#[inline(always)]
pub fn lower_square<A: Arithmetic, T>(
    arithmetic: A,
    a: &[Floats],
    out: &mut [T],
    mut convert: impl FnMut(A::Sum) -> T,
) -> A::Sum {
    let mut below = lowest(arithmetic, [a[0], a[0]], out, &mut convert);
    for (group, out) in out[1..].chunks_exact_mut(4).enumerate() {
        let k = 4 * group + 1;
        // Half of the first column's products; the second column has a square in the middle.
        let half = k / 2 + 1;
        let products = [half, half, half + 1, half + 1];
        let mut sums = Sums::for_squares(arithmetic, products, [0, 1, 0, 1]);
        let (first, middle) = a.split_at(half);
        sums.add_all(first, &middle[..half + 3]);
        sums.double_and_add_squares(middle);
        sums.put(&mut below, out, &mut convert);
    }
    below
}

/// Computes the upper half of the columns of a square, in ascending order, each converted. `carry` is what the
/// lower half carries.
#[inline(always)]
pub fn upper_square<A: Arithmetic, T>(
    arithmetic: A,
    a: &[Floats],
    carry: A::Sum,
    out: &mut [T],
    mut convert: impl FnMut(A::Sum) -> T,
) {
    let count = a.len();
    let mut below = carry;
    let (most, last) = out.split_at_mut(count - 5);
    for (group, out) in most.chunks_exact_mut(4).enumerate() {
        // As in the lower half. The first three limbs have fewer products.
        let k = count + 4 * group;
        let half = k / 2 + 1;
        let (first, middle) = a.split_at(half);
        let first = &first[4 * group + 1..];
        let products = first.len();
        let products = [products, products - 1, products - 1, products - 2];
        let mut sums = Sums::for_squares(arithmetic, products, [0, 1, 0, 1]);
        sums.add_beginning(first, middle);
        sums.add_all(&first[3..], middle);
        sums.double_and_add_squares(middle);
        sums.put(&mut below, out, &mut convert);
    }
    let &[.., low, middle, high, highest] = a else {
        return;
    };
    let mut sums = Sums::for_squares(arithmetic, [2, 1, 1, 0], [0, 1, 0, 1]);
    sums.add(0, low, highest);
    sums.add(0, middle, high);
    sums.add(1, middle, highest);
    sums.add(2, high, highest);
    sums.double();
    sums.add(1, high, high);
    sums.add(3, highest, highest);
    let (four, last) = last.split_at_mut(4);
    sums.put(&mut below, four, &mut convert);
    for out in last {
        *out = convert(below);
    }
}

/// Computes column 0; returns what it adds to the next one.
#[inline(always)]
fn lowest<A: Arithmetic, T>(
    arithmetic: A,
    [limb, with]: [Floats; 2],
    out: &mut [T],
    convert: &mut impl FnMut(A::Sum) -> T,
) -> A::Sum {
    let mut sums: Sums<A, 1> = Sums::new(arithmetic, [1]);
    sums.add(0, limb, with);
    out[0] = convert(sums.columns[0]);
    sums.above
}
