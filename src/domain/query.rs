//! Which rows of a table a person wants to see, and in which order.

use serde::{Deserialize, Serialize};

/// A condition on the cells of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Is this cell.
    Is(String),
    /// Holds this text, in any case.
    Contains(String),
    /// Spells a missing value.
    Missing,
    /// Spells none.
    Present,
    /// Is a number or a date in this range, both ends included.
    Between(f64, f64),
}

/// A column and a condition on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// The column's name.
    pub column: String,
    /// The condition.
    pub condition: Condition,
}

/// An order of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// By this column: numbers and dates by value, others by their text, missing cells last.
    pub column: String,
    /// Largest first.
    pub descending: bool,
}

/// Which rows, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RowQuery {
    /// A text that some cell of the row holds, in any case; empty for all rows.
    pub search: String,
    /// All of these hold.
    pub filters: Vec<Filter>,
    /// The file's order without.
    pub sort: Option<Sort>,
}
