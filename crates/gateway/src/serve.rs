//! `keyside serve`: the page and the API on one listener, until asked to stop.

use std::{path::Path, sync::Arc};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
};
use tokio::sync::watch;

use crate::{
    api::{self, Admission, Backend, Door},
    cli::{ServeOptions, TlsFiles},
    embedded::{EmbeddedIam, Seed},
    error::StartError,
    listen::{Certificate, Listening, Names, addressed, client},
    operate::{audit::Audit, health, metrics, metrics::Metrics, shutdown},
    page::{self, Assets},
    parsers::UpstreamAddress,
    upstream::UpstreamIam,
};

/// Runs until Ctrl-C or SIGTERM; calls in flight are answered first.
///
/// # Errors
/// When the page, the data folder or the port cannot be had.
pub async fn serve(options: ServeOptions) -> Result<(), StartError> {
    let page = Assets::choose(options.dist.clone(), options.key_lifetime);
    if !page.has_page() {
        return Err(StartError::NoPage(
            options.dist.unwrap_or_else(|| "dist".into()),
        ));
    }
    let metrics = Arc::new(Metrics::new());
    let (api, told) = match &options.upstream {
        Some(address) => upstream(address, &options, &metrics)?,
        None => embedded(&options.data, &options, &metrics)?,
    };
    let certificate = options
        .tls
        .as_ref()
        .map(|TlsFiles { certificate, key }| Certificate::watch(certificate, key))
        .transpose()?;
    let listening = Listening::open(options.listen, certificate).await?;
    let url = listening.url()?;
    if let Some(wanted) = options.metrics_listen {
        let bound = metrics::listen(wanted, Arc::clone(&metrics)).await?;
        println!("Metrics are at http://{bound}/metrics");
    }
    println!("{}\n  {url}{}", told.text, told.fragment);
    let app = guarded(api.fallback_service(page::service(page)), options);
    run(listening, app).await;
    Ok(())
}

/// What every request passes first, whatever it asks for.
fn guarded(app: Router, options: ServeOptions) -> Router {
    let names = Names::new(options.host, options.listen.ip(), options.allow_origin);
    let has_tls = options.tls.is_some();
    let behind_proxy = options.behind_proxy;
    // One layer for all: each costs every call.
    app.layer(from_fn(move |mut request: Request, next: Next| {
        let refused = addressed::refuse(&names, &request);
        client::note(behind_proxy, &mut request);
        let scheme = request.headers().get("x-forwarded-proto");
        let over_tls = has_tls || (behind_proxy && scheme.is_some_and(|scheme| scheme == "https"));
        async move {
            let mut response = match refused {
                Some(refused) => refused,
                None => next.run(request).await,
            };
            if over_tls {
                page::strict_transport(&mut response);
            }
            response
        }
    }))
}

async fn run(listening: Listening, app: Router) {
    let (stop, stopping) = watch::channel(false);
    let impatient = stopping.clone();
    tokio::spawn(async move {
        shutdown::asked_to_stop().await;
        tracing::info!("asked to stop: answering what is in flight");
        // Fails when the server has ended before.
        let _ = stop.send(true);
        // Kept: its end would stop the server at once.
        std::future::pending::<()>().await;
    });
    tokio::select! {
        () = listening.serve(app, stopping) => {}
        () = shutdown::out_of_patience(impatient) => {
            tracing::warn!("some callers did not finish in time");
        }
    }
}

/// What a person reads at the start, and what belongs behind the address.
struct Told {
    text: String,
    fragment: String,
}

fn embedded(
    data: &Path,
    options: &ServeOptions,
    metrics: &Arc<Metrics>,
) -> Result<(Router, Told), StartError> {
    let iam = EmbeddedIam::open(data)?;
    let Seed {
        tenant_id,
        project_id,
        service_account_id,
    } = iam.seed();
    let text = format!(
        "Keyside serves the page and the embedded IAM (data in {}).\n  \
         tenant           {tenant_id}\n  \
         project          {project_id}\n  \
         service account  {service_account_id}\n\
         Open this address; the part after # is the admin token and stays in the browser:",
        data.display()
    );
    let fragment = format!("#token={}", iam.admin_token());
    Ok((routes(iam, options, metrics)?, Told { text, fragment }))
}

fn upstream(
    address: &UpstreamAddress,
    options: &ServeOptions,
    metrics: &Arc<Metrics>,
) -> Result<(Router, Told), StartError> {
    let iam = UpstreamIam::new(address, options.upstream_ca.as_deref(), Arc::clone(metrics))?;
    let text = format!(
        "Keyside serves the page and carries its calls on to {address}.\n\
         Open this address, and give the page an access token (nebius iam get-access-token):"
    );
    let fragment = String::new();
    Ok((routes(iam, options, metrics)?, Told { text, fragment }))
}

fn routes<B: Backend>(
    backend: B,
    options: &ServeOptions,
    metrics: &Arc<Metrics>,
) -> Result<Router, StartError> {
    let backend = Arc::new(backend);
    let door = Door {
        backend: Arc::clone(&backend),
        metrics: Arc::clone(metrics),
        audit: options.audit_log.as_deref().map(Audit::open).transpose()?,
        admission: Admission::new(options.rate),
        key_lifetime: options.key_lifetime,
    };
    Ok(health::routes(Arc::clone(&backend)).merge(api::router(
        backend,
        door,
        options.allow_origin.clone(),
    )))
}
