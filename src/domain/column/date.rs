//! Columns of dates, with or without a time of day.

use super::{ColumnKind, ColumnStats};

/// Dates.
#[derive(Debug, Clone, Copy)]
pub struct Date;

impl ColumnKind for Date {
    fn id(&self) -> &'static str {
        "date"
    }

    fn name(&self) -> &'static str {
        "Date"
    }

    fn about(&self) -> &'static str {
        "Dates, with or without a time of day."
    }

    fn score(&self, stats: &ColumnStats) -> f32 {
        0.93 * stats.dates
    }
}

/// The first three letters of the months, as English abbreviates them.
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Longer cells hold more than a date.
const LONGEST: usize = 40;

/// Whether a cell begins with a day, a month and a year in a usual order and has no more than a
/// time of day after it.
pub(super) fn is_date(cell: &str) -> bool {
    if cell.len() > LONGEST || !cell.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let is_separator = |c: char| matches!(c, '-' | '/' | '.' | ',' | ' ');
    let (date, time) = match cell.find([':', 'T']) {
        // The hour stands before the colon.
        Some(at) if cell.is_char_boundary(at) => {
            let digits = |c: char| c.is_ascii_digit();
            let head = cell[..at].trim_end_matches(digits);
            match cell.as_bytes()[at] {
                b'T' => (&cell[..at], &cell[at..]),
                _ if head.len() < at => (head, &cell[head.len()..]),
                _ => return false,
            }
        }
        _ => (cell, ""),
    };
    let is_time = |c: char| c.is_ascii_digit() || ":.+- TZAPMapm".contains(c);
    if !time.chars().all(is_time) {
        return false;
    }
    let parts: Vec<&str> = date
        .split(is_separator)
        .filter(|part| !part.is_empty())
        .collect();
    let [a, b, c] = parts[..] else {
        return false;
    };
    (is_year(a) && a.len() == 4 && is_month(b) && is_day(c))
        || (is_day(a) && is_month(b) && is_year(c))
        || (is_month(a) && is_day(b) && is_year(c))
}

fn number(part: &str) -> Option<u32> {
    let is_short = part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    if is_short { part.parse().ok() } else { None }
}

fn is_day(part: &str) -> bool {
    part.len() <= 2 && number(part).is_some_and(|day| (1..=31).contains(&day))
}

fn is_month(part: &str) -> bool {
    if part.len() <= 2 {
        return number(part).is_some_and(|month| (1..=12).contains(&month));
    }
    part.len() <= 9
        && part.bytes().all(|byte| byte.is_ascii_alphabetic())
        && MONTHS.contains(&&*part[..3].to_ascii_lowercase())
}

fn is_year(part: &str) -> bool {
    match part.len() {
        2 => number(part).is_some(),
        4 => number(part).is_some_and(|year| (1000..=2999).contains(&year)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_known() {
        for cell in [
            "2024-01-31",
            "2024/1/31",
            "2024-01-31 10:30",
            "2024-01-31T10:30:00.5+02:00",
            "31.12.1999",
            "6/1/1930 22:00",
            "12/31/99",
            "September 25, 2021",
            "7-Jan-18",
            "7 January 2018",
            "Sep 3, 2021 1:05 PM",
        ] {
            assert!(is_date(cell), "{cell}");
        }
    }

    #[test]
    fn other_things_are_not() {
        for cell in [
            "",
            "2024",
            "1.2.3",
            "18.00.00",
            "13:30",
            "99-99-9999",
            "12/31",
            "May",
            "1-2",
            "é-1-2",
            "call me on 3 May 2021",
            "10.0.0.12",
            "Marching 3, 2021 yes",
            "T",
            ":",
            "2024-01-31 at",
        ] {
            assert!(!is_date(cell), "{cell}");
        }
    }
}
