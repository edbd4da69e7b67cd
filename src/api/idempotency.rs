//! Idempotency keys: with the same one, a repeated request for a change changes nothing again.

/// Draws a new one: 128 random bits in hex.
#[must_use]
pub fn make_idempotency_key() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
