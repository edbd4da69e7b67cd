//! Signs a person in at the API's issuer, for a gateway on their own machine: OAuth 2.0 authorization code with
//! PKCE (RFC 7636) and a loopback redirect (RFC 8252).
//!
//! `/sign-in` begins a sign-in and binds it to the browser by a cookie. The issuer redirects to `/` with a code,
//! which the gateway exchanges. The browser gets a one-time code of the gateway's own, never the access token.

mod attempts;
mod issuer;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use rsa::sha2::{Digest, Sha256};

use self::{
    attempts::{Attempt, Attempts},
    issuer::{Issuer, Request, SignedIn},
};
use super::{SignIn, now_s};
use crate::{fetch::Fetch, own_token::PersonToken};

pub use self::issuer::{IssuerUrl, IssuerUrlError};

const PATH: &str = "/sign-in";
const COOKIE: &str = "keyside-sign-in";

/// Why a person couldn't sign in. The text is what they see.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    #[error("This sign-in isn't known here, was used already, or took longer than ten minutes.")]
    Unknown,
    #[error("Another site's page has sent you here.")]
    OtherPage,
    #[error("This sign-in was begun in another browser.")]
    OtherBrowser,
    #[error("The answer to this sign-in isn't from the issuer that you were sent to.")]
    OtherIssuer,
    #[error("The address that the issuer sent you to isn't complete, or says something twice.")]
    Malformed,
    #[error("The issuer didn't sign you in: {0}.")]
    Denied(String),
    #[error("The issuer can't be reached: {0}.")]
    Unreachable(String),
    #[error("The issuer refuses its own code, with the HTTP status {0}.")]
    Refused(u16),
    #[error("The issuer's answer can't be read.")]
    Unreadable,
    #[error("The issuer's ID token isn't for this sign-in: {0}.")]
    Id(&'static str),
    #[error("This system has no random numbers.")]
    Randomness,
}

/// Signs a person in.
pub struct PersonSignIn {
    issuer: Issuer,
    attempts: Mutex<Attempts>,
    /// Held while a token takes the place of the last one.
    finishing: Mutex<()>,
    sign_in: Arc<SignIn>,
    token: Arc<PersonToken>,
}

impl PersonSignIn {
    /// The person's token goes to `token`, and their sessions begin at `sign_in`.
    pub fn new(
        (url, client_id): (IssuerUrl, String),
        fetch: Fetch,
        sign_in: Arc<SignIn>,
        token: Arc<PersonToken>,
    ) -> Self {
        Self {
            issuer: Issuer {
                url,
                client_id,
                fetch,
            },
            attempts: Mutex::default(),
            finishing: Mutex::default(),
            sign_in,
            token,
        }
    }

    /// Answers a request that belongs to a sign-in; none for any other one.
    pub async fn answer(&self, request: &Parts) -> Option<Response> {
        let (uri, headers) = (&request.uri, &request.headers);
        if request.method != Method::GET {
            return None;
        }
        let origin = origin(headers)?;
        if uri.path() == PATH {
            return Some(match is_of_person(headers) {
                true => self.begin(headers, &origin),
                false => refusal(&PersonError::OtherPage, &origin),
            });
        }
        let query = uri.query().filter(|_| uri.path() == "/")?;
        let names_one =
            |name: &str| form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key == name);
        if !names_one("state") && !names_one("code") {
            return None;
        }
        Some(match self.finish(headers, query).await {
            Ok((code, cookie)) => {
                let forget = format!("{cookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
                redirect(&format!("/#code={code}"), &forget)
            }
            Err(error) => refusal(&error, &origin),
        })
    }

    fn begin(&self, headers: &HeaderMap, origin: &str) -> Response {
        // The cookie and the redirect must have the same host, and the issuer knows only this one.
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        if host.is_none_or(|host| !origin.ends_with(host)) {
            return redirect(&format!("{origin}{PATH}"), "");
        }
        let Ok((state, browser, attempt)) = Attempt::new(origin) else {
            return refusal(&PersonError::Randomness, origin);
        };
        let request = Request {
            redirect_uri: &attempt.redirect_uri,
            nonce: &attempt.nonce,
        };
        let address = self
            .issuer
            .authorization(&request, &state, &attempt.challenge());
        let name = cookie_name(&state);
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.insert(state, attempt, Instant::now());
        // Strict would not be sent when the issuer redirects.
        let cookie = format!("{name}={browser}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax");
        redirect(&address, &cookie)
    }

    /// Returns a one-time code for the page, and the name of the cookie that is done.
    async fn finish(
        &self,
        headers: &HeaderMap,
        query: &str,
    ) -> Result<(String, String), PersonError> {
        let only = |name: &str| {
            let mut values =
                form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
            match (values.next(), values.next()) {
                (Some((_, value)), None) => Ok(Some(value.into_owned())),
                (None, _) => Ok(None),
                (Some(_), Some(_)) => Err(PersonError::Malformed),
            }
        };
        let (state, code, error, issuer) =
            (only("state")?, only("code")?, only("error")?, only("iss")?);
        let state = state.ok_or(PersonError::Malformed)?;
        let attempt = {
            let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
            attempts.take(&state, Instant::now())
        };
        let attempt = attempt.ok_or(PersonError::Unknown)?;
        let name = cookie_name(&state);
        if !attempt.is_of(cookie(headers, &name).unwrap_or_default()) {
            return Err(PersonError::OtherBrowser);
        }
        // RFC 9207; not every issuer says it.
        if issuer.is_some_and(|issuer| !self.issuer.is(&issuer)) {
            return Err(PersonError::OtherIssuer);
        }
        if let Some(error) = error {
            let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
            return Err(PersonError::Denied(
                error.chars().filter(is_name).take(50).collect(),
            ));
        }
        let code = code.ok_or(PersonError::Malformed)?;
        let request = Request {
            redirect_uri: &attempt.redirect_uri,
            nonce: &attempt.nonce,
        };
        let SignedIn {
            person,
            token,
            end_s,
        } = self
            .issuer
            .exchange(&request, &code, &attempt.verifier, now_s())
            .await?;
        // A session is one person's, and must not become another's: so it ends before the next token is there,
        // and no other sign-in comes between.
        let _finishing = self
            .finishing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !self.token.is_of(&person) {
            let ended = self.sign_in.end_sessions();
            ended.map_err(|_| PersonError::Randomness)?;
        }
        self.token.set(person, token, end_s);
        let own = self.sign_in.code();
        let own = own.map_err(|_| PersonError::Randomness)?;
        tracing::info!("a person has signed in");
        Ok((own.to_string(), name))
    }
}

/// The only origin that the issuer redirects to: `http://127.0.0.1` and the port at which we were called.
fn origin(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let host: http::uri::Authority = host.parse().ok()?;
    Some(match host.port_u16() {
        Some(port) => format!("http://127.0.0.1:{port}"),
        None => "http://127.0.0.1".to_owned(),
    })
}

/// Whether a person has opened the address, not another site's page. Old browsers don't tell.
fn is_of_person(headers: &HeaderMap) -> bool {
    let is_one_of = |name: &str, right: &[&str]| {
        headers
            .get(name)
            .is_none_or(|value| right.iter().any(|right| value == right))
    };
    is_one_of("sec-fetch-site", &["none", "same-origin"])
        && is_one_of("sec-fetch-dest", &["document"])
}

/// Each sign-in has a cookie of its own, so that two at once don't disturb each other.
fn cookie_name(state: &str) -> String {
    format!("{COOKIE}-{}", &hex::encode(Sha256::digest(state))[..16])
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter();
    cookies
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(name)?.strip_prefix('='))
}

fn redirect(to: &str, cookie: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    if let (false, Ok(cookie)) = (cookie.is_empty(), HeaderValue::from_str(cookie)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    private(response)
}

fn refusal(error: &PersonError, origin: &str) -> Response {
    // Not as a warning: any page can cause this.
    tracing::info!(%error, "a person couldn't sign in");
    let text = format!("{error}\nOpen {origin}{PATH} to start again.\n");
    private((StatusCode::BAD_REQUEST, text).into_response())
}

/// Keeps the response, and the address with the code, to the browser.
fn private(mut response: Response) -> Response {
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
