//! Ids and tokens, drawn from the operating system's generator.

use zeroize::Zeroizing;

/// Lower-case letters and digits without those that look alike (0 o, 1 l).
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
const ID_LENGTH: usize = 16;
const TOKEN_LENGTH: usize = 52;

/// The prefix of an id tells the kind of thing it names.
pub mod prefix {
    pub const TENANT: &str = "tenant";
    pub const PROJECT: &str = "project";
    pub const SERVICE_ACCOUNT: &str = "serviceaccount";
    pub const GROUP: &str = "group";
    pub const GROUP_MEMBERSHIP: &str = "groupmembership";
    pub const PUBLIC_KEY: &str = "publickey";
    pub const OPERATION: &str = "operation";
}

/// Draws an id such as `publickey-e00k3...` with 80 random bits.
pub fn make_id(prefix: &str) -> Result<String, getrandom::Error> {
    let random = make_text(ID_LENGTH)?;
    Ok(format!("{prefix}-e00{}", random.as_str()))
}

/// Draws a token of 260 random bits.
pub fn make_token() -> Result<Zeroizing<String>, getrandom::Error> {
    make_text(TOKEN_LENGTH)
}

fn make_text(length: usize) -> Result<Zeroizing<String>, getrandom::Error> {
    let mut bytes = Zeroizing::new(vec![0_u8; length]);
    getrandom::fill(&mut bytes)?;
    Ok(Zeroizing::new(
        bytes
            .iter()
            .map(|b| char::from(ALPHABET[usize::from(b % 32)]))
            .collect(),
    ))
}
