//! The admin's access token, from the environment or from a file that's created at the first start.

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
};

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::token::{self, TokenHash};
use crate::{data_folder::private_file, error::StartError};

/// Takes precedence over the file.
const VARIABLE: &str = "KEYSIDE_ADMIN_TOKEN";
const FILE: &str = "admin-token";
/// In characters.
const MIN_LENGTH: usize = 20;

/// The admin token. It has no `Debug`: only [`AdminToken::expose`] returns it.
pub struct AdminToken {
    token: Zeroizing<String>,
    hash: TokenHash,
}

impl AdminToken {
    /// Returns the token in the environment variable or the file in `folder`. Without either, generates
    /// one and creates the file with mode 0600.
    pub fn find_or_create(folder: &Path) -> Result<Self, StartError> {
        if let Some(token) = Self::find(folder)? {
            return Ok(token);
        }
        let path = folder.join(FILE);
        let token = token::new_token().map_err(StartError::Randomness)?;
        private_file()
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|mut file| {
                file.write_all(token.as_bytes())?;
                file.write_all(b"\n")?;
                file.sync_all()
            })
            .map_err(|cause| StartError::AdminTokenFile { path, cause })?;
        Ok(Self::new(token))
    }

    /// A token that is stored nowhere.
    pub fn random() -> Result<Self, getrandom::Error> {
        token::new_token().map(Self::new)
    }

    /// Returns the token in the environment variable or the file in `folder`, if there is one.
    pub fn find(folder: &Path) -> Result<Option<Self>, StartError> {
        if let Some(token) = env::var_os(VARIABLE) {
            let token = Zeroizing::new(token.to_string_lossy().into_owned());
            return Self::validated(token, "KEYSIDE_ADMIN_TOKEN").map(Some);
        }
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => {
                let text = Zeroizing::new(text);
                let token = Zeroizing::new(text.trim().to_owned());
                Self::validated(token, "the file admin-token").map(Some)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(StartError::AdminTokenFile { path, cause }),
        }
    }

    fn validated(token: Zeroizing<String>, origin: &'static str) -> Result<Self, StartError> {
        let length = token.chars().count();
        if length < MIN_LENGTH || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(StartError::WeakAdminToken {
                origin,
                length,
                min: MIN_LENGTH,
            });
        }
        Ok(Self::new(token))
    }

    fn new(token: Zeroizing<String>) -> Self {
        let hash = token::hash(token.as_bytes());
        Self { token, hash }
    }

    /// Whether `hash` is the hash of this token, in constant time.
    pub fn matches(&self, hash: &TokenHash) -> bool {
        self.hash.ct_eq(hash).into()
    }

    /// The token itself.
    pub fn expose(&self) -> &str {
        &self.token
    }
}
