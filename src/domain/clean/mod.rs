//! Steps that clean and prepare a table: chosen one by one, previewed, undone by leaving them out,
//! and part of the recipe. The table that was read is never altered.

use serde::{Deserialize, Serialize};

use super::table::RowId;

/// What stands in for a missing value. Fitted on training rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// The median of the numbers.
    Median,
    /// The most frequent cell.
    MostFrequent,
    /// A category of its own.
    Category,
    /// This cell.
    Value(String),
    /// Nothing: the row is dropped.
    DropRow,
}

/// What is done to numbers far from the others. Bounds are fitted on training rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outliers {
    /// They become the nearest bound.
    Clip,
    /// A new column says which rows have one.
    Flag,
}

/// How classes of very different size are brought closer. Training rows only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rebalance {
    /// Rows of rare classes are drawn again.
    Oversample,
    /// Rows of frequent classes are left out.
    Undersample,
}

/// One step, as the recipe holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepPlan {
    /// White space at the ends goes, runs of it inside become one space.
    TrimSpace {
        /// In these columns; none means all.
        columns: Vec<String>,
    },
    /// Unicode Normalization Form C; invisible characters go.
    NormalizeUnicode {
        /// In these columns; none means all.
        columns: Vec<String>,
    },
    /// Spellings of one label become one.
    UnifySpellings {
        /// In this column.
        column: String,
        /// From each spelling to the one that stays.
        into: Vec<(String, String)>,
    },
    /// Of rows that are alike the first stays.
    DropDuplicates {
        /// Alike in these columns; none means all.
        columns: Vec<String>,
        /// Whether texts that are nearly alike count.
        near: bool,
    },
    /// These columns are left out.
    DropColumns {
        /// Their names.
        columns: Vec<String>,
    },
    /// Rows without a value to learn are left out of training; they can be predicted later.
    DropMissingTarget,
    /// Missing values get a stand-in.
    FillMissing {
        /// In this column.
        column: String,
        /// Which.
        with: Fill,
    },
    /// Numbers far from the others are bounded or flagged.
    Outliers {
        /// In this column.
        column: String,
        /// How.
        how: Outliers,
    },
    /// Classes or categories of few rows become one.
    MergeRare {
        /// In this column.
        column: String,
        /// Those of fewer training rows than this.
        least: u32,
        /// The name of the one.
        into: String,
    },
    /// Classes of very different size are brought closer.
    Rebalance {
        /// How.
        how: Rebalance,
    },
}

/// What a step does to a table, counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// What it does, as a sentence with its figures.
    pub what: String,
    /// Cells that change.
    pub cells: u32,
    /// Rows of which a cell changes.
    pub rows: u32,
    /// Rows that are left out.
    pub dropped_rows: u32,
    /// Columns that are left out.
    pub dropped_columns: Vec<String>,
    /// A few changes: row, column, before, after. None after where the row is left out.
    pub examples: Vec<Change>,
    /// Why the step cannot be done on this table, if it cannot.
    pub refused: Option<String>,
}

/// One cell before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The row.
    pub row: RowId,
    /// The column's name.
    pub column: String,
    /// The cell as it was read.
    pub before: String,
    /// The cell after; `None` when the row is left out.
    pub after: Option<String>,
}

/// A step that would do this table good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// The step.
    pub step: StepPlan,
    /// Why, as a sentence.
    pub why: String,
    /// What it would do.
    pub report: StepReport,
}
