//! Numbers as a column spells them.

use serde::{Deserialize, Serialize};

use crate::domain::column::NumberFormat;
use crate::domain::column::number::{Decimal, read};
use crate::domain::missing::Spellings;

/// Reads the numbers of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    format: NumberFormat,
    missing: Spellings,
}

impl Numbers {
    /// How these cells spell numbers. They have to be cells of training rows.
    /// `decimal` is the mark that a person has chosen.
    pub fn of(cells: &[(String, u32)], missing: Spellings, decimal: Option<Decimal>) -> Self {
        let cells = cells.iter().map(|(cell, _)| cell.as_str());
        Self {
            format: NumberFormat::detect(cells).with_decimal(decimal),
            missing,
        }
    }

    /// A cell's number. Infinities are numbers here: they lie far from all others.
    pub fn read(&self, cell: &str) -> Option<f64> {
        let cell = cell.trim();
        if self.missing.is_missing(cell) {
            return None;
        }
        read(cell, self.format).or_else(|| infinity(cell))
    }

    /// A cell that this column would have for a finite number, rounded to 12 digits; `None` where
    /// it spells numbers in a way that is not written here.
    pub fn write(&self, number: f64) -> Option<String> {
        let rounded: f64 = format!("{number:.11e}").parse().ok()?;
        let point = format!("{rounded}");
        let comma = point.replace('.', ",");
        [point, comma]
            .into_iter()
            .find(|cell| self.read(cell) == Some(rounded))
    }
}

fn infinity(cell: &str) -> Option<f64> {
    match cell.to_lowercase().as_str() {
        "inf" | "+inf" | "infinity" | "+infinity" | "∞" | "+∞" => Some(f64::INFINITY),
        "-inf" | "-infinity" | "-∞" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a number as a column of these cells would.
    #[track_caller]
    fn check(cells: &[&str], number: f64, written: &str) {
        let cells: Vec<(String, u32)> = cells.iter().map(|cell| (cell.to_string(), 1)).collect();
        let numbers = Numbers::of(&cells, Spellings::usual(), None);
        assert_eq!(numbers.write(number).as_deref(), Some(written));
    }

    #[test]
    fn numbers_are_written_as_the_column_reads_them() {
        check(&["1.5", "2.25"], 0.1 + 0.2, "0.3");
        check(&["1,5", "2,25", "1.000,75"], 1234.5, "1234,5");
        check(&["$1,200.50", "$7.25"], 1234.5, "1234.5");
        check(&["7", "8"], -3.0, "-3");
    }

    #[test]
    fn infinities_are_read() {
        let numbers = Numbers::of(&[("1.5".to_owned(), 1)], Spellings::usual(), None);
        assert_eq!(numbers.read("inf"), Some(f64::INFINITY));
        assert_eq!(numbers.read(" -Infinity "), Some(f64::NEG_INFINITY));
        assert_eq!(numbers.read("1.5"), Some(1.5));
        assert_eq!(numbers.read("NaN"), None);
        assert_eq!(numbers.read("info"), None);
    }
}
