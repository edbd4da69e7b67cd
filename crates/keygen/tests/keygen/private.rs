//! Private keys are recognized in all formats, and never treated as public keys.

use base64ct::{Base64, Encoding};
use keyside_keygen::{
    Algorithm, EncryptedForm, KeyFile, PrivateForm, PrivateKind, Refusal, Unsupported,
    read_key_file,
};

use crate::{
    files::{OTHER, OTHER_ALGORITHMS, PAIR, pem, refused, text, wire},
    support::openssl,
};

/// The kind of a private key that is refused.
fn kind(file: &[u8]) -> PrivateKind {
    match refused(file) {
        Refusal::Private(kind) => kind,
        other => panic!("{other}\n{}", String::from_utf8_lossy(file)),
    }
}

fn encrypted(file: &[u8]) -> EncryptedForm {
    match read_key_file(file) {
        KeyFile::Encrypted(form) => form,
        other => panic!("{other}"),
    }
}

#[test]
fn an_rsa_private_key_gives_its_public_key() {
    let base64 = Base64::encode_string(&PAIR.private_der);
    let crlf = text(&PAIR.private).replace('\n', "\r\n");
    let json = serde_json::json!({ "private_key": text(&PAIR.private) }).to_string();
    let kubernetes_secret = Base64::encode_string(&PAIR.private);
    let pkcs1_der = openssl(&["rsa", "-traditional", "-outform", "DER"], &PAIR.private);
    let set = format!("{{\"keys\":[{}]}}", text(&PAIR.private_jwk));
    for (form, file) in [
        (PrivateForm::Pkcs8, &*PAIR.private),
        (PrivateForm::Pkcs8, &PAIR.private_der),
        (PrivateForm::Pkcs8, base64.as_bytes()),
        (PrivateForm::Pkcs8, crlf.as_bytes()),
        (PrivateForm::Pkcs8, json.as_bytes()),
        (PrivateForm::Pkcs8, kubernetes_secret.as_bytes()),
        (PrivateForm::Pkcs1, &PAIR.pkcs1_private),
        (PrivateForm::Pkcs1, &pkcs1_der),
        (PrivateForm::Jwk, &PAIR.private_jwk),
        (PrivateForm::Jwk, set.as_bytes()),
        // With its certificate, and with its public key.
        (
            PrivateForm::Pkcs8,
            &[&*PAIR.certificate, &PAIR.private].concat(),
        ),
        (PrivateForm::Pkcs8, &[&*PAIR.public, &PAIR.private].concat()),
        // With wrong labels.
        (PrivateForm::Pkcs1, &pem("PRIVATE KEY", &pkcs1_der)),
        (PrivateForm::Pkcs8, &pem("PUBLIC KEY", &PAIR.private_der)),
    ] {
        let key_file = read_key_file(file);
        assert!(key_file.to_string().contains("The file wasn't sent."));
        let KeyFile::Private(key, actual) = key_file else {
            panic!("{key_file}\n{}", String::from_utf8_lossy(file));
        };
        assert_eq!(actual, form);
        assert_eq!(*key.public_key(), PAIR.key);
    }
}

#[test]
fn the_format_of_an_encrypted_key_is_recognized() {
    for file in [
        &PAIR.encrypted,
        &PAIR.encrypted_der,
        &[&*PAIR.certificate, &PAIR.encrypted].concat(),
    ] {
        let EncryptedForm::Pbes2(der) = encrypted(file) else {
            panic!("{}", String::from_utf8_lossy(file));
        };
        let args = ["pkcs8", "-inform", "DER", "-passin", "pass:x"];
        assert_eq!(openssl(&args, &der), PAIR.private);
    }
    assert_eq!(encrypted(&PAIR.old_encrypted), EncryptedForm::OldPem);
    let args = [
        "pkcs8",
        "-topk8",
        "-v1",
        "PBE-SHA1-3DES",
        "-passout",
        "pass:x",
    ];
    assert_eq!(
        encrypted(&openssl(&args, &PAIR.private)),
        EncryptedForm::OldPkcs8
    );
    let openssh = [
        &b"openssh-key-v1\0"[..],
        &wire("aes256-ctr", &[b"bcrypt", b"options"]),
        &[0, 0, 0, 1],
    ]
    .concat();
    assert_eq!(
        encrypted(&pem("OPENSSH PRIVATE KEY", &openssh)),
        EncryptedForm::OpenSsh
    );
    let putty = "PuTTY-User-Key-File-3: ssh-rsa\r\nEncryption: aes256-cbc\r\nComment: a\r\n";
    assert_eq!(encrypted(putty.as_bytes()), EncryptedForm::Putty);
}

#[test]
fn private_keys_of_other_algorithms_are_named() {
    // EC PARAMETERS, then EC PRIVATE KEY.
    const WITH_PARAMETERS: &[&str] = &["ecparam", "-name", "secp384r1", "-genkey"];
    let others = OTHER_ALGORITHMS.into_iter();
    for (args, algorithm) in others.chain([(WITH_PARAMETERS, Algorithm::Ec)]) {
        let file = openssl(args, b"");
        assert_eq!(kind(&file), PrivateKind::Algorithm(algorithm), "{args:?}");
        let der = openssl(&["pkey", "-outform", "DER"], &file);
        assert_eq!(
            kind(&der),
            PrivateKind::Algorithm(algorithm),
            "{args:?} DER"
        );
    }
    let numbers: Vec<u8> = [&[2, 1, 0][..], &[2, 1, 5].repeat(5)].concat();
    let dsa = [&[0x30, 18][..], &numbers].concat();
    let kind = kind(&pem("DSA PRIVATE KEY", &dsa));
    assert_eq!(kind, PrivateKind::Algorithm(Algorithm::Dsa));
}

/// An OpenSSH private key file with this public key; its private part is missing.
fn openssh(public: &[u8]) -> Vec<u8> {
    let file = [
        &b"openssh-key-v1\0"[..],
        &wire("none", &[b"none", b""]),
        &[0, 0, 0, 1],
        &u32::try_from(public.len()).unwrap().to_be_bytes(),
        public,
    ]
    .concat();
    pem("OPENSSH PRIVATE KEY", &file)
}

#[test]
fn other_containers_are_named_with_advice() {
    let openssh = |name: &str| openssh(&wire(name, &[b"x"]));
    assert_eq!(kind(&openssh("ssh-rsa")), PrivateKind::OpenSsh);
    let edwards = PrivateKind::Algorithm(Algorithm::Edwards);
    assert_eq!(kind(&openssh("ssh-ed25519")), edwards);
    let putty = b"PuTTY-User-Key-File-2: ssh-rsa\r\nEncryption: none\r\nComment: a\r\n";
    assert_eq!(kind(putty), PrivateKind::Putty);
    assert_eq!(kind(&PAIR.pkcs12), PrivateKind::Pkcs12);
    assert_eq!(
        kind(&pem("PGP PRIVATE KEY BLOCK", b"abc")),
        PrivateKind::Pgp
    );
    assert_eq!(
        kind(b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01"),
        PrivateKind::Keystore
    );
    let printed = openssl(&["rsa", "-text", "-noout"], &PAIR.private);
    assert_eq!(kind(&printed), PrivateKind::Embedded);
    assert_eq!(kind(br#"{"kty":"oct","k":"AAAA"}"#), PrivateKind::Symmetric);
    assert_eq!(
        kind(br#"{"kty":"RSA","n":"AQ","e":"AQAB","d":"AQ"}"#),
        PrivateKind::Jwk
    );
    let ec = br#"{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ","d":"AQ"}"#;
    assert_eq!(kind(ec), PrivateKind::Algorithm(Algorithm::Ec));
    for file in [&openssh("ssh-rsa"), &PAIR.pkcs12] {
        let message = refused(file).to_string();
        assert!(
            message.contains("The file wasn't sent.") && message.contains('`'),
            "{message}"
        );
    }
}

#[test]
fn damaged_private_keys_stay_private() {
    let private = text(&PAIR.private);
    assert_eq!(
        kind(&private.as_bytes()[..private.len() / 2]),
        PrivateKind::Damaged
    );
    assert_eq!(
        kind(&private.as_bytes()[..private.len() - 7]),
        PrivateKind::Damaged
    );
    assert_eq!(
        kind(private.replace("END PRIVATE", "END PUBLIC").as_bytes()),
        PrivateKind::Damaged
    );
    let two = [&*PAIR.private, &OTHER.private].concat();
    assert_eq!(kind(&two), PrivateKind::Several);
    let without_begin = private.split_once('\n').unwrap().1;
    assert_eq!(kind(without_begin.as_bytes()), PrivateKind::Embedded);
    assert_eq!(kind(&PAIR.private_der[..999]), PrivateKind::Embedded);
    let utf16: Vec<u8> = private.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(read_key_file(&utf16), KeyFile::Private(..)));
    let mut inconsistent = PAIR.private_der.clone();
    let last = inconsistent.len() - 900;
    inconsistent[last] ^= 1;
    assert_eq!(
        kind(&pem("PRIVATE KEY", &inconsistent)),
        PrivateKind::Damaged
    );
}

#[test]
fn rsa_private_keys_that_the_api_would_reject_are_unsupported() {
    let short = openssl(&["genrsa", "2048"], b"");
    let refusal = refused(&short);
    assert_eq!(
        refusal,
        Refusal::UnsupportedPrivate(Unsupported::Short { bits: 2048 })
    );
    assert_eq!(
        refusal.to_string(),
        "This RSA private key has 2048 bits, but at least 4096 are required. The file wasn't sent. \
         Create another key here or with `openssl genrsa -out private.pem 4096`."
    );
}

#[test]
fn a_credentials_file_is_recognized() {
    let json = serde_json::json!({ "subject-credentials": { "private-key": "" } }).to_string();
    assert!(matches!(
        read_key_file(json.as_bytes()),
        KeyFile::Credentials
    ));
    let cut = &json.as_bytes()[..json.len() - 3];
    assert!(matches!(read_key_file(cut), KeyFile::Credentials));
}

#[test]
fn an_encoded_private_key_next_to_a_public_one_is_found() {
    let hex: String = PAIR
        .private_der
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let base64 = Base64::encode_string(&PAIR.private_der);
    let twice = Base64::encode_string(&PAIR.private);
    let escaped: String = text(&PAIR.private)
        .bytes()
        .map(|byte| format!("\\u{byte:04x}"))
        .collect();
    let in_mail = base64
        .as_bytes()
        .chunks(60)
        .collect::<Vec<_>>()
        .join(&b"\n> "[..]);
    let blob = openssl(&["rsa", "-outform", "MSBLOB"], &PAIR.private);
    let pvk = [&b"\x1e\xf1\xb5\xb0\0\0\0\0\x01\0\0\0"[..], &[0; 12], &blob].concat();
    // A key of another algorithm has no DER, so only the label reveals it.
    let nebula = "-----BEGIN NEBULA X25519 PRIVATE KEY-----\n\
        QmFzZTY0IG9mIDMyIGJ5dGVzIG9mIGEga2V5ISEhISE=\n-----END NEBULA X25519 PRIVATE KEY-----";
    for hidden in [
        &*blob,
        Base64::encode_string(&blob).as_bytes(),
        Base64::encode_string(&pvk).as_bytes(),
        nebula.as_bytes(),
        hex.as_bytes(),
        base64.as_bytes(),
        format!("x{base64}").as_bytes(),
        twice.as_bytes(),
        escaped.as_bytes(),
        &in_mail,
        text(&PAIR.private).replace(' ', "  ").as_bytes(),
        text(&PAIR.private).to_lowercase().as_bytes(),
    ] {
        let file = [&*PAIR.public, b"; ", hidden, b"\n"].concat();
        assert!(
            read_key_file(&file).is_private(),
            "{}",
            String::from_utf8_lossy(&file)
        );
    }
    let public_blob = openssl(
        &["rsa", "-pubin", "-pubout", "-outform", "MSBLOB"],
        &PAIR.public,
    );
    let jwk = text(&PAIR.jwk).replacen(
        '{',
        &format!("{{\"note\":{},", serde_json::json!(nebula)),
        1,
    );
    for file in [
        [&*public_blob, &blob].concat(),
        Base64::encode_string(&blob).into_bytes(),
        jwk.into_bytes(),
    ] {
        assert!(read_key_file(&file).is_private());
    }
}

/// Bytes as a program or a tool writes them.
fn listed(bytes: &[u8], each: impl Fn(&u8) -> String, separator: &str) -> String {
    bytes.iter().map(each).collect::<Vec<_>>().join(separator)
}

#[test]
fn a_private_key_in_the_syntax_of_another_program_is_found_alone_and_beside_a_public_one() {
    let [der, pem] = [&*PAIR.private_der, &*PAIR.private];
    let body: String = text(&PAIR.private)
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let prefixed = |bytes| listed(bytes, |byte| format!("0x{byte:02x}"), ", ");
    let dump = |separator: &str, end: &str| {
        let lines = der.chunks(16).enumerate().map(|(at, bytes)| {
            let hex = listed(bytes, |byte| format!("{byte:02x}"), separator);
            format!("{:08x}{end}", 16 * at).replace('#', &hex)
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let jwk: serde_json::Value = serde_json::from_slice(&PAIR.private_jwk).unwrap();
    let member = |name: &str| jwk[name].as_str().unwrap();
    let (d, n) = (member("d"), member("n"));
    let xml = |d: &str| format!("<RSAKeyValue><Modulus>{n}</Modulus>{d}</RSAKeyValue>");
    let utf16 = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
    };
    let mut cng = b"RSA2".to_vec();
    for number in [4096_u32, 3, 512, 256, 256] {
        cng.extend(number.to_le_bytes());
    }
    cng.extend([7; 1027]);
    let pgp = [&[0x95, 3, 0x98, 4][..], &[1, 2, 3, 4], &[1], &[9; 900]].concat();
    let forms: [(&str, Vec<u8>); 22] = [
        (
            "base64 of base64",
            Base64::encode_string(Base64::encode_string(pem).as_bytes()).into(),
        ),
        (
            "base64 of a body",
            Base64::encode_string(body.as_bytes()).into(),
        ),
        (
            "hex of a body",
            listed(body.as_bytes(), |b| format!("{b:02x}"), "").into(),
        ),
        (
            "C",
            format!("unsigned char key[] = {{ {} }};", prefixed(der)).into(),
        ),
        (
            "C with PEM",
            format!("char key[] = {{\n  {}\n}};", prefixed(pem)).into(),
        ),
        (
            "Python",
            format!("key = b\"{}\"", listed(der, |b| format!("\\x{b:02x}"), "")).into(),
        ),
        (
            "Node",
            format!(
                "{{\"type\":\"Buffer\",\"data\":[{}]}}",
                listed(der, u8::to_string, ",")
            )
            .into(),
        ),
        ("xxd", dump("", ": #  0.........").into()),
        ("hexdump -C", dump(" ", "  #  |0.........|").into()),
        (
            "JavaScript",
            format!("const key = {{ kty: 'RSA', n: '{n}', d: '{d}' }};").into(),
        ),
        ("YAML", format!("kty: RSA\nn: {n}\nd: {d}\n").into()),
        (
            "CSV",
            format!("1,\"{{\"\"kty\"\":\"\"RSA\"\",\"\"d\"\":\"\"{d}\"\"}}\"").into(),
        ),
        (
            "typographic",
            format!(
                "{{\u{201c}kty\u{201d}:\u{201c}RSA\u{201d},\u{201c}d\u{201d}:\u{201c}{d}\u{201d}}}"
            )
            .into(),
        ),
        ("PHP", format!("['kty' => 'RSA', 'd' => '{d}']").into()),
        (".NET", xml(&format!("<D >{d}</D>")).into()),
        (
            ".NET, a prime",
            xml(&format!("<P Format=\"b64\">{d}</P>")).into(),
        ),
        (
            ".NET, a prefix",
            format!("<a:Modulus>{n}</a:Modulus><a:D>{d}</a:D>").into(),
        ),
        (
            ".NET, JSON",
            format!("{{\"D\":\"{d}\",\"Modulus\":\"{n}\"}}").into(),
        ),
        (
            ".NET, UTF-16 in base64",
            Base64::encode_string(&utf16(&xml(&format!("<D>{d}</D>")))).into(),
        ),
        ("CNG", cng.clone()),
        ("CNG in base64", Base64::encode_string(&cng).into()),
        ("OpenPGP", pgp),
    ];
    for (name, form) in forms {
        assert!(read_key_file(&form).is_private(), "{name} alone");
        let beside = [&*PAIR.public, &form, b"\n"].concat();
        assert!(
            read_key_file(&beside).is_private(),
            "{name} beside a public key"
        );
    }
}

#[test]
fn words_about_private_keys_beside_a_public_one_are_no_private_key() {
    let certificate = serde_json::json!({
        "certificate": text(&PAIR.certificate), "private_key_path": "/etc/key.pem" });
    let public = text(&PAIR.public);
    for file in [
        certificate.to_string(),
        format!("{public}# for the front-end; the private key is in the vault\n"),
        format!("{public}# Hand it to the BACKEND PRIVATE KEY stays here\n"),
        format!("-----BEGIN PRIVATE KEY-----\n(removed)\n-----END PRIVATE KEY-----\n{public}"),
        format!("{public}-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----\n"),
        format!("{public}the members \"kty\", \"d\": and \"dp\" are private\n"),
        format!(
            "{public}{} # private key: in the vault\n",
            text(&PAIR.certificate).trim()
        ),
    ] {
        assert!(!read_key_file(file.as_bytes()).is_private(), "{file}");
    }
}

#[test]
fn a_public_key_inside_a_private_one_is_never_accepted() {
    for (name, private) in PAIR.privates() {
        for at in 0..=private.len() {
            let file = [&private[..at], &PAIR.public, &private[at..]].concat();
            assert!(
                !matches!(read_key_file(&file), KeyFile::Public(_)),
                "{name} at {at}"
            );
        }
    }
}

#[test]
fn one_private_key_in_several_forms_is_one_key() {
    let twice = [&*PAIR.private, &PAIR.pkcs1_private].concat();
    // "ssh-rsa", and the base64 of the wire format.
    let base64 = text(&PAIR.ssh).split(' ').nth(1).unwrap();
    let openssh = openssh(&Base64::decode_vec(base64.trim()).unwrap());
    let state = serde_json::json!({ "attributes": {
        "private_key_pem": text(&PAIR.pkcs1_private),
        "private_key_pem_pkcs8": text(&PAIR.private),
        "private_key_openssh": text(&openssh),
        "public_key_pem": text(&PAIR.public) } });
    for file in [twice, state.to_string().into_bytes()] {
        match read_key_file(&file) {
            KeyFile::Private(key, _) => assert_eq!(*key.public_key(), PAIR.key),
            other => panic!("{other}"),
        }
    }
    let two = [&*PAIR.private, &OTHER.private].concat();
    assert_eq!(kind(&two), PrivateKind::Several);
    let other_openssh = [&*OTHER.private, &openssh].concat();
    assert_eq!(kind(&other_openssh), PrivateKind::Several);
}
