//! A credentials file that somebody has: what is wrong with it, whether the official Python SDK
//! takes it nevertheless, and the same file written anew.

mod fields;
mod finding;
mod ids;
mod json;
mod key;
mod pem;
mod text;
mod words;

use zeroize::Zeroizing;

pub use self::finding::{Field, Finding, Kind, Remedy, Sdk};
use crate::{CredentialsError, Passphrase, PrivateKey, PublicKey, expose_credentials_json};

/// The most that is read, in bytes. A credentials file has fewer than 4,000.
pub const MOST_CREDENTIALS: usize = 1 << 20;

/// What an inspection found. It holds the private key, so it has no Debug, Display or Clone;
/// none of its findings tells anything of the key.
pub struct Inspection {
    findings: Vec<Finding>,
    key_id: Option<String>,
    service_account_id: Option<String>,
    key: Option<PrivateKey>,
}

/// Looks at a credentials file.
#[must_use]
pub fn inspect_credentials(bytes: &[u8]) -> Inspection {
    inspect(bytes, None)
}

/// The same; if the private key in the file is encrypted, `passphrase` opens it.
#[must_use]
pub fn inspect_credentials_with_passphrase(bytes: &[u8], passphrase: &Passphrase) -> Inspection {
    inspect(bytes, Some(passphrase))
}

fn inspect(bytes: &[u8], passphrase: Option<&Passphrase>) -> Inspection {
    let mut inspection = Inspection {
        findings: Vec::new(),
        key_id: None,
        service_account_id: None,
        key: None,
    };
    // What stops the reading is a finding like the others.
    if let Err(finding) = inspection.read(bytes, passphrase) {
        inspection.findings.push(finding);
    }
    inspection
}

impl Inspection {
    fn read(&mut self, bytes: &[u8], passphrase: Option<&Passphrase>) -> Result<(), Finding> {
        let text = text::decode(bytes, &mut self.findings)?;
        let text = json::well_formed(text, &mut self.findings)?;
        let outer = json::object(&text)?;
        let fields = fields::read(&outer, &mut self.findings)?;
        let ids = ids::settle(&fields, &mut self.findings);
        self.key_id = ids.key_id;
        self.service_account_id = ids.service_account_id;
        if let Some(pem) = fields.private_key {
            self.key = key::read(&pem, passphrase, &mut self.findings);
        }
        Ok(())
    }

    /// What is wrong, in the order of reading. None: the file is as it should be.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether the official Python SDK takes the file: reads it and signs a request for a token
    /// with it. That the API grants the request is another matter. Python's JSON takes a few
    /// things that are none (NaN, Infinity), of which a refusal is said here, and refuses values
    /// nested a thousand deep, which are read here.
    #[must_use]
    pub fn sdk(&self) -> Sdk {
        let said = |sdk| self.findings.iter().any(|finding| finding.sdk() == sdk);
        if said(Sdk::Refuses) {
            Sdk::Refuses
        } else if said(Sdk::Unknown) {
            Sdk::Unknown
        } else {
            Sdk::Takes
        }
    }

    /// The id of the authorized key, if it can be one.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The id of the service account, if it can be one and is in no doubt.
    #[must_use]
    pub fn service_account_id(&self) -> Option<&str> {
        self.service_account_id.as_deref()
    }

    /// The private key, if it could be read.
    #[must_use]
    pub fn private_key(&self) -> Option<&PrivateKey> {
        self.key.as_ref()
    }

    /// Its public half: compare it with the key that the API has under [`Self::key_id`].
    #[must_use]
    pub fn public_key(&self) -> Option<&PublicKey> {
        self.key.as_ref().map(PrivateKey::public_key)
    }

    /// The secret file written anew, when all that it needs was found: without the findings whose
    /// remedy is [`Remedy::Mends`]. The bytes overwrite themselves when dropped.
    ///
    /// # Errors
    /// [`CredentialsError`].
    #[must_use]
    pub fn expose_repaired(&self) -> Option<Result<Zeroizing<Vec<u8>>, CredentialsError>> {
        let prevented = |finding: &Finding| finding.remedy() == Remedy::Prevents;
        if self.findings.iter().any(prevented) {
            return None;
        }
        let key = self.key.as_ref()?;
        let (key_id, account) = (self.key_id()?, self.service_account_id()?);
        Some(expose_credentials_json(key, key_id, account))
    }
}

// Where proptest does not run, these have nothing to add: no browser is in it.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
