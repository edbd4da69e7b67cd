//! What a person reads of a finding: what is wrong, why it matters, what to do.

use core::fmt;

use super::{Field, Finding, Kind};

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Object => "an object",
        })
    }
}

const DOWNLOAD: &str = "Make a new key, or take the file from where it was first saved.";
const REWRITE: &str = "Save the file anew.";

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "The file is empty: its download was cut off, perhaps, or the disk is full. {DOWNLOAD}"),
            Self::TooLarge => f.write_str("The file has more than 1 MiB, where a credentials file has less than 4 KiB; it was not read. Choose the file that is named after the service account."),
            Self::ByteOrderMark => write!(f, "The file begins with a byte order mark, which some Windows editors add. Many JSON readers refuse it. {REWRITE}"),
            Self::Encoding { name } => write!(f, "The file is in {name} instead of UTF-8, as PowerShell's > writes it. Most JSON readers refuse it. {REWRITE}"),
            Self::NotText => write!(f, "The file is not text in UTF-8: another program's file, or damaged. {DOWNLOAD}"),
            Self::PemFile => f.write_str("This is a key in PEM, not a credentials file, which is JSON around such a key and tells the ids as well. If it is the private key, make the credentials file of it and the two ids."),
            Self::NotJson { line, column, cut: true } => write!(f, "The file ends too early, in line {line}, column {column}: a part of it is lost. {DOWNLOAD}"),
            Self::NotJson { line, column, cut: false } => write!(f, "The file is not JSON: line {line}, column {column} has what cannot be there. An editor may have changed it. Correct that place, or take the file from where it was first saved."),
            Self::RawLineBreaks => write!(f, "A text in the file, most likely the private key, goes on over several lines; JSON wants each line break written as \\n. {REWRITE}"),
            Self::NotAnObject { kind } => write!(f, "The file is JSON, but only {kind}, not an object with subject-credentials in it. It is another file: choose the credentials file."),
            Self::Jwk => f.write_str("This is a JSON Web Key, not a credentials file. The readers want the private key as PEM, and the ids of the key and of the service account beside it."),
            Self::OtherCloud { name } => write!(f, "This is a key file of {name}. It says nothing to Nebius: choose the credentials file of a Nebius service account."),
            Self::OtherShape => f.write_str("The file is JSON, but has neither subject-credentials nor any field that belongs in it. It is another file: choose the credentials file."),
            Self::NoWrapper => write!(f, "The object subject-credentials around the fields is missing, and the readers look for nothing else. {REWRITE}"),
            Self::Missing { field, mended } => {
                write!(f, "The field {field} is missing, and no reader goes without it. ")?;
                f.write_str(advice(*field, *mended))
            }
            Self::Misnamed { field } => write!(f, "The field {field} is there under another spelling, which the readers do not know. {REWRITE}"),
            Self::WrongKind { field, kind, mended } => {
                write!(f, "The field {field} has {kind} where ")?;
                f.write_str(if *field == Field::SubjectCredentials { "an object" } else { "a text" })?;
                f.write_str(" must be. ")?;
                f.write_str(advice(*field, *mended))
            }
            Self::Duplicate { field } => write!(f, "The field {field} is there more than once. The last one counts here and for the Python SDK; other readers may take another. Make sure that the last one is right. {REWRITE}"),
            Self::Extra { name: Some(name) } => write!(f, "The field {name} does not belong in the file. Readers pass it over, or refuse it. {REWRITE}"),
            Self::Extra { name: None } => write!(f, "A field is there that does not belong in the file; its name is not shown here. Readers pass it over, or refuse it. {REWRITE}"),
            Self::Type { empty: true } => write!(f, "The field type is empty. Readers take that for JWT, the only type that there is. {REWRITE}"),
            Self::Type { empty: false } => write!(f, "The field type is not JWT, and there is no other type. {REWRITE}"),
            Self::Alg { name: Some("RS256") } => write!(f, "The field alg is not spelt RS256 to the letter, and readers compare it so. {REWRITE}"),
            Self::Alg { name: Some(name) } => write!(f, "The field alg says {name}, but Nebius takes RS256 alone. {REWRITE}"),
            Self::Alg { name: None } => write!(f, "The field alg does not say RS256, which Nebius takes alone. {REWRITE}"),
            Self::Blanks { field, unlike: false } => write!(f, "There are blanks or line breaks around the id in {field}. The API knows no such id. {REWRITE}"),
            Self::Blanks { field, unlike: true } => write!(f, "There are blanks or line breaks around the id in {field}, so that iss and sub are not the same, as they must be. {REWRITE}"),
            Self::Id { field, error } => write!(f, "What is in {field} can be no id. {error}"),
            Self::OtherKind { field: Field::Kid } => f.write_str("The field kid has an id of another kind than an authorized key's, which begins with publickey-. The API would find no key. Look up the key's id in the list of the service account's keys."),
            Self::OtherKind { field } => write!(f, "The field {field} has an id of another kind than a service account's, which begins with serviceaccount-. The API would find no account. Look up the account's id, and put it into iss and sub."),
            Self::Swapped => write!(f, "The two ids have changed places: kid has the service account's, iss and sub have the key's. The API would find neither. {REWRITE}"),
            Self::IssuerUnlikeSubject { iss: Some(iss), sub: Some(sub), mended } => {
                write!(f, "iss is {iss}, but sub is {sub}; both must be the service account's id. ")?;
                f.write_str(which(*mended))
            }
            Self::IssuerUnlikeSubject { mended, .. } => {
                f.write_str("iss and sub are not the same; both must be the service account's id. ")?;
                f.write_str(which(*mended))
            }
            Self::EscapedTwice { .. } => write!(f, "The line breaks of the private key are escaped twice: a backslash and an n where a line ends. No reader of keys understands that. {REWRITE}"),
            Self::NoLineBreaks => write!(f, "The private key has lost its line breaks, most likely when it was copied. Strict readers refuse it. {REWRITE}"),
            Self::CarriageReturns => write!(f, "The lines of the private key end as on Windows, with a carriage return. Strict readers refuse it. {REWRITE}"),
            Self::NoFinalNewline => write!(f, "The private key's last line has no line break at its end. Strict readers refuse it. {REWRITE}"),
            Self::Layout { taken: true } => write!(f, "The private key is readable, but not laid out as readers expect it: in lines of 64 letters, with nothing around it. Strict readers refuse it. {REWRITE}"),
            Self::Layout { taken: false } => write!(f, "There are empty lines in the private key, which readers of keys take for the end of a header. {REWRITE}"),
            Self::Markers => write!(f, "The first or last line of the private key is missing or damaged: the ones that say BEGIN and END between five hyphens each. No reader finds the key without them. {REWRITE}"),
            Self::Mislabelled => write!(f, "The first line of the private key names another format than the key has. Readers go by that line, and fail. {REWRITE}"),
            Self::Pkcs1 => write!(f, "The private key is in PKCS#1, the older form (its first line says RSA PRIVATE KEY). Not every reader takes it; PKCS#8 all of them do. {REWRITE}"),
            Self::Encrypted { refused: None } => f.write_str("The private key is encrypted, and the readers ask for no passphrase. Give its passphrase here, then save the file anew without it."),
            Self::Encrypted { refused: Some(refused) } => write!(f, "The private key is encrypted, and was not opened. {refused}"),
            Self::Opened => write!(f, "The private key is encrypted, and the readers ask for no passphrase. It was opened with yours. {REWRITE}"),
            Self::EncryptedOldWay => f.write_str("The private key is encrypted in the way of old openssl (Proc-Type: 4,ENCRYPTED), and the readers ask for no passphrase. `openssl pkey -in FILE -out NEW_FILE` writes the key without one: make the credentials file of that."),
            Self::PublicKey => f.write_str("There is a public key where the private one must be. Nothing can be signed with it. Put the private key of the same pair there, or make a new key if it is lost."),
            Self::Certificate => f.write_str("There is a certificate where the private key must be. Nothing can be signed with it. Put the private key there, or make a new key if it is lost."),
            Self::OtherKey { name } => write!(f, "The private key is not an RSA key but {name}. Nebius takes RS256 alone, which needs RSA. Make a new key."),
            Self::NoKey => f.write_str("There is no private key in the field private-key. Put the key there as PEM, or make a new key if it is lost."),
            Self::Damaged => write!(f, "The private key is cut off or altered: its text cannot be decoded. {DOWNLOAD}"),
            Self::Numbers => write!(f, "The numbers of the private key do not belong together: its text was altered. {DOWNLOAD}"),
            Self::FastNumbers => write!(f, "Of the private key's numbers, those that only make it faster are wrong: it was altered, or written by a faulty program. They follow from the others. {REWRITE}"),
            Self::Exponent => f.write_str("The private key's public exponent is not 65537, the only one used here and the one that all instructions have. Make a new key."),
            Self::Short { bits } => write!(f, "The private key has {bits} bits. The API takes 4096 and more; a shorter one can only be refused. Make a new key."),
            Self::Size { bits } => write!(f, "The private key has {bits} bits; keys of 1024 to 8192 bits are read here, and the API takes 4096 and more. Make a new key."),
        }
    }
}

/// What to do about a field.
fn advice(field: Field, mended: bool) -> &'static str {
    match (field, mended) {
        (_, true) => "What belongs there is known: save the file anew.",
        (Field::PrivateKey, _) => {
            "Put the private key there as PEM, or make a new key if it is lost."
        }
        (Field::Kid, _) => {
            "Look up the key's id, which begins with publickey-, in the list of the service account's keys, and put it there."
        }
        (Field::Iss | Field::Sub, _) => {
            "Put the service account's id, which begins with serviceaccount-, into iss and sub."
        }
        _ => "Take the file from where it was first saved.",
    }
}

fn which(mended: bool) -> &'static str {
    if mended {
        "Only one of them is a service account's. Save the file anew, with that one in both places."
    } else {
        "Which one is right cannot be told from the file: look up the account to which the key belongs, and put its id into both."
    }
}
