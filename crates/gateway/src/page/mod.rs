//! The built page, served from a folder with strict headers.

mod headers;

use std::path::Path;

use axum::Router;
use tower_http::services::ServeDir;

use crate::error::StartError;

/// Makes sure that `dist` holds a built page.
///
/// # Errors
/// [`StartError::NoPage`] when it has no `index.html`.
pub fn check(dist: &Path) -> Result<(), StartError> {
    if dist.join("index.html").is_file() {
        Ok(())
    } else {
        Err(StartError::NoPage(dist.to_owned()))
    }
}

/// Serves the files of `dist`, each with the headers of [`headers`].
pub fn service(dist: &Path) -> Router {
    headers::strict(Router::new().fallback_service(ServeDir::new(dist)))
}
