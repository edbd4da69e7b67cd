//! Timestamps as they're stored: microseconds since 1970, UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use keyside_iam::Timestamp;
use rusqlite::{
    Result,
    types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};

use crate::error::IamError;

/// Microseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(pub i64);

const PER_SECOND: i64 = 1_000_000;
/// 9999-12-31T23:59:59Z, the last second of a protobuf timestamp.
const LAST_SECOND: i64 = 253_402_300_799;

impl Micros {
    /// Later than any other time.
    pub const MAX: Self = Self(i64::MAX);

    /// The current time.
    pub fn now() -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
    }

    /// `seconds` later.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(PER_SECOND)))
    }

    /// `millis` later.
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1000)))
    }

    /// Whole seconds since `earlier`, rounded down.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(PER_SECOND)
    }

    /// Whole seconds since 1970, rounded down.
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(PER_SECOND)
    }

    /// Converts the request field `field`, rounded down to a microsecond.
    ///
    /// # Errors
    /// INVALID_ARGUMENT unless it is between 1970 and 9999.
    pub fn from_timestamp(t: &Timestamp, field: &'static str) -> Result<Self, IamError> {
        if (0..=LAST_SECOND).contains(&t.seconds) && (0..1_000_000_000).contains(&t.nanos) {
            Ok(Self(t.seconds * PER_SECOND + i64::from(t.nanos) / 1000))
        } else {
            Err(IamError::invalid(field, "must be between 1970 and 9999"))
        }
    }

    /// Converts to the API's type.
    pub fn to_timestamp(self) -> Timestamp {
        let micros = i32::try_from(self.0.rem_euclid(PER_SECOND)).unwrap_or_default();
        Timestamp::from_unix(self.unix_seconds(), micros * 1000)
    }
}

impl ToSql for Micros {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Micros {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}
