//! Records become columns; what does not fit is mended and told.

use super::dialect::Dialect;
use super::header::BelowHeader;
use super::names::{Names, list};
use super::records::{Record, is_stray};
use super::refusal::CsvRefusal;
use super::tally::{Tally, cells_of, shortened};
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::read::Rows;
use crate::domain::table::{Column, ColumnBuilder, Table};

/// Stands in a cell where the file has a NUL, which no text has: Unicode's picture of it.
pub(super) const NUL_PICTURE: char = '\u{2400}';

/// So many cells are filled in whatever the file is; beyond that, so many for each that it has.
const MOST_FILLED_IN: u64 = 5_000_000;
const FILLED_IN_PER_CELL: u64 = 8;

/// Fills a table record by record.
#[derive(Debug)]
pub(super) struct TableBuilder {
    dialect: Dialect,
    rows: Rows,
    /// Whether the first record was met, which makes the columns.
    has_columns: bool,
    /// Columns that the file does not name.
    nameless: Vec<usize>,
    header_line: u64,
    /// Cells of the rows, and empty ones that short rows were filled up with.
    cells: u64,
    filled_in: u64,
    blank_rows: u64,
    /// Whether the file holds NULs, which stand as [`NUL_PICTURE`] in the cells.
    pub(super) has_nuls: bool,
    /// Whether a row's last cell is in quotes: then it is there on purpose, be it empty.
    is_last_quoted: bool,
    is_below_header: bool,
    issues: Vec<Issue>,
    short_rows: Tally,
    long_rows: Tally,
    open_quotes: Tally,
    nuls: Tally,
}

impl TableBuilder {
    pub(super) fn new(dialect: Dialect, rows: Rows) -> Self {
        let mut issues = Vec::new();
        if dialect.preamble_lines > 0 {
            issues.push(Issue::new(
                "preamble",
                Severity::Note,
                Position::Line { line: 1 },
                match dialect.preamble_lines {
                    1 => "Line 1 stands above the table and was skipped.".to_owned(),
                    lines => format!("Lines 1 to {lines} stand above the table and were skipped."),
                },
                "Nothing to do, unless the column names are wrong.",
            ));
        }
        if dialect.is_nested {
            issues.push(Issue::new(
                "nested",
                Severity::Note,
                Position::Table,
                "Every line of the file is one quoted cell that holds a table's row; the rows were unwrapped.",
                "Nothing to do. A spreadsheet does this when it opens a file as a single column and saves it again.",
            ));
        }
        Self {
            dialect,
            rows,
            has_columns: false,
            nameless: Vec::new(),
            header_line: 1,
            cells: 0,
            filled_in: 0,
            blank_rows: 0,
            has_nuls: false,
            is_last_quoted: false,
            is_below_header: false,
            issues,
            short_rows: Tally::new("short_row"),
            long_rows: Tally::new("long_row"),
            open_quotes: Tally::new("open_quote"),
            nuls: Tally::new("nul"),
        }
    }

    /// Whether the rows are so much shorter than the first one that filling them up would take
    /// more memory than any file should.
    pub(super) fn is_too_ragged(&self) -> bool {
        self.filled_in > MOST_FILLED_IN && self.filled_in / FILLED_IN_PER_CELL > self.cells
    }

    /// Takes the next record: the header, or a row.
    pub(super) fn push(&mut self, record: &Record) {
        if record.is_blank() {
            self.blank_rows += u64::from(self.has_columns);
            return;
        }
        if !self.has_columns {
            let names = if self.dialect.header {
                Names::of(record, self.dialect.columns)
            } else {
                self.tell_no_header(record.line);
                Names::without_header(record.cells().len().max(self.dialect.columns))
            };
            self.header_line = record.line;
            self.issues.extend(names.issues);
            self.nameless = names.nameless;
            for name in names.names {
                self.rows.add_column(name);
            }
            self.has_columns = true;
            self.tell_of_quote(record);
            if !self.dialect.header {
                self.push_row(record);
            }
            self.is_below_header = self.dialect.header;
            return;
        }
        self.tell_of_quote(record);
        if std::mem::take(&mut self.is_below_header)
            && let Some(below) = self.dialect.below_header
        {
            self.tell_below_header(below, record);
        } else {
            self.push_row(record);
        }
    }

    fn push_row(&mut self, record: &Record) {
        self.is_last_quoted |= record.cut.ends_quoted;
        if self.rows.offer() {
            self.rows.push(record.cells());
        }
        let (found, wanted) = (record.cells().len(), self.rows.columns().len());
        self.cells += found as u64;
        self.filled_in += wanted.saturating_sub(found) as u64;
        if found != wanted {
            self.tell_of_length(record);
        }
        if self.has_nuls {
            self.tell_of_nuls(record);
        }
    }

    fn name(&self, column: usize) -> Option<&str> {
        self.rows.columns().get(column).map(ColumnBuilder::name)
    }

    fn cell_at(&self, line: u64, column: usize) -> Position {
        match self.name(column) {
            Some(name) => Position::Cell {
                line,
                column: name.to_owned(),
            },
            None => Position::Line { line },
        }
    }

    fn tell_no_header(&mut self, line: u64) {
        self.issues.push(Issue::new(
            "no_header",
            Severity::Note,
            Position::Line { line },
            "The first line is a row, not a header; the columns are numbered.",
            "If it does name the columns, say that the file has a header.",
        ));
    }

    fn tell_below_header(&mut self, below: BelowHeader, record: &Record) {
        let cells: Vec<String> = record.cells().map(|cell| shortened(cell.trim())).collect();
        let what = match below {
            BelowHeader::Types => "types",
            BelowHeader::Units => "units",
        };
        self.issues.push(Issue::new(
            "below_header",
            Severity::Note,
            Position::Line { line: record.line },
            format!(
                "Line {} names the {what} of the columns ({}) and was left out.",
                record.line,
                list(&cells)
            ),
            "Nothing to do.",
        ));
    }

    fn tell_of_quote(&mut self, record: &Record) {
        if !record.is_repaired {
            return;
        }
        let line = record.line;
        let at = self.cell_at(line, record.cut.odd_column.unwrap_or(usize::MAX));
        self.open_quotes.tell(&mut self.issues, || {
            Issue::new(
                "open_quote",
                Severity::Warning,
                at,
                format!(
                    "A quote opens on line {line} and does not close before the next rows begin; the line was read by itself."
                ),
                "Look at this row. If it is wrong, close the quote, or double it where it is part of the text.",
            )
        });
    }

    fn tell_of_length(&mut self, record: &Record) {
        let (line, found) = (record.line, record.cells().len());
        let wanted = self.rows.columns().len();
        let expected = if self.dialect.header {
            format!("the header has {wanted}")
        } else {
            format!("the first has {wanted}")
        };
        if found < wanted {
            let at = self.cell_at(line, found);
            self.short_rows.tell(&mut self.issues, || {
                Issue::new(
                    "short_row",
                    Severity::Warning,
                    at,
                    format!(
                        "Line {line} has {} where {expected}; the last ones were left empty.",
                        cells_of(found)
                    ),
                    "Check that its cells are in the right columns.",
                )
            });
        }
        let mut extra = record.cells().skip(wanted).filter(|cell| !is_stray(cell));
        if let Some(first) = extra.next() {
            self.long_rows.tell(&mut self.issues, || {
                let first = shortened(first);
                let left_out = match extra.count() {
                    0 => format!("\"{first}\" was left out"),
                    more => format!("\"{first}\" and {more} more were left out"),
                };
                Issue::new(
                    "long_row",
                    Severity::Warning,
                    Position::Line { line },
                    format!(
                        "Line {line} has {} where {expected}; {left_out}.",
                        cells_of(found)
                    ),
                    "Put quotes around cells that hold the separator.",
                )
            });
        }
    }

    fn tell_of_nuls(&mut self, record: &Record) {
        let line = record.line;
        for (column, cell) in record.cells().enumerate() {
            if !cell.contains(NUL_PICTURE) {
                continue;
            }
            let at = self.cell_at(line, column);
            self.nuls.tell(&mut self.issues, || {
                Issue::new(
                    "nul",
                    Severity::Warning,
                    at,
                    format!(
                        "\"{}\" on line {line} holds a zero byte, which no text has; it is shown as {NUL_PICTURE}.",
                        shortened(cell)
                    ),
                    "Mend the cell where it comes from; the rest of the row is as it was.",
                )
            });
        }
    }

    /// The rows so far, which are forgotten here.
    pub(super) fn take(&mut self) -> Vec<Column> {
        self.rows.take()
    }

    /// Rows met so far.
    pub(super) fn seen(&self) -> u64 {
        self.rows.seen()
    }

    /// Whether no later row can become part of the table.
    pub(super) fn is_enough(&self) -> bool {
        self.rows.is_enough()
    }

    /// The table. `comments` are how many lines were left out as such, with line and text of the
    /// first.
    pub(super) fn finish(
        mut self,
        name: String,
        comments: Option<&(u64, u64, String)>,
    ) -> Result<(Table, Vec<Issue>), CsvRefusal> {
        if !self.has_columns {
            return Err(CsvRefusal::Empty);
        }
        if self.rows.seen() == 0 {
            return Err(CsvRefusal::NoRows);
        }
        for tally in [
            &self.short_rows,
            &self.long_rows,
            &self.open_quotes,
            &self.nuls,
        ] {
            tally.sum_up(&mut self.issues);
        }
        if let Some((count, line, text)) = comments {
            self.issues.push(Issue::new(
                "comments",
                Severity::Note,
                Position::Line { line: *line },
                match count {
                    1 => format!("Line {line} is a comment and was left out: {}", shortened(text)),
                    _ => format!("{count} lines are comments and were left out; the first is line {line}: {}", shortened(text)),
                },
                "Nothing to do, unless they are rows: then say that there are no comments.",
            ));
        }
        if self.blank_rows > 0 {
            self.issues.push(Issue::new(
                "blank_rows",
                Severity::Note,
                Position::Table,
                match self.blank_rows {
                    1 => "1 row has only empty cells and was left out.".to_owned(),
                    rows => format!("{rows} rows have only empty cells and were left out."),
                },
                "Nothing to do.",
            ));
        }
        let (mut columns, full) = self.rows.finish();
        self.issues.extend(full);
        // With a dialect that nobody looked at a file for, the columns are there on purpose.
        let is_detected = self.dialect.columns > 0;
        let dropped = match is_detected && !self.is_last_quoted {
            true => empty_ends(&columns, &self.nameless),
            false => 0,
        };
        columns.truncate(columns.len() - dropped);
        if dropped > 0 {
            self.issues.push(Issue::new(
                "empty_columns",
                Severity::Note,
                Position::Line {
                    line: self.header_line,
                },
                match dropped {
                    1 => "The last column has no name and no cells and was left out.".to_owned(),
                    count => format!(
                        "The last {count} columns have no names and no cells and were left out."
                    ),
                },
                "Nothing to do.",
            ));
        }
        if self.dialect.header {
            let names: Vec<&str> = self
                .nameless
                .iter()
                .filter_map(|&at| columns.get(at).map(Column::name))
                .collect();
            self.issues
                .extend(Names::nameless_issue(&names, self.header_line));
        }
        if let [only] = &columns[..] {
            self.issues.push(Issue::new(
                "one_column",
                Severity::Blocks,
                Position::Table,
                format!(
                    "The file has a single column, \"{}\"; learning takes one with texts and one with their labels.",
                    shortened(only.name())
                ),
                "Add a column with the label of each text. If the file has more columns, separate them by commas, semicolons, tabs or |.",
            ));
        }
        Ok((Table::new(name, columns), self.issues))
    }
}

/// Columns at the end without a name and without a cell: what a separator at the end of every line
/// leaves.
fn empty_ends(columns: &[Column], nameless: &[usize]) -> usize {
    let is_empty = |at: &usize| {
        nameless.binary_search(at).is_ok() && columns[*at].distinct().iter().all(is_stray)
    };
    (1..columns.len()).rev().take_while(is_empty).count()
}
