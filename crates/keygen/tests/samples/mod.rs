//! Credentials files, each damaged in one way, with what is to be found in them. Here the findings
//! are compared; the end-to-end tests put the same files before the official Python SDK.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use keyside_keygen::{Field, Finding, IdError, Kind, PrivateKey, expose_credentials_json};
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
use serde_json::{Value, json};

pub const KEY_ID: &str = "publickey-e00a";
pub const ACCOUNT: &str = "serviceaccount-e00b";

/// openssl with its arguments and input.
pub type Openssl = fn(&[&str], &[u8]) -> Vec<u8>;

/// One file.
pub struct Sample {
    pub name: String,
    pub bytes: Vec<u8>,
    pub findings: Vec<Finding>,
}

/// The files, and what each of them is when it is mended.
pub struct Samples {
    pub good: Vec<u8>,
    pub all: Vec<Sample>,
    pub pem: String,
}

impl Samples {
    /// Makes them all, with a key from openssl.
    pub fn make(openssl: Openssl) -> Self {
        let pem = openssl(&["genrsa", "4096"], b"");
        let key = PrivateKey::from_pkcs8_pem(&pem).unwrap();
        let good = expose_credentials_json(&key, KEY_ID, ACCOUNT).unwrap();
        let mut samples = Self {
            good: good.to_vec(),
            all: Vec::new(),
            pem: String::from_utf8(pem).unwrap(),
        };
        samples.add("good", good.to_vec(), &[]);
        samples.whole_files();
        samples.shapes();
        samples.fields();
        samples.ids();
        samples.layouts();
        samples.forms(openssl);
        samples.numbers(openssl);
        samples
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>, findings: &[Finding]) {
        self.all.push(Sample {
            name: name.to_owned(),
            bytes,
            findings: findings.to_vec(),
        });
    }

    fn text(&self) -> String {
        String::from_utf8(self.good.clone()).unwrap()
    }

    fn inner(&self) -> Value {
        let value: Value = serde_json::from_slice(&self.good).unwrap();
        value["subject-credentials"].clone()
    }

    fn whole_files(&mut self) {
        let text = self.text();
        let utf16 = |big: bool, mark: &str| -> Vec<u8> {
            let units: Vec<u16> = format!("{mark}{text}").encode_utf16().collect();
            let bytes = |unit: &u16| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            };
            units.iter().flat_map(bytes).collect()
        };
        let wide = [Finding::Encoding { name: "UTF-16" }];
        self.add("UTF-16 LE with a mark", utf16(false, "\u{feff}"), &wide);
        self.add("UTF-16 BE with a mark", utf16(true, "\u{feff}"), &wide);
        self.add("UTF-16 LE", utf16(false, ""), &wide);
        self.add("UTF-16 BE", utf16(true, ""), &wide);
        let mut odd = utf16(false, "\u{feff}");
        odd.pop();
        self.add("UTF-16 cut in a letter", odd, &[Finding::NotText]);
        let utf32: Vec<u8> = text
            .chars()
            .flat_map(|c| u32::from(c).to_le_bytes())
            .collect();
        self.add("UTF-32", utf32, &[Finding::Encoding { name: "UTF-32" }]);
        let marked = [b"\xef\xbb\xbf", &self.good[..]].concat();
        self.add("byte order mark", marked, &[Finding::ByteOrderMark]);
        let latin = text.replace("RS256", "RS256é");
        let latin = latin.chars().map(|c| u32::from(c) as u8).collect();
        self.add("Latin-1", latin, &[Finding::NotText]);
        self.add(
            "binary",
            vec![0x89, b'P', b'N', b'G', 0xff],
            &[Finding::NotText],
        );
        self.add("empty", Vec::new(), &[Finding::Empty]);
        self.add("blank", b" \n".to_vec(), &[Finding::Empty]);
        self.add(
            "the PEM itself",
            self.pem.clone().into(),
            &[Finding::PemFile],
        );
        let large = [&self.good[..], &vec![b' '; 1 << 20]].concat();
        self.add("too large", large, &[Finding::TooLarge]);
        self.add("no final newline", text.trim().into(), &[]);
        self.add(
            "CRLF between the fields",
            text.replace('\n', "\r\n").into(),
            &[],
        );
        let compact: Value = serde_json::from_str(&text).unwrap();
        self.add("in one line", compact.to_string().into(), &[]);
        let unescaped = text.replace("\\n", "\n");
        self.add(
            "raw line breaks",
            unescaped.into(),
            &[Finding::RawLineBreaks],
        );
        let windows = text.replace("\\n", "\r\n");
        let findings = [Finding::RawLineBreaks, Finding::CarriageReturns];
        self.add("raw line breaks of Windows", windows.into(), &findings);
        let place = |line, column, cut| [Finding::NotJson { line, column, cut }];
        self.add("cut", text.as_bytes()[..20].into(), &place(2, 18, true));
        let after = format!("{text}x");
        self.add("something after it", after.into(), &place(11, 1, false));
        let comma = text.replace("b\"\n", "b\",\n");
        self.add("a comma too many", comma.into(), &place(9, 3, false));
        self.add(
            "YAML",
            b"subject-credentials:\n".to_vec(),
            &place(1, 1, false),
        );
    }

    fn shapes(&mut self) {
        for (value, kind) in [
            (json!(null), Kind::Null),
            (json!(true), Kind::Bool),
            (json!(-1.5), Kind::Number),
            (json!("subject-credentials"), Kind::Text),
            (json!([{}]), Kind::List),
        ] {
            let name = format!("only {kind}");
            self.add(
                &name,
                value.to_string().into(),
                &[Finding::NotAnObject { kind }],
            );
            let field = Field::SubjectCredentials;
            let wrapped = json!({ "subject-credentials": value }).to_string();
            let finding = Finding::WrongKind {
                field,
                kind,
                mended: false,
            };
            self.add(&format!("around {kind}"), wrapped.into(), &[finding]);
        }
        let other = |value: Value| value.to_string().into_bytes();
        self.add(
            "nothing known",
            other(json!({ "a": 1 })),
            &[Finding::OtherShape],
        );
        let jwk = other(json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB" }));
        self.add("JWK", jwk, &[Finding::Jwk]);
        let google = other(json!({ "type": "service_account", "private_key_id": "1",
            "private_key": self.pem, "client_email": "a@example.org" }));
        let name = "Google Cloud";
        self.add(name, google, &[Finding::OtherCloud { name }]);
        let yandex = other(json!({ "id": "a", "service_account_id": "b",
            "key_algorithm": "RSA_4096", "private_key": self.pem }));
        let name = "Yandex Cloud";
        self.add(name, yandex, &[Finding::OtherCloud { name }]);
        let inner = other(self.inner());
        self.add("no wrapper", inner, &[Finding::NoWrapper]);
        let misnamed = self
            .text()
            .replace("subject-credentials", "subject_credentials");
        let field = Field::SubjectCredentials;
        self.add(
            "wrapper misnamed",
            misnamed.into(),
            &[Finding::Misnamed { field }],
        );
        let twice = self.text().replacen('{', "{\"subject-credentials\": 1,", 1);
        self.add(
            "wrapper twice",
            twice.into(),
            &[Finding::Duplicate { field }],
        );
        let extra = self.text().replacen('{', "{\"comment\": [1],", 1);
        let name = Some("comment".to_owned());
        self.add("more outside", extra.into(), &[Finding::Extra { name }]);
    }

    /// The file with `field` changed.
    fn with(&mut self, name: &str, field: Field, value: Option<Value>, findings: &[Finding]) {
        let mut inner = self.inner();
        let fields = inner.as_object_mut().unwrap();
        match value {
            Some(value) => fields.insert(field.name().to_owned(), value),
            None => fields.remove(field.name()),
        };
        let bytes = json!({ "subject-credentials": inner }).to_string();
        self.add(name, bytes.into(), findings);
    }

    fn fields(&mut self) {
        for field in [
            Field::Alg,
            Field::PrivateKey,
            Field::Kid,
            Field::Iss,
            Field::Sub,
        ] {
            let mended = !matches!(field, Field::PrivateKey | Field::Kid);
            let missing = [Finding::Missing { field, mended }];
            self.with(&format!("no {field}"), field, None, &missing);
            for (value, kind) in [
                (json!(null), Kind::Null),
                (json!(5), Kind::Number),
                (json!(["RS256"]), Kind::List),
                (json!({}), Kind::Object),
            ] {
                let wrong = [Finding::WrongKind {
                    field,
                    kind,
                    mended,
                }];
                self.with(&format!("{field} is {kind}"), field, Some(value), &wrong);
            }
            let quoted = format!("\"{field}\":");
            let capitals = quoted.to_uppercase().replace("PRIVATE-KEY", "private_key");
            let misnamed = self.text().replace(&quoted, &capitals);
            let finding = Finding::Misnamed { field };
            self.add(&format!("{field} misnamed"), misnamed.into(), &[finding]);
            let first = format!("{quoted} 1, {quoted}");
            let first = self.text().replacen(&quoted, &first, 1);
            let finding = Finding::Duplicate { field };
            self.add(&format!("{field} twice"), first.into(), &[finding]);
        }
        let twice = self.text().replace("\"sub\"", "\"alg\": \"x\", \"sub\"");
        let findings = [
            Finding::Duplicate { field: Field::Alg },
            Finding::Alg { name: None },
        ];
        self.add("a wrong alg after the right one", twice.into(), &findings);
        let misnamed = self.text().replace("\"type\"", "\"Type\"");
        let field = Field::Type;
        self.add(
            "type misnamed",
            misnamed.into(),
            &[Finding::Misnamed { field }],
        );
        self.with("no type", field, None, &[]);
        self.with(
            "empty type",
            field,
            Some(json!("")),
            &[Finding::Type { empty: true }],
        );
        self.with(
            "other type",
            field,
            Some(json!("jwt")),
            &[Finding::Type { empty: false }],
        );
        let null = Finding::WrongKind {
            field,
            kind: Kind::Null,
            mended: true,
        };
        self.with("type is null", field, Some(json!(null)), &[null]);
        for (text, name) in [
            ("rs256", Some("RS256")),
            (" RS256", Some("RS256")),
            ("ES256", Some("ES256")),
            ("", None),
            ("RSA", None),
        ] {
            let finding = Finding::Alg { name };
            self.with(
                &format!("alg is {text:?}"),
                Field::Alg,
                Some(json!(text)),
                &[finding],
            );
        }
        let text = self.text();
        let extra = |name: &str| text.replace("\"sub\"", &format!("\"{name}\": {{}}, \"sub\""));
        let name = Some("expires_at".to_owned());
        self.add(
            "one more",
            extra("expires_at").into(),
            &[Finding::Extra { name }],
        );
        let hidden = extra("MIIJQgIBADANBgkqhkiG9w0BAQEFAASC");
        self.add(
            "one more like a key",
            hidden.into(),
            &[Finding::Extra { name: None }],
        );
        let both = extra("private_key");
        let name = Some("private_key".to_owned());
        self.add("two spellings", both.into(), &[Finding::Extra { name }]);
    }

    fn with_ids(&mut self, name: &str, [kid, iss, sub]: [&str; 3], findings: &[Finding]) {
        let mut inner = self.inner();
        (inner["kid"], inner["iss"], inner["sub"]) = (kid.into(), iss.into(), sub.into());
        let bytes = json!({ "subject-credentials": inner }).to_string();
        self.add(name, bytes.into(), findings);
    }

    fn ids(&mut self) {
        let (key, account) = (KEY_ID, ACCOUNT);
        self.with_ids("swapped", [account, key, key], &[Finding::Swapped]);
        let unlike = |iss: &str, sub: &str, mended| {
            let (iss, sub) = (Some(iss.to_owned()), Some(sub.to_owned()));
            [Finding::IssuerUnlikeSubject { iss, sub, mended }]
        };
        self.with_ids(
            "iss is the key",
            [key, key, account],
            &unlike(key, account, true),
        );
        self.with_ids(
            "sub is the project",
            [key, account, "project-a"],
            &unlike(account, "project-a", true),
        );
        let other = "serviceaccount-e00c";
        self.with_ids(
            "two accounts",
            [key, account, other],
            &unlike(account, other, false),
        );
        let hidden = Finding::IssuerUnlikeSubject {
            iss: None,
            sub: Some(account.to_owned()),
            mended: true,
        };
        self.with_ids(
            "iss is something",
            [key, "MIIJQgIB ADANBg", account],
            &[hidden],
        );
        let blanks = |field, unlike| [Finding::Blanks { field, unlike }];
        let blank = format!(" {account}\n");
        self.with_ids(
            "blanks around sub",
            [key, account, &blank],
            &blanks(Field::Sub, true),
        );
        self.with_ids(
            "blanks around iss",
            [key, &blank, account],
            &blanks(Field::Iss, true),
        );
        self.with_ids(
            "blanks around both",
            [key, &blank, &blank],
            &blanks(Field::Sub, false),
        );
        let blank = format!("{key}\n");
        self.with_ids(
            "blanks around kid",
            [&blank, account, account],
            &blanks(Field::Kid, false),
        );
        let kind = |field| [Finding::OtherKind { field }];
        self.with_ids(
            "kid is the account",
            [account, account, account],
            &kind(Field::Kid),
        );
        self.with_ids("sub is the key", [key, key, key], &kind(Field::Sub));
        self.with_ids(
            "sub is a tenant",
            [key, "tenant-a", "tenant-a"],
            &kind(Field::Sub),
        );
        let id = |field, error| [Finding::Id { field, error }];
        self.with_ids(
            "empty kid",
            ["", account, account],
            &id(Field::Kid, IdError::Empty),
        );
        self.with_ids(
            "empty account",
            [key, "", ""],
            &id(Field::Sub, IdError::Empty),
        );
        let path = IdError::Character('/');
        self.with_ids(
            "path in kid",
            ["a/b", account, account],
            &id(Field::Kid, path),
        );
        let mended = false;
        let (iss, sub) = (None, Some("a-b".to_owned()));
        let unlike = Finding::IssuerUnlikeSubject { iss, sub, mended };
        self.with_ids("neither is known", [key, "", "a-b"], &[unlike]);
    }

    fn key(&mut self, name: &str, text: &str, findings: &[Finding]) {
        let name = format!("key: {name}");
        self.with(&name, Field::PrivateKey, Some(json!(text)), findings);
    }

    fn layouts(&mut self) {
        let pem = self.pem.clone();
        let lines: Vec<&str> = pem.lines().collect();
        let (first, last) = (lines[0], lines[lines.len() - 1]);
        let body = lines[1..lines.len() - 1].concat();
        let escaped = |taken| [Finding::EscapedTwice { taken }];
        self.key("escaped twice", &pem.replace('\n', "\\n"), &escaped(false));
        self.key(
            "escaped twice, Windows",
            &pem.replace('\n', "\\r\\n"),
            &escaped(false),
        );
        let end = format!("{}\\n", pem.trim());
        self.key("its last line break escaped twice", &end, &escaped(true));
        let windows = pem.replace('\n', "\r\n");
        self.key("Windows", &windows, &[Finding::CarriageReturns]);
        self.key(
            "old Macintosh",
            &pem.replace('\n', "\r"),
            &[Finding::CarriageReturns],
        );
        self.key("no final newline", pem.trim(), &[Finding::NoFinalNewline]);
        let both = [Finding::CarriageReturns, Finding::NoFinalNewline];
        self.key("Windows, no final newline", windows.trim(), &both);
        let lost = [Finding::NoLineBreaks, Finding::NoFinalNewline];
        self.key("no line breaks", &lines.concat(), &lost);
        self.key("blanks for line breaks", &lines.join(" "), &lost);
        self.key(
            "blanks, one newline",
            &format!("{}\n", lines.join(" ")),
            &lost[..1],
        );
        let layout = |taken| [Finding::Layout { taken }];
        let one_line = format!("{first}\n{body}\n{last}\n");
        self.key("its body in one line", &one_line, &layout(true));
        self.key(
            "indented",
            &pem.replace('\n', "\n  "),
            &[Finding::NoFinalNewline],
        );
        self.key(
            "text around it",
            &format!("Mine:\n{pem}That is it.\n"),
            &layout(true),
        );
        self.key(
            "two line breaks at its end",
            &format!("{pem}\n"),
            &layout(true),
        );
        self.key("twice", &pem.repeat(2), &layout(true));
        self.key(
            "a header",
            &pem.replacen('\n', "\na: b\n\n", 1),
            &layout(true),
        );
        self.key("empty lines", &pem.replace('\n', "\n\n"), &layout(false));
        let markers = [Finding::Markers];
        let tail = lines[1..].join("\n");
        self.key("no first line", &tail, &markers);
        self.key(
            "no last line",
            &lines[..lines.len() - 1].join("\n"),
            &markers,
        );
        self.key("base64 alone", &body, &markers);
        self.key(
            "base64 lines alone",
            &lines[1..lines.len() - 1].join("\n"),
            &markers,
        );
        self.key("a hyphen too few", &pem[1..], &markers);
        self.key(
            "a hyphen too few at its end",
            pem.trim().trim_end_matches("--"),
            &markers,
        );
        self.key("no hyphens", &pem.replace('-', ""), &markers);
        self.key(
            "small letters",
            &pem.replace(first, &first.to_lowercase()),
            &markers,
        );
        self.key(
            "another last line",
            &pem.replace("END PRIVATE", "END RSA PRIVATE"),
            &markers,
        );
        let broken = [Finding::EscapedTwice { taken: false }, Finding::Markers];
        self.key(
            "escaped twice, no first line",
            &tail.replace('\n', "\\n"),
            &broken,
        );
        let damaged = [Finding::Damaged];
        self.key(
            "cut",
            &format!("{first}\n{}\n{last}\n", &body[..2000]),
            &damaged,
        );
        self.key(
            "cut in a group",
            &format!("{first}\n{}\n{last}\n", &body[..2001]),
            &damaged,
        );
        self.key("cut, no last line", &pem[..2000], &damaged);
        self.key(
            "a letter altered to a mark",
            &pem.replacen("MII", "M!I", 1),
            &damaged,
        );
        self.key("no padding", &pem.replace('=', ""), &damaged);
        self.key(
            "a second block that is broken",
            &format!("{pem}{first}\n!\n{last}\n"),
            &damaged,
        );
        self.key("the first line alone", first, &damaged);
        self.key("empty", "", &[Finding::NoKey]);
        self.key("words", "see the vault", &[Finding::NoKey]);
    }

    fn forms(&mut self, openssl: Openssl) {
        let pem = self.pem.clone();
        let run = |args: &[&str], input: &str| {
            String::from_utf8(openssl(args, input.as_bytes())).unwrap()
        };
        let pkcs1 = run(&["rsa", "-traditional"], &pem);
        self.key("PKCS#1", &pkcs1, &[Finding::Pkcs1]);
        let both = [Finding::Pkcs1, Finding::CarriageReturns];
        self.key("PKCS#1, Windows", &pkcs1.replace('\n', "\r\n"), &both);
        let mislabelled = [Finding::Mislabelled];
        self.key(
            "PKCS#1 as PKCS#8",
            &pkcs1.replace("RSA PRIVATE", "PRIVATE"),
            &mislabelled,
        );
        for label in ["RSA PRIVATE", "EC PRIVATE", "ENCRYPTED PRIVATE"] {
            let name = format!("PKCS#8 as {label}");
            self.key(&name, &pem.replace("PRIVATE", label), &mislabelled);
        }
        let both = [Finding::Markers, Finding::Mislabelled];
        self.key(
            "a label of its own",
            &pem.replace("PRIVATE", "MY PRIVATE"),
            &both,
        );
        let encrypted = run(&["pkcs8", "-topk8", "-passout", "pass:a"], &pem);
        self.key(
            "encrypted",
            &encrypted,
            &[Finding::Encrypted { refused: None }],
        );
        let old = run(
            &["rsa", "-traditional", "-aes256", "-passout", "pass:a"],
            &pem,
        );
        self.key("encrypted the old way", &old, &[Finding::EncryptedOldWay]);
        let public = run(&["pkey", "-pubout"], &pem);
        self.key("public", &public, &[Finding::PublicKey]);
        self.key(
            "public, escaped twice",
            &public.replace('\n', "\\n"),
            &[Finding::EscapedTwice { taken: false }, Finding::PublicKey],
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
        let layout = [Finding::Layout { taken: true }];
        self.key(
            "certificate before it",
            &format!("{certificate}{pem}"),
            &layout,
        );
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
        self.key("OpenSSH", &openssh, &other("OpenSSH"));
        let parameters = run(&["ecparam", "-name", "prime256v1"], "");
        self.key("EC parameters", &parameters, &[Finding::NoKey]);
    }

    fn numbers(&mut self, openssl: Openssl) {
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
            ("first fast exponent", Finding::FastNumbers),
            ("second fast exponent", Finding::FastNumbers),
            ("coefficient", Finding::FastNumbers),
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
        "first fast exponent" => &mut key.exponent1,
        "second fast exponent" => &mut key.exponent2,
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
