//! Key files in all formats, made once.

use std::{fs, path::PathBuf, sync::LazyLock};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use keyside_keygen::{Algorithm, KeyFile, PublicKey, Refusal, read_key_file};

use crate::support::openssl;

/// An RSA-4096 key pair in all formats.
pub struct Pair {
    pub private: Vec<u8>,
    pub private_der: Vec<u8>,
    pub pkcs1_private: Vec<u8>,
    pub encrypted: Vec<u8>,
    pub encrypted_der: Vec<u8>,
    pub old_encrypted: Vec<u8>,
    pub public: Vec<u8>,
    pub public_der: Vec<u8>,
    pub pkcs1_public: Vec<u8>,
    pub pkcs1_public_der: Vec<u8>,
    pub certificate: Vec<u8>,
    pub certificate_der: Vec<u8>,
    pub request: Vec<u8>,
    pub pkcs12: Vec<u8>,
    pub ssh: Vec<u8>,
    pub ssh2: Vec<u8>,
    pub jwk: Vec<u8>,
    pub private_jwk: Vec<u8>,
    pub key: PublicKey,
}

pub static PAIR: LazyLock<Pair> = LazyLock::new(|| Pair::make(&openssl(&["genrsa", "4096"], b"")));
pub static OTHER: LazyLock<Pair> = LazyLock::new(|| Pair::make(&openssl(&["genrsa", "4096"], b"")));

/// Arguments of openssl that make keys of other algorithms.
pub const OTHER_ALGORITHMS: [(&[&str], Algorithm); 5] = [
    (
        &[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ],
        Algorithm::Ec,
    ),
    (&["genpkey", "-algorithm", "ED25519"], Algorithm::Edwards),
    (&["genpkey", "-algorithm", "X25519"], Algorithm::Montgomery),
    (&["genpkey", "-algorithm", "X448"], Algorithm::Montgomery),
    (
        &[
            "genpkey",
            "-algorithm",
            "RSA-PSS",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
        ],
        Algorithm::RsaPss,
    ),
];

impl Pair {
    fn make(private: &[u8]) -> Self {
        let of_private = |args: &[&str]| openssl(args, private);
        let file = Temporary::new(private);
        let with_key = |args: &[&str]| openssl(&[args, &["-key", file.path()]].concat(), b"");
        let public = of_private(&["pkey", "-pubout"]);
        let certificate = with_key(&["req", "-x509", "-subj", "/CN=a.example", "-days", "9"]);
        let both = [private, &certificate].concat();
        let numbers = Numbers::of(&of_private(&["rsa", "-traditional", "-outform", "DER"]));
        let wire = numbers.wire();
        let ssh = format!(
            "ssh-rsa {} someone@a.example\n",
            Base64::encode_string(&wire)
        );
        Self {
            private_der: of_private(&["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"]),
            pkcs1_private: of_private(&["rsa", "-traditional"]),
            encrypted: of_private(&["pkcs8", "-topk8", "-passout", "pass:x"]),
            encrypted_der: of_private(&[
                "pkcs8", "-topk8", "-passout", "pass:x", "-outform", "DER",
            ]),
            old_encrypted: of_private(&["rsa", "-traditional", "-aes128", "-passout", "pass:four"]),
            public_der: of_private(&["pkey", "-pubout", "-outform", "DER"]),
            pkcs1_public: of_private(&["rsa", "-RSAPublicKey_out"]),
            pkcs1_public_der: of_private(&["rsa", "-RSAPublicKey_out", "-outform", "DER"]),
            certificate_der: openssl(&["x509", "-outform", "DER"], &certificate),
            request: with_key(&["req", "-new", "-subj", "/C=DE"]),
            pkcs12: openssl(&["pkcs12", "-export", "-passout", "pass:x"], &both),
            ssh: ssh.into_bytes(),
            ssh2: ssh2(&wire),
            jwk: numbers.jwk(2),
            private_jwk: numbers.jwk(8),
            key: PublicKey::from_spki_pem(core::str::from_utf8(&public).unwrap()).unwrap(),
            private: private.to_vec(),
            public,
            certificate,
        }
    }

    /// The public key in all formats, each with a name.
    pub fn publics(&self) -> Vec<(&'static str, &[u8])> {
        vec![
            ("SPKI", &self.public),
            ("SPKI DER", &self.public_der),
            ("PKCS#1", &self.pkcs1_public),
            ("PKCS#1 DER", &self.pkcs1_public_der),
            ("certificate", &self.certificate),
            ("certificate DER", &self.certificate_der),
            ("request", &self.request),
            ("OpenSSH", &self.ssh),
            ("SSH2", &self.ssh2),
            ("JWK", &self.jwk),
        ]
    }

    /// The private key in all formats, each with a name.
    pub fn privates(&self) -> Vec<(&'static str, &[u8])> {
        vec![
            ("PKCS#8", &self.private),
            ("PKCS#8 DER", &self.private_der),
            ("PKCS#1", &self.pkcs1_private),
            ("encrypted", &self.encrypted),
            ("encrypted DER", &self.encrypted_der),
            ("old encrypted", &self.old_encrypted),
            ("PKCS#12", &self.pkcs12),
            ("JWK", &self.private_jwk),
        ]
    }
}

/// The numbers of RSAPrivateKey: n, e, d, p, q, dp, dq, qi; big-endian.
struct Numbers(Vec<Vec<u8>>);

impl Numbers {
    fn of(pkcs1: &[u8]) -> Self {
        // A SEQUENCE of INTEGERs, of which the first is the version.
        let mut rest = &pkcs1[4..];
        let mut numbers = Vec::new();
        while let [2, length, tail @ ..] = rest {
            let (length, tail) = match length {
                0x82 => (usize::from(tail[0]) << 8 | usize::from(tail[1]), &tail[2..]),
                0x81 => (usize::from(tail[0]), &tail[1..]),
                short => (usize::from(*short), tail),
            };
            numbers.push(tail[..length].to_vec());
            rest = &tail[length..];
        }
        numbers.remove(0);
        Self(numbers)
    }

    fn wire(&self) -> Vec<u8> {
        wire("ssh-rsa", &[&self.0[1], &self.0[0]])
    }

    /// A JWK with the first `count` numbers.
    fn jwk(&self, count: usize) -> Vec<u8> {
        let names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
        let mut json = serde_json::json!({ "kty": "RSA", "kid": "a", "use": "sig" });
        for (name, number) in names.iter().zip(&self.0).take(count) {
            let zeros = number.iter().take_while(|byte| **byte == 0).count();
            json[name] = Base64UrlUnpadded::encode_string(&number[zeros..]).into();
        }
        serde_json::to_vec_pretty(&json).unwrap()
    }
}

/// The wire format of RFC 4253 section 6.6.
pub fn wire(name: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut wire = Vec::new();
    for field in [&[name.as_bytes()], fields].concat() {
        wire.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
        wire.extend(field);
    }
    wire
}

fn ssh2(wire: &[u8]) -> Vec<u8> {
    let base64 = Base64::encode_string(wire);
    let lines: Vec<_> = base64.as_bytes().chunks(70).collect();
    let begin = "---- BEGIN SSH2 PUBLIC KEY ----\nSubject: someone\nComment: \"4096-bit RSA, \\\nmade once\"\n";
    [
        begin.as_bytes(),
        &lines.join(&b'\n'),
        b"\n---- END SSH2 PUBLIC KEY ----\n",
    ]
    .concat()
}

/// PEM of `der` with `label`.
pub fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    let base64 = Base64::encode_string(der);
    let lines: Vec<_> = base64.as_bytes().chunks(64).collect();
    let dashes = "-----";
    [
        format!("{dashes}BEGIN {label}{dashes}\n").as_bytes(),
        &lines.join(&b'\n'),
        format!("\n{dashes}END {label}{dashes}\n").as_bytes(),
    ]
    .concat()
}

/// The content of a text file.
pub fn text(file: &[u8]) -> &str {
    core::str::from_utf8(file).unwrap()
}

/// Why a file was refused.
pub fn refused(file: &[u8]) -> Refusal {
    match read_key_file(file) {
        KeyFile::Refused(refusal) => refusal,
        other => panic!("{other}"),
    }
}

/// A temporary file, deleted when dropped.
pub struct Temporary(PathBuf);

impl Temporary {
    pub fn new(content: &[u8]) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("keyside-read-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, content).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
