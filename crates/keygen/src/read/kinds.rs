//! Names for people of what cannot be used.

use core::fmt;

/// What is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// PNG, JPEG, GIF.
    Picture,
    /// PDF.
    Pdf,
    /// ZIP (and what is made of it), gzip, bzip2, xz, zstd, 7z.
    Archive,
    /// An executable.
    Program,
    /// Other bytes.
    Binary,
    /// Other text.
    Text,
    /// Other JSON.
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

/// What a public key is, when it is not plain RSA.
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
    /// OpenSSH's key in a security token.
    SecurityKey,
    /// OpenSSH's certificate.
    SshCertificate,
    /// Another one.
    Other,
}

/// Why an RSA key will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Too few bits.
    Short {
        /// Of the modulus.
        bits: u32,
    },
    /// Too many bits.
    Long {
        /// Of the modulus.
        bits: u32,
    },
    /// Its exponent is 1 or 0.
    ExponentOne,
    /// Its exponent is even.
    ExponentEven,
    /// Its exponent has more than 33 bits.
    ExponentLarge,
    /// Of private keys: it is not 65537.
    ExponentUnusual,
}

/// Private keys that are not read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateKind {
    /// Of another algorithm.
    Algorithm(Algorithm),
    /// In OpenSSH's own form.
    OpenSsh,
    /// In PuTTY's own form.
    Putty,
    /// Of OpenPGP.
    Pgp,
    /// PKCS#12 (.p12, .pfx).
    Pkcs12,
    /// A keystore of Java (JKS, JCEKS).
    Keystore,
    /// A JWK whose private members do not make a whole key.
    Jwk,
    /// A JWK of `kty` oct.
    Symmetric,
    /// Printed numbers, or XML.
    Printed,
    /// More than one.
    Several,
    /// Cut short or damaged.
    Damaged,
    /// Among other things, or in a place where none belongs.
    Somewhere,
}

impl PrivateKind {
    /// The way out, as the end of a sentence.
    pub(super) fn way_out(self) -> &'static str {
        match self {
            Self::Algorithm(_) | Self::Symmetric => {
                "authorized keys are RSA only: make an RSA key, here or with `openssl genrsa -out \
                 private.pem 4096`"
            }
            Self::OpenSsh => "`ssh-keygen -e -m PKCS8 -f FILE > public.pem` writes its public half",
            Self::Putty => "`puttygen FILE -O public-openssh -o public.pub` writes its public half",
            Self::Pgp => "PGP keys are not authorized keys: make an RSA key here",
            Self::Pkcs12 => {
                "`openssl pkcs12 -in FILE -nokeys -clcerts -out certificate.pem` writes its \
                 certificate, which can be chosen here"
            }
            Self::Keystore => {
                "`keytool -exportcert -rfc -keystore FILE -alias NAME -file certificate.pem` \
                 writes its certificate, which can be chosen here"
            }
            Self::Printed | Self::Jwk => {
                "`openssl pkey -in private.pem -pubout -out public.pem` writes the public half of \
                 the key's own file"
            }
            Self::Several => "only one key can be used: save the right one in a file of its own",
            Self::Damaged => "it cannot be read: get it again from where it was made",
            Self::Somewhere => "a public key must come alone: save it in a file of its own",
        }
    }
}

impl fmt::Display for PrivateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm(algorithm) => write!(f, "the private half of {algorithm}"),
            other => f.write_str(match other {
                Self::OpenSsh => "an OpenSSH private key, which is not read here",
                Self::Putty => "a PuTTY private key, which is not read here",
                Self::Pgp => "a PGP private key",
                Self::Pkcs12 => "a PKCS#12 file, made to hold a private key",
                Self::Keystore => "a Java keystore, made to hold private keys",
                Self::Jwk => "a private JSON Web Key without all of its members",
                Self::Symmetric => "a symmetric secret key (JWK oct)",
                Self::Printed => "a private key as printed numbers",
                Self::Several => "a file with more than one private key",
                Self::Damaged => "a private key that is cut short or damaged",
                _ => "a file with private key material in it",
            }),
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Picture => "a picture",
            Self::Pdf => "a PDF document",
            Self::Archive => "a compressed archive",
            Self::Program => "a program",
            Self::Binary => "a binary file",
            Self::Text => "a text without a key",
            Self::Json => "a JSON text without a key",
            Self::Pgp => "a PGP file",
            Self::Pkcs7 => "a PKCS#7 bundle",
            Self::Parameters => "a file of parameters without a key",
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
            Self::RsaPss => "an RSA key that is restricted to PSS signatures (RSASSA-PSS)",
            Self::SecurityKey => "a key in a security token (OpenSSH sk)",
            Self::SshCertificate => "an OpenSSH certificate",
            Self::Other => "a key of an unknown algorithm",
        })
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { bits } => write!(f, "has {bits} bits, where at least 4096 are needed"),
            Self::Long { bits } => write!(f, "has {bits} bits, where at most 8192 are taken"),
            Self::ExponentOne => {
                f.write_str("has the exponent 1 or 0, with which it hides nothing")
            }
            Self::ExponentEven => f.write_str("has an even exponent, with which no RSA key works"),
            Self::ExponentLarge => f.write_str("has an exponent of more than 33 bits"),
            Self::ExponentUnusual => {
                f.write_str("has another exponent than 65537, the only one used here")
            }
        }
    }
}
