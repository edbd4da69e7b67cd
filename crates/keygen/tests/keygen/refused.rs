//! Files that are refused, and the messages.

use base64ct::{Base64, Encoding};
use keyside_keygen::{
    Algorithm, KeyFile, MAX_KEY_FILE_BYTES, OtherFile, PrivateKind, Refusal, Repair, Unsupported,
    read_key_file,
};

use crate::{
    files::{OTHER, OTHER_ALGORITHMS, PAIR, pem, refused, text, wire},
    support::openssl,
};

fn public() -> &'static str {
    text(&PAIR.public)
}

#[test]
fn public_keys_of_other_algorithms_are_named() {
    for (args, algorithm) in OTHER_ALGORITHMS {
        let private = openssl(args, b"");
        let public = openssl(&["pkey", "-pubout"], &private);
        assert_eq!(refused(&public), Refusal::Algorithm(algorithm));
        let der = openssl(&["pkey", "-pubout", "-outform", "DER"], &private);
        assert_eq!(refused(&der), Refusal::Algorithm(algorithm));
    }
    for (name, algorithm) in [
        ("ssh-dss", Algorithm::Dsa),
        ("ssh-ed25519", Algorithm::Edwards),
        ("ecdsa-sha2-nistp256", Algorithm::Ec),
        ("sk-ssh-ed25519@openssh.com", Algorithm::SecurityKey),
        ("sk-ecdsa-sha2-nistp256@openssh.com", Algorithm::SecurityKey),
        ("ssh-rsa-cert-v01@openssh.com", Algorithm::SshCertificate),
    ] {
        let base64 = Base64::encode_string(&wire(name, &[b"key"]));
        let line = format!("{name} {base64} someone\n");
        assert_eq!(refused(line.as_bytes()), Refusal::Algorithm(algorithm));
        let ssh2 =
            format!("---- BEGIN SSH2 PUBLIC KEY ----\n{base64}\n---- END SSH2 PUBLIC KEY ----\n");
        assert_eq!(refused(ssh2.as_bytes()), Refusal::Algorithm(algorithm));
    }
    for (jwk, algorithm) in [
        (
            r#"{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}"#,
            Algorithm::Ec,
        ),
        (
            r#"{"kty":"OKP","crv":"Ed25519","x":"AQ"}"#,
            Algorithm::Edwards,
        ),
        (
            r#"{"kty":"OKP","crv":"X25519","x":"AQ"}"#,
            Algorithm::Montgomery,
        ),
    ] {
        assert_eq!(refused(jwk.as_bytes()), Refusal::Algorithm(algorithm));
    }
    assert_eq!(
        Refusal::Algorithm(Algorithm::Ec).to_string(),
        "This is an elliptic-curve key (EC), but authorized keys must be RSA. Create an RSA key here \
         or with `openssl genrsa -out private.pem 4096`."
    );
}

/// SPKI PEM of an RSA key with `bits` and `e`.
fn rsa(bits: usize, e: &[u8]) -> Vec<u8> {
    let der = |tag: u8, content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x83], &length[1..], content].concat()
    };
    // openssl rewrites the lengths in their shortest form, which DER requires.
    let mut n = vec![0xff; bits / 8];
    n.insert(0, 0);
    let key = der(0x30, &[der(2, &n), der(2, e)].concat());
    let algorithm = [
        0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0,
    ];
    let bit_string = der(3, &[&[0], &*key].concat());
    let spki = der(0x30, &[&algorithm[..], &bit_string].concat());
    openssl(&["pkey", "-pubin", "-inform", "DER"], &spki)
}

#[test]
fn rsa_keys_that_the_api_would_reject_are_unsupported() {
    const USUAL: &[u8] = &[1, 0, 1];
    for (file, unsupported) in [
        (rsa(2048, USUAL), Unsupported::Short { bits: 2048 }),
        (rsa(4088, USUAL), Unsupported::Short { bits: 4088 }),
        (rsa(8200, USUAL), Unsupported::Long { bits: 8200 }),
        (rsa(16384, USUAL), Unsupported::Long { bits: 16384 }),
        (rsa(4096, &[1]), Unsupported::ExponentOne),
        (rsa(4096, &[4]), Unsupported::ExponentEven),
        (rsa(4096, &[2, 0, 0, 0, 1]), Unsupported::ExponentLarge),
        (rsa(4096, &[1; 300]), Unsupported::ExponentLarge),
    ] {
        assert_eq!(refused(&file), Refusal::Unsupported(unsupported));
    }
    assert_eq!(
        refused(&rsa(2048, USUAL)).to_string(),
        "This RSA public key has 2048 bits, but at least 4096 are required. Create another key here \
         or with `openssl genrsa -out private.pem 4096`."
    );
}

#[test]
fn wrong_labels_are_reported() {
    let wrong = |label: &str, expected| Refusal::WrongLabel {
        label: label.to_owned(),
        expected,
    };
    assert_eq!(
        refused(&pem("RSA PUBLIC KEY", &PAIR.public_der)),
        wrong("RSA PUBLIC KEY", "PUBLIC KEY")
    );
    assert_eq!(
        refused(&pem("PUBLIC KEY", &PAIR.pkcs1_public_der)),
        wrong("PUBLIC KEY", "RSA PUBLIC KEY")
    );
    assert_eq!(
        refused(&pem("PUBLIC KEY", &PAIR.certificate_der)),
        wrong("PUBLIC KEY", "CERTIFICATE")
    );
    assert_eq!(
        refused(&pem("PRIVATE KEY", &PAIR.public_der)),
        wrong("PRIVATE KEY", "PUBLIC KEY")
    );
    let differ = public().replace("END PUBLIC", "END RSA PUBLIC");
    assert_eq!(
        refused(differ.as_bytes()).to_string(),
        "The BEGIN line says \"PUBLIC KEY\", but the END line says \"RSA PUBLIC KEY\": parts of two \
         files are mixed. Copy the key again, from its BEGIN line to its END line."
    );
}

#[test]
fn incomplete_keys_are_reported() {
    let public = public();
    for cut in [public.len() / 2, public.len() - 6, 60] {
        assert_eq!(
            refused(&public.as_bytes()[..cut]),
            Refusal::CutShort,
            "{cut}"
        );
    }
    let without_begin = public.split_once('\n').unwrap().1;
    assert_eq!(refused(without_begin.as_bytes()), Refusal::CutShort);
    for gone in [3, 4, 5, 64, 65, 400] {
        let at = public.len() - 26 - gone;
        let inner = format!("{}{}", &public[..at], &public[public.len() - 26..]);
        assert_eq!(refused(inner.as_bytes()), Refusal::CutShort, "{gone}");
    }
    for length in [2, 5, 100, 549] {
        assert_eq!(
            refused(&PAIR.public_der[..length]),
            Refusal::CutShort,
            "{length}"
        );
    }
    let base64 = Base64::encode_string(&PAIR.public_der);
    for length in [100, 101, 102, 103, 700] {
        assert_eq!(
            refused(&base64.as_bytes()[..length]),
            Refusal::CutShort,
            "{length}"
        );
    }
    let line = text(&PAIR.ssh);
    for length in [40, 41, 300] {
        assert_eq!(
            refused(&line.as_bytes()[..length]),
            Refusal::CutShort,
            "{length}"
        );
    }
    assert_eq!(refused(&PAIR.jwk[..PAIR.jwk.len() - 2]), Refusal::CutShort);
    let damaged = public.replacen("MII", "M!I", 1);
    assert_eq!(refused(damaged.as_bytes()), Refusal::Damaged);
}

#[test]
fn more_than_one_key_is_refused_in_every_format() {
    let of = |pair: &'static crate::files::Pair| {
        [
            &pair.public,
            &pair.pkcs1_public,
            &pair.certificate,
            &pair.ssh,
            &pair.ssh2,
        ]
    };
    for first in of(&PAIR) {
        for second in of(&OTHER) {
            let both = [&**first, second].concat();
            assert_eq!(refused(&both), several(2));
        }
    }
    let set = format!("{{\"keys\":[{},{}]}}", text(&PAIR.jwk), text(&OTHER.jwk));
    assert_eq!(refused(set.as_bytes()), several(2));
    let many = [&*PAIR.public.repeat(8), &OTHER.public].concat();
    assert_eq!(refused(&many), several(8));
    assert!(
        refused(&many)
            .to_string()
            .starts_with("The file contains 8 or more keys")
    );
    let second_is_cut = [&*PAIR.public, &OTHER.public[..300]].concat();
    assert_eq!(refused(&second_is_cut), several(2));
}

fn several(count: usize) -> Refusal {
    let names = Vec::new();
    Refusal::SeveralKeys { count, names }
}

#[test]
fn texts_in_utf16_are_read() {
    let little =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let big = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    let marked = format!("\u{feff}{}", public());
    for file in [
        little(public()),
        big(public()),
        little(&marked),
        big(&marked),
    ] {
        match read_key_file(&file) {
            KeyFile::Public(file) => {
                assert_eq!(file.key, PAIR.key);
                assert_eq!(file.repairs[0], Repair::Utf16);
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn files_without_a_key_are_named() {
    for empty in [&b""[..], b" \r\n\t\n", b"\xef\xbb\xbf\n"] {
        assert_eq!(refused(empty), Refusal::Empty);
    }
    for (file, other) in [
        (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], OtherFile::Picture),
        (b"PK\x03\x04\x14\0", OtherFile::Archive),
        (b"\x1f\x8b\x08\0", OtherFile::Archive),
        (b"%PDF-1.7\n", OtherFile::Pdf),
        (b"\x01\x02\x03\xff\xfe\0\0", OtherFile::Binary),
        (b"hello world", OtherFile::Text),
        (b"dear all, the key is attached.", OtherFile::Text),
        (b"{\"a\": [1, \"b\"]}", OtherFile::Json),
        (
            b"<RSAKeyValue><Modulus>AQ==</Modulus></RSAKeyValue>",
            OtherFile::Xml,
        ),
    ] {
        let name = String::from_utf8_lossy(file);
        assert_eq!(refused(file), Refusal::NotAKey(other), "{name}");
    }
    assert_eq!(
        refused(&pem("PGP PUBLIC KEY BLOCK", b"abc")),
        Refusal::NotAKey(OtherFile::Pgp)
    );
    let parameters = openssl(&["ecparam", "-name", "prime256v1"], b"");
    assert_eq!(
        refused(&parameters),
        Refusal::NotAKey(OtherFile::Parameters)
    );
    let bundle = openssl(
        &["crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin"],
        &PAIR.certificate,
    );
    assert_eq!(refused(&bundle), Refusal::NotAKey(OtherFile::Pkcs7));
}

#[test]
fn a_large_file_is_refused_unread() {
    let mut file = PAIR.public.clone();
    file.resize(MAX_KEY_FILE_BYTES, b'\n');
    assert!(matches!(
        keyside_keygen::read_key_file(&file),
        keyside_keygen::KeyFile::Public(_)
    ));
    file.push(b'\n');
    let bytes = file.len();
    assert_eq!(refused(&file), Refusal::TooLarge { bytes });
}

#[test]
fn files_of_other_programs_are_named() {
    for (file, other) in [
        (
            &b"$ANSIBLE_VAULT;1.1;AES256\n6138\n"[..],
            Refusal::Locked("Ansible Vault"),
        ),
        (
            b"\n  $ANSIBLE_VAULT;1.1;AES256\n  6138\n",
            Refusal::Locked("Ansible Vault"),
        ),
        (
            b"private-key: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]\nsops:\n  version: 3.9.0\n",
            Refusal::Locked("SOPS"),
        ),
        (
            b"PRIVATE_KEY=ENC[AES256_GCM,data:abc,type:str]\nsops_version=3.9.0\n",
            Refusal::Locked("SOPS"),
        ),
        (
            b"kind: SealedSecret\nspec:\n  encryptedData:\n    key: AgBy8h==\n",
            Refusal::Locked("Sealed Secrets"),
        ),
        (b"Salted__\x01\x02\x03\x04\x05\x06\x07\x08", Refusal::Locked("openssl enc")),
        (b"U2FsdGVkX19pbGxlZ2libGU=\n", Refusal::Locked("openssl enc")),
        (
            b"age-encryption.org/v1\n-> X25519 abc\n",
            Refusal::Locked("age"),
        ),
        (
            b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n",
            Refusal::Locked("age"),
        ),
        (
            b"{ \"subject-credentials\": {}, \"sops\": { \"version\": \"3.9\" } }",
            Refusal::Locked("SOPS"),
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3268\n",
            Refusal::LfsPointer,
        ),
    ] {
        let name = String::from_utf8_lossy(file);
        assert_eq!(refused(file), other, "{name}");
    }
    let pvk = [b"\x1e\xf1\xb5\xb0".as_slice(), &[0; 40]].concat();
    assert_eq!(refused(&pvk), Refusal::Private(PrivateKind::Pvk));
    let blob = b"\x07\x02\0\0\0\xa4\0\0RSA2\0\x10\0\0";
    assert_eq!(refused(blob), Refusal::Private(PrivateKind::CspBlob));
    assert_eq!(refused(&[0; 3268]), Refusal::OnlyZeros);
}

#[test]
fn several_keys_in_json_are_listed_by_their_names() {
    let version = |key: &[u8]| serde_json::json!({ "public_key": text(key) });
    let keys = serde_json::json!({ "data": { "keys": {
        "1": version(&PAIR.public), "2": version(&OTHER.public) } } });
    let message = refused(keys.to_string().as_bytes()).to_string();
    assert!(
        message.contains("(data.keys.1.public_key, data.keys.2.public_key)"),
        "{message}"
    );
}
