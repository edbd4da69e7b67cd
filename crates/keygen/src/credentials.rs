//! The credentials file that the Nebius CLI and SDKs read.

use serde::Serialize;
use zeroize::Zeroizing;

use crate::{EncodeError, IdError, PrivateKey, check_id};

/// Why the file wasn't written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// An ID isn't valid.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The file can't be written, which is a bug.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

#[derive(Serialize)]
struct File<'a> {
    #[serde(rename = "subject-credentials")]
    subject_credentials: SubjectCredentials<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct SubjectCredentials<'a> {
    r#type: &'static str,
    alg: &'static str,
    private_key: &'a str,
    kid: &'a str,
    iss: &'a str,
    sub: &'a str,
}

/// Maximum size of the file without the key and the IDs, in bytes.
const FRAME: usize = 512;

/// The secret file for the authorized key `key_id` of `service_account_id`: JSON, UTF-8 without
/// BOM, a final newline. The bytes overwrite themselves when dropped.
///
/// # Errors
/// [`CredentialsError`].
pub fn expose_credentials_json(
    key: &PrivateKey,
    key_id: &str,
    service_account_id: &str,
) -> Result<Zeroizing<Vec<u8>>, CredentialsError> {
    check_id(key_id)?;
    check_id(service_account_id)?;
    let pem = key.expose_pkcs8_pem()?;
    let private_key = core::str::from_utf8(&pem).map_err(|_| EncodeError)?;
    let file = File {
        subject_credentials: SubjectCredentials {
            r#type: "JWT",
            alg: "RS256",
            private_key,
            kid: key_id,
            iss: service_account_id,
            sub: service_account_id,
        },
    };
    // With room for escaped newlines: a growing buffer would leave copies of the key in memory.
    let capacity = 2 * pem.len() + key_id.len() + 2 * service_account_id.len() + FRAME;
    let mut json = Zeroizing::new(Vec::with_capacity(capacity));
    serde_json::to_writer_pretty(&mut *json, &file).map_err(|_| EncodeError)?;
    json.push(b'\n');
    Ok(json)
}

/// The file name `<service-account-id>-<key-id>-credentials.json`, unique for each key.
#[must_use]
pub fn credentials_file_name(service_account_id: &str, key_id: &str) -> String {
    format!("{service_account_id}-{key_id}-credentials.json")
}
