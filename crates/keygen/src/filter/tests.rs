//! Compares our arithmetic with crypto-bigint on random and extreme numbers, and checks that no
//! prime is dropped.

use crypto_bigint::{BoxedUint, ConcatenatingSquare, NonZero, Odd, Resize};
#[cfg(target_arch = "wasm32")]
use crypto_primes::{Flavor, is_prime};
#[cfg(target_arch = "wasm32")]
use rsa::sha2::{Digest, Sha256};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
use super::Filter;
use super::{
    euler,
    fused::{self, Fused},
    plain::Plain,
};

/// Whether 2^((n-1)/2) is 1 or -1, computed by crypto-bigint.
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
    assert!(fused::is_fused());
}

/// Compares the results with the library, each number once in each lane.
fn have_the_same_result_as_in_the_library(numbers: &[Odd<BoxedUint>]) {
    let expected: Vec<bool> = numbers.iter().map(reference).collect();
    for (at, number) in numbers.iter().enumerate() {
        let next = (at + 1) % numbers.len();
        let both = [number, &numbers[next]];
        let expected = [expected[at], expected[next]];
        assert_eq!(euler::may_be_prime::<Fused>(both), expected, "{both:?}");
        assert_eq!(euler::may_be_prime::<Plain>(both), expected, "{both:?}");
    }
}

#[test]
fn extreme_numbers_have_the_same_result_as_in_the_library() {
    for length in [64, 128, 256] {
        let mut extremes = vec![vec![0xff; length], vec![0; length], vec![0xaa; length]];
        // All ones except for one byte, and only one byte set: carries at every limb.
        for at in (0..length).step_by(length / 64) {
            let mut gap = vec![0xff; length];
            gap[at] = 0;
            extremes.push(gap);
            let mut single = vec![0; length];
            single[at] = 0xff;
            extremes.push(single);
        }
        let extremes: Vec<_> = extremes.iter().map(|bytes| odd(bytes)).collect();
        have_the_same_result_as_in_the_library(&extremes);
    }
}

/// Primes from the library, each the first one after a reproducible start: the SHA-256 hashes of
/// "Keyside prime BITS NUMBER.BLOCK", with the two top bits and the lowest bit set. The file
/// contains half of each prime's distance from its start.
#[cfg(target_arch = "wasm32")]
fn fixed_primes() -> impl Iterator<Item = (usize, Odd<BoxedUint>)> {
    include_str!("primes.txt").split("\n\n").flat_map(|size| {
        let (title, distances) = size.split_once('\n').unwrap();
        let bits: u32 = title.split_once(' ').unwrap().0.parse().unwrap();
        distances
            .split_whitespace()
            .enumerate()
            .map(move |(number, half)| {
                let mut start: Vec<u8> = (0..bits / 256)
                    .flat_map(|block| {
                        Sha256::digest(format!("Keyside prime {bits} {number}.{block}"))
                    })
                    .collect();
                start[0] |= 0xc0;
                *start.last_mut().unwrap() |= 1;
                let start = BoxedUint::from_be_slice(&start, bits).unwrap();
                let distance = BoxedUint::from(2 * half.parse::<u64>().unwrap());
                (number, Odd::new(start.wrapping_add(distance)).unwrap())
            })
    })
}

/// Only in browsers, where the filter is used: plain lanes are slow and show nothing more.
#[cfg(target_arch = "wasm32")]
#[test]
fn no_prime_of_the_fixed_list_is_dropped() {
    let primes: Vec<_> = fixed_primes().collect();
    assert_eq!(primes.len(), 2000 + 800 + 200);
    for two in primes.chunks(2) {
        let [(number, first), (_, second)] = two else {
            panic!("not an even number of primes")
        };
        for filter in [Filter::FusedSimd, Filter::PlainSimd] {
            let dropped = filter.are_composite([first, second]);
            assert_eq!(dropped, [false; 2], "{first:?} {second:?}");
        }
        // Only a sample is checked for primality: the library is slow.
        if number % 100 == 0 {
            assert!(is_prime(Flavor::Any, first.as_ref()), "{first:?}");
        }
    }
}

#[test]
fn known_primes_of_extreme_form_are_kept_beside_primes_and_composites() {
    // All bits are ones; the prime ones are Mersenne's.
    let primes = [89, 107, 127, 521, 607, 1279];
    let exponents = [89, 90, 107, 108, 127, 521, 522, 525, 607, 1279];
    let numbers = exponents.map(|exponent| {
        let power = BoxedUint::one_with_precision(1280)
            .shl_vartime(exponent)
            .unwrap();
        Odd::new(power.wrapping_sub(BoxedUint::one())).unwrap()
    });
    for (exponent, number) in exponents.iter().zip(&numbers) {
        assert_eq!(
            reference(number),
            primes.contains(exponent),
            "2^{exponent} - 1"
        );
    }
    have_the_same_result_as_in_the_library(&numbers);
}

/// Compares the results and a number of squarings with the library.
fn match_the_library(numbers: [&[u8]; 2], squarings: usize) {
    let [first, second] = numbers.map(odd);
    let both = [&first, &second];
    let kept = both.map(reference);
    assert_eq!(euler::may_be_prime::<Fused>(both), kept, "{both:?}");
    assert_eq!(euler::may_be_prime::<Plain>(both), kept, "{both:?}");
    let width = 4096;
    let expected = both.map(|n| {
        let modulus = NonZero::new(n.as_ref().clone().resize(width)).unwrap();
        let mut expected = BoxedUint::from(3_u32).resize(width).rem_vartime(&modulus);
        for _ in 0..squarings {
            expected = expected
                .concatenating_square()
                .resize(width)
                .rem_vartime(&modulus);
        }
        expected
    });
    for squared in [
        euler::squared::<Fused>(both, 3, squarings),
        euler::squared::<Plain>(both, 3, squarings),
    ] {
        let squared = squared.map(|number| number.resize(width));
        assert_eq!(squared, expected, "{both:?}, {squarings} squarings");
    }
}

#[cfg(not(target_arch = "wasm32"))]
proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn random_numbers_have_the_same_result_as_in_the_library(
        one in proptest::collection::vec(proptest::prelude::any::<u8>(), 8..=256),
        two in proptest::collection::vec(proptest::prelude::any::<u8>(), 8..=256),
        squarings in 1_usize..40,
    ) {
        match_the_library([&one, &two], squarings);
    }
}

/// The same test without proptest.
#[cfg(target_arch = "wasm32")]
#[test]
fn random_numbers_have_the_same_result_as_in_the_library() {
    for length in 8..=256 {
        let mut bytes = vec![0; 2 * length];
        getrandom::fill(&mut bytes).unwrap();
        let (one, two) = bytes.split_at(length);
        match_the_library([one, two], 1 + length % 39);
    }
}
