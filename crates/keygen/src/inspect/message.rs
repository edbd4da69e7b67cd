//! The message of each finding: what is wrong and, unless a repair fixes it, what to do.

use core::fmt;

use super::{Field, Finding, Kind};

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

const RECOVER: &str = "Get the file again from where you first saved it, or create a new key.";

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "The file is empty: the download may have failed, or the disk is full. {RECOVER}"),
            Self::TooLarge => f.write_str("The file is larger than 1 MiB, so it wasn't read; a credentials file has less than 4 KiB. Choose the credentials file."),
            Self::ByteOrderMark => f.write_str("The file starts with a byte order mark, which some Windows editors add. The Python SDK reads the file anyway, the Go and JavaScript SDKs don't."),
            Self::Encoding { name } => write!(f, "The file is in {name}, as written by > in PowerShell, but most JSON parsers need UTF-8."),
            Self::Wrapped { wrapping } => write!(f, "The file isn't plain JSON, so the SDKs and the CLI can't read it. Removed: {wrapping}."),
            Self::Locked { program } => write!(f, "The file is encrypted with {program}. Decrypt it with {program}, then choose the decrypted file."),
            Self::Comments => f.write_str("The file has comments, which JSON doesn't allow."),
            Self::TrailingCommas => f.write_str("There's a comma before a closing bracket, which JSON doesn't allow."),
            Self::CurlyQuotes => f.write_str("The file has typographic quotation marks, as word processors write them, instead of plain ones."),
            Self::SingleQuotes => f.write_str("Names or values are in single quotation marks, as in Python or JavaScript. JSON has only double ones."),
            Self::Commas => f.write_str("Commas between the fields are missing, or there are too many."),
            Self::Placeholder => f.write_str("The field private-key contains a placeholder instead of a key. Fill it in with the tool that the file is a template for, or create a new key."),
            Self::NotText => write!(f, "The file isn't UTF-8 text: it's damaged, or it's another type of file. {RECOVER}"),
            Self::PemFile => f.write_str("This is a key in PEM, not a credentials file. Create a credentials file from the private key, the key ID and the service account ID."),
            Self::NotJson { line, column, cut: true } => write!(f, "The file is incomplete: it ends at line {line}, column {column}. {RECOVER}"),
            Self::NotJson { line, column, cut: false } => write!(f, "The file isn't valid JSON: there's an error at line {line}, column {column}. Correct it, or get the file again from where you first saved it."),
            Self::RawLineBreaks => f.write_str("A value in the file, probably the private key, has raw line breaks; in JSON they must be written as \\n."),
            Self::NotAnObject { kind } => write!(f, "The file is JSON, but it contains only {kind} instead of an object with subject-credentials. Choose the credentials file."),
            Self::Jwk => f.write_str("This is a JSON Web Key, not a credentials file. Choose the credentials file, which contains the private key as PEM, the key ID and the service account ID."),
            Self::OtherCloud { name } => write!(f, "This is a key file of {name}, which Nebius can't use. Choose the credentials file of a Nebius service account."),
            Self::NotCredentials => f.write_str("The file is JSON, but it has none of the fields of a credentials file. Choose the credentials file."),
            Self::NoWrapper => f.write_str("The fields aren't inside a subject-credentials object, so the SDKs and the CLI don't find them."),
            Self::Missing { field, repairable } => {
                write!(f, "The required field {field} is missing.")?;
                write_advice(f, *field, *repairable)
            }
            Self::Misnamed { field } => write!(f, "The field {field} is misspelled, so the SDKs and the CLI don't find it."),
            Self::WrongKind { field, kind, repairable } => {
                write!(f, "The field {field} is {kind}, but it must be ")?;
                f.write_str(if *field == Field::SubjectCredentials { "an object" } else { "a string" })?;
                f.write_str(".")?;
                write_advice(f, *field, *repairable)
            }
            Self::Duplicate { field } => write!(f, "The field {field} appears more than once; Keyside and the Python SDK use the last value, but other tools may not. Check that the last value is right."),
            Self::Extra { name: Some(name) } => write!(f, "The field {name} doesn't belong in a credentials file: tools ignore it or reject the file."),
            Self::Extra { name: None } => f.write_str("A field, whose name isn't shown here, doesn't belong in a credentials file: tools ignore it or reject the file."),
            Self::Type { empty: true } => f.write_str("The field type is empty; it's treated as JWT, the only type there is."),
            Self::Type { empty: false } => f.write_str("The field type isn't JWT, the only type there is."),
            Self::Alg { name: Some("RS256") } => f.write_str("The field alg isn't spelled exactly RS256, which the SDKs and the CLI require."),
            Self::Alg { name: Some(name) } => write!(f, "The field alg is {name}, but Nebius accepts only RS256."),
            Self::Alg { name: None } => f.write_str("The field alg isn't RS256, the only algorithm that Nebius accepts."),
            Self::Whitespace { field, mismatch: false } => write!(f, "The ID in {field} has whitespace around it, so the API doesn't recognize it."),
            Self::Whitespace { field, mismatch: true } => write!(f, "The ID in {field} has whitespace around it, so iss and sub differ."),
            Self::Id { field, error } => write!(f, "The field {field} doesn't contain a valid ID. {error}"),
            Self::WrongIdKind { field: Field::Kid } => f.write_str("The field kid doesn't contain a key ID, which starts with publickey-. Copy the key ID from the list of the service account's keys."),
            Self::WrongIdKind { field } => write!(f, "The field {field} doesn't contain a service account ID, which starts with serviceaccount-. Put the service account ID into iss and sub."),
            Self::Swapped => f.write_str("The IDs are swapped: kid contains the service account ID, iss and sub contain the key ID."),
            Self::IssuerSubjectMismatch { iss: Some(iss), sub: Some(sub), repairable } => {
                write!(f, "iss is {iss}, but sub is {sub}; both must be the service account ID. ")?;
                f.write_str(mismatch_advice(*repairable))
            }
            Self::IssuerSubjectMismatch { repairable, .. } => {
                f.write_str("iss and sub differ; both must be the service account ID. ")?;
                f.write_str(mismatch_advice(*repairable))
            }
            Self::EscapedTwice { .. } => f.write_str("The line breaks of the private key are escaped twice: they read as a backslash and an n."),
            Self::NoLineBreaks => f.write_str("The private key has lost its line breaks, so strict parsers reject it."),
            Self::CarriageReturns => f.write_str("The lines of the private key end with carriage returns, as on Windows, so strict parsers reject it."),
            Self::NoFinalNewline => f.write_str("The private key doesn't end with a line break, so strict parsers reject it."),
            Self::Layout { accepted: true } => f.write_str("The private key isn't in lines of 64 characters with nothing around them, so strict parsers reject it."),
            Self::Layout { accepted: false } => f.write_str("The private key contains empty lines, which parsers treat as the end of a header."),
            Self::Markers => f.write_str("The BEGIN or END line of the private key is missing or damaged, so parsers don't find the key."),
            Self::WrongLabel => f.write_str("The BEGIN line of the private key names another format than the key has, so parsers can't read it."),
            Self::Pkcs1 => f.write_str("The private key is in PKCS#1 (BEGIN RSA PRIVATE KEY), which some tools don't accept; all accept PKCS#8."),
            Self::Pss => f.write_str("The private key is restricted to PSS signatures (RSASSA-PSS), but Nebius uses RS256. The Python SDK signs with RS256 anyway, the JavaScript SDK with PSS, which Nebius rejects, and the Go SDK doesn't read the key."),
            Self::NotFirst => f.write_str("Another PEM block, such as a certificate, stands before the private key. The Python and JavaScript SDKs find the key, but the Go SDK reads only the first block."),
            Self::Encrypted { reason: None } => f.write_str("The private key is encrypted, but the SDKs and the CLI can't ask for a passphrase. Enter the passphrase here, then download the repaired file."),
            Self::Encrypted { reason: Some(reason) } => write!(f, "The private key is encrypted and couldn't be decrypted. {reason}"),
            Self::Decrypted => f.write_str("The private key is encrypted, but the SDKs and the CLI can't ask for a passphrase. Your passphrase opened it here."),
            Self::LegacyEncryption => f.write_str("The private key is encrypted with an outdated scheme (Proc-Type: 4,ENCRYPTED), and the SDKs and the CLI can't ask for a passphrase. Decrypt it with `openssl pkey -in FILE -out NEW_FILE`, and create the credentials file from NEW_FILE."),
            Self::PublicKey => f.write_str("The field private-key contains a public key, which can't sign. Replace it with the private key of the same pair, or create a new key."),
            Self::Certificate => f.write_str("The field private-key contains a certificate, which can't sign. Replace it with the private key, or create a new key."),
            Self::OtherKey { name } => write!(f, "The private key is of another type ({name}), but Nebius accepts only RSA. Create a new key."),
            Self::OpenSsh => f.write_str("The private key is in OpenSSH's own format, which the SDKs don't read. If it's an RSA key, convert a copy with ssh-keygen -p -m PKCS8 -f FILE; otherwise create a new key."),
            Self::NoKey => f.write_str("The field private-key doesn't contain a private key. Put the key there as PEM, or create a new key."),
            Self::Damaged => write!(f, "The private key is incomplete or altered, so it can't be decoded. {RECOVER}"),
            Self::Numbers => write!(f, "The numbers in the private key don't match: the key was altered. {RECOVER}"),
            Self::CrtNumbers => f.write_str("The CRT values of the private key, which only speed it up, are wrong. They can be recalculated."),
            Self::Exponent => f.write_str("The private key's public exponent isn't 65537, the only one that Keyside supports. Create a new key."),
            Self::Short { bits } => write!(f, "The private key has {bits} bits, but the API requires at least 4096. Create a new key."),
            Self::Size { bits } => write!(f, "The private key has {bits} bits, but Keyside reads 1024 to 8192 and the API requires at least 4096. Create a new key."),
        }
    }
}

/// What to do about a field with no usable value, unless a repair fixes it.
fn write_advice(f: &mut fmt::Formatter<'_>, field: Field, repairable: bool) -> fmt::Result {
    if repairable {
        return Ok(());
    }
    f.write_str(" ")?;
    f.write_str(match field {
        Field::PrivateKey => "Put the private key there as PEM, or create a new key.",
        Field::Kid => {
            "Copy the key ID, which starts with publickey-, from the list of the service account's keys."
        }
        Field::Iss | Field::Sub => {
            "Put the service account ID, which starts with serviceaccount-, into iss and sub."
        }
        _ => "Get the file again from where you first saved it.",
    })
}

/// What to do about `iss` and `sub` that differ.
fn mismatch_advice(repairable: bool) -> &'static str {
    if repairable {
        "Only one of them is a service account ID."
    } else {
        "Look up the service account of this key, and put its ID into both."
    }
}
