//! Call metrics in the OpenMetrics text format, on a separate port. They contain no IDs and nothing else
//! about callers.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use tokio::net::TcpListener;

use super::key_gauges::{KeyCounts, WITHIN_DAYS};
use crate::error::StartError;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// In seconds, from a fast SQLite query to the longest deadline.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    method: String,
    code: String,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Method {
    method: String,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Within {
    within_days: u32,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Host {
    host: String,
}

type NoLabels = [(&'static str, &'static str); 0];

/// All metrics, with the registry that encodes them.
pub struct Metrics {
    registry: Registry,
    calls: Family<Outcome, Counter>,
    durations: Family<Method, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    upstream_up: Family<Host, Gauge>,
    upstream_retries: Family<Host, Counter>,
    audit_failures: Counter,
    keys: Family<InState, Gauge>,
    keys_ending: Family<Within, Gauge>,
    /// These two without labels, but absent until the keys are read.
    keys_endless: Family<NoLabels, Gauge>,
    keys_read: Family<NoLabels, Gauge>,
}

impl Metrics {
    /// Creates and registers all metrics.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("keyside");
        let calls = Family::default();
        registry.register("calls", "IAM API calls by method and code", calls.clone());
        let durations: Family<Method, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register_with_unit(
            "call_duration",
            "Duration of IAM API calls",
            Unit::Seconds,
            durations.clone(),
        );
        let in_flight = Gauge::default();
        registry.register("calls_in_flight", "Calls in flight", in_flight.clone());
        let upstream_up = Family::default();
        registry.register(
            "upstream_up",
            "Whether the last call reached the upstream host",
            upstream_up.clone(),
        );
        let upstream_retries = Family::default();
        registry.register(
            "upstream_retries",
            "Retries of calls to the upstream host",
            upstream_retries.clone(),
        );
        let audit_failures = Counter::default();
        registry.register(
            "audit_failures",
            "Records that couldn't be written to the audit log",
            audit_failures.clone(),
        );
        let keys = Family::default();
        registry.register(
            "keys",
            "Authorized keys that the gateway's own credentials can read, by state",
            keys.clone(),
        );
        let keys_ending = Family::default();
        registry.register(
            "active_keys_ending",
            "Active keys that expire within a number of days",
            keys_ending.clone(),
        );
        let keys_endless = Family::default();
        registry.register(
            "active_keys_without_end",
            "Active keys that never expire",
            keys_endless.clone(),
        );
        let keys_read = Family::default();
        registry.register_with_unit(
            "keys_read_timestamp",
            "When the keys were last read, in Unix time; 0 if that never worked",
            Unit::Seconds,
            keys_read.clone(),
        );
        Self {
            registry,
            calls,
            durations,
            in_flight,
            upstream_up,
            upstream_retries,
            audit_failures,
            keys,
            keys_ending,
            keys_endless,
            keys_read,
        }
    }

    /// Counts a call as in flight until the result is dropped.
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Records an answered call.
    pub fn count(&self, method: &str, code: &str, duration: Duration) {
        self.calls
            .get_or_create(&Outcome {
                method: method.to_owned(),
                code: code.to_owned(),
            })
            .inc();
        self.durations
            .get_or_create(&Method {
                method: method.to_owned(),
            })
            .observe(duration.as_secs_f64());
    }

    /// Records whether a call reached the upstream host.
    pub fn upstream(&self, host: &str, reached: bool) {
        let host = Host {
            host: host.to_owned(),
        };
        self.upstream_up
            .get_or_create(&host)
            .set(i64::from(reached));
    }

    /// Counts a retry of a call.
    pub fn upstream_retry(&self, host: &str) {
        let host = Host {
            host: host.to_owned(),
        };
        self.upstream_retries.get_or_create(&host).inc();
    }

    /// Counts a lost record of the audit log.
    pub fn audit_failure(&self) {
        self.audit_failures.inc();
    }

    /// Records the keys that were read at `now_s`, in Unix seconds.
    pub fn keys(&self, counts: &KeyCounts, now_s: i64) {
        for (state, count) in &counts.by_state {
            self.keys.get_or_create(&InState { state }).set(*count);
        }
        for (within_days, count) in WITHIN_DAYS.into_iter().zip(counts.ending) {
            self.keys_ending
                .get_or_create(&Within { within_days })
                .set(count);
        }
        self.keys_endless.get_or_create(&[]).set(counts.endless);
        self.keys_read.get_or_create(&[]).set(now_s);
    }

    /// Records that the keys couldn't be read.
    pub fn keys_unread(&self) {
        drop(self.keys_read.get_or_create(&[]));
    }

    fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// A call in flight.
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Serves `/metrics` until the process ends, and returns the address.
///
/// # Errors
/// Returns an error if the port can't be opened.
pub async fn listen(address: SocketAddr, metrics: Arc<Metrics>) -> Result<SocketAddr, StartError> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| StartError::Listen(address, error))?;
    let bound = listener.local_addr().map_err(StartError::Serve)?;
    let app = Router::new()
        .route("/metrics", get(serve_metrics))
        .with_state(metrics);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, "the metrics listener stopped");
        }
    });
    Ok(bound)
}

async fn serve_metrics(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], metrics.render())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_method_and_code() {
        let metrics = Metrics::new();
        let call = metrics.begin();
        metrics.count("Service/Get", "ok", Duration::from_millis(3));
        metrics.count("Service/Get", "ok", Duration::from_millis(3));
        metrics.count("Service/Get", "not_found", Duration::from_millis(3));
        metrics.upstream("iam.example", false);
        let text = metrics.render();
        for line in [
            r#"keyside_calls_total{method="Service/Get",code="ok"} 2"#,
            r#"keyside_calls_total{method="Service/Get",code="not_found"} 1"#,
            r#"keyside_call_duration_seconds_count{method="Service/Get"} 3"#,
            r#"keyside_call_duration_seconds_bucket{le="0.0025",method="Service/Get"} 0"#,
            r#"keyside_call_duration_seconds_bucket{le="0.005",method="Service/Get"} 3"#,
            "keyside_calls_in_flight 1",
            r#"keyside_upstream_up{host="iam.example"} 0"#,
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
        drop(call);
        assert!(metrics.render().contains("keyside_calls_in_flight 0"));
    }
}
