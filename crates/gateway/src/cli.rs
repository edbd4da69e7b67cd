//! Settings from the command line, the environment and the configuration file, in this order of
//! precedence.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::{Args, Parser, Subcommand};
use http::Uri;
use keyside_iam::{
    key_lifetime::{Days, KeyLifetime},
    permissions::Action,
};
use serde::{Deserialize, Deserializer, de};
use tracing::Level;

use crate::{
    check::CheckOptions,
    error::StartError,
    identity::IdentitySetting,
    listen::client::{Proxies, ProxyHeader},
    operate::log::Format,
    own_token::{CommandLine, Credentials, OwnTokenError, OwnTokenSource},
    parsers::{HostName, Origin, UpstreamAddress},
    report::ReportOptions,
    sign_in::IssuerUrl,
};

/// Keyside: create authorized keys for service accounts in the browser.
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
    /// Print a new address that signs in to a running gateway with the embedded IAM.
    Open(OpenOptions),
    /// Check the headers, TLS, API and clock of a deployment.
    Check(CheckOptions),
    /// List all authorized keys with their expiration, and fail if some end soon.
    Report(ReportOptions),
    /// Copy the embedded IAM's database into a file, also while the gateway runs.
    Backup(BackupOptions),
    /// Work with policies.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Work with audit logs.
    #[command(subcommand)]
    Audit(AuditCommand),
}

/// Options of `keyside backup`.
#[derive(Args)]
pub struct BackupOptions {
    /// The new file.
    #[arg(value_name = "FILE")]
    pub to: PathBuf,
    /// Data folder of the gateway.
    #[arg(long, env = "KEYSIDE_DATA", default_value = "keyside-data")]
    pub data: PathBuf,
}

#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Explain the decision about an action; exits with 1 if it's denied.
    Check(PolicyOptions),
}

/// Options of `keyside policy check`.
#[derive(Args)]
pub struct PolicyOptions {
    /// The policy.
    pub file: PathBuf,
    /// The account's ID, or the person's subject at the proxy.
    #[arg(long, value_name = "ID")]
    pub person: String,
    /// The person's email address.
    #[arg(long)]
    pub email: Option<String>,
    /// A group of the person's. Can be repeated.
    #[arg(long)]
    pub group: Vec<String>,
    /// What they want to do.
    #[arg(long)]
    pub action: Action,
    /// The project.
    #[arg(long, value_name = "ID")]
    pub project: Option<String>,
    /// The service account.
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
}

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Find the first record that was changed, removed or inserted.
    Verify(VerifyOptions),
}

/// Options of `keyside audit verify`.
#[derive(Args)]
pub struct VerifyOptions {
    /// The log's files, the oldest first.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Number of the first record, if older files were deleted.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub from: u64,
}

/// The settings as given. The configuration file uses the same names, without the leading dashes.
#[derive(Args, Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Flags {
    /// TOML file with these settings, such as listen = "127.0.0.1:8080".
    #[arg(long, env = "KEYSIDE_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Address and port to listen on. [default: 127.0.0.1:8080]
    #[arg(long, env = "KEYSIDE_LISTEN")]
    #[serde(default, deserialize_with = "parse")]
    pub listen: Option<SocketAddr>,
    /// PEM file of the TLS certificate with its chain. Reloaded when it changes.
    #[arg(long, env = "KEYSIDE_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file of the certificate's private key.
    #[arg(long, env = "KEYSIDE_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Trust what the proxy in front says about callers. Set this only if a TLS proxy is the only way to
    /// reach the gateway.
    #[arg(long, env = "KEYSIDE_BEHIND_PROXY", num_args = 0..=1, default_missing_value = "true")]
    pub behind_proxy: Option<bool>,
    /// Header in which the proxy reports the caller's address. [default: x-forwarded-for]
    #[arg(long, env = "KEYSIDE_PROXY_HEADER", value_enum, value_name = "HEADER")]
    pub proxy_header: Option<ProxyHeader>,
    /// Number of proxies that every call passes through, each of which adds to that header. [default: 1]
    #[arg(long, env = "KEYSIDE_PROXY_COUNT", value_name = "N")]
    pub proxy_count: Option<NonZeroUsize>,
    /// Host name of this gateway, such as keys.intern.example, in addition to this machine's own
    /// names. Can be repeated.
    #[arg(long, env = "KEYSIDE_HOST", value_delimiter = ',', value_name = "NAME")]
    #[serde(default, deserialize_with = "parse_all")]
    pub host: Vec<HostName>,
    /// Maximum calls per second for each caller; 0 means no limit. [default: 100]
    #[arg(long, env = "KEYSIDE_RATE", value_name = "N")]
    pub rate: Option<u32>,
    /// API to forward calls to, such as api.nebius.cloud, instead of using the embedded IAM.
    #[arg(long, env = "KEYSIDE_UPSTREAM", value_name = "BASE")]
    #[serde(default, deserialize_with = "parse")]
    pub upstream: Option<UpstreamAddress>,
    /// PEM file of certificate authorities to trust for the upstream and for the keys of --identity, in
    /// addition to the system's.
    #[arg(long, env = "KEYSIDE_UPSTREAM_CA", value_name = "FILE")]
    pub upstream_ca: Option<PathBuf>,
    /// Program that prints an access token for the upstream, such as "nebius iam get-access-token". Callers
    /// then sign in here, by the printed address, and their calls are made with that token.
    #[arg(long, env = "KEYSIDE_TOKEN_COMMAND", value_name = "COMMAND")]
    #[serde(default, deserialize_with = "parse")]
    pub token_command: Option<CommandLine>,
    /// Client ID that the API's issuer has given to this gateway. You then sign in at the issuer, and calls are
    /// made with your token.
    #[arg(long, env = "KEYSIDE_SIGN_IN_CLIENT_ID", value_name = "ID")]
    pub sign_in_client_id: Option<String>,
    /// That issuer. [default: https://auth.nebius.com]
    #[arg(long, env = "KEYSIDE_SIGN_IN_ISSUER", value_name = "URL")]
    #[serde(default, deserialize_with = "parse")]
    pub sign_in_issuer: Option<IssuerUrl>,
    /// Credentials file of the service account that the gateway calls the upstream as. Needs --identity.
    #[arg(long, env = "KEYSIDE_CREDENTIALS", value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// Who callers are, according to a proxy that signs people in:
    /// header=NAME,issuer=ISS,audience=AUD,jwks=URL-OR-FILE. Only a signed JWT in that header counts.
    #[arg(long, env = "KEYSIDE_IDENTITY", value_name = "SETTING")]
    #[serde(default, deserialize_with = "parse")]
    pub identity: Option<IdentitySetting>,
    /// Folder for the embedded IAM's database and the admin token. Created if missing.
    /// [default: keyside-data]
    #[arg(long, env = "KEYSIDE_DATA")]
    pub data: Option<PathBuf>,
    /// Folder of the built page. [default: the page built into this program, or else dist]
    #[arg(long, env = "KEYSIDE_DIST")]
    pub dist: Option<PathBuf>,
    /// Other origin whose pages may call the API (CORS), such as https://keys.intern.example. Can be
    /// repeated.
    #[arg(
        long,
        env = "KEYSIDE_ALLOW_ORIGIN",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    #[serde(default, deserialize_with = "parse_all")]
    pub allow_origin: Vec<Origin>,
    /// Default lifetime of new keys, such as 30d. [default: 90d, or the maximum if it's shorter]
    #[arg(long, env = "KEYSIDE_KEY_LIFETIME_DEFAULT", value_name = "DAYS")]
    pub key_lifetime_default: Option<Days>,
    /// Maximum lifetime of new keys, such as 365d. Keys without an expiration date are rejected then.
    /// [default: no limit]
    #[arg(long, env = "KEYSIDE_KEY_LIFETIME_MAX", value_name = "DAYS")]
    pub key_lifetime_max: Option<Days>,
    /// Address and port for /metrics (OpenMetrics). [default: no metrics]
    #[arg(long, env = "KEYSIDE_METRICS_LISTEN")]
    #[serde(default, deserialize_with = "parse")]
    pub metrics_listen: Option<SocketAddr>,
    /// TOML file that says who may do what, and what keys must be like. Reloaded when it changes.
    /// [default: the API alone decides]
    #[arg(long, env = "KEYSIDE_POLICY", value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// File to append the audit log to, one JSON line for each change. [default: no audit log]
    #[arg(long, env = "KEYSIDE_AUDIT_LOG", value_name = "FILE")]
    pub audit_log: Option<PathBuf>,
    /// Log level for standard error: error, warn, info, debug or trace. [default: info]
    #[arg(long, env = "KEYSIDE_LOG")]
    #[serde(default, deserialize_with = "parse")]
    pub log: Option<Level>,
    /// Log format. [default: text]
    #[arg(long, env = "KEYSIDE_LOG_FORMAT", value_enum)]
    pub log_format: Option<Format>,
}

/// Options of `keyside open`.
#[derive(Args)]
pub struct OpenOptions {
    /// Address of the page.
    #[arg(default_value = "http://127.0.0.1:8080/", value_name = "URL")]
    pub url: Uri,
    /// Data folder of the gateway. KEYSIDE_ADMIN_TOKEN takes precedence over the token in it.
    #[arg(long, env = "KEYSIDE_DATA", default_value = "keyside-data")]
    pub data: PathBuf,
}

/// The settings of `keyside serve`, with defaults filled in.
pub struct ServeOptions {
    pub listen: SocketAddr,
    pub tls: Option<TlsFiles>,
    pub proxies: Option<Proxies>,
    pub host: Vec<HostName>,
    pub rate: u32,
    pub upstream: Option<UpstreamAddress>,
    pub upstream_ca: Option<PathBuf>,
    pub callers: Callers,
    pub data: PathBuf,
    pub dist: Option<PathBuf>,
    pub allow_origin: Vec<Origin>,
    pub key_lifetime: KeyLifetime,
    pub metrics_listen: Option<SocketAddr>,
    pub audit_log: Option<PathBuf>,
    pub policy: Option<PathBuf>,
    pub log: Level,
    pub log_format: Format,
}

/// Whose access token calls to the upstream carry.
pub enum Callers {
    /// Their own.
    BringTokens,
    /// The one that this command prints, for callers who have signed in at the gateway.
    SignInHere(CommandLine),
    /// That of a person who signs in at the issuer, which knows the gateway by a client ID.
    SignInAtIssuer {
        issuer: IssuerUrl,
        client_id: String,
    },
    /// The gateway's own, for people who have signed in at a proxy.
    SignInAtProxy(Box<IdentitySetting>, OwnToken),
}

/// Where the gateway's own token comes from.
pub enum OwnToken {
    Command(CommandLine),
    Credentials(PathBuf),
}

impl OwnToken {
    /// The one that is set.
    ///
    /// # Errors
    /// If both are.
    pub fn of(
        command: Option<CommandLine>,
        credentials: Option<PathBuf>,
    ) -> Result<Option<Self>, StartError> {
        match (command, credentials) {
            (Some(_), Some(_)) => Err(StartError::TwoTokens),
            (Some(command), None) => Ok(Some(Self::Command(command))),
            (None, Some(file)) => Ok(Some(Self::Credentials(file))),
            (None, None) => Ok(None),
        }
    }

    /// Reads the credentials, if it has a file.
    ///
    /// # Errors
    /// If they can't be used.
    pub fn source(&self) -> Result<OwnTokenSource, OwnTokenError> {
        Ok(match self {
            Self::Command(command) => OwnTokenSource::Command(command.clone()),
            Self::Credentials(file) => {
                OwnTokenSource::Credentials(Box::new(Credentials::read(file)?))
            }
        })
    }
}

impl Callers {
    fn new(
        command: Option<CommandLine>,
        credentials: Option<PathBuf>,
        identity: Option<IdentitySetting>,
    ) -> Result<Self, StartError> {
        let token = OwnToken::of(command, credentials)?;
        match (identity, token) {
            (None, None) => Ok(Self::BringTokens),
            (None, Some(OwnToken::Command(command))) => Ok(Self::SignInHere(command)),
            (None, Some(OwnToken::Credentials(_))) => Err(StartError::CredentialsWithoutIdentity),
            (Some(_), None) => Err(StartError::IdentityWithoutToken),
            (Some(identity), Some(token)) => Ok(Self::SignInAtProxy(Box::new(identity), token)),
        }
    }

    /// With sign-in at the issuer.
    fn with_issuer(
        self,
        issuer: Option<IssuerUrl>,
        client_id: Option<String>,
    ) -> Result<Self, StartError> {
        const ISSUER: &str = "https://auth.nebius.com";
        match (self, client_id) {
            (Self::BringTokens, Some(client_id)) => Ok(Self::SignInAtIssuer {
                issuer: match issuer {
                    Some(issuer) => issuer,
                    None => ISSUER.parse()?,
                },
                client_id,
            }),
            (_, Some(_)) => Err(StartError::TwoSignIns),
            (_, None) if issuer.is_some() => Err(StartError::IssuerWithoutClient),
            (callers, None) => Ok(callers),
        }
    }

    /// The setting that needs an upstream.
    fn setting(&self) -> Option<&'static str> {
        match self {
            Self::BringTokens => None,
            Self::SignInHere(_) => Some("--token-command"),
            Self::SignInAtIssuer { .. } => Some("--sign-in-client-id"),
            Self::SignInAtProxy(..) => Some("--identity"),
        }
    }
}

/// A certificate and its key.
#[derive(Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Kubernetes sets it in every container.
const IN_KUBERNETES: &str = "KUBERNETES_SERVICE_HOST";

/// Calls per second for each caller. The page makes a few calls for each click.
const DEFAULT_RATE: u32 = 100;

impl Flags {
    /// Fills in the file's settings and the defaults.
    ///
    /// # Errors
    /// Returns an error for an invalid file, with the line, and for an invalid setting.
    pub fn resolve(self) -> Result<ServeOptions, StartError> {
        let file = match &self.config {
            Some(path) => Self::from_file(path)?,
            None => Self::default(),
        };
        let upstream = self.upstream.or(file.upstream);
        let upstream_ca = self.upstream_ca.or(file.upstream_ca);
        if upstream.is_none() && upstream_ca.is_some() {
            return Err(StartError::CaWithoutUpstream);
        }
        let callers = Callers::new(
            self.token_command.or(file.token_command),
            self.credentials.or(file.credentials),
            self.identity.or(file.identity),
        )?
        .with_issuer(
            self.sign_in_issuer.or(file.sign_in_issuer),
            self.sign_in_client_id.or(file.sign_in_client_id),
        )?;
        if let (None, Some(setting)) = (&upstream, callers.setting()) {
            return Err(StartError::OwnTokenWithoutUpstream(setting));
        }
        let data = self.data.or(file.data);
        if upstream.is_none() && data.is_none() && env::var_os(IN_KUBERNETES).is_some() {
            return Err(StartError::EmbeddedInKubernetes);
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
            _ => return Err(StartError::IncompleteTls),
        };
        let behind_proxy = self.behind_proxy.or(file.behind_proxy).unwrap_or(false);
        if !listen.ip().is_loopback() && tls.is_none() && !behind_proxy {
            return Err(StartError::Unencrypted(listen));
        }
        // The only address that the issuer redirects to.
        let is_own_machine = listen.ip() == Ipv4Addr::LOCALHOST && tls.is_none() && !behind_proxy;
        if matches!(callers, Callers::SignInAtIssuer { .. }) && !is_own_machine {
            return Err(StartError::SignInElsewhere);
        }
        let proxy_header = self.proxy_header.or(file.proxy_header);
        let proxy_count = self.proxy_count.or(file.proxy_count);
        if !behind_proxy && (proxy_header.is_some() || proxy_count.is_some()) {
            return Err(StartError::NotBehindProxy);
        }
        let proxies = behind_proxy.then(|| Proxies {
            header: proxy_header.unwrap_or(ProxyHeader::XForwardedFor),
            count: proxy_count.unwrap_or(NonZeroUsize::MIN),
        });
        Ok(ServeOptions {
            listen,
            tls,
            proxies,
            host: match self.host.is_empty() {
                true => file.host,
                false => self.host,
            },
            rate: self.rate.or(file.rate).unwrap_or(DEFAULT_RATE),
            upstream,
            upstream_ca,
            callers,
            data: data.unwrap_or_else(|| "keyside-data".into()),
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
            policy: self.policy.or(file.policy),
            log: self.log.or(file.log).unwrap_or(Level::INFO),
            log_format: self.log_format.or(file.log_format).unwrap_or(Format::Text),
        })
    }

    fn from_file(path: &Path) -> Result<Self, StartError> {
        let error = |cause: String| StartError::ConfigFile {
            path: path.to_owned(),
            cause,
        };
        let text = fs::read_to_string(path).map_err(|cause| error(cause.to_string()))?;
        // The parser's message includes the line.
        toml::from_str(&text).map_err(|cause| error(cause.to_string()))
    }
}

/// Parses a setting from a string.
fn parse<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: std::fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(de::Error::custom)
}

/// Parses a setting from a list of strings.
fn parse_all<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
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

    fn resolve(arguments: &[&str], file: &str) -> Result<ServeOptions, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyside.toml");
        fs::write(&path, file).unwrap();
        let path = path.display().to_string();
        let arguments = [&["keyside", "serve", "--config", &path], arguments].concat();
        let Command::Serve(flags) = Cli::try_parse_from(arguments).unwrap().command else {
            panic!("not serve")
        };
        flags.resolve().map_err(|error| error.to_string())
    }

    #[test]
    fn flags_override_the_file_and_the_file_overrides_defaults() {
        let file = "listen = \"127.0.0.1:9000\"\nlog = \"debug\"\nlog-format = \"json\"\n\
                    upstream = \"api.nebius.cloud\"\nallow-origin = [\"https://a.example\"]\naudit-log = \"/var/log/keyside/audit.jsonl\"\n";
        let options = resolve(&["--log", "warn"], file).unwrap();
        assert_eq!(options.listen, "127.0.0.1:9000".parse().unwrap());
        assert_eq!(options.log, Level::WARN);
        assert_eq!(options.log_format, Format::Json);
        assert_eq!(options.upstream, Some("api.nebius.cloud".parse().unwrap()));
        assert_eq!(options.data, PathBuf::from("keyside-data"));
        assert_eq!(options.allow_origin, ["https://a.example".parse().unwrap()]);
        assert!(options.metrics_listen.is_none());
    }

    #[test]
    fn other_machines_need_tls_or_a_proxy() {
        let tls = "tls-cert = \"chain.pem\"\ntls-key = \"key.pem\"\n";
        for (arguments, file) in [
            (&["--listen", "0.0.0.0:8080", "--behind-proxy"][..], ""),
            (&["--listen", "10.0.0.7:8080"], "behind-proxy = true\n"),
            (&["--listen", "[::]:8443"], tls),
            (&["--listen", "[::1]:8080"], ""),
        ] {
            assert!(resolve(arguments, file).is_ok(), "{arguments:?} {file}");
        }
        for (arguments, file, expected) in [
            (&["--listen", "0.0.0.0:8080"][..], "", "without encryption"),
            (
                &["--listen", "10.0.0.7:8080"],
                "behind-proxy = false\n",
                "without encryption",
            ),
            (&["--tls-cert", "chain.pem"], "", "set together"),
            (&["--proxy-count", "2"], "", "without --behind-proxy"),
            (
                &[],
                "proxy-header = \"forwarded\"\n",
                "without --behind-proxy",
            ),
            (&[], "tls-key = \"key.pem\"\n", "set together"),
            (
                &[],
                "host = [\"https://keys.example\"]\n",
                "isn't a host name",
            ),
        ] {
            let Err(message) = resolve(arguments, file) else {
                panic!("{arguments:?} {file}")
            };
            assert!(
                message.contains(expected),
                "{arguments:?} {file}: {message}"
            );
        }
        let file = "behind-proxy = true\nproxy-header = \"forwarded\"\nproxy-count = 2\n";
        let proxies = resolve(&[], file).unwrap().proxies.unwrap();
        assert_eq!(proxies.header, ProxyHeader::Forwarded);
        assert_eq!(proxies.count.get(), 2);
        let options = resolve(&["--host", "a.example,b.example"], tls).unwrap();
        assert_eq!(options.host.len(), 2);
        assert_eq!(options.rate, DEFAULT_RATE);
        assert!(options.tls.is_some());
    }

    #[test]
    fn errors_in_the_file_name_the_line() {
        for (file, expected) in [
            ("log = \"info\"\nlisten = \"nowhere\"\n", "line 2"),
            ("\n\nlisten 1\n", "line 3"),
            ("liste = \"127.0.0.1:1\"\n", "unknown field"),
            (
                "upstream = \"http://api.nebius.cloud\"\n",
                "without encryption",
            ),
            ("upstream-ca = \"ca.pem\"\n", "upstream"),
            ("allow-origin = [\"*\"]\n", "isn't an origin"),
            ("\nkey-lifetime-max = \"1y\"\n", "such as 90d"),
            (
                "key-lifetime-max = \"30d\"\nkey-lifetime-default = \"90d\"\n",
                "longer",
            ),
        ] {
            let Err(message) = resolve(&[], file) else {
                panic!("{file}")
            };
            assert!(message.contains(expected), "{file}: {message}");
        }
    }
}
