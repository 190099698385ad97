//! What would tell a model the answer in training and not in use.

use serde::{Deserialize, Serialize};

use super::table::RowId;

/// Sorts of leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakKind {
    /// A column that names rows.
    Identifier,
    /// A column that predicts the target nearly alone.
    PredictsTarget,
    /// A column that repeats the target in other words.
    CopyOfTarget,
    /// Rows that are alike and would stand on both sides of the split.
    RepeatedRows,
    /// Dates later than the others, or than today where it is known.
    FutureDates,
    /// One entity (customer, patient, machine) has rows on both sides of the split.
    SharedGroup,
}

/// What can be done about a suspect by one click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakFix {
    /// Leave these columns out.
    DropColumns(Vec<String>),
    /// Keep the rows of one entity on one side.
    GroupBy(String),
    /// Keep rows that are alike on one side.
    KeepTogether,
    /// Leave repeated rows out.
    DropDuplicates,
}

/// Something that may leak, with evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// What sort.
    pub kind: LeakKind,
    /// The columns that it is about.
    pub columns: Vec<String>,
    /// What was found, as a sentence with its figures.
    pub what: String,
    /// Why it matters, as a sentence.
    pub why: String,
    /// How sure, 0 to 1.
    pub strength: f64,
    /// A few rows that show it.
    pub rows: Vec<RowId>,
    /// What can be done, the best first.
    pub fixes: Vec<LeakFix>,
}
