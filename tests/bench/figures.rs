//! The measurements and the goals derived from them.

use std::fmt;

use serde_json::{Value, json};

use crate::stages::StageFigures;

/// An implementation that generates key pairs.
pub struct Contestant {
    /// The name in the JSON.
    pub key: &'static str,
    /// The name in the report.
    pub name: &'static str,
    /// JavaScript whose promise resolves to `{ ms }`.
    pub call: &'static str,
}

impl Contestant {
    pub const fn new(key: &'static str, name: &'static str, call: &'static str) -> Self {
        Self { key, name, call }
    }
}

/// The times of one contestant at one size, in milliseconds.
pub struct Series {
    pub bits: u32,
    pub key: &'static str,
    pub name: &'static str,
    pub times: Vec<f64>,
    /// Candidates tested, if it reports them.
    pub candidates: Vec<f64>,
    /// The part of the times that the engine reports as its own, if it does.
    pub engine: Vec<f64>,
}

/// All measurements.
#[derive(Default)]
pub struct Figures {
    pub series: Vec<Series>,
    pub stages: Option<StageFigures>,
}

/// A ratio with its 95% confidence interval.
#[derive(Clone, Copy)]
pub struct Ratio {
    value: f64,
    low: f64,
    high: f64,
}

/// Enough that the ends of an interval move by less than a hundredth from one bootstrap to the next.
const RESAMPLES: usize = 4000;

impl Ratio {
    /// The ratio of a statistic of two samples, with its interval by the percentile bootstrap.
    pub fn of(ours: &[f64], theirs: &[f64], of: impl Fn(&[f64]) -> f64) -> Self {
        let mut ratios: Vec<f64> = (0..RESAMPLES)
            .map(|_| of(&resample(ours)) / of(&resample(theirs)))
            .collect();
        ratios.sort_by(f64::total_cmp);
        let tail = RESAMPLES / 40;
        Self {
            value: of(ours) / of(theirs),
            low: ratios[tail],
            high: ratios[RESAMPLES - 1 - tail],
        }
    }

    fn to_json(self) -> Value {
        json!({ "ratio": self.value, "low": self.low, "high": self.high })
    }
}

/// Draws as many values again, with replacement.
fn resample(values: &[f64]) -> Vec<f64> {
    let draw = |_| {
        let random = getrandom::u32().expect("the system has random numbers");
        values[((u64::from(random) * values.len() as u64) >> 32) as usize]
    };
    (0..values.len()).map(draw).collect()
}

/// A bound on a ratio, relative to SubtleCrypto unless it says otherwise. The verdict is open while the bound lies in
/// the ratio's interval.
pub struct Goal {
    what: &'static str,
    ratio: Ratio,
    most: f64,
    must: bool,
}

impl Goal {
    /// Whether it's met or not required. The interval doesn't soften this.
    pub fn is_met(&self) -> bool {
        !self.must || self.ratio.value <= self.most
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what, ratio, most, ..
        } = self;
        let Ratio { value, low, high } = ratio;
        let verdict = if high <= most {
            "met"
        } else if low > most {
            "MISSED"
        } else {
            "open"
        };
        let kind = if self.must { "must be" } else { "target:" };
        write!(
            f,
            "{verdict}: {what} is {value:.2} ({low:.2} to {high:.2}; {kind} at most {most})"
        )
    }
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The value below which this share of the values lies.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(at.max(1) - 1).copied().unwrap_or(f64::NAN)
}

impl Series {
    pub fn mean(&self) -> f64 {
        mean(&self.times)
    }

    pub fn quantile(&self, share: f64) -> f64 {
        quantile(&self.times, share)
    }

    fn to_json(&self) -> Value {
        json!({
            "bits": self.bits,
            "who": self.key,
            "keys": self.times.len(),
            "mean_ms": self.mean(),
            "median_ms": self.quantile(0.5),
            "p95_ms": self.quantile(0.95),
            "max_ms": self.quantile(1.0),
            "candidates_per_key": (!self.candidates.is_empty()).then(|| mean(&self.candidates)),
            "ms_per_candidate":
                (!self.candidates.is_empty()).then(|| self.mean() / mean(&self.candidates)),
            "engine_mean_ms": (!self.engine.is_empty()).then(|| mean(&self.engine)),
            "times_ms": self.times,
        })
    }
}

impl Figures {
    /// Adds a measurement of the page.
    pub fn add(&mut self, bits: u32, contestant: &Contestant, measured: &Value) {
        let series = self.entry(bits, contestant.key, contestant.name);
        series.times.push(measured["ms"].as_f64().unwrap());
        series.candidates.extend(measured["candidates"].as_f64());
        series.engine.extend(measured["engine_ms"].as_f64());
    }

    /// Adds an RSA-4096 time measured outside the browser.
    pub fn add_ms(&mut self, key: &'static str, name: &'static str, ms: f64) {
        self.entry(4096, key, name).times.push(ms);
    }

    fn entry(&mut self, bits: u32, key: &'static str, name: &'static str) -> &mut Series {
        let found = self
            .series
            .iter()
            .position(|s| s.bits == bits && s.key == key);
        let at = found.unwrap_or_else(|| {
            self.series.push(Series {
                bits,
                key,
                name,
                times: Vec::new(),
                candidates: Vec::new(),
                engine: Vec::new(),
            });
            self.series.len() - 1
        });
        &mut self.series[at]
    }

    pub fn get(&self, bits: u32, key: &str) -> Option<&Series> {
        self.series.iter().find(|s| s.bits == bits && s.key == key)
    }

    /// A line with the means so far.
    pub fn line(&self, bits: u32, contestants: &[Contestant]) -> String {
        let mean = |c: &Contestant| {
            let mean = self.get(bits, c.key).map_or(f64::NAN, Series::mean);
            format!("{} {mean:.0} ms", c.name)
        };
        contestants.iter().map(mean).collect::<Vec<_>>().join(", ")
    }

    /// The ratio of a statistic to SubtleCrypto's.
    fn ratio(&self, key: &str, of: impl Fn(&[f64]) -> f64) -> Option<Ratio> {
        let (ours, theirs) = (self.get(4096, key)?, self.get(4096, "subtle")?);
        Some(Ratio::of(&ours.times, &theirs.times, of))
    }

    pub fn goals(&self) -> Vec<Goal> {
        let p95 = |times: &[f64]| quantile(times, 0.95);
        let goals = [
            (
                "mean time from the click, on a page with warm workers,",
                self.ratio("page_warm", mean),
                0.5,
                true,
            ),
            ("the same", self.ratio("page_warm", mean), 0.4, false),
            (
                "its 95th percentile",
                self.ratio("page_warm", p95),
                0.5,
                true,
            ),
            (
                "the engine's own mean time",
                self.ratio("ours", mean),
                0.6,
                true,
            ),
            (
                "the engine's own mean time with one worker",
                self.ratio("ours_one_worker", mean),
                0.75,
                true,
            ),
            (
                "mean time from the click, without relaxed SIMD,",
                self.ratio("page_portable", mean),
                1.2,
                true,
            ),
        ];
        let to_subtle = goals.into_iter().filter_map(|(what, ratio, most, must)| {
            Some(Goal {
                what,
                ratio: ratio?,
                most,
                must,
            })
        });
        let tests = self.stages.iter().flat_map(|stages| {
            [
                (
                    "base-2 test relative to BigInt's squarings",
                    stages.to_bigint,
                ),
                (
                    "base-2 test without relaxed SIMD relative to crypto-primes'",
                    stages.plain_to_library,
                ),
            ]
        });
        let tests = tests.map(|(what, ratio)| Goal {
            what,
            ratio,
            most: 0.6,
            must: true,
        });
        to_subtle.chain(tests).collect()
    }

    pub fn to_json(&self) -> Value {
        let p95 = |times: &[f64]| quantile(times, 0.95);
        let json = |ratio: Option<Ratio>| ratio.map(Ratio::to_json);
        json!({
            "page_mean": json(self.ratio("page_warm", mean)),
            "page_p95": json(self.ratio("page_warm", p95)),
            "engine_mean": json(self.ratio("ours", mean)),
            "engine_p95": json(self.ratio("ours", p95)),
            "engine_mean_one_worker": json(self.ratio("ours_one_worker", mean)),
            "portable_mean": json(self.ratio("page_portable", mean)),
            "base_2_test_to_bigint":
                json(self.stages.as_ref().map(|stages| stages.to_bigint)),
            "plain_to_library":
                json(self.stages.as_ref().map(|stages| stages.plain_to_library)),
            "stages": self.stages.as_ref().map(StageFigures::to_json),
            "series": self.series.iter().map(Series::to_json).collect::<Vec<_>>(),
        })
    }
}
