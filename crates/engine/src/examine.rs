//! Looks at a key file inside the worker, which reaches no network: only what is public of it, and
//! what is to be said of it, is told to the page.

use js_sys::Uint8Array;
use keyside_keygen::{
    EncryptedForm, Finding, Inspection, KeyFile, MAX_KEY_FILE_BYTES, Passphrase, PrivateKey,
    PublicKey, Refusal, Remedy, Sdk, inspect_credentials, inspect_credentials_with_passphrase,
    read_key_file,
};
use web_sys::{Blob, FileReaderSync};
use zeroize::Zeroizing;

use crate::{
    message::{Code, Fault, FileKind, FileReport, PublicPart, Told},
    text,
};

/// What stays in the worker of a file that was looked at.
pub enum Examined {
    /// Its private key.
    Key(Box<PrivateKey>),
    /// A credentials file.
    Credentials(Box<Inspection>),
}

impl Examined {
    /// The private key in it.
    pub fn key(&self) -> Option<&PrivateKey> {
        match self {
            Self::Key(key) => Some(key),
            Self::Credentials(inspection) => inspection.private_key(),
        }
    }
}

/// Reads the file and looks at it; a passphrase opens it if it is encrypted.
pub fn examine(
    file: &Blob,
    passphrase: Option<String>,
) -> Result<(FileReport, Option<Examined>), Fault> {
    let size = file.size();
    if size > MAX_KEY_FILE_BYTES as f64 {
        let refusal = Refusal::TooLarge {
            bytes: size as usize,
        };
        return Ok((FileReport::of(FileKind::Other, refusal.to_string()), None));
    }
    let bytes = read(file)?;
    let passphrase = passphrase
        .map(Passphrase::new)
        .transpose()
        .map_err(|error| Fault::new(Code::BadOption, error))?;
    let given = read_key_file(&bytes);
    let told = given.to_string();
    Ok(match given {
        KeyFile::Public(brought) => {
            let mut report = FileReport::of(FileKind::Public, told);
            report.public = Some(public(&brought.key));
            (report, None)
        }
        KeyFile::Private(key, _) => {
            let mut report = FileReport::of(FileKind::Private, told);
            report.public = Some(public(key.public_key()));
            (report, Some(Examined::Key(key)))
        }
        KeyFile::Encrypted(form) => encrypted(&form, told, passphrase.as_ref()),
        KeyFile::Credentials => credentials(&bytes, passphrase.as_ref()),
        KeyFile::Refused(refusal) => {
            let kind = if refusal.is_private() {
                FileKind::UnusablePrivate
            } else {
                FileKind::Other
            };
            (FileReport::of(kind, told), None)
        }
    })
}

/// The bytes overwrite themselves when dropped; so does the copy that the browser made.
fn read(file: &Blob) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let unreadable = |_| Fault::new(Code::NoFile, text::FILE_UNREADABLE);
    let buffer = FileReaderSync::new()
        .and_then(|reader| reader.read_as_array_buffer(file))
        .map_err(unreadable)?;
    let copy = Uint8Array::new(&buffer);
    let bytes = Zeroizing::new(copy.to_vec());
    copy.fill(0, 0, copy.length());
    Ok(bytes)
}

fn encrypted(
    form: &EncryptedForm,
    told: String,
    passphrase: Option<&Passphrase>,
) -> (FileReport, Option<Examined>) {
    let mut report = FileReport::of(FileKind::UnusablePrivate, told);
    let EncryptedForm::Pbes2(der) = form else {
        return (report, None);
    };
    report.kind = FileKind::Locked;
    let Some(passphrase) = passphrase else {
        return (report, None);
    };
    match PrivateKey::from_encrypted_pkcs8(der, passphrase) {
        Ok(key) => {
            report.kind = FileKind::Private;
            report.told = text::OPENED.to_owned();
            report.public = Some(public(key.public_key()));
            (report, Some(Examined::Key(Box::new(key))))
        }
        Err(error) => {
            report.refused = Some(error.to_string());
            (report, None)
        }
    }
}

fn credentials(bytes: &[u8], passphrase: Option<&Passphrase>) -> (FileReport, Option<Examined>) {
    let inspection = match passphrase {
        Some(passphrase) => inspect_credentials_with_passphrase(bytes, passphrase),
        None => inspect_credentials(bytes),
    };
    let mut report = FileReport::of(FileKind::Credentials, text::CREDENTIALS_FILE.to_owned());
    for finding in inspection.findings() {
        if let Finding::Encrypted { reason } = finding {
            report.kind = FileKind::LockedCredentials;
            report.refused = reason.as_ref().map(ToString::to_string);
        }
    }
    report.findings = inspection
        .findings()
        .iter()
        .map(|finding| Told {
            text: finding.to_string(),
            is_mended: finding.remedy() == Remedy::Repairs,
        })
        .collect();
    report.is_refused = inspection.sdk() == Sdk::Rejects;
    report.is_repairable =
        !inspection.findings().is_empty() && matches!(inspection.expose_repaired(), Some(Ok(_)));
    report.key_id = inspection.key_id().map(str::to_owned);
    report.service_account_id = inspection.service_account_id().map(str::to_owned);
    report.public = inspection.public_key().map(public);
    (report, Some(Examined::Credentials(Box::new(inspection))))
}

fn public(key: &PublicKey) -> PublicPart {
    PublicPart {
        pem: key.to_spki_pem(),
        fingerprint: key.fingerprint().to_string(),
        bits: key.bits(),
    }
}
