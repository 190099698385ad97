//! A list in a cell as a bag of its entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::category::most_frequent;
use super::encode::Cells;
use super::{FeatureOptions, Widths};
use crate::domain::missing::is_missing;
use crate::domain::table::Column;

/// Entries that have a flag of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokensPlan {
    /// What stands between entries.
    pub separator: char,
    /// The most frequent first.
    pub tokens: Vec<String>,
}

/// What may stand between the entries of a list. Of two that are equally frequent, the first: a
/// comma also occurs within entries.
const SEPARATORS: [char; 4] = ['|', ';', ',', '/'];

impl TokensPlan {
    /// `None` when no entry repeats.
    pub(super) fn fit(column: &Column, options: &FeatureOptions) -> Option<Self> {
        let cells: Vec<(&str, u32)> = column
            .distinct()
            .iter()
            .zip(column.counts())
            .filter(|(cell, _)| !is_missing(cell))
            .collect();
        let separator = separator(&cells);
        let mut rows_of: BTreeMap<&str, u32> = BTreeMap::new();
        for (cell, rows) in &cells {
            for token in entries(cell, separator) {
                *rows_of.entry(token).or_default() += rows;
            }
        }
        let tokens = most_frequent(rows_of, options);
        (!tokens.is_empty()).then_some(Self { separator, tokens })
    }

    pub(super) fn widths(&self) -> Widths {
        Widths {
            flags: self.tokens.len(),
            ..Widths::default()
        }
    }

    /// One flag a token: 1 where the list has it.
    pub(super) fn encode(&self, cell: &str, out: &mut Cells) {
        let found: Vec<&str> = entries(cell, self.separator).collect();
        out.flags.extend(
            self.tokens
                .iter()
                .map(|token| f32::from(found.contains(&token.as_str()))),
        );
    }
}

/// The candidate that most rows have.
fn separator(cells: &[(&str, u32)]) -> char {
    let mut best = (0, SEPARATORS[0]);
    for candidate in SEPARATORS {
        let rows = cells
            .iter()
            .filter(|(cell, _)| cell.contains(candidate))
            .map(|(_, rows)| rows)
            .sum();
        if rows > best.0 {
            best = (rows, candidate);
        }
    }
    best.1
}

/// The entries of every distinct cell of a column of lists; `None` where it is missing.
pub fn list_entries(column: &Column) -> Vec<Option<Vec<&str>>> {
    let cells: Vec<(&str, u32)> = column.distinct().iter().zip(column.counts()).collect();
    let separator = separator(&cells);
    cells
        .iter()
        .map(|(cell, _)| (!is_missing(cell)).then(|| entries(cell, separator).collect()))
        .collect()
}

fn entries(cell: &str, separator: char) -> impl Iterator<Item = &str> {
    cell.split(separator)
        .map(str::trim)
        .filter(|entry| !is_missing(entry))
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
        assert_eq!(plan.separator, ';');
        assert_eq!(plan.tokens, ["red", "small, round"]);
        let mut out = Cells::default();
        for cell in ["new;red ", "small, round;red", ""] {
            plan.encode(cell, &mut out);
        }
        assert_eq!(out.flags, [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    }
}
