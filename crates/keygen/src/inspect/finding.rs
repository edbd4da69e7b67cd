//! What can be wrong with a credentials file, and its consequences.

use core::fmt;

use crate::{IdError, OpenError, Repair};

/// What the official Python SDK does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sdk {
    /// It reads the file and signs a token request.
    Accepts,
    /// It fails with an error.
    Rejects,
    /// Not known: the file wasn't read.
    Unknown,
}

/// What repairing the file does about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// The repaired file doesn't have it.
    Repairs,
    /// The repaired file has it, too.
    Keeps,
    /// The file can't be repaired: a value is missing.
    Blocks,
}

/// A field of the file, or the object around the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `subject-credentials`.
    SubjectCredentials,
    /// `type`.
    Type,
    /// `alg`.
    Alg,
    /// `private-key`.
    PrivateKey,
    /// `kid`.
    Kid,
    /// `iss`.
    Iss,
    /// `sub`.
    Sub,
}

impl Field {
    /// The name in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SubjectCredentials => "subject-credentials",
            Self::Type => "type",
            Self::Alg => "alg",
            Self::PrivateKey => "private-key",
            Self::Kid => "kid",
            Self::Iss => "iss",
            Self::Sub => "sub",
        }
    }
}

/// A kind of JSON value (RFC 8259 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A fault of a file. Displays as a message: what is wrong and what to do. The message quotes
/// nothing of the file but IDs, and names of fields that can't be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the doc comment of a variant describes its fields"
)]
pub enum Finding {
    /// The file is empty.
    Empty,
    /// The file has more than [`MAX_CREDENTIALS_BYTES`](crate::MAX_CREDENTIALS_BYTES) bytes.
    TooLarge,
    /// The file starts with a UTF-8 byte order mark.
    ByteOrderMark,
    /// The file is in the named encoding instead of UTF-8.
    Encoding { name: &'static str },
    /// The file is inside of something, which was taken off.
    Wrapped { wrapping: Repair },
    /// The file is encrypted as a whole, with the named program.
    Locked { program: &'static str },
    /// There are comments in the JSON.
    Comments,
    /// A comma precedes the end of an object or an array.
    TrailingCommas,
    /// Names or values are in typographic quotation marks.
    CurlyQuotes,
    /// Names or values are in single quotation marks.
    SingleQuotes,
    /// Commas between members are missing, or there are too many.
    Commas,
    /// The private key is a placeholder, which a program should have replaced.
    Placeholder,
    /// The file isn't text in a known encoding.
    NotText,
    /// The file is PEM.
    PemFile,
    /// The file isn't JSON; line and column start at 1. `cut`: it ends too early.
    NotJson {
        line: usize,
        column: usize,
        cut: bool,
    },
    /// A string contains raw line breaks.
    RawLineBreaks,
    /// The file is JSON, but not an object.
    NotAnObject { kind: Kind },
    /// The file is a JSON Web Key or a set of them (RFC 7517).
    Jwk,
    /// The file is a key file of the named cloud.
    OtherCloud { name: &'static str },
    /// The file is an object with none of the fields.
    NotCredentials,
    /// The object `subject-credentials` around the fields is missing.
    NoWrapper,
    /// A field is missing. `repairable`: the right value is known.
    Missing { field: Field, repairable: bool },
    /// The name of a field is misspelled.
    Misnamed { field: Field },
    /// A field has a wrong kind of value. `repairable`: the right value is known.
    WrongKind {
        field: Field,
        kind: Kind,
        repairable: bool,
    },
    /// A field appears more than once.
    Duplicate { field: Field },
    /// An unknown field; its name, if it can't be secret.
    Extra { name: Option<String> },
    /// `type` isn't `JWT`. `empty`: it is empty.
    Type { empty: bool },
    /// `alg` isn't `RS256`; its name, if it's a registered one.
    Alg { name: Option<&'static str> },
    /// There is whitespace around an ID. `mismatch`: it makes `iss` and `sub` differ.
    Whitespace { field: Field, mismatch: bool },
    /// An ID isn't valid.
    Id { field: Field, error: IdError },
    /// An ID has the prefix of another kind.
    WrongIdKind { field: Field },
    /// `kid` is the service account's ID, `iss` and `sub` are the key's.
    Swapped,
    /// `iss` and `sub` differ; both, if they can be shown. `repairable`: only one is a service
    /// account's ID.
    IssuerSubjectMismatch {
        iss: Option<String>,
        sub: Option<String>,
        repairable: bool,
    },
    /// Line breaks of the private key are escaped twice. `accepted`: by the SDK.
    EscapedTwice { accepted: bool },
    /// The line breaks of the private key are lost.
    NoLineBreaks,
    /// The lines of the private key end with CR.
    CarriageReturns,
    /// The private key's last line has no line break.
    NoFinalNewline,
    /// The private key isn't laid out in 64 columns. `accepted`: by the SDK.
    Layout { accepted: bool },
    /// The BEGIN or END line of the private key is missing or damaged.
    Markers,
    /// The BEGIN line of the private key names another format than the key has.
    WrongLabel,
    /// The private key is in PKCS#1.
    Pkcs1,
    /// Another PEM block, such as a certificate, stands before the private key.
    NotFirst,
    /// The private key is restricted to PSS signatures (id-RSASSA-PSS, RFC 4055).
    Pss,
    /// The private key is encrypted; why the passphrase, if there was one, didn't decrypt it.
    Encrypted { reason: Option<OpenError> },
    /// The private key is encrypted, and the passphrase decrypted it.
    Decrypted,
    /// The private key is encrypted as by old versions of openssl (`Proc-Type: 4,ENCRYPTED`).
    LegacyEncryption,
    /// `private-key` contains a public key.
    PublicKey,
    /// `private-key` contains a certificate.
    Certificate,
    /// The private key isn't RSA; its type.
    OtherKey { name: &'static str },
    /// The private key is in OpenSSH's own format.
    OpenSsh,
    /// `private-key` contains no key.
    NoKey,
    /// The private key is incomplete or altered.
    Damaged,
    /// The numbers of the private key don't match.
    Numbers,
    /// The CRT values of the private key don't match its other numbers, which determine them.
    CrtNumbers,
    /// The public exponent isn't 65537.
    Exponent,
    /// The private key has fewer than 4096 bits.
    Short { bits: u32 },
    /// The private key has too few or too many bits to be read.
    Size { bits: u32 },
}

impl Finding {
    /// What the official Python SDK does because of this finding.
    #[must_use]
    pub fn sdk(&self) -> Sdk {
        let accepts = match self {
            Self::TooLarge => return Sdk::Unknown,
            // Python's JSON parser decodes it.
            Self::Wrapped { wrapping } => *wrapping == Repair::Utf16,
            Self::ByteOrderMark
            | Self::Encoding { .. }
            | Self::Duplicate { .. }
            | Self::Extra { .. }
            | Self::Id { .. }
            | Self::WrongIdKind { .. }
            | Self::Swapped
            | Self::NoLineBreaks
            | Self::CarriageReturns
            | Self::NoFinalNewline
            | Self::Pkcs1
            | Self::NotFirst
            | Self::Pss
            | Self::Exponent
            | Self::Short { .. }
            | Self::Size { .. } => true,
            Self::Misnamed { field } => *field == Field::Type,
            Self::Type { empty } => *empty,
            Self::Whitespace { mismatch, .. } => !*mismatch,
            Self::EscapedTwice { accepted } | Self::Layout { accepted } => *accepted,
            _ => false,
        };
        if accepts { Sdk::Accepts } else { Sdk::Rejects }
    }

    /// What repairing the file does about this finding.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        let repairs = match self {
            Self::Short { .. } => return Remedy::Keeps,
            Self::ByteOrderMark
            | Self::Encoding { .. }
            | Self::Wrapped { .. }
            | Self::Comments
            | Self::TrailingCommas
            | Self::CurlyQuotes
            | Self::SingleQuotes
            | Self::Commas
            | Self::RawLineBreaks
            | Self::NoWrapper
            | Self::Misnamed { .. }
            | Self::Duplicate { .. }
            | Self::Extra { .. }
            | Self::Type { .. }
            | Self::Alg { .. }
            | Self::Whitespace { .. }
            | Self::Swapped
            | Self::EscapedTwice { .. }
            | Self::NoLineBreaks
            | Self::CarriageReturns
            | Self::NoFinalNewline
            | Self::Layout { .. }
            | Self::Markers
            | Self::WrongLabel
            | Self::Pkcs1
            | Self::NotFirst
            | Self::Pss
            | Self::Decrypted
            | Self::CrtNumbers => true,
            Self::Missing { repairable, .. }
            | Self::WrongKind { repairable, .. }
            | Self::IssuerSubjectMismatch { repairable, .. } => *repairable,
            _ => false,
        };
        if repairs {
            Remedy::Repairs
        } else {
            Remedy::Blocks
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
