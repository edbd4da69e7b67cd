//! A Python environment in target/ for the tests, with the official Nebius SDK, checkers of keys and archives,
//! Envoy and Caddy.

use std::{fs, path::PathBuf};

use crate::{
    packages::PYTHON,
    paths::Paths,
    run::{self, Failure},
};

/// Prepares the environment; returns its interpreter.
///
/// # Errors
/// When it can't be created, or the packages can't be installed.
pub fn environment(paths: &Paths) -> Result<PathBuf, Failure> {
    let folder = paths.tools.join("python");
    let python = folder.join("bin/python");
    let requirements = paths.root.join("xtask/requirements.txt");
    let wanted = fs::read_to_string(&requirements).unwrap_or_default();
    // Written last, so that an interrupted installation doesn't count.
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == wanted)
        && run::succeeds(run::command(&python, &paths.root).args(["-c", "import nebius.sdk"]))
    {
        return Ok(python);
    }
    run::step(
        "Creating a Python environment in target/tools/python",
        run::command(PYTHON.path()?, &paths.root)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
        "On Debian or Ubuntu: sudo apt-get install python3-venv",
    )?;
    run::step(
        "Installing the Python packages in xtask/requirements.txt",
        run::command(&python, &paths.root)
            .args(["-m", "pip", "install", "--disable-pip-version-check"])
            .arg("--requirement")
            .arg(&requirements),
        "Check that PyPI, or your mirror of it, can be reached; then try again.",
    )?;
    fs::write(stamp, wanted).map_err(Failure::io("Finishing the Python environment"))?;
    Ok(python)
}
