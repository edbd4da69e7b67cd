//! The page's files over HTTP: content types, compression, entity tags, caching.

use std::fs;

use crate::support::Folders;

/// The header and body of the answer.
fn ask(address: &str, method: &str, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut answer = crate::support::ask(address, method, path, headers);
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let at = at.unwrap_or_else(|| panic!("no head"));
    let body = answer.split_off(at + 4);
    (String::from_utf8_lossy(&answer).to_lowercase(), body)
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut values = lines.filter(|(found, _)| *found == name);
    values.next().map_or("", |(_, value)| value)
}

const HASHED: &str = "keyside-page-0123456789abcdef_bg.wasm";

fn folders() -> Folders {
    let folders = Folders::new();
    let dist = folders.root.path().join("dist");
    for (name, content) in [
        (HASHED, "plain"),
        ("keyside-page-0123456789abcdef_bg.wasm.br", "brotli"),
        ("keyside-page-0123456789abcdef_bg.wasm.gz", "gzip"),
        ("config.json", "{}"),
    ] {
        fs::write(dist.join(name), content).unwrap_or_else(|error| panic!("{error}"));
    }
    folders
}

#[test]
fn the_best_compression_that_the_caller_accepts_is_sent() {
    let folders = folders();
    let gateway = folders.start();
    let path = format!("/{HASHED}");
    for (accepted, encoding, content) in [
        ("gzip, br", "br", "brotli"),
        ("gzip", "gzip", "gzip"),
        ("br;q=0, gzip;q=0.1", "gzip", "gzip"),
        ("identity", "", "plain"),
    ] {
        let headers = format!("accept-encoding: {accepted}\r\n");
        let (head, body) = ask(&gateway.address, "GET", &path, &headers);
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert_eq!(body, content.as_bytes(), "{accepted}");
        assert_eq!(header(&head, "content-encoding"), encoding);
        assert_eq!(header(&head, "content-type"), "application/wasm");
        assert_eq!(header(&head, "vary"), "accept-encoding");
        assert_eq!(
            header(&head, "cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(header(&head, "x-content-type-options"), "nosniff");
    }
    // A file without a compressed version is sent uncompressed.
    let (head, body) = ask(
        &gateway.address,
        "GET",
        "/config.json",
        "accept-encoding: br\r\n",
    );
    assert_eq!(
        (header(&head, "content-encoding"), body),
        ("", b"{}".to_vec())
    );
    assert_eq!(header(&head, "cache-control"), "no-cache");
    assert_eq!(header(&head, "content-type"), "application/json");
}

#[test]
fn a_strong_etag_shows_whether_a_file_has_changed() {
    let folders = folders();
    let gateway = folders.start();
    let (head, _) = ask(&gateway.address, "GET", "/", "");
    assert_eq!(header(&head, "cache-control"), "no-store");
    assert!(header(&head, "permissions-policy").contains("camera=()"));
    let tag = header(&head, "etag").to_owned();
    assert!(tag.starts_with('"') && tag.len() == 34, "{head}");
    let known = |tag: &str| {
        let headers = format!("if-none-match: \"other\", {tag}\r\n");
        ask(&gateway.address, "GET", "/", &headers)
    };
    let (head, body) = known(&tag);
    assert!(head.starts_with("http/1.1 304"), "{head}");
    assert!(body.is_empty());
    assert_eq!(header(&head, "etag"), tag);
    fs::write(crate::support::page(folders.root.path()), "changed").unwrap();
    let (head, body) = known(&tag);
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert_eq!(body, b"changed");
    // Each encoding is a separate representation.
    let path = format!("/{HASHED}");
    let of = |accepted: &str| {
        let headers = format!("accept-encoding: {accepted}\r\n");
        let (head, _) = ask(&gateway.address, "GET", &path, &headers);
        header(&head, "etag").to_owned()
    };
    assert_ne!(of("br"), of("gzip"));
}

#[test]
fn only_files_of_the_page_are_served_and_only_for_reading() {
    let folders = folders();
    fs::write(folders.root.path().join("secret"), "secret").unwrap();
    let gateway = folders.start();
    for path in [
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "//etc/passwd",
        "/missing",
    ] {
        let (head, body) = ask(&gateway.address, "GET", path, "");
        assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
        assert!(!String::from_utf8_lossy(&body).contains("secret"), "{path}");
    }
    let (head, body) = ask(&gateway.address, "HEAD", "/", "");
    assert!(
        head.starts_with("http/1.1 200") && body.is_empty(),
        "{head}"
    );
    assert_eq!(header(&head, "content-length"), "19");
    let (head, _) = ask(&gateway.address, "POST", "/", "content-length: 0\r\n");
    assert!(head.starts_with("http/1.1 405"), "{head}");
    assert_eq!(header(&head, "allow"), "get, head");
}
