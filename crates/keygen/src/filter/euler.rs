//! Recognizes composites by Euler's criterion: 2^((n-1)/2) is 1 or -1 modulo a prime n. The exponentiation consists
//! of squarings and doublings. Two candidates are tested at once.

use crypto_bigint::{BoxedUint, NonZero, Odd, Resize};
use zeroize::Zeroizing;

use super::{columns::Arithmetic, montgomery::Residues};

/// Leading bits of the exponent that need no squaring.
const HEAD_BITS: u32 = 10;

/// A candidate n, wide enough for R times 2^head below.
struct Candidate<'a> {
    n: &'a Odd<BoxedUint>,
    modulus: Zeroizing<NonZero<BoxedUint>>,
}

impl<'a> Candidate<'a> {
    fn new(n: &'a Odd<BoxedUint>, width: u32) -> Self {
        let modulus = n.as_nz_ref().resize(width);
        Self {
            n,
            modulus: Zeroizing::new(modulus),
        }
    }

    /// A power of 2 modulo n. Both the power and the remainder reveal n.
    fn power(&self, exponent: u32) -> Zeroizing<BoxedUint> {
        let one = BoxedUint::one_with_precision(self.modulus.bits_precision());
        self.remainder(&Zeroizing::new(one.wrapping_shl_vartime(exponent)))
    }

    fn remainder(&self, number: &BoxedUint) -> Zeroizing<BoxedUint> {
        let wide = Zeroizing::new(number.resize(self.modulus.bits_precision()));
        Zeroizing::new(wide.rem_vartime(&self.modulus))
    }
}

/// Whether 2^((n-1)/2) is 1 or -1 modulo n, for two n. True for every odd prime; false for nearly every
/// composite. Candidates of 64 to 2048 bits, for which `A` is made.
pub fn may_be_prime<A: Arithmetic>(candidates: [&Odd<BoxedUint>; 2]) -> [bool; 2] {
    let [first, second] = candidates;
    let bits = first.bit_width().max(second.bit_width());
    let r_bits = Residues::<A>::r_bits(bits);
    let width = (r_bits + (1 << HEAD_BITS)).next_multiple_of(64);
    let both = candidates.map(|n| Candidate::new(n, width));
    // The exponent (n - 1) / 2 consists of the bits of n without the last one. Its leading bits
    // give a power of two that needs no squaring.
    let start = |candidate: &Candidate| {
        let head = (0..HEAD_BITS).fold(0, |head, at| {
            2 * head + u32::from(candidate.n.as_ref().bit_vartime(bits - 1 - at))
        });
        candidate.power(r_bits + head)
    };
    let [one, two] = [start(&both[0]), start(&both[1])];
    let mut numbers = Residues::<A>::new(candidates, bits, [&one, &two]);
    for at in (1..bits - HEAD_BITS).rev() {
        numbers.square(candidates.map(|n| n.as_ref().bit_vartime(at)));
    }
    let [one, two] = numbers.values();
    let is_kept = |candidate: &Candidate, value: &BoxedUint| {
        let value = candidate.remainder(value);
        let one = candidate.power(r_bits);
        let minus_one = Zeroizing::new(candidate.modulus.wrapping_sub(&*one));
        value == one || value == minus_one
    };
    [is_kept(&both[0], &one), is_kept(&both[1], &two)]
}

/// `start` after `squarings` squarings modulo each n.
#[cfg(test)]
pub fn squared<A: Arithmetic>(
    candidates: [&Odd<BoxedUint>; 2],
    start: u32,
    squarings: usize,
) -> [BoxedUint; 2] {
    let bits = candidates.map(|n| n.bit_width()).into_iter().max().unwrap();
    let r_bits = Residues::<A>::r_bits(bits);
    let width = (r_bits + 64).next_multiple_of(64);
    let both = candidates.map(|n| Candidate::new(n, width));
    let start = BoxedUint::from(start).resize(width);
    let starts = both
        .each_ref()
        .map(|n| n.remainder(&start.wrapping_shl_vartime(r_bits)));
    let mut numbers = Residues::<A>::new(candidates, bits, [&starts[0], &starts[1]]);
    for _ in 0..squarings {
        numbers.square([false; 2]);
    }
    // Convert from Montgomery form: divide by R, one bit at a time.
    let values = numbers.values();
    core::array::from_fn(|at| {
        let mut value = (*both[at].remainder(&values[at])).clone();
        for _ in 0..r_bits {
            if value.bit_vartime(0) {
                value = value.wrapping_add(&**both[at].modulus);
            }
            value = value.shr_vartime(1).unwrap();
        }
        value
    })
}
