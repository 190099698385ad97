//! A table in memory: columns of dictionary-encoded strings.
//!
//! CSV exports repeat themselves (labels, countries, yes and no), so each distinct cell is kept
//! once and a row holds its four-byte code. A column of unique texts costs those four bytes a row
//! more than a plain list would.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// A row of a [`Table`], counted from 0 without the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowId(pub u32);

impl RowId {
    /// The row as an index into a slice that holds one entry a row.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One named column: a dictionary of distinct cells and a code for every row.
#[derive(Debug, Clone, Default)]
pub struct Column {
    name: String,
    distinct: Vec<Box<str>>,
    codes: Vec<u32>,
    lookup: HashMap<Box<str>, u32>,
}

impl Column {
    /// An empty column.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// The column's name, unique within its table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Appends a cell.
    pub fn push(&mut self, cell: &str) {
        let code = match self.lookup.get(cell) {
            Some(&code) => code,
            None => {
                let code = self.distinct.len() as u32;
                self.distinct.push(cell.into());
                self.lookup.insert(cell.into(), code);
                code
            }
        };
        self.codes.push(code);
    }

    /// The column of some of the rows: those with `true` in their place.
    #[must_use]
    pub fn only(&self, kept: &[bool]) -> Self {
        let mut other = Self::new(self.name());
        for (cell, _) in self.cells().zip(kept).filter(|(_, kept)| **kept) {
            other.push(cell);
        }
        other
    }

    /// The cell in a row.
    ///
    /// # Panics
    /// When the row is not in the table.
    pub fn cell(&self, row: RowId) -> &str {
        &self.distinct[self.codes[row.index()] as usize]
    }

    /// All cells, top to bottom.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &str> {
        self.codes
            .iter()
            .map(|&code| &*self.distinct[code as usize])
    }

    /// The distinct cells, in order of first appearance.
    pub fn distinct(&self) -> &[Box<str>] {
        &self.distinct
    }

    /// For every row the index of its cell in [`Column::distinct`].
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// How many rows hold each of [`Column::distinct`].
    pub fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.distinct.len()];
        for &code in &self.codes {
            counts[code as usize] += 1;
        }
        counts
    }
}

/// A table: columns of equal length.
#[derive(Debug, Clone, Default)]
pub struct Table {
    name: String,
    columns: Vec<Column>,
}

impl Table {
    /// A table of the given columns.
    ///
    /// # Panics
    /// When the columns differ in length.
    pub fn new(name: impl Into<String>, columns: Vec<Column>) -> Self {
        assert!(
            columns
                .windows(2)
                .all(|pair| pair[0].codes.len() == pair[1].codes.len()),
            "the columns of a table have equal length"
        );
        Self {
            name: name.into(),
            columns,
        }
    }

    /// The file's name, or what stands in for it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of rows, without the header.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.codes.len())
    }

    /// The columns, left to right.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// One row's cells, left to right.
    pub fn row(&self, row: RowId) -> Vec<String> {
        self.columns
            .iter()
            .map(|column| column.cell(row).to_owned())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_cells_are_kept_once() {
        let mut column = Column::new("label");
        for cell in ["spam", "ham", "ham", "spam", ""] {
            column.push(cell);
        }
        assert_eq!(
            column.cells().collect::<Vec<_>>(),
            ["spam", "ham", "ham", "spam", ""]
        );
        assert_eq!(column.distinct().len(), 3);
        assert_eq!(column.counts(), [2, 2, 1]);
        assert_eq!(column.cell(RowId(3)), "spam");
    }
}
