//! Keys in the wrappings that mail programs, editors and shells put around them, one or two deep.

use base64ct::{Base64, Encoding};
use keyside_keygen::{KeyFile, PublicKey, inspect_credentials, read_key_file};
use proptest::prelude::*;

use crate::files::{PAIR, text};

/// A credentials file with the pair's private key.
fn credentials() -> String {
    let account = "serviceaccount-e00b";
    let fields = serde_json::json!({ "type": "JWT", "alg": "RS256",
        "private-key": text(&PAIR.private), "kid": "publickey-e00a",
        "iss": account, "sub": account });
    let file = serde_json::json!({ "subject-credentials": fields });
    serde_json::to_string_pretty(&file).unwrap() + "\n"
}

/// Puts a wrapping around a text; none if it can't be put around this one.
type Wrap = fn(&[u8]) -> Option<Vec<u8>>;

const WRAPPINGS: [(&str, Wrap); 24] = [
    ("UTF-16 as PowerShell writes it", |text| utf16(text, true)),
    ("UTF-16 without a mark", |text| utf16(text, false)),
    ("a byte order mark", |text| {
        Some([b"\xef\xbb\xbf", text].concat())
    }),
    ("zero bytes", |text| Some([text, &[0; 500]].concat())),
    ("word joiners", |text| {
        let text = str::from_utf8(text).ok()?;
        let lines = text.lines().map(|line| line.replace("M", "M\u{2060}"));
        Some((lines.collect::<Vec<_>>().join("\n") + "\n").into_bytes())
    }),
    ("no-break spaces", |text| {
        Some(
            str::from_utf8(text)
                .ok()?
                .replace(' ', "\u{a0}")
                .into_bytes(),
        )
    }),
    ("a string in JSON", |text| {
        serde_json::to_vec(str::from_utf8(text).ok()?).ok()
    }),
    ("base64", |text| {
        Some(Base64::encode_string(text).into_bytes())
    }),
    ("base64 in lines", |text| {
        let base64 = Base64::encode_string(text);
        let lines = base64.as_bytes().chunks(76);
        Some(lines.collect::<Vec<_>>().join(&b"\r\n"[..]))
    }),
    ("a Kubernetes secret", |text| {
        let value = Base64::encode_string(text);
        let manifest = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\ndata:\n  file: ";
        Some(format!("{manifest}{value}\ntype: Opaque\n").into_bytes())
    }),
    ("hexadecimal digits", |text| {
        let bytes: Vec<_> = text.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(bytes.join(":").into_bytes())
    }),
    ("a diff", |text| {
        let head = "diff --git a/k b/k\n--- /dev/null\n+++ b/k\n@@ -0,0 +1,9 @@\n";
        Some([head.as_bytes(), &each_line(text, "+", "")?].concat())
    }),
    ("a quotation", |text| each_line(text, "> ", "")),
    ("a table", |text| each_line(text, "| ", " |")),
    ("a log", |text| {
        each_line(text, "2026-11-29T12:00:07Z app[31]: ", "")
    }),
    ("line numbers", |text| {
        let text = str::from_utf8(text).ok()?;
        let lines = text.lines().enumerate();
        let lines = lines.map(|(at, line)| format!("{:4}  {line}\n", at + 1));
        Some(lines.collect::<String>().into_bytes())
    }),
    ("quoted-printable", |text| {
        let text = str::from_utf8(text).ok()?;
        let encoded = text.replace('=', "=3D").replace('\n', "\r\n");
        Some(encoded.replace("MII", "M=\r\nII").into_bytes())
    }),
    ("XML escapes", |text| {
        let text = str::from_utf8(text).ok()?;
        let escaped = text.replace('&', "&amp;").replace('"', "&quot;");
        Some(format!("<key>{}</key>\n", escaped.replace('\n', "&#10;")).into_bytes())
    }),
    ("HTML", |text| {
        let text = str::from_utf8(text).ok()?;
        let lines = text.lines().map(|line| {
            let line = line.replace('&', "&amp;").replace('<', "&lt;");
            format!("<div class=\"line\">{line}</div>")
        });
        Some(lines.collect::<String>().into_bytes())
    }),
    ("colours of a terminal", |text| {
        each_line(text, "\u{1b}[1;32m", "\u{1b}[0m")
    }),
    ("a heredoc of Terraform", |text| {
        let text = str::from_utf8(text).ok()?;
        let around = format!("locals {{\n  file = <<EOT\n{text}EOT\n  tags = {{ a = 1 }}\n}}\n");
        Some(around.into_bytes())
    }),
    ("a cell of CSV", |text| {
        let text = str::from_utf8(text).ok()?;
        Some(format!("id,file\n1,\"{}\"\n", text.replace('"', "\"\"")).into_bytes())
    }),
    ("a variable of a shell", |text| {
        let text = str::from_utf8(text).ok()?;
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
        Some(format!("export FILE=\"{escaped}\"\n").into_bytes())
    }),
    ("percent-encoding", |text| {
        let text = str::from_utf8(text).ok()?;
        let encoded = text.replace('%', "%25").replace('\n', "%0A");
        Some(encoded.replace(' ', "%20").replace('+', "%2B").into_bytes())
    }),
];

fn utf16(text: &[u8], has_mark: bool) -> Option<Vec<u8>> {
    let text = str::from_utf8(text).ok()?;
    let mark: &[u16] = if has_mark { &[0xfeff] } else { &[] };
    let units = mark.iter().copied().chain(text.encode_utf16());
    Some(units.flat_map(u16::to_le_bytes).collect())
}

fn each_line(text: &[u8], before: &str, after: &str) -> Option<Vec<u8>> {
    let text = str::from_utf8(text).ok()?;
    let lines = text.lines().map(|line| format!("{before}{line}{after}\n"));
    Some(lines.collect::<String>().into_bytes())
}

/// The texts of public keys: binary files have no lines to wrap.
fn publics() -> Vec<(&'static str, &'static [u8])> {
    let all = PAIR.publics().into_iter();
    all.filter(|(_, file)| file.is_ascii()).collect()
}

fn any_wrapping() -> impl Strategy<Value = (&'static str, Wrap)> {
    (0..WRAPPINGS.len()).prop_map(|at| WRAPPINGS[at])
}

/// Whether a result is the pair's public key.
fn is_the_key(file: &KeyFile) -> bool {
    matches!(file, KeyFile::Public(file) if file.key == PAIR.key)
}

fn public_key(file: &KeyFile) -> Option<&PublicKey> {
    match file {
        KeyFile::Public(file) => Some(&file.key),
        _ => None,
    }
}

#[test]
fn each_wrapping_alone_is_taken_off_a_public_key() {
    let spki = PAIR.public.as_slice();
    for (name, wrap) in WRAPPINGS {
        let wrapped = wrap(spki).unwrap();
        let file = read_key_file(&wrapped);
        assert!(
            is_the_key(&file),
            "{name}: {file}\n{}",
            String::from_utf8_lossy(&wrapped)
        );
    }
}

#[test]
fn each_wrapping_alone_is_taken_off_a_private_key_and_a_credentials_file() {
    let credentials = credentials();
    for (name, wrap) in WRAPPINGS {
        let file = read_key_file(&wrap(&PAIR.private).unwrap());
        match &file {
            KeyFile::Private(key, _) => assert_eq!(*key.public_key(), PAIR.key, "{name}"),
            other => panic!("{name}: {other}"),
        }
        let wrapped = wrap(credentials.as_bytes()).unwrap();
        let file = read_key_file(&wrapped);
        assert!(matches!(file, KeyFile::Credentials), "{name}: {file}");
        let inspection = inspect_credentials(&wrapped);
        let key = inspection.private_key();
        let findings: Vec<_> = inspection
            .findings()
            .iter()
            .map(|f| f.to_string())
            .collect();
        assert!(
            key.is_some_and(|key| *key.public_key() == PAIR.key),
            "{name}: {findings:?}"
        );
        assert!(!findings.is_empty(), "{name}");
        let repaired = inspection.expose_repaired().unwrap().unwrap();
        assert!(
            inspect_credentials(&repaired).findings().is_empty(),
            "{name}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn two_wrappings_give_the_same_key_or_a_named_refusal(
        at in 0..publics().len(),
        (inner, wrap_inner) in any_wrapping(),
        (outer, wrap_outer) in any_wrapping(),
    ) {
        let (name, file) = publics()[at];
        let wrapped = wrap_inner(file).and_then(|text| wrap_outer(&text));
        prop_assume!(wrapped.is_some());
        let result = read_key_file(&wrapped.unwrap());
        match public_key(&result) {
            Some(key) => prop_assert_eq!(key, &PAIR.key, "{} in {} in {}", name, inner, outer),
            None => prop_assert!(result.to_string().ends_with('.'), "{}", result),
        }
    }

    #[test]
    fn two_wrappings_never_make_a_private_key_public(
        at in 0..PAIR.privates().len(),
        (inner, wrap_inner) in any_wrapping(),
        (outer, wrap_outer) in any_wrapping(),
    ) {
        let (name, file) = PAIR.privates()[at];
        let wrapped = wrap_inner(file).and_then(|text| wrap_outer(&text));
        prop_assume!(wrapped.is_some());
        let result = read_key_file(&wrapped.unwrap());
        prop_assert!(public_key(&result).is_none(), "{} in {} in {}", name, inner, outer);
    }

    #[test]
    fn a_private_key_beside_a_public_one_is_never_overlooked(
        at in 0..PAIR.privates().len(),
        (inner, wrap_inner) in any_wrapping(),
        is_first: bool,
    ) {
        let (name, file) = PAIR.privates()[at];
        let wrapped = wrap_inner(file);
        prop_assume!(wrapped.is_some());
        let wrapped = wrapped.unwrap();
        let both = match is_first {
            true => [&*wrapped, b"\n", &PAIR.public].concat(),
            false => [&*PAIR.public, b"\n", &wrapped].concat(),
        };
        let result = read_key_file(&both);
        prop_assert!(public_key(&result).is_none(), "{} in {}", name, inner);
    }
}

#[test]
fn most_pairs_of_wrappings_are_taken_off() {
    let spki = PAIR.public.as_slice();
    let (mut tried, mut refused) = (0, Vec::new());
    for (inner, wrap_inner) in WRAPPINGS {
        for (outer, wrap_outer) in WRAPPINGS {
            let Some(wrapped) = wrap_inner(spki).and_then(|text| wrap_outer(&text)) else {
                continue;
            };
            tried += 1;
            if !is_the_key(&read_key_file(&wrapped)) {
                refused.push(format!("{inner} in {outer}"));
            }
        }
    }
    let part = format!("{} of {tried}", refused.len());
    assert!(10 * refused.len() <= tried, "{part}: {refused:#?}");
}

#[test]
fn string_syntax_of_programs_is_undone() {
    let lines = || text(&PAIR.public).lines();
    let join = |line: &dyn Fn(&str) -> String| lines().map(line).collect::<String>();
    for (name, source) in [
        (
            "PowerShell",
            format!("$key = \"{}\"\n", lines().collect::<Vec<_>>().join("`n")),
        ),
        ("JavaScript", join(&|line| format!("  '{line}\\n' +\n"))),
        ("Go", join(&|line| format!("\t\"{line}\\n\" +\n"))),
        (
            "Python",
            format!(
                "KEY = (\n{})\n",
                join(&|line| format!("    \"{line}\\n\"\n"))
            ),
        ),
        ("C", join(&|line| format!("\"{line}\\n\" \\\n"))),
        ("PHP", join(&|line| format!("    . '{line}'\n"))),
    ] {
        let file = read_key_file(source.as_bytes());
        assert!(is_the_key(&file), "{name}: {file}\n{source}");
    }
}

/// Texts that speak of private keys and contain none.
#[test]
fn words_about_private_keys_are_no_private_keys() {
    let public = text(&PAIR.public);
    for words in [
        "# Do not append the private key here!\n",
        "Please register this key. I'll never send the private key by mail; it stays in the backend.\n",
        "The private key begins with BEGIN PRIVATE KEY, and this file doesn't.\n",
        "Never share a file with the line -----BEGIN PRIVATE KEY----- in it.\n",
        "Send private keys to nobody. At the end, private keys are deleted.\n",
        "## Private key\n\nBegin: private key rotation 2048 bit is over.\n",
        "{ \"private_key\": null }\n",
    ] {
        let file = read_key_file(format!("{words}\n{public}").as_bytes());
        assert!(is_the_key(&file), "{words}: {file}");
        // With a private key, it is one.
        let both = format!("{words}\n{public}\n{}", text(&PAIR.private));
        assert!(read_key_file(both.as_bytes()).is_private(), "{words}");
    }
}
