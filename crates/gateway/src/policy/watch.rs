//! The policy in use. It's read again when its file changes, and on SIGHUP; a faulty file changes nothing.

use std::{
    fs,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use super::{Policy, PolicyError};

/// How often the file is checked for changes.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// The current policy.
#[derive(Clone)]
pub struct WatchedPolicy(Arc<RwLock<Arc<Policy>>>);

impl WatchedPolicy {
    /// Reads the file and watches it.
    ///
    /// # Errors
    /// If the file isn't a policy.
    pub fn watch(path: &Path) -> Result<Self, PolicyError> {
        let mut seen = modified(path);
        let current = Arc::new(RwLock::new(Arc::new(Policy::read(path)?)));
        let (watched, path) = (Arc::downgrade(&current), path.to_owned());
        tokio::spawn(async move {
            let mut hangups = Hangups::listen();
            loop {
                let is_asked = tokio::select! {
                    () = tokio::time::sleep(POLL_INTERVAL) => false,
                    () = hangups.next() => true,
                };
                let Some(current) = watched.upgrade() else {
                    return;
                };
                let now = modified(&path);
                if now == seen && !is_asked {
                    continue;
                }
                seen = now;
                match Policy::read(&path) {
                    Ok(policy) => {
                        *current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
                        tracing::info!("a new policy is in use");
                    }
                    Err(error) => {
                        tracing::error!(%error, "can't use the new policy: keeping the old one");
                    }
                }
            }
        });
        Ok(Self(current))
    }

    /// The policy to decide a call by.
    pub fn current(&self) -> Arc<Policy> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn modified(path: &Path) -> Option<(SystemTime, u64)> {
    let file = fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}

/// SIGHUP, where it exists.
struct Hangups(#[cfg(unix)] Option<tokio::signal::unix::Signal>);

impl Hangups {
    fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Self(signal(SignalKind::hangup()).ok())
        }
        #[cfg(not(unix))]
        Self()
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.0 {
            signal.recv().await;
            return;
        }
        std::future::pending().await
    }
}
