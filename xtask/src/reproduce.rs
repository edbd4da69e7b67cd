//! Checks that two builds of the page are identical, even in another folder and another user's environment.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    paths::{self, Paths},
    run::{self, Failure},
    tools,
};

const STEP: &str = "Comparing the two builds";

/// Builds the page in a copy of the sources, and compares it with the one in dist/.
///
/// # Errors
/// When files differ, with their names.
pub fn build_again_and_compare(paths: &Paths) -> Result<(), Failure> {
    let failed = Failure::io(STEP);
    let other = paths.target.join("again/another name");
    let home = paths.target.join("again/home");
    for old in [&other, &home] {
        let _ = fs::remove_dir_all(old);
    }
    copy_sources(paths, &other).map_err(&failed)?;
    let cargo_home = other_cargo_home(&home).map_err(&failed)?;
    run::step(
        "Building the page again: in another folder, with another home, user and time zone",
        as_another_user(&other)
            // The tools may be the same: the test compares their output.
            .arg(paths.program())
            .arg("page")
            .env("CARGO_MANIFEST_DIR", other.join("xtask"))
            .env("PATH", tools::path(paths))
            .env("CARGO_HOME", &cargo_home)
            .env("RUSTUP_HOME", paths::rustup_home())
            .env("HOME", &home)
            .env("USER", "somebody-else")
            .env("LOGNAME", "somebody-else")
            .env("TZ", "Pacific/Chatham")
            .env("LANG", "tr_TR.UTF-8")
            .env("CARGO_TARGET_DIR", paths.target.join("again/target")),
        "Fix what the compiler says above.",
    )?;
    run::announce(STEP);
    let (one, two) = (
        contents(&paths.dist).map_err(&failed)?,
        contents(&other.join("dist")).map_err(&failed)?,
    );
    let names: BTreeSet<_> = one.keys().chain(two.keys()).collect();
    let differing: Vec<_> = names
        .iter()
        .filter(|name| one.get(**name) != two.get(**name))
        .map(|name| name.as_str())
        .collect();
    if differing.is_empty() {
        println!("All {} files are identical.", one.len());
        Ok(())
    } else {
        Err(Failure::new(
            STEP,
            format!("These files differ: {}.", differing.join(", ")),
            "Look for paths, times and user names in them (strings, cmp).",
        ))
    }
}

/// A command that runs its arguments under another user ID, if the system has user namespaces.
fn as_another_user(folder: &Path) -> Command {
    const UNSHARE: [&str; 2] = ["--map-user=12345", "--map-group=12345"];
    let has_namespaces = run::succeeds(run::command("unshare", folder).args(UNSHARE).arg("true"));
    let mut command = run::command(if has_namespaces { "unshare" } else { "env" }, folder);
    command.args(UNSHARE.iter().filter(|_| has_namespaces));
    command
}

/// Copies the files that git lists, without build output. It keeps their times, so that later runs only
/// compile what has changed.
fn copy_sources(paths: &Paths, to: &Path) -> io::Result<()> {
    let listed = run::output(run::command("git", &paths.root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))
    .ok_or_else(|| io::Error::other("git can't list the sources"))?;
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (paths.root.join(name), to.join(name));
        // Deleted, but still in git's index.
        if !from.is_file() {
            continue;
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&from, &to)?;
        let modified = from.metadata()?.modified()?;
        fs::File::options()
            .write(true)
            .open(to)?
            .set_modified(modified)?;
    }
    Ok(())
}

/// A cargo home under another name, with the crates that are already fetched.
fn other_cargo_home(home: &Path) -> io::Result<PathBuf> {
    let folder = home.join("cargo");
    fs::create_dir_all(&folder)?;
    #[cfg(unix)]
    for name in ["registry", "config.toml", "config"] {
        let original = paths::cargo_home().join(name);
        if original.exists() {
            std::os::unix::fs::symlink(original, folder.join(name))?;
        }
    }
    Ok(folder)
}

fn contents(folder: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut contents = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        contents.insert(name, fs::read(entry.path())?);
    }
    Ok(contents)
}
