//! Runs the real gateway on a free port and keeps everything that it prints.

use std::{
    ffi::OsStr,
    fs,
    io::Read,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{deployment::free_port, failed, setting, upstream::Certificates};

/// The admin's access token of every gateway started here.
pub const ADMIN_TOKEN: &str = "end-to-end-admin-token-0123456789";

/// A gateway that can be stopped and started again on the same port and data.
pub struct Gateway {
    program: PathBuf,
    /// `None` means the built-in page.
    dist: Option<PathBuf>,
    data: TempDir,
    port: u16,
    child: Option<Child>,
    output: Arc<Mutex<Vec<u8>>>,
    token: String,
    more: More,
}

/// Additional arguments and environment variables of a gateway.
#[derive(Default)]
pub struct More {
    /// Arguments.
    pub arguments: Vec<String>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
}

impl More {
    /// Forwards calls to an API on `127.0.0.1` without TLS.
    #[must_use]
    pub fn before(upstream_port: u16) -> Self {
        let upstream = format!("http://127.0.0.1:{upstream_port}");
        Self {
            arguments: vec!["--upstream".to_owned(), upstream],
            ..Self::default()
        }
    }
}

impl Gateway {
    /// Starts a gateway with a new data folder and the most detailed log level.
    #[must_use]
    pub fn start() -> Self {
        Self::serving(setting("KEYSIDE_DIST"))
    }

    /// Like [`Gateway::start`], with another page.
    #[must_use]
    pub fn serving(dist: PathBuf) -> Self {
        Self::with(dist, More::default())
    }

    /// Starts a gateway that forwards calls to an API on `127.0.0.1` without TLS.
    #[must_use]
    pub fn before(upstream_port: u16) -> Self {
        Self::with(setting("KEYSIDE_DIST"), More::before(upstream_port))
    }

    /// Starts a gateway that forwards calls to an API over TLS and trusts the authority of
    /// `certificates`.
    #[must_use]
    pub fn before_tls(
        base: &str,
        certificates: &Certificates,
        environment: &[(&str, &str)],
    ) -> Self {
        let ca = certificates.path("ca.pem").display().to_string();
        let arguments = ["--upstream", base, "--upstream-ca", &ca];
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self::with(
            setting("KEYSIDE_DIST"),
            More {
                arguments: arguments.map(str::to_owned).to_vec(),
                environment: environment.iter().map(owned).collect(),
            },
        )
    }

    /// Starts the program with its built-in page.
    #[must_use]
    pub fn of_one_file() -> Self {
        Self::new(setting("KEYSIDE_BIN"), None, More::default())
    }

    /// Starts a gateway with more arguments and environment variables.
    #[must_use]
    pub fn with(dist: PathBuf, more: More) -> Self {
        Self::new(setting("KEYSIDE_BIN"), Some(dist), more)
    }

    fn new(program: PathBuf, dist: Option<PathBuf>, more: More) -> Self {
        let port = free_port();
        let mut gateway = Self {
            program,
            dist,
            data: tempfile::tempdir().unwrap(),
            port,
            child: None,
            output: Arc::default(),
            token: ADMIN_TOKEN.to_owned(),
            more,
        };
        gateway.start_again();
        gateway
    }

    /// Starts it after [`Gateway::kill`].
    pub fn start_again(&mut self) {
        let before = self.printed_urls().len();
        let mut child = Command::new(&self.program)
            .arg("serve")
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .arg("--data")
            .arg(self.data.path())
            .args(
                self.dist
                    .iter()
                    .flat_map(|dist| [OsStr::new("--dist"), dist.as_os_str()]),
            )
            .env("KEYSIDE_ADMIN_TOKEN", &self.token)
            .env("KEYSIDE_LOG", "trace")
            .args(&self.more.arguments)
            .envs(self.more.environment.iter().cloned())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the gateway starts");
        self.collect(child.stdout.take().unwrap());
        self.collect(child.stderr.take().unwrap());
        self.child = Some(child);
        let give_up = Instant::now() + Duration::from_secs(20);
        while self.printed_urls().len() == before {
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

    /// Kills it, as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Restarts it with another admin token; the old one no longer works.
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

    /// Pauses it, as a stuck machine would, or resumes it.
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

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its resident memory in KiB, as reported by Linux.
    #[must_use]
    pub fn resident_kib(&self) -> u64 {
        let id = self.child.as_ref().unwrap().id();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
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

    /// The address that the gateway printed at its start. It signs in once.
    #[must_use]
    pub fn first_url(&self) -> String {
        self.printed_urls().swap_remove(0)
    }

    /// A new address that signs in once, from `keyside open`.
    #[must_use]
    pub fn printed_url(&self) -> String {
        let output = Command::new(&self.program)
            .arg("open")
            .arg(self.url())
            .arg("--data")
            .arg(self.data.path())
            .env("KEYSIDE_ADMIN_TOKEN", &self.token)
            .output()
            .expect("keyside open runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// One for each start; on a line of its own.
    fn printed_urls(&self) -> Vec<String> {
        let text = self.text();
        let lines = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        lines
            .filter(|line| line.starts_with("  http://"))
            .map(|line| line.trim().to_owned())
            .collect()
    }

    /// An ID that the gateway printed at startup, found by the label before it.
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
        if failed::is_failing() {
            failed::keep(
                "The gateway's log",
                &format!("gateway-{}.log", self.port),
                &self.output(),
            );
            let text = self.text();
            let lines = text.lines().filter(|line| !line.contains("TRACE"));
            failed::print_tail("The gateway's log", lines);
        }
        self.kill();
    }
}
