//! A command that prints an access token, such as `nebius iam get-access-token`.

use std::{fmt, process::Stdio, str::FromStr, time::Duration};

use tokio::{process::Command, time::timeout};
use zeroize::Zeroizing;

/// How long the command may run. It may ask the API for a token.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How much of the command's error output is reported, in characters.
const MAX_ERROR_LENGTH: usize = 500;
/// In bytes.
const MAX_TOKEN_LENGTH: usize = 16 * 1024;

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine(Vec<String>);

impl FromStr for CommandLine {
    type Err = &'static str;

    /// Splits a text at spaces, with quotation marks as in a POSIX shell, and nothing else of a shell.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match shlex::split(text) {
            Some(words) if !words.is_empty() => Ok(Self(words)),
            _ => Err("it must be a program with its arguments, with every quotation mark closed"),
        }
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0[0])
    }
}

/// Why there is no token. The command's standard output is in none of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenCommandError {
    #[error("{program} can't be run: {cause}")]
    Start { program: String, cause: String },
    #[error("{program} ended with {status}: {stderr}")]
    Failed {
        program: String,
        status: String,
        stderr: String,
    },
    #[error("{0} didn't end within {limit} seconds", limit = TIME_LIMIT.as_secs())]
    TooSlow(String),
    #[error("{0} printed no access token: one line of visible ASCII characters is expected")]
    NotAToken(String),
}

impl CommandLine {
    /// Runs the command; returns the token that it prints.
    ///
    /// # Errors
    /// Returns why there is no token.
    pub async fn token(&self) -> Result<Zeroizing<String>, TokenCommandError> {
        let Self(words) = self;
        let program = || words[0].clone();
        let running = Command::new(&words[0])
            .args(&words[1..])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = timeout(TIME_LIMIT, running)
            .await
            .map_err(|_| TokenCommandError::TooSlow(program()))?
            .map_err(|cause| TokenCommandError::Start {
                program: program(),
                cause: cause.to_string(),
            })?;
        let stdout = Zeroizing::new(output.stdout);
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            return Err(TokenCommandError::Failed {
                program: program(),
                status: output.status.to_string(),
                stderr: stderr.trim().chars().take(MAX_ERROR_LENGTH).collect(),
            });
        }
        let token = stdout.trim_ascii();
        let is_token =
            (1..=MAX_TOKEN_LENGTH).contains(&token.len()) && token.iter().all(u8::is_ascii_graphic);
        match std::str::from_utf8(token) {
            Ok(token) if is_token => Ok(Zeroizing::new(token.to_owned())),
            _ => Err(TokenCommandError::NotAToken(program())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failing_command_is_reported_with_what_it_printed_as_an_error_and_not_its_output() {
        let error = |line: &'static str| async move {
            let line: CommandLine = line.parse().unwrap();
            line.token().await.unwrap_err().to_string()
        };
        assert_eq!(
            error("sh -c 'echo secret; echo \"not signed in\" >&2; exit 3'").await,
            "sh ended with exit status: 3: not signed in"
        );
        let missing = error("no-such-program --now").await;
        assert!(
            missing.starts_with("no-such-program can't be run: "),
            "{missing}"
        );
        for line in [
            "true",
            "echo 'two words'",
            "printf 'a\\nb'",
            "printf '\\303\\244'",
        ] {
            let refused = error(line).await;
            assert!(
                refused.contains("printed no access token"),
                "{line}: {refused}"
            );
        }
        let long = error("sh -c 'head -c 9999 /dev/zero | tr \"\\0\" e >&2; exit 1'").await;
        assert!(long.len() < 600, "{}", long.len());
    }

    #[tokio::test]
    async fn the_printed_token_is_returned_without_its_line_feed() {
        let line: CommandLine = "echo a.token".parse().unwrap();
        assert_eq!(line.token().await.unwrap().as_str(), "a.token");
    }

    #[test]
    fn a_command_line_is_split_without_a_shell() {
        let words = |text: &str| text.parse::<CommandLine>().map(|line| line.0);
        assert_eq!(
            words("nebius iam get-access-token --profile 'my profile'").unwrap(),
            [
                "nebius",
                "iam",
                "get-access-token",
                "--profile",
                "my profile"
            ]
        );
        assert_eq!(words("a $(b) | c").unwrap(), ["a", "$(b)", "|", "c"]);
        for bad in ["", "  ", "a 'b", "a \"b"] {
            assert!(words(bad).is_err(), "{bad}");
        }
    }
}
