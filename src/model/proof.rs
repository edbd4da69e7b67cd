//! Verifies a key: signs a proof with its private key and exchanges it for an access token, as the CLI
//! and the SDKs do. The token is dropped at once.

use keyside_engine::KeyWorker;

use super::Uploaded;
use crate::{
    api::{Api, Endpoint, Problem},
    time,
};

/// The outcome of verifying a key.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// The API issues access tokens for proofs by this key.
    Works {
        key_id: String,
        /// How long a token is valid, in seconds.
        lifetime_s: i64,
    },
    /// The API rejected the proof.
    Refused(Problem),
    /// No proof could be signed, and why.
    NotSigned(String),
}

/// Verifies a key with the pair in the worker, or with the private key of the file that it examined.
pub async fn verify(
    worker: &KeyWorker,
    endpoint: &Endpoint,
    uploaded: &Uploaded,
    is_of_file: bool,
) -> Outcome {
    let Uploaded {
        key_id,
        service_account_id,
        ..
    } = uploaded.clone();
    let signed = worker
        .sign(
            key_id.clone(),
            service_account_id,
            time::now_unix_s(),
            is_of_file,
        )
        .await;
    match signed {
        Err(error) => Outcome::NotSigned(error.to_string()),
        Ok(jwt) => match Api::exchange(endpoint, jwt).await {
            Ok(lifetime_s) => Outcome::Works { key_id, lifetime_s },
            Err(problem) => Outcome::Refused(problem),
        },
    }
}
