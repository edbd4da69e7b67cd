//! Estimates how long a command takes, from what isn't built yet.

/// Shorter estimates aren't printed.
const SHORT_SECONDS: u64 = 60;

/// Prints the parts that take long, and the total. Times are for two cores, in seconds.
pub fn print(parts: &[(&str, u64)]) {
    if let Some(text) = message(parts) {
        println!("{text}");
    }
}

fn message(parts: &[(&str, u64)]) -> Option<String> {
    let total: u64 = parts.iter().map(|(_, seconds)| seconds).sum();
    if total < SHORT_SECONDS {
        return None;
    }
    let long = parts
        .iter()
        .filter(|(_, seconds)| *seconds >= SHORT_SECONDS / 2);
    let long: Vec<_> = long
        .map(|(part, seconds)| format!("{part} {}", minutes(*seconds)))
        .collect();
    Some(format!(
        "This takes about {} on two cores: {}. Later runs are much shorter.",
        minutes(total),
        long.join(", ")
    ))
}

fn minutes(seconds: u64) -> String {
    match (seconds + 30) / 60 {
        0 | 1 => "1 minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_missing_parts_are_printed() {
        assert_eq!(
            message(&[("tools", 240), ("the page", 10), ("the gateway", 60)]).as_deref(),
            Some(
                "This takes about 5 minutes on two cores: tools 4 minutes, the gateway 1 minute. \
                 Later runs are much shorter."
            )
        );
        assert_eq!(message(&[("tools", 0), ("the page", 30)]), None);
    }
}
