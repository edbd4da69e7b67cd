//! Snippets to copy, filled in with the current names.

use super::names::secret_name;

/// The names for snippets. All are IDs or names that need no quoting: see
/// [`super::names::profile_name`] and `keyside_keygen::check_id`.
pub struct Names<'a> {
    pub service_account_id: &'a str,
    pub key_id: &'a str,
    pub profile: &'a str,
    /// The service account's project, if known.
    pub project_id: Option<&'a str>,
    /// The tenant, if known.
    pub tenant_id: Option<&'a str>,
    /// The credentials file's name.
    pub file: &'a str,
    /// The commands that move private.pem to where only the user can read it.
    pub move_private_key: &'a str,
}

/// A text to copy.
pub struct Snippet {
    /// Its name, for the copy button's label.
    pub name: &'static str,
    /// A note displayed before it; may be empty.
    pub note: &'static str,
    /// With `@account@`, `@key@`, `@profile@`, `@project@`, `@tenant@`, `@file@` (the credentials file's
    /// name), `@secret@` and `@move-private-key@` (commands) in place of the names. A line with `@project@`
    /// or `@tenant@` is left out when there is none.
    pub template: &'static str,
}

/// A tool and its snippets.
pub struct Tool {
    pub id: &'static str,
    pub name: &'static str,
    pub snippets: &'static [Snippet],
    /// Alternatives to `snippets`.
    pub others: &'static [Snippet],
}

impl Snippet {
    /// The text with all names filled in.
    pub fn text(&self, names: &Names<'_>) -> String {
        let is_known = |line: &&str| {
            (names.project_id.is_some() || !line.contains("@project@"))
                && (names.tenant_id.is_some() || !line.contains("@tenant@"))
        };
        let lines: Vec<&str> = self.template.lines().filter(is_known).collect();
        let secret = secret_name(names.profile);
        let filled_in = [
            ("@account@", names.service_account_id),
            ("@key@", names.key_id),
            ("@profile@", names.profile),
            ("@project@", names.project_id.unwrap_or_default()),
            ("@tenant@", names.tenant_id.unwrap_or_default()),
            ("@file@", names.file),
            ("@secret@", &secret),
            // Last: it has a folder in it that somebody typed.
            ("@move-private-key@", names.move_private_key),
        ];
        filled_in
            .iter()
            .fold(lines.join("\n"), |text, (place, name)| {
                text.replace(place, name)
            })
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::{super::tools::TOOLS, *};

    const NAMES: Names<'_> = Names {
        service_account_id: "serviceaccount-e00a",
        key_id: "publickey-e00b",
        profile: "ci",
        project_id: Some("project-e00c"),
        tenant_id: Some("tenant-e00d"),
        file: FILE,
        move_private_key: "mv a ~/.nebius/serviceaccount-e00a-publickey-e00b-private.pem",
    };

    const FILE: &str = "serviceaccount-e00a-publickey-e00b-credentials.json";

    /// The snippet with this name.
    fn text(name: &str) -> String {
        let found = all().find(|snippet| snippet.name == name);
        found.map_or_else(|| panic!("no {name}"), |snippet| snippet.text(&NAMES))
    }

    fn all() -> impl Iterator<Item = &'static Snippet> {
        TOOLS
            .iter()
            .flat_map(|tool| tool.snippets.iter().chain(tool.others))
    }

    #[test]
    fn the_cli_commands_are_the_documented_ones() {
        assert_eq!(
            text("CLI, create the profile").replace("\\\n  ", ""),
            "nebius profile create --endpoint api.nebius.cloud --service-account-file \
             ~/.nebius/serviceaccount-e00a-publickey-e00b-credentials.json --profile ci"
        );
        assert_eq!(text("CLI, list the profiles"), "nebius profile list");
    }

    #[test]
    fn every_placeholder_is_filled_in() {
        for snippet in all() {
            let text = snippet.text(&NAMES);
            assert!(!text.contains('@'), "{text}");
        }
    }

    #[test]
    fn snippets_use_the_moved_files_names() {
        for snippet in all() {
            let text = snippet.text(&NAMES);
            for (at, _) in text.match_indices(".nebius/") {
                let rest = &text[at + ".nebius/".len()..];
                let known = [
                    FILE,
                    "serviceaccount-e00a-publickey-e00b-private.pem",
                    "credentials.json",
                    "NEBIUS_TENANT_ID.txt",
                    "config.yaml",
                ];
                assert!(known.iter().any(|name| rest.starts_with(name)), "{rest}");
            }
        }
    }

    #[test]
    fn unknown_projects_and_tenants_are_left_out() {
        let unknown = Names {
            project_id: None,
            tenant_id: None,
            ..NAMES
        };
        for snippet in all() {
            let (with, without) = (snippet.text(&NAMES), snippet.text(&unknown));
            let kept: Vec<&str> = with
                .lines()
                .filter(|line| !line.contains("project-e00c") && !line.contains("tenant-e00d"))
                .collect();
            assert_eq!(without, kept.join("\n"));
        }
        assert!(text("CLI, config.yaml").contains("parent-id: \"project-e00c\""));
    }

    #[test]
    fn snippet_names_are_unique() {
        let mut seen = std::collections::HashMap::new();
        for snippet in all() {
            let before = seen.insert(snippet.name, snippet.template);
            assert!(before.is_none_or(|template| template == snippet.template));
        }
    }
}
