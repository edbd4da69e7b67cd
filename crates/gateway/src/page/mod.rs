//! Serves the built page with strict headers, precompressed and with strong ETags. Files with a content
//! hash in their name are cached forever.

mod assets;
mod headers;

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header},
};
use rsa::sha2::{Digest, Sha256};

pub use self::{
    assets::{Assets, PageFiles, Settings},
    headers::strict_transport,
};

/// The compressed copies of each file, smallest first: extension and content encoding.
const ENCODINGS: [(&str, &str); 2] = [(".br", "br"), (".gz", "gzip")];

/// Number of hex digits in a file name's hash. Trunk omits leading zeros.
const HASH_DIGITS: std::ops::RangeInclusive<usize> = 8..=16;

/// Serves the files, each with the headers of [`headers`].
pub fn service(assets: Assets, behind_proxy: bool) -> Router {
    let answer = move |State(assets): State<Assets>, request: Request<Body>| {
        std::future::ready(with_policy(&assets, &request, behind_proxy))
    };
    headers::strict(Router::new().fallback(answer).with_state(assets))
}

fn with_policy(assets: &Assets, request: &Request<Body>, behind_proxy: bool) -> Response<Body> {
    let name = request.uri().path().trim_start_matches('/');
    let own = headers::of_file(name, behind_proxy);
    let mut response = answer(assets, request);
    response.headers_mut().extend(own);
    response
}

fn answer(assets: &Assets, request: &Request<Body>) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = plain(
            StatusCode::METHOD_NOT_ALLOWED,
            "This address supports only GET and HEAD.\n",
        );
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let name = match request.uri().path().trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let file = ENCODINGS
        .iter()
        .filter(|(_, encoding)| accepts(request.headers(), encoding))
        .find_map(|(extension, encoding)| {
            let content = assets.read(&format!("{name}{extension}")).ok()?;
            Some((content, Some(*encoding)))
        })
        .or_else(|| Some((assets.read(name).ok()?, None)));
    let Some((content, encoding)) = file else {
        return plain(
            StatusCode::NOT_FOUND,
            "There is no such file. Check the address.\n",
        );
    };
    // Computed from the encoded content, so each encoding has its own tag.
    let tag = format!("\"{}\"", &hex::encode(Sha256::digest(&content))[..32]);
    let known = request.headers().get_all(header::IF_NONE_MATCH);
    let is_known = known
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| matches!(known.trim().trim_start_matches("W/"), "*") || known.trim() == tag);
    let length = content.len();
    let mut response = Response::new(match (is_known, request.method()) {
        (true, _) | (_, &Method::HEAD) => Body::empty(),
        _ => Body::from(content),
    });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(media_type(name)),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(match name {
            // Its address may contain a token.
            "index.html" => "no-store",
            name if has_hash(name) => "public, max-age=31536000, immutable",
            _ => "no-cache",
        }),
    );
    if !is_known {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Whether `Accept-Encoding` names the encoding with a weight above 0 (RFC 9110, 12.5.3).
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|choice| {
            let (name, weight) = choice.split_once(';').unwrap_or((choice, "q=1"));
            let weight = weight.trim().strip_prefix("q=").unwrap_or("1").parse();
            name.trim().eq_ignore_ascii_case(encoding) && weight.is_ok_and(|q: f32| q > 0.0)
        })
}

/// Whether the name ends in `-HASH.EXTENSION`, or in `-HASH_bg.EXTENSION` as Trunk names WebAssembly.
fn has_hash(name: &str) -> bool {
    let Some((stem, _)) = name.rsplit_once('.') else {
        return false;
    };
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        HASH_DIGITS.contains(&hash.len()) && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_full_hash_are_immutable() {
        assert!(has_hash("key-worker_bg-0123456789abcdef.wasm"));
        assert!(has_hash("keyside-page-0123456789abcde_bg.wasm"));
        for name in [
            "index.html",
            "key-worker.js",
            "a-0123456.js",
            "a-0123456789abcdefg.js",
            "config.json",
        ] {
            assert!(!has_hash(name), "{name}");
        }
    }

    #[test]
    fn accept_encoding_is_respected() {
        let accepts = |value: &str, encoding| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            super::accepts(&headers, encoding)
        };
        assert!(accepts("gzip, deflate, br, zstd", "br"));
        assert!(accepts("gzip;q=0.5", "gzip"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("identity", "br"));
        assert!(!super::accepts(&HeaderMap::new(), "gzip"));
    }
}
