//! Texts for saving files.

pub const CREDENTIALS: &str = "Download credentials file";
pub const CREDENTIALS_HINT: &str = "The CLI and the SDKs read this file. Keep it secret: anyone with it \
    can act as the service account.";
pub const MORE: &str = "More formats and folders";
pub const PRIVATE: &str = "private.pem";
pub const PRIVATE_ENCRYPTED: &str = "private.pem, encrypted";
pub const PRIVATE_HINT: &str = "The private key (PKCS#8). Keep it secret: anyone with this file can act \
    as the service account.";
pub const PUBLIC: &str = "public.pem";
pub const PUBLIC_HINT: &str = "The public key (SPKI).";
pub const PREPARING: &str = "Preparing the file…";
pub const ENCRYPT: &str = "Encrypt private.pem with a passphrase";
pub const ENCRYPT_HINT: &str = "For a copy that you keep: PKCS#8 with AES-256 (PBES2), which openssl reads. \
    A lost passphrase can't be recovered. The credentials file stays unencrypted: the CLI and the SDKs \
    read it at every start and can't open an encrypted key.";
pub const PASSPHRASE: &str = "Passphrase";
pub const SHORT_PASSPHRASE: &str = "openssl needs at least 4 characters.";
pub const LONG_PASSPHRASE: &str = "openssl accepts at most 1,023 bytes.";
pub const BLANKS_AROUND_PASSPHRASE: &str =
    "The passphrase starts or ends with a space, which some tools remove.";
pub const ACCENTS_IN_PASSPHRASE: &str = "Some tools and keyboards encode non-ASCII letters differently. \
    Check that you can open the file where you need it.";
pub const PASSPHRASE_AGAIN: &str = "Repeat the passphrase";
pub const INTO_FOLDER: &str = "Files are saved into the folder";
pub const USE_DOWNLOADS: &str = "Use the downloads folder";
pub const CHOOSE_FOLDER: &str = "Save into another folder";
pub const REPLACE: &str = "Replace file";
pub const NOT_IN_FOLDER: &str = "The file couldn't be written into the folder: writing isn't allowed, the \
    disk is full, or the folder is gone. The key is still here. Choose another folder or use the downloads \
    folder.";

pub fn replace_question(name: &str) -> String {
    format!("Replace {name}?")
}

pub fn replace_effect(folder: &str) -> String {
    format!("The folder {folder} already has a file with this name. Its content will be lost.")
}

pub fn saved_in(name: &str, folder: &str) -> String {
    format!("Saved {name} in the folder {folder}.")
}

pub fn kept_in(name: &str, folder: &str) -> String {
    format!("Kept the existing {name} in the folder {folder}. Nothing was saved.")
}
