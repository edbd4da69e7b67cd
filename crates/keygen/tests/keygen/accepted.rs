//! Public keys that are taken, and what is put right in them.

use base64ct::{Base64, Encoding};
use keyside_keygen::{Brought, Given, Mended, PublicForm, read_key_file};

use crate::{
    files::{OTHER, PAIR, Temporary, refused, text},
    support::openssl,
};

/// Reads a file that must give the pair's key.
fn brought(file: &[u8]) -> Brought {
    match read_key_file(file) {
        Given::Public(brought) => {
            assert_eq!(brought.key, PAIR.key);
            assert_eq!(brought.key.to_spki_pem().as_bytes(), PAIR.public);
            brought
        }
        other => panic!("{other}\n{}", String::from_utf8_lossy(file)),
    }
}

/// What was put right in `file`.
fn mended(file: impl AsRef<[u8]>) -> Vec<Mended> {
    brought(file.as_ref()).mended
}

fn public() -> &'static str {
    text(&PAIR.public)
}

#[test]
fn every_form_of_a_public_key_gives_the_same_spki() {
    use PublicForm::*;
    let forms = [
        (Spki, vec![]),
        (Spki, vec![Mended::Der]),
        (Pkcs1, vec![]),
        (Pkcs1, vec![Mended::Der]),
        (Certificate, vec![]),
        (Certificate, vec![Mended::Der]),
        (CertificateRequest, vec![]),
        (OpenSsh, vec![]),
        (Ssh2, vec![]),
        (Jwk, vec![]),
    ];
    for ((name, file), (form, mended)) in PAIR.publics().into_iter().zip(forms) {
        let brought = brought(file);
        assert_eq!((brought.form, brought.mended), (form, mended), "{name}");
    }
    assert_eq!(
        brought(&PAIR.public).to_string(),
        "This is a public key (SPKI), RSA of 4096 bits, and can be used."
    );
}

#[test]
fn line_ends_and_marks_of_other_systems_are_put_right() {
    let public = public();
    let crlf = public.replace('\n', "\r\n");
    assert_eq!(mended(&crlf), [Mended::CarriageReturns]);
    assert!(mended(public.replace('\n', "\r")).contains(&Mended::CarriageReturns));
    assert_eq!(mended(format!("\u{feff}{public}")), [Mended::ByteOrderMark]);
    assert_eq!(mended(public.trim_end()), [Mended::NoFinalNewline]);
    assert_eq!(
        brought(crlf.trim_end().as_bytes()).to_string(),
        "This is a public key (SPKI), RSA of 4096 bits, and can be used; put right: line ends of \
         another system, the missing last line break."
    );
}

#[test]
fn lost_lines_are_put_right() {
    let public = public();
    let label = "PUBLIC KEY";
    let joined = public.replace('\n', "");
    assert_eq!(
        mended(&joined),
        [Mended::LineBreaks, Mended::NoFinalNewline]
    );
    let blanks = public.replace('\n', " ");
    assert_eq!(mended(&blanks), [Mended::LineBreaks]);
    let escaped = public.replace('\n', "\\n");
    assert_eq!(
        mended(format!("KEY={escaped}\n")),
        [Mended::SurroundingText, Mended::EscapedLineBreaks]
    );
    let indented = public.replace('\n', "\n    ");
    assert_eq!(
        mended(format!("key: |\n    {}\n", indented.trim_end())),
        [Mended::SurroundingText, Mended::Indentation]
    );
    let quoted_mail = public.replace('\n', "\n> ");
    assert!(mended(format!("> {quoted_mail}")).contains(&Mended::SurroundingText));
    let blank_lines = public.replace('\n', "\n\n");
    assert_eq!(mended(blank_lines), [Mended::LineBreaks]);
    let dashes = public.replace("-----", "\u{2014}\u{2014}-");
    assert_eq!(mended(dashes), [Mended::Dashes]);
    assert_eq!(mended(public.replace("==", "")), [Mended::Padding]);
    let spaced = public.replace(&format!("BEGIN {label}-"), &format!(" BEGIN {label} -"));
    assert_eq!(mended(spaced), [Mended::Dashes]);
}

#[test]
fn a_key_in_json_is_taken_out() {
    let public = public();
    let string = serde_json::to_string(public).unwrap();
    assert_eq!(mended(&string), [Mended::Json]);
    assert_eq!(mended(string.replace('/', "\\/")), [Mended::Json]);
    let object = serde_json::json!({ "name": "a", "keys": [{ "pem": public }] });
    let object = object.to_string();
    assert!(mended(&object).contains(&Mended::Json));
    assert!(mended(serde_json::to_string(&object).unwrap()).contains(&Mended::Json));
    let set = format!("{{\"keys\":[{}]}}", text(&PAIR.jwk));
    assert_eq!(brought(set.as_bytes()).form, PublicForm::Jwk);
}

#[test]
fn bare_base64_is_read() {
    let base64 = Base64::encode_string(&PAIR.public_der);
    assert!(mended(&base64).contains(&Mended::NoArmour));
    assert!(mended(format!("\"{base64}\"")).contains(&Mended::NoArmour));
    let pkcs1 = Base64::encode_string(&PAIR.pkcs1_public_der);
    assert_eq!(brought(pkcs1.as_bytes()).form, PublicForm::Pkcs1);
    let certificate = Base64::encode_string(&PAIR.certificate_der);
    assert_eq!(
        brought(certificate.as_bytes()).form,
        PublicForm::Certificate
    );
    let secret_of_a_cluster = Base64::encode_string(&PAIR.public);
    assert_eq!(mended(secret_of_a_cluster), [Mended::EncodedTwice]);
    let wire = text(&PAIR.ssh).split(' ').nth(1).unwrap();
    assert_eq!(brought(wire.as_bytes()).form, PublicForm::OpenSsh);
}

#[test]
fn text_around_the_key_does_no_harm() {
    let printed = openssl(&["x509", "-text"], &PAIR.certificate);
    assert_eq!(mended(printed), [Mended::SurroundingText]);
    // It writes the key, and then its certificate.
    let both = openssl(&["x509", "-pubkey"], &PAIR.certificate);
    assert_eq!(brought(&both).form, PublicForm::Spki);
    let mail = format!(
        "From: a@a.example\r\nSubject: the key\r\n\r\nHello,\r\n{}\r\nBye\r\n",
        public().replace('\n', "\r\n")
    );
    assert_eq!(
        mended(mail),
        [Mended::SurroundingText, Mended::CarriageReturns]
    );
    let trusted = openssl(
        &["x509", "-trustout", "-addtrust", "clientAuth"],
        &PAIR.certificate,
    );
    assert_eq!(brought(&trusted).form, PublicForm::Certificate);
}

#[test]
fn a_certificate_of_the_first_version_is_no_private_key() {
    // Its first number is a small one, as in PKCS#8.
    let key = Temporary::new(&PAIR.private);
    let args = ["x509", "-req", "-set_serial", "1", "-signkey", key.path()];
    let certificate = openssl(&args, &PAIR.request);
    assert!(text(&openssl(&["x509", "-text"], &certificate)).contains("Version: 1"));
    assert_eq!(brought(&certificate).form, PublicForm::Certificate);
}

#[test]
fn openssh_lines_are_read_with_options_and_without_comments() {
    let line = text(&PAIR.ssh);
    let options = format!("# mine\nfrom=\"10.0.0.0/8\",command=\"echo a\",no-pty {line}");
    assert_eq!(mended(options), [Mended::SurroundingText]);
    let without_comment = line.rsplit_once(' ').unwrap().0;
    assert_eq!(mended(without_comment), []);
    // A terminal's window broke it.
    let folded: Vec<_> = line.as_bytes().chunks(80).collect();
    assert_eq!(mended(folded.join(&b'\n')), [Mended::LineBreaks]);
    assert!(mended(line.replace('\n', "\r\n")).contains(&Mended::CarriageReturns));
}

#[test]
fn exponents_that_the_api_takes_are_taken() {
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
    assert!(matches!(read_key_file(&public), Given::Public(_)));
    // But not in a private key, of which proofs are made here.
    assert!(refused(&pem).is_private());
}

#[test]
fn the_same_key_twice_is_one_key() {
    let twice = [&*PAIR.public, &PAIR.certificate, &PAIR.public].concat();
    assert_eq!(brought(&twice).form, PublicForm::Spki);
    let two = [&*PAIR.public, &OTHER.public].concat();
    assert_eq!(
        refused(&two).to_string(),
        "There are 2 keys or certificates in this file, and only one can be uploaded: save the \
         right one in a file of its own."
    );
}
