//! What can be wrong with a credentials file, and what follows from it.

use core::fmt;

use crate::{IdError, OpenError};

/// What the official Python SDK does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sdk {
    /// It reads it and signs a request for a token.
    Takes,
    /// It ends with an error.
    Refuses,
    /// Not judged: the file was not read.
    Unknown,
}

/// What writing the file anew does about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// The new file is free of it.
    Mends,
    /// The new file has it too.
    Leaves,
    /// There is no new file: something that it needs is not known.
    Prevents,
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
    /// As the file has it.
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

/// What kind of JSON value there is (RFC 8259 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    Text,
    /// An array.
    List,
    /// An object.
    Object,
}

/// One thing that is wrong. Its text says what, why it matters, and what to do; it quotes nothing
/// of the file but ids, and names of fields that can be no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "what a field holds is said at its variant")]
pub enum Finding {
    /// There is nothing in it.
    Empty,
    /// It has more than [`MOST_CREDENTIALS`](crate::MOST_CREDENTIALS) bytes.
    TooLarge,
    /// It begins with a byte order mark of UTF-8.
    ByteOrderMark,
    /// It is in the named encoding instead of UTF-8.
    Encoding { name: &'static str },
    /// It is text in no encoding that is known here.
    NotText,
    /// It is PEM itself.
    PemFile,
    /// It is not JSON; both from 1. `cut`: it ends too early.
    NotJson {
        line: usize,
        column: usize,
        cut: bool,
    },
    /// A text goes on over several lines.
    RawLineBreaks,
    /// It is JSON, but no object.
    NotAnObject { kind: Kind },
    /// It is a JSON Web Key, or a set of them (RFC 7517).
    Jwk,
    /// It is a key file of another cloud, which is named.
    OtherCloud { name: &'static str },
    /// It is an object with none of the fields.
    OtherShape,
    /// The object `subject-credentials` around the fields is missing.
    NoWrapper,
    /// A field is missing. `mended`: what belongs there is known.
    Missing { field: Field, mended: bool },
    /// A field has almost the right name.
    Misnamed { field: Field },
    /// A field has another kind of value. `mended`: what belongs there is known.
    WrongKind {
        field: Field,
        kind: Kind,
        mended: bool,
    },
    /// A field is there more than once.
    Duplicate { field: Field },
    /// A field that no reader knows; its name, if it can be no secret.
    Extra { name: Option<String> },
    /// `type` is another text than `JWT`; `empty`: it is empty.
    Type { empty: bool },
    /// `alg` is another text than `RS256`; its name, if it is one that exists.
    Alg { name: Option<&'static str> },
    /// There are blanks or line breaks around an id. `unlike`: `iss` and `sub` differ by them.
    Blanks { field: Field, unlike: bool },
    /// An id cannot be one.
    Id { field: Field, error: IdError },
    /// An id is of another kind, by its prefix.
    OtherKind { field: Field },
    /// `kid` has the service account's id, `iss` and `sub` that of the key.
    Swapped,
    /// `iss` and `sub` differ; both, if they can be shown. `mended`: one is no account's id.
    IssuerUnlikeSubject {
        iss: Option<String>,
        sub: Option<String>,
        mended: bool,
    },
    /// Line breaks of the private key are escaped twice. `taken`: the SDK does not mind.
    EscapedTwice { taken: bool },
    /// The line breaks of the private key are lost.
    NoLineBreaks,
    /// The lines of the private key end with CR.
    CarriageReturns,
    /// The private key's last line has no end.
    NoFinalNewline,
    /// Another layout of the private key than PKCS#8 in 64 columns. `taken`: the SDK does not mind.
    Layout { taken: bool },
    /// The first or last line of the private key's PEM is missing or damaged.
    Markers,
    /// The first line of the private key's PEM names another format than the one that follows.
    Mislabelled,
    /// The private key is in PKCS#1.
    Pkcs1,
    /// The private key is encrypted; why it was not opened with the passphrase that was given.
    Encrypted { refused: Option<OpenError> },
    /// The private key is encrypted, and was opened.
    Opened,
    /// It is encrypted in the way of old openssl (`Proc-Type: 4,ENCRYPTED`).
    EncryptedOldWay,
    /// There is a public key in the private one's place.
    PublicKey,
    /// There is a certificate in its place.
    Certificate,
    /// It is a private key, but not RSA; its kind.
    OtherKey { name: &'static str },
    /// There is no key in `private-key`.
    NoKey,
    /// The private key's text is cut or altered.
    Damaged,
    /// Its numbers do not fit each other.
    Numbers,
    /// Its numbers for faster arithmetic do not fit the others, from which they follow.
    FastNumbers,
    /// Its public exponent is not 65537.
    Exponent,
    /// It has fewer than 4096 bits.
    Short { bits: u32 },
    /// It has so few or so many bits that it is not read here.
    Size { bits: u32 },
}

impl Finding {
    /// What the official Python SDK does because of this one.
    #[must_use]
    pub fn sdk(&self) -> Sdk {
        let takes = match self {
            Self::TooLarge => return Sdk::Unknown,
            Self::ByteOrderMark
            | Self::Encoding { .. }
            | Self::Duplicate { .. }
            | Self::Extra { .. }
            | Self::Id { .. }
            | Self::OtherKind { .. }
            | Self::Swapped
            | Self::NoLineBreaks
            | Self::CarriageReturns
            | Self::NoFinalNewline
            | Self::Pkcs1
            | Self::Exponent
            | Self::Short { .. }
            | Self::Size { .. } => true,
            Self::Misnamed { field } => *field == Field::Type,
            Self::Type { empty } => *empty,
            Self::Blanks { unlike, .. } => !*unlike,
            Self::EscapedTwice { taken } | Self::Layout { taken } => *taken,
            _ => false,
        };
        if takes { Sdk::Takes } else { Sdk::Refuses }
    }

    /// What writing the file anew does about it.
    #[must_use]
    pub fn remedy(&self) -> Remedy {
        let mends = match self {
            Self::Short { .. } => return Remedy::Leaves,
            Self::ByteOrderMark
            | Self::Encoding { .. }
            | Self::RawLineBreaks
            | Self::NoWrapper
            | Self::Misnamed { .. }
            | Self::Duplicate { .. }
            | Self::Extra { .. }
            | Self::Type { .. }
            | Self::Alg { .. }
            | Self::Blanks { .. }
            | Self::Swapped
            | Self::EscapedTwice { .. }
            | Self::NoLineBreaks
            | Self::CarriageReturns
            | Self::NoFinalNewline
            | Self::Layout { .. }
            | Self::Markers
            | Self::Mislabelled
            | Self::Pkcs1
            | Self::Opened
            | Self::FastNumbers => true,
            Self::Missing { mended, .. }
            | Self::WrongKind { mended, .. }
            | Self::IssuerUnlikeSubject { mended, .. } => *mended,
            _ => false,
        };
        if mends {
            Remedy::Mends
        } else {
            Remedy::Prevents
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
