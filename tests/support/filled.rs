//! An embedded IAM with many keys from the start, made in a second or two: to see how the page bears
//! them.

use std::process::Command;

use crate::{gateway::Gateway, setting};

/// A gateway with a new embedded IAM that [`fill`] has filled.
#[must_use]
pub fn filled_gateway(accounts: usize, keys: usize) -> Gateway {
    let mut gateway = Gateway::start();
    fill(&mut gateway, accounts, keys);
    gateway
}

/// Ends the gateway, adds service accounts and keys to its first project, and starts it again.
///
/// The accounts come beside those that were there: `machine-00000`, `machine-00001` and so on, with
/// the ids `serviceaccount-e00` and 16 digits, in no group. The keys go round among them: the key `n`,
/// counted from 0, has the id `publickey-e00` and `n` in 16 digits, is of the account
/// `n % accounts`, and is described as `key 7 of machine-00007`. They are made over the last two
/// years. Of each ten, by `(n + n / accounts) % 10`, which differs among the keys of an account:
///
/// | | |
/// |---|---|
/// | 0 | inactive, without expiry |
/// | 1 | expired |
/// | 2 | active, expires within 30 days: after 1 to 28 |
/// | 3 | active, expires in a year |
/// | 4 to 9 | active, without expiry |
///
/// # Panics
/// When keys are asked for without accounts, or the IAM was filled before.
pub fn fill(gateway: &mut Gateway, accounts: usize, keys: usize) {
    change(gateway, &[&accounts.to_string(), &keys.to_string()]);
}

/// Ends the gateway, adds a project to its tenant, and starts it again.
pub fn add_project(gateway: &mut Gateway, id: &str) {
    change(gateway, &["project", id]);
}

fn change(gateway: &mut Gateway, arguments: &[&str]) {
    gateway.kill();
    let files = gateway.data_files();
    let database = files.iter().find(|(path, _)| path.ends_with("iam.sqlite3"));
    let output = Command::new(setting("KEYSIDE_PYTHON"))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/support/fill.py"))
        .arg(&database.expect("a database").0)
        .args(arguments)
        .output()
        .expect("Python starts");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    gateway.start_again();
}
