//! A value out of several as a code.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::encode::Cells;
use super::{FeatureOptions, Widths};
use crate::domain::missing::is_missing;
use crate::domain::table::Column;

/// Values that have a code of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CategoryPlan {
    /// The most frequent first, equals by alphabet; the first one has the code
    /// [`CategoryPlan::FIRST`].
    pub values: Vec<String>,
}

impl CategoryPlan {
    /// Code of values that training rows did not have, or had too rarely.
    pub const UNSEEN: u32 = 0;
    /// Code of gaps.
    pub const MISSING: u32 = 1;
    /// Code of the first value.
    pub const FIRST: u32 = 2;

    /// `None` when no value is frequent enough.
    pub(super) fn fit(column: &Column, options: &FeatureOptions) -> Option<Self> {
        let mut rows_of: BTreeMap<&str, u32> = BTreeMap::new();
        for (cell, rows) in column.distinct().iter().zip(column.counts()) {
            if !is_missing(cell) {
                *rows_of.entry(cell.trim()).or_default() += rows;
            }
        }
        let values = most_frequent(rows_of, options);
        (!values.is_empty()).then_some(Self { values })
    }

    pub(super) fn widths(&self) -> Widths {
        Widths {
            codes: vec![Self::FIRST + self.values.len() as u32],
            ..Widths::default()
        }
    }

    /// Codes of the values.
    pub(super) fn lookup(&self) -> HashMap<&str, u32> {
        self.values
            .iter()
            .map(String::as_str)
            .zip(Self::FIRST..)
            .collect()
    }

    pub(super) fn encode(lookup: &HashMap<&str, u32>, cell: &str, out: &mut Cells) {
        out.codes.push(if is_missing(cell) {
            Self::MISSING
        } else {
            lookup.get(cell.trim()).copied().unwrap_or(Self::UNSEEN)
        });
    }
}

/// Values that occur often enough, the most frequent first.
pub(super) fn most_frequent(rows_of: BTreeMap<&str, u32>, options: &FeatureOptions) -> Vec<String> {
    let mut values: Vec<(&str, u32)> = rows_of
        .into_iter()
        .filter(|(_, rows)| *rows >= options.least_rows)
        .collect();
    // Stable: equals stay in alphabetical order.
    values.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    values.truncate(options.most_categories as usize);
    values
        .into_iter()
        .map(|(value, _)| value.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_unseen_and_missing_values_have_their_codes() {
        let column = Column::of("colour", ["red", "blue ", "red", "", "blue", "red", "rare"]);
        let plan = CategoryPlan::fit(&column, &FeatureOptions::default()).unwrap();
        assert_eq!(plan.values, ["red", "blue"]);
        let lookup = plan.lookup();
        let mut out = Cells::default();
        for cell in [" red", "blue", "rare", "new", "NA"] {
            CategoryPlan::encode(&lookup, cell, &mut out);
        }
        assert_eq!(out.codes, [2, 3, 0, 0, 1]);
    }
}
