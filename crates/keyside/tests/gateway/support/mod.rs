//! Starts the real binary on a free port and calls it with the generated clients.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, OnceLock},
    thread,
    time::{Duration, Instant},
};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use connectrpc::{
    CodecFormat, ConnectError, ErrorCode, Protocol,
    client::{ClientConfig, HttpClient},
};
use keyside_iam::{
    MessageField, Timestamp,
    common::{GetOperationRequest, Operation, OperationServiceClient, ResourceMetadata},
    iam::*,
    token_exchange::{ACCESS_TOKEN_TYPE, GRANT_TYPE, JWT_TYPE, SUBJECT_IDENTIFIER_TYPE},
};
use rsa::{
    PrivateKey,
    pkcs1v15::SigningKey,
    pkcs8::{EncodePublicKey, LineEnding},
    rand_core::UnwrapErr,
    sha2::Sha256,
    signature::{SignatureEncoding, Signer},
};
use tempfile::TempDir;

pub const ADMIN_TOKEN: &str = "an-admin-token-for-tests";

/// Every protocol and codec of the API.
pub const WAYS: [(Protocol, CodecFormat); 5] = [
    (Protocol::Connect, CodecFormat::Json),
    (Protocol::Connect, CodecFormat::Proto),
    (Protocol::Grpc, CodecFormat::Proto),
    (Protocol::GrpcWeb, CodecFormat::Proto),
    (Protocol::GrpcWeb, CodecFormat::Json),
];

/// A running gateway, killed when dropped.
pub struct Gateway {
    child: Child,
    pub address: String,
    pub project_id: String,
    pub service_account_id: String,
    /// The address of /metrics, if it was requested.
    pub metrics_address: String,
    pub log: Arc<Mutex<String>>,
}

/// The data folder and the page folder, which outlive restarts.
pub struct Folders {
    pub root: TempDir,
}

impl Folders {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("dist")).unwrap();
        std::fs::write(root.path().join("dist/index.html"), "<!doctype html>page").unwrap();
        Self { root }
    }

    pub fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyside"));
        command
            .arg("serve")
            .args(["--listen", "127.0.0.1:0"])
            .arg("--data")
            .arg(self.data())
            .arg("--dist")
            .arg(self.root.path().join("dist"))
            .env("KEYSIDE_ADMIN_TOKEN", ADMIN_TOKEN)
            .env("KEYSIDE_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The arguments for a command that prints this token; a later call changes what it prints.
    pub fn token_command(&self, token: &str) -> [String; 2] {
        let file = self.root.path().join("token");
        std::fs::write(&file, token).unwrap();
        [
            "--token-command".to_owned(),
            format!("cat '{}'", file.display()),
        ]
    }

    pub fn start(&self) -> Gateway {
        Gateway::start(self.command())
    }

    /// Everything in the data folder, as bytes.
    pub fn data_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for entry in std::fs::read_dir(self.data()).unwrap() {
            bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
        }
        bytes
    }
}

impl Gateway {
    pub fn start(mut command: Command) -> Self {
        // Generated once. It takes long, and connections would be closed in the meantime.
        key();
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let mut stderr = child.stderr.take().unwrap();
        let collected = Arc::clone(&log);
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(n @ 1..) = stderr.read(&mut chunk) {
                collected
                    .lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&chunk[..n]));
            }
        });
        let mut gateway = Self {
            child,
            address: String::new(),
            project_id: String::new(),
            service_account_id: String::new(),
            metrics_address: String::new(),
            log,
        };
        let stdout = gateway.child.stdout.take().unwrap();
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let words: Vec<_> = line.split_whitespace().collect();
            match words.as_slice() {
                ["project", id] => gateway.project_id = id.to_string(),
                ["service", "account", id] => gateway.service_account_id = id.to_string(),
                ["Metrics", "are", "at", url] => {
                    gateway.metrics_address = url.trim_end_matches("/metrics").to_owned();
                }
                [url] if url.starts_with("http") => {
                    let address = url.split("/#").next().unwrap();
                    gateway.address = address
                        .trim_end_matches("sign-in")
                        .trim_end_matches('/')
                        .to_owned();
                    break;
                }
                _ => {}
            }
        }
        assert!(
            !gateway.address.is_empty(),
            "no start: {}",
            gateway.log.lock().unwrap()
        );
        gateway
    }

    /// Waits until the log, which comes through a pipe, contains `part` this many times.
    pub fn wait_for_log(&self, part: &str, times: usize) {
        let give_up = Instant::now() + Duration::from_secs(20);
        while self.log.lock().unwrap().matches(part).count() < times {
            assert!(Instant::now() < give_up, "never logged: {part}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The process ID.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its resident memory, as reported by Linux.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let mut words = line.unwrap().split_whitespace();
        words.nth(1).unwrap().parse().unwrap()
    }

    /// Sends SIGTERM, as service managers do.
    pub fn ask_to_stop(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
    }

    /// Waits for its end; returns whether it succeeded.
    pub fn ended_well(mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// Sends SIGKILL, so that no handler of the program runs.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn admin(&self) -> Client {
        Client::new(
            &self.address,
            Some(ADMIN_TOKEN),
            Protocol::Connect,
            CodecFormat::Json,
        )
    }

    pub fn client(&self, token: Option<&str>) -> Client {
        Client::new(&self.address, token, Protocol::Connect, CodecFormat::Json)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Clients of all services for one caller and protocol.
#[derive(Clone)]
pub struct Client {
    pub http: HttpClient,
    pub config: ClientConfig,
}

impl Client {
    pub fn new(address: &str, token: Option<&str>, protocol: Protocol, codec: CodecFormat) -> Self {
        let mut config = ClientConfig::new(address.parse().unwrap())
            .with_protocol(protocol)
            .with_codec_format(codec);
        if let Some(token) = token {
            config = config.with_default_header("authorization", format!("Bearer {token}"));
        }
        let http = match protocol {
            Protocol::Grpc => HttpClient::plaintext_http2_only(),
            _ => HttpClient::plaintext(),
        };
        Self { http, config }
    }

    pub fn with_idempotency_key(&self, key: &str) -> Self {
        self.with_header("x-idempotency-key", key)
    }

    pub fn with_header(&self, name: &'static str, value: &str) -> Self {
        Self {
            http: self.http.clone(),
            config: self.config.clone().with_default_header(name, value),
        }
    }

    pub fn keys(&self) -> AuthPublicKeyServiceClient<HttpClient> {
        AuthPublicKeyServiceClient::new(self.http.clone(), self.config.clone())
    }

    pub fn accounts(&self) -> ServiceAccountServiceClient<HttpClient> {
        ServiceAccountServiceClient::new(self.http.clone(), self.config.clone())
    }

    pub fn groups(&self) -> GroupServiceClient<HttpClient> {
        GroupServiceClient::new(self.http.clone(), self.config.clone())
    }

    pub fn memberships(&self) -> GroupMembershipServiceClient<HttpClient> {
        GroupMembershipServiceClient::new(self.http.clone(), self.config.clone())
    }

    pub fn profile(&self) -> ProfileServiceClient<HttpClient> {
        ProfileServiceClient::new(self.http.clone(), self.config.clone())
    }

    pub fn operations(&self) -> OperationServiceClient<HttpClient> {
        OperationServiceClient::new(self.http.clone(), self.config.clone())
    }

    pub fn tenants(&self) -> TenantServiceClient<HttpClient> {
        TenantServiceClient::new(self.http.clone(), self.config.clone())
    }

    pub fn sessions(&self) -> SessionManagementServiceClient<HttpClient> {
        SessionManagementServiceClient::new(self.http.clone(), self.config.clone())
    }

    pub fn tokens(&self) -> TokenExchangeServiceClient<HttpClient> {
        TokenExchangeServiceClient::new(self.http.clone(), self.config.clone())
    }

    /// Polls the operation until it's done; returns it.
    pub async fn finished(&self, operation: Operation) -> Operation {
        let give_up = Instant::now() + Duration::from_secs(10);
        loop {
            let request = GetOperationRequest {
                id: operation.id.clone(),
                ..Default::default()
            };
            let now = self.operations().get(request).await.unwrap().into_owned();
            if now.status.is_set() {
                return now;
            }
            assert!(Instant::now() < give_up, "never done: {now:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn create_key(
        &self,
        request: CreateAuthPublicKeyRequest,
    ) -> Result<String, ConnectError> {
        let operation = self.keys().create(request).await?.into_owned();
        Ok(operation.resource_id)
    }

    pub async fn key(&self, id: &str) -> Result<AuthPublicKey, ConnectError> {
        let request = GetAuthPublicKeyRequest {
            id: id.to_owned(),
            ..Default::default()
        };
        Ok(self.keys().get(request).await?.into_owned())
    }

    pub async fn keys_of(&self, account: &str) -> Result<Vec<AuthPublicKey>, ConnectError> {
        let request = ListAuthPublicKeysByAccountRequest {
            account: MessageField::some(Account::of_service_account(account)),
            page_size: 100,
            ..Default::default()
        };
        Ok(self
            .keys()
            .list_by_account(request)
            .await?
            .into_owned()
            .items)
    }

    pub async fn exchange(&self, jwt: String) -> Result<CreateTokenResponse, ConnectError> {
        let request = ExchangeTokenRequest {
            grant_type: GRANT_TYPE.to_owned(),
            requested_token_type: ACCESS_TOKEN_TYPE.to_owned(),
            subject_token_type: JWT_TYPE.to_owned(),
            subject_token: jwt,
            ..Default::default()
        };
        Ok(self.tokens().exchange(request).await?.into_owned())
    }

    pub async fn create_account(&self, project: &str, name: &str) -> Result<String, ConnectError> {
        let request = CreateServiceAccountRequest {
            metadata: MessageField::some(ResourceMetadata {
                parent_id: project.to_owned(),
                name: name.to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        Ok(self
            .accounts()
            .create(request)
            .await?
            .into_owned()
            .resource_id)
    }
}

/// A request that the API accepts for the gateway's first service account.
pub fn new_key(gateway: &Gateway) -> CreateAuthPublicKeyRequest {
    CreateAuthPublicKeyRequest {
        metadata: MessageField::some(ResourceMetadata {
            parent_id: gateway.project_id.clone(),
            ..Default::default()
        }),
        spec: MessageField::some(AuthPublicKeySpec {
            account: MessageField::some(Account::of_service_account(
                gateway.service_account_id.clone(),
            )),
            description: "for a test".to_owned(),
            data: public_pem(key()),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The request of `actor_token` for a token of the service account `subject`.
pub fn impersonation(subject: &str, actor_token: &str, kind: &str) -> ExchangeTokenRequest {
    ExchangeTokenRequest {
        grant_type: GRANT_TYPE.to_owned(),
        requested_token_type: ACCESS_TOKEN_TYPE.to_owned(),
        subject_token: subject.to_owned(),
        subject_token_type: SUBJECT_IDENTIFIER_TYPE.to_owned(),
        actor_token: actor_token.to_owned(),
        actor_token_type: kind.to_owned(),
        ..Default::default()
    }
}

pub fn code<T: std::fmt::Debug>(result: Result<T, ConnectError>) -> ErrorCode {
    result.expect_err("should have been refused").code
}

/// One RSA-4096 key for all tests, because generating one takes seconds.
pub fn key() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| make_key(4096))
}

pub fn make_key(bits: usize) -> PrivateKey {
    PrivateKey::new(&mut UnwrapErr(getrandom::SysRng), bits).unwrap()
}

pub fn public_pem(key: &PrivateKey) -> String {
    key.to_public_key()
        .to_public_key_pem(LineEnding::LF)
        .unwrap()
}

pub fn now_s() -> i64 {
    Timestamp::now().seconds
}

pub fn claims(account: &str) -> serde_json::Value {
    let now = now_s();
    serde_json::json!({ "iss": account, "sub": account, "iat": now, "exp": now + 60,
        "aud": "token-service.iam.new.nebiuscloud.net" })
}

pub fn jwt(key: &PrivateKey, kid: &str, claims: &serde_json::Value) -> String {
    jwt_with_header(
        key,
        &serde_json::json!({ "alg": "RS256", "kid": kid, "typ": "JWT" }),
        claims,
    )
}

pub fn jwt_with_header(
    key: &PrivateKey,
    header: &serde_json::Value,
    claims: &serde_json::Value,
) -> String {
    let part = |v: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(v.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = SigningKey::<Sha256>::new(key.clone()).sign(signed.as_bytes());
    format!(
        "{signed}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes())
    )
}

pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

pub fn page(path: &Path) -> PathBuf {
    path.join("dist/index.html")
}

/// Makes one call over its own connection, with additional header lines; returns the answer, including
/// its status line.
pub fn ask(address: &str, method: &str, path: &str, headers: &str) -> Vec<u8> {
    let host = address.trim_start_matches("http://");
    ask_as(host, address, method, path, headers)
}

/// Like [`ask`], under another name of the host.
pub fn ask_as(host: &str, address: &str, method: &str, path: &str, headers: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// Gets a text.
pub fn get(address: &str, path: &str) -> String {
    String::from_utf8(ask(address, "GET", path, "")).unwrap()
}
