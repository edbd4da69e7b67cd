//! Makes of what was built what is served: each program one script, names with their content's
//! hash, integrity hashes where a file names another, files without what only debuggers read, and
//! each compressed once and for all.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256, Sha384};

use crate::script;

/// Each after those that it names.
const HASHED: [&str; 11] = [
    "keyside-page_bg.wasm",
    "keyside-keys_bg.wasm",
    "keyside-keys.js",
    "key-worker_bg.wasm",
    "key-worker-simd_bg.wasm",
    "key-worker.js",
    "key-worker-simd.js",
    "icon.svg",
    "style.css",
    "guard.js",
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
    let mut finished = Finished::default();
    for name in HASHED.into_iter().chain(NAMED) {
        let content = finished.refer(read(from, name)?)?;
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
        finished.add(name, new, &content);
    }
    Ok(())
}

/// The files of the key workers and what starts them, under their own names: the page's are the
/// module's too.
///
/// # Errors
/// When a file is missing or cannot be written.
pub fn copy_workers(from: &Path, to: &Path) -> io::Result<()> {
    const WORKERS: [&str; 5] = [
        "key-worker_bg.wasm",
        "key-worker-simd_bg.wasm",
        "key-worker.js",
        "key-worker-simd.js",
        "key-workers.js",
    ];
    let mut finished = Finished::default();
    for name in WORKERS {
        let content = finished.refer(read(from, name)?)?;
        fs::write(to.join(name), &content)?;
        finished.add(name, name.to_owned(), &content);
    }
    Ok(())
}

/// A file as it is served, but for the names and hashes of others.
fn read(from: &Path, name: &str) -> io::Result<Vec<u8>> {
    let text = |name: &str| fs::read_to_string(from.join(name));
    match name {
        "start.js" => {
            let page = script::without_exports(&text("keyside-page.js")?);
            let workers = script::without_exports(&text("key-workers.js")?);
            let start = script::without_imports(&text(name)?);
            let joined = format!("{page}const init = __wbg_init;\n{workers}{start}");
            script::self_contained(script::without_comments(&joined))
        }
        "keyside-keys.js" => {
            let screens = script::without_exports(&text(name)?);
            let joined = format!("{screens}{}", text("keys-start.js")?);
            script::self_contained(script::without_comments(&joined))
        }
        "key-worker.js" | "key-worker-simd.js" => {
            let program = script::without_exports(&text(name)?);
            let joined = format!("{program}{}", text("key-worker-start.js")?);
            script::self_contained(script::without_comments(&joined))
        }
        // Not style.css: Trunk has put its hash into index.html.
        "guard.js" => Ok(script::without_comments(&text(name)?).into_bytes()),
        _ if name.ends_with(".wasm") => without_names(&fs::read(from.join(name))?),
        _ => fs::read(from.join(name)),
    }
}

/// The files so far: their old names, their new ones, and their integrity hashes.
#[derive(Default)]
struct Finished(Vec<(String, String, String)>);

impl Finished {
    /// Puts the new names and the hashes where a text has the old ones; leaves WebAssembly alone.
    fn refer(&self, content: Vec<u8>) -> io::Result<Vec<u8>> {
        const INTEGRITY: &str = "integrity of ";
        if content.starts_with(b"\0asm") {
            return Ok(content);
        }
        let mut text = String::from_utf8(content).map_err(io::Error::other)?;
        for (old, new, integrity) in &self.0 {
            // "keyside-page.js" is not the end of another name: see the list.
            text = text
                .replace(
                    &format!("\"{INTEGRITY}{old}\""),
                    &format!("\"{integrity}\""),
                )
                .replace(old, new);
        }
        match text.split_once(&format!("\"{INTEGRITY}")) {
            Some((_, rest)) => Err(io::Error::other(format!(
                "no integrity hash is known of {}",
                rest.split('"').next().unwrap_or_default()
            ))),
            None => Ok(text.into_bytes()),
        }
    }

    fn add(&mut self, old: &str, new: String, content: &[u8]) {
        self.0.push((old.to_owned(), new, integrity(content)));
    }
}

/// As in the `integrity` attribute (Subresource Integrity, 3.2).
fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(content)))
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

    /// A page of next to nothing.
    fn plain_page(folder: &Path) {
        for name in HASHED.into_iter().chain(NAMED) {
            let content = if name.ends_with(".wasm") {
                WASM
            } else {
                b"nothing"
            };
            fs::write(folder.join(name), content).unwrap();
        }
        let glue =
            "export function start() {}\nlet wasm;\nexport { initSync, __wbg_init as default };\n";
        for name in [
            "keyside-page.js",
            "keyside-keys.js",
            "key-worker.js",
            "key-worker-simd.js",
        ] {
            fs::write(folder.join(name), glue).unwrap();
        }
        fs::write(folder.join("keys-start.js"), "loaded(start);").unwrap();
        fs::write(folder.join("key-worker-start.js"), "onmessage = initSync;").unwrap();
        fs::write(
            folder.join("key-workers.js"),
            "export const file = [\"key-worker.js\", \"integrity of key-worker.js\"];\n",
        )
        .unwrap();
        fs::write(
            folder.join("start.js"),
            "import init from \"./keyside-page.js\";\n\
             fetch(\"keyside-page_bg.wasm\", \"integrity of keyside-page_bg.wasm\");\n",
        )
        .unwrap();
        fs::write(
            folder.join("index.html"),
            "<script src=\"start.js\" integrity=\"integrity of start.js\">",
        )
        .unwrap();
    }

    fn quoted(text: &str, at: usize) -> String {
        text.split('"').nth(2 * at + 1).unwrap().to_owned()
    }

    #[test]
    fn names_and_hashes_follow_content_through_everything_that_names_them() {
        let (from, to) = (folder("from"), folder("to"));
        plain_page(&from);
        finish(&from, &to).unwrap();
        let html = fs::read_to_string(to.join("index.html")).unwrap();
        let before = quoted(&html, 0);
        let start = fs::read(to.join(&before)).unwrap();
        assert_eq!(quoted(&html, 1), integrity(&start));
        let start = String::from_utf8(start).unwrap();
        assert!(
            !start.contains("import ") && !start.contains("export "),
            "{start}"
        );
        let [worker, worker_integrity, wasm, wasm_integrity] =
            [0, 1, 2, 3].map(|n| quoted(&start, n));
        let worker = fs::read(to.join(worker)).unwrap();
        assert_eq!(worker_integrity, integrity(&worker));
        assert!(worker.ends_with(b"onmessage = initSync;\n"));
        let wasm = fs::read(to.join(wasm)).unwrap();
        assert_eq!(wasm_integrity, integrity(&wasm));
        assert_eq!(wasm, b"\0asm\x01\0\0\0\x01\x01\x00");
        let mut unpacked = String::new();
        let gzip = fs::File::open(to.join(format!("{before}.gz"))).unwrap();
        flate2::read::GzDecoder::new(gzip)
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, start);
        assert!(!to.join("config.json.gz").exists());
        // What is far down changes the names all the way up.
        fs::write(from.join("keyside-page_bg.wasm"), b"\0asm\x01\0\0\0").unwrap();
        finish(&from, &to).unwrap();
        let html = fs::read_to_string(to.join("index.html")).unwrap();
        assert_ne!(quoted(&html, 0), before);
        assert!(!to.join(before).exists(), "nothing old is left");
        fs::remove_dir_all(from).unwrap();
        fs::remove_dir_all(to).unwrap();
    }

    #[test]
    fn a_hash_that_nothing_fills_in_and_a_script_with_imports_are_errors() {
        for (file, text, words) in [
            ("guard.js", "\"integrity of nothing.js\"", "nothing.js"),
            ("key-worker-start.js", "import \"./more.js\";", "import"),
            ("key-worker-start.js", "await import(name);", "import"),
        ] {
            let (from, to) = (folder("from-wrong"), folder("to-wrong"));
            plain_page(&from);
            fs::write(from.join(file), text).unwrap();
            let told = finish(&from, &to).unwrap_err().to_string();
            assert!(told.contains(words), "{told}");
            fs::remove_dir_all(from).unwrap();
            fs::remove_dir_all(to).unwrap();
        }
    }

    /// The known answer: of an empty file, by `openssl dgst -sha384 -binary | base64`.
    #[test]
    fn integrity_is_sha384_in_base64() {
        assert_eq!(
            integrity(b""),
            "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb"
        );
    }

    #[test]
    fn a_file_that_is_cut_short_is_an_error() {
        for length in 0..8 {
            assert!(without_names(&WASM[..length]).is_err());
        }
        assert!(without_names(&WASM[..11]).is_err());
    }
}
