//! `keyside serve`: the page and the API on one listener, until asked to stop.

use std::sync::Arc;

use tokio::net::TcpListener;

use crate::{api, cli::ServeOptions, embedded::EmbeddedIam, error::StartError, page};

/// Runs until Ctrl-C or SIGTERM; calls in flight are answered first.
///
/// # Errors
/// When the page, the data folder or the port cannot be had.
pub async fn serve(options: ServeOptions) -> Result<(), StartError> {
    page::check(&options.dist)?;
    let iam = EmbeddedIam::open(&options.data)?;
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|e| StartError::Listen(options.listen, e))?;
    let address = listener.local_addr().map_err(StartError::Serve)?;

    println!(
        "Keyside serves the page and the embedded IAM (data in {}).",
        options.data.display()
    );
    println!("  tenant           {}", iam.seed().tenant_id);
    println!("  project          {}", iam.seed().project_id);
    println!("  service account  {}", iam.seed().service_account_id);
    println!("Open this address; the part after # is the admin token and stays in the browser:");
    println!("  http://{address}/#token={}", iam.admin_token());

    let app = api::router(Arc::new(iam)).fallback_service(page::service(&options.dist));
    axum::serve(listener, app)
        .with_graceful_shutdown(asked_to_stop())
        .await
        .map_err(StartError::Serve)
}

/// Resolves on Ctrl-C, and on SIGTERM where there is one.
async fn asked_to_stop() {
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
