//! The command line, the environment, and the configuration file: in this order the first that
//! names a setting decides it.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::{Args, Parser, Subcommand};
use keyside_iam::key_lifetime::{Days, KeyLifetime};
use serde::{Deserialize, Deserializer, de};
use tracing::Level;

use crate::{
    check::CheckOptions,
    error::StartError,
    operate::log::Format,
    parsers::{HostName, Origin, UpstreamAddress},
};

/// Keyside: authorized keys for service accounts, made in the browser.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the page and the IAM API on one port.
    Serve(Box<Flags>),
    /// Tell whether a deployment is right: headers, TLS, the API, the clock.
    Check(CheckOptions),
}

/// Settings as given; the file holds the same ones under the same names, without the dashes.
#[derive(Args, Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Flags {
    /// A TOML file with these settings, such as listen = "127.0.0.1:8080".
    #[arg(long, env = "KEYSIDE_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Address and port to listen on. [default: 127.0.0.1:8080]
    #[arg(long, env = "KEYSIDE_LISTEN")]
    #[serde(default, deserialize_with = "parsed")]
    pub listen: Option<SocketAddr>,
    /// PEM file of the certificate, with its chain, to serve over TLS; read again when it changes.
    #[arg(long, env = "KEYSIDE_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file of the certificate's private key.
    #[arg(long, env = "KEYSIDE_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// A proxy with TLS stands before this gateway, and nobody else can reach it: its word on who
    /// calls (X-Forwarded-For) is taken.
    #[arg(long, env = "KEYSIDE_BEHIND_PROXY", num_args = 0..=1, default_missing_value = "true")]
    pub behind_proxy: Option<bool>,
    /// A name that callers know this gateway by, such as keys.intern.example, beside this
    /// machine's own; may be given several times.
    #[arg(long, env = "KEYSIDE_HOST", value_delimiter = ',', value_name = "NAME")]
    #[serde(default, deserialize_with = "all_parsed")]
    pub host: Vec<HostName>,
    /// Calls per second that one caller may make; 0: no limit. [default: 100]
    #[arg(long, env = "KEYSIDE_RATE", value_name = "N")]
    pub rate: Option<u32>,
    /// The real API to carry calls on to, such as api.nebius.cloud, instead of the embedded IAM.
    #[arg(long, env = "KEYSIDE_UPSTREAM", value_name = "BASE")]
    #[serde(default, deserialize_with = "parsed")]
    pub upstream: Option<UpstreamAddress>,
    /// A PEM file of certificate authorities to trust for the upstream, beside the system's.
    #[arg(long, env = "KEYSIDE_UPSTREAM_CA", value_name = "FILE")]
    pub upstream_ca: Option<PathBuf>,
    /// Folder of the embedded IAM: its database and the admin token. Made if missing.
    /// [default: keyside-data]
    #[arg(long, env = "KEYSIDE_DATA")]
    pub data: Option<PathBuf>,
    /// Folder of the built page; if none is named, the page inside this program, else dist.
    #[arg(long, env = "KEYSIDE_DIST")]
    pub dist: Option<PathBuf>,
    /// Another origin whose page may call the API (CORS), such as https://keys.intern.example; may
    /// be given several times.
    #[arg(
        long,
        env = "KEYSIDE_ALLOW_ORIGIN",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    #[serde(default, deserialize_with = "all_parsed")]
    pub allow_origin: Vec<Origin>,
    /// How long a new key lives unless somebody chooses otherwise, such as 30d. [default: 90d, or the
    /// maximum if that is less]
    #[arg(long, env = "KEYSIDE_KEY_LIFETIME_DEFAULT", value_name = "DAYS")]
    pub key_lifetime_default: Option<Days>,
    /// How long a new key may live, such as 365d; keys without an expiration date are refused then.
    /// No limit if not given.
    #[arg(long, env = "KEYSIDE_KEY_LIFETIME_MAX", value_name = "DAYS")]
    pub key_lifetime_max: Option<Days>,
    /// Address and port for /metrics (OpenMetrics); none if not given.
    #[arg(long, env = "KEYSIDE_METRICS_LISTEN")]
    #[serde(default, deserialize_with = "parsed")]
    pub metrics_listen: Option<SocketAddr>,
    /// File to append records to, a JSON line for each change; none if not given.
    #[arg(long, env = "KEYSIDE_AUDIT_LOG", value_name = "FILE")]
    pub audit_log: Option<PathBuf>,
    /// How much is logged to standard error: error, warn, info, debug or trace. [default: info]
    #[arg(long, env = "KEYSIDE_LOG")]
    #[serde(default, deserialize_with = "parsed")]
    pub log: Option<Level>,
    /// In which form it is logged. [default: text]
    #[arg(long, env = "KEYSIDE_LOG_FORMAT", value_enum)]
    pub log_format: Option<Format>,
}

/// The settings of `keyside serve`, all decided.
pub struct ServeOptions {
    pub listen: SocketAddr,
    pub tls: Option<TlsFiles>,
    pub behind_proxy: bool,
    pub host: Vec<HostName>,
    pub rate: u32,
    pub upstream: Option<UpstreamAddress>,
    pub upstream_ca: Option<PathBuf>,
    pub data: PathBuf,
    pub dist: Option<PathBuf>,
    pub allow_origin: Vec<Origin>,
    pub key_lifetime: KeyLifetime,
    pub metrics_listen: Option<SocketAddr>,
    pub audit_log: Option<PathBuf>,
    pub log: Level,
    pub log_format: Format,
}

/// A certificate and its key.
#[derive(Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Calls per second of one caller: a page makes a few for each click.
const RATE: u32 = 100;

impl Flags {
    /// Adds the file's settings and the defaults.
    ///
    /// # Errors
    /// What is wrong with the file, with its line, or with a setting.
    pub fn decide(self) -> Result<ServeOptions, StartError> {
        let file = match &self.config {
            Some(path) => Self::of_file(path)?,
            None => Self::default(),
        };
        let upstream = self.upstream.or(file.upstream);
        let upstream_ca = self.upstream_ca.or(file.upstream_ca);
        if upstream.is_none() && upstream_ca.is_some() {
            return Err(StartError::CaWithoutUpstream);
        }
        let listen = self
            .listen
            .or(file.listen)
            .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let tls = match (
            self.tls_cert.or(file.tls_cert),
            self.tls_key.or(file.tls_key),
        ) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            _ => return Err(StartError::HalfTls),
        };
        let behind_proxy = self.behind_proxy.or(file.behind_proxy).unwrap_or(false);
        if !listen.ip().is_loopback() && tls.is_none() && !behind_proxy {
            return Err(StartError::InTheOpen(listen));
        }
        Ok(ServeOptions {
            listen,
            tls,
            behind_proxy,
            host: match self.host.is_empty() {
                true => file.host,
                false => self.host,
            },
            rate: self.rate.or(file.rate).unwrap_or(RATE),
            upstream,
            upstream_ca,
            data: self
                .data
                .or(file.data)
                .unwrap_or_else(|| "keyside-data".into()),
            dist: self.dist.or(file.dist),
            allow_origin: match self.allow_origin.is_empty() {
                true => file.allow_origin,
                false => self.allow_origin,
            },
            key_lifetime: KeyLifetime::new(
                self.key_lifetime_default.or(file.key_lifetime_default),
                self.key_lifetime_max.or(file.key_lifetime_max),
            )?,
            metrics_listen: self.metrics_listen.or(file.metrics_listen),
            audit_log: self.audit_log.or(file.audit_log),
            log: self.log.or(file.log).unwrap_or(Level::INFO),
            log_format: self.log_format.or(file.log_format).unwrap_or(Format::Text),
        })
    }

    fn of_file(path: &Path) -> Result<Self, StartError> {
        let wrong = |cause: String| StartError::ConfigFile {
            path: path.to_owned(),
            cause,
        };
        let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        // Its words name the line and show it.
        toml::from_str(&text).map_err(|error| wrong(error.to_string()))
    }
}

/// A setting that is written as text.
fn parsed<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: std::fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(de::Error::custom)
}

/// Settings that are written as a list of texts.
fn all_parsed<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: std::fmt::Display>,
{
    let texts = Vec::<String>::deserialize(deserializer)?;
    let parsed = texts
        .iter()
        .map(|text| text.parse().map_err(de::Error::custom));
    parsed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(arguments: &[&str], file: &str) -> Result<ServeOptions, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyside.toml");
        fs::write(&path, file).unwrap();
        let path = path.display().to_string();
        let arguments = [&["keyside", "serve", "--config", &path], arguments].concat();
        let Command::Serve(flags) = Cli::try_parse_from(arguments).unwrap().command else {
            panic!("not serve")
        };
        flags.decide().map_err(|error| error.to_string())
    }

    #[test]
    fn flags_come_before_the_file_and_the_file_before_the_defaults() {
        let file = "listen = \"127.0.0.1:9000\"\nlog = \"debug\"\nlog-format = \"json\"\n\
                    upstream = \"api.nebius.cloud\"\nallow-origin = [\"https://a.example\"]\naudit-log = \"/var/log/keyside/audit.jsonl\"\n";
        let options = decide(&["--log", "warn"], file).unwrap();
        assert_eq!(options.listen, "127.0.0.1:9000".parse().unwrap());
        assert_eq!(options.log, Level::WARN);
        assert_eq!(options.log_format, Format::Json);
        assert_eq!(options.upstream, Some("api.nebius.cloud".parse().unwrap()));
        assert_eq!(options.data, PathBuf::from("keyside-data"));
        assert_eq!(options.allow_origin, ["https://a.example".parse().unwrap()]);
        assert!(options.metrics_listen.is_none());
    }

    #[test]
    fn other_machines_are_served_over_tls_or_behind_a_proxy_only() {
        let tls = "tls-cert = \"chain.pem\"\ntls-key = \"key.pem\"\n";
        for (arguments, file) in [
            (&["--listen", "0.0.0.0:8080", "--behind-proxy"][..], ""),
            (&["--listen", "10.0.0.7:8080"], "behind-proxy = true\n"),
            (&["--listen", "[::]:8443"], tls),
            (&["--listen", "[::1]:8080"], ""),
        ] {
            assert!(decide(arguments, file).is_ok(), "{arguments:?} {file}");
        }
        for (arguments, file, words) in [
            (&["--listen", "0.0.0.0:8080"][..], "", "in the open"),
            (
                &["--listen", "10.0.0.7:8080"],
                "behind-proxy = false\n",
                "in the open",
            ),
            (&["--tls-cert", "chain.pem"], "", "belong together"),
            (&[], "tls-key = \"key.pem\"\n", "belong together"),
            (&[], "host = [\"https://keys.example\"]\n", "no host name"),
        ] {
            let Err(told) = decide(arguments, file) else {
                panic!("{arguments:?} {file}")
            };
            assert!(told.contains(words), "{arguments:?} {file}: {told}");
        }
        let options = decide(&["--host", "a.example,b.example"], tls).unwrap();
        assert_eq!(options.host.len(), 2);
        assert_eq!(options.rate, RATE);
        assert!(options.tls.is_some());
    }

    #[test]
    fn what_is_wrong_with_the_file_is_told_with_its_line() {
        for (file, words) in [
            ("log = \"info\"\nlisten = \"nowhere\"\n", "line 2"),
            ("\n\nlisten 1\n", "line 3"),
            ("liste = \"127.0.0.1:1\"\n", "unknown field"),
            ("upstream = \"http://api.nebius.cloud\"\n", "in the open"),
            ("upstream-ca = \"ca.pem\"\n", "upstream"),
            ("allow-origin = [\"*\"]\n", "no origin"),
            ("\nkey-lifetime-max = \"1y\"\n", "such as 90d"),
            (
                "key-lifetime-max = \"30d\"\nkey-lifetime-default = \"90d\"\n",
                "longer",
            ),
        ] {
            let Err(told) = decide(&[], file) else {
                panic!("{file}")
            };
            assert!(told.contains(words), "{file}: {told}");
        }
    }
}
