//! A sieve over the odd numbers from a random start, which removes multiples of small primes.
//!
//! The remainders of the start are computed in floats, eight primes at a time, limb by limb from
//! the top. For a prime r below 2^20 and a remainder m in (-r, 2 r), the next m' = (m 2^32 + limb)
//! - floor((m 2^32 + limb) / r) r is exact: m 2^32 + limb stays below 2^53, and the quotient, which
//!   the rounding of 1/r changes by at most one, leaves m' in (-r, 2 r) again.

use std::sync::OnceLock;

use crypto_bigint::{BoxedUint, Odd};
use zeroize::{Zeroize, Zeroizing};

/// Upper bound of the small primes: remainders are exact up to here, and each doubling up to here
/// costs less time than it saves.
pub const BOUND: u32 = 1 << 20;

/// Number of odd numbers that are sieved. After one start in 100,000, none of them is a prime of
/// 2048 bits.
pub const WINDOW: usize = 1 << 13;

const LANES: usize = 8;
const LIMB: f64 = 4_294_967_296.0;

/// The numbers left in a window. Zeroizes on drop.
pub struct Sieve {
    start: Zeroizing<BoxedUint>,
    /// Whether start + 2 i is a multiple of a small prime, for each i.
    struck: Zeroizing<Vec<bool>>,
    at: usize,
}

impl Sieve {
    /// Sieves the window from `start`, which must be far above [`BOUND`].
    pub fn new(start: &Odd<BoxedUint>) -> Self {
        let mut struck = Zeroizing::new(vec![false; WINDOW]);
        let limbs = limbs(start);
        for group in small_primes().chunks(LANES) {
            let mut primes = [1.0; LANES];
            for (lane, prime) in primes.iter_mut().zip(group) {
                *lane = f64::from(*prime);
            }
            let mut remainders = remainders(&limbs, primes);
            for (prime, remainder) in group.iter().zip(remainders) {
                strike(&mut struck, *prime, remainder);
            }
            remainders.zeroize();
        }
        Self {
            start: Zeroizing::new(start.as_ref().clone()),
            struck,
            at: 0,
        }
    }
}

impl Iterator for Sieve {
    type Item = Zeroizing<Odd<BoxedUint>>;

    /// The next number of the window that no small prime divides; none after an overflow.
    fn next(&mut self) -> Option<Self::Item> {
        let found = self.struck.get(self.at..)?.iter().position(|out| !out)? + self.at;
        self.at = found + 1;
        let step = BoxedUint::from(2 * found as u64);
        let (sum, carry) = self.start.carrying_add(&step, crypto_bigint::Limb::ZERO);
        let odd = Odd::new(sum).into_option()?;
        (carry == crypto_bigint::Limb::ZERO).then(|| Zeroizing::new(odd))
    }
}

/// The limbs of a number, 32 bits each, big-endian.
fn limbs(number: &BoxedUint) -> Zeroizing<Vec<f64>> {
    let bytes = Zeroizing::new(number.to_be_bytes());
    let limb = |part: &[u8]| {
        part.iter()
            .fold(0.0, |sum, byte| sum * 256.0 + f64::from(*byte))
    };
    Zeroizing::new(bytes.chunks(4).map(limb).collect())
}

#[inline(always)]
fn remainders(limbs: &[f64], primes: [f64; LANES]) -> [f64; LANES] {
    let inverses = primes.map(|prime| 1.0 / prime);
    let mut remainders = [0.0; LANES];
    for limb in limbs {
        for lane in 0..LANES {
            let number = remainders[lane] * LIMB + limb;
            let quotient = (number * inverses[lane]).floor();
            remainders[lane] = number - quotient * primes[lane];
        }
    }
    remainders
}

/// Removes the multiples of `prime`; `remainder` is congruent to the start modulo `prime`.
fn strike(struck: &mut [bool], prime: u32, remainder: f64) {
    let prime = i64::from(prime);
    // The distance from the start to the next odd multiple, which must be even.
    let ahead = (-(remainder as i64)).rem_euclid(prime);
    let ahead = if ahead % 2 == 0 { ahead } else { ahead + prime };
    let mut at = (ahead / 2) as usize;
    while let Some(out) = struck.get_mut(at) {
        *out = true;
        at += prime as usize;
    }
}

/// The odd primes below [`BOUND`], from the sieve of Eratosthenes.
fn small_primes() -> &'static [u32] {
    static PRIMES: OnceLock<Vec<u32>> = OnceLock::new();
    PRIMES.get_or_init(|| {
        let mut composite = vec![false; BOUND as usize];
        let mut primes = Vec::new();
        for number in (3..BOUND).step_by(2) {
            if composite[number as usize] {
                continue;
            }
            primes.push(number);
            for multiple in
                (u64::from(number).pow(2)..u64::from(BOUND)).step_by(2 * number as usize)
            {
                composite[multiple as usize] = true;
            }
        }
        primes
    })
}

#[cfg(test)]
mod tests {
    use crypto_bigint::{Limb, NonZero};
    use getrandom::SysRng;
    use rsa::rand_core::TryRng;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn random_start(bytes: usize) -> Odd<BoxedUint> {
        let mut number = vec![0; bytes];
        SysRng.try_fill_bytes(&mut number).unwrap();
        number[0] |= 0xc0;
        number[bytes - 1] |= 1;
        Odd::new(BoxedUint::from_be_slice(&number, 8 * bytes as u32).unwrap()).unwrap()
    }

    /// The numbers without small factors among the first `numbers` odd ones. The library divides the start by
    /// each prime, and the last number again; the remainders between follow from it.
    #[allow(
        clippy::useless_conversion,
        reason = "in browsers, a limb has only 32 bits"
    )]
    fn reference(start: &Odd<BoxedUint>, numbers: usize) -> Vec<BoxedUint> {
        let number = |at: u64| start.as_ref().wrapping_add(BoxedUint::from(2 * at));
        let last = numbers as u64 - 1;
        let remainders: Vec<(u64, u64)> = small_primes()
            .iter()
            .map(|prime| {
                let divisor = NonZero::new(Limb::from(*prime)).unwrap();
                let remainder = |number: BoxedUint| u64::from(number.rem_limb(divisor).0);
                let (prime, first) = (u64::from(*prime), remainder(number(0)));
                assert_eq!((first + 2 * last) % prime, remainder(number(last)));
                (prime, first)
            })
            .collect();
        (0..=last)
            .filter(|at| {
                remainders
                    .iter()
                    .all(|(prime, r)| (r + 2 * at) % prime != 0)
            })
            .map(number)
            .collect()
    }

    #[test]
    fn the_table_holds_the_odd_primes_below_the_bound() {
        let primes = small_primes();
        assert_eq!(primes[..5], [3, 5, 7, 11, 13]);
        // The number of primes below 2^20 is 82025 (OEIS A007053), one of them even; the largest is
        // 2^20 - 3 (A014234).
        assert_eq!(primes.len(), 82_025 - 1);
        assert_eq!(primes.last(), Some(&1_048_573));
    }

    #[test]
    fn only_multiples_of_small_primes_are_removed() {
        for bytes in [64, 128, 192, 256] {
            let start = random_start(bytes);
            let end = start.wrapping_add(BoxedUint::from(2 * WINDOW as u64));
            let left: Vec<_> = Sieve::new(&start)
                .map(|number| BoxedUint::clone(&number))
                .take_while(|number| *number < end)
                .collect();
            assert_eq!(left, reference(&start, WINDOW));
        }
    }

    #[test]
    fn extreme_starts_are_sieved_correctly() {
        let ones = vec![0xff; 64];
        let top = Odd::new(BoxedUint::from_be_slice(&ones, 512).unwrap()).unwrap();
        // The window overflows: the only number in range is 2^512 - 1, a multiple of 3.
        assert_eq!(Sieve::new(&top).count(), 0);
        let mut zeros = vec![0; 64];
        zeros[0] = 0xc0;
        zeros[63] = 1;
        let low = Odd::new(BoxedUint::from_be_slice(&zeros, 512).unwrap()).unwrap();
        let left: Vec<_> = Sieve::new(&low)
            .map(|number| BoxedUint::clone(&number))
            .collect();
        assert_eq!(left, reference(&low, WINDOW));
    }
}
