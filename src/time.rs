//! Times as people read them: local time by the browser, and UTC.

use js_sys::Date;
use keyside_iam::Timestamp;
use wasm_bindgen::JsValue;

fn date(t: &Timestamp) -> Date {
    let ms = t.seconds as f64 * 1000.0 + f64::from(t.nanos) / 1e6;
    Date::new(&JsValue::from_f64(ms))
}

/// Local time with the time zone's name, in the browser's language.
#[must_use]
pub fn local(t: &Timestamp) -> String {
    let options = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        // Setting a property of a fresh object cannot fail.
        let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    String::from(date(t).to_locale_string("default", &options))
}

/// `2026-11-25 13:05 UTC`.
#[must_use]
pub fn utc(t: &Timestamp) -> String {
    let iso = String::from(date(t).to_iso_string());
    format!("{} UTC", iso.get(..16).unwrap_or(&iso).replace('T', " "))
}

/// The value of an `<input type="datetime-local">`, which is local time.
///
/// `None` when it is no time between 1970 and 9999.
#[must_use]
pub fn from_local_input(value: &str) -> Option<Timestamp> {
    let ms = Date::new(&JsValue::from_str(value)).get_time();
    (ms.is_finite() && (0.0..253_402_300_800_000.0).contains(&ms))
        .then(|| Timestamp::from_unix_secs((ms / 1000.0).floor() as i64))
}

/// A moment (seconds since 1970, UTC) as the value of such a field, to the minute.
#[must_use]
pub fn to_local_input(at_s: i64) -> Option<String> {
    let at = Date::new(&JsValue::from_f64(at_s as f64 * 1000.0));
    let year = at.get_full_year();
    (at.get_time().is_finite() && (1970..=9999).contains(&year)).then(|| {
        format!(
            "{year:04}-{:02}-{:02}T{:02}:{:02}",
            at.get_month() + 1,
            at.get_date(),
            at.get_hours(),
            at.get_minutes()
        )
    })
}

/// Now, in seconds since 1970, UTC, by this computer's clock.
#[must_use]
pub fn now_unix_s() -> u64 {
    (Date::now() / 1000.0).floor() as u64
}

/// The same, to be compared with what the API tells.
#[must_use]
pub fn now_s() -> i64 {
    i64::try_from(now_unix_s()).unwrap_or(i64::MAX)
}

/// `1.2 s`, for people.
#[must_use]
pub fn seconds(ms: f64) -> String {
    let tenths = (ms / 100.0).round() as u64;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
