//! Single rows that a person decided about, found again when the file is read another time.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::table::{RowId, Table};

/// Bytes of the digest that are kept: two of a million different rows share them with a
/// probability of 3e-8.
const BYTES: usize = 8;

/// One row, by its place and by what stands in it.
///
/// The place alone would mean another row once the file is read with one line more or less. The
/// print is of the cells as they were read, before any step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pin {
    /// Where it was.
    pub row: RowId,
    /// The start of the SHA-256 of its cells, in hexadecimal digits.
    pub print: String,
}

impl Pin {
    /// Pins a row of a table as it was read.
    pub fn of(read: &Table, row: RowId) -> Self {
        Self {
            row,
            print: print(read, row),
        }
    }
}

/// For each pin the row that it means, or `None` where no row has its cells. Of several rows with
/// the same cells the one in its place is meant, else the first.
pub(super) fn find(read: &Table, pins: &[&Pin]) -> Vec<Option<RowId>> {
    let mut by_print: Option<HashMap<String, RowId>> = None;
    let place = |pin: &&Pin| {
        let is_there = pin.row.index() < read.rows() && print(read, pin.row) == pin.print;
        if is_there {
            return Some(pin.row);
        }
        let by_print = by_print.get_or_insert_with(|| {
            let rows = (0..read.rows() as u32).rev().map(RowId);
            rows.map(|row| (print(read, row), row)).collect()
        });
        by_print.get(&pin.print).copied()
    };
    pins.iter().map(place).collect()
}

fn print(read: &Table, row: RowId) -> String {
    let mut hash = Sha256::new();
    for column in read.columns() {
        let cell = column.cell(row);
        // The length keeps cells apart: "ab", "c" is not "a", "bc".
        hash.update((cell.len() as u64).to_le_bytes());
        hash.update(cell);
    }
    let digest = hash.finalize();
    let digits = digest[..BYTES].iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::table::Column;

    fn table(texts: &[&str], labels: &[&str]) -> Table {
        let columns = vec![Column::of("text", texts), Column::of("label", labels)];
        Table::new("t.csv", columns)
    }

    #[test]
    fn a_row_is_found_after_the_file_was_read_otherwise() {
        let before = table(&["a", "b", "b", "c"], &["x", "y", "y", "z"]);
        let pins: Vec<Pin> = (0..4).map(|row| Pin::of(&before, RowId(row))).collect();
        let pins: Vec<&Pin> = pins.iter().collect();
        let rows = |ids: &[Option<u32>]| -> Vec<Option<RowId>> {
            ids.iter().map(|id| id.map(RowId)).collect()
        };
        assert_eq!(
            find(&before, &pins),
            rows(&[Some(0), Some(1), Some(2), Some(3)])
        );
        // A line more in front, one less at the end.
        let after = table(&["title", "a", "b", "b"], &["", "x", "y", "y"]);
        assert_eq!(
            find(&after, &pins),
            rows(&[Some(1), Some(2), Some(2), None])
        );
        assert_ne!(
            Pin::of(&table(&["ab"], &["c"]), RowId(0)).print,
            Pin::of(&table(&["a"], &["bc"]), RowId(0)).print
        );
    }
}
