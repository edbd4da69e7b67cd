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

use fantoccini::{
    Client, Locator,
    actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    elements::{Element, ElementRef},
    error::CmdError,
    key::Key,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

pub use self::look::Look;
use self::process::Process;
use crate::{
    failed,
    recorder::{Recorder, Sent},
    waiting::Waiting,
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
        match self.once(css, "element", "").await {
            Ok(element) => self.element(&element),
            Err(error) => panic!("no {css}: {error}\n{}", self.text("body").await),
        }
    }

    /// Waits until the element is gone.
    pub async fn wait_gone(&self, css: &str) {
        let gone = self.once(css, "!element", "").await;
        gone.unwrap_or_else(|error| panic!("{css} stays: {error}"));
    }

    /// Whether the element is there now.
    pub async fn has(&self, css: &str) -> bool {
        self.client.find(Locator::Css(css)).await.is_ok()
    }

    /// The element's text, once it is there.
    pub async fn text(&self, css: &str) -> String {
        let text = self.once(css, "element && shown(element)", "").await;
        let text = text.unwrap_or_else(|error| panic!("no {css}: {error}"));
        text.as_str().unwrap().to_owned()
    }

    /// Waits until the element's text contains `part`; returns the text.
    pub async fn wait_for_text(&self, css: &str, part: &str) -> String {
        let result = "element && shown(element).includes(wanted) && shown(element)";
        match self.once(css, result, part).await {
            Ok(text) => text.as_str().unwrap().to_owned(),
            Err(error) => {
                let text = self.text(css).await;
                panic!("{css} never has {part:?} but {text:?}: {error}")
            }
        }
    }

    /// Clicks the element's middle, once it is there, enabled and not covered.
    pub async fn click(&self, css: &str) {
        // An option has no middle while its list is closed.
        let result = "element && !element.matches(':disabled')
            && (wanted || element.localName === 'option' ? element : middle(element))";
        let by_driver = match self.kind {
            Kind::Firefox(_) => "its driver needs one command",
            Kind::SharedChromium | Kind::OwnChromium => "",
        };
        let mut waiting = Waiting::begin();
        loop {
            let place = self.once(css, result, by_driver).await;
            let place = place.unwrap_or_else(|error| panic!("{css} can't be clicked: {error}"));
            let clicked = match [&place[0], &place[1]].map(Value::as_f64) {
                [Some(x), Some(y)] => self.click_at(x, y).await,
                _ => self.element(&place).click().await.map(|()| true),
            };
            if matches!(clicked, Ok(true)) {
                return;
            }
            waiting
                .again(|| format!("{css} can't be clicked: {clicked:?}"))
                .await;
        }
    }

    /// Clicks a point that `middle` has returned; returns whether its element was still there. With
    /// WebDriver's own click on an element, Chromium's driver runs eleven scripts of its own in the page.
    async fn click_at(&self, x: f64, y: f64) -> Result<bool, Failure> {
        let (duration, button) = (None, MOUSE_BUTTON_LEFT);
        let mouse = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveTo { duration, x, y })
            .then(PointerAction::Down { button })
            .then(PointerAction::Up { button });
        self.client.perform_actions(mouse).await?;
        let was_hit = self.client.execute("return window.wasHit", vec![]).await;
        // The click may have opened a question or left the page.
        Ok(was_hit.map_or(true, |was_hit| was_hit == true))
    }

    /// Waits until `result`, JavaScript about the first `element` that matches and about what is `wanted`, is
    /// neither null nor false; returns it. The page itself looks, after each change: a WebDriver command takes
    /// as long as hundreds of looks.
    async fn once(&self, css: &str, result: &str, wanted: &str) -> Result<Value, String> {
        // `shown` is the text as WebDriver defines it, where `innerText` has tabs between cells and empty lines.
        let script = format!(
            "const [css, wanted] = arguments;
            const shown = (element) => element.checkVisibility({{ visibilityProperty: true }})
                ? element.innerText.replace(/[\\t\\u00a0]/g, ' ').replace(/\\n+/g, '\\n').trim() : '';
            let last, since;
            const middle = (element) => {{
                const box = element.getClientRects()[0];
                if (!box) return null;
                if (box.top < 0 || box.bottom > innerHeight)
                    element.scrollIntoView({{ behavior: 'instant', block: 'center' }});
                const {{ x, y, width, height }} = element.getClientRects()[0];
                const point = [Math.floor(x + width / 2), Math.floor(y + height / 2)];
                if (String(point) !== last) [last, since] = [String(point), performance.now()];
                // What loads above it may still move it.
                if (performance.now() - since < 50) return null;
                if (!element.contains(document.elementFromPoint(...point))) return null;
                window.wasHit = null;
                const note = ({{ target }}) => {{ window.wasHit = element.contains(target); }};
                addEventListener('click', note, {{ capture: true, once: true }});
                return point;
            }};
            return new Promise((resolve) => {{
                const end = (value) => {{
                    observer.disconnect(); clearInterval(timer); resolve(value);
                }};
                const look = () => {{
                    const element = document.querySelector(css);
                    const value = {result};
                    if (value !== null && value !== false) end(value);
                }};
                const observer = new MutationObserver(look);
                observer.observe(document,
                    {{ attributes: true, characterData: true, childList: true, subtree: true }});
                // For what changes without a mutation, and for what stands still.
                const timer = setInterval(look, 60);
                setTimeout(end, 10_000, null);
                look();
            }});"
        );
        let mut waiting = Waiting::begin();
        loop {
            let arguments = vec![json!(css), json!(wanted)];
            let why = match self.client.execute(&script, arguments).await {
                Ok(Value::Null) => "time is up".to_owned(),
                Ok(value) => return Ok(value),
                // The page was left meanwhile.
                Err(error) => error.to_string(),
            };
            if waiting.is_over() {
                return Err(why);
            }
            waiting.again(|| why).await;
        }
    }

    /// The element that a script returned: an object whose only entry is its reference.
    fn element(&self, value: &Value) -> Element {
        let entry = value.as_object().and_then(|object| object.values().next());
        let reference = entry.and_then(Value::as_str).expect("an element");
        let reference = ElementRef::from(reference.to_owned());
        Element::from_element_id(self.client.clone(), reference)
    }

    /// Replaces a field's text.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        // Selected with the keyboard, as a person does: WebDriver's own clearing sends no `input`
        // event, so that a page drawn again in between puts the earlier text back.
        // The second control key releases it.
        let (control, delete) = (Key::Control, Key::Delete);
        let keys = format!("{control}a{control}{delete}{text}");
        field.send_keys(&keys).await.unwrap();
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
