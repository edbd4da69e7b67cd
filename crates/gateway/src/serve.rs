//! `keyside serve`: serves the page and the API on one port until it's stopped.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
};
use tokio::sync::watch;

use crate::{
    api::{self, Admission, Backend, CallInterceptor, Gate},
    cli::{Callers, ServeOptions, TlsFiles},
    data_folder,
    embedded::{EmbeddedIam, Seed},
    error::StartError,
    fetch::Fetch,
    identity::Identity,
    listen::{AllowedNames, Certificate, Server, client, host_and_origin},
    operate::{audit::Audit, health, key_gauges, metrics, metrics::Metrics, shutdown},
    own_token::PersonToken,
    page::{self, Assets, PageFiles, Settings},
    parsers::UpstreamAddress,
    policy::WatchedPolicy,
    sign_in::{PersonSignIn, SignIn, SignInLinks},
    upstream::{Clients, UpstreamIam},
};

/// Runs until Ctrl-C or SIGTERM, then finishes the calls in flight.
///
/// # Errors
/// Returns an error if the page, the data folder or the port can't be used.
pub async fn serve(options: ServeOptions, page: PageFiles) -> Result<(), StartError> {
    let mut settings: Settings = options
        .key_lifetime
        .settings()
        .map(|(name, days)| (name, days.to_string()))
        .collect();
    if matches!(options.callers, Callers::SignInAtProxy(..)) {
        settings.push(("sign-in", "proxy".to_owned()));
    }
    let page = Assets::choose(options.dist.clone(), page, settings);
    if !page.has_page() {
        return Err(StartError::NoPage(
            options.dist.unwrap_or_else(|| "dist".into()),
        ));
    }
    let metrics = Arc::new(Metrics::new());
    let Api {
        router,
        greeting,
        person,
    } = match &options.upstream {
        Some(address) => upstream(address, &options, &metrics).await?,
        None => embedded(&options.data, &options, &metrics)?,
    };
    let certificate = options
        .tls
        .as_ref()
        .map(|TlsFiles { certificate, key }| Certificate::watch(certificate, key))
        .transpose()?;
    let server = Server::bind(options.listen, certificate, options.proxies.is_some()).await?;
    let url = server.url()?;
    if let Some(address) = options.metrics_listen {
        let bound = metrics::listen(address, Arc::clone(&metrics)).await?;
        println!("Metrics are at http://{bound}/metrics");
    }
    greeting.print(url)?;
    let app = router.fallback_service(page::service(page, options.proxies.is_some()));
    let app = with_checks(with_person_sign_in(app, person), options);
    run(server, app).await;
    Ok(())
}

/// Answers the requests of a person who signs in before the page's.
fn with_person_sign_in(app: Router, person: Option<Arc<PersonSignIn>>) -> Router {
    let Some(person) = person else {
        return app;
    };
    app.layer(from_fn(move |request: Request, next: Next| {
        let person = Arc::clone(&person);
        async move {
            let (parts, body) = request.into_parts();
            match person.answer(&parts).await {
                Some(answer) => answer,
                None => next.run(Request::from_parts(parts, body)).await,
            }
        }
    }))
}

/// Adds the checks that every request passes first, for the page and the API.
fn with_checks(app: Router, options: ServeOptions) -> Router {
    let names = AllowedNames::new(options.host, options.listen.ip(), options.allow_origin);
    let has_tls = options.tls.is_some();
    let proxies = options.proxies;
    // A single layer, because each layer adds to the cost of every call.
    app.layer(from_fn(move |mut request: Request, next: Next| {
        let rejection = host_and_origin::reject(&names, &request);
        client::record(proxies, &mut request);
        let over_tls =
            has_tls || proxies.is_some_and(|proxies| proxies.over_tls(request.headers()));
        async move {
            let mut response = match rejection {
                Some(rejection) => rejection,
                None => next.run(request).await,
            };
            if over_tls {
                page::strict_transport(&mut response);
            }
            response
        }
    }))
}

async fn run(server: Server, app: Router) {
    let (stop, stopping) = watch::channel(false);
    let stopping_for_deadline = stopping.clone();
    tokio::spawn(async move {
        shutdown::stop_signal().await;
        tracing::info!("shutting down: finishing the calls in flight");
        // Fails if the server has already ended.
        let _ = stop.send(true);
        // Keeps the sender: dropping it would stop the server at once.
        std::future::pending::<()>().await;
    });
    tokio::select! {
        () = server.serve(app, stopping) => {}
        () = shutdown::deadline(stopping_for_deadline) => {
            tracing::warn!("shutting down: some calls didn't finish in time");
        }
    }
}

/// What answers calls.
struct Api {
    router: Router,
    greeting: Greeting,
    person: Option<Arc<PersonSignIn>>,
}

impl Api {
    const fn new(router: Router, greeting: Greeting) -> Self {
        Self {
            router,
            greeting,
            person: None,
        }
    }
}

/// The text printed at the start, before the address.
struct Greeting {
    text: String,
    /// Where to begin, relative to the page.
    path: &'static str,
    /// The embedded IAM's data folder, whose admin token authenticates sign-in codes.
    data: Option<PathBuf>,
}

impl Greeting {
    /// Prints the text and the address.
    fn print(self, url: String) -> Result<(), StartError> {
        let Self { text, path, data } = self;
        let Some(data) = data else {
            println!("{text}\n  {url}{path}");
            return Ok(());
        };
        let links = SignInLinks::new(url, &data)?;
        println!("{text}\n  {}", links.make()?);
        if io::stdin().is_terminal() {
            // Ends with the process.
            std::thread::spawn(move || {
                for _ in io::stdin().lines().map_while(Result::ok) {
                    match links.make() {
                        Ok(address) => println!("  {address}"),
                        Err(error) => eprintln!("keyside: {error}"),
                    }
                }
            });
        }
        Ok(())
    }
}

fn embedded(
    data: &Path,
    options: &ServeOptions,
    metrics: &Arc<Metrics>,
) -> Result<Api, StartError> {
    let iam = EmbeddedIam::open(data)?;
    let Seed {
        tenant_id,
        project_id,
        service_account_id,
    } = iam.seed();
    let text = format!(
        "Keyside is serving the page and the embedded IAM. Data folder: {}\n  \
         tenant           {tenant_id}\n  \
         project          {project_id}\n  \
         service account  {service_account_id}\n{}",
        data.display(),
        how_to_sign_in()
    );
    let greeting = Greeting {
        text,
        path: "",
        data: Some(data.to_owned()),
    };
    Ok(Api::new(routes(iam, options, metrics)?, greeting))
}

async fn upstream(
    address: &UpstreamAddress,
    options: &ServeOptions,
    metrics: &Arc<Metrics>,
) -> Result<Api, StartError> {
    let clients = Clients::new(address, options.upstream_ca.as_deref())?;
    let iam = UpstreamIam::new(clients, Arc::clone(metrics));
    let serving = format!("Keyside is serving the page and forwards its calls to {address}");
    let without_data = |text| Greeting {
        text,
        path: "",
        data: None,
    };
    match &options.callers {
        Callers::BringTokens => {
            let text = format!(
                "{serving}.\n\
                 Open this address and sign in with an access token (nebius iam get-access-token):"
            );
            Ok(Api::new(routes(iam, options, metrics)?, without_data(text)))
        }
        Callers::SignInHere(command) => {
            data_folder::prepare(&options.data)?;
            let sign_in = SignIn::open(&options.data)?;
            let iam = iam.with_sign_in(sign_in, command.clone()).await?;
            let text = format!(
                "{serving} with the access token that {command} prints.\n{}",
                how_to_sign_in()
            );
            let greeting = Greeting {
                text,
                path: "",
                data: Some(options.data.clone()),
            };
            Ok(Api::new(routes(iam, options, metrics)?, greeting))
        }
        Callers::SignInAtIssuer { issuer, client_id } => {
            let token = Arc::new(PersonToken::default());
            let sign_in = Arc::new(SignIn::in_memory().map_err(StartError::Randomness)?);
            let person = PersonSignIn::new(
                (issuer.clone(), client_id.clone()),
                Fetch::new(options.upstream_ca.as_deref())?,
                Arc::clone(&sign_in),
                Arc::clone(&token),
            );
            let iam = iam.with_person(sign_in, token);
            let text =
                format!("{serving} with your own token. Open this address to sign in at {issuer}:");
            let greeting = Greeting {
                text,
                path: "sign-in",
                data: None,
            };
            Ok(Api {
                router: routes(iam, options, metrics)?,
                greeting,
                person: Some(Arc::new(person)),
            })
        }
        Callers::SignInAtProxy(setting, token) => {
            let fetch = Fetch::new(options.upstream_ca.as_deref())?;
            let identity = Identity::new((**setting).clone(), fetch).await;
            let identity = identity.map_err(StartError::Identity)?;
            let iam = iam.with_identity(identity, token.source()?).await?;
            let text = format!(
                "{serving} with a token of its own, for people whom the proxy has signed in. Open the \
                 proxy's address. The gateway's own is:"
            );
            Ok(Api::new(routes(iam, options, metrics)?, without_data(text)))
        }
    }
}

fn how_to_sign_in() -> String {
    let key = match io::stdin().is_terminal() {
        true => "press Enter here or ",
        false => "",
    };
    format!(
        "Open this address to sign in. It works once, within 10 minutes. For another one, {key}run keyside \
         open:"
    )
}

fn routes<B: Backend>(
    backend: B,
    options: &ServeOptions,
    metrics: &Arc<Metrics>,
) -> Result<Router, StartError> {
    let backend = Arc::new(backend);
    let interceptor = CallInterceptor {
        backend: Arc::clone(&backend),
        metrics: Arc::clone(metrics),
        audit: options.audit_log.as_deref().map(Audit::open).transpose()?,
        admission: Admission::new(options.rate),
        key_lifetime: options.key_lifetime,
        policy: match &options.policy {
            Some(file) => Some(Gate::new(WatchedPolicy::watch(file)?)),
            None => None,
        },
    };
    if options.metrics_listen.is_some() {
        tokio::spawn(key_gauges::watch(Arc::clone(&backend), Arc::clone(metrics)));
    }
    Ok(health::routes(Arc::clone(&backend)).merge(api::router(
        backend,
        interceptor,
        options.allow_origin.clone(),
    )))
}
