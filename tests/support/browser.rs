//! A headless browser, controlled by WebDriver, with its downloads: Chromium with its complete network
//! log, or Firefox with the bytes that it sent.

mod chromium;
mod driver;
mod end;
mod files;
mod firefox;
mod look;

use std::fs;

use fantoccini::{Client, ClientBuilder, Locator, elements::Element, error::CmdError};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use self::driver::Driver;
pub use self::look::Look;
use crate::{
    failed,
    recorder::{Recorder, Sent},
    waiting::{PATIENCE, Waiting},
};

/// A browser with an empty profile.
pub struct Browser {
    kind: Kind,
    driver: Driver,
    session_id: String,
    /// The WebDriver session.
    pub client: Client,
    folder: TempDir,
}

enum Kind {
    Chromium,
    /// The recorder captures everything that it sends.
    Firefox(Recorder),
}

/// How Chromium is started.
#[derive(Default)]
pub struct Options {
    /// JavaScript to run before any script of a page.
    pub before_page: Option<&'static str>,
}

impl Browser {
    /// Starts Chromium.
    pub async fn start(options: Options) -> Self {
        let folder = folder();
        let capabilities = chromium::capabilities(folder.path());
        let driver = Driver::of_chromium();
        let browser = Self::drive(Kind::Chromium, driver, capabilities, folder).await;
        if let Some(source) = options.before_page {
            let params = json!({ "source": source });
            browser
                .devtools("Page.addScriptToEvaluateOnNewDocument", params)
                .await;
        }
        browser
    }

    /// Starts Firefox.
    pub async fn start_firefox() -> Self {
        let folder = folder();
        let recorder = Recorder::start().await;
        let capabilities = firefox::capabilities(folder.path(), recorder.port());
        let driver = Driver::of_firefox(folder.path());
        Self::drive(Kind::Firefox(recorder), driver, capabilities, folder).await
    }

    async fn drive(kind: Kind, driver: Driver, mut capabilities: Value, folder: TempDir) -> Self {
        capabilities["timeouts"] = json!({ "script": PATIENCE.as_millis() as u64 });
        // Tests that expect a dialog answer it themselves.
        capabilities["unhandledPromptBehavior"] =
            json!({ "default": "ignore", "beforeUnload": "accept" });
        let Value::Object(capabilities) = capabilities else {
            unreachable!()
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url())
            .await
            .expect("a browser session");
        let session_id = client.session_id().await.unwrap();
        Self {
            kind,
            driver,
            session_id: session_id.expect("a session has an id"),
            client,
            folder,
        }
    }

    /// What Firefox has sent so far, and what it and its driver have printed.
    ///
    /// # Panics
    /// With Chromium, whose network log [`Browser::close`] returns.
    #[must_use]
    pub fn recorded(&self) -> (Vec<Sent>, Vec<u8>) {
        match &self.kind {
            Kind::Firefox(recorder) => (recorder.sent(), self.driver.printed()),
            Kind::Chromium => panic!("Chromium keeps a network log of its own"),
        }
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
        let mut waiting = Waiting::begin();
        while self.has(css).await {
            waiting.again(|| format!("{css} stays")).await;
        }
    }

    /// Whether the element is there now.
    pub async fn has(&self, css: &str) -> bool {
        self.client.find(Locator::Css(css)).await.is_ok()
    }

    /// The element's text, once it is there.
    pub async fn text(&self, css: &str) -> String {
        // The element was redrawn in between, so try again.
        for _ in 0..5 {
            if let Ok(text) = Box::pin(self.find(css)).await.text().await {
                return text;
            }
        }
        panic!("{css} does not stand still");
    }

    /// Waits until the element's text contains `part`; returns the text.
    pub async fn wait_for_text(&self, css: &str, part: &str) -> String {
        let mut waiting = Waiting::begin();
        loop {
            let text = self.text(css).await;
            if text.contains(part) {
                return text;
            }
            let fault = || format!("{css} never has {part:?} but {text:?}");
            waiting.again(fault).await;
        }
    }

    /// Clicks, once the element is there and enabled.
    pub async fn click(&self, css: &str) {
        let mut waiting = Waiting::begin();
        loop {
            let element = self.find(css).await;
            if element.is_enabled().await.unwrap_or(false) && element.click().await.is_ok() {
                return;
            }
            waiting.again(|| format!("{css} cannot be clicked")).await;
        }
    }

    /// Replaces a field's text.
    pub async fn fill(&self, css: &str, text: &str) {
        let mut waiting = Waiting::begin();
        loop {
            let field = self.find(css).await;
            field.clear().await.unwrap();
            field.send_keys(text).await.unwrap();
            let value = field.prop("value").await.unwrap();
            if value.as_deref() == Some(text) {
                return;
            }
            // WebDriver clears a field without an `input` event: a page that is drawn again in between
            // puts the earlier text back.
            waiting
                .again(|| format!("{css} has {value:?} for {text:?}"))
                .await;
        }
    }

    /// Runs JavaScript in the page; returns its result.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Runs JavaScript that ends with `done(value)`, for events too quick for separate commands; returns
    /// the value. The script may `await`; if it throws, the error is the value.
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

    /// Whether the page would ask before you leave it.
    pub async fn asks_before_leaving(&self) -> bool {
        let script = "const event = new Event('beforeunload', { cancelable: true });
            window.dispatchEvent(event); return event.defaultPrevented;";
        self.run(script).await.as_bool().unwrap()
    }

    /// What the page wrote to the console since the last call.
    pub async fn console(&self) -> Vec<String> {
        self.take_console().unwrap().entries
    }

    /// Saves and prints what helps to understand why the flow failed.
    fn report_failure(&self) {
        let shot = self.ask("GET", "/screenshot", None);
        let shot = shot.ok().and_then(|shot| {
            use base64::prelude::{BASE64_STANDARD, Engine};
            BASE64_STANDARD.decode(shot.as_str()?).ok()
        });
        match shot {
            Some(png) => failed::keep("Picture of the page", "png", &png),
            None => println!("There is no picture of the page: the browser can take none now."),
        }
        if let Ok(console) = self.take_console() {
            let lines = console.entries.iter().map(String::as_str);
            failed::print_tail("The browser's console", lines);
        }
    }

    /// Ends Chromium and returns its network log.
    ///
    /// # Panics
    /// If something is stored or on the console that shouldn't be.
    pub async fn close(mut self) -> Vec<u8> {
        let wrong = self.wrong_at_end().unwrap();
        assert_eq!(wrong, Vec::<String>::new(), "at the end of the flow");
        let client = self.client.clone();
        client.close().await.unwrap();
        // The log is complete once the browser has ended, which the driver waits for.
        self.driver.end().unwrap();
        fs::read(self.folder.path().join("netlog.json")).unwrap()
    }
}

/// A folder for all files that a browser writes.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("downloads")).unwrap();
    folder
}

impl Drop for Browser {
    fn drop(&mut self) {
        if failed::is_failing() {
            self.report_failure();
        }
        // After `close` the driver no longer runs.
        let wrong = self.wrong_at_end().unwrap_or_default();
        // The driver ends the browser with the session; killed before, it would leave the browser
        // running.
        let _ = self.ask("DELETE", "", None);
        let _ = self.driver.end();
        if !std::thread::panicking() {
            assert_eq!(wrong, Vec::<String>::new(), "at the end of the flow");
        }
    }
}

/// A failed WebDriver command.
pub type Failure = CmdError;
