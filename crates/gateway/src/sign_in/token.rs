//! Access tokens: random ones, their hashes, and the one that a call carries.

use connectrpc::RequestContext;
use rsa::sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::error::IamError;

/// Lowercase letters and digits, without those that look alike (0 and o, 1 and l).
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
const TOKEN_LENGTH: usize = 52;

/// SHA-256 of an access token. Tokens are only stored and compared as hashes.
pub type TokenHash = [u8; 32];

/// The hash of an access token.
pub fn hash(token: &[u8]) -> TokenHash {
    Sha256::digest(token).into()
}

/// Generates a token with 260 random bits.
pub fn new_token() -> Result<Zeroizing<String>, getrandom::Error> {
    random_text(TOKEN_LENGTH)
}

/// Random letters and digits, with 5 bits each.
pub fn random_text(length: usize) -> Result<Zeroizing<String>, getrandom::Error> {
    let mut bytes = Zeroizing::new(vec![0_u8; length]);
    getrandom::fill(&mut bytes)?;
    Ok(Zeroizing::new(
        bytes
            .iter()
            .map(|b| char::from(ALPHABET[usize::from(b % 32)]))
            .collect(),
    ))
}

/// The call's bearer token (RFC 6750, section 2.1).
///
/// # Errors
/// UNAUTHENTICATED if there is no token.
pub fn bearer_token(ctx: &RequestContext) -> Result<Zeroizing<Vec<u8>>, IamError> {
    let value = ctx
        .header("authorization")
        .ok_or(IamError::NoToken)?
        .as_bytes();
    let (scheme, token) = value.split_at_checked(7).ok_or(IamError::NoToken)?;
    if !scheme.eq_ignore_ascii_case(b"bearer ") {
        return Err(IamError::NoToken);
    }
    Ok(Zeroizing::new(token.trim_ascii().to_vec()))
}
