//! Examines a key file inside the worker, which has no network access. The page only gets its
//! public key and the messages.

use js_sys::{JsString, Uint8Array};
use keyside_keygen::{
    EncryptedForm, Finding, Inspection, KeyFile, MAX_KEY_FILE_BYTES, OpenError, Passphrase,
    PrivateKey, PublicKey, Refusal, Remedy, Sdk, inspect_credentials,
    inspect_credentials_with_passphrase, read_key_file,
};
use web_sys::{Blob, FileReaderSync};
use zeroize::Zeroizing;

use crate::{
    message::{Code, Fault, FileKind, FileReport, PublicPart, ReportedFinding},
    text,
};

/// The private part of an examined file, which stays in the worker.
pub enum Examined {
    /// A private key.
    Key(Box<PrivateKey>),
    /// A credentials file.
    Credentials(Box<Inspection>),
}

impl Examined {
    /// The private key in the file.
    pub fn key(&self) -> Option<&PrivateKey> {
        match self {
            Self::Key(key) => Some(key),
            Self::Credentials(inspection) => inspection.private_key(),
        }
    }
}

/// Reads and examines the file; `passphrase` decrypts it if it's encrypted.
pub fn examine(
    file: &Blob,
    passphrase: Option<String>,
) -> Result<(FileReport, Option<Examined>), Fault> {
    let size = file.size();
    if size > MAX_KEY_FILE_BYTES as f64 {
        let refusal = Refusal::TooLarge {
            bytes: size as usize,
        };
        return Ok((FileReport::new(FileKind::Other, refusal.to_string()), None));
    }
    let bytes = read(file)?;
    let passphrase = passphrase
        .map(Passphrase::new)
        .transpose()
        .map_err(|error| Fault::new(Code::BadOption, error))?;
    let key_file = read_key_file(&bytes);
    let summary = key_file.to_string();
    Ok(match key_file {
        KeyFile::Public(public_key) => {
            let mut report = FileReport::new(FileKind::Public, summary);
            report.public = Some(public(&public_key.key));
            (report, None)
        }
        KeyFile::Private(key, _) => {
            let mut report = FileReport::new(FileKind::Private, summary);
            report.public = Some(public(key.public_key()));
            (report, Some(Examined::Key(key)))
        }
        KeyFile::Encrypted(form) => encrypted(&form, summary, passphrase.as_ref()),
        KeyFile::Credentials => credentials(&bytes, passphrase.as_ref()),
        KeyFile::Refused(refusal) => {
            let kind = if refusal.is_private() {
                FileKind::UnusablePrivate
            } else {
                FileKind::Other
            };
            (FileReport::new(kind, summary), None)
        }
    })
}

/// Reads the file. The bytes overwrite themselves when dropped; the browser's copy is overwritten.
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
    summary: String,
    passphrase: Option<&Passphrase>,
) -> (FileReport, Option<Examined>) {
    let mut report = FileReport::new(FileKind::UnusablePrivate, summary);
    let EncryptedForm::Pbes2(der) = form else {
        return (report, None);
    };
    report.kind = FileKind::Locked;
    let Some(passphrase) = passphrase else {
        return (report, None);
    };
    let decrypted = in_any_form(
        passphrase,
        |passphrase| match PrivateKey::from_encrypted_pkcs8(der, passphrase) {
            Err(OpenError::Passphrase) => None,
            other => Some(other),
        },
    );
    match decrypted.unwrap_or(Err(OpenError::Passphrase)) {
        Ok(key) => {
            report.kind = FileKind::Private;
            report.summary = text::DECRYPTED.to_owned();
            report.public = Some(public(key.public_key()));
            (report, Some(Examined::Key(Box::new(key))))
        }
        Err(error) => {
            report.unlock_error = Some(error.to_string());
            (report, None)
        }
    }
}

/// The first result for the passphrase as it was typed, or in one of Unicode's normal forms: keyboards and
/// systems write accented letters differently.
fn in_any_form<T>(
    passphrase: &Passphrase,
    mut f: impl FnMut(&Passphrase) -> Option<T>,
) -> Option<T> {
    let normalized = |form: &str| {
        let text = JsString::from(passphrase.expose()).normalize(form);
        Passphrase::new(text.into()).ok()
    };
    f(passphrase).or_else(|| {
        if passphrase.expose().is_ascii() {
            return None;
        }
        let mut forms = ["NFC", "NFD"].into_iter().filter_map(normalized);
        forms.find_map(|passphrase| f(&passphrase))
    })
}

fn credentials(bytes: &[u8], passphrase: Option<&Passphrase>) -> (FileReport, Option<Examined>) {
    let inspection = match passphrase {
        Some(passphrase) => {
            let mut first = None;
            let opened = in_any_form(passphrase, |passphrase| {
                let inspection = inspect_credentials_with_passphrase(bytes, passphrase);
                if inspection.private_key().is_some() {
                    return Some(inspection);
                }
                first.get_or_insert(inspection);
                None
            });
            opened
                .or(first)
                .unwrap_or_else(|| inspect_credentials(bytes))
        }
        None => inspect_credentials(bytes),
    };
    let mut report = FileReport::new(FileKind::Credentials, text::CREDENTIALS_FILE.to_owned());
    for finding in inspection.findings() {
        if let Finding::Encrypted { reason } = finding {
            // Another passphrase doesn't help against other reasons.
            if matches!(reason, None | Some(OpenError::Passphrase)) {
                report.kind = FileKind::LockedCredentials;
            }
            report.unlock_error = reason.as_ref().map(ToString::to_string);
        }
    }
    report.findings = inspection
        .findings()
        .iter()
        .map(|finding| ReportedFinding {
            text: finding.to_string(),
            is_repaired: finding.remedy() == Remedy::Repairs,
        })
        .collect();
    report.is_rejected = inspection.sdk() == Sdk::Rejects;
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
