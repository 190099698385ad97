//! Columns of numbers.

use super::{ColumnKind, ColumnStats};

/// Numbers.
#[derive(Debug, Clone, Copy)]
pub struct Number;

impl ColumnKind for Number {
    fn id(&self) -> &'static str {
        "number"
    }

    fn name(&self) -> &'static str {
        "Number"
    }

    fn about(&self) -> &'static str {
        "Numbers, which can be compared and added."
    }

    fn score(&self, stats: &ColumnStats) -> f32 {
        0.9 * stats.numbers
    }
}

/// Reads a cell as a number, white space around it aside; `None` when it is none, or too large.
pub fn parse_number(cell: &str) -> Option<f64> {
    parse(cell.trim()).filter(|number| number.is_finite())
}

/// Reads a number. The words that Rust reads as one (`inf`, `nan`) are none here.
pub(super) fn parse(cell: &str) -> Option<f64> {
    let starts_as_number = cell
        .bytes()
        .find(|byte| !matches!(byte, b'-' | b'+' | b'.'))?
        .is_ascii_digit();
    if starts_as_number {
        cell.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read() {
        for (cell, number) in [("1", 1.0), ("-2.5", -2.5), ("+.5", 0.5), ("1e3", 1000.0)] {
            assert_eq!(parse(cell), Some(number));
        }
        for cell in ["", "-", "inf", "nan", "1,5", "2 lbs", "1.2.3", "0x10"] {
            assert_eq!(parse(cell), None, "{cell}");
        }
    }
}
