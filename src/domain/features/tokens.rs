//! A list in a cell as a bag of its entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::category::most_frequent;
use super::encode::Cells;
use super::{FeatureOptions, Widths};
use crate::domain::column::ListFormat;
use crate::domain::missing::is_missing;
use crate::domain::table::Column;

/// Entries that have a flag of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokensPlan {
    /// How the lists are written.
    pub format: ListFormat,
    /// The most frequent first.
    pub tokens: Vec<String>,
}

impl TokensPlan {
    /// `None` when no entry repeats.
    pub(super) fn fit(column: &Column, options: &FeatureOptions) -> Option<Self> {
        let cells: Vec<(&str, u32)> = column
            .distinct()
            .iter()
            .zip(column.counts())
            .filter(|(cell, _)| !is_missing(cell))
            .collect();
        let format = format_of(&cells);
        let mut rows_of: BTreeMap<&str, u32> = BTreeMap::new();
        for (cell, rows) in &cells {
            for token in entries(cell, format) {
                *rows_of.entry(token).or_default() += rows;
            }
        }
        let tokens = most_frequent(rows_of, options);
        (!tokens.is_empty()).then_some(Self { format, tokens })
    }

    pub(super) fn widths(&self) -> Widths {
        Widths {
            flags: self.tokens.len(),
            ..Widths::default()
        }
    }

    /// One flag a token: 1 where the list has it.
    pub(super) fn encode(&self, cell: &str, out: &mut Cells) {
        let found: Vec<&str> = entries(cell, self.format).collect();
        out.flags.extend(
            self.tokens
                .iter()
                .map(|token| f32::from(found.contains(&token.as_str()))),
        );
    }
}

/// How lists are written. A person may say that cells are lists which do not look like it; then
/// it is what most cells hold of the usual marks.
fn format_of(cells: &[(&str, u32)]) -> ListFormat {
    ListFormat::detect(cells).unwrap_or_else(|| {
        let rows = |mark: char| -> u32 {
            let with = cells.iter().filter(|(cell, _)| cell.contains(mark));
            with.map(|(_, rows)| rows).sum()
        };
        // Of equals the last: a comma is in many texts.
        let mark = [',', '/', ';', '|']
            .into_iter()
            .max_by_key(|&mark| rows(mark));
        ListFormat::Mark(mark.expect("there are four"))
    })
}

/// The entries of every distinct cell of a column of lists; `None` where it is missing.
pub fn list_entries(column: &Column) -> Vec<Option<Vec<&str>>> {
    let cells: Vec<(&str, u32)> = column.distinct().iter().zip(column.counts()).collect();
    let known: Vec<(&str, u32)> = cells
        .iter()
        .copied()
        .filter(|(cell, _)| !is_missing(cell))
        .collect();
    let format = format_of(&known);
    cells
        .iter()
        .map(|(cell, _)| (!is_missing(cell)).then(|| entries(cell, format).collect()))
        .collect()
}

fn entries(cell: &str, format: ListFormat) -> impl Iterator<Item = &str> {
    let entries = format.split(cell).into_iter();
    entries.filter(|entry| !is_missing(entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_wherever_they_stand() {
        let column = Column::of(
            "tags",
            ["red; small, round", "small, round;red", "red", "NA", "once"],
        );
        let plan = TokensPlan::fit(&column, &FeatureOptions::default()).unwrap();
        assert_eq!(plan.format, ListFormat::Mark(';'));
        assert_eq!(plan.tokens, ["red", "small, round"]);
        let mut out = Cells::default();
        for cell in ["new;red ", "small, round;red", ""] {
            plan.encode(cell, &mut out);
        }
        assert_eq!(out.flags, [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    }
}
