//! Encrypted files and archives, opened by third-party programs.

use std::{path::Path, process::Command};

use getrandom::SysRng;
use keyside_e2e::tools;
use keyside_keygen::{
    Passphrase, PrivateKey, expose_credentials_json, expose_zip, make_passphrase,
};
use serde_json::{Value, json};

const NAMES: [&str; 2] = [
    "serviceaccount-e00b-publickey-e00a-credentials.json",
    "serviceaccount-e00c-publickey-e00a-credentials.json",
];
/// 2026-08-01 12:10:10 UTC.
const MODIFIED: u64 = 1_785_586_210;

/// The program's output, or its error.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

/// Opens a file with Python's zipfile, pyzipper or cryptography.
pub(crate) fn by_python(
    kind: &str,
    file: &Path,
    passphrase: Option<&str>,
) -> Result<String, String> {
    let mut command = tools::python("open_files.py");
    command.arg(kind).arg(file).args(passphrase);
    output(&mut command)
}

/// Reads one file of an archive with libarchive.
pub(crate) fn by_bsdtar(file: &Path, name: &str, passphrase: &str) -> Result<String, String> {
    let mut command = Command::new("bsdtar");
    command.args(["--extract", "--to-stdout", "--passphrase", passphrase]);
    output(command.arg("--file").arg(file).arg(name))
}

fn key() -> PrivateKey {
    PrivateKey::from_pkcs8_pem(&tools::rsa_4096()).unwrap()
}

/// The contents of two credentials files.
fn credentials() -> [String; 2] {
    let key = key();
    ["serviceaccount-e00b", "serviceaccount-e00c"].map(|account| {
        let json = expose_credentials_json(&key, "publickey-e00a", account).unwrap();
        String::from_utf8(json.to_vec()).unwrap()
    })
}

/// The expected listing by Python of an archive of these texts.
fn expected([first, second]: &[String; 2]) -> Value {
    let file = |name, text| json!([name, text, 0o100_600, 2026, 8, 1, 12, 10, 10]);
    json!([file(NAMES[0], first), file(NAMES[1], second)])
}

fn archive(texts: &[String; 2], passphrase: Option<&Passphrase>, file: &Path) {
    let files: Vec<_> = NAMES
        .into_iter()
        .zip(texts.iter().map(String::as_bytes))
        .collect();
    let bytes = expose_zip(&files, passphrase, MODIFIED, &mut SysRng).unwrap();
    std::fs::write(file, &*bytes).unwrap();
}

#[test]
fn python_and_bsdtar_open_an_archive_without_a_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let (file, texts) = (folder.path().join("a.zip"), credentials());
    archive(&texts, None, &file);
    let contents: Value = serde_json::from_str(&by_python("zip", &file, None).unwrap()).unwrap();
    assert_eq!(contents, expected(&texts));
    assert_eq!(by_bsdtar(&file, NAMES[1], "none").as_ref(), Ok(&texts[1]));
}

#[test]
fn an_archive_with_a_passphrase_opens_only_with_it() {
    let made = make_passphrase(&mut SysRng).unwrap();
    for text in [made.expose(), "ä \"鍵\" 🔑"] {
        let folder = tempfile::tempdir().unwrap();
        let (file, texts) = (folder.path().join("a.zip"), credentials());
        let passphrase = Passphrase::new(text.to_owned()).unwrap();
        archive(&texts, Some(&passphrase), &file);
        let contents = by_python("zip", &file, Some(text)).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&contents).unwrap(),
            expected(&texts)
        );
        for (name, wanted) in NAMES.into_iter().zip(&texts) {
            assert_eq!(by_bsdtar(&file, name, text).as_ref(), Ok(wanted));
        }
        let error = by_python("zip", &file, Some("another")).unwrap_err();
        assert!(error.contains("Bad password"), "{error}");
        let error = by_bsdtar(&file, NAMES[0], "another").unwrap_err();
        assert!(error.contains("passphrase"), "{error}");
        // Flips one bit of the second file's encrypted bytes.
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() * 3 / 4;
        bytes[middle] ^= 1;
        std::fs::write(&file, bytes).unwrap();
        let error = by_python("zip", &file, Some(text)).unwrap_err();
        assert!(error.contains("HMAC") || error.contains("Bad"), "{error}");
    }
}

#[test]
fn python_opens_an_encrypted_private_key() {
    let key = key();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("private.pem");
    for text in ["a", "ä \"鍵\" 🔑"] {
        let passphrase = Passphrase::new(text.to_owned()).unwrap();
        let pem = key
            .expose_encrypted_pkcs8_pem(&passphrase, &mut SysRng)
            .unwrap();
        std::fs::write(&file, &*pem).unwrap();
        let opened = by_python("pem", &file, Some(text)).unwrap();
        assert_eq!(opened.as_bytes(), &**key.expose_pkcs8_pem().unwrap());
        assert!(by_python("pem", &file, Some("another")).is_err());
    }
}
