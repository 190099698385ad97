//! All that the page shows of one column.

use serde::{Deserialize, Serialize};

/// What is read in a column, and how. Part of the recipe.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schema {
    /// Ids of kinds by column name, where a person chose another than the inferred one.
    pub kinds: std::collections::BTreeMap<String, String>,
    /// Spellings of a missing value in every column; none means the usual ones.
    pub missing: Option<Vec<String>>,
}

/// One bar of a histogram or of a list of cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// What it stands for, as people read it.
    pub label: String,
    /// Lower and upper bound, where it stands for a range of numbers or of Unix seconds.
    pub range: Option<[f64; 2]>,
    /// Rows.
    pub rows: u32,
}

/// Figures of a column of numbers or dates (Unix seconds).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberFigures {
    /// Minimum, lower quartile, median, upper quartile, maximum.
    pub quantiles: [f64; 5],
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of the rows.
    pub deviation: f64,
}

/// All that the page shows of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnDetail {
    /// Its name.
    pub name: String,
    /// Id of its kind.
    pub kind: String,
    /// Why this kind, as a sentence.
    pub reason: String,
    /// How its numbers or dates are written, e.g. `1.234,56 €` or `day/month/year`.
    pub format: Option<String>,
    /// Cells of that kind's columns that could not be read as it, with their rows.
    pub unread: Vec<(String, u32)>,
    /// Rows with a missing value.
    pub missing: u32,
    /// How the missing values are spelled, with their rows.
    pub missing_spellings: Vec<(String, u32)>,
    /// Different cells, missing ones aside.
    pub distinct: u32,
    /// Histogram of numbers, dates or lengths, or the most frequent cells.
    pub bars: Vec<Bar>,
    /// Figures of numbers and dates.
    pub numbers: Option<NumberFigures>,
    /// Length in characters: minimum, median, 95th percentile, maximum.
    pub chars: [u32; 4],
    /// A few different cells, spread over the table.
    pub examples: Vec<String>,
}
