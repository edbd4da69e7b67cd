//! `cargo xtask contract`: compares our .proto files with the newest official SDK's. The tests do it with the
//! version in xtask/requirements.txt.

use std::fs;

use crate::{
    packages::{self, PYTHON},
    paths::Paths,
    python,
    run::{self, Failure},
};

/// Installs the newest SDK and prints the differences.
///
/// # Errors
/// When it can't be installed, or there are differences.
pub fn contract(paths: &Paths) -> Result<(), Failure> {
    packages::ensure(&[&PYTHON])?;
    let python = python::environment(paths)?;
    let folder = paths.tools.join("newest-sdk");
    // Remove an older version.
    let _ = fs::remove_dir_all(&folder);
    run::step(
        "Installing the newest Nebius SDK into target/tools/newest-sdk",
        run::command(&python, &paths.root)
            .args(["-m", "pip", "install", "--disable-pip-version-check"])
            .args(["--upgrade", "nebius", "--target"])
            .arg(&folder),
        "Check that PyPI, or your mirror of it, can be reached; then try again.",
    )?;
    const STEP: &str = "Comparing our .proto files with the SDK's";
    let compared = run::step(
        STEP,
        run::command(&python, &paths.root)
            .arg("tests/upstream/fields.py")
            .arg("crates/iam/proto")
            .env("PYTHONPATH", &folder),
        "Change the files in crates/iam/proto, then run this again.",
    );
    print!("{}", run::log_of(STEP));
    compared
}
