//! Key pairs meet FIPS 186-5, a search can be canceled, and a failing generator ends it.

use core::ops::ControlFlow;

use crypto_bigint::{BoxedUint, ConcatenatingMul, NonZero, Odd, Resize};
use getrandom::SysRng;
use rsa::{
    rand_core::{TryCryptoRng, TryRng},
    traits::{PrivateKeyParts, PublicKeyParts},
};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

fn make(size: KeySize) -> PrivateKey {
    make_key_pair(&mut SysRng, size, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn plain_primes(key: &rsa::PrivateKey) -> Vec<BoxedUint> {
    key.primes()
        .iter()
        .map(|prime| prime.clone().get())
        .collect()
}

/// A generator that fails after `draws` draws.
pub struct FailingRng {
    pub draws: u32,
}

#[derive(Debug, thiserror::Error)]
#[error("out of randomness")]
pub struct OutOfRandomness;

impl FailingRng {
    fn draw(&mut self) -> Result<(), OutOfRandomness> {
        self.draws = self.draws.checked_sub(1).ok_or(OutOfRandomness)?;
        Ok(())
    }
}

impl TryRng for FailingRng {
    type Error = OutOfRandomness;

    fn try_next_u32(&mut self) -> Result<u32, OutOfRandomness> {
        self.draw()?;
        SysRng.try_next_u32().map_err(|_| OutOfRandomness)
    }

    fn try_next_u64(&mut self) -> Result<u64, OutOfRandomness> {
        self.draw()?;
        SysRng.try_next_u64().map_err(|_| OutOfRandomness)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), OutOfRandomness> {
        self.draw()?;
        SysRng.try_fill_bytes(bytes).map_err(|_| OutOfRandomness)
    }
}

impl TryCryptoRng for FailingRng {}

#[test]
fn every_size_meets_the_clauses_of_fips_186_5() {
    for size in [
        KeySize::Rsa2048,
        KeySize::Rsa2048,
        KeySize::Rsa3072,
        KeySize::Rsa4096,
    ] {
        let key = make(size);
        let key = key.rsa();
        let half = size.bits() / 2;
        let primes = plain_primes(key);
        let [p, q] = primes.as_slice() else {
            panic!("two primes")
        };
        assert_eq!(key.n().bit_width(), size.bits());
        assert_eq!(*key.n().as_ref(), p.concatenating_mul(q));
        assert_eq!(*key.e(), BoxedUint::from(65537_u32));
        assert!(p > q, "the larger prime first");
        for prime in [p, q] {
            assert_eq!(prime.bit_width(), half);
            assert!(
                prime.bit_vartime(half - 2),
                "the second bit from the top is set"
            );
        }
        assert!(p.wrapping_sub(q).bit_width() > half - 100);
        assert!(key.d().bit_width() > half);
        // e d = 1 modulo p - 1 and q - 1, and so modulo their lcm.
        let one = BoxedUint::one_with_precision(size.bits());
        for prime in [p, q] {
            let order = prime.wrapping_sub(BoxedUint::one()).resize(2 * size.bits());
            let product = key.d().concatenating_mul(key.e()).resize(2 * size.bits());
            let rest = product.rem_vartime(&NonZero::new(order).unwrap());
            assert_eq!(rest, one);
        }
        // d is below n / 2, as always with the lcm of two even numbers, but rarely with phi(n).
        assert!(key.d().bit_width() < size.bits());
    }
}

/// Bits by which increments weaken the bound of FIPS 186-5, which holds for independent candidates.
/// Any of the WINDOW odd numbers after a start may be the composite that passes, one in h ln(2) / 2
/// is prime, and the second top bit halves the choice: 4 WINDOW / (h ln 2), below 2^6 from h = 1024
/// bits on. The rounds of table B.1 leave enough margin for that.
const INCREMENTS_COST: u32 = 6;

#[test]
fn the_rounds_of_table_b_1_cover_the_cost_of_increments() {
    for (size, error) in [
        (KeySize::Rsa2048, 112),
        (KeySize::Rsa3072, 128),
        (KeySize::Rsa4096, 144),
    ] {
        let bits = size.bits() / 2;
        for error in [error, error + INCREMENTS_COST] {
            let least = crypto_primes::hazmat::minimum_mr_iterations(bits, error);
            assert_eq!(
                least,
                Some(size.miller_rabin_rounds()),
                "{bits} bits, 2^-{error}"
            );
        }
        let cost = 4.0 * sieve::WINDOW as f64 / (f64::from(bits) * core::f64::consts::LN_2);
        assert!(cost.log2() < f64::from(INCREMENTS_COST));
    }
}

#[test]
fn the_observer_sees_progress_and_can_end_the_search_after_each_two_candidates() {
    let mut seen = Vec::new();
    let result = make_key_pair(&mut SysRng, KeySize::Rsa4096, &mut |progress| {
        seen.push(progress);
        if seen.len() < 5 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    assert_eq!(result.err(), Some(GenerateError::Cancelled));
    assert_eq!(seen.len(), 5, "nothing is tested after the break");
    // The first prime may be found among the first candidates.
    let tested: Vec<_> = seen.iter().map(|p| p.candidates_tested).collect();
    assert_eq!(tested, [0, 2, 4, 6, 8]);
}

#[test]
fn a_failing_generator_ends_the_search_with_an_error() {
    for draws in [0, 1, 2] {
        let result = make_key_pair(&mut FailingRng { draws }, KeySize::Rsa2048, &mut |_| {
            ControlFlow::Continue(())
        });
        assert_eq!(
            result.err(),
            Some(GenerateError::Randomness),
            "after {draws} draws"
        );
    }
}

#[test]
fn primes_too_close_to_each_other_are_refused() {
    let p = BoxedUint::one_with_precision(2048)
        .shl_vartime(2047)
        .unwrap();
    let near = p.wrapping_sub(
        BoxedUint::one_with_precision(2048)
            .shl_vartime(1948)
            .unwrap(),
    );
    let far = p.wrapping_sub(
        BoxedUint::one_with_precision(2048)
            .shl_vartime(1950)
            .unwrap(),
    );
    assert!(!checks::far_apart(&p, &near, KeySize::Rsa4096));
    assert!(!checks::far_apart(&p, &p, KeySize::Rsa4096));
    assert!(checks::far_apart(&p, &far, KeySize::Rsa4096));
}

#[test]
fn likelihood_grows_from_zero_towards_one() {
    let at = |candidates_for_this_prime| {
        Progress {
            candidates_for_this_prime,
            ..Progress::default()
        }
        .likelihood(KeySize::Rsa4096)
    };
    assert!(at(0).abs() < f64::EPSILON);
    assert!((0.45..0.55).contains(&at(40)));
    assert!(at(1000) > 0.99 && at(1000) < 1.0);
}

#[test]
fn a_pair_whose_numbers_do_not_match_is_refused() {
    let key = make(KeySize::Rsa2048);
    let n = Odd::new(key.rsa().n().as_ref().clone()).unwrap();
    let wrong = rsa::PrivateKey::from_components(
        n.get(),
        key.rsa().e().clone(),
        key.rsa().d().wrapping_add(BoxedUint::from(2_u32)),
        plain_primes(key.rsa()),
    );
    let refused = match wrong {
        Ok(inner) => PrivateKey::from_rsa(inner).is_err(),
        Err(_) => true,
    };
    assert!(refused);
}

#[test]
fn a_pair_is_assembled_from_primes_sent_as_bytes() {
    let size = KeySize::Rsa2048;
    let mut rng = SysRng;
    let mut search = PrimeSearch::new(&mut rng, size);
    let mut make = || make_prime(&mut search, 0, &mut |_| ControlFlow::Continue(())).unwrap();
    let (first, second) = (make(), make());
    let again = Prime::from_bytes(&second.expose_bytes(), size).unwrap();
    let CheckedPair { key, signature } = assemble_pair(&first, &again).unwrap().unwrap();
    assert_eq!(key.public_key().bits(), 2048);
    assert!(key.public_key().verify_rs256(CHECKED_MESSAGE, &signature));
    assert!(
        assemble_pair(&first, &first).unwrap().is_none(),
        "too close to each other"
    );
    let mut even = second.expose_bytes();
    *even.last_mut().unwrap() ^= 1;
    assert!(Prime::from_bytes(&even, size).is_none());
    assert!(Prime::from_bytes(&second.expose_bytes()[1..], size).is_none());
    assert!(Prime::from_bytes(&second.expose_bytes(), KeySize::Rsa4096).is_none());
    // Composite, but in the right range: the checks of the pair detect it.
    let mut composite = second.expose_bytes();
    *composite.last_mut().unwrap() ^= 2;
    let composite = Prime::from_bytes(&composite, size).unwrap();
    assert_eq!(
        assemble_pair(&first, &composite).err(),
        Some(GenerateError::SelfCheck)
    );
}

#[test]
fn a_search_goes_on_after_a_prime_from_another_start() {
    let mut rng = SysRng;
    let mut search = PrimeSearch::new(&mut rng, KeySize::Rsa2048);
    let mut found = Vec::new();
    while found.len() < 2 {
        let before = search.tested();
        let probable = search.test_next().unwrap();
        assert_eq!(search.tested(), before + 2);
        if let Some(probable) = probable {
            // A composite that passes the filter practically never comes.
            assert!(search.accepts(&probable).unwrap());
            found.push(probable);
        }
    }
    assert!(assemble_pair(&found[0], &found[1]).unwrap().is_some());
}
