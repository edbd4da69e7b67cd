//! The snippets of "Set it up", each run by its tool, or read by that tool's parser where the tool
//! needs a cloud or a cluster.

mod ci;

use std::{collections::BTreeMap, fs};

use keyside_e2e::{
    browser::Browser,
    gateway::Gateway,
    home::{Call, Home, mode},
    page,
};
use serde_json::{Value, json};

/// The page's tools, each with a snippet that shows that the tool's snippets are visible.
const TOOLS: [(&str, &str); 7] = [
    ("cli", "CLI, create the profile"),
    ("kubernetes", "Kubernetes, create the Secret"),
    ("terraform", "Terraform"),
    ("python", "Python SDK"),
    ("go", "Go SDK"),
    ("skypilot", "SkyPilot, check"),
    ("ci", "GitHub, set the secret"),
];

/// Would be a number without quotes.
const PROFILE: &str = "1.0";

/// The names and files, and the page's snippets for them.
struct Setup {
    snippets: BTreeMap<String, String>,
    address: String,
    account: String,
    key_id: String,
    project: String,
    tenant: String,
    /// The name under which the credentials file was saved.
    file: String,
    credentials: Vec<u8>,
    private_pem: Vec<u8>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_snippet_works_unchanged_in_its_tool() {
    let gateway = Gateway::start();
    let browser = page::ready_to_upload(&gateway).await;
    let key_id = page::upload(&browser).await;
    let account = gateway.printed("service account");
    page::unfold(&browser, "#more-formats").await;
    browser.click("#download-private-named").await;
    browser.click("#download-credentials").await;
    browser.fill("#profile", PROFILE).await;
    let file = page::credentials_name(&account, &key_id);
    let setup = Setup {
        snippets: snippets_of(&browser).await,
        address: gateway.address(),
        project: gateway.printed("project"),
        tenant: gateway.printed("tenant"),
        credentials: browser.download(&file).await,
        private_pem: browser
            .download(&format!("{account}-{key_id}-private.pem"))
            .await,
        file,
        account,
        key_id,
    };
    let home = setup.moved();
    setup.moves_from_other_folders(&browser).await;
    setup.is_moved_on_windows(&home, &browser).await;
    setup.works_with_the_cli(&home);
    setup.works_with_kubernetes(&home);
    setup.works_with_terraform(&home);
    setup.works_with_the_sdks(&home);
    setup.works_with_skypilot(&home);
    setup.works_with_github(&home);
    setup.works_with_gitlab(&home);
}

/// The snippets that the page shows, by name.
async fn snippets_shown(browser: &Browser) -> BTreeMap<String, String> {
    const SHOWN: &str = "return Object.fromEntries(
        [...document.querySelectorAll('#configure-step .copyable')].map((block) => [
            block.querySelector('button').getAttribute('aria-label').replace('Copy: ', ''),
            block.querySelector('pre').textContent,
        ]))";
    serde_json::from_value(browser.run(SHOWN).await).unwrap()
}

/// Chooses one tool after another; returns all snippets by name.
async fn snippets_of(browser: &Browser) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (tool, first) in TOOLS {
        browser
            .click(&format!("#tool option[value='{tool}']"))
            .await;
        let button = format!("#configure-step button[aria-label='Copy: {first}']");
        browser.find(&button).await;
        let shown = snippets_shown(browser).await;
        for (other, others_first) in TOOLS {
            let is_shown = shown.contains_key(others_first);
            assert_eq!(is_shown, other == tool, "{others_first} for {tool}");
        }
        all.extend(shown);
    }
    all
}

impl Setup {
    fn snippet(&self, name: &str) -> &str {
        let found = self.snippets.get(name);
        found.unwrap_or_else(|| panic!("no {name} among {:?}", self.snippets.keys()))
    }

    fn credentials_in(&self, home: &Home) -> String {
        home.path()
            .join(".nebius")
            .join(&self.file)
            .display()
            .to_string()
    }

    /// A home folder whose downloads were moved to where the other snippets expect them.
    fn moved(&self) -> Home {
        let home = Home::new();
        let private = self.private_name();
        home.put(&format!("Downloads/{}", self.file), &self.credentials);
        home.put(&format!("Downloads/{private}"), &self.private_pem);
        home.run(self.snippet("move the credentials file"), &[]);
        home.run(self.snippet("move private.pem"), &[]);
        let folder = home.path().join(".nebius");
        assert_eq!(mode(&folder), 0o700);
        for (name, content) in [
            (self.file.clone(), &self.credentials),
            (private, &self.private_pem),
        ] {
            let path = folder.join(name);
            assert_eq!(&fs::read(&path).unwrap(), content);
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
        let left = fs::read_dir(home.path().join("Downloads")).unwrap();
        assert_eq!(left.count(), 0, "nothing is left among the downloads");
        home
    }

    fn private_name(&self) -> String {
        format!("{}-{}-private.pem", self.account, self.key_id)
    }

    /// Moves files from a downloads folder with another name, and from one that was entered.
    async fn moves_from_other_folders(&self, browser: &Browser) {
        const NAME: &str = "move the credentials file";
        let is_moved = |home: &Home| {
            let file = home.path().join(".nebius").join(&self.file);
            assert_eq!(fs::read(&file).unwrap(), self.credentials);
            assert_eq!(mode(&file), 0o600);
        };
        let home = Home::new();
        home.add_tool(
            "xdg-user-dir",
            "#!/bin/sh\n[ \"$1\" = DOWNLOAD ] && echo \"$HOME/Téléchargements\"\n",
        );
        home.put(&format!("Téléchargements/{}", self.file), &self.credentials);
        home.run(self.snippet(NAME), &[]);
        is_moved(&home);

        let home = Home::new();
        let folder = home.path().join("it's here");
        home.put(&format!("it's here/{}", self.file), &self.credentials);
        browser.fill("#saved-in", folder.to_str().unwrap()).await;
        browser
            .wait_for_text("#configure-step .copyable", "here")
            .await;
        home.run(&snippets_shown(browser).await[NAME], &[]);
        is_moved(&home);
    }

    /// Neither of its shells runs here, so grammars of theirs read the commands.
    async fn is_moved_on_windows(&self, home: &Home, browser: &Browser) {
        // Characters that quoting could get wrong, and what must become of them.
        const FOLDER: &str = r"D:\it's 100% $HOME & (more)";
        let shells = [
            (
                "powershell",
                "powershell",
                "(New-Object -ComObject Shell.Application).NameSpace('shell:Downloads').Self.Path",
                r"'D:\it''s 100% $HOME & (more)'",
                &["New-Item", "Out-Null", "Move-Item", "icacls"][..],
            ),
            (
                "cmd",
                "batch",
                r"%USERPROFILE%\Downloads",
                FOLDER,
                &["mkdir", "move", "icacls"],
            ),
        ];
        for (shell, grammar, downloads, entered, commands) in shells {
            browser
                .click(&format!("#shell option[value='{shell}']"))
                .await;
            for (folder, value) in [("", downloads), (FOLDER, entered)] {
                browser.fill("#saved-in", folder).await;
                browser
                    .wait_for_text("#configure-step .copyable", value)
                    .await;
                let snippet = &snippets_shown(browser).await["move the credentials file"];
                assert!(snippet.contains(&self.file), "{snippet}");
                let read = home.read(&[grammar], snippet);
                assert_eq!(read["values"], json!([value]), "{snippet}");
                let found = read["commands"].as_array().unwrap();
                // The downloads folder itself may be asked for with a command.
                let found = &found[found.len() - commands.len()..];
                assert_eq!(found, commands, "{snippet}");
            }
        }
        browser.click("#shell option[value='bash']").await;
        browser.fill("#saved-in", "").await;
    }

    fn works_with_skypilot(&self, home: &Home) {
        home.run(self.snippet("SkyPilot, the files that it reads"), &[]);
        let folder = home.path().join(".nebius");
        let credentials = folder.join("credentials.json");
        assert_eq!(fs::read(&credentials).unwrap(), self.credentials);
        assert_eq!(mode(&credentials), 0o600);
        let tenant = fs::read_to_string(folder.join("NEBIUS_TENANT_ID.txt")).unwrap();
        assert_eq!(tenant.trim(), self.tenant);
        let check = home.run(self.snippet("SkyPilot, check"), &[]);
        assert_eq!(check, [call(&["sky", "check", "nebius"], "")]);
    }

    fn works_with_the_cli(&self, home: &Home) {
        let file = self.credentials_in(home);
        let create = home.run(self.snippet("CLI, create the profile"), &[]);
        assert_eq!(
            create,
            [call(
                &[
                    "nebius",
                    "profile",
                    "create",
                    "--endpoint",
                    "api.nebius.cloud",
                    "--service-account-file",
                    &file,
                    "--profile",
                    PROFILE
                ],
                ""
            )]
        );
        let list = home.run(self.snippet("CLI, list the profiles"), &[]);
        assert_eq!(list, [call(&["nebius", "profile", "list"], "")]);
        for name in ["CLI, config.yaml", "CLI, config.yaml with private.pem"] {
            home.put(".nebius/config.yaml", self.snippet(name).as_bytes());
            let used = home.read(&["profile", &self.address, &self.account], "");
            let expected = json!({ "profile": PROFILE, "endpoint": "api.nebius.cloud",
                "parent": self.project, "keys": [self.key_id] });
            assert_eq!(used, expected, "{name}");
        }
    }

    fn works_with_kubernetes(&self, home: &Home) {
        let secret = format!("{PROFILE}-credentials");
        let from = format!("--from-file=credentials.json={}", self.credentials_in(home));
        let calls = home.run(self.snippet("Kubernetes, create the Secret"), &[]);
        let apply = ["kubectl", "apply", "--server-side", "-f", "-"];
        let create = [
            "kubectl",
            "create",
            "secret",
            "generic",
            &secret,
            "--namespace",
            "default",
            &from,
            "--dry-run=client",
            "-o",
            "yaml",
        ];
        assert_eq!(
            calls,
            [call(&apply, "said by kubectl create\n"), call(&create, "")]
        );
        let part = home.read(&["pod"], self.snippet("Kubernetes, mount the Secret"));
        let spec = &part["spec"];
        let volume = &spec["volumes"][0];
        assert_eq!(
            volume["secret"],
            json!({ "secretName": secret, "defaultMode": 0o400 })
        );
        let container = &spec["containers"][0];
        let mount = &container["volumeMounts"][0];
        assert_eq!(
            (&mount["name"], &mount["readOnly"]),
            (&volume["name"], &json!(true))
        );
        // The Secret's key is the file's name in the folder.
        let path = format!("{}/credentials.json", mount["mountPath"].as_str().unwrap());
        let variable = json!([{ "name": "NEBIUS_CREDENTIALS_FILE", "value": path }]);
        assert_eq!(container["env"], variable);
    }

    fn works_with_terraform(&self, home: &Home) {
        let file = format!("~/.nebius/{}", self.file);
        let by_file = home.read(&["hcl"], self.snippet("Terraform"));
        let provider = |service_account: Value| {
            // A block is in a list; the value of service_account isn't.
            json!([{ "nebius": { "service_account": service_account } }])
        };
        let nebius = json!({ "source": "nebius/nebius", "version": ">= 0.6.8" });
        assert_eq!(
            by_file,
            json!({
                "terraform": [{ "required_providers": [{ "nebius": nebius }] }],
                "provider": provider(json!({ "credentials_file": file })),
            })
        );
        let by_key = home.read(&["hcl"], self.snippet("Terraform with private.pem"));
        let key = format!("~/.nebius/{}", self.private_name());
        let parts = json!({ "account_id": self.account, "public_key_id": self.key_id,
            "private_key_file": key });
        assert_eq!(by_key, json!({ "provider": provider(parts) }));
    }

    fn works_with_the_sdks(&self, home: &Home) {
        let arguments = ["python", &self.address, &self.account];
        let keys = home.read(&arguments, self.snippet("Python SDK"));
        assert_eq!(keys, json!([self.key_id]));

        let go = home.read(&["go"], self.snippet("Go SDK"));
        assert_eq!(
            go["imports"],
            json!([
                "\"context\"",
                "\"log\"",
                "\"github.com/nebius/gosdk\"",
                "\"github.com/nebius/gosdk/auth\""
            ])
        );
        let calls: BTreeMap<String, String> = serde_json::from_value(go["calls"].clone()).unwrap();
        let names: Vec<&str> = calls.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "auth.NewServiceAccountCredentialsFileParser",
                "context.Background",
                "gosdk.New",
                "gosdk.ServiceAccountReader",
                "gosdk.WithCredentials",
                "log.Fatal",
                "sdk.Close"
            ]
        );
        let file = format!("\"~/.nebius/{}\"", self.file);
        assert!(calls[names[0]].contains(&file), "{calls:?}");
    }
}

fn call(arguments: &[&str], input: &str) -> Call {
    Call {
        arguments: arguments.iter().map(|&each| each.to_owned()).collect(),
        input: input.to_owned(),
    }
}
