//! Converts seconds since 1970 to an MS-DOS time: even seconds from 1980 to 2107.

/// Date and time in MS-DOS format (APPNOTE.TXT section 4.4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dos {
    pub date: u16,
    pub time: u16,
}

const DAY: u64 = 24 * 60 * 60;
/// The first second of 1980 and the last one of 2107, in seconds since 1970.
const FIRST: u64 = 315_532_800;
const LAST: u64 = 4_354_819_199;

/// The nearest MS-DOS time, in UTC.
pub fn dos(seconds: u64) -> Dos {
    let seconds = seconds.clamp(FIRST, LAST);
    let (mut days, second) = ((seconds - FIRST) / DAY, seconds % DAY);
    let mut year = 0;
    while days >= days_of_year(year) {
        days -= days_of_year(year);
        year += 1;
    }
    let mut month = 1;
    while days >= days_of_month(year, month) {
        days -= days_of_month(year, month);
        month += 1;
    }
    let date = (year << 9) | (month << 5) | (days + 1);
    let time = (second / 3600) << 11 | (second / 60 % 60) << 5 | (second % 60 / 2);
    Dos {
        date: u16::try_from(date).unwrap_or(u16::MAX),
        time: u16::try_from(time).unwrap_or(u16::MAX),
    }
}

/// `year` counts from 1980; up to 2107, only 2100 is divisible by four but not a leap year.
fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && year != 120
}

fn days_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
