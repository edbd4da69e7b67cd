//! Numbers and units.

/// `1 key`, `2 keys`, `10,000 keys`.
pub fn count(n: impl TryInto<i64>, what: &str) -> String {
    let n = whole(n);
    format!("{} {what}{}", number(n), if n == 1 { "" } else { "s" })
}

/// `1`, `10,000`.
pub fn number(n: impl TryInto<i64>) -> String {
    let digits = whole(n).to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn whole(n: impl TryInto<i64>) -> i64 {
    n.try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::count;

    #[test]
    fn numbers_have_units() {
        assert_eq!(count(1, "day"), "1 day");
        assert_eq!(count(0, "key"), "0 keys");
        assert_eq!(count(10_000, "key"), "10,000 keys");
        assert_eq!(count(1_234_567, "key"), "1,234,567 keys");
    }
}
