//! `cargo xtask finish`, which Trunk calls after it built the page, for two things that it can't do: a
//! preload link without an integrity hash, and files that are compressed once for all visitors.

use std::{fs, io, path::Path};

use crate::{
    page::{self, Kind},
    paths::Paths,
    run::{self, Failure},
};

const STEP: &str = "Finishing the page";

/// Finishes the files that Trunk collected.
///
/// # Errors
/// When Trunk isn't the caller, or a file can't be read or written.
pub fn finish(paths: &Paths) -> Result<(), Failure> {
    let staging = page::staging_of_trunk(STEP)?;
    let index = staging.join("index.html");
    fs::read_to_string(&index)
        .and_then(|html| fs::write(&index, with_quiet_preload(&html)?))
        .map_err(Failure::of_files(STEP))?;
    match Kind::of_trunk() {
        Kind::Shipped => compress(paths, &staging),
        Kind::Development => Ok(()),
    }
}

fn compress(paths: &Paths, folder: &Path) -> Result<(), Failure> {
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
        // Those are for WebAssembly.
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    run::step(
        "Compressing the files of the page",
        &mut command,
        "See above.",
    )
}

/// The document with the hash of the preloaded WebAssembly in `data-integrity`. Browsers don't check an
/// `integrity` attribute there, and Chromium complains on the console (crbug.com/981419), with the page's
/// whole address, token included. www/start.js has the hash checked when it takes the file.
fn with_quiet_preload(html: &str) -> io::Result<String> {
    const CHECKED: &str = "integrity";
    let preload = lol_html::element!("link[rel=preload][as=fetch]", |link| {
        if let Some(hash) = link.get_attribute(CHECKED) {
            link.set_attribute("data-integrity", &hash)?;
            link.remove_attribute(CHECKED);
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
    fn only_the_preloaded_program_hides_its_hash() {
        let html = "<link rel=modulepreload href=a.js integrity=x>\
            <link as=fetch href=a.wasm integrity=sha384-y rel=preload>";
        assert_eq!(
            with_quiet_preload(html).unwrap(),
            "<link rel=modulepreload href=a.js integrity=x>\
            <link as=fetch href=a.wasm rel=preload data-integrity=\"sha384-y\">"
        );
    }
}
