//! Tests of parsing and formatting times in a real browser.

use js_sys::Date;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::*;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn utc_is_formatted_to_the_minute() {
    assert_eq!(utc(0), "1970-01-01 00:00 UTC");
    assert_eq!(utc(1_795_608_299), "2026-11-25 12:04 UTC");
}

#[wasm_bindgen_test]
fn local_times_are_formatted_as_the_browser_does() {
    let at_s = 1_795_608_299;
    let options = js_sys::JSON::parse(r#"{"dateStyle":"long","timeStyle":"short"}"#).unwrap();
    let expected = date(at_s).to_locale_string("default", &options);
    assert_eq!(local_long(at_s), String::from(expected));
    assert_ne!(local(at_s), local_long(at_s));
}

#[wasm_bindgen_test]
fn picked_dates_are_local_time() {
    let picked = from_local_input("2031-02-03T04:05").unwrap();
    let local = Date::new(&JsValue::from_f64(picked as f64 * 1000.0));
    let parts = (local.get_full_year(), local.get_month(), local.get_date());
    assert_eq!(
        (parts, local.get_hours(), local.get_minutes()),
        ((2031, 1, 3), 4, 5)
    );
}

#[wasm_bindgen_test]
fn invalid_dates_are_rejected() {
    for value in ["soon", "2031-13-01T00:00", "1912-01-01T00:00"] {
        assert!(from_local_input(value).is_none(), "{value}");
    }
}
