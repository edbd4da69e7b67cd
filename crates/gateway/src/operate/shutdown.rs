//! The end: no new connections, those in flight are answered, and nobody waits for ever.

use std::time::Duration;

use tokio::sync::watch;

/// Longer than any call may take.
pub const GRACE: Duration = Duration::from_secs(35);

/// Resolves on Ctrl-C, and on SIGTERM where there is one.
pub async fn asked_to_stop() {
    let ctrl_c = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { _ = ctrl_c => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    // Without a handler there is nothing to wait for but the end of the process.
    if ctrl_c.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Whoever has not finished [`GRACE`] after `stopping` turned true is given up.
pub async fn out_of_patience(mut stopping: watch::Receiver<bool>) {
    // When the sender is gone, the server has ended.
    if stopping.wait_for(|stopping| *stopping).await.is_ok() {
        tokio::time::sleep(GRACE).await;
    } else {
        std::future::pending::<()>().await;
    }
}
