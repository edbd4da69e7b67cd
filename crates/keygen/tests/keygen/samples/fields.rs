//! Faults of the fields and the IDs.

use keyside_keygen::{Field, Finding, IdError, Kind};
use serde_json::json;

use super::{ACCOUNT, KEY_ID, Samples};

impl Samples {
    pub(super) fn fields(&mut self) {
        for field in [
            Field::Alg,
            Field::PrivateKey,
            Field::Kid,
            Field::Iss,
            Field::Sub,
        ] {
            let repairable = !matches!(field, Field::PrivateKey | Field::Kid);
            let missing = [Finding::Missing { field, repairable }];
            self.with(&format!("no {field}"), field, None, &missing);
            for (value, kind) in [
                (json!(null), Kind::Null),
                (json!(5), Kind::Number),
                (json!(["RS256"]), Kind::Array),
                (json!({}), Kind::Object),
            ] {
                let wrong = [Finding::WrongKind {
                    field,
                    kind,
                    repairable,
                }];
                self.with(&format!("{field} is {kind}"), field, Some(value), &wrong);
            }
            let quoted = format!("\"{field}\":");
            let upper_case = quoted.to_uppercase().replace("PRIVATE-KEY", "private_key");
            let misnamed = self.text().replace(&quoted, &upper_case);
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
            repairable: true,
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

    pub(super) fn ids(&mut self) {
        let (key, account) = (KEY_ID, ACCOUNT);
        self.with_ids("swapped", [account, key, key], &[Finding::Swapped]);
        let mismatch = |iss: &str, sub: &str, repairable| {
            let (iss, sub) = (Some(iss.to_owned()), Some(sub.to_owned()));
            [Finding::IssuerSubjectMismatch {
                iss,
                sub,
                repairable,
            }]
        };
        self.with_ids(
            "iss is the key",
            [key, key, account],
            &mismatch(key, account, true),
        );
        self.with_ids(
            "sub is the project",
            [key, account, "project-a"],
            &mismatch(account, "project-a", true),
        );
        let other = "serviceaccount-e00c";
        self.with_ids(
            "two accounts",
            [key, account, other],
            &mismatch(account, other, false),
        );
        let hidden = Finding::IssuerSubjectMismatch {
            iss: None,
            sub: Some(account.to_owned()),
            repairable: true,
        };
        self.with_ids(
            "iss is something",
            [key, "MIIJQgIB ADANBg", account],
            &[hidden],
        );
        let blanks = |field, mismatch| [Finding::Whitespace { field, mismatch }];
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
        let kind = |field| [Finding::WrongIdKind { field }];
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
        let repairable = false;
        let (iss, sub) = (None, Some("a-b".to_owned()));
        let mismatch = Finding::IssuerSubjectMismatch {
            iss,
            sub,
            repairable,
        };
        self.with_ids("neither is known", [key, "", "a-b"], &[mismatch]);
    }
}
