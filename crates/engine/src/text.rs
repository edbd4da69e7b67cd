//! What a person reads when the engine fails, in one place. No text holds a secret.

/// No worker, or one that ended unasked.
pub const WORKER_LOST: &str = "The key worker did not start, or ended in the middle of its work: \
    the browser may be out of memory, or key-worker.js cannot be loaded. Nothing was sent. Try \
    again; if it fails again, load the page anew.";
/// The worker was asked for a key that it does not hold.
pub const NO_KEY_IN_WORKER: &str = "The key worker holds no key any more. Make a new pair; if this one was uploaded, delete its \
     public key from the service account.";
/// The generation was ended on request.
pub const STOPPED: &str = "The generation was stopped. Nothing of it is kept.";
/// A size that is not on offer.
pub const BAD_BITS: &str = "An RSA pair of this size is not on offer: choose 2048, 3072 or 4096 \
    bits. The IAM API takes 4096 and more.";
/// The browser's own cryptography does not accept a new pair.
pub const WEBCRYPTO_DISAGREES: &str = "The new pair was thrown away: the browser's own \
    cryptography does not accept it, so the computer or the program made an arithmetic error. Try \
    again; if it happens again, do not trust this computer with keys, and report it.";
/// The two primes do not make a pair: by odds below 2^-98, or by a fault of the machine.
pub const BAD_PRIME: &str = "The two primes that were found do not go together, so no pair was \
    made and nothing was sent. Try again; if it happens again, do not trust this computer with \
    keys.";
/// No random numbers.
pub const NO_RANDOMNESS: &str = "The browser gave no random numbers, so nothing was sent. Try \
    again; if it fails again, load the page anew.";
/// The browser refused to make a file.
pub const NO_FILE: &str = "The browser could not make the file: it may be out of memory. The key \
    is still here. Close other tabs and try again.";

/// A file that the browser does not give.
pub const FILE_UNREADABLE: &str = "The browser cannot read this file: it may have been moved or changed \
    since it was chosen, or reading it is not allowed. Choose it again.";
/// An encrypted private key that the passphrase opened.
pub const OPENED: &str = "The passphrase opened this private key. The file wasn't sent.";
/// A credentials file.
pub const CREDENTIALS_FILE: &str = "This is a credentials file, which contains a private key. The \
    file wasn't sent.";
