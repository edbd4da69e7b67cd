//! The gateway's certificate and private key, loaded at the start and again when the files change.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio_rustls::TlsAcceptor;

use crate::error::{StartError, root_cause};

/// How often the files are checked for changes.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// The certificate in use, shared with the task that reloads it.
#[derive(Clone)]
pub struct Certificate(Arc<RwLock<TlsAcceptor>>);

#[derive(Clone)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// The files' modification times.
type Modified = [Option<SystemTime>; 2];

impl Certificate {
    /// Loads both files and reloads them when they change, because certificates are renewed while the
    /// gateway runs. If new files can't be used, the error is logged and the old certificate stays.
    ///
    /// # Errors
    /// Returns an error if the files can't be read or don't match.
    pub fn watch(certificate: &Path, key: &Path) -> Result<Self, StartError> {
        let files = Files {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        };
        let mut modified = files.modified();
        let current = Arc::new(RwLock::new(files.load()?));
        let watched = Arc::downgrade(&current);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(POLL_INTERVAL).await;
                let Some(current) = watched.upgrade() else {
                    return;
                };
                let now = files.modified();
                if now == modified {
                    continue;
                }
                modified = now;
                match files.load() {
                    Ok(new) => {
                        *current.write().unwrap_or_else(PoisonError::into_inner) = new;
                        tracing::info!("a new certificate is in use");
                    }
                    Err(error) => {
                        tracing::error!(%error, "can't use the new certificate: keeping the old one");
                    }
                }
            }
        });
        Ok(Self(current))
    }

    /// The acceptor for a new connection.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Files {
    fn modified(&self) -> Modified {
        [&self.certificate, &self.key].map(|path| {
            fs::metadata(path)
                .and_then(|metadata| metadata.modified())
                .ok()
        })
    }

    fn load(&self) -> Result<TlsAcceptor, StartError> {
        let unusable = |path: &Path, cause: String| StartError::Certificate {
            path: path.to_owned(),
            cause,
        };
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unusable(&self.certificate, root_cause(&error)))?;
        if chain.is_empty() {
            return Err(unusable(
                &self.certificate,
                "it has no certificate".to_owned(),
            ));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| unusable(&self.key, root_cause(&error)))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| StartError::Tls(error.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| unusable(&self.certificate, error.to_string()))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
