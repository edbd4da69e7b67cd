//! The forms in which keys come, and what is put right in them: names for people.

use core::fmt;

/// What a public key came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicForm {
    /// SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
    Spki,
    /// RSAPublicKey (RFC 8017 appendix A.1.1).
    Pkcs1,
    /// A certificate (RFC 5280).
    Certificate,
    /// A certificate request (RFC 2986).
    CertificateRequest,
    /// A line of OpenSSH's `.pub` or `authorized_keys` (RFC 4253 section 6.6).
    OpenSsh,
    /// An SSH2 public key file (RFC 4716), as PuTTY saves it too.
    Ssh2,
    /// A JSON Web Key or a set of one (RFC 7517).
    Jwk,
}

/// What an unencrypted private key came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateForm {
    /// PrivateKeyInfo (RFC 5958).
    Pkcs8,
    /// RSAPrivateKey (RFC 8017 appendix A.1.2).
    Pkcs1,
    /// A JSON Web Key with its private members (RFC 7518 section 6.3.2).
    Jwk,
}

/// What an encrypted private key came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncryptedForm {
    /// PKCS#8 with PBES2 (RFC 8018 section 6.2); the DER of its EncryptedPrivateKeyInfo (RFC 5958
    /// section 3).
    Pbes2(Vec<u8>),
    /// PKCS#8 with an older scheme (PBES1, PKCS#12's).
    OldPkcs8,
    /// PEM with `Proc-Type: 4,ENCRYPTED` (RFC 1421), OpenSSL's old way.
    OldPem,
    /// OpenSSH's own.
    OpenSsh,
    /// PuTTY's own.
    Putty,
}

/// What was put right in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mended {
    /// It was binary.
    Der,
    /// A byte order mark stood before the text.
    ByteOrderMark,
    /// The text was a JSON string, or among a JSON text's strings.
    Json,
    /// The whole text was base64 of a text.
    EncodedTwice,
    /// Base64 without the lines around it.
    NoArmour,
    /// The lines around it did not have their five dashes.
    Dashes,
    /// Other text stood before or after the key.
    SurroundingText,
    /// CR, with or without LF.
    CarriageReturns,
    /// A backslash and the letter n instead of line breaks.
    EscapedLineBreaks,
    /// Blanks before the lines.
    Indentation,
    /// Lines of another length than 64 characters, or broken ones.
    LineBreaks,
    /// The `=` at the end of the base64 were missing or too many.
    Padding,
    /// The last line had no end.
    NoFinalNewline,
}

impl fmt::Display for PublicForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Spki => "a public key (SPKI)",
            Self::Pkcs1 => "a public key (PKCS#1), written anew as SPKI",
            Self::Certificate => "a certificate, of which only the public key is taken",
            Self::CertificateRequest => {
                "a certificate request, of which only the public key is taken"
            }
            Self::OpenSsh => "an OpenSSH public key, written anew as SPKI",
            Self::Ssh2 => "an SSH2 public key, written anew as SPKI",
            Self::Jwk => "a JSON Web Key, written anew as SPKI",
        })
    }
}

impl fmt::Display for PrivateForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pkcs8 => "an RSA private key (PKCS#8)",
            Self::Pkcs1 => "an RSA private key (PKCS#1)",
            Self::Jwk => "an RSA private key (JSON Web Key)",
        })
    }
}

impl fmt::Display for EncryptedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pbes2(_) => {
                "This is a private key (PKCS#8) encrypted with a passphrase: nothing of it was \
                 sent, and with the passphrase its public half can be derived here."
            }
            Self::OldPkcs8 | Self::OldPem => {
                "This is a private key encrypted with a passphrase in an old way that is not read \
                 here; nothing of it was sent, and `openssl pkey -in FILE -pubout -out \
                 public.pem` writes its public half."
            }
            Self::OpenSsh => {
                "This is an OpenSSH private key encrypted with a passphrase, which is not read \
                 here; nothing of it was sent, and `ssh-keygen -e -m PKCS8 -f FILE > public.pem` \
                 writes its public half."
            }
            Self::Putty => {
                "This is a PuTTY private key encrypted with a passphrase, which is not read here; \
                 nothing of it was sent, and `puttygen FILE -O public-openssh -o public.pub` \
                 writes its public half."
            }
        })
    }
}

impl fmt::Display for Mended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Der => "binary DER written as PEM",
            Self::ByteOrderMark => "a byte order mark",
            Self::Json => "the key taken out of JSON",
            Self::EncodedTwice => "base64 around the whole file",
            Self::NoArmour => "the missing BEGIN and END lines",
            Self::Dashes => "the dashes of the BEGIN and END lines",
            Self::SurroundingText => "other text around the key",
            Self::CarriageReturns => "line ends of another system",
            Self::EscapedLineBreaks => "line breaks written as \\n",
            Self::Indentation => "indentation",
            Self::LineBreaks => "missing or misplaced line breaks",
            Self::Padding => "the = signs at the key's end",
            Self::NoFinalNewline => "the missing last line break",
        })
    }
}
