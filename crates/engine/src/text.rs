//! The engine's error messages, in one place. No message contains a secret.

/// A worker didn't start, or ended unexpectedly.
pub const WORKER_LOST: &str = "The key worker didn't start, or it ended unexpectedly: the browser \
    may be out of memory. Try again; if it fails again, reload the page.";
/// The worker doesn't hold the key.
pub const NO_KEY_IN_WORKER: &str = "The key worker no longer has this key. Create a new key; if you \
    uploaded this one, delete it from the service account.";
/// The page stopped a generation.
pub const STOPPED: &str = "Key generation was stopped. Nothing was kept.";
/// The key size isn't supported.
pub const BAD_BITS: &str = "This key size isn't supported. Choose 2048, 3072 or 4096 bits; the IAM \
    API requires at least 4096.";
/// WebCrypto rejected a new key pair.
pub const CROSS_CHECK_FAILED: &str = "The browser's own cryptography rejected the new key pair, so \
    it was discarded. Try again; if it happens again, don't create keys on this computer, and \
    report the problem.";
/// Two primes don't make a key pair: by chance (below 2^-98), or because of a hardware fault.
pub const BAD_PRIME: &str = "The two primes don't make a valid key pair, so no key was created. Try \
    again; if it happens again, don't create keys on this computer.";
/// There are no random numbers.
pub const NO_RANDOMNESS: &str = "The browser didn't provide random numbers, so nothing was sent. \
    Try again; if it fails again, reload the page.";
/// The browser couldn't create a file.
pub const NO_FILE: &str = "The browser couldn't create the file: it may be out of memory. The key \
    is still here; close other tabs and try again.";

/// The browser couldn't read a file.
pub const FILE_UNREADABLE: &str = "The browser can't read this file: it was moved or changed, or \
    reading it isn't allowed. Choose the file again.";
/// A private key that was decrypted.
pub const DECRYPTED: &str = "The passphrase opened this private key. The file wasn't sent.";
/// A credentials file.
pub const CREDENTIALS_FILE: &str = "This is a credentials file, which contains a private key. The \
    file wasn't sent.";
