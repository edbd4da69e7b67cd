//! The stages of a search from fixed starts, which excludes chance (as in CCTV's RSA key generation
//! vectors, C2SP).
//!
//! A start is the SHA-256 of a numbered text, so it isn't hand-picked. The two numbers need about the
//! average number of candidates.

use keyside_e2e::browser::Browser;
use rsa::sha2::{Digest, Sha256};
use serde_json::{Value, json};

use crate::figures::{Ratio, quantile};

const STARTS: [u32; 2] = [133, 197];
/// Candidates of each start; the last one is the prime.
pub const CANDIDATES: usize = 58;
/// How often each candidate is tested.
const ROUNDS: u32 = 5;

/// Times in milliseconds.
pub struct StageFigures {
    /// The sieve, once per prime.
    pub sieve: f64,
    /// A base-2 test by the filter (median).
    pub filter: f64,
    /// The same for browsers without relaxed SIMD.
    pub plain: f64,
    /// The same by crypto-primes.
    pub library: f64,
    /// The same number of squarings by BigInt.
    pub bigint: f64,
    /// The filter's time relative to BigInt's.
    pub to_bigint: Ratio,
    /// That time relative to crypto-primes'.
    pub plain_to_library: Ratio,
    /// The final test, once per prime.
    pub accept: f64,
    /// Building and checking the pair, once per key.
    pub assemble: f64,
}

impl StageFigures {
    /// The time one worker needs for a key with the average number of candidates.
    pub fn whole_key(&self) -> f64 {
        2.0 * (self.sieve + CANDIDATES as f64 * self.filter + self.accept) + self.assemble
    }

    pub fn to_json(&self) -> Value {
        json!({
            "candidates_per_prime": CANDIDATES,
            "sieve_ms": self.sieve,
            "base_2_test_ms": self.filter,
            "base_2_test_without_relaxed_simd_ms": self.plain,
            "base_2_test_by_library_ms": self.library,
            "bigint_squarings_ms": self.bigint,
            "accept_ms": self.accept,
            "assemble_ms": self.assemble,
            "whole_key_one_worker_ms": self.whole_key(),
        })
    }
}

fn start(number: u32) -> Vec<u8> {
    let mut start: Vec<u8> = (0..8)
        .flat_map(|block| Sha256::digest(format!("Keyside benchmark {number}.{block}")))
        .collect();
    start[0] |= 0xc0;
    start[255] |= 1;
    start
}

pub async fn measure(browser: &Browser) -> StageFigures {
    let mut primes = Vec::new();
    let mut all: [Vec<f64>; 6] = Default::default();
    for number in STARTS {
        let start = json!(start(number));
        let script =
            format!("done(bench.stages(new Uint8Array({start}), {CANDIDATES}, {ROUNDS}));");
        let result = browser.run_until_done(&script).await;
        assert_eq!(result["count"], CANDIDATES);
        assert_eq!(
            result["dropped"],
            CANDIDATES - 1,
            "all but the last are composite"
        );
        assert_eq!(result["accepted"], true, "the last one is prime");
        primes.push(result["prime"].as_str().unwrap().to_owned());
        for (values, name) in all
            .iter_mut()
            .zip(["sieve", "filter", "plain", "library", "bigInt", "accept"])
        {
            match &result[name] {
                Value::Array(many) => values.extend(many.iter().filter_map(Value::as_f64)),
                one => values.extend(one.as_f64()),
            }
        }
    }
    let mut assemble = Vec::new();
    for _ in 0..ROUNDS {
        let script = format!("done(bench.assemble({:?}, {:?}));", primes[0], primes[1]);
        let result = browser.run_until_done(&script).await;
        assert_eq!(result["made"], true);
        assemble.push(result["ms"].as_f64().unwrap());
    }
    let median = |values: &[f64]| quantile(values, 0.5);
    let to_bigint = Ratio::of(&all[1], &all[4], median);
    let plain_to_library = Ratio::of(&all[2], &all[3], median);
    let [sieve, filter, plain, library, bigint, accept] = all.map(|values| median(&values));
    StageFigures {
        sieve,
        filter,
        plain,
        library,
        bigint,
        to_bigint,
        plain_to_library,
        accept,
        assemble: median(&assemble),
    }
}
