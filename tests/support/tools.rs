//! Third-party tools that verify results: openssl, GnuTLS, curl, the official Python SDK.

use std::{
    cell::Cell,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

use crate::{
    gateway::{ADMIN_TOKEN, Gateway},
    setting,
};

/// Runs the command with `input` as its standard input.
///
/// # Panics
/// If it can't be started.
pub fn run(mut command: Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// A Python script of `tests/`.
#[must_use]
pub fn python(script: &str) -> Command {
    let mut command = Command::new(setting("KEYSIDE_PYTHON"));
    // Without compiled files beside the script: they would look like changes of the tests.
    command.arg("-B");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script));
    command
}

/// Runs openssl on `input`; returns its output.
///
/// # Panics
/// If openssl fails.
pub fn openssl(args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args(args);
    let output = run(command, input);
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {args:?}: {printed}");
    output.stdout
}

/// A private key of 4096 bits by openssl, in PKCS#8 and PEM. Each call in a flow returns another key,
/// but all flows share the same keys, because openssl takes seconds for each.
///
/// # Panics
/// If openssl fails.
#[must_use]
pub fn rsa_4096() -> Vec<u8> {
    static MADE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());
    // Each flow has its own thread.
    thread_local! { static GIVEN: Cell<usize> = const { Cell::new(0) } }
    let at = GIVEN.replace(GIVEN.get() + 1);
    let mut made = MADE.lock().unwrap();
    while made.len() <= at {
        made.push(openssl(&["genrsa", "4096"], b""));
    }
    made[at].clone()
}

/// Runs GnuTLS's certtool; returns its output.
///
/// # Panics
/// If it fails.
#[must_use]
pub fn certtool(args: &[&str]) -> String {
    let mut command = Command::new("certtool");
    command.args(args);
    let output = run(command, b"");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "certtool {args:?}: {printed}");
    String::from_utf8(output.stdout).unwrap()
}

/// Calls the API with curl and JSON over Connect; returns the HTTP status and the answer.
#[must_use]
pub fn curl(address: &str, method: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
    let mut command = Command::new("curl");
    command
        .args([
            "--silent",
            "--show-error",
            "--max-time",
            "30",
            "--data-binary",
            "@-",
        ])
        .args(["--header", "content-type: application/json"])
        .args(["--write-out", "\n%{http_code}"]);
    if let Some(token) = token {
        command.args(["--header", &format!("authorization: Bearer {token}")]);
    }
    command.arg(format!("http://{address}/{method}"));
    let output = run(command, body.to_string().as_bytes());
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "curl: {printed}");
    let text = String::from_utf8(output.stdout).unwrap();
    let (answer, status) = text.rsplit_once('\n').unwrap();
    (
        status.parse().unwrap(),
        serde_json::from_str(answer).unwrap(),
    )
}

/// A Python program in tests/ that prints the port where it listens, stopped when dropped.
pub struct Service {
    child: Child,
    /// On 127.0.0.1.
    pub port: u16,
}

impl Service {
    /// Starts it and waits for its port.
    ///
    /// # Panics
    /// If it prints none.
    #[must_use]
    pub fn start(script: &str, arguments: &[&str]) -> Self {
        let mut child = python(script)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let mut port = String::new();
        let output = child.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut port).unwrap();
        Self {
            child,
            port: port.trim().parse().expect("a port"),
        }
    }

    /// Sends it a line.
    ///
    /// # Panics
    /// If it has ended.
    pub fn tell(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("a pipe");
        writeln!(input, "{line}").unwrap();
    }

    /// An address there.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether this process may mount file systems, as root may outside of most containers. If it may not, says which
/// test doesn't run.
///
/// # Panics
/// If there is no `unshare`.
#[must_use]
pub fn can_mount(test: &str) -> bool {
    let mut command = Command::new("unshare");
    command.args(["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]);
    let can = run(command, b"").status.success();
    if !can {
        // Unlike println, also shown when the test passes.
        let _ = writeln!(
            std::io::stdout(),
            "Not tested, because only root can mount: {test}"
        );
    }
    can
}

/// Calls a method of the IAM API with curl, as the gateway's admin; returns the answer.
///
/// # Panics
/// If the API refuses.
pub fn ask(gateway: &Gateway, method: &str, request: &Value) -> Value {
    let path = format!("nebius.iam.v1.{method}");
    let (status, answer) = curl(&gateway.address(), &path, Some(ADMIN_TOKEN), request);
    assert_eq!(status, 200, "{method}: {answer}");
    answer
}

/// Formats times (UTC, RFC 3339, or as text), one per line, with `date` in a time zone.
#[must_use]
pub fn dates(moments: &[&str], zone: &str, format: &str) -> Vec<String> {
    let mut command = Command::new("date");
    command
        .args(["--file=-", &format!("+{format}")])
        .envs([("TZ", zone), ("LC_ALL", "C")]);
    let output = run(command, moments.join("\n").as_bytes());
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "date: {printed}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Uses a credentials file with the official SDK: the IDs of the keys that it lists with its token, or
/// why it got none.
///
/// # Errors
/// The SDK's message.
pub fn sdk_lists_keys(
    address: &str,
    credentials: &Path,
    service_account_id: &str,
) -> Result<Vec<String>, String> {
    /// Loading the SDK takes longer than most answers, so that all flows share it.
    static LOADED: Mutex<Option<(Child, BufReader<ChildStdout>)>> = Mutex::new(None);
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let (sdk, answers) = loaded.get_or_insert_with(|| {
        let mut command = python("sdk.py");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // It ends with its input.
        let mut sdk = command.spawn().expect("Python starts");
        let answers = BufReader::new(sdk.stdout.take().unwrap());
        (sdk, answers)
    });
    let question = json!([address, credentials, service_account_id]);
    writeln!(sdk.stdin.as_mut().unwrap(), "{question}").expect("sdk.py runs");
    let mut answer = String::new();
    answers.read_line(&mut answer).unwrap();
    let answer: Value = serde_json::from_str(&answer).expect("sdk.py answers");
    match answer["refused"].as_str() {
        Some(why) => Err(why.to_owned()),
        None => Ok(serde_json::from_value(answer["keys"].clone()).expect("a list of IDs")),
    }
}

/// What the official SDK makes of the API's answers: the result of sdk_calls.py.
///
/// # Panics
/// If the script fails.
#[must_use]
pub fn sdk_calls(address: &str, arguments: &[&str]) -> Value {
    let mut command = python("sdk_calls.py");
    command.arg(address).args(arguments);
    let output = run(command, b"");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "sdk_calls.py: {printed}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The official SDK's error for each credentials file; `None` if it can sign a token request with
/// it.
///
/// # Panics
/// If the script fails.
#[must_use]
pub fn sdk_reads(files: &[PathBuf]) -> Vec<Option<String>> {
    let mut command = python("credentials_files.py");
    command.args(files);
    let output = run(command, b"");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "credentials_files.py: {printed}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A JWT for the token exchange, made as documented (no `aud`, five minutes) and signed by openssl.
#[must_use]
pub fn jwt_by_openssl(private_pem: &str, key_id: &str, service_account_id: &str) -> String {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        part(serde_json::json!({ "alg": "RS256", "kid": key_id, "typ": "JWT" })),
        part(
            serde_json::json!({ "iss": service_account_id, "sub": service_account_id,
            "iat": now.as_secs(), "exp": now.as_secs() + 300 })
        ),
    );
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    std::fs::write(&key, private_pem).unwrap();
    let signature = openssl(
        &["dgst", "-sha256", "-sign", key.to_str().unwrap()],
        signed.as_bytes(),
    );
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}
