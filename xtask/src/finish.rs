//! `cargo xtask finish`, which Trunk calls after it builds the page. It does two things that Trunk can't:
//! removes the integrity hash from the preload link, and compresses the files in advance.

use std::{fs, io, path::Path};

use crate::{
    page::{self, Kind},
    paths::Paths,
    run::{self, Failure},
};

const STEP: &str = "Finishing the page";

/// Finishes the files in Trunk's staging folder.
///
/// # Errors
/// When Trunk isn't the caller, or a file can't be read or written.
pub fn finish(paths: &Paths) -> Result<(), Failure> {
    let staging = page::staging_of_trunk(STEP)?;
    let index = staging.join("index.html");
    fs::read_to_string(&index)
        .and_then(|html| fs::write(&index, move_preload_hash(&html)?))
        .map_err(Failure::io(STEP))?;
    match Kind::of_trunk() {
        Kind::Release => compress(paths, &staging),
        Kind::Development => Ok(()),
    }
}

/// Writes compressed copies beside the files of a folder.
///
/// # Errors
/// When one can't be written.
pub fn compress(paths: &Paths, folder: &Path) -> Result<(), Failure> {
    let mut command = run::command("cargo", &paths.root);
    command
        .args([
            "run",
            "--release",
            "--locked",
            "--package",
            "keyside-compress",
            "--",
        ])
        .arg(folder)
        // These flags are for WebAssembly.
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    run::step(
        "Compressing the files of the page",
        &mut command,
        "Fix what is reported above.",
    )
}

/// Moves the hash of the preloaded WebAssembly to `data-integrity`. Browsers don't check an `integrity`
/// attribute there, and Chromium logs a console warning (crbug.com/981419) with the page's whole address,
/// including the token. www/start.js has the hash checked when it fetches the file.
fn move_preload_hash(html: &str) -> io::Result<String> {
    const INTEGRITY: &str = "integrity";
    let preload = lol_html::element!("link[rel=preload][as=fetch]", |link| {
        if let Some(hash) = link.get_attribute(INTEGRITY) {
            link.set_attribute("data-integrity", &hash)?;
            link.remove_attribute(INTEGRITY);
        }
        Ok(())
    });
    let settings = lol_html::RewriteStrSettings {
        element_content_handlers: vec![preload],
        ..lol_html::RewriteStrSettings::new()
    };
    lol_html::rewrite_str(html, settings).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hash_of_the_preloaded_program_moves() {
        let html = "<link rel=modulepreload href=a.js integrity=x>\
            <link as=fetch href=a.wasm integrity=sha384-y rel=preload>";
        assert_eq!(
            move_preload_hash(html).unwrap(),
            "<link rel=modulepreload href=a.js integrity=x>\
            <link as=fetch href=a.wasm rel=preload data-integrity=\"sha384-y\">"
        );
    }
}
