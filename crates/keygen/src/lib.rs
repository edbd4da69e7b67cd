//! RSA key pairs for authorized keys: primes, PEM, fingerprint, JWT and credentials file. No web,
//! no I/O; the caller provides the random generator.
//!
//! Which function do you need?
//!
//! - generate a key pair: [`make_key_pair`]
//! - generate a key pair from primes that were searched for in parallel: [`PrimeSearch`],
//!   [`assemble_pair`]
//! - read a private key: [`PrivateKey::from_pkcs8_pem`], [`PrivateKey::from_encrypted_pkcs8`]
//! - get the public key and its fingerprint: [`PrivateKey::public_key`]
//! - write `private.pem`: [`PrivateKey::expose_pkcs8_pem`],
//!   [`PrivateKey::expose_encrypted_pkcs8_pem`]
//! - write the credentials file: [`expose_credentials_json`]
//! - recognize a key file and extract its public key: [`read_key_file`]
//! - write a ZIP archive, encrypted or not: [`expose_zip`], [`make_passphrase`]
//! - find and repair faults of a credentials file: [`inspect_credentials`]
//! - run the stages of a prime search one by one, for benchmarks: [`Stages`]
//! - sign the JWT for a token exchange: [`sign_token_exchange_jwt`]
//!
//! The prefix of a name says what a function does with secrets: `make_` draws randomness, `expose_`
//! turns a secret into bytes, which overwrite themselves when dropped. [`PrivateKey`] has no Debug,
//! no Display, no Clone and no serialization, and zeroizes on drop. [`PublicKey`] can't hold
//! anything private.
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
mod wrapping;

pub use archive::{ArchiveError, expose_zip};
pub use credentials::{CredentialsError, credentials_file_name, expose_credentials_json};
pub use encrypted::{EncryptError, OpenError, Passphrase, PassphraseError, make_passphrase};
pub use filter::Filter;
pub use generate::{
    CHECKED_MESSAGE, CheckedPair, GenerateError, KeySize, Prime, PrimeSearch, Progress,
    assemble_pair, make_key_pair,
};
pub use ids::{IdError, check_id};
pub use inspect::{
    Field, Finding, Inspection, Kind, MAX_CREDENTIALS_BYTES, Remedy, Sdk, inspect_credentials,
    inspect_credentials_with_passphrase,
};
pub use jwt::{SignError, TOKEN_AUDIENCE, sign_token_exchange_jwt};
pub use private_key::{EncodeError, PrivateKey, ReadPrivateKeyError};
pub use public_key::{Fingerprint, PublicKey, ReadPublicKeyError};
pub use read::{
    Algorithm, EncryptedForm, KeyFile, MAX_KEY_FILE_BYTES, OtherFile, PrivateForm, PrivateKind,
    PublicForm, PublicKeyFile, Refusal, Repair, Unsupported, read_key_file,
};
pub use stages::Stages;

// In a worker, as in production: ChromeDriver gives up on a page whose main thread is busy for 30
// seconds.
#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
