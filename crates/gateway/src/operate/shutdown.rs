//! Graceful shutdown: waits for a stop signal, and limits the time for calls in flight.

use std::time::Duration;

use tokio::sync::watch;

/// Time for calls in flight to finish. No call may take longer.
pub const GRACE: Duration = Duration::from_secs(35);

/// Waits for Ctrl-C, or for SIGTERM on Unix.
pub async fn stop_signal() {
    let ctrl_c = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { _ = ctrl_c => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    // Without a handler, only the end of the process stops the server.
    if ctrl_c.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Waits until `stopping` has been true for [`GRACE`].
pub async fn deadline(mut stopping: watch::Receiver<bool>) {
    // Without a sender, the server has already ended.
    if stopping.wait_for(|stopping| *stopping).await.is_ok() {
        tokio::time::sleep(GRACE).await;
    } else {
        std::future::pending::<()>().await;
    }
}
