//! One key pair in many formats, each written by a third-party tool.

use std::{collections::BTreeMap, fs};

use base64::prelude::{BASE64_STANDARD, Engine};
use keyside_e2e::tools;

/// Names with their files.
pub type Files = Vec<(&'static str, Vec<u8>)>;

/// A key pair and the files that other tools made from it.
pub struct Pair {
    /// The private key that openssl made, in PKCS#8.
    pub private: String,
    /// Its public key, written by openssl.
    pub public: String,
    certificate: Vec<u8>,
    request: Vec<u8>,
    /// The files of `tests/key_files.py`.
    others: BTreeMap<String, String>,
}

impl Pair {
    /// With a new key of 4096 bits.
    pub fn make() -> Self {
        let private = tools::rsa_4096();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("private.pem");
        fs::write(&path, &private).unwrap();
        let key = ["-subj", "/CN=a.example", "-key", path.to_str().unwrap()];
        let others = tools::python("key_files.py")
            .arg(&path)
            .output()
            .expect("Python starts");
        Self {
            public: String::from_utf8(tools::openssl(&["pkey", "-pubout"], &private)).unwrap(),
            certificate: tools::openssl(&[&["req", "-x509"][..], &key].concat(), b""),
            request: tools::openssl(&[&["req", "-new"][..], &key].concat(), b""),
            others: serde_json::from_slice(&others.stdout).expect("a JSON object of files"),
            private: String::from_utf8(private).unwrap(),
        }
    }

    /// openssl's output for the private key.
    pub fn openssl(&self, args: &[&str]) -> Vec<u8> {
        tools::openssl(args, self.private.as_bytes())
    }

    fn other(&self, name: &str) -> Vec<u8> {
        BASE64_STANDARD.decode(&self.others[name]).unwrap()
    }

    /// The public key.
    pub fn publics(&self) -> Files {
        let der = self.openssl(&["pkey", "-pubout", "-outform", "DER"]);
        let windows = format!("\u{feff}{}", self.public.replace('\n', "\r\n"));
        // As it stands in a JSON file: in quotes, and with \n for each line break.
        let one_line = serde_json::to_string(&self.public).unwrap();
        assert!(!one_line.contains('\n') && one_line.contains("\\n"));
        vec![
            ("SPKI", self.public.clone().into()),
            ("PKCS#1", self.openssl(&["rsa", "-RSAPublicKey_out"])),
            ("its bare base64", BASE64_STANDARD.encode(&der).into()),
            ("DER", der),
            ("of Windows", windows.into()),
            ("one line", one_line.into()),
            ("certificate", self.certificate.clone()),
            ("certificate request", self.request.clone()),
            ("OpenSSH", self.other("ssh")),
            ("JWK", self.other("jwk")),
        ]
    }

    /// The private key in the formats that can be read.
    pub fn privates(&self) -> Files {
        let der = ["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"];
        let windows = format!("\u{feff}{}", self.private.replace('\n', "\r\n"));
        let utf16 = self.private.encode_utf16();
        let quoted = self.private.lines();
        vec![
            ("PKCS#8", self.private.clone().into()),
            ("PKCS#1", self.openssl(&["rsa", "-traditional"])),
            ("PKCS#8 DER", self.openssl(&der)),
            ("private key of Windows", windows.into()),
            ("private JWK", self.other("private jwk")),
            (
                "base64 of the file",
                BASE64_STANDARD.encode(&self.private).into(),
            ),
            (
                "certificate and key",
                [&self.certificate, self.private.as_bytes()].concat(),
            ),
            ("UTF-16", utf16.flat_map(u16::to_le_bytes).collect()),
            (
                "a quotation in a mail",
                quoted
                    .map(|line| format!("> {line}\n"))
                    .collect::<String>()
                    .into(),
            ),
        ]
    }

    /// The private key in formats that can't be read, each with text from its message.
    pub fn unread_privates(&self) -> Vec<(&'static str, Vec<u8>)> {
        let both = [self.private.as_bytes(), &self.certificate].concat();
        let old = ["rsa", "-traditional", "-aes128", "-passout", "pass:four"];
        let pkcs12 = ["pkcs12", "-export", "-passout", "pass:four"];
        let half = &self.private.as_bytes()[..self.private.len() / 2];
        vec![
            ("an OpenSSH private key", self.other("private ssh")),
            ("an outdated scheme", self.openssl(&old)),
            ("a PKCS#12 file", tools::openssl(&pkcs12, &both)),
            ("incomplete or damaged", half.to_vec()),
            (
                "private key material",
                self.openssl(&["rsa", "-text", "-noout"]),
            ),
            (
                "more than one private key",
                [&self.private[..], &other()].concat().into(),
            ),
        ]
    }

    /// The private key, encrypted by openssl with a passphrase.
    pub fn locked(&self, way: &[&str], passphrase: &str) -> Vec<u8> {
        let passphrase = format!("pass:{passphrase}");
        let args = [&["pkcs8", "-topk8", "-passout", &passphrase][..], way].concat();
        self.openssl(&args)
    }
}

/// Another private key, a small one.
fn other() -> String {
    String::from_utf8(tools::openssl(&["genrsa", "2048"], b"")).unwrap()
}
