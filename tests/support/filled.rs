//! An embedded IAM filled with many keys in a second or two, to test how the page handles them.

use crate::{gateway::Gateway, tools};

/// A gateway with a new embedded IAM that [`fill`] has filled.
#[must_use]
pub fn filled_gateway(accounts: usize, keys: usize) -> Gateway {
    let mut gateway = Gateway::start();
    fill(&mut gateway, accounts, keys);
    gateway
}

/// Stops the gateway, adds service accounts and keys to its first project, and starts it again.
///
/// The new accounts are `machine-00000`, `machine-00001` and so on, with the ID
/// `serviceaccount-e00` plus 16 digits, in no group. Key `n`, counted from 0, has the ID
/// `publickey-e00` plus `n` in 16 digits, belongs to the account `n % accounts`, and has a description
/// like `key 7 of machine-00007`. The creation times cover the last two years. The state depends on
/// `(n + n / accounts) % 10`, which differs among the keys of an account:
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
/// If there are keys but no accounts, or the IAM was filled before.
pub fn fill(gateway: &mut Gateway, accounts: usize, keys: usize) {
    change(gateway, &[&accounts.to_string(), &keys.to_string()]);
}

/// Stops the gateway, adds a project to its tenant, and starts it again.
pub fn add_project(gateway: &mut Gateway, id: &str) {
    change(gateway, &["project", id]);
}

fn change(gateway: &mut Gateway, arguments: &[&str]) {
    gateway.kill();
    let files = gateway.data_files();
    let database = files.iter().find(|(path, _)| path.ends_with("iam.sqlite3"));
    let output = tools::python("support/fill.py")
        .arg(&database.expect("a database").0)
        .args(arguments)
        .output()
        .expect("Python starts");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    gateway.start_again();
}
