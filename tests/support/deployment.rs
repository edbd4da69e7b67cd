//! nginx, Caddy and Envoy, run with the samples in `deploy/`.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::setting;

/// A running server, stopped when dropped.
pub struct Server {
    child: Child,
    /// The port on 127.0.0.1.
    pub port: u16,
    folder: TempDir,
}

/// A sample in `deploy/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `nginx.conf`.
    Nginx,
    /// `Caddyfile`.
    Caddy,
    /// `envoy.yaml`.
    Envoy,
}

/// Changes to nginx's sample.
const NO_INTEGRITY_POLICY: (&str, &str) = (
    "            add_header Integrity-Policy \"blocked-destinations=(script)\" always;\n",
    "",
);
const NO_TRUSTED_TYPES: (&str, &str) = (
    "; require-trusted-types-for 'script'; trusted-types keyside-page keyside-worker",
    "",
);

impl Server {
    /// Runs the sample with its addresses and folders changed as an administrator would: each change is
    /// the old and the new text. The port is changed too.
    #[must_use]
    pub fn of_sample(kind: Kind, changes: &[(&str, &str)]) -> Self {
        Self::of_sample_at(free_port(), kind, changes)
    }

    /// Like [`Server::of_sample`], on a given port.
    #[must_use]
    pub fn of_sample_at(port: u16, kind: Kind, changes: &[(&str, &str)]) -> Self {
        let (name, listens) = match kind {
            Kind::Nginx => ("nginx.conf", "listen 127.0.0.1:8080;"),
            Kind::Caddy => ("Caddyfile", "http://127.0.0.1:8080 {"),
            Kind::Envoy => ("envoy.yaml", "address: 127.0.0.1, port_value: 8081"),
        };
        let mut config = fs::read_to_string(sample(name)).unwrap();
        let here = listens
            .replace("8080", &port.to_string())
            .replace("8081", &port.to_string());
        for (from, to) in [(listens, here.as_str())].iter().chain(changes) {
            assert!(config.contains(from), "{name} has no {from}");
            config = config.replace(from, to);
        }
        Self::run(kind, name, &config, port, 1)
    }

    /// nginx's sample for a page in `folder` that gives no integrity hashes.
    #[must_use]
    pub fn without_integrity_policy(folder: &Path) -> Self {
        // nginx runs as another user and must be able to read it.
        let readable = Command::new("chmod")
            .args(["-R", "a+rX"])
            .arg(folder)
            .status();
        assert!(readable.expect("chmod").success());
        Self::of_page(folder, &[NO_INTEGRITY_POLICY])
    }

    /// nginx's sample for a page in `folder`, as seen by browsers without Trusted Types.
    #[must_use]
    pub fn without_trusted_types(folder: &Path) -> Self {
        Self::of_page(folder, &[NO_TRUSTED_TYPES])
    }

    /// nginx's sample for a page in `folder` with scripts that neither of its policies allows.
    #[must_use]
    pub fn of_other_scripts(folder: &Path) -> Self {
        Self::of_page(folder, &[NO_INTEGRITY_POLICY, NO_TRUSTED_TYPES])
    }

    fn of_page(folder: &Path, changes: &[(&str, &str)]) -> Self {
        let folder = format!("{}/", folder.display());
        let changes = [&[("/srv/keyside/dist/", folder.as_str())], changes].concat();
        Self::of_sample(Kind::Nginx, &changes)
    }

    /// Envoy's sample in front of an API without TLS, with this many threads.
    #[must_use]
    pub fn of_sample_without_tls(api_port: u16, threads: u32) -> Self {
        let port = free_port();
        let sample = fs::read_to_string(sample("envoy.yaml")).unwrap();
        let mut config = String::new();
        let mut in_tls = false;
        for line in sample.lines() {
            let indent = line.len() - line.trim_start().len();
            if line.trim() == "transport_socket:" {
                in_tls = true;
            } else if in_tls && indent <= 6 {
                in_tls = false;
            }
            if !in_tls {
                config += line;
                config.push('\n');
            }
        }
        for name in ["cpl.iam", "tokens.iam"] {
            config = config.replace(
                &format!("address: {name}.api.nebius.cloud, port_value: 443"),
                &format!("address: 127.0.0.1, port_value: {api_port}"),
            );
        }
        config = config.replace("port_value: 8081", &format!("port_value: {port}"));
        Self::run(Kind::Envoy, "envoy.yaml", &config, port, threads)
    }

    /// Runs a custom configuration for the chosen port.
    #[must_use]
    pub fn custom(kind: Kind, config: impl FnOnce(u16) -> String) -> Self {
        let port = free_port();
        Self::run(kind, "custom.conf", &config(port), port, 1)
    }

    /// nginx as a TLS server in front of a gRPC server without TLS.
    #[must_use]
    pub fn tls_before(plain_port: u16, certificate: &Path, key: &Path) -> Self {
        Self::custom(Kind::Nginx, |port| {
            format!(
                "pid /run/keyside-nginx.pid; error_log stderr warn; events {{}}
                http {{ access_log off; server {{
                    listen 127.0.0.1:{port} ssl http2;
                    ssl_certificate {}; ssl_certificate_key {};
                    location / {{
                        # The real API does not look at it.
                        grpc_set_header Origin \"\";
                        grpc_pass grpc://127.0.0.1:{plain_port};
                    }}
                }} }}",
                certificate.display(),
                key.display()
            )
        })
    }

    fn run(kind: Kind, name: &str, config: &str, port: u16, threads: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        // Several may run at once, without root.
        let pid = folder.path().join("nginx.pid").display().to_string();
        fs::write(&path, config.replace("/run/keyside-nginx.pid", &pid)).unwrap();
        let mut command = Command::new(program(kind));
        match kind {
            Kind::Nginx => command.args(["-g", "daemon off;", "-c"]).arg(&path),
            Kind::Caddy => command
                .args(["run", "--adapter", "caddyfile", "--config"])
                .arg(&path),
            Kind::Envoy => command
                .args([
                    "--base-id",
                    &port.to_string(),
                    "--concurrency",
                    &threads.to_string(),
                ])
                .args(["--log-level", "warning", "-c"])
                .arg(&path),
        };
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = command
            .env("XDG_CONFIG_HOME", folder.path())
            .env("XDG_DATA_HOME", folder.path())
            .stdout(Stdio::from(log.try_clone().unwrap()))
            .stderr(Stdio::from(log))
            .spawn()
            .unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        let mut server = Self {
            child,
            port,
            folder,
        };
        let give_up = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < give_up,
                "{kind:?} does not start: {}",
                server.log()
            );
            thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// What it printed.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // nginx's workers end with their master only on a graceful stop.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy")
        .join(name)
}

fn program(kind: Kind) -> PathBuf {
    match kind {
        Kind::Nginx => setting("KEYSIDE_NGINX"),
        Kind::Caddy => beside_python("caddy"),
        Kind::Envoy => beside_python("envoy"),
    }
}

fn beside_python(name: &str) -> PathBuf {
    setting("KEYSIDE_PYTHON").with_file_name(name)
}

/// A port that is free now, and very likely still free a moment later.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
