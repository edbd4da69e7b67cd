//! The table at the end of a command: its steps and how long each took.

use std::{sync::Mutex, time::Duration};

/// The outcome of a step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Done,
    /// Skipped: its result already exists.
    Cached,
    Failed,
}

static ROWS: Mutex<Vec<(String, Duration, Work)>> = Mutex::new(Vec::new());

/// Adds a row, except for a cached step that already has one.
pub fn record(step: &str, time: Duration, work: Work) {
    if let Ok(mut rows) = ROWS.lock() {
        if work == Work::Cached && rows.iter().any(|(known, ..)| known == step) {
            return;
        }
        rows.push((step.to_owned(), time, work));
    }
}

/// Prints the steps so far and forgets them.
pub fn print_table(total: Duration) {
    let Ok(mut rows) = ROWS.lock() else { return };
    let rows = std::mem::take(&mut *rows);
    if !rows.is_empty() {
        println!("\n{}", table(&rows, total));
    }
}

fn table(rows: &[(String, Duration, Work)], total: Duration) -> String {
    let widest = rows.iter().map(|(step, ..)| step.chars().count()).max();
    let width = widest.unwrap_or(0).clamp(5, 76);
    let mut text = format!("{:width$}  {:>11}\n", "Step", "Time");
    for (step, time, work) in rows {
        let mark = match work {
            Work::Done => "",
            Work::Cached => "  cached",
            Work::Failed => "  FAILED",
        };
        let step: String = step.chars().take(width).collect();
        text += &format!("{step:width$}  {:>11}{mark}\n", duration(*time));
    }
    text + &format!("{:width$}  {:>11}", "Total", duration(total))
}

/// `0.4 s`, `12 s`, `3 min 20 s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, 0..=9) => format!("{:.1} s", time.as_secs_f64()),
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_aligned_and_marks_cached_steps() {
        let rows = [
            ("Trunk".to_owned(), Duration::ZERO, Work::Cached),
            ("The page".to_owned(), Duration::from_secs(200), Work::Done),
        ];
        assert_eq!(
            table(&rows, Duration::from_millis(200_400)),
            "Step             Time\n\
             Trunk           0.0 s  cached\n\
             The page   3 min 20 s\n\
             Total      3 min 20 s"
        );
    }
}
