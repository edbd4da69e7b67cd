//! Prometheus understands the metrics, and the alert rules fire when they should.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use keyside_e2e::{
    filled::fill,
    gateway::{Gateway, More},
    setting, tools,
    waiting::Waiting,
};

/// Runs promtool; returns what it printed.
fn promtool(arguments: &[&str], input: &str) -> (bool, String) {
    let mut command = Command::new("promtool");
    command.args(arguments);
    let output = tools::run(command, input.as_bytes());
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    (output.status.success(), printed)
}

/// OpenMetrics in Prometheus's older text format, which promtool checks: no units, no end, and counters are
/// described under their whole names.
fn in_text_format(metrics: &str) -> String {
    let is_counter = |name: &str| metrics.contains(&format!("# TYPE {name} counter\n"));
    let mut text = String::new();
    for line in metrics.lines() {
        let words: Vec<_> = line.splitn(4, ' ').collect();
        match words[..] {
            ["#", "UNIT", ..] | ["#", "EOF"] => {}
            ["#", kind, name, rest] if is_counter(name) => {
                text.push_str(&format!("# {kind} {name}_total {rest}\n"));
            }
            _ => text.push_str(&format!("{line}\n")),
        }
    }
    text
}

const ALERTS: [&str; 3] = [
    "KeysideKeyEndsSoon",
    "KeysideKeysUnread",
    "KeysideAuditLogIncomplete",
];

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/prometheus-alerts.yml")
}

#[tokio::test(flavor = "multi_thread")]
async fn promtool_accepts_the_metrics() {
    let more = More {
        arguments: ["--metrics-listen", "127.0.0.1:0"]
            .map(str::to_owned)
            .to_vec(),
        ..More::default()
    };
    let mut gateway = Gateway::with(setting("KEYSIDE_DIST"), more);
    fill(&mut gateway, 2, 20);
    let mut waiting = Waiting::begin();
    let metrics = loop {
        let log = String::from_utf8_lossy(&gateway.output()).into_owned();
        // The second start's.
        let address = log.rsplit("Metrics are at ").next().unwrap();
        let mut curl = Command::new("curl");
        curl.args(["-fsS", address.lines().next().unwrap()]);
        let metrics = String::from_utf8(tools::run(curl, b"").stdout).unwrap();
        if metrics.contains("keyside_keys{") {
            break metrics;
        }
        waiting.again(|| format!("no keys in {metrics}")).await;
    };
    // Of ten keys, one is inactive, one has expired, and one ends within 30 days.
    for line in [
        "keyside_keys{state=\"active\"} 16",
        "keyside_keys{state=\"inactive\"} 2",
        "keyside_keys{state=\"expired\"} 2",
        "keyside_active_keys_ending{within_days=\"30\"} 2",
        "keyside_active_keys_without_end{} 12",
    ] {
        assert!(
            metrics.lines().any(|found| found == line),
            "{line}\n{metrics}"
        );
    }
    let (is_right, printed) = promtool(&["check", "metrics"], &in_text_format(&metrics));
    assert!(is_right, "{printed}");
    let (is_right, _) = promtool(
        &["check", "metrics"],
        &in_text_format(&metrics).replace("} 16", "} many"),
    );
    assert!(!is_right);
}

#[test]
fn the_alerts_fire_when_keys_end_soon_or_can_not_be_read() {
    let path = rules();
    let (is_right, printed) = promtool(&["check", "rules", path.to_str().unwrap()], "");
    assert!(is_right && printed.contains("3 rules found"), "{printed}");
    let folder = tempfile::tempdir().unwrap();
    // Expects no alert; promtool's message names those that fire.
    let test = |ending: &str, read: &str, failures: &str| {
        let quiet = |alert| {
            format!("      - eval_time: 2h\n        alertname: {alert}\n        exp_alerts: []\n")
        };
        let file = folder.path().join("test.yml");
        let text = format!(
            "rule_files: [{path:?}]\nevaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n\
             \x20     - series: 'keyside_active_keys_ending{{within_days=\"14\"}}'\n        values: '{ending}'\n\
             \x20     - series: keyside_keys_read_timestamp_seconds\n        values: '{read}'\n\
             \x20     - series: keyside_audit_failures_total\n        values: '{failures}'\n\
             \x20   alert_rule_test:\n{}",
            ALERTS.map(quiet).concat()
        );
        fs::write(&file, text).unwrap();
        promtool(&["test", "rules", file.to_str().unwrap()], "")
    };
    // Read a minute ago, all the time; nothing ends.
    let quiet = ("0x120", "0+60x120", "0x120");
    let (is_right, printed) = test(quiet.0, quiet.1, quiet.2);
    assert!(is_right, "{printed}");
    for (ending, read, failures, alert) in [
        ("0x60 1x60", quiet.1, quiet.2, "KeysideKeyEndsSoon"),
        (quiet.0, "0x120", quiet.2, "KeysideKeysUnread"),
        (quiet.0, quiet.1, "0x100 1x20", "KeysideAuditLogIncomplete"),
    ] {
        let (is_quiet, printed) = test(ending, read, failures);
        assert!(!is_quiet && printed.contains(alert), "{alert}: {printed}");
        for other in ALERTS.into_iter().filter(|other| *other != alert) {
            assert!(!printed.contains(other), "{other}: {printed}");
        }
    }
}
