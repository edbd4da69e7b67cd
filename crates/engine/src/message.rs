//! What the page and the key workers say to each other. A private key is in none of it but as a
//! [`web_sys::Blob`], which the page can save but does not read.

use serde::{Deserialize, Serialize};

/// What the page asks. A new pair replaces the one that the worker holds.
#[derive(Serialize, Deserialize)]
pub enum Command {
    /// Look for primes of an RSA pair of so many bits and hand them to this port, until ended.
    Search {
        /// Bits of the modulus.
        bits: u32,
        /// Leads to the keeper.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        to: web_sys::MessagePort,
    },
    /// Make the RSA pair of so many bits from the first two primes that come.
    Collect {
        /// Bits of the modulus.
        bits: u32,
        /// [`web_sys::MessagePort`] each, from the searchers.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        from: js_sys::Array,
    },
    /// Forget the primes of a search that is over.
    Abandon,
    /// `private.pem`; under a passphrase, if there is one.
    PrivatePem {
        /// What will open the file.
        passphrase: Option<String>,
    },
    /// The credentials file for this key id and service account.
    Credentials {
        /// The authorized key's id.
        key_id: String,
        /// The account that the key belongs to.
        service_account_id: String,
    },
    /// A signed JWT for the token exchange.
    Sign {
        /// The authorized key's id.
        key_id: String,
        /// The account that the key belongs to.
        service_account_id: String,
        /// Seconds since 1970, UTC.
        now_unix_s: u64,
        /// With the key of the file that was examined, not with the pair.
        examined: bool,
    },
    /// Look at a key file. What is private of it stays in the worker until the next one.
    Examine {
        /// As the person chose it.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        file: web_sys::Blob,
        /// Opens it, if it is encrypted.
        passphrase: Option<String>,
    },
    /// The credentials file that was examined, written anew without what was wrong with it.
    Repaired,
    /// Put the pair aside under a name, so that another can be made.
    Shelve(String),
    /// Make the pair of that name the one at hand again.
    TakeUp(String),
    /// One ZIP of the credentials files of pairs that were put aside.
    Archive {
        /// In this order.
        entries: Vec<ArchiveEntry>,
        /// Encrypts them, if there is one.
        passphrase: Option<String>,
        /// Seconds since 1970, UTC: the time of the files.
        now_unix_s: u64,
    },
    /// A passphrase that cannot be guessed.
    SuggestPassphrase,
}

/// A credentials file of [`Command::Archive`].
#[derive(Serialize, Deserialize, PartialEq)]
pub struct ArchiveEntry {
    /// What [`Command::Shelve`] called the pair.
    pub name: String,
    /// The authorized key's id.
    pub key_id: String,
    /// The account that the key belongs to.
    pub service_account_id: String,
}

/// What a file turned out to be.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// A public key.
    Public,
    /// A private key.
    Private,
    /// A private key behind a passphrase.
    Locked,
    /// A private key that cannot be used here.
    UnusablePrivate,
    /// A credentials file.
    Credentials,
    /// A credentials file with a private key behind a passphrase.
    LockedCredentials,
    /// Nothing of use.
    Other,
}

/// What the page may know of a file that was examined.
#[derive(Serialize, Deserialize, Clone, PartialEq)]
pub struct FileReport {
    /// What it is.
    pub kind: FileKind,
    /// The same in a sentence for people.
    pub told: String,
    /// Why the passphrase did not open it.
    pub refused: Option<String>,
    /// Its public half, when it has one.
    pub public: Option<PublicPart>,
    /// Of a credentials file: what is wrong with it.
    pub findings: Vec<Told>,
    /// Whether the official SDK refuses it.
    pub is_refused: bool,
    /// Whether it can be written anew without what is wrong.
    pub is_repairable: bool,
    /// Of a credentials file.
    pub key_id: Option<String>,
    /// Of a credentials file.
    pub service_account_id: Option<String>,
}

impl FileReport {
    /// With nothing more to say.
    #[must_use]
    pub fn of(kind: FileKind, told: String) -> Self {
        Self {
            kind,
            told,
            refused: None,
            public: None,
            findings: Vec::new(),
            is_refused: false,
            is_repairable: false,
            key_id: None,
            service_account_id: None,
        }
    }
}

/// The public half of a key in a file.
#[derive(Serialize, Deserialize, Clone, PartialEq)]
pub struct PublicPart {
    /// SPKI PEM.
    pub pem: String,
    /// SHA-256 of the SPKI DER, hex with colons.
    pub fingerprint: String,
    /// Of the modulus.
    pub bits: u32,
}

/// A thing that is wrong with a credentials file.
#[derive(Serialize, Deserialize, Clone, PartialEq)]
pub struct Told {
    /// What, why it matters, what to do.
    pub text: String,
    /// The file that is written anew is free of it.
    pub is_mended: bool,
}

/// A numbered command; its answers bear the same number.
#[derive(Serialize, Deserialize)]
pub struct Envelope {
    /// Counts up from 1.
    pub id: u32,
    /// What is asked.
    pub command: Command,
}

/// How far a generation is, over all workers.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct Progress {
    /// Of the two primes.
    pub primes_found: u8,
    /// Candidates put to a primality test, over both primes.
    pub candidates_tested: u32,
    /// How likely it was that the current prime would be found by now, 0 to 1.
    pub likelihood: f64,
    /// Since the start, in milliseconds.
    pub elapsed_ms: f64,
}

/// What the page may know of a pair.
#[derive(Serialize, Deserialize, Clone, PartialEq)]
pub struct PublicHalf {
    /// SPKI PEM.
    pub public_pem: String,
    /// SHA-256 of the SPKI DER, hex with colons.
    pub fingerprint: String,
    /// Of the modulus.
    pub bits: u32,
    /// How long it took to make, in milliseconds.
    pub elapsed_ms: f64,
    /// Whether the fast arithmetic threw the composites out.
    pub fast: bool,
    /// Whether the browser's own WebCrypto took the pair and agreed with its signatures; it is
    /// there in secure contexts only.
    pub cross_checked: bool,
}

/// What the worker says.
#[derive(Serialize, Deserialize)]
pub enum Event {
    /// The worker has started and takes commands (number 0).
    Ready,
    /// [`Command::Search`] has tested so many candidates.
    Tested(u32),
    /// [`Command::Collect`] has so many accepted primes.
    PrimesFound(u8),
    /// [`Command::Collect`] needs these searchers still, and the others no more; they are counted
    /// from 0 in the order of their ports.
    Needs(Vec<u32>),
    /// The pair is made and checked.
    Made(PublicHalf),
    /// The file that was asked for.
    File(#[serde(with = "serde_wasm_bindgen::preserve")] web_sys::Blob),
    /// The JWT that was asked for.
    Signed(String),
    /// A [`FileReport`]; only the screen that asks for it reads it.
    Examined(#[serde(with = "serde_wasm_bindgen::preserve")] wasm_bindgen::JsValue),
    /// The passphrase that was asked for.
    Suggested(String),
    /// It is done.
    Done,
    /// Why the command failed.
    Failed(Fault),
}

/// Why a command failed, in words for people; holds no secret.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Fault {
    /// The kind, for programs.
    pub code: Code,
    /// The words.
    pub message: String,
}

impl Fault {
    /// From an error's own words.
    pub fn new(code: Code, message: impl ToString) -> Self {
        Self {
            code,
            message: message.to_string(),
        }
    }
}

/// The kinds of failure. Their names as text are for good.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The one at the page stopped it.
    Aborted,
    /// An option has no meaning.
    BadOption,
    /// No public key could be read.
    BadPublicKey,
    /// An id cannot be one.
    BadId,
    /// The browser's random generator failed.
    Randomness,
    /// The new pair did not pass its checks.
    SelfCheck,
    /// The worker holds no key.
    NoKey,
    /// The browser could not make a file.
    NoFile,
    /// A worker did not start, or ended unasked.
    WorkerLost,
}

/// An event with the number of its command.
#[derive(Serialize, Deserialize)]
pub struct Numbered {
    /// The command's number.
    pub id: u32,
    /// What happened.
    pub event: Event,
}
