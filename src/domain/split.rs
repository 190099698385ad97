//! Rows held apart: train, validation and a sealed test part.

use serde::{Deserialize, Serialize};

use super::issue::Issue;
use super::table::{Column, RowId};

/// What a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The model learns from it.
    Train,
    /// It decides when to stop and which checkpoint is best.
    Valid,
    /// It is sealed until the end, to judge by.
    Test,
}

/// How rows are assigned to parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitKind {
    /// At random, with every label in the same proportion everywhere.
    Stratified,
    /// As a column of the table says: `train`, `valid` or `test`.
    Column {
        /// The column's name.
        column: String,
    },
}

/// How rows are held apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitPlan {
    /// How rows are assigned.
    pub kind: SplitKind,
    /// Share of the rows for validation, 0 to 1. With a split column that names no `valid` rows:
    /// the share of its training rows.
    pub valid: f64,
    /// Share of the rows for the test, 0 to 1. Not used with a split column.
    pub test: f64,
}

impl Default for SplitPlan {
    fn default() -> Self {
        Self {
            kind: SplitKind::Stratified,
            valid: 0.1,
            test: 0.2,
        }
    }
}

/// Test rows that nothing can read by accident: [`Sealed::open`] is the only way in, and it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    rows: Vec<RowId>,
    looks: u32,
}

impl Sealed {
    /// Seals rows.
    pub fn new(rows: Vec<RowId>) -> Self {
        Self { rows, looks: 0 }
    }

    /// How many rows are sealed, which is no secret.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, and one look more on the count.
    pub fn open(&mut self) -> &[RowId] {
        self.looks += 1;
        &self.rows
    }

    /// How often the rows were looked at.
    pub fn looks(&self) -> u32 {
        self.looks
    }
}

/// Rows held apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The model learns from these.
    pub train: Vec<RowId>,
    /// These decide when to stop.
    pub valid: Vec<RowId>,
    /// These judge.
    pub test: Sealed,
}

/// Assigns rows to parts. Rows without a label belong to none.
///
/// `labels` holds each row's label index; `column` is the split column when the plan names one.
///
/// # Errors
/// Blocking issues when a part would be empty or a class would have no training row.
pub fn split(
    plan: &SplitPlan,
    labels: &[Option<u32>],
    column: Option<&Column>,
    seed: u32,
) -> Result<Split, Vec<Issue>> {
    let _ = (plan, labels, column, seed);
    todo!()
}
