//! Random IDs and tokens from the operating system's generator.

use zeroize::Zeroizing;

/// Lowercase letters and digits, without those that look alike (0 and o, 1 and l).
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
const ID_LENGTH: usize = 16;
const TOKEN_LENGTH: usize = 52;

/// The prefixes of IDs, by kind of resource.
pub mod prefix {
    pub const TENANT: &str = "tenant";
    pub const PROJECT: &str = "project";
    pub const SERVICE_ACCOUNT: &str = "serviceaccount";
    pub const GROUP: &str = "group";
    pub const GROUP_MEMBERSHIP: &str = "groupmembership";
    pub const PUBLIC_KEY: &str = "publickey";
    pub const OPERATION: &str = "operation";
}

/// Generates an ID such as `publickey-e00k3...` with 80 random bits.
pub fn new_id(prefix: &str) -> Result<String, getrandom::Error> {
    let random = random_text(ID_LENGTH)?;
    Ok(format!("{prefix}-e00{}", random.as_str()))
}

/// Generates a token with 260 random bits.
pub fn new_token() -> Result<Zeroizing<String>, getrandom::Error> {
    random_text(TOKEN_LENGTH)
}

fn random_text(length: usize) -> Result<Zeroizing<String>, getrandom::Error> {
    let mut bytes = Zeroizing::new(vec![0_u8; length]);
    getrandom::fill(&mut bytes)?;
    Ok(Zeroizing::new(
        bytes
            .iter()
            .map(|b| char::from(ALPHABET[usize::from(b % 32)]))
            .collect(),
    ))
}
