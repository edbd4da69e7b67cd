//! How long a recipe will take, from what has still to be built.

/// Below this nobody waits.
const SHORT_SECONDS: u64 = 60;

/// Prints the parts that take long, and their sum. Times are for two cores, in seconds.
pub fn print(parts: &[(&str, u64)]) {
    if let Some(text) = words(parts) {
        println!("{text}");
    }
}

fn words(parts: &[(&str, u64)]) -> Option<String> {
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
    fn only_what_is_missing_is_announced() {
        assert_eq!(
            words(&[("tools", 240), ("the page", 10), ("the gateway", 60)]).as_deref(),
            Some(
                "This takes about 5 minutes on two cores: tools 4 minutes, the gateway 1 minute. \
                 Later runs are much shorter."
            )
        );
        assert_eq!(words(&[("tools", 0), ("the page", 30)]), None);
    }
}
