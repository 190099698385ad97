//! From a cell to Unix seconds, and back to what people read.

use super::civil::{DAY_SECS, civil, days, days_in_month};
use super::format::{DateFormat, Shape};
use super::written::{Day, Written};

/// Reads a cell as a column's format says, in Unix seconds. Without a zone it counts as UTC; a
/// time without a day gives the seconds since midnight.
///
/// `None` when the cell is no date, or one that the column's order of day and month forbids.
pub fn read(cell: &str, format: DateFormat) -> Option<i64> {
    seconds(&Written::of(cell)?, format)
}

pub(super) fn seconds(written: &Written, format: DateFormat) -> Option<i64> {
    if format.shape == Shape::TimeOnly {
        return match written.day {
            Day::None => written.time,
            _ => written.dotted_time,
        };
    }
    let (year, month, day) = match written.day {
        Day::YearFirst {
            year, month, day, ..
        }
        | Day::Named {
            year, month, day, ..
        } => (year, month, day),
        Day::Numbers { a, b, year, .. } if format.is_day_first => (year, b, a),
        Day::Numbers { a, b, year, .. } => (year, a, b),
        Day::Compact { year, month, day } if format.shape == Shape::Compact => (year, month, day),
        Day::Month { year, month } => (year, month, 1),
        Day::Compact { .. } | Day::None => return None,
    };
    let year = i64::from(year);
    let is_day = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    is_day.then(|| days(year, month, day) * DAY_SECS + written.time.unwrap_or(0))
}

/// A moment as people read it: `2024-01-31`, with the time of day unless that is midnight.
pub fn shown(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(DAY_SECS));
    let time = seconds.rem_euclid(DAY_SECS);
    let date = format!("{year:04}-{month:02}-{day:02}");
    if time == 0 {
        date
    } else {
        format!("{date} {}", shown_time(time))
    }
}

/// A time of day as people read it: `18:30`.
pub(crate) fn shown_time(seconds: i64) -> String {
    format!("{:02}:{:02}", seconds / 3_600, seconds / 60 % 60)
}

/// The first moment of a month.
pub(crate) fn start_of_month(year: i64, month: u32) -> i64 {
    days(year, month, 1) * DAY_SECS
}

/// Months from the year 0 to the month that a moment is in.
pub(crate) fn month_of(seconds: i64) -> i64 {
    let (year, month, _) = civil(seconds.div_euclid(DAY_SECS));
    year * 12 + i64::from(month) - 1
}
