//! The snippets for CI: the secret is one line, and a job restores and removes the file.

use std::{fs, path::Path};

use keyside_e2e::{
    home::{Home, mode},
    tools,
};
use serde_json::{Value, json};

use super::Setup;

impl Setup {
    pub fn works_with_github(&self, home: &Home) {
        let set = home.run(self.snippet("GitHub, set the secret"), &[]);
        let [secret] = &set[..] else {
            panic!("{set:?}");
        };
        assert_eq!(
            secret.arguments,
            ["gh", "secret", "set", "NEBIUS_CREDENTIALS"]
        );
        assert!(is_maskable(&secret.input), "{}", secret.input);

        let steps = home.read(&["yaml"], self.snippet("GitHub, steps of the job"));
        let [restore, remove] = &steps.as_array().unwrap()[..] else {
            panic!("{steps}");
        };
        let from = json!({ "NEBIUS_CREDENTIALS": "${{ secrets.NEBIUS_CREDENTIALS }}" });
        assert_eq!(
            (&restore["env"], &remove["if"]),
            (&from, &json!("always()"))
        );
        let runner = Home::new();
        let temporary = runner.path();
        let variables = runner.put("variables", b"");
        let environment = [
            ("RUNNER_TEMP", temporary.as_path()),
            ("GITHUB_ENV", variables.as_path()),
            ("NEBIUS_CREDENTIALS", Path::new(&secret.input)),
        ];
        runner.run(restore["run"].as_str().unwrap(), &environment);
        let output = fs::read_to_string(&variables).unwrap();
        let path = output.trim_end().strip_prefix("NEBIUS_CREDENTIALS_FILE=");
        let path = Path::new(path.unwrap());
        self.is_restored_to(path);
        runner.run(remove["run"].as_str().unwrap(), &environment[..2]);
        assert!(!path.exists());
    }

    pub fn works_with_gitlab(&self, home: &Home) {
        let set = home.run(self.snippet("GitLab, set the variable"), &[]);
        let [variable] = &set[..] else {
            panic!("{set:?}");
        };
        assert_eq!(
            variable.arguments.join(" "),
            "glab variable set NEBIUS_CREDENTIALS --type file --masked"
        );
        assert!(is_maskable(&variable.input), "{}", variable.input);

        let job = &home.read(&["yaml"], self.snippet("GitLab, the job"))["job"];
        let runner = Home::new();
        let builds = runner.path();
        let path = job["variables"]["NEBIUS_CREDENTIALS_FILE"]
            .as_str()
            .unwrap()
            .replace("$CI_BUILDS_DIR", builds.to_str().unwrap())
            .replace("$CI_JOB_ID", "123");
        let path = Path::new(&path);
        let of_type_file = runner.put("variable", variable.input.as_bytes());
        let environment = [
            ("NEBIUS_CREDENTIALS", of_type_file.as_path()),
            ("NEBIUS_CREDENTIALS_FILE", path),
        ];
        // GitLab runs these two in one shell, and what follows in another.
        let before = lines(&job["before_script"]) + &lines(&job["script"]);
        runner.run(&before, &environment);
        self.is_restored_to(path);
        runner.run(&lines(&job["after_script"]), &environment);
        assert!(!path.exists());
    }

    fn is_restored_to(&self, path: &Path) {
        assert_eq!(fs::read(path).unwrap(), self.credentials);
        assert_eq!(mode(path), 0o600);
        let listed = tools::sdk_lists_keys(&self.address, path, &self.account);
        assert_eq!(listed, Ok(vec![self.key_id.clone()]));
    }
}

/// Whether it's one line of characters that both services can mask.
fn is_maskable(secret: &str) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    secret.len() > 8 && secret.chars().all(is_base64)
}

fn lines(commands: &Value) -> String {
    let commands = commands.as_array().unwrap();
    commands
        .iter()
        .map(|line| format!("{}\n", line.as_str().unwrap()))
        .collect()
}
