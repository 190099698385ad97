//! What is wrong with somebody's data, where, and what to do about it.
//!
//! Messy data is the normal case: it yields a value *and* a list of issues. Only an issue with
//! [`Severity::Blocks`] keeps the person from going on.

use serde::{Deserialize, Serialize};

/// How much an [`Issue`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the result is right.
    Note,
    /// The result may be worse than it has to be.
    Warning,
    /// Training cannot start before this is settled.
    Blocks,
}

/// Where in the person's table an [`Issue`] is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// The file as a whole.
    Table,
    /// A whole column, by its name.
    Column {
        /// The column's name.
        column: String,
    },
    /// A line of the file, counted from 1 with the header as line 1.
    Line {
        /// Line of the file, from 1.
        line: u64,
    },
    /// One cell.
    Cell {
        /// Line of the file, from 1.
        line: u64,
        /// The column's name.
        column: String,
    },
}

/// One thing that a person should know about their data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// A stable name for the sort of issue, e.g. `"ragged_row"`.
    pub id: String,
    /// How much it matters.
    pub severity: Severity,
    /// Where it is.
    pub at: Position,
    /// What happened, as a sentence.
    pub what: String,
    /// What to do next, as a sentence.
    pub fix: String,
}

impl Issue {
    /// An issue of the given sort.
    pub fn new(
        id: &str,
        severity: Severity,
        at: Position,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            id: id.to_owned(),
            severity,
            at,
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// Whether training has to wait for this issue to be settled.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Blocks
    }
}
