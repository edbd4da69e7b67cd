//! Other formats of keys, other keys, and other numbers.

use keyside_keygen::Finding;
use rsa::{
    pkcs1::RsaPrivateKeyRef,
    pkcs8::{
        LineEnding, PrivateKeyInfoRef, SecretDocument,
        der::{
            Decode,
            asn1::{OctetStringRef, UintRef},
        },
    },
};

use super::{Openssl, Samples};

impl Samples {
    pub(super) fn forms(&mut self, openssl: Openssl) {
        let pem = self.pem.clone();
        let run = |args: &[&str], input: &str| {
            String::from_utf8(openssl(args, input.as_bytes())).unwrap()
        };
        let pkcs1 = run(&["rsa", "-traditional"], &pem);
        self.key("PKCS#1", &pkcs1, &[Finding::Pkcs1]);
        let both = [Finding::Pkcs1, Finding::CarriageReturns];
        self.key("PKCS#1, Windows", &pkcs1.replace('\n', "\r\n"), &both);
        let wrong_label = [Finding::WrongLabel];
        self.key(
            "PKCS#1 as PKCS#8",
            &pkcs1.replace("RSA PRIVATE", "PRIVATE"),
            &wrong_label,
        );
        for label in [
            "RSA PRIVATE KEY",
            "EC PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
            "PUBLIC KEY",
            "CERTIFICATE",
        ] {
            let name = format!("PKCS#8 as {label}");
            self.key(&name, &pem.replace("PRIVATE KEY", label), &wrong_label);
        }
        let both = [Finding::Markers, Finding::WrongLabel];
        self.key(
            "a label of its own",
            &pem.replace("PRIVATE", "MY PRIVATE"),
            &both,
        );
        let encrypted = run(&["pkcs8", "-topk8", "-passout", "pass:a"], &pem);
        self.key(
            "encrypted",
            &encrypted,
            &[Finding::Encrypted { reason: None }],
        );
        let old = run(
            &["rsa", "-traditional", "-aes256", "-passout", "pass:a"],
            &pem,
        );
        self.key("legacy encryption", &old, &[Finding::LegacyEncryption]);
        let public = run(&["pkey", "-pubout"], &pem);
        self.key("public", &public, &[Finding::PublicKey]);
        self.key(
            "public, escaped twice",
            &public.replace('\n', "\\n"),
            &[
                Finding::EscapedTwice { accepted: false },
                Finding::PublicKey,
            ],
        );
        let folder = std::env::temp_dir().join(format!("keyside-samples-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("key.pem");
        std::fs::write(&file, &pem).unwrap();
        let request = [
            "req",
            "-x509",
            "-subj",
            "/CN=a",
            "-key",
            file.to_str().unwrap(),
        ];
        let certificate = run(&request, "");
        std::fs::remove_dir_all(&folder).unwrap();
        self.key("certificate", &certificate, &[Finding::Certificate]);
        for (name, before) in [
            ("certificate before it", &certificate),
            ("public key before it", &public),
        ] {
            self.key(name, &format!("{before}{pem}"), &[Finding::NotFirst]);
        }
        let ec = run(
            &["genpkey", "-algorithm", "EC", "-pkeyopt", "group:P-256"],
            "",
        );
        let other = |name| [Finding::OtherKey { name }];
        self.key("EC", &ec, &other("EC"));
        let sec1 = run(&["ec"], &ec);
        self.key("EC, SEC 1", &sec1, &other("EC"));
        self.key("EC before it", &format!("{ec}{pem}"), &other("EC"));
        let ed25519 = run(&["genpkey", "-algorithm", "ed25519"], "");
        self.key("Ed25519", &ed25519, &other("Ed25519"));
        let openssh = pem.replace("PRIVATE", "OPENSSH PRIVATE");
        self.key("OpenSSH", &openssh, &[Finding::OpenSsh]);
        let parameters = run(&["ecparam", "-name", "prime256v1"], "");
        self.key("EC parameters", &parameters, &[Finding::NoKey]);
        self.key("RSA-PSS", &as_pss(openssl, &pem), &[Finding::Pss]);
    }

    pub(super) fn numbers(&mut self, openssl: Openssl) {
        let run = |args: &[&str]| String::from_utf8(openssl(args, b"")).unwrap();
        for bits in [1024, 2048, 3072] {
            let name = format!("{bits} bits");
            self.key(
                &name,
                &run(&["genrsa", &bits.to_string()]),
                &[Finding::Short { bits }],
            );
        }
        self.key(
            "512 bits",
            &run(&["genrsa", "512"]),
            &[Finding::Size { bits: 512 }],
        );
        self.key(
            "e = 3",
            &run(&["genrsa", "-3", "2048"]),
            &[Finding::Exponent],
        );
        let great = [
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-pkeyopt",
            "rsa_keygen_pubexp:1099511627777",
        ];
        self.key("e = 2^40 + 1", &run(&great), &[Finding::Exponent]);
        for (number, finding) in [
            ("modulus", Finding::Numbers),
            ("public exponent", Finding::Numbers),
            ("private exponent", Finding::Numbers),
            ("prime", Finding::Numbers),
            ("first CRT exponent", Finding::CrtNumbers),
            ("second CRT exponent", Finding::CrtNumbers),
            ("coefficient", Finding::CrtNumbers),
        ] {
            let altered = altered(&self.pem, number);
            self.key(&format!("another {number}"), &altered, &[finding]);
        }
    }
}

/// The PEM with one of its numbers increased by two.
fn altered(pem: &str, number: &str) -> String {
    let (_, document) = SecretDocument::from_pem(pem).unwrap();
    let mut info = PrivateKeyInfoRef::from_der(document.as_bytes()).unwrap();
    let mut key = RsaPrivateKeyRef::from_der(info.private_key.as_bytes()).unwrap();
    let place = match number {
        "modulus" => &mut key.modulus,
        "public exponent" => &mut key.public_exponent,
        "private exponent" => &mut key.private_exponent,
        "prime" => &mut key.prime1,
        "first CRT exponent" => &mut key.exponent1,
        "second CRT exponent" => &mut key.exponent2,
        "coefficient" => &mut key.coefficient,
        other => panic!("there is no {other}"),
    };
    let mut bytes = place.as_bytes().to_vec();
    let last = bytes.last_mut().unwrap();
    *last = last.wrapping_add(2);
    *place = UintRef::new(&bytes).unwrap();
    let der = SecretDocument::encode_msg(&key).unwrap();
    info.private_key = OctetStringRef::new(der.as_bytes()).unwrap();
    let document = SecretDocument::encode_msg(&info).unwrap();
    document
        .to_pem("PRIVATE KEY", LineEnding::LF)
        .unwrap()
        .to_string()
}

/// The same key with another algorithm identifier: id-RSASSA-PSS without parameters instead of rsaEncryption
/// with NULL.
fn as_pss(openssl: Openssl, pem: &str) -> String {
    let der = openssl(
        &["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"],
        pem.as_bytes(),
    );
    let rest = &der[4 + 3 + 15..];
    let oid = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
    let content = [&[2, 1, 0, 0x30, 11], &oid[..], rest].concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let der = [&[0x30, 0x82], &length[..], &content].concat();
    let base64 = openssl(&["base64"], &der);
    let lines = String::from_utf8(base64).unwrap();
    format!("-----BEGIN PRIVATE KEY-----\n{lines}-----END PRIVATE KEY-----\n")
}
