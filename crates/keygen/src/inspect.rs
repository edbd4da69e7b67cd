//! Inspects a credentials file: what is wrong with it, whether the official Python SDK accepts it
//! anyway, and the repaired file.

mod fields;
mod finding;
mod ids;
pub(crate) mod json;
mod key;
mod message;
mod pem;
mod text;

use zeroize::Zeroizing;

pub use self::finding::{Field, Finding, Kind, Remedy, Sdk};
pub(crate) use self::text::starts_with_object;
use crate::{
    CredentialsError, Passphrase, PrivateKey, PublicKey, Repair, expose_credentials_json,
    wrapping::{self, View},
};

/// Maximum size of a file that is read, in bytes. A credentials file has fewer than 4,000.
pub const MAX_CREDENTIALS_BYTES: usize = 1 << 20;

/// The result of an inspection. Holds the private key, so it has no Debug, Display or Clone. The
/// findings reveal nothing of the key.
pub struct Inspection {
    findings: Vec<Finding>,
    key_id: Option<String>,
    service_account_id: Option<String>,
    key: Option<PrivateKey>,
}

/// Inspects a credentials file.
#[must_use]
pub fn inspect_credentials(bytes: &[u8]) -> Inspection {
    inspect(bytes, None)
}

/// Inspects a credentials file; `passphrase` decrypts its private key if it is encrypted.
#[must_use]
pub fn inspect_credentials_with_passphrase(bytes: &[u8], passphrase: &Passphrase) -> Inspection {
    inspect(bytes, Some(passphrase))
}

/// Inspects the first view of the file that is an object with a readable or encrypted key, or else the first
/// object, or else the file itself.
fn inspect(bytes: &[u8], passphrase: Option<&Passphrase>) -> Inspection {
    if bytes.len() > MAX_CREDENTIALS_BYTES {
        return Inspection::of(bytes, &[], passphrase);
    }
    let mut first = None;
    for View { bytes, taken_off } in wrapping::views(bytes) {
        // Python's JSON parser knows encodings, so text::decode deals with them.
        if taken_off == [Repair::Utf16] || !text::starts_with_object(&bytes) {
            continue;
        }
        let inspection = Inspection::of(&bytes, &taken_off, passphrase);
        // To try a passphrase takes a second, so it's only tried once.
        let is_encrypted = |finding: &Finding| matches!(finding, Finding::Encrypted { .. });
        if inspection.key.is_some() || inspection.findings.iter().any(is_encrypted) {
            return inspection;
        }
        first.get_or_insert(inspection);
    }
    first.unwrap_or_else(|| Inspection::of(bytes, &[], passphrase))
}

impl Inspection {
    fn of(bytes: &[u8], taken_off: &[Repair], passphrase: Option<&Passphrase>) -> Self {
        let taken_off = taken_off.iter().copied();
        let mut inspection = Self {
            findings: taken_off
                .map(|wrapping| Finding::Wrapped { wrapping })
                .collect(),
            key_id: None,
            service_account_id: None,
            key: None,
        };
        // A finding that ends the inspection is listed like the others.
        if let Err(finding) = inspection.read(bytes, passphrase) {
            inspection.findings.push(finding);
        }
        inspection
    }

    fn read(&mut self, bytes: &[u8], passphrase: Option<&Passphrase>) -> Result<(), Finding> {
        let text = text::decode(bytes, &mut self.findings)?;
        let text = json::well_formed(text, &mut self.findings)?;
        let outer = json::object(&text)?;
        let fields = fields::read(&outer, &mut self.findings)?;
        let ids = ids::resolve(&fields, &mut self.findings);
        self.key_id = ids.key_id;
        self.service_account_id = ids.service_account_id;
        if let Some(pem) = fields.private_key {
            self.key = key::read(&pem, passphrase, &mut self.findings);
        }
        Ok(())
    }

    /// What is wrong with the file, in reading order; empty if nothing is.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether the official Python SDK accepts the file: reads it and signs a token request with
    /// it. The API may still reject that request. Differences: Python's JSON parser accepts NaN and
    /// Infinity, which count as rejected here, and rejects values nested a thousand deep, which are
    /// read here.
    #[must_use]
    pub fn sdk(&self) -> Sdk {
        let any = |sdk| self.findings.iter().any(|finding| finding.sdk() == sdk);
        if any(Sdk::Rejects) {
            Sdk::Rejects
        } else if any(Sdk::Unknown) {
            Sdk::Unknown
        } else {
            Sdk::Accepts
        }
    }

    /// The authorized key's ID, if it's valid.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The service account's ID, if it's valid and unambiguous.
    #[must_use]
    pub fn service_account_id(&self) -> Option<&str> {
        self.service_account_id.as_deref()
    }

    /// The private key, if it could be read.
    #[must_use]
    pub fn private_key(&self) -> Option<&PrivateKey> {
        self.key.as_ref()
    }

    /// The public key, to compare with the API's key that has the ID [`Self::key_id`].
    #[must_use]
    pub fn public_key(&self) -> Option<&PublicKey> {
        self.key.as_ref().map(PrivateKey::public_key)
    }

    /// The repaired file, which is secret, if no finding blocks it: without the findings whose
    /// remedy is [`Remedy::Repairs`]. The bytes overwrite themselves when dropped.
    ///
    /// # Errors
    /// [`CredentialsError`].
    #[must_use]
    pub fn expose_repaired(&self) -> Option<Result<Zeroizing<Vec<u8>>, CredentialsError>> {
        let blocks = |finding: &Finding| finding.remedy() == Remedy::Blocks;
        if self.findings.iter().any(blocks) {
            return None;
        }
        let key = self.key.as_ref()?;
        let (key_id, account) = (self.key_id()?, self.service_account_id()?);
        Some(expose_credentials_json(key, key_id, account))
    }
}

// These need proptest, which doesn't run on wasm32, and nothing of a browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
