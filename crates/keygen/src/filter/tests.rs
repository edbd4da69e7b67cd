//! Our arithmetic against crypto-bigint's, on random and on extreme numbers; and no prime is ever
//! dropped.

use crypto_bigint::{BoxedUint, ConcatenatingSquare, NonZero, Odd, RandomBits, Resize};
use crypto_primes::{Flavor, hazmat::SmallFactorsSieve, is_prime};
use getrandom::SysRng;
use proptest::prelude::*;
use rsa::rand_core::UnwrapErr;

use super::{Filter, columns, euler};

/// 2^((n-1)/2) is 1 or -1, by the library.
fn reference(n: &Odd<BoxedUint>) -> bool {
    let params = crypto_bigint::modular::BoxedMontyParams::new(n.clone());
    let two = BoxedUint::from(2_u32).resize(n.bits_precision());
    let two = crypto_bigint::modular::BoxedMontyForm::new(two, &params);
    let power = two.pow(&n.as_ref().shr_vartime(1).unwrap()).retrieve();
    let one = BoxedUint::one_with_precision(n.bits_precision());
    power == one || power == n.as_ref().wrapping_sub(&one)
}

fn odd(bytes: &[u8]) -> Odd<BoxedUint> {
    let mut bytes = bytes.to_vec();
    let last = bytes.len() - 1;
    bytes[0] |= 0x80;
    bytes[last] |= 1;
    let bits = 8 * bytes.len() as u32;
    Odd::new(BoxedUint::from_be_slice(&bytes, bits).unwrap()).unwrap()
}

#[test]
fn this_machines_multiply_add_is_fused() {
    assert!(columns::is_fused());
}

#[test]
fn extreme_numbers_are_judged_as_by_the_library() {
    for length in [64, 128, 256] {
        let mut extremes = vec![vec![0xff; length], vec![0; length], vec![0xaa; length]];
        // All ones but for one byte, and one byte alone: carries at every limb.
        for at in (0..length).step_by(length / 64) {
            let mut dented = vec![0xff; length];
            dented[at] = 0;
            extremes.push(dented);
            let mut lonely = vec![0; length];
            lonely[at] = 0xff;
            extremes.push(lonely);
        }
        for bytes in extremes {
            let n = odd(&bytes);
            assert_eq!(euler::may_be_prime(&n), reference(&n), "{n:?}");
        }
    }
}

#[test]
fn no_prime_is_dropped() {
    // 2000 primes of 512 bits, found by the library alone, and some of the sizes that are used.
    let mut rng = UnwrapErr(SysRng);
    for (bits, primes) in [(256, 2000), (512, 100), (1024, 10), (2048, 2)] {
        let mut seen = 0;
        while seen < primes {
            let start = BoxedUint::random_bits(&mut rng, bits);
            let top = BoxedUint::one_with_precision(bits)
                .shl_vartime(bits - 1)
                .unwrap();
            let start = start | top;
            let sieve = SmallFactorsSieve::new(start, bits.try_into().unwrap(), false).unwrap();
            for prime in sieve
                .filter(|n| is_prime(Flavor::Any, n))
                .take(primes - seen)
                .take(50)
            {
                let prime = Odd::new(prime).unwrap();
                assert!(!Filter::FusedSimd.is_composite(&prime), "{prime:?}");
                seen += 1;
            }
        }
    }
}

#[test]
fn known_primes_of_extreme_form_are_kept() {
    // Mersenne primes: all bits are ones.
    for exponent in [89, 107, 127, 521, 607, 1279] {
        let width = 1280_u32.next_multiple_of(64);
        let power = BoxedUint::one_with_precision(width)
            .shl_vartime(exponent)
            .unwrap();
        let prime = Odd::new(power.wrapping_sub(BoxedUint::one())).unwrap();
        assert!(euler::may_be_prime(&prime), "2^{exponent} - 1");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn random_numbers_are_judged_as_by_the_library(
        bytes in proptest::collection::vec(any::<u8>(), 8..=256)
    ) {
        let n = odd(&bytes);
        prop_assert_eq!(euler::may_be_prime(&n), reference(&n));
    }

    #[test]
    fn powers_of_two_come_out_as_by_the_library(
        bytes in proptest::collection::vec(any::<u8>(), 8..=256), squarings in 1_usize..40,
    ) {
        let n = odd(&bytes);
        let width = 4096;
        let modulus = NonZero::new(n.as_ref().clone().resize(width)).unwrap();
        let mut expected = BoxedUint::from(3_u32).resize(width).rem_vartime(&modulus);
        for _ in 0..squarings {
            expected = expected.concatenating_square().resize(width).rem_vartime(&modulus);
        }
        prop_assert_eq!(euler::squared(&n, 3, squarings).resize(width), expected);
    }
}
