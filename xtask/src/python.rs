//! A Python environment under target/ with the official Nebius SDK, judges of keys and archives,
//! Envoy and Caddy, for the tests.

use std::{fs, path::PathBuf};

use crate::{
    packages::PYTHON,
    paths::Paths,
    run::{self, Failure},
};

/// Prepares the environment; returns its interpreter.
///
/// # Errors
/// When it cannot be made or filled.
pub fn environment(paths: &Paths) -> Result<PathBuf, Failure> {
    let folder = paths.tools.join("python");
    let python = folder.join("bin/python");
    let requirements = paths.root.join("xtask/requirements.txt");
    let wanted = fs::read_to_string(&requirements).unwrap_or_default();
    // Written last: an installation that was cut off does not count.
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == wanted)
        && run::succeeds(run::command(&python, &paths.root).args(["-c", "import nebius.sdk"]))
    {
        return Ok(python);
    }
    run::step(
        "Making a Python environment in target/tools/python",
        run::command(PYTHON.path()?, &paths.root)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
        "On Debian or Ubuntu: sudo apt-get install python3-venv",
    )?;
    run::step(
        "Installing xtask/requirements.txt into it",
        run::command(&python, &paths.root)
            .args(["-m", "pip", "install", "--disable-pip-version-check"])
            .arg("--requirement")
            .arg(&requirements),
        "Check that PyPI, or your mirror of it, can be reached; then try again.",
    )?;
    fs::write(stamp, wanted).map_err(Failure::of_files("Finishing the Python environment"))?;
    Ok(python)
}
