//! The rows of a table as a task sees them: texts with their labels, apart in three parts.

use super::issue::Issue;
use super::recipe::Recipe;
use super::split::Split;
use super::table::{RowId, Table};

/// What the engine learns from: one text and one label a row, and who may see which row.
#[derive(Debug, Clone)]
pub struct Examples {
    /// The labels, by index.
    pub labels: Vec<String>,
    /// Text of every row of the table; empty where the row belongs to no part.
    pub texts: Vec<String>,
    /// Label index of every row of the table; `None` where the cell is missing.
    pub label_of: Vec<Option<u32>>,
    /// Who may see which row.
    pub split: Split,
}

impl Examples {
    /// Reads a table as a recipe says.
    ///
    /// # Errors
    /// The issues that block, at least one.
    pub fn read(table: &Table, recipe: &Recipe) -> Result<Self, Vec<Issue>> {
        let _ = (table, recipe);
        todo!()
    }

    /// A row's label index.
    ///
    /// # Panics
    /// When the row has no label; rows of the split always have one.
    pub fn label(&self, row: RowId) -> u32 {
        self.label_of[row.index()].expect("rows of a split have a label")
    }
}
