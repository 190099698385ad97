//! What each row should be, in the shape that the task has.

use super::Labels;
use crate::domain::split::Strata;

/// What each row should be.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// One label out of several.
    Labels(Labels),
    /// One label out of several that have an order, the lowest first.
    Ranks(Labels),
    /// A number; `None` where there is none.
    Numbers(Vec<Option<f64>>),
    /// Any number of labels.
    LabelSets(SetsOfLabels),
}

/// Any number of labels a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetsOfLabels {
    /// The labels, by index.
    pub names: Vec<String>,
    /// Indices of each row's labels, ascending; `None` where the cell is missing.
    pub of_row: Vec<Option<Vec<u32>>>,
}

impl Target {
    /// What a split keeps in proportion: labels, numbers by their size, or one group for all rows
    /// that have an answer.
    pub fn strata(&self) -> Strata {
        match self {
            Self::Labels(labels) | Self::Ranks(labels) => Strata::classes(&labels.of_row),
            Self::Numbers(numbers) => Strata::numbers(numbers),
            Self::LabelSets(sets) => {
                let one = sets.of_row.iter().map(|set| set.as_ref().map(|_| 0));
                Strata::classes(&one.collect::<Vec<_>>())
            }
        }
    }

    /// Names of the labels; none of a number.
    pub fn names(&self) -> &[String] {
        match self {
            Self::Labels(labels) | Self::Ranks(labels) => &labels.names,
            Self::Numbers(_) => &[],
            Self::LabelSets(sets) => &sets.names,
        }
    }
}
