//! Commands that move the credentials file to where only its user can read it.

/// A shell and its commands.
pub struct Shell {
    pub id: &'static str,
    pub name: &'static str,
    /// Finds the downloads folder, whose name depends on the system and its language.
    downloads: &'static str,
    /// Uses the folder that the user entered: `@place@`.
    entered: &'static str,
    /// Moves `@file@` from there.
    command: &'static str,
    /// Quotes the folder that the user entered.
    quote: fn(&str) -> String,
}

/// The shells in display order.
pub static SHELLS: [Shell; 3] = [
    Shell {
        id: "bash",
        name: "Linux, macOS (bash, zsh)",
        downloads: "\
downloads=$(xdg-user-dir DOWNLOAD 2>/dev/null || true)
[ -f \"$downloads/@file@\" ] || downloads=~/Downloads",
        entered: "downloads=@place@",
        command: "\
mkdir -p -m 700 ~/.nebius
mv \"$downloads/@file@\" ~/.nebius/@file@
chmod 600 ~/.nebius/@file@",
        quote: |place| format!("'{}'", place.replace('\'', "'\\''")),
    },
    Shell {
        id: "powershell",
        name: "Windows (PowerShell)",
        downloads: "\
$downloads = (New-Object -ComObject Shell.Application).NameSpace('shell:Downloads').Self.Path",
        entered: "$downloads = @place@",
        command: "\
New-Item -ItemType Directory -Force \"$HOME\\.nebius\" | Out-Null
Move-Item -LiteralPath \"$downloads\\@file@\" \"$HOME\\.nebius\\@file@\"
icacls \"$HOME\\.nebius\\@file@\" /inheritance:r /grant:r \"${env:USERNAME}:(R,W)\"",
        quote: |place| format!("'{}'", place.replace('\'', "''")),
    },
    Shell {
        id: "cmd",
        name: "Windows (Command Prompt)",
        downloads: "set \"downloads=%USERPROFILE%\\Downloads\"",
        entered: "set \"downloads=@place@\"",
        command: "\
mkdir \"%USERPROFILE%\\.nebius\" 2>nul
move \"%downloads%\\@file@\" \"%USERPROFILE%\\.nebius\\@file@\"
icacls \"%USERPROFILE%\\.nebius\\@file@\" /inheritance:r /grant:r \"%USERNAME%:(R,W)\"",
        // A path has no quotation mark there. Unlike in a batch file, a percent sign stands for itself at
        // the prompt unless a variable of that name exists, such as %USERPROFILE%.
        quote: |place| place.replace('"', ""),
    },
];

impl Shell {
    /// The commands for a file, in the downloads folder or in the folder that the user entered.
    pub fn commands(&self, file: &str, place: &str) -> String {
        let place = place.trim().trim_end_matches(['/', '\\']);
        let from = if place.is_empty() {
            self.downloads.to_owned()
        } else {
            self.entered.replace("@place@", &(self.quote)(place))
        };
        format!("{from}\n{}", self.command).replace("@file@", file)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn the_file_is_moved_by_its_name() {
        for shell in &SHELLS {
            let commands = shell.commands("a-credentials.json", "");
            assert!(!commands.contains('@'), "{commands}");
            assert!(
                commands.matches("a-credentials.json").count() >= 3,
                "{commands}"
            );
        }
    }

    #[test]
    fn entered_folders_are_quoted() {
        let [bash, powershell, cmd] = &SHELLS;
        let first = |shell: &Shell, place| {
            let commands = shell.commands("a", place);
            commands
                .lines()
                .next()
                .map(str::to_owned)
                .unwrap_or_default()
        };
        assert_eq!(
            first(bash, "/tmp/it's here/"),
            "downloads='/tmp/it'\\''s here'"
        );
        assert_eq!(first(powershell, "C:\\it's"), "$downloads = 'C:\\it''s'");
        assert_eq!(first(cmd, "D:\\100%"), "set \"downloads=D:\\100%\"");
    }
}
