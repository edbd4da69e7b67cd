//! WinZip's AES-256: key derivation, counter mode, authentication code.

use aes::Aes256;
use ctr::{
    Ctr128LE,
    cipher::{InvalidLength, KeyIvInit, StreamCipher},
};
use hmac::{Hmac, KeyInit, Mac};
use rsa::rand_core::TryCryptoRng;
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::Passphrase;

/// Length of the salt for AES-256, in bytes.
pub const SALT: usize = 16;
/// Length of the value that reveals most wrong passphrases, in bytes.
pub const CHECK: usize = 2;
/// Length of the authentication code, in bytes: the first half of an HMAC-SHA-1.
pub const CODE: usize = 10;
/// What encryption adds to a file, in bytes.
pub const OVERHEAD: usize = SALT + CHECK + CODE;

/// Rounds of PBKDF2 in this format.
const ROUNDS: u32 = 1_000;
const KEY: usize = 32;

pub fn make_salt<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<[u8; SALT], R::Error> {
    let mut salt = [0; SALT];
    rng.try_fill_bytes(&mut salt)?;
    Ok(salt)
}

/// Encrypts `bytes`: salt, check value, ciphertext and authentication code.
pub fn seal(
    bytes: &[u8],
    passphrase: &Passphrase,
    salt: [u8; SALT],
) -> Result<Zeroizing<Vec<u8>>, InvalidLength> {
    // Cipher key, authentication key and check value.
    let mut keys = Zeroizing::new([0; 2 * KEY + CHECK]);
    pbkdf2::pbkdf2_hmac::<Sha1>(passphrase.bytes(), &salt, ROUNDS, keys.as_mut_slice());
    let (cipher_key, rest) = keys.split_at(KEY);
    let (code_key, check) = rest.split_at(KEY);
    let mut sealed = Zeroizing::new(Vec::with_capacity(bytes.len() + OVERHEAD));
    sealed.extend_from_slice(&salt);
    sealed.extend_from_slice(check);
    sealed.extend_from_slice(bytes);
    let (_, data) = sealed.split_at_mut(SALT + CHECK);
    // The counter is little-endian and starts at 1.
    let mut counter = [0; 16];
    counter[0] = 1;
    let mut cipher = Ctr128LE::<Aes256>::new_from_slices(cipher_key, &counter)?;
    let mut code = <Hmac<Sha1> as KeyInit>::new_from_slice(code_key)?;
    cipher.apply_keystream(data);
    code.update(data);
    let code = code.finalize().into_bytes();
    sealed.extend_from_slice(code.split_at(CODE).0);
    Ok(sealed)
}
