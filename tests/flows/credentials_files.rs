//! What the key engine reports about credentials files agrees with the official Python SDK: it accepts
//! and refuses the files that the engine says it does.

use keyside_e2e::tools;
use keyside_keygen::{Sdk, inspect_credentials};

#[path = "../../crates/keygen/tests/keygen/samples/mod.rs"]
mod samples;

#[test]
fn the_sdk_accepts_and_refuses_the_files_that_the_engine_says_it_does() {
    let samples = samples::Samples::make(tools::openssl);
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut expectations = Vec::new();
    for (at, sample) in samples.all.iter().enumerate() {
        let file = folder.path().join(format!("{at}.json"));
        std::fs::write(&file, &sample.bytes).unwrap();
        files.push(file);
        let inspected = inspect_credentials(&sample.bytes);
        expectations.push(inspected.sdk());
        let rewritten = inspected.expose_repaired();
        let rewritten = rewritten.map(Result::unwrap);
        // The others are rewritten as the good file, which is one of the samples.
        if let Some(bytes) = rewritten.filter(|bytes| **bytes != samples.good) {
            let file = folder.path().join(format!("{at}-rewritten.json"));
            std::fs::write(&file, &*bytes).unwrap();
            files.push(file);
        }
    }
    let answers = tools::sdk_reads(&files);
    let (mut wrong, mut taken, mut refused) = (Vec::new(), 0, 0);
    for (file, answer) in files.iter().zip(answers) {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let (number, rewritten) = match name.strip_suffix("-rewritten") {
            Some(number) => (number, true),
            None => (name, false),
        };
        let number: usize = number.parse().unwrap();
        let (sample, expected) = (&samples.all[number], expectations[number]);
        match (expected, &answer) {
            (_, None) if rewritten => {}
            (Sdk::Accepts, None) => taken += 1,
            (Sdk::Rejects, Some(_)) if !rewritten => refused += 1,
            (Sdk::Unknown, _) if sample.name == "too large" => {}
            _ => wrong.push(format!(
                "{} ({name}), with {:?}: {expected:?}, but {answer:?}",
                sample.name, sample.findings
            )),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(taken > 30 && refused > 60, "{taken} and {refused}");
}
