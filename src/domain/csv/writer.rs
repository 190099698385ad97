//! Rows of cells become CSV.

use super::choice::Delimiter;
use super::dialect::Dialect;
use super::records::is_stray;

/// Begins a cell that a spreadsheet would take for a formula (OWASP, "CSV Injection").
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Stands before such a cell and makes it text.
const TEXT_MARK: char = '\'';

/// How rows are written. The default is RFC 4180.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvWriter {
    /// Stands between cells.
    pub delimiter: char,
    /// Stands around cells that hold delimiters, quotes or line breaks, and is doubled in them.
    pub quote: char,
    /// Whether cells that a spreadsheet would take for formulas are marked as text by a `'` before
    /// them. Numbers are left alone. What is written so is not read back as it was.
    pub is_formula_safe: bool,
}

impl Default for CsvWriter {
    fn default() -> Self {
        Self {
            delimiter: ',',
            quote: '"',
            is_formula_safe: false,
        }
    }
}

impl CsvWriter {
    /// Appends one row: cells that hold the delimiter, a quote or a line break stand in quotes with
    /// their quotes doubled, and the line ends with CR LF.
    ///
    /// A row that would be taken for an empty line is written in quotes, and so is a first cell
    /// that could be taken for something else than a cell, such as a byte order mark.
    pub fn write_row(&self, csv: &mut String, cells: &[&str]) {
        let is_blank = cells.iter().all(|cell| is_stray(cell));
        let is_first = csv.is_empty();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                csv.push(self.delimiter);
            }
            let is_formula = self.is_formula_safe && is_formula(cell);
            let is_odd_start = is_first
                && at == 0
                && (!cell.starts_with(char::is_alphanumeric)
                    || cell.to_ascii_lowercase().starts_with("sep="));
            if is_blank || is_formula || is_odd_start || self.needs_quotes(cell) {
                self.write_quoted(csv, cell, is_formula);
            } else {
                csv.push_str(cell);
            }
        }
        csv.push_str("\r\n");
    }

    /// The dialect that reads back what is written, given whether the first row names the columns.
    pub fn dialect(&self, header: bool) -> Dialect {
        Dialect {
            delimiter: Delimiter::Character(self.delimiter),
            quote: Some(self.quote),
            header,
            ..Dialect::RFC_4180
        }
    }

    fn needs_quotes(&self, cell: &str) -> bool {
        cell.contains([self.delimiter, self.quote, '\r', '\n'])
    }

    fn write_quoted(&self, csv: &mut String, cell: &str, is_formula: bool) {
        csv.push(self.quote);
        if is_formula {
            csv.push(TEXT_MARK);
            if self.quote == TEXT_MARK {
                csv.push(TEXT_MARK);
            }
        }
        for character in cell.chars() {
            if character == self.quote {
                csv.push(character);
            }
            csv.push(character);
        }
        csv.push(self.quote);
    }
}

/// Appends one row as RFC 4180 has it; see [`CsvWriter::write_row`].
pub fn write_row(csv: &mut String, cells: &[&str]) {
    CsvWriter::default().write_row(csv, cells);
}

/// Whether a spreadsheet would take a cell for a formula, and it is no number.
fn is_formula(cell: &str) -> bool {
    let Some(rest) = cell.strip_prefix(FORMULA_STARTS) else {
        return false;
    };
    let is_sign = cell.starts_with(['+', '-']);
    let mantissa = rest.trim_end_matches('%');
    let is_grouped = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let is_number = rest.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && (mantissa.chars().all(is_grouped) || mantissa.parse::<f64>().is_ok());
    !(is_sign && is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(writer: CsvWriter, cells: &[&str], expected: &str) {
        // Not at the start of a file, where more is quoted.
        let mut csv = String::from("a\r\n");
        writer.write_row(&mut csv, cells);
        assert_eq!(&csv[3..], expected);
    }

    macro_rules! writes {
        ($($name:ident, $writer:expr, $cells:expr, $expected:expr;)*) => {
            $(#[test] fn $name() { check($writer, &$cells, $expected); })*
        };
    }

    fn rfc() -> CsvWriter {
        CsvWriter::default()
    }

    fn safe() -> CsvWriter {
        CsvWriter {
            is_formula_safe: true,
            ..rfc()
        }
    }

    fn german() -> CsvWriter {
        CsvWriter {
            delimiter: ';',
            quote: '\'',
            is_formula_safe: false,
        }
    }

    writes! {
        plain, rfc(), ["a", "b c", ""], "a,b c,\r\n";
        comma, rfc(), ["a,b", "c"], "\"a,b\",c\r\n";
        quotes, rfc(), ["say \"hi\"", "\""], "\"say \"\"hi\"\"\",\"\"\"\"\r\n";
        line_breaks, rfc(), ["a\nb", "c\r\nd"], "\"a\nb\",\"c\r\nd\"\r\n";
        one_empty_cell, rfc(), [""], "\"\"\r\n";
        empty_cells, rfc(), ["", " "], "\"\",\" \"\r\n";
        semicolon_needs_nothing, rfc(), ["a;b", "日本"], "a;b,日本\r\n";
        formulas_unasked, rfc(), ["=1+1", "-x"], "=1+1,-x\r\n";
        formulas, safe(), ["=1+1", "@x", "+a", "\tb"], "\"'=1+1\",\"'@x\",\"'+a\",\"'\tb\"\r\n";
        numbers_are_no_formulas, safe(), ["-1.5", "+3e5", "-1.234,50", "-12%", "-.5"],
            "-1.5,+3e5,\"-1.234,50\",-12%,-.5\r\n";
        sums_are_formulas, safe(), ["-1+2", "-inf", "+1*2", "=1", "-"],
            "\"'-1+2\",\"'-inf\",\"'+1*2\",\"'=1\",\"'-\"\r\n";
        another_dialect, german(), ["a;b", "it's", "1,5", "\""], "'a;b';'it''s';1,5;\"\r\n";
    }

    #[test]
    fn the_first_cell_of_a_file_is_a_cell() {
        for start in ["\u{feff}a", "sep=;", "[[1", "<html", "#x"] {
            let mut csv = String::new();
            write_row(&mut csv, &[start, "b"]);
            assert_eq!(csv, format!("\"{start}\",b\r\n"));
        }
    }
}
