//! A column of numbers as a scaled number.

use serde::{Deserialize, Serialize};

use super::encode::Cells;
use super::{FeatureOptions, Scale, Widths};
use crate::domain::column::NumberFormat;
use crate::domain::column::number::read as read_number;
use crate::domain::table::Column;

/// How a column's numbers are read and scaled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberPlan {
    /// How they are written: currency, percent, units, the decimal mark.
    pub format: NumberFormat,
    /// Whether training rows have gaps, which then are a flag of their own.
    pub has_gaps: bool,
    /// The way to the common scale.
    pub scale: Scale,
}

impl NumberPlan {
    /// `None` without two different numbers.
    pub(super) fn fit(column: &Column, options: &FeatureOptions) -> Option<Self> {
        let format = NumberFormat::detect(column.distinct()).with_decimal(column.decimal());
        let parsed: Vec<Option<f64>> = column
            .distinct()
            .iter()
            .map(|cell| read_number(cell.trim(), format))
            .collect();
        let codes = column.codes();
        let numbers: Vec<f64> = codes
            .iter()
            .filter_map(|&code| parsed[code as usize])
            .collect();
        Some(Self {
            format,
            has_gaps: numbers.len() < codes.len(),
            scale: Scale::fit(numbers, options)?,
        })
    }

    pub(super) fn widths(&self) -> Widths {
        Widths {
            numbers: 1,
            flags: usize::from(self.has_gaps),
            ..Widths::default()
        }
    }

    pub(super) fn encode(&self, cell: &str, out: &mut Cells) {
        let number = read_number(cell.trim(), self.format);
        out.numbers
            .push(self.scale.of(number.unwrap_or(self.scale.median)));
        if self.has_gaps {
            out.flags.push(f32::from(number.is_none()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(cells: &[&str]) -> Option<NumberPlan> {
        NumberPlan::fit(&Column::of("x", cells), &FeatureOptions::default())
    }

    #[test]
    fn gaps_are_filled_by_the_median_and_flagged() {
        let plan = fit(&["1", "", "2", "9"]).unwrap();
        assert_eq!(plan.scale.median, 2.0);
        let mut out = Cells::default();
        plan.encode("", &mut out);
        plan.encode(" 9 ", &mut out);
        assert_eq!(out.numbers, [plan.scale.of(2.0), plan.scale.of(9.0)]);
        assert_eq!(out.flags, [1.0, 0.0]);
    }

    #[test]
    fn numbers_are_read_as_the_column_writes_them() {
        let plan = fit(&["1.234,50 €", "2,00 €", "17,25 €", "0,10 €", "3,75 €"]).unwrap();
        assert_eq!(plan.scale.knots, [0.1, 2.0, 3.75, 17.25, 1234.5]);
    }

    #[test]
    fn one_number_is_nothing_to_learn_from() {
        assert_eq!(fit(&["1", "", "1.0"]), None);
        assert_eq!(fit(&["a"]), None);
    }
}
