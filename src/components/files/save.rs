//! Saves a file through the browser's downloads.

use std::cell::RefCell;

use gloo_timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Delay before an address is revoked, in milliseconds: Firefox drops downloads of addresses revoked earlier.
const REVOKE_AFTER_MS: u32 = 60_000;

thread_local! {
    /// Addresses of saved files that aren't revoked yet.
    static ADDRESSES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Revokes the addresses of all saved files. Each browser drops its copy once its download is complete.
pub fn revoke_all() {
    ADDRESSES.take().iter().for_each(|address| revoke(address));
}

fn revoke(address: &str) {
    ADDRESSES.with_borrow_mut(|addresses| addresses.retain(|other| other != address));
    // Revoking an address twice does nothing.
    let _ = Url::revoke_object_url(address);
}

/// Saves `blob` as `name`; returns whether the browser accepted it.
#[must_use]
pub fn save(blob: &Blob, name: &str) -> bool {
    let start = || {
        let address = Url::create_object_url_with_blob(blob).ok()?;
        let document = web_sys::window()?.document()?;
        let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
        link.set_href(&address);
        link.set_download(name);
        document.body()?.append_child(&link).ok()?;
        link.click();
        link.remove();
        ADDRESSES.with_borrow_mut(|addresses| addresses.push(address.clone()));
        Timeout::new(REVOKE_AFTER_MS, move || revoke(&address)).forget();
        Some(())
    };
    start().is_some()
}

/// Media type of PEM files.
pub const PEM: &str = "application/x-pem-file";
/// Media type of calendar files (RFC 5545).
pub const CALENDAR: &str = "text/calendar";

/// A text file, for content that isn't secret.
pub fn text_blob(text: &str, media_type: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options).ok()
}
