//! Headless Chromium, driven by WebDriver, with its complete network log and its downloads.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{
    Client, ClientBuilder, Locator, elements::Element, error::CmdError,
    wd::WebDriverCompatibleCommand,
};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{gateway::ADMIN_TOKEN, setting};

/// How long anything on the page may take; a slow key has been seen to take half a minute.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// A browser with an empty profile.
pub struct Browser {
    driver: Child,
    driver_port: String,
    session_id: String,
    /// The WebDriver session.
    pub client: Client,
    folder: TempDir,
}

/// How a browser is started.
#[derive(Default)]
pub struct Options {
    /// JavaScript to run before any script of a page.
    pub before_page: Option<&'static str>,
}

impl Browser {
    /// Starts one.
    pub async fn start(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("downloads")).unwrap();
        let (driver, port) = start_driver();
        let in_folder = |name: &str| folder.path().join(name).display().to_string();
        let capabilities = json!({
            "goog:chromeOptions": {
                "binary": setting("KEYSIDE_CHROME"),
                "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                    "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
                    "--window-size=1280,1000", "--lang=en-GB",
                    format!("--user-data-dir={}", in_folder("profile")),
                    format!("--log-net-log={}", in_folder("netlog.json")),
                    "--net-log-capture-mode=Everything",
                ],
                "prefs": {
                    "download.default_directory": in_folder("downloads"),
                    "download.prompt_for_download": false,
                    "profile.default_content_setting_values.automatic_downloads": 1,
                },
            },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": PATIENCE.as_millis() as u64 },
            // Questions are answered by the tests that expect them.
            "unhandledPromptBehavior": { "default": "ignore", "beforeUnload": "accept" },
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!()
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser session");
        let session_id = client.session_id().await.unwrap();
        let browser = Self {
            driver,
            driver_port: port,
            session_id: session_id.expect("a session has an id"),
            client,
            folder,
        };
        if let Some(source) = options.before_page {
            let params = json!({ "source": source });
            browser
                .devtools("Page.addScriptToEvaluateOnNewDocument", params)
                .await;
        }
        browser
    }

    /// A command of the Chrome DevTools protocol.
    pub async fn devtools(&self, method: &str, params: Value) -> Value {
        let command = Devtools(json!({ "cmd": method, "params": params }));
        self.client.issue_cmd(command).await.unwrap()
    }

    /// Loads an address.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// The element, once it is there.
    pub async fn find(&self, css: &str) -> Element {
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css}: {error}\n{}", self.text("body").await),
        }
    }

    /// Waits until the element is gone.
    pub async fn wait_gone(&self, css: &str) {
        let give_up = Instant::now() + PATIENCE;
        while self.has(css).await {
            assert!(Instant::now() < give_up, "{css} stays");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether the element is there now.
    pub async fn has(&self, css: &str) -> bool {
        self.client.find(Locator::Css(css)).await.is_ok()
    }

    /// The element's text, once it is there.
    pub async fn text(&self, css: &str) -> String {
        // Drawn anew in between: look again.
        for _ in 0..5 {
            if let Ok(text) = Box::pin(self.find(css)).await.text().await {
                return text;
            }
        }
        panic!("{css} does not stand still");
    }

    /// Waits until the element's text has `part` in it.
    pub async fn wait_for_text(&self, css: &str, part: &str) -> String {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let text = self.text(css).await;
            if text.contains(part) {
                return text;
            }
            assert!(
                Instant::now() < give_up,
                "{css} never has {part:?} but {text:?}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Clicks, once the element is there and enabled.
    pub async fn click(&self, css: &str) {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let element = self.find(css).await;
            if element.is_enabled().await.unwrap_or(false) && element.click().await.is_ok() {
                return;
            }
            assert!(Instant::now() < give_up, "{css} cannot be clicked");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Replaces a field's text.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Runs JavaScript in the page; gives what it returns.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Runs JavaScript whose last act is `done(value)`, for what is too quick to be seen by one
    /// command after another; gives the value. It may `await`; what it throws is the value then.
    pub async fn run_until_done(&self, script: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
            (async () => {{ {script} }})().catch((error) => done(String(error)));"
        );
        self.client
            .execute_async(&script, Vec::new())
            .await
            .unwrap()
    }

    /// Whether the page would ask before it is left.
    pub async fn asks_before_leaving(&self) -> bool {
        let script = "const event = new Event('beforeunload', { cancelable: true });
            window.dispatchEvent(event); return event.defaultPrevented;";
        self.run(script).await.as_bool().unwrap()
    }

    /// The downloaded file, once it is whole.
    pub async fn download(&self, name: &str) -> Vec<u8> {
        let path = self.download_path(name);
        let give_up = Instant::now() + PATIENCE;
        while !path.is_file() {
            assert!(Instant::now() < give_up, "{name} was not downloaded");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        fs::read(path).unwrap()
    }

    /// Where a downloaded file is or will be.
    #[must_use]
    pub fn download_path(&self, name: &str) -> PathBuf {
        self.folder.path().join("downloads").join(name)
    }

    /// What the page wrote to the console, as chromedriver tells it.
    pub async fn console(&self) -> Vec<String> {
        let log = self.client.issue_cmd(BrowserLog).await.unwrap();
        let entries = log.as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .map(|entry| entry["message"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Saves a picture of the whole page where `KEYSIDE_SCREENSHOTS` says, if it says so.
    pub async fn picture(&self, name: &str, width: u32, dark: bool) {
        let Some(folder) = std::env::var_os("KEYSIDE_SCREENSHOTS").map(PathBuf::from) else {
            return;
        };
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
        let height = json!({ "width": width, "height": 900, "deviceScaleFactor": 1,
            "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", height)
            .await;
        self.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true }))
            .await;
        let shot = json!({ "format": "png", "captureBeyondViewport": true });
        let shot = self.devtools("Page.captureScreenshot", shot).await;
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({}))
            .await;
        use base64::prelude::{BASE64_STANDARD, Engine};
        let png = BASE64_STANDARD
            .decode(shot["data"].as_str().unwrap())
            .unwrap();
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }

    /// Ends the browser and gives its network log.
    ///
    /// # Panics
    /// When something is stored, or stands on the console, that should not.
    pub async fn close(mut self) -> Vec<u8> {
        let wrong = self.wrong_at_end().unwrap();
        assert_eq!(wrong, Vec::<String>::new(), "at the end of the flow");
        let client = self.client.clone();
        client.close().await.unwrap();
        // The log is whole once the browser has ended, which the driver waits for.
        self.driver.kill().unwrap();
        self.driver.wait().unwrap();
        fs::read(self.folder.path().join("netlog.json")).unwrap()
    }
}

/// JavaScript that tells all that the page's origin and tab have stored.
const STORED: &str = "const done = arguments[arguments.length - 1];
    (async () => {
        const found = [];
        const note = (place, value) => {
            if (value !== null && String(value) !== '') found.push(`${place}: ${value}`);
        };
        if (!location.protocol.startsWith('http')) return found;
        note('cookie', document.cookie);
        note('local storage', JSON.stringify({ ...localStorage }).replace('{}', ''));
        note('session storage', JSON.stringify({ ...sessionStorage }).replace('{}', ''));
        note('IndexedDB', (await indexedDB.databases()).map((db) => db.name));
        if (isSecureContext) {
            note('cache', await caches.keys());
            note('service worker', await navigator.serviceWorker.getRegistrations());
            const folder = await navigator.storage.getDirectory();
            for await (const name of folder.keys()) note('private file', name);
        }
        note('history state', history.state === null ? null : JSON.stringify(history.state));
        note('window name', window.name);
        note('fragment', location.hash);
        return found;
    })().then(done, (error) => done([String(error)]));";

impl Browser {
    /// All that the page's origin and tab have stored; nothing, if all is well.
    pub async fn stored(&self) -> Vec<String> {
        let stored = self.client.execute_async(STORED, Vec::new()).await.unwrap();
        serde_json::from_value(stored).unwrap()
    }

    /// What must be true at the end of every flow: nothing is stored, the console holds no secret
    /// and tells of no violation of the page's policy.
    ///
    /// # Errors
    /// When the browser does not answer any more.
    pub fn wrong_at_end(&self) -> io::Result<Vec<String>> {
        let ask = |path: &str, body: &Value| {
            self.ask_driver("POST", path, &body.to_string())
                .map(|answer| answer["value"].clone())
        };
        let stored = ask("/execute/async", &json!({ "script": STORED, "args": [] }))?;
        // An error is an object: a question is open, or the tab is gone.
        let mut wrong: Vec<String> = serde_json::from_value(stored).unwrap_or_default();
        let log = ask("/se/log", &json!({ "type": "browser" }))?;
        let entries = log.as_array().cloned().unwrap_or_default();
        let lines = entries.iter().filter_map(|entry| entry["message"].as_str());
        wrong.extend(
            lines
                .filter(|line| {
                    NEVER_ON_THE_CONSOLE
                        .iter()
                        .any(|secret| line.contains(secret))
                })
                .map(|line| format!("console: {line}")),
        );
        Ok(wrong)
    }

    /// A WebDriver command where nothing can be awaited.
    fn ask_driver(&self, method: &str, path: &str, body: &str) -> io::Result<Value> {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{}", self.driver_port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        write!(
            stream,
            "{method} /session/{}{path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.session_id,
            body.len()
        )?;
        // The connection stays open: the head says how long the answer is.
        let mut lines = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        while lines.read_line(&mut line)? > 2 {
            let (name, value) = line.split_once(':').unwrap_or_default();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            line.clear();
        }
        let mut answer = vec![0; length];
        lines.read_exact(&mut answer)?;
        serde_json::from_slice(&answer).map_err(io::Error::other)
    }
}

/// Beginnings of secrets, and how Chromium tells of violations of a policy.
const NEVER_ON_THE_CONSOLE: [&str; 6] = [
    ADMIN_TOKEN,
    "PRIVATE KEY",
    "eyJ",
    "Content Security Policy",
    "TrustedScript",
    "Permissions policy violation",
];

impl Drop for Browser {
    fn drop(&mut self) {
        // After `close` there is nobody left to ask.
        let wrong = self.wrong_at_end().unwrap_or_default();
        // The driver ends the browser with the session; killed before, it would leave the browser
        // running.
        let _ = self.ask_driver("DELETE", "", "");
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        if !std::thread::panicking() {
            assert_eq!(wrong, Vec::<String>::new(), "at the end of the flow");
        }
    }
}

/// Starts ChromeDriver; gives it and its port. It ends at once when another program takes the port
/// between its choosing and its listening, so it gets a few tries.
fn start_driver() -> (Child, String) {
    for _ in 0..5 {
        let mut driver = Command::new(setting("CHROMEDRIVER"))
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut said = BufReader::new(driver.stdout.take().unwrap());
        let mut line = String::new();
        while said.read_line(&mut line).unwrap() > 0 {
            if let Some((_, port)) = line
                .trim()
                .trim_end_matches('.')
                .rsplit_once("successfully on port ")
            {
                let port = port.to_owned();
                // Keeps the pipe open and empty for as long as the driver runs.
                std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
                return (driver, port);
            }
            line.clear();
        }
        driver.wait().unwrap();
    }
    panic!("chromedriver ends as soon as it is started");
}

#[derive(Debug)]
struct Devtools(Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap()))
    }

    fn method_and_body(&self, _url: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}

#[derive(Debug)]
struct BrowserLog;

impl WebDriverCompatibleCommand for BrowserLog {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap()))
    }

    fn method_and_body(&self, _url: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

/// A failed WebDriver command.
pub type Failure = CmdError;
