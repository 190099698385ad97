//! Records become columns; what does not fit is mended and told.

use std::collections::HashSet;

use super::dialect::Dialect;
use super::records::Record;
use super::refusal::CsvRefusal;
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::table::{ColumnBuilder, Table};

/// So many issues of a sort are told one by one; the others are counted.
const TOLD_OF_A_SORT: usize = 20;

/// So many characters of a cell are shown in an issue.
const SHOWN_CHARS: usize = 40;

/// Fills a table record by record.
#[derive(Debug)]
pub(super) struct TableBuilder {
    dialect: Dialect,
    /// `None` before the first record.
    columns: Option<Vec<ColumnBuilder>>,
    rows: u64,
    blank_rows: u64,
    issues: Vec<Issue>,
    short_rows: usize,
    long_rows: usize,
    open_quotes: usize,
}

impl TableBuilder {
    pub(super) fn new(dialect: Dialect) -> Self {
        let mut builder = Self {
            dialect,
            columns: None,
            rows: 0,
            blank_rows: 0,
            issues: Vec::new(),
            short_rows: 0,
            long_rows: 0,
            open_quotes: 0,
        };
        if dialect.preamble_lines > 0 {
            builder.issues.push(Issue::new(
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
        builder
    }

    /// Takes the next record: the header, or a row.
    pub(super) fn push(&mut self, record: &Record) {
        if record.is_blank() {
            self.blank_rows += u64::from(self.columns.is_some());
            return;
        }
        if record.is_repaired {
            self.open_quotes += 1;
            tell(&mut self.issues, self.open_quotes, || {
                Issue::new(
                    "open_quote",
                    Severity::Warning,
                    Position::Line { line: record.line },
                    format!(
                        "A quote opens on line {} and does not close before the next rows begin; the line was read by itself.",
                        record.line
                    ),
                    "Look at this row. If it is wrong, close the quote, or double it where it is part of the text.",
                )
            });
        }
        if self.columns.is_none() {
            let (columns, issues) = if self.dialect.header {
                header(record, self.dialect.columns)
            } else {
                let count = record.cells().len().max(self.dialect.columns);
                (unnamed(count), Vec::new())
            };
            self.issues.extend(issues);
            self.columns = Some(columns.into_iter().map(ColumnBuilder::new).collect());
            if self.dialect.header {
                return;
            }
        }
        self.push_row(record);
    }

    fn push_row(&mut self, record: &Record) {
        let Some(columns) = &mut self.columns else {
            return;
        };
        self.rows += 1;
        let mut cells = record.cells();
        for column in columns.iter_mut() {
            column.push(cells.next().unwrap_or_default());
        }

        let (found, wanted, line) = (record.cells().len(), columns.len(), record.line);
        if found < wanted {
            self.short_rows += 1;
            tell(&mut self.issues, self.short_rows, || {
                Issue::new(
                    "short_row",
                    Severity::Warning,
                    Position::Line { line },
                    format!(
                        "Line {line} has {} where the header has {wanted}; the last ones were left empty.",
                        cells_of(found)
                    ),
                    "Check that its cells are in the right columns.",
                )
            });
        }
        let extra: Vec<String> = cells
            .filter(|cell| !cell.trim().is_empty())
            .map(|cell| format!("\"{}\"", shortened(cell)))
            .collect();
        if let Some(first) = extra.first() {
            self.long_rows += 1;
            tell(&mut self.issues, self.long_rows, || {
                let left_out = match extra.len() {
                    1 => format!("{first} was left out"),
                    count => format!("{first} and {} more were left out", count - 1),
                };
                Issue::new(
                    "long_row",
                    Severity::Warning,
                    Position::Line { line },
                    format!(
                        "Line {line} has {} where the header has {wanted}; {left_out}.",
                        cells_of(found)
                    ),
                    "Put quotes around cells that hold the separator.",
                )
            });
        }
    }

    /// The table.
    pub(super) fn finish(mut self, name: String) -> Result<(Table, Vec<Issue>), CsvRefusal> {
        let Some(columns) = self.columns else {
            return Err(CsvRefusal::Empty);
        };
        if self.rows == 0 {
            return Err(CsvRefusal::NoRows);
        }
        for (id, count) in [
            ("short_row", self.short_rows),
            ("long_row", self.long_rows),
            ("open_quote", self.open_quotes),
        ] {
            if count > TOLD_OF_A_SORT {
                let last = self.issues.iter().rposition(|issue| issue.id == id);
                self.issues.insert(
                    last.map_or(0, |last| last + 1),
                    Issue::new(
                        id,
                        Severity::Warning,
                        Position::Table,
                        match count - TOLD_OF_A_SORT {
                            1 => "1 more line is like these.".to_owned(),
                            more => format!("{more} more lines are like these."),
                        },
                        "Check what separates the cells: so many lines rarely go wrong one by one.",
                    ),
                );
            }
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
        let columns = columns.into_iter().map(ColumnBuilder::finish).collect();
        Ok((Table::new(name, columns), self.issues))
    }
}

/// Adds the `count`-th issue of its sort, if that is still to be told.
fn tell(issues: &mut Vec<Issue>, count: usize, issue: impl FnOnce() -> Issue) {
    if count <= TOLD_OF_A_SORT {
        issues.push(issue());
    }
}

fn cells_of(count: usize) -> String {
    if count == 1 {
        "1 cell".to_owned()
    } else {
        format!("{count} cells")
    }
}

fn shortened(cell: &str) -> String {
    match cell.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell.to_owned(),
    }
}

/// Names by position, from 1.
fn unnamed(count: usize) -> Vec<String> {
    (1..=count).map(|at| format!("column_{at}")).collect()
}

/// Names of the columns: trimmed, never empty, never twice. A header that is shorter than most
/// rows gets names for the columns that it does not know.
fn header(record: &Record, columns: usize) -> (Vec<String>, Vec<Issue>) {
    let at = || Position::Line { line: record.line };
    let mut issues = Vec::new();
    let mut names: Vec<String> = record.cells().map(|cell| cell.trim().to_owned()).collect();
    let named = names.len();
    if named < columns {
        issues.push(Issue::new(
            "short_header",
            Severity::Warning,
            at(),
            format!("The header names {named} of the {columns} columns that most rows have."),
            "Check that the names stand above the right columns.",
        ));
        names.resize(columns, String::new());
    }

    let mut nameless: Vec<String> = Vec::new();
    for (name, stand_in) in names.iter_mut().zip(unnamed(columns.max(named))) {
        if name.is_empty() {
            nameless.push(format!("\"{stand_in}\""));
            *name = stand_in;
        }
    }
    if !nameless.is_empty() {
        issues.push(Issue::new(
            "nameless_columns",
            Severity::Note,
            at(),
            format!(
                "Columns without a name are called {} here.",
                list(&nameless)
            ),
            "Nothing to do, unless you need one of them.",
        ));
    }

    let mut taken: HashSet<String> = HashSet::new();
    let mut renamed: Vec<String> = Vec::new();
    let originals: HashSet<String> = names.iter().cloned().collect();
    for name in &mut names {
        if taken.insert(name.clone()) {
            continue;
        }
        let unique = (2..)
            .map(|number| format!("{name} ({number})"))
            .find(|unique| !taken.contains(unique) && !originals.contains(unique))
            .unwrap_or_default();
        renamed.push(format!("\"{unique}\""));
        taken.insert(unique.clone());
        *name = unique;
    }
    if !renamed.is_empty() {
        issues.push(Issue::new(
            "same_column_names",
            Severity::Warning,
            at(),
            format!(
                "Several columns have the same name; the later ones are called {} here.",
                list(&renamed)
            ),
            "Check that you choose the right one of them.",
        ));
    }
    (names, issues)
}

/// The first few of some things, and how many more there are.
fn list(things: &[String]) -> String {
    const SHOWN: usize = 5;
    if things.len() <= SHOWN {
        things.join(", ")
    } else {
        format!(
            "{} and {} more",
            things[..SHOWN].join(", "),
            things.len() - SHOWN
        )
    }
}
