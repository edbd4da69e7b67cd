//! Credentials files with one fault each, and the expected findings. The end-to-end tests compare
//! the same files with the official Python SDK.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod fields;
mod files;
mod forms;
mod layouts;

use keyside_keygen::{Field, Finding, PrivateKey, expose_credentials_json};
use serde_json::{Value, json};

pub const KEY_ID: &str = "publickey-e00a";
pub const ACCOUNT: &str = "serviceaccount-e00b";

/// Runs openssl with arguments and input.
pub type Openssl = fn(&[&str], &[u8]) -> Vec<u8>;

/// A file with its expected findings.
pub struct Sample {
    pub name: String,
    pub bytes: Vec<u8>,
    pub findings: Vec<Finding>,
}

/// The files, and the file that repairing restores.
pub struct Samples {
    pub good: Vec<u8>,
    pub all: Vec<Sample>,
    pub pem: String,
}

impl Samples {
    /// Makes all samples with a key from openssl.
    pub fn make(openssl: Openssl) -> Self {
        // One sample removes the base64 padding, which not every key has.
        let pem = std::iter::repeat_with(|| openssl(&["genrsa", "4096"], b""))
            .find(|pem| pem.contains(&b'='))
            .unwrap();
        let key = PrivateKey::from_pkcs8_pem(&pem).unwrap();
        let good = expose_credentials_json(&key, KEY_ID, ACCOUNT).unwrap();
        let mut samples = Self {
            good: good.to_vec(),
            all: Vec::new(),
            pem: String::from_utf8(pem).unwrap(),
        };
        samples.add("good", good.to_vec(), &[]);
        samples.whole_files(openssl);
        samples.shapes();
        samples.fields();
        samples.ids();
        samples.layouts();
        samples.forms(openssl);
        samples.numbers(openssl);
        samples
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>, findings: &[Finding]) {
        self.all.push(Sample {
            name: name.to_owned(),
            bytes,
            findings: findings.to_vec(),
        });
    }

    fn text(&self) -> String {
        String::from_utf8(self.good.clone()).unwrap()
    }

    fn inner(&self) -> Value {
        let value: Value = serde_json::from_slice(&self.good).unwrap();
        value["subject-credentials"].clone()
    }

    /// Adds the good file with `field` changed.
    fn with(&mut self, name: &str, field: Field, value: Option<Value>, findings: &[Finding]) {
        let mut inner = self.inner();
        let fields = inner.as_object_mut().unwrap();
        match value {
            Some(value) => fields.insert(field.name().to_owned(), value),
            None => fields.remove(field.name()),
        };
        let bytes = json!({ "subject-credentials": inner }).to_string();
        self.add(name, bytes.into(), findings);
    }

    fn key(&mut self, name: &str, text: &str, findings: &[Finding]) {
        let name = format!("key: {name}");
        self.with(&name, Field::PrivateKey, Some(json!(text)), findings);
    }
}
