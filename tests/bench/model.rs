//! Predicts the time of a key with any number of workers, from the measured stages.
//!
//! A model of `crates/engine`: each searcher sieves, tests candidates until one is prime, hands it to the keeper,
//! runs the final test on it, and searches on. The keeper makes the pair from the first two primes, while their
//! final tests run. One processor per searcher, and messages take no time.

use std::fmt::Write;

use crate::{
    figures::{Figures, Series},
    stages::{CANDIDATES, StageFigures},
};

const KEYS: usize = 20_000;
const WORKERS: [usize; 6] = [1, 2, 4, 6, 8, 16];

/// The mean time of a key in milliseconds.
fn mean_of(workers: usize, stages: &StageFigures) -> f64 {
    (0..KEYS).map(|_| one_key(workers, stages)).sum::<f64>() / KEYS as f64
}

fn one_key(workers: usize, stages: &StageFigures) -> f64 {
    // When each searcher has found its first and second prime, and when that is accepted.
    let mut primes: Vec<(f64, f64)> = Vec::new();
    for _ in 0..workers {
        let mut now = 0.0;
        for _ in 0..2 {
            now += stages.sieve + candidates() * stages.filter;
            let found = now;
            now += stages.accept;
            primes.push((found, now));
        }
    }
    primes.sort_by(|one, other| one.0.total_cmp(&other.0));
    let assembled = primes[1].0 + stages.assemble;
    assembled.max(primes[0].1).max(primes[1].1)
}

/// How many candidates a prime takes: one in [`CANDIDATES`] is prime.
fn candidates() -> f64 {
    let random = getrandom::u32().expect("the system has random numbers");
    let uniform = (f64::from(random) + 0.5) / 2f64.powi(32);
    (uniform.ln() / (1.0 - 1.0 / CANDIDATES as f64).ln()).ceil()
}

/// The predicted means, beside the measured ones.
pub fn table(figures: &Figures) -> String {
    let Some(stages) = &figures.stages else {
        return String::new();
    };
    let mut text =
        "| workers | predicted mean | one more saves | measured mean |\n|--:|--:|--:|--:|\n"
            .to_owned();
    for workers in WORKERS {
        let (now, next) = (mean_of(workers, stages), mean_of(workers + 1, stages));
        let key = match workers {
            1 => "ours_one_worker",
            _ if std::thread::available_parallelism().is_ok_and(|n| n.get() == workers) => "ours",
            _ => "",
        };
        let measured = figures.get(4096, key).map(Series::mean);
        let _ = writeln!(
            text,
            "| {workers} | {now:.0} | {:.0} % | {} |",
            100.0 * (1.0 - next / now),
            measured.map_or(String::new(), |ms| format!("{ms:.0}"))
        );
    }
    text
}
