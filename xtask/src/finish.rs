//! Makes of what was built what is served: names with their content's hash, files without what
//! only debuggers read, and each compressed once and for all.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use sha2::{Digest, Sha256};

/// Each after those that it names.
const HASHED: [&str; 11] = [
    "keyside-page_bg.wasm",
    "key-worker_bg.wasm",
    "key-worker-simd_bg.wasm",
    "keyside-page.js",
    "key-worker.js",
    "key-worker-simd.js",
    "key-worker-loader.js",
    "icon.svg",
    "style.css",
    "old-browser.js",
    "start.js",
];

/// Those whose names people and servers know.
const NAMED: [&str; 2] = ["index.html", "config.json"];

/// Hex digits of a hash in a name.
const HASH_DIGITS: usize = 16;

/// Fills `to` anew with the finished files of `from`.
///
/// # Errors
/// When a file is missing or cannot be written.
pub fn finish(from: &Path, to: &Path) -> io::Result<()> {
    if to.is_dir() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    let mut renamed: Vec<(&str, String)> = Vec::new();
    for name in HASHED.into_iter().chain(NAMED) {
        let mut content = fs::read(from.join(name))?;
        if name.ends_with(".wasm") {
            content = without_names(&content)?;
        } else {
            content = rename(content, &renamed)?;
        }
        let is_hashed = HASHED.contains(&name);
        let new = if is_hashed {
            hashed(name, &content)
        } else {
            name.to_owned()
        };
        fs::write(to.join(&new), &content)?;
        // What an administrator edits must not have a twin that does not follow.
        if name != "config.json" {
            compress(&to.join(&new), &content)?;
        }
        renamed.push((name, new));
    }
    Ok(())
}

/// Puts the new names where the text has the old ones.
fn rename(text: Vec<u8>, renamed: &[(&str, String)]) -> io::Result<Vec<u8>> {
    let mut text = String::from_utf8(text).map_err(io::Error::other)?;
    for (old, new) in renamed {
        // "keyside-page.js" is not the end of another name: see the list.
        text = text.replace(old, new);
    }
    Ok(text.into_bytes())
}

fn hashed(name: &str, content: &[u8]) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let digest = Sha256::digest(content);
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{stem}-{}.{extension}", &hash[..HASH_DIGITS])
}

fn compress(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        fs::File::create(name)
    };
    let quality = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut brotli = beside(".br")?;
    brotli::BrotliCompress(&mut &*content, &mut brotli, &quality)?;
    let mut gzip = flate2::write::GzEncoder::new(beside(".gz")?, flate2::Compression::best());
    gzip.write_all(content)?;
    gzip.finish().map(drop)
}

/// Leaves out the custom sections (WebAssembly core specification, 5.5.3): names and producers,
/// which browsers do not need.
fn without_names(wasm: &[u8]) -> io::Result<Vec<u8>> {
    const HEADER: usize = 8;
    let cut_short = || io::Error::other("a WebAssembly file is cut short");
    let mut kept = wasm.get(..HEADER).ok_or_else(cut_short)?.to_vec();
    let mut rest = &wasm[HEADER..];
    while let Some((&id, after)) = rest.split_first() {
        let (size, length) = leb128(after).ok_or_else(cut_short)?;
        let whole = 1 + length + size;
        let section = rest.get(..whole).ok_or_else(cut_short)?;
        if id != 0 {
            kept.extend_from_slice(section);
        }
        rest = &rest[whole..];
    }
    Ok(kept)
}

/// An unsigned number and how many bytes it takes.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut number = 0;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        number |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((number, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("keyside-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// A header, a custom section and an empty type section.
    const WASM: &[u8] = b"\0asm\x01\0\0\0\x00\x05\x04name\x01\x01\x00";

    #[test]
    fn names_follow_content_through_everything_that_names_them() {
        let (from, to) = (folder("from"), folder("to"));
        for name in HASHED.into_iter().chain(NAMED) {
            fs::write(from.join(name), "nothing").unwrap();
        }
        for name in HASHED.iter().filter(|name| name.ends_with(".wasm")) {
            fs::write(from.join(name), WASM).unwrap();
        }
        fs::write(
            from.join("keyside-page.js"),
            "new URL('keyside-page_bg.wasm')",
        )
        .unwrap();
        fs::write(from.join("start.js"), "import('./keyside-page.js')").unwrap();
        fs::write(from.join("index.html"), "<script src=\"start.js\">").unwrap();
        let start = |to: &Path| {
            let html = fs::read_to_string(to.join("index.html")).unwrap();
            html.split('"').nth(1).unwrap().to_owned()
        };
        finish(&from, &to).unwrap();
        let before = start(&to);
        let text = fs::read_to_string(to.join(&before)).unwrap();
        let page = text.split('\'').nth(1).unwrap();
        let page = fs::read_to_string(to.join(page)).unwrap();
        let wasm = page.split('\'').nth(1).unwrap();
        assert_eq!(
            fs::read(to.join(wasm)).unwrap(),
            b"\0asm\x01\0\0\0\x01\x01\x00"
        );
        let mut unpacked = String::new();
        let gzip = fs::File::open(to.join(format!("{before}.gz"))).unwrap();
        flate2::read::GzDecoder::new(gzip)
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        assert!(!to.join("config.json.gz").exists());
        // What is far down changes the names all the way up.
        fs::write(from.join("keyside-page_bg.wasm"), b"\0asm\x01\0\0\0").unwrap();
        finish(&from, &to).unwrap();
        assert_ne!(start(&to), before);
        assert!(!to.join(before).exists(), "nothing old is left");
        fs::remove_dir_all(from).unwrap();
        fs::remove_dir_all(to).unwrap();
    }

    #[test]
    fn a_file_that_is_cut_short_is_an_error() {
        for length in 0..8 {
            assert!(without_names(&WASM[..length]).is_err());
        }
        assert!(without_names(&WASM[..11]).is_err());
    }
}
