//! Formats times, given in seconds since 1970, UTC: local time by the browser, and UTC.

use js_sys::{Array, Date, Function, Intl::DateTimeFormat, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::text::count;

fn date(at_s: i64) -> Date {
    Date::new(&JsValue::from_f64(at_s as f64 * 1000.0))
}

thread_local! {
    // Making one takes a browser milliseconds, and using it microseconds.
    static MEDIUM: Function = format("medium");
    static LONG: Function = format("long");
}

/// Local time, in the browser's language.
pub fn local(at_s: i64) -> String {
    MEDIUM.with(|format| formatted(format, at_s))
}

/// Local time, in the browser's language, with the full name of the month.
pub fn local_long(at_s: i64) -> String {
    LONG.with(|format| formatted(format, at_s))
}

/// The browser's function that formats a date, in its language and time zone.
fn format(date_style: &str) -> Function {
    let options = Object::new();
    for (name, value) in [("dateStyle", date_style), ("timeStyle", "short")] {
        // Setting a property of a new object can't fail.
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    DateTimeFormat::new(&Array::new(), &options).format()
}

/// Empty if the browser's dates don't reach so far.
fn formatted(format: &Function, at_s: i64) -> String {
    let formatted = format.call1(&JsValue::UNDEFINED, &date(at_s));
    formatted
        .ok()
        .and_then(|formatted| formatted.as_string())
        .unwrap_or_default()
}

/// `2026-11-25 13:05 UTC`.
pub fn utc(at_s: i64) -> String {
    let iso = String::from(date(at_s).to_iso_string());
    format!("{} UTC", iso.get(..16).unwrap_or(&iso).replace('T', " "))
}

/// `20261125T130500Z` (RFC 5545, section 3.3.5).
pub fn compact_utc(at_s: i64) -> String {
    let iso = String::from(date(at_s).to_iso_string());
    let whole = iso.split('.').next().unwrap_or_default();
    whole.replace(['-', ':'], "") + "Z"
}

/// The value of an `<input type="datetime-local">`, which is local time.
///
/// In seconds since 1970, UTC; `None` unless it's between 1970 and 9999.
pub fn from_local_input(value: &str) -> Option<i64> {
    let ms = Date::new(&JsValue::from_str(value)).get_time();
    (ms.is_finite() && (0.0..253_402_300_800_000.0).contains(&ms))
        .then(|| (ms / 1000.0).floor() as i64)
}

/// The value of such a field, to the minute.
pub fn to_local_input(at_s: i64) -> Option<String> {
    let at = date(at_s);
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

/// The current time in seconds since 1970, UTC, by this computer's clock.
pub fn now_unix_s() -> u64 {
    (Date::now() / 1000.0).floor() as u64
}

/// The current time, to compare with times from the API.
pub fn now_s() -> i64 {
    i64::try_from(now_unix_s()).unwrap_or(i64::MAX)
}

/// `1.2 s`.
pub fn seconds(ms: f64) -> String {
    let tenths = (ms / 100.0).round() as u64;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// A duration in words, in its one or two largest units: `12 hours`, `1 hour 30 minutes`.
pub fn duration(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (24 * 3600, "day"),
        (3600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let largest = UNITS.iter().position(|(length, _)| seconds >= *length);
    let at = largest.unwrap_or(UNITS.len() - 1);
    let (length, unit) = UNITS[at];
    let whole = count(seconds / length, unit);
    let rest = UNITS
        .get(at + 1)
        .map(|(part, unit)| (seconds % length / part, unit));
    match rest {
        Some((parts @ 1.., unit)) => format!("{whole} {}", count(parts, unit)),
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::duration;

    #[test]
    fn durations_have_their_two_largest_units() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59 * 60, "59 minutes"),
            (59 * 60 + 59, "59 minutes 59 seconds"),
            (3600, "1 hour"),
            (3601, "1 hour"),
            (5400, "1 hour 30 minutes"),
            (12 * 3600, "12 hours"),
            (36 * 3600, "1 day 12 hours"),
        ] {
            assert_eq!(duration(seconds), words, "{seconds}");
        }
    }
}

#[cfg(test)]
mod browser_tests;
