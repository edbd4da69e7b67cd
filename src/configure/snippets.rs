//! The texts to copy, filled in with the names at hand.

/// Where the CLI keeps its files by convention.
const FOLDER: &str = "~/.nebius";

/// Shows the CLI's profiles.
pub const CLI_LIST: &str = "nebius profile list";

/// What the snippets are filled in with. All are ids or names that need no quoting: see
/// [`profile_name`] and `keyside_keygen::check_id`.
pub struct Names<'a> {
    pub service_account_id: &'a str,
    pub key_id: &'a str,
    pub profile: &'a str,
}

impl Names<'_> {
    fn credentials_path(&self) -> String {
        let file = keyside_keygen::credentials_file_name(self.service_account_id);
        format!("{FOLDER}/{file}")
    }

    fn private_key_path(&self) -> String {
        format!("{FOLDER}/{}-private.pem", self.service_account_id)
    }

    /// The credentials file, from the browser's download folder to the CLI's.
    pub fn move_credentials(&self) -> String {
        let file = keyside_keygen::credentials_file_name(self.service_account_id);
        move_file(&file, &self.credentials_path())
    }

    /// The private key, likewise.
    pub fn move_private_key(&self) -> String {
        move_file("private.pem", &self.private_key_path())
    }

    /// Makes a CLI profile.
    pub fn cli_create(&self) -> String {
        format!(
            "nebius profile create --endpoint api.nebius.cloud \\\n  --service-account-file {} \\\n  \
             --profile {}",
            self.credentials_path(),
            self.profile
        )
    }

    /// Opens the SDK.
    pub fn python(&self) -> String {
        format!(
            "import os\n\
             from nebius.sdk import SDK\n\
             \n\
             sdk = SDK(credentials_file_name=os.path.expanduser(\"{}\"))",
            self.credentials_path()
        )
    }

    /// Configures the provider.
    pub fn terraform(&self) -> String {
        format!(
            "provider \"nebius\" {{\n  service_account = {{\n    account_id       = \"{}\"\n    \
             public_key_id    = \"{}\"\n    private_key_file = \"{}\"\n  }}\n}}",
            self.service_account_id,
            self.key_id,
            self.private_key_path()
        )
    }
}

fn move_file(name: &str, to: &str) -> String {
    format!("mkdir -p -m 700 {FOLDER}\nmv ~/Downloads/{name} {to}\nchmod 600 {to}")
}

/// A profile name that needs no quoting in a shell: letters, digits, `-`, `_` and `.` of `label`,
/// anything else becomes `-`.
pub fn profile_name(label: &str) -> String {
    let name: String = label
        .trim()
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '.' => c,
            _ => '-',
        })
        .collect();
    let name = name.trim_matches('-');
    if name.is_empty() {
        "keyside".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names<'_> = Names {
        service_account_id: "serviceaccount-e00a",
        key_id: "publickey-e00b",
        profile: "ci",
    };

    #[test]
    fn the_cli_commands_are_the_documented_ones() {
        assert_eq!(
            NAMES.cli_create().replace("\\\n  ", ""),
            "nebius profile create --endpoint api.nebius.cloud --service-account-file \
             ~/.nebius/serviceaccount-e00a-credentials.json --profile ci"
        );
        assert_eq!(CLI_LIST, "nebius profile list");
    }

    #[test]
    fn every_snippet_names_the_files_that_were_moved() {
        let credentials = "~/.nebius/serviceaccount-e00a-credentials.json";
        let private_key = "~/.nebius/serviceaccount-e00a-private.pem";
        assert!(NAMES.move_credentials().contains(credentials));
        assert!(NAMES.move_private_key().contains(private_key));
        assert!(NAMES.python().contains(credentials));
        let terraform = NAMES.terraform();
        for part in ["serviceaccount-e00a\"", "publickey-e00b", private_key] {
            assert!(terraform.contains(part), "{part}");
        }
    }

    #[test]
    fn a_profile_name_needs_no_quoting() {
        assert_eq!(profile_name("ci"), "ci");
        assert_eq!(profile_name(" build; rm -rf ~ "), "build--rm--rf");
        assert_eq!(profile_name("Größe 1"), "Gr--e-1");
        assert_eq!(profile_name("--"), "keyside");
        assert_eq!(profile_name(""), "keyside");
    }
}
