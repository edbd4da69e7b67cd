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
}

/// All measurements.
#[derive(Default)]
pub struct Figures {
    pub series: Vec<Series>,
    pub stages: Option<StageFigures>,
}

/// A bound on a ratio.
pub struct Goal {
    what: &'static str,
    value: f64,
    most: f64,
    must: bool,
}

impl Goal {
    /// Whether it's met or not required.
    pub fn is_met(&self) -> bool {
        !self.must || self.value <= self.most
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.value <= self.most {
            "met"
        } else {
            "MISSED"
        };
        let kind = if self.must { "must be" } else { "target:" };
        let Self {
            what, value, most, ..
        } = self;
        write!(f, "{verdict}: {what} is {value:.2} ({kind} at most {most})")
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

    fn ratio(&self, key: &str, of: impl Fn(&Series) -> f64) -> f64 {
        match (self.get(4096, key), self.get(4096, "subtle")) {
            (Some(ours), Some(theirs)) => of(ours) / of(theirs),
            _ => f64::NAN,
        }
    }

    pub fn goals(&self) -> Vec<Goal> {
        let goal = |what, value, most, must| Goal {
            what,
            value,
            most,
            must,
        };
        let test = self
            .stages
            .as_ref()
            .map_or(f64::NAN, StageFigures::ratio_to_bigint);
        vec![
            goal(
                "mean time relative to SubtleCrypto's",
                self.ratio("ours", Series::mean),
                0.6,
                true,
            ),
            goal(
                "mean time relative to SubtleCrypto's",
                self.ratio("ours", Series::mean),
                0.35,
                false,
            ),
            goal(
                "95th percentile relative to SubtleCrypto's",
                self.ratio("ours", |s| s.quantile(0.95)),
                0.35,
                false,
            ),
            goal(
                "mean time with one worker relative to SubtleCrypto's",
                self.ratio("ours_one_worker", Series::mean),
                1.0,
                true,
            ),
            goal(
                "base-2 test relative to BigInt's squarings",
                test,
                0.6,
                true,
            ),
        ]
    }

    pub fn to_json(&self) -> Value {
        json!({
            "ratio_mean": self.ratio("ours", Series::mean),
            "ratio_p95": self.ratio("ours", |s| s.quantile(0.95)),
            "ratio_mean_one_worker": self.ratio("ours_one_worker", Series::mean),
            "ratio_base_2_test_to_bigint":
                self.stages.as_ref().map(StageFigures::ratio_to_bigint),
            "stages": self.stages.as_ref().map(StageFigures::to_json),
            "series": self.series.iter().map(Series::to_json).collect::<Vec<_>>(),
        })
    }
}
