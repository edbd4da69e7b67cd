//! A calendar file (iCalendar, RFC 5545) with the expiration of a key and a reminder two weeks before.

use crate::time::{compact_utc, now_s};

/// The longest line, in bytes without its end (RFC 5545, section 3.1).
const MAX_LINE: usize = 75;

/// The file for a key of the service account with the name or ID `account`, which expires at `at_s`, in seconds
/// since 1970.
pub fn file(key_id: &str, account: &str, at_s: i64) -> String {
    let summary = text(&format!("Authorized key {key_id} of {account} expires"));
    let description = text(&format!(
        "Create a new key and replace this one before: nothing can authenticate with an expired key.\n\
         Key: {key_id}\nService account: {account}"
    ));
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Keyside//Keyside//EN".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        // The same for each download, so that a calendar keeps one event.
        format!("UID:{key_id}.expiration@keyside"),
        format!("DTSTAMP:{}", compact_utc(now_s())),
        format!("DTSTART:{}", compact_utc(at_s)),
        "TRANSP:TRANSPARENT".to_owned(),
        format!("SUMMARY:{summary}"),
        format!("DESCRIPTION:{description}"),
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        "TRIGGER:-P14D".to_owned(),
        format!("DESCRIPTION:{summary}"),
        "END:VALARM".to_owned(),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().map(|line| folded(line) + "\r\n").collect()
}

/// A value of the type TEXT (RFC 5545, section 3.3.11).
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Splits a long line into lines that continue it with a space.
fn folded(line: &str) -> String {
    let mut folded = String::with_capacity(line.len());
    let mut length = 0;
    for character in line.chars() {
        if length + character.len_utf8() > MAX_LINE {
            folded.push_str("\r\n ");
            length = 1;
        }
        folded.push(character);
        length += character.len_utf8();
    }
    folded
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn made(account: &str) -> String {
        file("publickey-e00a", account, 2)
    }

    #[test]
    fn no_line_is_longer_than_allowed_and_the_content_is_kept() {
        let name = "\u{1F511} \u{e4}".repeat(60);
        let made = made(&name);
        assert!(made.ends_with("END:VCALENDAR\r\n"));
        for line in made.split("\r\n") {
            assert!(line.len() <= MAX_LINE && !line.contains('\n'), "{line}");
        }
        let unfolded = made.replace("\r\n ", "");
        let summary = format!("SUMMARY:Authorized key publickey-e00a of {name} expires\r\n");
        assert!(unfolded.contains(&summary), "{unfolded}");
    }

    #[test]
    fn a_name_cannot_add_lines_or_properties() {
        let made = made("a;b,c\\d\r\nEND:VEVENT\n").replace("\r\n ", "");
        assert!(
            made.contains(r"of a\;b\,c\\d \nEND:VEVENT\n expires"),
            "{made}"
        );
        assert_eq!(made.matches("\r\nEND:VEVENT").count(), 1);
    }
}
