//! Faults of the whole file, and other files.

use keyside_keygen::{Field, Finding, Kind, Repair};
use serde_json::{Value, json};

use super::{Openssl, Samples};

impl Samples {
    pub(super) fn whole_files(&mut self, openssl: Openssl) {
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
        let comma = text.replace("b\"\n", "b\",\n");
        self.add("a comma too many", comma.into(), &[Finding::TrailingCommas]);
        let curly = text.replace('"', "\u{201d}");
        self.add("curly quotes", curly.into(), &[Finding::CurlyQuotes]);
        let single = text.replace('"', "'");
        self.add("single quotes", single.into(), &[Finding::SingleQuotes]);
        let lacking = text.replacen(",\n", "\n", 1);
        self.add("a comma too few", lacking.into(), &[Finding::Commas]);
        let double = text.replacen(",\n", ",,\n", 1);
        self.add("two commas", double.into(), &[Finding::Commas]);
        let comment = format!("// production\n{text}");
        self.add("a comment before it", comment.into(), &[Finding::Comments]);
        let comments = text.replacen('{', "{ # for CI\n/* do not\nedit */", 1);
        self.add("comments inside", comments.into(), &[Finding::Comments]);
        let wrapped = |wrapping| [Finding::Wrapped { wrapping }];
        self.add(
            "something after it",
            after.into(),
            &wrapped(Repair::SurroundingText),
        );
        let string = serde_json::to_vec(&text).unwrap();
        self.add("a string in JSON", string, &wrapped(Repair::JsonInJson));
        let base64 = openssl(&["base64", "-A"], text.as_bytes());
        self.add("base64", base64, &wrapped(Repair::EncodedTwice));
        let zeros = [text.as_bytes(), &[0; 99]].concat();
        self.add("zero bytes behind it", zeros, &wrapped(Repair::ZeroBytes));
        let quoted: String = text.lines().map(|line| format!("> {line}\n")).collect();
        self.add("quoted", quoted.into(), &wrapped(Repair::LinePrefixes));
        self.add(
            "encrypted by SOPS",
            b"{\"subject-credentials\":{\"private-key\":\"ENC[]\"},\"sops\":{}}".to_vec(),
            &[Finding::Locked { program: "SOPS" }],
        );
        self.add(
            "YAML",
            b"subject-credentials:\n".to_vec(),
            &place(1, 1, false),
        );
    }

    pub(super) fn shapes(&mut self) {
        for (value, kind) in [
            (json!(null), Kind::Null),
            (json!(true), Kind::Bool),
            (json!(-1.5), Kind::Number),
            (json!("subject-credentials"), Kind::String),
            (json!([{}]), Kind::Array),
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
                repairable: false,
            };
            self.add(&format!("around {kind}"), wrapped.into(), &[finding]);
        }
        let other = |value: Value| value.to_string().into_bytes();
        self.add(
            "nothing known",
            other(json!({ "a": 1 })),
            &[Finding::NotCredentials],
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
}
