//! Rejects keys that would live longer than the gateway's administrator allows.

use connectrpc::Payload;
use keyside_iam::{iam::CreateAuthPublicKeyRequest, key_lifetime::KeyLifetime};

use crate::error::IamError;

/// Checks a call of `method` (`Service/Method`).
///
/// # Errors
/// INVALID_ARGUMENT if the call would create a key that lives too long.
pub fn check(lifetime: &KeyLifetime, method: &str, request: &Payload) -> Result<(), IamError> {
    let Some(max) = lifetime.max() else {
        return Ok(());
    };
    // The API never changes a key's expiration date.
    if method != "AuthPublicKeyService/Create" {
        return Ok(());
    }
    // The service itself rejects requests that can't be decoded.
    let Ok(request) = request.message::<CreateAuthPublicKeyRequest>() else {
        return Ok(());
    };
    let expires_at_s = request.spec.expires_at.as_option().map(|at| at.seconds);
    if lifetime.allows(expires_at_s, jiff::Timestamp::now().as_second()) {
        return Ok(());
    }
    let days = max.get();
    Err(IamError::invalid(
        "spec.expires_at",
        match expires_at_s {
            None => format!(
                "keys must expire within {days} days, and this one has no expiration date. Choose \
                 one"
            ),
            Some(_) => {
                format!("keys must expire within {days} days. Choose an earlier expiration date")
            }
        },
    ))
}
