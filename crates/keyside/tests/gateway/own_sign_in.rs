//! `--sign-in-client-id`: a person signs in at an issuer by authorization code with PKCE, and nobody else gets in.

use std::{
    collections::HashMap,
    process::Command,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use connectrpc::ErrorCode;
use keyside_iam::iam::GetProfileRequest;
use rsa::sha2::{Digest, Sha256};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    support::{ADMIN_TOKEN, Folders, Gateway, ask, ask_as, code, new_key, now_s},
    token_command::redeem,
};

const CLIENT: &str = "keyside-of-this-test";
type Pairs = HashMap<String, String>;

/// An issuer as RFC 6749, RFC 7636 and OpenID Connect describe it.
#[derive(Clone)]
struct Issuer {
    url: String,
    /// The requests by their unused codes.
    codes: Arc<Mutex<HashMap<String, Pairs>>>,
    /// Claims that differ from the right ones.
    claims: Arc<Mutex<Value>>,
    /// Fields of the token answer that differ from the right ones.
    answer: Arc<Mutex<Value>>,
}

impl Issuer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            codes: Arc::default(),
            claims: Arc::new(Mutex::new(json!({}))),
            answer: Arc::new(Mutex::new(json!({}))),
        };
        let app = Router::new()
            .route("/oauth2/authorize", get(authorize))
            .route("/oauth2/token", post(exchange))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        issuer
    }

    /// What the person's browser is redirected to after they have signed in.
    fn sign_in(&self, address: &str) -> String {
        let path = address
            .strip_prefix(&self.url)
            .expect("the issuer's address");
        let answer = ask(&self.url, "GET", path, "");
        header(&answer, "location").unwrap_or_else(|| {
            panic!("refused: {}", String::from_utf8_lossy(&answer));
        })
    }
}

fn pairs(text: &str) -> Pairs {
    form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

async fn authorize(State(issuer): State<Issuer>, RawQuery(query): RawQuery) -> Response {
    let request = pairs(&query.unwrap());
    let is_right = request["response_type"] == "code"
        && request["client_id"] == CLIENT
        && request["scope"] == "openid"
        && request["code_challenge_method"] == "S256"
        && request["code_challenge"].len() == 43
        && request["state"].len() == 43
        && request["nonce"].len() == 43
        // Any port, and no path.
        && request["redirect_uri"]
            .strip_prefix("http://127.0.0.1:")
            .is_some_and(|port| port.parse::<u16>().is_ok());
    if !is_right {
        return (StatusCode::BAD_REQUEST, format!("{request:?}")).into_response();
    }
    let code = format!("code-{}", issuer.codes.lock().unwrap().len());
    let query = format!("code={code}&state={}&iss={}", request["state"], issuer.url);
    let to = format!("{}/?{query}", request["redirect_uri"]);
    issuer.codes.lock().unwrap().insert(code, request);
    Redirect::to(&to).into_response()
}

async fn exchange(State(issuer): State<Issuer>, body: String) -> Response {
    let form = pairs(&body);
    let refused = StatusCode::BAD_REQUEST.into_response();
    // Each code once.
    let Some(request) = issuer.codes.lock().unwrap().remove(&form["code"]) else {
        return refused;
    };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if form["grant_type"] != "authorization_code"
        || form["client_id"] != CLIENT
        || form["redirect_uri"] != request["redirect_uri"]
        || challenge != request["code_challenge"]
    {
        return refused;
    }
    let mut claims = json!({ "iss": issuer.url, "aud": CLIENT, "sub": "anna", "exp": now_s() + 600,
        "nonce": request["nonce"] });
    merge(&mut claims, &issuer.claims.lock().unwrap());
    let id_token = format!(
        "e30.{}.c2ln",
        BASE64_URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let mut answer = json!({ "access_token": ADMIN_TOKEN, "token_type": "Bearer", "expires_in": 3600,
        "id_token": id_token });
    merge(&mut answer, &issuer.answer.lock().unwrap());
    answer.to_string().into_response()
}

fn merge(into: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        into[name] = value.clone();
    }
}

fn header(answer: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(answer);
    let head = text.split("\r\n\r\n").next().unwrap();
    let of_name = |line: &str| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then(|| value.to_owned())
    };
    head.lines().find_map(of_name)
}

/// An API, the gateway in front of it, and an issuer.
struct Place {
    issuer: Issuer,
    upstream: Gateway,
    gateway: Gateway,
    folders: [Folders; 2],
}

impl Place {
    async fn new() -> Self {
        let folders = [Folders::new(), Folders::new()];
        let upstream = folders[0].start();
        let issuer = Issuer::start().await;
        let mut command = folders[1].command();
        command
            .args(["--upstream", &upstream.address])
            .args(["--sign-in-client-id", CLIENT])
            .args(["--sign-in-issuer", &issuer.url])
            .env_remove("KEYSIDE_ADMIN_TOKEN");
        Self {
            gateway: Gateway::start(command),
            issuer,
            upstream,
            folders,
        }
    }

    /// Begins a sign-in: the issuer's address, and the browser's cookie.
    fn begin(&self) -> (String, String) {
        let answer = ask(&self.gateway.address, "GET", "/sign-in", "");
        let cookie = header(&answer, "set-cookie").unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Max-Age=600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let cookie = cookie.split(';').next().unwrap().to_owned();
        (header(&answer, "location").unwrap(), cookie)
    }

    /// Follows the issuer's redirect; returns the whole answer.
    fn follow(&self, address: &str, cookie: &str) -> Vec<u8> {
        let path = address.strip_prefix(&self.gateway.address).unwrap();
        let cookies = format!("cookie: a=b; {cookie}\r\n");
        ask(&self.gateway.address, "GET", path, &cookies)
    }

    /// Signs in; returns the code for the page.
    fn code(&self) -> String {
        let (address, cookie) = self.begin();
        let answer = self.follow(&self.issuer.sign_in(&address), &cookie);
        assert!(header(&answer, "set-cookie").unwrap().contains("Max-Age=0"));
        assert_eq!(header(&answer, "cache-control").unwrap(), "no-store");
        let to = header(&answer, "location").unwrap();
        to.strip_prefix("/#code=").unwrap().to_owned()
    }

    /// Signs in; returns a session of the gateway's.
    async fn session(&self) -> String {
        let code = self.code();
        redeem(&self.gateway, &code).await.unwrap().access_token
    }

    /// Whether calls of a session are answered.
    async fn call(&self, session: &str) -> Result<(), ErrorCode> {
        let client = self.gateway.client(Some(session));
        let profile = client.profile().get(GetProfileRequest::default()).await;
        profile.map(drop).map_err(|error| error.code)
    }

    /// Asserts that this gets nobody in, that it says `reason`, and that a person who is signed in stays so.
    async fn assert_refused(&self, name: &str, answer: &[u8], reason: &str, session: &str) {
        let text = String::from_utf8_lossy(answer);
        assert!(text.starts_with("HTTP/1.1 4"), "{name}: {text}");
        assert!(text.contains(reason), "{name}: {text}");
        assert!(!text.contains("#code="), "{name}: {text}");
        assert!(!text.contains(ADMIN_TOKEN), "{name}: {text}");
        assert_eq!(self.call(session).await, Ok(()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_at_the_issuer_and_calls_carry_their_token() {
    let place = Place::new().await;
    let own = place.code();
    let session = redeem(&place.gateway, &own).await.unwrap().access_token;
    let client = place.gateway.client(Some(&session));
    let id = client.create_key(new_key(&place.upstream)).await.unwrap();
    assert!(place.upstream.admin().key(&id).await.is_ok());
    // Not without the session, and the code only once.
    let nobody = place
        .gateway
        .client(None)
        .create_key(new_key(&place.upstream))
        .await;
    assert_eq!(code(nobody), ErrorCode::Unauthenticated);
    let again = redeem(&place.gateway, &own).await;
    assert_eq!(code(again), ErrorCode::Unauthenticated);
    // Everything is in memory only.
    let log = place.gateway.log.lock().unwrap().clone();
    for secret in [ADMIN_TOKEN, &session, &own, "code-0"] {
        assert!(!log.contains(secret), "{secret}");
    }
    assert!(!place.folders[1].data().exists());
    // The same person in another browser.
    let second = place.session().await;
    for session in [&session, &second] {
        assert_eq!(place.call(session).await, Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_never_becomes_another_persons() {
    let place = Place::new().await;
    let annas = place.session().await;
    let annas_code = place.code();
    *place.issuer.claims.lock().unwrap() = json!({ "sub": "ben" });
    let bens = place.session().await;
    assert_eq!(place.call(&bens).await, Ok(()));
    assert_eq!(place.call(&annas).await, Err(ErrorCode::Unauthenticated));
    let late = redeem(&place.gateway, &annas_code).await;
    assert_eq!(code(late), ErrorCode::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_or_is_refused_asks_for_a_new_sign_in() {
    let place = Place::new().await;
    *place.issuer.answer.lock().unwrap() = json!({ "expires_in": 1 });
    let session = place.session().await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let client = place.gateway.client(Some(&session));
    let error = client.profile().get(GetProfileRequest::default()).await;
    let error = error.unwrap_err();
    assert_eq!(error.code, ErrorCode::Unauthenticated);
    assert!(error.message.unwrap().contains("/sign-in"));
    // Signing in again is enough; the session goes on.
    *place.issuer.answer.lock().unwrap() = json!({});
    place.code();
    assert_eq!(place.call(&session).await, Ok(()));
    *place.issuer.answer.lock().unwrap() = json!({ "access_token": "revoked-in-the-meantime" });
    place.code();
    for _ in 0..2 {
        assert_eq!(place.call(&session).await, Err(ErrorCode::Unauthenticated));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attacks_on_the_redirect_get_nobody_in() {
    let place = Place::new().await;
    let session = &*place.session().await;
    let gateway = &place.gateway.address;
    let signed_in = || {
        let (address, cookie) = place.begin();
        (place.issuer.sign_in(&address), cookie)
    };
    let with = |address: &str, name: &str, value: &str| {
        let (path, query) = address.split_once('?').unwrap();
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((found, _)) if found == name => format!("{name}={value}"),
            _ => pair.to_owned(),
        });
        format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
    };
    let state_of = |address: &str| {
        let (_, rest) = address.split_once("state=").unwrap();
        rest.split('&').next().unwrap().to_owned()
    };

    let (to, cookie) = signed_in();
    let wrong = with(&to, "state", &"A".repeat(43));
    place
        .assert_refused(
            "wrong state",
            &place.follow(&wrong, &cookie),
            "isn't known",
            session,
        )
        .await;
    let none = with(&to, "state", "").replace("state=", "x=");
    place
        .assert_refused(
            "no state",
            &place.follow(&none, &cookie),
            "isn't complete",
            session,
        )
        .await;
    let twice = format!("{to}&state={}", state_of(&to));
    place
        .assert_refused(
            "state twice",
            &place.follow(&twice, &cookie),
            "twice",
            session,
        )
        .await;
    let no_code = with(&to, "code", "").replace("code=&", "");
    place
        .assert_refused(
            "no code",
            &place.follow(&no_code, &cookie),
            "isn't complete",
            session,
        )
        .await;
    place
        .assert_refused(
            "used state",
            &place.follow(&to, &cookie),
            "isn't known",
            session,
        )
        .await;

    let (to, _) = signed_in();
    place
        .assert_refused(
            "another browser",
            &place.follow(&to, ""),
            "another browser",
            session,
        )
        .await;

    // The attacker signs in, and sends the victim's browser the end of it.
    let (attackers, _) = signed_in();
    let (_, victims_cookie) = signed_in();
    let answer = place.follow(&attackers, &victims_cookie);
    place
        .assert_refused(
            "a sign-in of the attacker's",
            &answer,
            "another browser",
            session,
        )
        .await;
    // The attacker has stolen a cookie, and gives it the name of another sign-in's.
    let (_, stolen) = signed_in();
    let (attackers, own) = signed_in();
    let (_, value) = stolen.split_once('=').unwrap();
    let (name, _) = own.split_once('=').unwrap();
    let answer = place.follow(&attackers, &format!("{name}={value}"));
    place
        .assert_refused("a stolen cookie", &answer, "another browser", session)
        .await;
    // The attacker's code in the victim's sign-in: PKCE tells them apart.
    let (attackers, _) = signed_in();
    let (victims, cookie) = signed_in();
    let (_, injected) = attackers.split_once("code=").unwrap();
    let injected = with(&victims, "code", injected.split('&').next().unwrap());
    let answer = place.follow(&injected, &cookie);
    place
        .assert_refused("an injected code", &answer, "refuses its own code", session)
        .await;

    let (to, cookie) = signed_in();
    let mixed = with(&to, "iss", "https://evil.example");
    let answer = place.follow(&mixed, &cookie);
    place
        .assert_refused("another issuer", &answer, "isn't from the issuer", session)
        .await;
    let (to, cookie) = signed_in();
    let denied = with(&to, "code", "x").replace("code=x", "error=access_denied%3Cscript%3E");
    let answer = place.follow(&denied, &cookie);
    place
        .assert_refused("denied", &answer, "access_deniedscript", session)
        .await;

    // Another site's page can't begin one.
    for headers in ["sec-fetch-site: cross-site", "sec-fetch-dest: image"] {
        let answer = ask(gateway, "GET", "/sign-in", &format!("{headers}\r\n"));
        assert_eq!(header(&answer, "set-cookie"), None);
        place
            .assert_refused(headers, &answer, "Another site's page", session)
            .await;
    }

    // A foreign name that leads here, and a redirect to elsewhere.
    let host = gateway.trim_start_matches("http://");
    let port = host.split_once(':').unwrap().1;
    let foreign = ask_as(
        &format!("evil.example:{port}"),
        gateway,
        "GET",
        "/sign-in",
        "",
    );
    place
        .assert_refused(
            "a foreign name",
            &foreign,
            "isn't a name of this gateway",
            session,
        )
        .await;
    let local = ask_as(&format!("localhost:{port}"), gateway, "GET", "/sign-in", "");
    assert_eq!(
        header(&local, "location").unwrap(),
        format!("{gateway}/sign-in")
    );
    assert_eq!(header(&local, "set-cookie"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_the_issuer_for_somebody_else_get_nobody_in() {
    let place = Place::new().await;
    let session = &*place.session().await;
    let claims = [
        (
            "another nonce",
            json!({ "nonce": "A".repeat(43) }),
            "its nonce",
        ),
        ("no nonce", json!({ "nonce": null }), "its nonce"),
        ("another client", json!({ "aud": "another" }), "its aud"),
        (
            "several clients",
            json!({ "aud": [CLIENT, "another"] }),
            "its aud",
        ),
        (
            "another issuer",
            json!({ "iss": "https://evil.example" }),
            "its iss",
        ),
        ("expired", json!({ "exp": now_s() - 61 }), "expired"),
        ("no end", json!({ "exp": null }), "can't be decoded"),
    ];
    let answers = [
        ("no ID token", json!({ "id_token": null }), "there is none"),
        (
            "not an ID token",
            json!({ "id_token": "a.b.c" }),
            "can't be decoded",
        ),
        (
            "another kind of token",
            json!({ "token_type": "DPoP" }),
            "can't be read",
        ),
        ("no token", json!({ "access_token": "" }), "can't be read"),
    ];
    let of_claims = claims.map(|(name, change, reason)| (name, change, json!({}), reason));
    let of_answers = answers.map(|(name, change, reason)| (name, json!({}), change, reason));
    for (name, claims, answer, reason) in of_claims.into_iter().chain(of_answers) {
        *place.issuer.claims.lock().unwrap() = claims;
        *place.issuer.answer.lock().unwrap() = answer;
        let (address, cookie) = place.begin();
        let answer = place.follow(&place.issuer.sign_in(&address), &cookie);
        place.assert_refused(name, &answer, reason, session).await;
    }
}

#[test]
fn sign_in_at_an_issuer_is_for_ones_own_machine_only() {
    for (arguments, reason) in [
        (
            &["--upstream", "api.example", "--behind-proxy"][..],
            "Listen on 127.0.0.1",
        ),
        (
            &["--upstream", "api.example", "--listen", "[::1]:0"],
            "Listen on 127.0.0.1",
        ),
        (
            &["--upstream", "api.example", "--listen", "127.0.0.2:0"],
            "Listen on 127.0.0.1",
        ),
        (
            &["--upstream", "api.example", "--token-command", "true"],
            "Remove one",
        ),
        (&[], "without --upstream"),
        (
            &[
                "--upstream",
                "api.example",
                "--sign-in-issuer",
                "http://a.example",
            ],
            "isn't the address",
        ),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_keyside"))
            .args(["serve", "--sign-in-client-id", CLIENT])
            .args(arguments)
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && error.contains(reason),
            "{arguments:?}: {error}"
        );
    }
}
