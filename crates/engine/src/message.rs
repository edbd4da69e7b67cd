//! Messages between the page and the key workers. A private key only ever crosses as a
//! [`web_sys::Blob`], which the page saves without reading.

use serde::{Deserialize, Serialize};

/// A command from the page. A new key pair replaces the one that the worker holds.
#[derive(Serialize, Deserialize)]
pub enum Command {
    /// Prepare for a search, until another command arrives.
    WarmUp {
        /// Until the browser has optimized the program.
        is_long: bool,
    },
    /// Search for primes of an RSA key pair, and send them to a port.
    Search {
        /// Bits of the modulus.
        bits: u32,
        /// The channel to the keeper.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        to: web_sys::MessagePort,
    },
    /// Make an RSA key pair from the first two primes that arrive.
    Collect {
        /// Bits of the modulus.
        bits: u32,
        /// A [`web_sys::MessagePort`] from each searcher.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        from: js_sys::Array,
    },
    /// Discard the primes of a search that has ended.
    Abandon,
    /// Write `private.pem`.
    PrivatePem {
        /// Encrypts the file, if given.
        passphrase: Option<String>,
    },
    /// Write the credentials file.
    Credentials {
        /// ID of the authorized key.
        key_id: String,
        /// ID of its service account.
        service_account_id: String,
    },
    /// Sign a JWT for the token exchange.
    Sign {
        /// ID of the authorized key.
        key_id: String,
        /// ID of its service account.
        service_account_id: String,
        /// Seconds since 1970, UTC.
        now_unix_s: u64,
        /// Whether to sign with the key of the examined file instead of the key pair.
        examined: bool,
    },
    /// Examine a key file. Its private key stays in the worker until the next file.
    Examine {
        /// The file.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        file: web_sys::Blob,
        /// Decrypts the file, if it's encrypted.
        passphrase: Option<String>,
    },
    /// Write the repaired version of the examined credentials file.
    RepairedCredentials,
    /// Stash the key pair under a name, so that another one can be made.
    Stash(String),
    /// Make the stashed key pair of this name the current one again.
    Restore(String),
    /// Write a ZIP with the credentials files of stashed key pairs.
    Archive {
        /// The files in their order.
        entries: Vec<ArchiveEntry>,
        /// Encrypts the archive, if given.
        passphrase: Option<String>,
        /// Modification time of the files, in seconds since 1970, UTC.
        now_unix_s: u64,
    },
    /// Make a random passphrase.
    SuggestPassphrase,
}

/// A credentials file of [`Command::Archive`].
#[derive(Serialize, Deserialize, PartialEq)]
pub struct ArchiveEntry {
    /// The name from [`Command::Stash`].
    pub name: String,
    /// ID of the authorized key.
    pub key_id: String,
    /// ID of its service account.
    pub service_account_id: String,
}

/// The kind of an examined file.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// A public key.
    Public,
    /// A private key.
    Private,
    /// An encrypted private key.
    Locked,
    /// A private key that can't be used.
    UnusablePrivate,
    /// A credentials file.
    Credentials,
    /// A credentials file with an encrypted private key.
    LockedCredentials,
    /// Any other file.
    Other,
}

/// The report on an examined file; contains nothing private.
#[derive(Serialize, Deserialize, Clone, PartialEq)]
pub struct FileReport {
    /// What the file is.
    pub kind: FileKind,
    /// What the file is, as a message.
    pub summary: String,
    /// Why the passphrase didn't decrypt the file.
    pub unlock_error: Option<String>,
    /// The public key, if it's known.
    pub public: Option<PublicPart>,
    /// What is wrong with a credentials file.
    pub findings: Vec<ReportedFinding>,
    /// Whether the official SDK rejects the credentials file.
    pub is_rejected: bool,
    /// Whether the credentials file can be repaired.
    pub is_repairable: bool,
    /// ID of the authorized key in a credentials file.
    pub key_id: Option<String>,
    /// ID of the service account in a credentials file.
    pub service_account_id: Option<String>,
}

impl FileReport {
    /// A report without details.
    #[must_use]
    pub fn new(kind: FileKind, summary: String) -> Self {
        Self {
            kind,
            summary,
            unlock_error: None,
            public: None,
            findings: Vec::new(),
            is_rejected: false,
            is_repairable: false,
            key_id: None,
            service_account_id: None,
        }
    }
}

/// The public key of a file.
#[derive(Serialize, Deserialize, Clone, PartialEq)]
pub struct PublicPart {
    /// SPKI PEM.
    pub pem: String,
    /// SHA-256 of the SPKI DER, hex with colons.
    pub fingerprint: String,
    /// Bits of the modulus.
    pub bits: u32,
}

/// A fault of a credentials file.
#[derive(Serialize, Deserialize, Clone, PartialEq)]
pub struct ReportedFinding {
    /// What is wrong and what to do.
    pub text: String,
    /// Whether the repaired file doesn't have it.
    pub is_repaired: bool,
}

/// A command with a number, which its events repeat.
#[derive(Serialize, Deserialize)]
pub struct Envelope {
    /// Counts up from 1.
    pub id: u32,
    /// The command.
    pub command: Command,
}

/// Progress of a generation, of all workers together.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct Progress {
    /// Primes found, of two.
    pub primes_found: u8,
    /// Candidates tested so far, for both primes.
    pub candidates_tested: u32,
    /// The probability, from 0 to 1, that a search has found the current prime by now.
    pub likelihood: f64,
    /// Time since the start, in milliseconds.
    pub elapsed_ms: f64,
}

/// The public half of a key pair, and how it was generated.
#[derive(Serialize, Deserialize, Clone, PartialEq)]
pub struct PublicHalf {
    /// SPKI PEM.
    pub public_pem: String,
    /// SHA-256 of the SPKI DER, hex with colons.
    pub fingerprint: String,
    /// Bits of the modulus.
    pub bits: u32,
    /// Duration of the generation, in milliseconds.
    pub elapsed_ms: f64,
    /// Whether the fast arithmetic was used.
    pub fast: bool,
    /// Whether the browser's WebCrypto accepted the key pair and its signatures. WebCrypto is only
    /// available in secure contexts.
    pub cross_checked: bool,
}

/// An event from a worker.
#[derive(Serialize, Deserialize)]
pub enum Event {
    /// The worker has started and accepts commands (number 0).
    Ready,
    /// [`Command::Search`]: number of candidates tested so far.
    Tested(u32),
    /// [`Command::Collect`]: number of accepted primes.
    PrimesFound(u8),
    /// [`Command::Collect`]: the searchers that are still needed, as indexes of their ports.
    SearchersNeeded(Vec<u32>),
    /// The key pair was generated and checked.
    Made(PublicHalf),
    /// The requested file.
    File(#[serde(with = "serde_wasm_bindgen::preserve")] web_sys::Blob),
    /// The requested JWT.
    Signed(String),
    /// A [`FileReport`], which only the screen that requested it decodes.
    Examined(#[serde(with = "serde_wasm_bindgen::preserve")] wasm_bindgen::JsValue),
    /// The requested passphrase.
    Suggested(String),
    /// The command succeeded.
    Done,
    /// Why the command failed.
    Failed(Fault),
}

/// Why a command failed. Contains no secret.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Fault {
    /// The kind of failure, for programs.
    pub code: Code,
    /// The message for people.
    pub message: String,
}

impl Fault {
    /// With the message of an error.
    pub fn new(code: Code, message: impl ToString) -> Self {
        Self {
            code,
            message: message.to_string(),
        }
    }
}

/// The kinds of failure. Their serialized names are stable.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The page stopped it.
    Aborted,
    /// An option isn't valid.
    BadOption,
    /// No public key could be read.
    BadPublicKey,
    /// An ID isn't valid.
    BadId,
    /// The browser's random generator failed.
    Randomness,
    /// The new key pair failed its self-test.
    SelfCheck,
    /// The worker doesn't hold the key.
    NoKey,
    /// The browser couldn't create or read a file.
    NoFile,
    /// A worker didn't start, or ended unexpectedly.
    WorkerLost,
}

/// An event, with the number of its command.
#[derive(Serialize, Deserialize)]
pub struct Numbered {
    /// The command's number.
    pub id: u32,
    /// The event.
    pub event: Event,
}
