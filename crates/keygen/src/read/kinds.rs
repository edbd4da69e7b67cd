//! Files and keys that can't be used, and how messages name them.

use core::fmt;

/// A file that isn't a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherFile {
    /// PNG, JPEG, GIF.
    Picture,
    /// PDF.
    Pdf,
    /// ZIP (and formats based on it), gzip, bzip2, xz, zstd, 7z.
    Archive,
    /// An executable.
    Program,
    /// Any other binary file.
    Binary,
    /// Any other text.
    Text,
    /// Any other JSON.
    Json,
    /// A public key, signature or message of OpenPGP.
    Pgp,
    /// PKCS#7 or CMS.
    Pkcs7,
    /// Parameters without a key, or a revocation list.
    Parameters,
    /// An RSAKeyValue in XML.
    Xml,
}

/// The algorithm of a key that isn't plain RSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA or ECDH on a NIST or other curve.
    Ec,
    /// Ed25519 or Ed448.
    Edwards,
    /// X25519 or X448.
    Montgomery,
    /// DSA.
    Dsa,
    /// Diffie-Hellman.
    Dh,
    /// RSA restricted to PSS (id-RSASSA-PSS, RFC 4055).
    RsaPss,
    /// An OpenSSH key on a security token.
    SecurityKey,
    /// An OpenSSH certificate.
    SshCertificate,
    /// An unknown algorithm.
    Other,
}

/// Why an RSA key isn't supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsupported {
    /// Too few bits.
    Short {
        /// Bits of the modulus.
        bits: u32,
    },
    /// Too many bits.
    Long {
        /// Bits of the modulus.
        bits: u32,
    },
    /// The exponent is 1 or 0.
    ExponentOne,
    /// The exponent is even.
    ExponentEven,
    /// The exponent has more than 33 bits.
    ExponentLarge,
    /// The exponent of a private key isn't 65537.
    ExponentUnusual,
}

/// Private keys that can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateKind {
    /// A key of another algorithm.
    Algorithm(Algorithm),
    /// In OpenSSH's format.
    OpenSsh,
    /// In PuTTY's format.
    Putty,
    /// An OpenPGP key.
    Pgp,
    /// PKCS#12 (.p12, .pfx).
    Pkcs12,
    /// A Java keystore (JKS, JCEKS).
    Keystore,
    /// A PVK file of Windows.
    Pvk,
    /// A PRIVATEKEYBLOB of Windows' CryptoAPI.
    CspBlob,
    /// A JWK with some of its private members missing.
    Jwk,
    /// A JWK with `kty` oct.
    Symmetric,
    /// Printed numbers or XML.
    Printed,
    /// More than one key.
    Several,
    /// Incomplete or damaged.
    Damaged,
    /// Inside a file that isn't a private key file.
    Embedded,
}

impl PrivateKind {
    /// What to do, as a sentence without its period.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Algorithm(_) | Self::Symmetric => {
                "Authorized keys must be RSA: create one here or with `openssl genrsa -out \
                 private.pem 4096`"
            }
            Self::OpenSsh => {
                "Run `ssh-keygen -e -m PKCS8 -f FILE > public.pem` to get its public key"
            }
            Self::Putty => {
                "Run `puttygen FILE -O public-openssh -o public.pub` to get its public key"
            }
            Self::Pgp => "Authorized keys must be RSA: create one here",
            Self::Pkcs12 => {
                "Run `openssl pkcs12 -in FILE -nokeys -clcerts -out certificate.pem`, and choose \
                 certificate.pem here"
            }
            Self::Keystore => {
                "Run `keytool -exportcert -rfc -keystore FILE -alias NAME -file certificate.pem`, \
                 and choose certificate.pem here"
            }
            Self::Pvk => {
                "Run `openssl rsa -inform PVK -in FILE -pubout -out public.pem` to get its public key"
            }
            Self::CspBlob => {
                "Run `openssl rsa -inform \"MS PRIVATEKEYBLOB\" -in FILE -pubout -out public.pem` to \
                 get its public key"
            }
            Self::Printed | Self::Jwk => {
                "Find the original key file, and run `openssl pkey -in private.pem -pubout -out \
                 public.pem` to get its public key"
            }
            Self::Several => "Save the key that you need in a file of its own",
            Self::Damaged => "Get the file again from its source",
            Self::Embedded => "Save the public key in a file of its own",
        }
    }
}

impl fmt::Display for PrivateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm(algorithm) => write!(f, "the private half of {algorithm}"),
            other => f.write_str(match other {
                Self::OpenSsh => "an OpenSSH private key, which Keyside can't read",
                Self::Putty => "a PuTTY private key, which Keyside can't read",
                Self::Pgp => "a PGP private key",
                Self::Pkcs12 => "a PKCS#12 file, which holds private keys",
                Self::Keystore => "a Java keystore, which holds private keys",
                Self::Pvk => "a Windows private key (PVK), which Keyside can't read",
                Self::CspBlob => "a Windows private key (PRIVATEKEYBLOB), which Keyside can't read",
                Self::Jwk => "a private JSON Web Key with missing members",
                Self::Symmetric => "a symmetric secret key (JWK oct)",
                Self::Printed => "a private key printed as numbers",
                Self::Several => "a file with more than one private key",
                Self::Damaged => "an incomplete or damaged private key",
                _ => "a file with private key material",
            }),
        }
    }
}

impl fmt::Display for OtherFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Picture => "an image",
            Self::Pdf => "a PDF document",
            Self::Archive => "a compressed archive",
            Self::Program => "a program",
            Self::Binary => "a binary file",
            Self::Text => "a text file without a key",
            Self::Json => "a JSON file without a key",
            Self::Pgp => "a PGP file",
            Self::Pkcs7 => "a PKCS#7 bundle",
            Self::Parameters => "a file with parameters but no key",
            Self::Xml => "an RSA key in XML",
        })
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ec => "an elliptic-curve key (EC)",
            Self::Edwards => "an Ed25519 or Ed448 key",
            Self::Montgomery => "an X25519 or X448 key",
            Self::Dsa => "a DSA key",
            Self::Dh => "a Diffie-Hellman key",
            Self::RsaPss => "an RSA key restricted to PSS signatures (RSASSA-PSS)",
            Self::SecurityKey => "a key on a security token (OpenSSH sk)",
            Self::SshCertificate => "an OpenSSH certificate",
            Self::Other => "a key of an unknown algorithm",
        })
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { bits } => write!(f, "has {bits} bits, but at least 4096 are required"),
            Self::Long { bits } => write!(f, "has {bits} bits, but at most 8192 are supported"),
            Self::ExponentOne => f.write_str("has the exponent 1 or 0, which protects nothing"),
            Self::ExponentEven => f.write_str("has an even exponent, which no valid key has"),
            Self::ExponentLarge => f.write_str("has an exponent of more than 33 bits"),
            Self::ExponentUnusual => {
                f.write_str("has an exponent other than 65537, the only one supported")
            }
        }
    }
}
