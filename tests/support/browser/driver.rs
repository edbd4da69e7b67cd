//! The programs that control browsers, ChromeDriver and geckodriver: starts them on a free port, sends
//! them commands where nothing can be awaited, and ends them.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
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

/// Runs a driver until the standard input ends, which it does with the program that runs the flows, then
/// deletes the browser's folder, with a pause for the browser to end.
const UNTIL_INPUT_ENDS: &str = r#"
    folder=$1; shift
    "$@" &
    exec > /dev/null
    cat
    kill $!
    (sleep 2; rm -rf "$folder") &"#;

/// A running driver; dropped, it ends.
pub(super) struct Driver {
    /// The shell with [`UNTIL_INPUT_ENDS`].
    child: Child,
    /// For all files that the browser writes.
    folder: PathBuf,
    port: String,
    /// What it and its browser print.
    printed: Arc<Mutex<Vec<u8>>>,
    /// How many of these bytes [`Driver::take_printed`] has returned.
    taken: AtomicUsize,
}

impl Driver {
    /// Starts Chromium's driver.
    pub(super) fn of_chromium() -> Self {
        Self::start("successfully on port ", |folder| {
            let mut command = until_input_ends(folder, "CHROMEDRIVER");
            command.arg("--port=0");
            command
        })
    }

    /// Starts Firefox's driver, which creates its profiles in its folder.
    pub(super) fn of_firefox() -> Self {
        Self::start("Listening on 127.0.0.1:", |folder| {
            let mut command = until_input_ends(folder, "GECKODRIVER");
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
    fn start(before_port: &str, command: impl Fn(&Path) -> Command) -> Self {
        for _ in 0..5 {
            let folder = tempfile::tempdir().unwrap().keep();
            let mut child = command(&folder)
                .stdin(Stdio::piped())
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
                        folder,
                        port,
                        printed,
                        taken: AtomicUsize::new(0),
                    };
                }
                line.clear();
            }
            end(&mut child);
        }
        panic!("the browser's driver ends as soon as it is started");
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
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
    pub(super) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(format!("127.0.0.1:{}", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n\
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
}

impl Drop for Driver {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn until_input_ends(folder: &Path, program: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", UNTIL_INPUT_ENDS, "sh"]);
    command.arg(folder).arg(setting(program));
    command
}

fn end(child: &mut Child) {
    drop(child.stdin.take());
    // It was running, so waiting for it can't fail.
    let _ = child.wait();
}

fn collect(mut from: impl Read, into: &Mutex<Vec<u8>>) {
    let mut chunk = [0; 8192];
    while let Ok(n @ 1..) = from.read(&mut chunk) {
        into.lock().unwrap().extend(&chunk[..n]);
    }
}
