//! `cargo xtask verify URL`: whether a running site serves the page that one builds oneself.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read},
    path::Path,
};

use crate::{
    packages::{self, CURL},
    page,
    paths::Paths,
    run::{self, Failure},
    toolchain, tools,
};

/// What the administrator of a site writes: it is told, not judged.
const CONFIGURATION: &str = "config.json";

/// As browsers ask for it.
const ENCODINGS: [&str; 3] = ["identity", "gzip", "br"];

/// Builds the page, and compares every file with what the site gives, in every encoding.
///
/// # Errors
/// When one differs or is missing, with its name.
pub fn verify(paths: &Paths, url: &str) -> Result<(), Failure> {
    packages::need(&[&packages::C_COMPILER, &CURL])?;
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    page::build(paths, &toolchain, page::Kind::Shipped)?;
    compare(&paths.dist, url)
}

fn compare(dist: &Path, url: &str) -> Result<(), Failure> {
    let step = format!("Comparing {url} with the page in dist/");
    let failed = |why: String| {
        Failure::new(
            &*step,
            why,
            "Build from the sources of the very version that the site says it has, by the same \
             compiler (rustc -vV). If it still differs, do not use that site.",
        )
    };
    run::announce(&step);
    let base = match url.ends_with('/') {
        true => url.to_owned(),
        false => format!("{url}/"),
    };
    let names = names(dist).map_err(|error| failed(error.to_string()))?;
    let mut wrong = Vec::new();
    for name in &names {
        let built = fs::read(dist.join(name)).map_err(|error| failed(error.to_string()))?;
        for encoding in ENCODINGS {
            // The document as a visit gets it.
            let path = if name == "index.html" { "" } else { name };
            match fetch(&format!("{base}{path}"), encoding) {
                Ok(served) if served == built => {}
                Ok(_) if name == CONFIGURATION => {
                    println!("{name} is the site's own: read it yourself.");
                    break;
                }
                Ok(_) => wrong.push(format!("{name} differs (as {encoding})")),
                Err(why) => wrong.push(format!("{name} cannot be had (as {encoding}): {why}")),
            }
        }
    }
    if wrong.is_empty() {
        println!("All {} files are the same, byte for byte.", names.len());
        Ok(())
    } else {
        Err(failed(wrong.join("; ")))
    }
}

/// The page's files without their compressed twins.
fn names(dist: &Path) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(dist)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".br") && !name.ends_with(".gz") {
            names.insert(name);
        }
    }
    Ok(names)
}

/// A file as the site sends it in this encoding, unpacked.
fn fetch(url: &str, encoding: &str) -> Result<Vec<u8>, String> {
    const MARK: &str = "\nkeyside-encoding:";
    let output = run::command(CURL.names[0], Path::new("."))
        .args(["--silent", "--show-error", "--fail", "--max-time", "60"])
        .args(["--header", &format!("accept-encoding: {encoding}")])
        .args(["--write-out", &format!("{MARK}%header{{content-encoding}}")])
        .arg(url)
        .output()
        .map_err(|error| format!("curl cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let mark = output
        .stdout
        .windows(MARK.len())
        .rposition(|window| window == MARK.as_bytes())
        .ok_or("curl is older than 7.83")?;
    let (body, sent) = (&output.stdout[..mark], &output.stdout[mark + MARK.len()..]);
    unpack(body, &String::from_utf8_lossy(sent)).map_err(|error| error.to_string())
}

fn unpack(body: &[u8], encoding: &str) -> io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    match encoding {
        "" | "identity" => plain.extend(body),
        "gzip" => drop(flate2::read::GzDecoder::new(body).read_to_end(&mut plain)?),
        "br" => brotli_decompressor::BrotliDecompress(&mut &*body, &mut plain)?,
        other => {
            return Err(io::Error::other(format!(
                "it comes in the encoding {other:?}"
            )));
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        path::PathBuf,
        thread,
    };

    use super::*;

    /// A web server for a folder; gives its address.
    fn serve(folder: PathBuf) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/page", listener.local_addr().unwrap());
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let first = lines.next().unwrap_or_default();
                let wants_gzip = lines
                    .take_while(|line| !line.is_empty())
                    .any(|line| line.eq_ignore_ascii_case("accept-encoding: gzip"));
                let name = first.split(' ').nth(1).unwrap_or_default();
                let name = name.trim_start_matches("/page/");
                let name = if name.is_empty() { "index.html" } else { name };
                let packed = fs::read(folder.join(format!("{name}.gz")));
                let (status, encoding, body) = match (wants_gzip, packed) {
                    (true, Ok(packed)) => ("200 OK", "content-encoding: gzip\r\n", packed),
                    _ => match fs::read(folder.join(name)) {
                        Ok(plain) => ("200 OK", "", plain),
                        Err(_) => ("404 Not Found", "", Vec::new()),
                    },
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\n{encoding}content-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream
                    .write_all(head.as_bytes())
                    .and_then(|()| stream.write_all(&body));
            }
        });
        url
    }

    fn pack(text: &str) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn every_file_is_compared_in_every_encoding_but_the_configuration() {
        let root = std::env::temp_dir().join(format!("keyside-verify-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let (dist, site) = (root.join("dist"), root.join("site"));
        for folder in [&dist, &site] {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join("index.html"), "the page").unwrap();
            fs::write(folder.join("start.js"), "the script").unwrap();
            fs::write(folder.join("start.js.gz"), pack("the script")).unwrap();
        }
        fs::write(dist.join("config.json"), "{}").unwrap();
        fs::write(site.join("config.json"), "{\"api\":\"elsewhere\"}").unwrap();
        let url = serve(site.clone());
        let outcome = || compare(&dist, &url).map_err(|failure| failure.to_string());
        assert_eq!(outcome(), Ok(()));
        // Only who takes gzip gets the other script.
        fs::write(site.join("start.js.gz"), pack("the Script")).unwrap();
        let told = outcome().unwrap_err();
        assert!(told.contains("start.js differs (as gzip)"), "{told}");
        assert!(!told.contains("as identity"), "{told}");
        fs::remove_file(site.join("start.js.gz")).unwrap();
        fs::remove_file(site.join("start.js")).unwrap();
        fs::write(site.join("index.html"), "another page").unwrap();
        let told = outcome().unwrap_err();
        assert!(told.contains("start.js cannot be had"), "{told}");
        assert!(told.contains("index.html differs"), "{told}");
        fs::remove_dir_all(root).unwrap();
    }
}
