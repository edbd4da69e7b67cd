//! The gateway's own certificate and key: read at the start, and again when the files change.

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

use crate::error::{StartError, innermost};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The certificate in use, shared with the task that reloads it.
#[derive(Clone)]
pub struct Certificate(Arc<RwLock<TlsAcceptor>>);

#[derive(Clone)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// When the files were changed.
type Stamp = [Option<SystemTime>; 2];

impl Certificate {
    /// Reads both files, and keeps an eye on them from then on: certificates are renewed while the
    /// gateway runs. A pair that cannot be used is told in the log, and the old one stays.
    ///
    /// # Errors
    /// When they cannot be read, or do not belong together.
    pub fn watch(certificate: &Path, key: &Path) -> Result<Self, StartError> {
        let files = Files {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        };
        let mut stamp = files.stamp();
        let current = Arc::new(RwLock::new(files.read()?));
        let watched = Arc::downgrade(&current);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let Some(current) = watched.upgrade() else {
                    return;
                };
                let now = files.stamp();
                if now == stamp {
                    continue;
                }
                stamp = now;
                match files.read() {
                    Ok(new) => {
                        *current.write().unwrap_or_else(PoisonError::into_inner) = new;
                        tracing::info!("a new certificate is in use");
                    }
                    Err(error) => tracing::error!(%error, "the old certificate stays in use"),
                }
            }
        });
        Ok(Self(current))
    }

    /// For a connection.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Files {
    fn stamp(&self) -> Stamp {
        [&self.certificate, &self.key]
            .map(|path| fs::metadata(path).and_then(|found| found.modified()).ok())
    }

    fn read(&self) -> Result<TlsAcceptor, StartError> {
        let wrong = |path: &Path, cause: String| StartError::Certificate {
            path: path.to_owned(),
            cause,
        };
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| wrong(&self.certificate, innermost(&error)))?;
        if chain.is_empty() {
            return Err(wrong(
                &self.certificate,
                "it holds no certificate".to_owned(),
            ));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| wrong(&self.key, innermost(&error)))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| StartError::Tls(error.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| wrong(&self.certificate, error.to_string()))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
