//! Recognizes composites by Euler's criterion: 2^((n-1)/2) is 1 or -1 modulo a prime n. The exponentiation consists
//! of squarings and doublings.

use crypto_bigint::{BoxedUint, NonZero, Odd, Resize};
use zeroize::Zeroizing;

/// Leading bits of the exponent that need no squaring.
const HEAD_BITS: u32 = 10;

/// A number modulo an odd candidate n, in Montgomery form: the number times R. Overwrites itself when dropped.
pub trait Modular {
    /// The exponent of R, a power of 2, for a candidate of `bits`.
    fn r_bits(bits: u32) -> u32;

    /// `value` must be below n.
    fn new(n: &Odd<BoxedUint>, value: &BoxedUint) -> Self;

    /// Squares the value, and also doubles it if `doubled`.
    fn square(&mut self, doubled: bool);

    /// A number that is congruent to the value.
    fn value(&self) -> Zeroizing<BoxedUint>;
}

/// -1/n modulo R, or modulo a larger power of 2, whose lower bits are the same.
pub fn minus_inverse(n: &Odd<BoxedUint>, r_bits: u32) -> Zeroizing<BoxedUint> {
    let width = r_bits.next_multiple_of(64);
    let wide = Zeroizing::new(n.as_ref().resize(width));
    // An odd number always has an inverse.
    let (inverse, _) = wide.invert_mod2k_vartime(width);
    Zeroizing::new(Zeroizing::new(inverse).wrapping_neg())
}

/// `start` after `squarings` squarings modulo n.
#[cfg(test)]
pub fn squared<M: Modular>(n: &Odd<BoxedUint>, start: u32, squarings: usize) -> BoxedUint {
    let r_bits = M::r_bits(n.bit_width());
    let width = (r_bits + 64).next_multiple_of(64);
    let modulus = NonZero::new(n.as_ref().clone().resize(width)).unwrap();
    let start = BoxedUint::from(start)
        .resize(width)
        .wrapping_shl_vartime(r_bits);
    let mut number = M::new(n, &start.rem_vartime(&modulus));
    for _ in 0..squarings {
        number.square(false);
    }
    // Convert from Montgomery form: divide by R, one bit at a time.
    let mut value = (&*number.value()).resize(width).rem_vartime(&modulus);
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
pub fn may_be_prime<M: Modular>(n: &Odd<BoxedUint>) -> bool {
    let bits = n.bit_width();
    let r_bits = M::r_bits(bits);
    // Large enough for R times 2^head below.
    let width = (r_bits + (1 << HEAD_BITS)).next_multiple_of(64);
    let modulus = NonZero::new(n.as_ref().resize(width)).into_option();
    let Some(modulus) = modulus.map(Zeroizing::new) else {
        return true;
    };
    // Both powers and remainders reveal n.
    let power = |exponent: u32| {
        let power = BoxedUint::one_with_precision(width).wrapping_shl_vartime(exponent);
        Zeroizing::new(power.rem_vartime(&modulus))
    };
    // The exponent (n - 1) / 2 consists of the bits of n without the last one. Its leading bits
    // give a power of two that needs no squaring.
    let head = (0..HEAD_BITS).fold(0, |head, at| {
        2 * head + u32::from(n.as_ref().bit_vartime(bits - 1 - at))
    });
    let mut number = M::new(n, &power(r_bits + head));
    for at in (1..bits - HEAD_BITS).rev() {
        number.square(n.as_ref().bit_vartime(at));
    }
    let value = Zeroizing::new((&*number.value()).resize(width));
    let value = Zeroizing::new(value.rem_vartime(&modulus));
    let one = power(r_bits);
    let minus_one = Zeroizing::new(modulus.wrapping_sub(&*one));
    value == one || value == minus_one
}
