//! Squarings modulo two candidates at once, one in each lane, in Montgomery form.
//!
//! R = 2^(limb bits x L) for L limbs. One squaring is three products: T = a a; q = (T mod R) N' mod R with
//! N' = -1/n mod R; and the upper half of T + q n, which is divisible by R. No limb of q depends on the one
//! before it.
//!
//! Limbs are of either sign and about half a unit in size at most, so q is about R/2 in size at most. R is above
//! 2^16 n, so a squaring's result is at most n (1/2 + 2^-12) in size, and no subtraction is needed, even if its
//! operand was doubled.

use crypto_bigint::{BoxedUint, Odd, Resize};
use zeroize::Zeroizing;

use super::{
    columns::{self, Arithmetic},
    lanes::{Floats, Ints},
};

/// Two numbers, each modulo its odd candidate.
pub struct Residues<A: Arithmetic> {
    arithmetic: A,
    modulus: Wiped<Floats>,
    /// -1/n mod R.
    inverse: Wiped<Floats>,
    /// In Montgomery form.
    value: Wiped<Floats>,
    low_half: Wiped<Floats>,
    quotient: Wiped<Floats>,
    /// The upper half of the square.
    high_half: Wiped<A::Sum>,
}

impl<A: Arithmetic> Residues<A> {
    /// The exponent of R, a power of 2, for candidates of `bits`.
    pub fn r_bits(bits: u32) -> u32 {
        let least = (bits + 16).div_ceil(A::LIMB_BITS).max(5);
        // As `columns` wants it.
        ((least - 1).next_multiple_of(4) + 1) * A::LIMB_BITS
    }

    /// Numbers below the candidates n, which have up to `bits`.
    pub fn new(n: [&Odd<BoxedUint>; 2], bits: u32, values: [&BoxedUint; 2]) -> Self {
        let r_bits = Self::r_bits(bits);
        let limbs = (r_bits / A::LIMB_BITS) as usize;
        let inverses = n.map(|n| minus_inverse(n, r_bits));
        let row = |numbers: [&BoxedUint; 2]| {
            let [first, second] = numbers.map(|number| limbs_of(number, A::LIMB_BITS, limbs));
            let pairs = first.iter().zip(second.iter());
            Wiped(pairs.map(|(a, b)| Floats::new(*a, *b)).collect())
        };
        Self {
            arithmetic: A::new(),
            modulus: row(n.map(Odd::as_ref)),
            inverse: row([&inverses[0], &inverses[1]]),
            value: row(values),
            low_half: Wiped::new(limbs),
            quotient: Wiped::new(limbs),
            high_half: Wiped::new(limbs),
        }
    }

    /// Residues the numbers, and also doubles the ones where `doubled`.
    ///
    /// Only this function and its closures have the feature; browsers without SIMD can't load a program that
    /// contains it. Whatever they call is always inlined, because it's slow without the feature.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub fn square(&mut self, doubled: [bool; 2]) {
        let with = self.arithmetic;
        let undoubled = Ints::default();

        let mut carries = with.no_carries();
        let above = columns::lower_square(with, &self.value.0, &mut self.low_half.0, |sum| {
            with.limb(&mut carries, sum, undoubled)
        });
        let above = above + with.carry(carries);
        let mut carries = with.no_carries();
        columns::upper_square(with, &self.value.0, above, &mut self.high_half.0, |sum| {
            with.lowered(&mut carries, sum)
        });

        let mut carries = with.no_carries();
        let operands = [&self.low_half.0[..], &self.inverse.0];
        columns::lower_product(with, operands, &mut self.quotient.0, |sum| {
            with.limb(&mut carries, sum, undoubled)
        });

        // The lower half of T + q n is a multiple of R. Its two upper columns determine which one: what the ones
        // below add is far below half of it.
        let operands = [&self.quotient.0[..], &self.modulus.0];
        let mut carries = with.no_carries();
        let (two, above) = columns::middle_columns(with, operands);
        let low_half = &self.low_half.0[self.low_half.0.len() - 2..];
        for (sum, limb) in two.into_iter().zip(low_half) {
            with.limb(&mut carries, sum + with.sum(*limb), undoubled);
        }
        let above = above + with.carry(carries);

        let doubled = doubled.map(|doubled| -i64::from(doubled));
        let doubled = Ints::new(doubled[0], doubled[1]);
        let mut of_product = with.no_carries();
        let mut of_sum = with.no_carries();
        let mut high_half = self.high_half.0.iter();
        columns::upper_product(with, operands, above, &mut self.value.0, |sum| {
            let sum = with.lowered(&mut of_product, sum);
            let sum = high_half.next().map_or(sum, |square| sum + *square);
            with.limb(&mut of_sum, sum, doubled)
        });
    }

    /// Numbers that are congruent to the values. 2 n is added, so that they are positive.
    pub fn values(&self) -> [Zeroizing<BoxedUint>; 2] {
        core::array::from_fn(|lane| {
            let lane = |limb: &Floats| limb.lanes()[lane] as i64;
            let limbs = self.value.0.iter().zip(&self.modulus.0);
            number_of(
                limbs.map(|(value, n)| lane(value) + 2 * lane(n)),
                A::LIMB_BITS,
            )
        })
    }
}

/// -1/n modulo R, or modulo a larger power of 2, whose lower bits are the same.
fn minus_inverse(n: &Odd<BoxedUint>, r_bits: u32) -> Zeroizing<BoxedUint> {
    let width = r_bits.next_multiple_of(64);
    let wide = Zeroizing::new(n.as_ref().resize(width));
    // An odd number always has an inverse.
    let (inverse, _) = wide.invert_mod2k_vartime(width);
    Zeroizing::new(Zeroizing::new(inverse).wrapping_neg())
}

/// Overwrites itself when dropped.
struct Wiped<T: Copy + Default>(Vec<T>);

impl<T: Copy + Default> Wiped<T> {
    fn new(count: usize) -> Self {
        Self(vec![T::default(); count])
    }
}

impl<T: Copy + Default> Drop for Wiped<T> {
    fn drop(&mut self) {
        self.0.fill(T::default());
        core::hint::black_box(self);
    }
}

/// The number modulo R in limbs of `bits`, up to 56, of either sign and at most half a unit in size.
fn limbs_of(number: &BoxedUint, bits: u32, count: usize) -> Zeroizing<Vec<f64>> {
    let bytes = Zeroizing::new(number.to_le_bytes());
    let digit = |at: usize| {
        let byte = |at: usize| u64::from(bytes.get(at).copied().unwrap_or(0));
        let (first, shift) = (at * bits as usize / 8, at * bits as usize % 8);
        let window = (0..8).fold(0_u128, |sum, at| {
            sum | u128::from(byte(first + at)) << (8 * at)
        });
        (window >> shift) as i64 & ((1 << bits) - 1)
    };
    let mut carry = 0;
    let limb = |at| {
        let limb = digit(at) + carry;
        carry = (limb + (1 << (bits - 1))) >> bits;
        (limb - (carry << bits)) as f64
    };
    Zeroizing::new((0..count).map(limb).collect())
}

/// The number with limbs of `bits`, which may be negative or too large as long as the number is neither.
fn number_of(limbs: impl ExactSizeIterator<Item = i64>, bits: u32) -> Zeroizing<BoxedUint> {
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
