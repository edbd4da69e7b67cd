//! RSA pairs for authorized keys: primes, PEM, fingerprint, JWT and credentials file. No web, no
//! I/O; the caller gives the random generator.
//!
//! Which function do you want?
//!
//! - a new pair: [`make_key_pair`]
//! - a new pair of primes that were searched for side by side: [`make_prime`], [`assemble_pair`]
//! - a pair from a file: [`PrivateKey::from_pkcs8_pem`]
//! - the public half and its fingerprint: [`PrivateKey::public_key`]
//! - `private.pem`: [`PrivateKey::expose_pkcs8_pem`]
//! - `private.pem` under a passphrase: [`PrivateKey::expose_encrypted_pkcs8_pem`]
//! - a pair from such a file: [`PrivateKey::from_encrypted_pkcs8`]
//! - the credentials file: [`expose_credentials_json`]
//! - which key a file holds, and its public key: [`read_key_file`]
//! - several files in one, under a passphrase or not: [`expose_zip`], [`make_passphrase`]
//! - what is wrong with a credentials file, and the same without: [`inspect_credentials`]
//! - the stages of a search one by one, to measure them: [`Stages`]
//! - a proof for the token exchange: [`sign_token_exchange_jwt`]
//!
//! Names tell what a function does to a secret: `make_` draws randomness, `expose_` turns a
//! secret into bytes, which overwrite themselves when dropped. [`PrivateKey`] has no Debug, no
//! Display, no Clone and no serialisation, and zeroizes on drop. [`PublicKey`] can hold nothing
//! private.
#![forbid(unsafe_code)]

mod archive;
mod credentials;
mod encrypted;
mod filter;
mod generate;
mod ids;
mod inspect;
mod jwt;
mod private_key;
mod public_key;
mod read;
mod stages;

pub use archive::{ArchiveError, expose_zip};
pub use credentials::{CredentialsError, credentials_file_name, expose_credentials_json};
pub use encrypted::{EncryptError, OpenError, Passphrase, PassphraseError, make_passphrase};
pub use filter::Filter;
pub use generate::{
    CHECKED_MESSAGE, CheckedPair, GenerateError, KeySize, Prime, Progress, Step, assemble_pair,
    make_key_pair, make_prime,
};
pub use ids::{IdError, check_id};
pub use inspect::{
    Field, Finding, Inspection, Kind, MOST_CREDENTIALS, Remedy, Sdk, inspect_credentials,
    inspect_credentials_with_passphrase,
};
pub use jwt::{SignError, TOKEN_AUDIENCE, sign_token_exchange_jwt};
pub use private_key::{EncodeError, PrivateKey, ReadPrivateKeyError};
pub use public_key::{Fingerprint, PublicKey, ReadPublicKeyError};
pub use read::{
    Algorithm, Brought, EncryptedForm, Foreign, Given, MOST_KEY_FILE_BYTES, Mended, PrivateForm,
    PrivateKind, PublicForm, Refusal, Unfit, read_key_file,
};
pub use stages::Stages;

// In a worker, as in use: ChromeDriver gives up a page whose own thread is busy for 30 seconds.
#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
