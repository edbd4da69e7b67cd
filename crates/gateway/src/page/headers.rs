//! Response headers that restrict the page and the key worker.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use tower_http::set_header::SetResponseHeaderLayer;

/// Allows only what the page needs: its own scripts, styles and images, WebAssembly, its own worker, and
/// calls to its own origin. Trusted types allow no strings as code except the addresses of the page's
/// script and of the worker.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types keyside-page keyside-worker";

/// The key worker runs the program that it receives from the page. It has no network access and can't
/// load other scripts or start workers.
const WORKER_POLICY: &str = "default-src 'none'; script-src 'wasm-unsafe-eval'; \
    connect-src 'none'; worker-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Disables the device features, because the page needs none.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), camera=(), \
    clipboard-read=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), \
    idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), \
    xr-spatial-tracking=()";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        PERMISSIONS_POLICY,
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        "require-corp",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// The Content-Security-Policy for the file `name`.
pub fn policy_for(name: &str) -> HeaderValue {
    let is_worker = name.starts_with("key-worker") && name.ends_with(".js");
    HeaderValue::from_static(match is_worker {
        true => WORKER_POLICY,
        false => CONTENT_SECURITY_POLICY,
    })
}

/// Makes browsers use only TLS for two years (RFC 6797).
pub fn strict_transport(response: &mut Response) {
    response.headers_mut().insert(
        header::STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=63072000"),
    );
}

/// Adds the headers, except for the Content-Security-Policy, to every response of `router`.
pub fn strict(router: Router) -> Router {
    HEADERS.into_iter().fold(router, |router, (name, value)| {
        router.layer(SetResponseHeaderLayer::overriding(
            name,
            HeaderValue::from_static(value),
        ))
    })
}
