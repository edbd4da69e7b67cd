//! Idempotency keys: repeating a request with the same key doesn't repeat the change.

/// Generates a key: 128 random bits in hex.
pub fn make_idempotency_key() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
