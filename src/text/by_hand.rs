//! Texts for uploading a public key without an API.

pub const TITLE: &str = "Upload the public key in the web console";
pub const STEPS: [&str; 4] = [
    "Download public.pem.",
    "In the Nebius AI Cloud web console, open Administration, IAM, Service accounts, and your service \
     account.",
    "Select Upload authorized key, attach public.pem and upload it.",
    "Copy the new key's ID (publickey-…) from the list of authorized keys.",
];
pub const KEY_ID: &str = "ID of the uploaded key";
pub const USE: &str = "Create credentials file";
