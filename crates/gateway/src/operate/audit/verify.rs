//! `keyside audit verify`: finds the first line of an audit log that was changed, removed or inserted.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use super::chain::{Head, Place, Saved, head_path};

/// What is wrong with a log.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    #[error("can't read {}: {cause}. Check the path and your permissions.", path.display())]
    Unreadable { path: PathBuf, cause: io::Error },
    #[error("{0} isn't a complete record: it was changed, or writing it was interrupted.")]
    NotARecord(LineNumber),
    #[error("{0} was changed.")]
    Changed(LineNumber),
    #[error("{0} or the line after it was changed.")]
    ChangedHereOrNext(LineNumber),
    #[error("{0} was inserted, or moved from elsewhere.")]
    Inserted(LineNumber),
    #[error("records {first} to {last} are missing before {before}.")]
    Missing {
        first: u64,
        last: u64,
        before: LineNumber,
    },
    #[error(
        "records {first} to {last} are missing before {before}. If they are in older files, name these \
         first. If you deleted those on purpose, add --from {before_record}."
    )]
    MissingAtStart {
        first: u64,
        last: u64,
        before: LineNumber,
        before_record: u64,
    },
    #[error("records {first} to {last} are missing at the end of {}.", path.display())]
    MissingAtEnd {
        first: u64,
        last: u64,
        path: PathBuf,
    },
    #[error(
        "{} has no record, and no .head file beside it says that none is missing from record {first}. Check \
         the path, and the number after --from.",
        path.display()
    )]
    Empty { path: PathBuf, first: u64 },
}

/// A line of a file, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineNumber {
    path: PathBuf,
    number: usize,
}

impl fmt::Display for LineNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of {}", self.number, self.path.display())
    }
}

/// An intact log.
#[derive(Debug, PartialEq, Eq)]
pub struct Intact {
    pub first: u64,
    /// Its record is the one before the first if there is none yet.
    pub last: Head,
    /// Whether the file beside the log confirmed that nothing follows.
    pub is_end_known: bool,
}

impl fmt::Display for Intact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Head { record, sha256 } = &self.last;
        if *record < self.first {
            return write!(
                f,
                "The log is intact: record {} isn't written yet.",
                self.first
            );
        }
        writeln!(
            f,
            "Records {} to {record} are intact. SHA-256 of the last line: {}",
            self.first,
            sha256.as_str()
        )?;
        match self.is_end_known {
            true => write!(f, "It is the last one that was written."),
            false => write!(
                f,
                "Whether records follow is not known: there is no .head file beside the last file."
            ),
        }
    }
}

struct Line {
    at: LineNumber,
    head: Head,
    place: Place,
}

/// Checks a log that is in one or several files, the oldest first. Its first record must be `first`.
///
/// # Errors
/// Returns the first fault.
pub fn verify(files: &[PathBuf], first: u64) -> Result<Intact, LogFault> {
    let mut lines = Vec::new();
    for path in files {
        let text = read(path)?;
        let text = text.strip_suffix(b"\n").unwrap_or(&text);
        if text.is_empty() {
            continue;
        }
        for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let at = LineNumber {
                path: path.clone(),
                number: at + 1,
            };
            let Some((head, place)) = Head::after(line) else {
                // An earlier fault comes first.
                links(&lines, first)?;
                return Err(LogFault::NotARecord(at));
            };
            lines.push(Line { at, head, place });
        }
    }
    links(&lines, first)?;
    let path = files.last().cloned().unwrap_or_default();
    let saved = match fs::read_to_string(head_path(&path)) {
        Ok(saved) => Some(
            saved
                .parse::<Saved>()
                .map_err(|cause| LogFault::Unreadable {
                    path: head_path(&path),
                    cause,
                })?,
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(cause) => return Err(LogFault::Unreadable { path, cause }),
    };
    let Some(last) = lines.last() else {
        return match saved {
            Some(saved) if saved.head.record >= first => Err(LogFault::MissingAtEnd {
                first,
                last: saved.head.record,
                path,
            }),
            Some(saved) if saved.head.record.checked_add(1) == Some(first) => Ok(Intact {
                first,
                last: saved.head,
                is_end_known: true,
            }),
            _ => Err(LogFault::Empty { path, first }),
        };
    };
    if let Some(saved) = &saved {
        end(last, saved, path)?;
    }
    Ok(Intact {
        first: lines[0].place.record,
        last: last.head.clone(),
        is_end_known: saved.is_some(),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, LogFault> {
    fs::read(path).map_err(|cause| LogFault::Unreadable {
        path: path.to_owned(),
        cause,
    })
}

/// Checks that each line follows the one before.
fn links(lines: &[Line], first: u64) -> Result<(), LogFault> {
    let Some(start) = lines.first() else {
        return Ok(());
    };
    let follows = |at: usize, next: usize| match (lines.get(at), lines.get(next)) {
        (Some(line), Some(next)) => line.head.precedes(&next.place),
        // Nothing follows the last line.
        _ => next >= lines.len(),
    };
    let is_start = |line: &Line| match first {
        1 => Head::start().precedes(&line.place),
        _ => line.place.record == first,
    };
    if !is_start(start) {
        return Err(match lines.get(1) {
            Some(second) if is_start(second) => LogFault::Inserted(start.at.clone()),
            _ if start.place.record > first => LogFault::MissingAtStart {
                first,
                last: start.place.record - 1,
                before: start.at.clone(),
                before_record: start.place.record,
            },
            _ => LogFault::Changed(start.at.clone()),
        });
    }
    let Some(broken) = (1..lines.len()).find(|at| !follows(at - 1, *at)) else {
        return Ok(());
    };
    let (before, line) = (&lines[broken - 1], &lines[broken]);
    let skipped = line.place.record.checked_sub(before.place.record + 1);
    Err(
        if broken + 1 < lines.len() && follows(broken - 1, broken + 1) {
            LogFault::Inserted(line.at.clone())
        } else if broken >= 2 && follows(broken - 2, broken) || broken == 1 && is_start(line) {
            LogFault::Inserted(before.at.clone())
        } else if line.place.previous == before.head.sha256 {
            // Its number was changed.
            LogFault::Changed(line.at.clone())
        } else {
            match skipped {
                Some(0) if follows(broken, broken + 1) => LogFault::Changed(before.at.clone()),
                Some(0) => LogFault::ChangedHereOrNext(before.at.clone()),
                Some(skipped) => LogFault::Missing {
                    first: before.place.record + 1,
                    last: before.place.record + skipped,
                    before: line.at.clone(),
                },
                None => LogFault::Inserted(line.at.clone()),
            }
        },
    )
}

/// Checks that the last line is the one that the gateway wrote last.
fn end(last: &Line, saved: &Saved, path: PathBuf) -> Result<(), LogFault> {
    if saved.allows(&last.head, &last.place) {
        return Ok(());
    }
    Err(match saved.head.record.checked_sub(last.head.record) {
        Some(0) => LogFault::Changed(last.at.clone()),
        Some(_) => LogFault::MissingAtEnd {
            first: last.head.record + 1,
            last: saved.head.record,
            path,
        },
        None => LogFault::Inserted(last.at.clone()),
    })
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::{super::chain::Chain, *};

    #[derive(Serialize)]
    struct Text {
        text: &'static str,
    }

    struct Log {
        folder: tempfile::TempDir,
    }

    impl Log {
        fn of(lines: usize) -> Self {
            let log = Self {
                folder: tempfile::tempdir().unwrap(),
            };
            log.write(lines);
            log
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("audit.jsonl")
        }

        /// Opens the log, as after a restart, and adds lines.
        fn write(&self, lines: usize) {
            let mut chain = Chain::open(&self.path()).unwrap();
            for _ in 0..lines {
                chain.add(&Text { text: "a" }).unwrap();
            }
        }

        fn lines(&self) -> Vec<String> {
            let text = fs::read_to_string(self.path()).unwrap();
            text.lines().map(str::to_owned).collect()
        }

        fn save(&self, lines: &[String]) {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            fs::write(self.path(), text).unwrap();
        }

        fn verify(&self) -> Result<Intact, LogFault> {
            verify(&[self.path()], 1)
        }

        /// What is found after a change to the lines of a log of six.
        fn fault_after(change: impl FnOnce(&mut Vec<String>)) -> String {
            let log = Self::of(6);
            let mut lines = log.lines();
            change(&mut lines);
            log.save(&lines);
            let fault = log.verify().unwrap_err().to_string();
            fault.replace(&format!(" of {}", log.path().display()), "")
        }
    }

    #[test]
    fn an_untouched_log_is_intact_across_restarts() {
        let log = Log::of(3);
        log.write(2);
        log.write(0);
        let intact = log.verify().unwrap();
        assert_eq!((intact.first, intact.last.record), (1, 5));
        assert!(intact.is_end_known);
        fs::remove_file(head_path(&log.path())).unwrap();
        assert!(!log.verify().unwrap().is_end_known);
    }

    #[test]
    fn a_log_without_records_is_intact_if_none_was_written() {
        let log = Log::of(0);
        let said = log.verify().unwrap().to_string();
        assert_eq!(said, "The log is intact: record 1 isn't written yet.");
        // The next file, after the log was renamed.
        log.write(2);
        log.save(&[]);
        let said = verify(&[log.path()], 3).unwrap().to_string();
        assert_eq!(said, "The log is intact: record 3 isn't written yet.");
        assert!(matches!(
            log.verify(),
            Err(LogFault::MissingAtEnd {
                first: 1,
                last: 2,
                ..
            })
        ));
        fs::remove_file(head_path(&log.path())).unwrap();
        assert!(matches!(log.verify(), Err(LogFault::Empty { .. })));
    }

    #[test]
    fn the_first_line_that_was_changed_is_named() {
        for at in 0..6 {
            let fault = Log::fault_after(|lines| {
                lines[at] = lines[at].replace("\"a\"", "\"b\"");
            });
            assert_eq!(fault, format!("line {} was changed.", at + 1));
        }
        // Two of them.
        let fault = Log::fault_after(|lines| {
            for line in &mut lines[1..3] {
                *line = line.replace("\"a\"", "\"b\"");
            }
        });
        assert_eq!(fault, "line 2 or the line after it was changed.");
        let fault = Log::fault_after(|lines| {
            lines[2] = lines[2].replace("\"record\":3", "\"record\":9");
        });
        assert_eq!(fault, "line 3 was changed.");
    }

    #[test]
    fn removed_lines_are_counted() {
        for at in 0..6 {
            let fault = Log::fault_after(|lines| {
                lines.remove(at);
            });
            let record = at + 1;
            let start = format!("records {record} to {record} are missing ");
            assert!(fault.starts_with(&start), "{fault}");
        }
        let fault = Log::fault_after(|lines| lines.truncate(2));
        assert!(
            fault.starts_with("records 3 to 6 are missing at the end"),
            "{fault}"
        );
        let fault = Log::fault_after(Vec::clear);
        assert!(
            fault.starts_with("records 1 to 6 are missing at the end"),
            "{fault}"
        );
    }

    #[test]
    fn inserted_and_moved_lines_are_named() {
        for at in 1..=6 {
            // A copy of the line before, and a forged one that claims to follow it.
            for forge in [false, true] {
                let fault = Log::fault_after(|lines| {
                    let mut inserted = lines[at - 1].clone();
                    if forge {
                        let last = Head::after(inserted.as_bytes()).unwrap().0;
                        inserted = format!(
                            "{{\"record\":{},\"previous\":\"{}\",\"text\":\"b\"}}",
                            last.record + 1,
                            last.sha256.as_str()
                        );
                    }
                    lines.insert(at, inserted);
                });
                let number = if forge { at + 1 } else { fault_number(&fault) };
                assert!(number == at || number == at + 1, "{fault}");
                let named = format!("line {number} was inserted, or moved from elsewhere.");
                assert_eq!(fault, named);
            }
        }
        for at in 0..5 {
            let fault = Log::fault_after(|lines| lines.swap(at, at + 1));
            assert_eq!(
                fault,
                format!("line {} was inserted, or moved from elsewhere.", at + 1)
            );
        }
    }

    fn fault_number(fault: &str) -> usize {
        let words: Vec<_> = fault.split(' ').collect();
        words[1].parse().unwrap()
    }

    #[test]
    fn a_line_that_is_cut_off_is_named_and_the_next_one_stands_alone() {
        let fault = Log::fault_after(|lines| lines[3].truncate(40));
        assert_eq!(
            fault,
            "line 4 isn't a complete record: it was changed, or writing it was interrupted."
        );
        let log = Log::of(2);
        let whole = fs::read(log.path()).unwrap();
        fs::write(log.path(), &whole[..whole.len() - 5]).unwrap();
        log.write(1);
        assert_eq!(log.lines().len(), 3);
        assert!(matches!(log.verify(), Err(LogFault::NotARecord(at)) if at.number == 2));
    }

    #[test]
    fn rotation_keeps_the_chain() {
        let log = Log::of(0);
        let old = log.folder.path().join("audit.jsonl.1");
        let mut chain = Chain::open(&log.path()).unwrap();
        for _ in 0..3 {
            chain.add(&Text { text: "a" }).unwrap();
        }
        // As logrotate does, while the gateway runs.
        fs::rename(log.path(), &old).unwrap();
        chain.add(&Text { text: "a" }).unwrap();
        drop(chain);
        log.write(1);
        assert_eq!(log.lines().len(), 2);
        let both = verify(&[old.clone(), log.path()], 1).unwrap();
        assert_eq!((both.first, both.last.record), (1, 5));
        let fault = log.verify().unwrap_err().to_string();
        assert!(fault.contains("records 1 to 3 are missing"), "{fault}");
        assert!(fault.contains("--from 4"), "{fault}");
        assert_eq!(verify(&[log.path()], 4).unwrap().first, 4);
        let fault = verify(&[log.path(), old], 1).unwrap_err();
        assert!(matches!(fault, LogFault::MissingAtStart { .. }), "{fault}");
    }

    #[test]
    fn a_line_that_was_being_written_during_a_crash_may_be_there_or_not() {
        let log = Log::of(2);
        let hash = |log: &Log| {
            let lines = log.lines();
            let last = lines.last().unwrap();
            Head::after(last.as_bytes()).unwrap().0.sha256
        };
        let second = hash(&log);
        log.write(1);
        let third = hash(&log);
        let crashed = format!("{:020} {} {}\n", 2, second.as_str(), third.as_str());
        let whole = log.lines();
        for lines in [&whole[..], &whole[..2]] {
            fs::write(head_path(&log.path()), &crashed).unwrap();
            log.save(lines);
            let count = lines.len() as u64;
            assert_eq!(log.verify().unwrap().last.record, count);
            log.write(1);
            assert_eq!(log.verify().unwrap().last.record, count + 1);
        }
        // Another line isn't the one that was being written.
        fs::write(head_path(&log.path()), &crashed).unwrap();
        let mut forged = whole[..2].to_vec();
        forged.push(whole[2].replace("\"a\"", "\"b\""));
        log.save(&forged);
        assert!(matches!(log.verify(), Err(LogFault::Inserted(at)) if at.number == 3));
    }

    #[test]
    fn only_one_gateway_writes_to_a_log() {
        let log = Log::of(1);
        let chain = Chain::open(&log.path()).unwrap();
        assert!(Chain::open(&log.path()).is_err());
        drop(chain);
        assert!(Chain::open(&log.path()).is_ok());
    }
}
