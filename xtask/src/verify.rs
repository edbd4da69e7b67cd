//! `cargo xtask verify URL`: checks that a running site serves the page that you build yourself.

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

/// Written by the site's administrator, so a difference is reported but allowed.
const CONFIGURATION: &str = "config.json";

/// The encodings that browsers request.
const ENCODINGS: [&str; 3] = ["identity", "gzip", "br"];

/// Builds the page and compares every file with the site's, in every encoding.
///
/// # Errors
/// When files differ or are missing, with their names.
pub fn verify(paths: &Paths, url: &str) -> Result<(), Failure> {
    packages::ensure(&[&packages::C_COMPILER, &CURL])?;
    let toolchain = toolchain::with_wasm32(paths, false)?;
    tools::install(paths)?;
    page::build(paths, &toolchain, page::Kind::Release)?;
    compare(&paths.dist, url)
}

fn compare(dist: &Path, url: &str) -> Result<(), Failure> {
    let step = format!("Comparing {url} with the page in dist/");
    let failed = |why: String| {
        Failure::new(
            &*step,
            why,
            "Build the version that the site reports, with the same compiler (rustc -vV). If it still \
             differs, don't use that site.",
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
            // Browsers request the document without its file name.
            let path = if name == "index.html" { "" } else { name };
            match fetch(&format!("{base}{path}"), encoding) {
                Ok(served) if served == built => {}
                Ok(_) if name == CONFIGURATION => {
                    println!("{name} is specific to the site. Check it yourself.");
                    break;
                }
                Ok(_) => wrong.push(format!("{name} differs (as {encoding})")),
                Err(why) => wrong.push(format!("{name} can't be fetched (as {encoding}): {why}")),
            }
        }
    }
    if wrong.is_empty() {
        println!("All {} files are identical.", names.len());
        Ok(())
    } else {
        Err(failed(wrong.join("; ")))
    }
}

/// The page's files, without the compressed versions.
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

/// Fetches a file in this encoding and decompresses it.
fn fetch(url: &str, encoding: &str) -> Result<Vec<u8>, String> {
    const MARK: &str = "\nkeyside-encoding:";
    let output = run::command(CURL.names[0], Path::new("."))
        .args(["--silent", "--show-error", "--fail", "--max-time", "60"])
        .args(["--header", &format!("accept-encoding: {encoding}")])
        .args(["--write-out", &format!("{MARK}%header{{content-encoding}}")])
        .arg(url)
        .output()
        .map_err(|error| format!("curl can't be started: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let mark = output
        .stdout
        .windows(MARK.len())
        .rposition(|window| window == MARK.as_bytes())
        .ok_or("curl is older than 7.83")?;
    let (body, sent) = (&output.stdout[..mark], &output.stdout[mark + MARK.len()..]);
    decompress(body, &String::from_utf8_lossy(sent)).map_err(|error| error.to_string())
}

fn decompress(body: &[u8], encoding: &str) -> io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    match encoding {
        "" | "identity" => plain.extend(body),
        "gzip" => drop(flate2::read::GzDecoder::new(body).read_to_end(&mut plain)?),
        "br" => brotli_decompressor::BrotliDecompress(&mut &*body, &mut plain)?,
        other => {
            return Err(io::Error::other(format!("it has the encoding {other:?}")));
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

    /// Starts a web server for a folder; returns its address.
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
                let compressed = fs::read(folder.join(format!("{name}.gz")));
                let (status, encoding, body) = match (wants_gzip, compressed) {
                    (true, Ok(compressed)) => ("200 OK", "content-encoding: gzip\r\n", compressed),
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

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_file_except_the_configuration_is_compared_in_every_encoding() {
        let root = std::env::temp_dir().join(format!("keyside-verify-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let (dist, site) = (root.join("dist"), root.join("site"));
        for folder in [&dist, &site] {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join("index.html"), "the page").unwrap();
            fs::write(folder.join("start.js"), "the script").unwrap();
            fs::write(folder.join("start.js.gz"), gzip("the script")).unwrap();
        }
        fs::write(dist.join("config.json"), "{}").unwrap();
        fs::write(site.join("config.json"), "{\"api\":\"elsewhere\"}").unwrap();
        let url = serve(site.clone());
        let outcome = || compare(&dist, &url).map_err(|failure| failure.to_string());
        assert_eq!(outcome(), Ok(()));
        // Only gzip clients get the modified script.
        fs::write(site.join("start.js.gz"), gzip("the Script")).unwrap();
        let error = outcome().unwrap_err();
        assert!(error.contains("start.js differs (as gzip)"), "{error}");
        assert!(!error.contains("as identity"), "{error}");
        fs::remove_file(site.join("start.js.gz")).unwrap();
        fs::remove_file(site.join("start.js")).unwrap();
        fs::write(site.join("index.html"), "another page").unwrap();
        let error = outcome().unwrap_err();
        assert!(error.contains("start.js can't be fetched"), "{error}");
        assert!(error.contains("index.html differs"), "{error}");
        fs::remove_dir_all(root).unwrap();
    }
}
