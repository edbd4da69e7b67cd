//! The programs that control browsers, ChromeDriver and geckodriver: starts them on a free port, and
//! sends them commands where nothing can be awaited.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::setting;

/// A running driver.
pub(super) struct Driver {
    child: Child,
    port: String,
    /// What it and its browser print.
    printed: Arc<Mutex<Vec<u8>>>,
    /// How many of these bytes [`Driver::take_printed`] has returned.
    taken: AtomicUsize,
}

impl Driver {
    /// Starts Chromium's driver.
    pub(super) fn of_chromium() -> Self {
        Self::start("successfully on port ", || {
            let mut command = Command::new(setting("CHROMEDRIVER"));
            command.arg("--port=0");
            command
        })
    }

    /// Starts Firefox's driver, which creates its profiles in `folder`.
    pub(super) fn of_firefox(folder: &Path) -> Self {
        Self::start("Listening on 127.0.0.1:", || {
            let mut command = Command::new(setting("GECKODRIVER"));
            command
                .args(["--port=0", "--websocket-port=0"])
                // Needed to read the browser's own console.
                .arg("--allow-system-access")
                .arg("--profile-root")
                .arg(folder)
                .env("MOZ_HEADLESS_WIDTH", "1280")
                .env("MOZ_HEADLESS_HEIGHT", "1000")
                // Makes the preference effective that turns off remote settings.
                .env("MOZ_REMOTE_SETTINGS_DEVTOOLS", "1")
                // Crashes aren't reported.
                .env("MOZ_CRASHREPORTER_DISABLE", "1");
            command
        })
    }

    /// Starts a driver that prints `before_port` right before its port. It ends at once if another
    /// program takes the port before it listens, so it gets a few attempts.
    fn start(before_port: &str, command: impl Fn() -> Command) -> Self {
        for _ in 0..5 {
            let mut child = command()
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("the browser's driver starts");
            let mut lines = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            while lines.read_line(&mut line).unwrap() > 0 {
                if let Some((_, port)) = line.trim().trim_end_matches('.').rsplit_once(before_port)
                {
                    let (port, printed) = (port.to_owned(), Arc::default());
                    // Keeps the pipe open and drained while the driver runs.
                    let into = Arc::clone(&printed);
                    thread::spawn(move || collect(lines, &into));
                    return Self {
                        child,
                        port,
                        printed,
                        taken: AtomicUsize::new(0),
                    };
                }
                line.clear();
            }
            child.wait().unwrap();
        }
        panic!("the browser's driver ends as soon as it is started");
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn printed(&self) -> Vec<u8> {
        self.printed.lock().unwrap().clone()
    }

    /// The lines that it and its browser printed since the last call.
    pub(super) fn take_printed(&self) -> Vec<String> {
        let printed = self.printed();
        let new = &printed[self.taken.swap(printed.len(), Ordering::SeqCst)..];
        let text = String::from_utf8_lossy(new);
        text.lines().map(str::to_owned).collect()
    }

    /// Sends a WebDriver command where nothing can be awaited; returns the answer's value, which is an
    /// object with `error` in it if the command failed.
    pub(super) fn ask(
        &self,
        session: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> io::Result<Value> {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{}", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        write!(
            stream,
            "{method} /session/{session}{path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )?;
        // The connection stays open, so the header's length marks the end of the answer.
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
        let mut answer: Value = serde_json::from_slice(&answer).map_err(io::Error::other)?;
        Ok(answer["value"].take())
    }

    /// Ends the driver. A browser that it still controls keeps running.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

fn collect(mut from: impl Read, into: &Mutex<Vec<u8>>) {
    let mut chunk = [0; 8192];
    while let Ok(n @ 1..) = from.read(&mut chunk) {
        into.lock().unwrap().extend(&chunk[..n]);
    }
}
