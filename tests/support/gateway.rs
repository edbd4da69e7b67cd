//! Runs the real gateway on a free port and keeps all that it prints.

use std::{
    fs,
    io::Read,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::setting;

/// The admin's access token of every gateway started here.
pub const ADMIN_TOKEN: &str = "end-to-end-admin-token-0123456789";

/// A gateway that can be stopped and started again on the same port and data.
pub struct Gateway {
    dist: PathBuf,
    data: TempDir,
    port: u16,
    child: Option<Child>,
    output: Arc<Mutex<Vec<u8>>>,
    token: String,
}

impl Gateway {
    /// Starts one with a new data folder; logs at the most talkative level.
    #[must_use]
    pub fn start() -> Self {
        Self::serving(setting("KEYSIDE_DIST"))
    }

    /// As [`Gateway::start`], with another page.
    #[must_use]
    pub fn serving(dist: PathBuf) -> Self {
        // Free now, and most likely still when the gateway takes it a moment later.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut gateway = Self {
            dist,
            data: tempfile::tempdir().unwrap(),
            port,
            child: None,
            output: Arc::default(),
            token: ADMIN_TOKEN.to_owned(),
        };
        gateway.start_again();
        gateway
    }

    /// Starts it after [`Gateway::kill`].
    pub fn start_again(&mut self) {
        let before = self.text().matches("#token=").count();
        let mut child = Command::new(setting("KEYSIDE_BIN"))
            .arg("serve")
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .arg("--data")
            .arg(self.data.path())
            .arg("--dist")
            .arg(&self.dist)
            .env("KEYSIDE_ADMIN_TOKEN", &self.token)
            .env("KEYSIDE_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the gateway starts");
        self.collect(child.stdout.take().unwrap());
        self.collect(child.stderr.take().unwrap());
        self.child = Some(child);
        let give_up = Instant::now() + Duration::from_secs(20);
        while self.text().matches("#token=").count() == before {
            assert!(
                Instant::now() < give_up,
                "the gateway did not start: {}",
                self.text()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn collect(&self, mut stream: impl Read + Send + 'static) {
        let output = Arc::clone(&self.output);
        thread::spawn(move || {
            let mut chunk = [0; 8192];
            while let Ok(n @ 1..) = stream.read(&mut chunk) {
                output.lock().unwrap().extend(&chunk[..n]);
            }
        });
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Ends it and starts it with another admin token: the old one works no more.
    pub fn change_token(&mut self, token: &str) {
        self.kill();
        self.token = token.to_owned();
        self.start_again();
    }

    /// Waits until it has printed `part`.
    pub fn wait_for_output(&self, part: &str) {
        let give_up = Instant::now() + Duration::from_secs(30);
        while !self.text().contains(part) {
            assert!(Instant::now() < give_up, "never printed: {part}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Stops it from running, as a stuck machine would, or lets it run on.
    pub fn pause(&self, paused: bool) {
        let id = self.child.as_ref().unwrap().id().to_string();
        let signal = if paused { "-STOP" } else { "-CONT" };
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The page's address, without a token.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address())
    }

    /// The address that the gateway printed.
    #[must_use]
    pub fn printed_url(&self) -> String {
        let text = self.text();
        let at = text.find("http://").expect("an address is printed");
        text[at..].split_whitespace().next().unwrap().to_owned()
    }

    /// An id that the gateway printed at start, by the words before it.
    #[must_use]
    pub fn printed(&self, label: &str) -> String {
        let text = self.text();
        let line = text
            .lines()
            .find(|line| line.trim().starts_with(label))
            .expect("printed");
        line.split_whitespace().last().unwrap().to_owned()
    }

    /// All that it printed.
    #[must_use]
    pub fn output(&self) -> Vec<u8> {
        self.output.lock().unwrap().clone()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.output()).into_owned()
    }

    /// The files of its data folder with their content.
    #[must_use]
    pub fn data_files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fs::read_dir(self.data.path())
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let content = fs::read(&path).unwrap();
                (path, content)
            })
            .collect()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.kill();
    }
}
