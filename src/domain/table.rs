//! A table in memory: columns of dictionary-encoded strings.
//!
//! CSV exports repeat themselves (labels, countries, yes and no), so each distinct cell is kept
//! once and a row holds its four-byte code. A column of unique texts costs those four bytes a row
//! more than a plain list would.
//!
//! Nothing in a table changes once it is there, and columns share what they hold: a table with
//! one column replaced or left out costs no more than that column.

mod append;
mod builder;
mod cells;

pub use builder::ColumnBuilder;
pub use cells::Cells;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::column::number::Decimal;

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

/// One named column: a dictionary of distinct cells and a code for every row. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Column {
    name: Arc<str>,
    distinct: Arc<Cells>,
    codes: Arc<Vec<u32>>,
    /// The decimal mark of its numbers, where a person said so.
    decimal: Option<Decimal>,
}

impl Column {
    /// A column of the given cells, top to bottom. One that arrives cell by cell is filled by a
    /// [`ColumnBuilder`].
    pub fn of<T: AsRef<str>>(name: impl Into<String>, cells: impl IntoIterator<Item = T>) -> Self {
        let mut builder = ColumnBuilder::new(name);
        for cell in cells {
            builder.push(cell.as_ref());
        }
        builder.finish()
    }

    /// The column's name, unique within its table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The decimal mark of its numbers, where a person said so.
    pub fn decimal(&self) -> Option<Decimal> {
        self.decimal
    }

    /// The same cells, whose numbers have this decimal mark; `None` lets the cells tell.
    #[must_use]
    pub fn with_decimal(&self, decimal: Option<Decimal>) -> Self {
        Self {
            decimal,
            ..self.clone()
        }
    }

    /// The same cells under another name.
    #[must_use]
    pub fn renamed(&self, name: &str) -> Self {
        Self {
            name: name.into(),
            ..self.clone()
        }
    }

    /// The column with every cell changed; asked once for each of [`Column::distinct`].
    #[must_use]
    pub fn mapped<T: AsRef<str>>(&self, change: impl FnMut(&str) -> T) -> Self {
        let changed = Self::of("", self.distinct.iter().map(change));
        // A cell in `changed` stands where its original stands in `distinct`.
        Self {
            name: Arc::clone(&self.name),
            decimal: self.decimal,
            distinct: changed.distinct,
            codes: Arc::new(
                self.codes
                    .iter()
                    .map(|&code| changed.codes[code as usize])
                    .collect(),
            ),
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.codes.len()
    }

    /// Bytes of memory that it takes.
    pub fn bytes(&self) -> usize {
        self.distinct.bytes() + self.codes.capacity() * size_of::<u32>()
    }

    /// The column of some of the rows: those with `true` in their place. Cells of no other row
    /// are left in its [`Column::distinct`].
    #[must_use]
    pub fn only(&self, kept: &[bool]) -> Self {
        let mut used = Vec::new();
        let mut place: Vec<Option<u32>> = vec![None; self.distinct.len()];
        let rows = self.codes.iter().zip(kept).filter(|(_, kept)| **kept);
        let codes = rows.map(|(&code, _)| {
            *place[code as usize].get_or_insert_with(|| {
                used.push(&self.distinct[code as usize]);
                used.len() as u32 - 1
            })
        });
        Self {
            name: Arc::clone(&self.name),
            decimal: self.decimal,
            codes: Arc::new(codes.collect()),
            distinct: Self::of("", used).distinct,
        }
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
        self.codes.iter().map(|&code| &self.distinct[code as usize])
    }

    /// The distinct cells, in order of first appearance.
    pub fn distinct(&self) -> &Cells {
        &self.distinct
    }

    /// For every row the index of its cell in [`Column::distinct`].
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// How many rows hold each of [`Column::distinct`].
    pub fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.distinct.len()];
        for &code in self.codes.iter() {
            counts[code as usize] += 1;
        }
        counts
    }
}

/// A table: columns of equal length. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Table {
    name: String,
    columns: Vec<Column>,
    rows: usize,
    test_from: Option<RowId>,
}

impl Table {
    /// A table of the given columns.
    ///
    /// # Panics
    /// When the columns differ in length.
    pub fn new(name: impl Into<String>, columns: Vec<Column>) -> Self {
        Self {
            name: name.into(),
            rows: columns.first().map_or(0, Column::rows),
            columns: Vec::new(),
            test_from: None,
        }
        .with_columns(columns)
    }

    /// The file's name, or what stands in for it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of rows, without the header.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// From which row on the rows of a second file stand, as test rows.
    pub fn test_from(&self) -> Option<RowId> {
        self.test_from
    }

    /// The same table, whose rows from this one on are those of a second file.
    #[must_use]
    pub fn with_test_from(self, test_from: Option<RowId>) -> Self {
        Self { test_from, ..self }
    }

    /// The same table, whose numbers have this decimal mark in every column.
    #[must_use]
    pub fn with_decimal(&self, decimal: Option<Decimal>) -> Self {
        let columns = self.columns.iter();
        self.with_columns(columns.map(|column| column.with_decimal(decimal)).collect())
    }

    /// The columns, left to right.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Bytes of memory that the columns take.
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(Column::bytes).sum()
    }

    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name() == name)
    }

    /// One row's cells, left to right.
    pub fn row(&self, row: RowId) -> Vec<String> {
        self.columns
            .iter()
            .map(|column| column.cell(row).to_owned())
            .collect()
    }

    /// The same rows with other columns.
    ///
    /// # Panics
    /// When a column has another number of rows.
    #[must_use]
    pub fn with_columns(&self, columns: Vec<Column>) -> Self {
        assert!(
            columns.iter().all(|column| column.rows() == self.rows),
            "the columns of a table have equal length"
        );
        Self {
            columns,
            name: self.name.clone(),
            ..*self
        }
    }

    /// The table with a column in the place of the one of that name, or to the right of all where
    /// there is none.
    ///
    /// # Panics
    /// When the column has another number of rows.
    #[must_use]
    pub fn replace(&self, name: &str, column: Column) -> Self {
        let mut columns = self.columns.clone();
        match columns.iter_mut().find(|column| column.name() == name) {
            Some(place) => *place = column,
            None => columns.push(column),
        }
        self.with_columns(columns)
    }

    /// The table without the columns of these names.
    #[must_use]
    pub fn without(&self, names: &[String]) -> Self {
        let is_kept = |column: &&Column| !names.iter().any(|name| name == column.name());
        self.with_columns(self.columns.iter().filter(is_kept).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table::new(
            "t.csv",
            vec![
                Column::of("text", ["a", "b", "c"]),
                Column::of("label", ["x", "X ", "x"]),
            ],
        )
    }

    #[test]
    fn repeated_cells_are_kept_once() {
        let column = Column::of("label", ["spam", "ham", "ham", "spam", ""]);
        assert!(column.cells().eq(["spam", "ham", "ham", "spam", ""]));
        assert_eq!(column.distinct().len(), 3);
        assert_eq!(column.counts(), [2, 2, 1]);
        assert_eq!(column.cell(RowId(3)), "spam");
    }

    #[test]
    fn cells_that_become_equal_share_a_code() {
        let table = table();
        let mapped = table.columns()[1].mapped(|cell| cell.trim().to_lowercase());
        assert!(mapped.cells().eq(["x", "x", "x"]));
        assert_eq!(mapped.counts(), [3]);
        assert_eq!(mapped.name(), "label");
    }

    #[test]
    fn some_rows_have_a_dictionary_of_their_own() {
        let column = Column::of("label", ["a", "b", "c", "b", "a"]);
        let only = column.only(&[false, true, true, true, false]);
        assert!(only.cells().eq(["b", "c", "b"]));
        assert!(only.distinct().iter().eq(["b", "c"]));
        assert_eq!(only.name(), "label");
    }

    #[test]
    fn columns_are_replaced_added_and_left_out() {
        let table = table();
        let names = |table: &Table| -> Vec<String> {
            let names = table.columns().iter().map(Column::name);
            names.map(str::to_owned).collect()
        };
        let replaced = table.replace("text", Column::of("text", ["1", "2", "3"]));
        assert_eq!(names(&replaced), ["text", "label"]);
        assert_eq!(replaced.row(RowId(1)), ["2", "X "]);
        assert_eq!(table.row(RowId(1)), ["b", "X "]);

        let added = table.replace("new", table.columns()[0].renamed("new"));
        assert_eq!(names(&added), ["text", "label", "new"]);
        assert_eq!(added.row(RowId(2)), ["c", "x", "c"]);

        let bare = added.without(&names(&added));
        assert_eq!((bare.columns().len(), bare.rows()), (0, 3));
    }

    #[test]
    #[should_panic(expected = "equal length")]
    fn columns_of_other_lengths_do_not_fit() {
        let _ = table().replace("text", Column::of("text", ["1"]));
    }
}
