//! Public keys that are accepted, and what is repaired in them.

use base64ct::{Base64, Encoding};
use keyside_keygen::{KeyFile, PublicForm, PublicKeyFile, Repair, read_key_file};

use crate::{
    files::{OTHER, PAIR, Temporary, refused, text},
    support::openssl,
};

/// Reads a file that must contain the pair's public key.
fn accepted(file: &[u8]) -> PublicKeyFile {
    match read_key_file(file) {
        KeyFile::Public(file) => {
            assert_eq!(file.key, PAIR.key);
            assert_eq!(file.key.to_spki_pem().as_bytes(), PAIR.public);
            file
        }
        other => panic!("{other}\n{}", String::from_utf8_lossy(file)),
    }
}

/// The repairs of `file`.
fn repairs(file: impl AsRef<[u8]>) -> Vec<Repair> {
    accepted(file.as_ref()).repairs
}

fn public() -> &'static str {
    text(&PAIR.public)
}

#[test]
fn every_format_of_a_public_key_gives_the_same_spki() {
    use PublicForm::*;
    let forms = [
        (Spki, vec![]),
        (Spki, vec![Repair::Der]),
        (Pkcs1, vec![]),
        (Pkcs1, vec![Repair::Der]),
        (Certificate, vec![]),
        (Certificate, vec![Repair::Der]),
        (CertificateRequest, vec![]),
        (OpenSsh, vec![]),
        (Ssh2, vec![]),
        (Jwk, vec![]),
    ];
    for ((name, file), (form, repairs)) in PAIR.publics().into_iter().zip(forms) {
        let file = accepted(file);
        assert_eq!((file.form, file.repairs), (form, repairs), "{name}");
    }
    assert_eq!(
        accepted(&PAIR.public).to_string(),
        "This is a public key (SPKI): RSA with 4096 bits."
    );
    assert_eq!(
        accepted(&PAIR.pkcs1_public).to_string(),
        "This is a public key (PKCS#1): RSA with 4096 bits. It's converted to SPKI."
    );
}

#[test]
fn line_endings_and_byte_order_marks_are_repaired() {
    let public = public();
    let crlf = public.replace('\n', "\r\n");
    assert_eq!(repairs(&crlf), [Repair::CarriageReturns]);
    assert!(repairs(public.replace('\n', "\r")).contains(&Repair::CarriageReturns));
    assert_eq!(
        repairs(format!("\u{feff}{public}")),
        [Repair::ByteOrderMark]
    );
    assert_eq!(repairs(public.trim_end()), [Repair::NoFinalNewline]);
    assert_eq!(
        accepted(crlf.trim_end().as_bytes()).to_string(),
        "This is a public key (SPKI): RSA with 4096 bits. Fixed: line endings with carriage \
         returns, a missing line break at the end."
    );
}

#[test]
fn lost_line_breaks_are_repaired() {
    let public = public();
    let label = "PUBLIC KEY";
    let joined = public.replace('\n', "");
    assert_eq!(
        repairs(&joined),
        [Repair::LineBreaks, Repair::NoFinalNewline]
    );
    let spaces = public.replace('\n', " ");
    assert_eq!(repairs(&spaces), [Repair::LineBreaks]);
    let escaped = public.replace('\n', "\\n");
    assert_eq!(
        repairs(format!("KEY={escaped}\n")),
        [Repair::SurroundingText, Repair::EscapedLineBreaks]
    );
    let indented = public.replace('\n', "\n    ");
    assert_eq!(
        repairs(format!("key: |\n    {}\n", indented.trim_end())),
        [Repair::SurroundingText, Repair::Indentation]
    );
    let quoted_mail = public.replace('\n', "\n> ");
    assert!(repairs(format!("> {quoted_mail}")).contains(&Repair::SurroundingText));
    let blank_lines = public.replace('\n', "\n\n");
    assert_eq!(repairs(blank_lines), [Repair::LineBreaks]);
    let dashes = public.replace("-----", "\u{2014}\u{2014}-");
    assert_eq!(repairs(dashes), [Repair::Dashes]);
    assert_eq!(repairs(public.replace("==", "")), [Repair::Padding]);
    let spaced = public.replace(&format!("BEGIN {label}-"), &format!(" BEGIN {label} -"));
    assert_eq!(repairs(spaced), [Repair::Dashes]);
}

#[test]
fn a_key_in_json_is_extracted() {
    let public = public();
    let string = serde_json::to_string(public).unwrap();
    assert_eq!(repairs(&string), [Repair::Json]);
    assert_eq!(repairs(string.replace('/', "\\/")), [Repair::Json]);
    let object = serde_json::json!({ "name": "a", "keys": [{ "pem": public }] });
    let object = object.to_string();
    assert!(repairs(&object).contains(&Repair::Json));
    assert!(repairs(serde_json::to_string(&object).unwrap()).contains(&Repair::Json));
    let set = format!("{{\"keys\":[{}]}}", text(&PAIR.jwk));
    assert_eq!(accepted(set.as_bytes()).form, PublicForm::Jwk);
}

#[test]
fn bare_base64_is_read() {
    let base64 = Base64::encode_string(&PAIR.public_der);
    assert!(repairs(&base64).contains(&Repair::NoMarkers));
    assert!(repairs(format!("\"{base64}\"")).contains(&Repair::NoMarkers));
    let pkcs1 = Base64::encode_string(&PAIR.pkcs1_public_der);
    assert_eq!(accepted(pkcs1.as_bytes()).form, PublicForm::Pkcs1);
    let certificate = Base64::encode_string(&PAIR.certificate_der);
    assert_eq!(
        accepted(certificate.as_bytes()).form,
        PublicForm::Certificate
    );
    let kubernetes_secret = Base64::encode_string(&PAIR.public);
    assert_eq!(repairs(kubernetes_secret), [Repair::EncodedTwice]);
    let wire = text(&PAIR.ssh).split(' ').nth(1).unwrap();
    assert_eq!(accepted(wire.as_bytes()).form, PublicForm::OpenSsh);
}

#[test]
fn text_around_the_key_is_ignored() {
    let printed = openssl(&["x509", "-text"], &PAIR.certificate);
    assert_eq!(repairs(printed), [Repair::SurroundingText]);
    // This writes the key, then the certificate.
    let both = openssl(&["x509", "-pubkey"], &PAIR.certificate);
    assert_eq!(accepted(&both).form, PublicForm::Spki);
    let mail = format!(
        "From: a@a.example\r\nSubject: the key\r\n\r\nHello,\r\n{}\r\nBye\r\n",
        public().replace('\n', "\r\n")
    );
    assert_eq!(
        repairs(mail),
        [Repair::SurroundingText, Repair::CarriageReturns]
    );
    let trusted = openssl(
        &["x509", "-trustout", "-addtrust", "clientAuth"],
        &PAIR.certificate,
    );
    assert_eq!(accepted(&trusted).form, PublicForm::Certificate);
}

#[test]
fn a_version_1_certificate_is_not_taken_for_a_private_key() {
    // Like PKCS#8, it starts with a small number.
    let key = Temporary::new(&PAIR.private);
    let args = ["x509", "-req", "-set_serial", "1", "-signkey", key.path()];
    let certificate = openssl(&args, &PAIR.request);
    assert!(text(&openssl(&["x509", "-text"], &certificate)).contains("Version: 1"));
    assert_eq!(accepted(&certificate).form, PublicForm::Certificate);
}

#[test]
fn openssh_lines_are_read_with_options_and_without_comments() {
    let line = text(&PAIR.ssh);
    let options = format!("# mine\nfrom=\"10.0.0.0/8\",command=\"echo a\",no-pty {line}");
    assert_eq!(repairs(options), [Repair::SurroundingText]);
    let without_comment = line.rsplit_once(' ').unwrap().0;
    assert_eq!(repairs(without_comment), []);
    // Broken into lines by a terminal.
    let folded: Vec<_> = line.as_bytes().chunks(80).collect();
    assert_eq!(repairs(folded.join(&b'\n')), [Repair::LineBreaks]);
    assert!(repairs(line.replace('\n', "\r\n")).contains(&Repair::CarriageReturns));
}

#[test]
fn exponents_that_the_api_accepts_are_accepted() {
    let pem = openssl(
        &[
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:4096",
            "-pkeyopt",
            "rsa_keygen_pubexp:3",
        ],
        b"",
    );
    let public = openssl(&["pkey", "-pubout"], &pem);
    assert!(matches!(read_key_file(&public), KeyFile::Public(_)));
    // But not in a private key, which Keyside signs with.
    assert!(refused(&pem).is_private());
}

#[test]
fn the_same_key_twice_is_one_key() {
    let twice = [&*PAIR.public, &PAIR.certificate, &PAIR.public].concat();
    assert_eq!(accepted(&twice).form, PublicForm::Spki);
    let two = [&*PAIR.public, &OTHER.public].concat();
    assert_eq!(
        refused(&two).to_string(),
        "The file contains 2 keys or certificates, but you can upload only one. Save the right one \
         in a file of its own."
    );
}

#[test]
fn public_keys_from_key_stores_are_read() {
    let bare: String = public()
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let aws =
        format!(r#"{{ "KeyId": "arn:aws:kms:x", "PublicKey": "{bare}", "KeySpec": "RSA_4096" }}"#);
    assert_eq!(repairs(aws), [Repair::Json, Repair::NoMarkers]);
    let jwk = text(&PAIR.jwk);
    let with_nulls = jwk.trim().strip_suffix('}').unwrap().to_owned() + r#","d":null,"p":null}"#;
    assert_eq!(repairs(with_nulls), []);
    assert_eq!(repairs(format!(r#"{{"keys":[{jwk},{jwk}]}}"#)), []);
}

#[test]
fn a_key_blob_of_windows_is_read() {
    let args = ["rsa", "-pubin", "-pubout", "-outform", "MSBLOB"];
    let blob = openssl(&args, &PAIR.public);
    let file = accepted(&blob);
    assert_eq!((file.form, file.repairs), (PublicForm::CspBlob, vec![]));
    assert_eq!(refused(&blob[..400]), keyside_keygen::Refusal::CutShort);
}

#[test]
fn the_public_key_in_a_signed_text_is_read() {
    let escaped: String = public()
        .lines()
        .map(|line| match line.starts_with('-') {
            true => format!("- {line}\n"),
            false => format!("{line}\n"),
        })
        .collect();
    let signed = format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOur new key:\n\n{escaped}\
         -----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n"
    );
    assert!(repairs(signed).contains(&Repair::SurroundingText));
}
