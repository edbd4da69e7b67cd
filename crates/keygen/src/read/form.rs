//! The formats of keys, the repairs, and how messages name them.

use core::fmt;

use crate::OpenError;

/// The format of a public key.
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
    /// A JSON Web Key, or a set with one key (RFC 7517).
    Jwk,
    /// A PUBLICKEYBLOB of Windows' CryptoAPI.
    CspBlob,
}

/// The format of an unencrypted private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateForm {
    /// PrivateKeyInfo (RFC 5958).
    Pkcs8,
    /// RSAPrivateKey (RFC 8017 appendix A.1.2).
    Pkcs1,
    /// A JSON Web Key with its private members (RFC 7518 section 6.3.2).
    Jwk,
}

/// The format of an encrypted private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncryptedForm {
    /// PKCS#8 with PBES2 (RFC 8018 section 6.2); the DER of its EncryptedPrivateKeyInfo (RFC 5958
    /// section 3).
    Pbes2(Vec<u8>),
    /// PKCS#8 with PBES2 that can't be decrypted here, and why.
    Unsupported(OpenError),
    /// PKCS#8 with an older scheme (PBES1, PKCS#12's).
    OldPkcs8,
    /// PEM with `Proc-Type: 4,ENCRYPTED` (RFC 1421), as old versions of OpenSSL write it.
    OldPem,
    /// OpenSSH's format.
    OpenSsh,
    /// PuTTY's format.
    Putty,
}

/// A wrapping that was removed, or a deviation from PEM that was repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repair {
    /// The text was in UTF-16 or UTF-32.
    Utf16,
    /// Zero bytes followed.
    ZeroBytes,
    /// The text contained characters without width, or unusual spaces.
    InvisibleCharacters,
    /// The text was a string in a JSON text.
    JsonInJson,
    /// The text or DER was written as hexadecimal digits.
    Hex,
    /// The lines were those of a diff.
    Diff,
    /// Each line had the same prefix, such as a number, `>` or `|`.
    LinePrefixes,
    /// The text was encoded as quoted-printable, as in the source of a mail.
    QuotedPrintable,
    /// Characters were written as references of XML or HTML.
    Entities,
    /// Characters were written with a percent sign, as in addresses.
    PercentEncoding,
    /// The text was a string in the source code of a program.
    StringSyntax,
    /// The base64 used the characters of base64url.
    UrlAlphabet,
    /// The file was binary DER.
    Der,
    /// A byte order mark stood before the text.
    ByteOrderMark,
    /// The key was a string in a JSON text.
    Json,
    /// The whole text was encoded in base64 once more.
    EncodedTwice,
    /// The BEGIN and END lines were missing.
    NoMarkers,
    /// The BEGIN or END line didn't have its five dashes.
    Dashes,
    /// Other text stood before or after the key.
    SurroundingText,
    /// Lines ended with CR, with or without LF.
    CarriageReturns,
    /// Line breaks were written as a backslash and the letter n.
    EscapedLineBreaks,
    /// Lines were indented.
    Indentation,
    /// Lines didn't have 64 characters each.
    LineBreaks,
    /// The base64 had too few or too many `=` at its end.
    Padding,
    /// The last line had no line break.
    NoFinalNewline,
}

impl PublicForm {
    /// How this format becomes SPKI, as a sentence; empty if it already is SPKI.
    pub(super) fn conversion(self) -> &'static str {
        match self {
            Self::Spki => "",
            Self::Certificate | Self::CertificateRequest => " Only its public key is used.",
            Self::Pkcs1 | Self::OpenSsh | Self::Ssh2 | Self::Jwk | Self::CspBlob => {
                " It's converted to SPKI."
            }
        }
    }
}

impl fmt::Display for PublicForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Spki => "a public key (SPKI)",
            Self::Pkcs1 => "a public key (PKCS#1)",
            Self::Certificate => "a certificate",
            Self::CertificateRequest => "a certificate request",
            Self::OpenSsh => "an OpenSSH public key",
            Self::Ssh2 => "an SSH2 public key",
            Self::Jwk => "a JSON Web Key",
            Self::CspBlob => "a Windows public key (PUBLICKEYBLOB)",
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
            Self::Unsupported(why) => {
                return write!(
                    f,
                    "This is an encrypted private key (PKCS#8). The file wasn't sent. {why}"
                );
            }
            Self::Pbes2(_) => {
                "This is an encrypted private key (PKCS#8). The file wasn't sent. Enter its \
                 passphrase to see its public key."
            }
            Self::OldPkcs8 | Self::OldPem => {
                "This is a private key encrypted with an outdated scheme, which Keyside can't \
                 read. The file wasn't sent. Run `openssl pkey -in FILE -pubout -out public.pem` \
                 to get its public key."
            }
            Self::OpenSsh => {
                "This is an encrypted OpenSSH private key, which Keyside can't read. The file \
                 wasn't sent. Run `ssh-keygen -e -m PKCS8 -f FILE > public.pem` to get its public \
                 key."
            }
            Self::Putty => {
                "This is an encrypted PuTTY private key, which Keyside can't read. The file wasn't \
                 sent. Run `puttygen FILE -O public-openssh -o public.pub` to get its public key."
            }
        })
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf16 => "UTF-16 encoding",
            Self::ZeroBytes => "zero bytes at the end",
            Self::InvisibleCharacters => "invisible characters",
            Self::JsonInJson => "JSON around the text",
            Self::Hex => "hexadecimal encoding",
            Self::Diff => "diff markers",
            Self::LinePrefixes => "line prefixes",
            Self::QuotedPrintable => "quoted-printable encoding, as in the source of a mail",
            Self::Entities => "XML or HTML escapes",
            Self::PercentEncoding => "percent-encoding",
            Self::StringSyntax => "string quoting from source code",
            Self::UrlAlphabet => "base64url instead of base64",
            Self::Der => "binary DER instead of PEM",
            Self::ByteOrderMark => "a byte order mark",
            Self::Json => "JSON around the key",
            Self::EncodedTwice => "base64 around the text, as in a Kubernetes secret",
            Self::NoMarkers => "missing BEGIN and END lines",
            Self::Dashes => "wrong dashes in the BEGIN and END lines",
            Self::SurroundingText => "other text around the key",
            Self::CarriageReturns => "line endings with carriage returns",
            Self::EscapedLineBreaks => "line breaks written as \\n",
            Self::Indentation => "indentation",
            Self::LineBreaks => "missing or misplaced line breaks",
            Self::Padding => "wrong padding at the end of the key",
            Self::NoFinalNewline => "a missing line break at the end",
        })
    }
}
