//! Random IDs from the operating system's generator.

use crate::sign_in::token::random_text;

const ID_LENGTH: usize = 16;

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
