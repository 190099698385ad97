//! Rows of cells become CSV.

/// Appends one row as RFC 4180 has it: cells that hold a comma, a quote or a line break stand in
/// quotes with their quotes doubled, and the line ends with CR LF.
///
/// A row of one empty cell is written as `""`, as an empty line would be no row.
pub fn write_row(csv: &mut String, cells: &[&str]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            csv.push(',');
        }
        if cell.contains([',', '"', '\r', '\n']) || (cell.is_empty() && cells.len() == 1) {
            csv.push('"');
            csv.push_str(&cell.replace('"', "\"\""));
            csv.push('"');
        } else {
            csv.push_str(cell);
        }
    }
    csv.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::super::{CsvReader, Dialect};
    use super::*;

    #[track_caller]
    fn check(cells: &[&str], expected: &str) {
        let mut csv = String::new();
        write_row(&mut csv, cells);
        assert_eq!(csv, expected);
    }

    macro_rules! writes {
        ($($name:ident, $cells:expr, $expected:expr;)*) => {
            $(#[test] fn $name() { check(&$cells, $expected); })*
        };
    }

    writes! {
        plain, ["a", "b c", ""], "a,b c,\r\n";
        comma, ["a,b", "c"], "\"a,b\",c\r\n";
        quotes, ["say \"hi\"", "\""], "\"say \"\"hi\"\"\",\"\"\"\"\r\n";
        line_breaks, ["a\nb", "c\r\nd"], "\"a\nb\",\"c\r\nd\"\r\n";
        one_empty_cell, [""], "\"\"\r\n";
        semicolon_needs_nothing, ["a;b", "日本"], "a;b,日本\r\n";
    }

    #[test]
    fn what_is_written_is_read_back() {
        let rows = [
            ["text", "label"],
            ["plain", "1"],
            ["a,b;c\td|e", "\"quoted\""],
            ["\"", "\"\""],
            ["line\nbreak", "line\r\nbreak"],
            ["\r", "x\n"],
            [" spaces ", "\u{a0}"],
            ["éß日👍", "'"],
            ["", "=1+1"],
            ["\\", "\\\""],
        ];
        let mut csv = String::new();
        for row in &rows {
            write_row(&mut csv, row);
        }
        let mut reader = CsvReader::with_dialect("t.csv", Dialect::RFC_4180);
        reader.feed(csv.as_bytes());
        let (table, issues) = reader.finish().unwrap();
        assert!(issues.is_empty(), "{issues:?}");
        assert_eq!(table.rows(), rows.len() - 1);
        for (column, table_column) in table.columns().iter().enumerate() {
            assert_eq!(table_column.name(), rows[0][column]);
            let cells: Vec<&str> = table_column.cells().collect();
            let written: Vec<&str> = rows[1..].iter().map(|row| row[column]).collect();
            assert_eq!(cells, written);
        }
    }
}
