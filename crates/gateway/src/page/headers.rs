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

/// Where connections may go: from the page to its own origin, from the key worker nowhere. Unlike the
/// Content-Security-Policy, this covers navigation and WebRTC (Chromium 152 and later;
/// <https://wicg.github.io/connection-allowlists/>).
const PAGE_ALLOWLIST: &str = "(response-origin)";
/// Behind a proxy, which may redirect to its sign-in page.
const PAGE_ALLOWLIST_BEHIND_PROXY: &str = "(response-origin);redirects=allow";
const WORKER_ALLOWLIST: &str = "()";
const CONNECTION_ALLOWLIST: HeaderName = HeaderName::from_static("connection-allowlist");

const HEADERS: [(HeaderName, &str); 7] = [
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        PERMISSIONS_POLICY,
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Scripts run only if their integrity hash is given and right.
    (
        HeaderName::from_static("integrity-policy"),
        "blocked-destinations=(script)",
    ),
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

/// The headers that differ between the key worker and the other files. `name` is the file's.
pub fn of_file(name: &str, behind_proxy: bool) -> [(HeaderName, HeaderValue); 2] {
    let is_worker = name.starts_with("key-worker") && name.ends_with(".js");
    let (policy, allowlist) = match is_worker {
        true => (WORKER_POLICY, WORKER_ALLOWLIST),
        false if behind_proxy => (CONTENT_SECURITY_POLICY, PAGE_ALLOWLIST_BEHIND_PROXY),
        false => (CONTENT_SECURITY_POLICY, PAGE_ALLOWLIST),
    };
    [
        (header::CONTENT_SECURITY_POLICY, policy),
        (CONNECTION_ALLOWLIST, allowlist),
    ]
    .map(|(name, value)| (name, HeaderValue::from_static(value)))
}

/// Makes browsers use only TLS for two years (RFC 6797).
pub fn strict_transport(response: &mut Response) {
    response.headers_mut().insert(
        header::STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=63072000"),
    );
}

/// Adds the headers, except for those of [`of_file`], to every response of `router`.
pub fn strict(router: Router) -> Router {
    HEADERS.into_iter().fold(router, |router, (name, value)| {
        router.layer(SetResponseHeaderLayer::overriding(
            name,
            HeaderValue::from_static(value),
        ))
    })
}
