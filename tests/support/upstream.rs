//! An IAM API written with grpcio (`tests/upstream/api.py`) that can be made to fail.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Stdio},
    sync::Mutex,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::tools;

/// The access token that callers need.
pub const TOKEN: &str = "upstream-token";

/// A running API, stopped when dropped.
pub struct Upstream {
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    /// The port on 127.0.0.1.
    pub port: u16,
    /// An HTTP proxy that leads to it.
    pub proxy_port: u16,
}

impl Upstream {
    /// Starts an API without TLS.
    #[must_use]
    pub fn start() -> Self {
        Self::run(&[])
    }

    /// Starts an API with TLS.
    #[must_use]
    pub fn start_tls(certificates: &Certificates) -> Self {
        Self::run(&[
            &certificates.path("server.pem"),
            &certificates.path("server.key"),
        ])
    }

    fn run(certificate: &[&Path]) -> Self {
        let mut child = tools::python("upstream/api.py")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/iam/proto"))
            .args(certificate)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let ports = read(&mut output);
        let port = |name: &str| ports[name].as_u64().unwrap() as u16;
        Self {
            child,
            port: port("port"),
            proxy_port: port("proxy"),
            pipes: Mutex::new((input, output)),
        }
    }

    /// Sends a command of `tests/upstream/api.py`; returns the answer.
    pub fn command(&self, command: &Value) -> Value {
        let mut pipes = self.pipes.lock().unwrap();
        writeln!(pipes.0, "{command}").unwrap();
        read(&mut pipes.1)
    }

    /// Makes the next calls of a method fail.
    pub fn fail(&self, method: &str, code: &str, times: u32) {
        self.fail_with(
            method,
            times,
            &json!({ "code": code, "message": "told to fail" }),
        );
    }

    /// Like [`Upstream::fail`], with a message and details.
    pub fn fail_with(&self, method: &str, times: u32, with: &Value) {
        self.command(&json!({ "do": "fail", "method": method, "times": times, "with": with }));
    }

    /// The IDs of the created keys.
    pub fn keys(&self) -> Vec<String> {
        let keys = self.command(&json!({ "do": "keys" }));
        let ids = keys.as_array().unwrap().iter();
        ids.map(|key| key["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The calls of a method so far.
    pub fn calls(&self, method: &str) -> Vec<Value> {
        let calls = self.command(&json!({ "do": "calls" }));
        let calls = calls.as_array().unwrap().iter();
        calls
            .filter(|call| call["method"] == method)
            .cloned()
            .collect()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(output: &mut impl BufRead) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    serde_json::from_str(&line).expect("a JSON line of the upstream")
}

/// A certificate authority and a server certificate in a folder.
pub struct Certificates(TempDir);

impl Certificates {
    /// Creates a certificate for these names that expires in this many days.
    #[must_use]
    pub fn make(last_day: i32, names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let status = tools::python("upstream/certificates.py")
            .arg(folder.path())
            .arg(last_day.to_string())
            .args(names)
            .status()
            .expect("Python starts");
        assert!(status.success());
        Self(folder)
    }

    /// The path of `ca.pem`, `server.pem` or `server.key`.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
