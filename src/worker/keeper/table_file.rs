//! A table as bytes: for every column its name, its distinct cells and a code for every row.
//!
//! Not CSV: rows of empty cells, names and cells have to come back exactly as they are, so that a
//! row is the same row after a reload.

use crate::domain::column::number::Decimal;
use crate::domain::table::{Column, ColumnBuilder, RowId, Table};

/// Hands the bytes of a table over, part by part.
pub(super) fn write(table: &Table, part: &mut dyn FnMut(&[u8])) {
    let count = |count: usize| (count as u32).to_le_bytes();
    let columns = table.columns();
    part(&count(table.rows()));
    part(
        &table
            .test_from()
            .map_or(u32::MAX, |row| row.0)
            .to_le_bytes(),
    );
    // How numbers are read is a part of what they are: a run on the other reading is another run.
    let decimal = columns.first().and_then(Column::decimal);
    part(&count(match decimal {
        None => 0,
        Some(Decimal::Point) => 1,
        Some(Decimal::Comma) => 2,
    }));
    part(&count(columns.len()));
    for column in columns {
        let mut text = |text: &str| {
            part(&count(text.len()));
            part(text.as_bytes());
        };
        text(column.name());
        let distinct = column.distinct();
        for cell in distinct.iter() {
            text(cell);
        }
        part(&u32::MAX.to_le_bytes());
        let codes: Vec<u8> = column
            .codes()
            .iter()
            .flat_map(|code| code.to_le_bytes())
            .collect();
        part(&codes);
    }
}

/// Reads what [`write()`] wrote; `None` when the bytes make no table.
pub(super) fn read(name: &str, bytes: &[u8]) -> Option<Table> {
    let mut rest = bytes;
    let rows = number(&mut rest)? as usize;
    let test_from = Some(number(&mut rest)?).filter(|&row| row != u32::MAX);
    let decimal = match number(&mut rest)? {
        0 => None,
        1 => Some(Decimal::Point),
        _ => Some(Decimal::Comma),
    };
    let columns = number(&mut rest)?;
    let columns = (0..columns)
        .map(|_| {
            let name = text(&mut rest)??;
            let mut column = ColumnBuilder::new(name);
            let mut distinct = Vec::new();
            while let Some(cell) = text(&mut rest)? {
                distinct.push(cell);
            }
            for _ in 0..rows {
                column.push(distinct.get(number(&mut rest)? as usize)?);
            }
            Some(column.finish().with_decimal(decimal))
        })
        .collect::<Option<Vec<_>>>()?;
    let table = || Table::new(name, columns).with_test_from(test_from.map(RowId));
    rest.is_empty().then(table)
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_le_bytes(*number))
}

/// The next text; none at the end of a list of them.
#[expect(
    clippy::option_option,
    reason = "the outer one says that the bytes make no sense"
)]
fn text<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a str>> {
    let length = number(rest)?;
    if length == u32::MAX {
        return Some(None);
    }
    let (text, after) = rest.split_at_checked(length as usize)?;
    *rest = after;
    std::str::from_utf8(text).ok().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_comes_back_as_it_was() {
        let table = Table::new(
            "t.csv",
            vec![
                Column::of("text", ["a,\"b\"\n", "", "", "ü"]),
                Column::of(" label ", ["", "", "x", "x "]),
            ],
        );
        for test_from in [None, Some(RowId(3))] {
            let decimal = test_from.map(|_| Decimal::Comma);
            let table = table.with_decimal(decimal).with_test_from(test_from);
            let mut bytes = Vec::new();
            write(&table, &mut |part| bytes.extend_from_slice(part));
            let back = read("t.csv", &bytes).unwrap();
            assert_eq!(back.rows(), 4);
            assert_eq!(back.test_from(), test_from);
            for (back, column) in back.columns().iter().zip(table.columns()) {
                assert_eq!(back.name(), column.name());
                assert!(back.cells().eq(column.cells()));
                assert_eq!(back.decimal(), decimal);
            }
            for length in 0..bytes.len() {
                assert!(read("t.csv", &bytes[..length]).is_none());
            }
        }
    }
}
