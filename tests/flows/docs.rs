//! The commands in the documentation work unchanged.

use std::{fs, path::Path, process::Command};

use keyside_e2e::{deployment::free_port, setting};

/// The text between ```sh and ```.
fn commands(markdown: &str) -> String {
    markdown
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect()
}

#[test]
fn every_command_of_the_operators_guide_runs_on_a_clean_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let guide = fs::read_to_string(root.join("docs/operate.md")).unwrap();
    let mut script = commands(&guide);
    assert!(script.lines().count() > 20, "{script}");
    // These ports may be in use here.
    for port in ["8080", "8081", "8443", "9090"] {
        script = script.replace(&format!(":{port}"), &format!(":{}", free_port()));
    }
    let folder = tempfile::tempdir().unwrap();
    let programs = [
        setting("KEYSIDE_BIN"),
        setting("KEYSIDE_PYTHON"),
        setting("KEYSIDE_NGINX"),
    ];
    let old = std::env::var_os("PATH").unwrap();
    let path = programs
        .iter()
        .map(|program| program.parent().unwrap().to_owned())
        .chain(std::env::split_paths(&old));
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c"])
        .arg(format!(
            "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n{script}"
        ))
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("KEYSIDE", root)
        .env_remove("KEYSIDE_ADMIN_TOKEN")
        .current_dir(&folder)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{script}");
    for part in [
        "Open this address",
        "\"code\":\"not_found\"",
        "ok     the API answers and requires a token",
        "Overall exposure level",
        "Valid configuration",
        "are intact",
        "and is intact",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert!(!printed.contains("WRONG"), "{printed}");
    assert!(folder.path().join("backup.sqlite3").is_file());
}
