//! Fills a column cell by cell.
//!
//! Apart from [`Column`], so that the index by which a cell is known again goes when the column
//! is whole: for a column of unique texts it would be a third of what the column takes.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::{Cells, Column};

/// A column that still grows.
#[derive(Debug, Clone, Default)]
pub struct ColumnBuilder {
    name: String,
    distinct: Cells,
    codes: Vec<u32>,
    /// Codes by what their cells hash to; the cells themselves are in `distinct` only.
    known: HashTable<Known>,
}

/// A cell to be known again by. The hash stands beside the code so that growing the index, and
/// looking past another cell, need not go to where the text is.
#[derive(Debug, Clone, Copy)]
struct Known {
    hash: u32,
    code: u32,
}

impl Known {
    /// The hash as wide as the index wants it: it takes a cell's place from one end and its tag
    /// from the other.
    fn wide(hash: u32) -> u64 {
        u64::from(hash) << 32 | u64::from(hash)
    }
}

/// Only ever looked up in, never gone through, so that its order decides nothing.
const HASHER: FixedState = FixedState::with_seed(0);

impl ColumnBuilder {
    /// An empty column.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// The column's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rows so far.
    pub fn rows(&self) -> usize {
        self.codes.len()
    }

    /// The distinct cells so far, in order of first appearance.
    pub fn distinct(&self) -> &Cells {
        &self.distinct
    }

    /// Appends a cell.
    pub fn push(&mut self, cell: &str) {
        // Exports are often sorted: then the row above has the same cell.
        if let Some(&last) = self.codes.last()
            && &self.distinct[last as usize] == cell
        {
            self.codes.push(last);
            return;
        }
        let code = self.code_of(cell);
        self.codes.push(code);
    }

    /// Appends the cells of some rows of a column.
    pub fn extend(&mut self, column: &Column, rows: impl ExactSizeIterator<Item = usize>) {
        let mut code_here: Vec<Option<u32>> = vec![None; column.distinct().len()];
        self.codes.reserve(rows.len());
        for row in rows {
            let code = column.codes()[row];
            let here = match code_here[code as usize] {
                Some(here) => here,
                None => {
                    let here = self.code_of(&column.distinct()[code as usize]);
                    code_here[code as usize] = Some(here);
                    here
                }
            };
            self.codes.push(here);
        }
    }

    /// Bytes of memory that it takes.
    pub fn bytes(&self) -> usize {
        self.distinct.bytes()
            + self.codes.capacity() * size_of::<u32>()
            + self.known.allocation_size()
    }

    /// The column.
    pub fn finish(mut self) -> Column {
        // The index goes first, so that what is copied below finds room where it was.
        self.known = HashTable::new();
        self.codes.shrink_to_fit();
        self.distinct.shrink_to_fit();
        Column {
            name: self.name.into(),
            distinct: Arc::new(self.distinct),
            codes: Arc::new(self.codes),
            decimal: None,
        }
    }

    fn code_of(&mut self, cell: &str) -> u32 {
        let Self {
            distinct, known, ..
        } = self;
        let hash = HASHER.hash_one(cell) as u32;
        let entry = known.entry(
            Known::wide(hash),
            |known| known.hash == hash && &distinct[known.code as usize] == cell,
            |known| Known::wide(known.hash),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(known) => known.get().code,
            hashbrown::hash_table::Entry::Vacant(free) => {
                let code = distinct.len() as u32;
                free.insert(Known { hash, code });
                distinct.push(cell);
                code
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_given_in_order_of_appearance() {
        let mut column = ColumnBuilder::new("label");
        for cell in ["spam", "ham", "ham", "spam", ""] {
            column.push(cell);
        }
        assert_eq!((column.name(), column.rows()), ("label", 5));
        let column = column.finish();
        assert_eq!(column.codes(), [0, 1, 1, 0, 2]);
        assert!(column.distinct().iter().eq(["spam", "ham", ""]));
    }

    #[test]
    fn cells_are_known_again_however_many_there_are() {
        let mut column = ColumnBuilder::new("number");
        for at in (0..3000).chain(0..3000) {
            column.push(&at.to_string());
        }
        assert!(column.bytes() > 6000 * 4);
        let column = column.finish();
        assert_eq!(column.distinct().len(), 3000);
        assert!(column.counts().iter().all(|&count| count == 2));
    }

    #[test]
    fn rows_of_another_column_are_appended() {
        let other = Column::of("other", ["x", "a", "b", "a"]);
        let mut column = ColumnBuilder::new("column");
        column.push("b");
        column.extend(&other, 1..4);
        let column = column.finish();
        assert!(column.cells().eq(["b", "a", "b", "a"]));
        assert!(column.distinct().iter().eq(["b", "a"]));
    }
}
