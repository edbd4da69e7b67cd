//! A headless browser, controlled by WebDriver, with its downloads: Chromium, which can log what it sends,
//! or Firefox with the bytes that it sent.

mod chromium;
mod driver;
mod end;
mod files;
mod firefox;
mod look;
mod process;
mod shared;

use std::fs;

use fantoccini::{Client, Locator, elements::Element, error::CmdError, key::Key};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

pub use self::look::Look;
use self::process::Process;
use crate::{
    failed,
    recorder::{Recorder, Sent},
    waiting::{PATIENCE, Waiting},
};

/// A browser without any data of other flows.
pub struct Browser {
    kind: Kind,
    /// None once it is closed.
    process: Option<Process>,
    /// The WebDriver session.
    pub client: Client,
}

enum Kind {
    /// Later flows may use its process.
    SharedChromium,
    /// It logs what it sends.
    OwnChromium,
    /// The recorder captures everything that it sends.
    Firefox(Recorder),
}

/// How Chromium is started.
#[derive(Default)]
pub struct Options {
    before_page: Option<&'static str>,
    own_process: bool,
}

impl Options {
    /// In a process of its own, with an empty profile and a log of everything that it sends.
    #[must_use]
    pub fn own_process() -> Self {
        Self {
            own_process: true,
            ..Self::default()
        }
    }

    /// Runs this JavaScript before any script of a page.
    #[must_use]
    pub fn before_page(mut self, script: &'static str) -> Self {
        self.before_page = Some(script);
        self
    }
}

impl Browser {
    /// Opens an empty window in a Chromium that is idle, or in a new one.
    pub async fn start(options: Options) -> Self {
        let idle = match options.own_process {
            true => None,
            false => shared::take(),
        };
        let process = match idle {
            Some(process) => process,
            None => Process::start_chromium(options.own_process),
        };
        let kind = match options.own_process {
            true => Kind::OwnChromium,
            false => Kind::SharedChromium,
        };
        let browser = Self::drive(kind, process).await;
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
        let recorder = Recorder::start().await;
        let process = Process::start_firefox(recorder.port());
        Self::drive(Kind::Firefox(recorder), process).await
    }

    async fn drive(kind: Kind, process: Process) -> Self {
        let (url, session) = process.address();
        let client = Client::with_existing_session(&url, session, HttpConnector::new())
            .await
            .expect("the browser's session");
        // Otherwise the session would end with the client.
        client.persist().await.unwrap();
        Self {
            kind,
            process: Some(process),
            client,
        }
    }

    fn process(&self) -> &Process {
        self.process.as_ref().expect("the browser is open")
    }

    /// What Firefox has sent so far, and what it and its driver have printed.
    ///
    /// # Panics
    /// With Chromium, whose network log [`Browser::close`] returns.
    #[must_use]
    pub fn recorded(&self) -> (Vec<Sent>, Vec<u8>) {
        match &self.kind {
            Kind::Firefox(recorder) => (recorder.sent(), self.process().printed()),
            Kind::SharedChromium | Kind::OwnChromium => panic!("Chromium writes a network log"),
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
        let field = self.find(css).await;
        // Selected with the keyboard, as a person does: WebDriver's own clearing sends no `input`
        // event, so that a page drawn again in between puts the earlier text back.
        let (control, delete) = (Key::Control, Key::Delete);
        field.send_keys(&format!("{control}a")).await.unwrap();
        field.send_keys(&format!("{delete}{text}")).await.unwrap();
        // The driver may answer before the page has taken up every key.
        let mut waiting = Waiting::begin();
        loop {
            let value = field.prop("value").await.unwrap();
            if value.as_deref() == Some(text) {
                return;
            }
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
    /// If something is stored or on the console that shouldn't be, or if the process isn't its own.
    pub async fn close(mut self) -> Vec<u8> {
        assert!(
            matches!(self.kind, Kind::OwnChromium),
            "only it writes a log"
        );
        let wrong = self.wrong_at_end().unwrap();
        assert_eq!(wrong, Vec::<String>::new(), "at the end of the flow");
        let process = self.process.take().expect("the browser is open");
        // The log is complete once the browser has ended, which the driver waits for.
        process.end_session().unwrap();
        fs::read(process.folder().join("netlog.json")).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if self.process.is_none() {
            return;
        }
        if failed::is_failing() {
            self.report_failure();
        }
        let wrong = self.wrong_at_end().unwrap_or_default();
        if let Some(process) = self.process.take()
            && matches!(self.kind, Kind::SharedChromium)
            && !failed::is_failing()
        {
            shared::give_back(process);
        }
        if !failed::is_failing() {
            assert_eq!(wrong, Vec::<String>::new(), "at the end of the flow");
        }
    }
}

/// A failed WebDriver command.
pub type Failure = CmdError;
