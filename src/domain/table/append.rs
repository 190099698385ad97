//! A second file becomes the test rows of a table.
//!
//! Its columns are matched by their names, as people's second export rarely has the same order:
//! by the exact name first, else without regard to white space around it and to case, where that
//! leaves no choice.

use super::{Column, ColumnBuilder, RowId, Table};
use crate::domain::issue::{Issue, Position, Severity};

impl Table {
    /// The rows of this table with those of another below, as its test rows; test rows that were
    /// appended before go. The columns stay those of this table. What the other one lacks is
    /// empty there, what it has besides is left out; an issue names both.
    ///
    /// When no column fits, the table comes back as it is, with an issue that blocks.
    pub fn append(&self, other: &Self) -> (Self, Vec<Issue>) {
        let own = self.test_from.map_or(self.rows, RowId::index);
        let matched: Vec<Option<&Column>> = matches(&self.columns, &other.columns);
        let missing: Vec<&str> = self
            .columns
            .iter()
            .zip(&matched)
            .filter(|(_, matched)| matched.is_none())
            .map(|(column, _)| column.name())
            .collect();
        if matched.iter().all(Option::is_none) {
            let issue = Issue::new(
                "second_file_other_columns",
                Severity::Blocks,
                Position::Table,
                format!(
                    "\"{}\" has none of the columns of \"{}\" ({}).",
                    other.name,
                    self.name,
                    list(&missing)
                ),
                "Choose a file whose columns have the same names.",
            );
            return (self.clone(), vec![issue]);
        }

        let columns = self.columns.iter().zip(&matched).map(|(column, matched)| {
            let mut builder = ColumnBuilder::new(column.name());
            builder.extend(column, 0..own);
            match matched {
                Some(other) => builder.extend(other, 0..other.rows()),
                None => (0..other.rows).for_each(|_| builder.push("")),
            }
            builder.finish().with_decimal(column.decimal())
        });
        let table = Self {
            name: self.name.clone(),
            columns: columns.collect(),
            rows: own + other.rows,
            test_from: Some(RowId(own as u32)),
        };

        let mut issues = Vec::new();
        if !missing.is_empty() {
            issues.push(Issue::new(
                "second_file_lacks_columns",
                Severity::Warning,
                Position::Table,
                format!(
                    "\"{}\" has no column {}; it is empty in the test rows.",
                    other.name,
                    list(&missing)
                ),
                "Check the names in its header, or leave these columns out of what is learned from.",
            ));
        }
        let is_used = |candidate: &Column| {
            let mut used = matched.iter().flatten();
            used.any(|used| used.name() == candidate.name())
        };
        let unused: Vec<&str> = other
            .columns
            .iter()
            .filter(|column| !is_used(column))
            .map(Column::name)
            .collect();
        if !unused.is_empty() {
            issues.push(Issue::new(
                "second_file_more_columns",
                Severity::Note,
                Position::Table,
                format!(
                    "\"{}\" has {} besides, which \"{}\" has not; left out.",
                    other.name,
                    list(&unused),
                    self.name
                ),
                "Nothing to do, unless one of them is a column under another name.",
            ));
        }
        (table, issues)
    }
}

/// For each of a table's columns the one of another table that it goes with.
fn matches<'a>(own: &[Column], others: &'a [Column]) -> Vec<Option<&'a Column>> {
    let is_exact = |name: &str, others: &[Column]| others.iter().any(|other| other.name() == name);
    own.iter()
        .map(|column| {
            if let Some(exact) = others.iter().find(|other| other.name() == column.name()) {
                return Some(exact);
            }
            let wanted = folded(column.name());
            let mut candidates = others
                .iter()
                .filter(|other| folded(other.name()) == wanted && !is_exact(other.name(), own));
            let rivals = own
                .iter()
                .filter(|rival| folded(rival.name()) == wanted && !is_exact(rival.name(), others));
            match (candidates.next(), candidates.next(), rivals.count()) {
                (Some(only), None, 1) => Some(only),
                _ => None,
            }
        })
        .collect()
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Names in quotes, the first few of them.
fn list(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let quoted: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("\"{name}\""))
        .collect();
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => quoted.join(", "),
        Some(more) => format!("{} and {more} more", quoted.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of one row, in which each column holds its own name.
    fn table(name: &str, columns: &[&str]) -> Table {
        let columns = columns.iter().map(|name| Column::of(*name, [name]));
        Table::new(name, columns.collect())
    }

    #[track_caller]
    fn check(own: &[&str], other: &[&str], row: &[&str], ids: &[&str]) {
        let (appended, issues) = table("own.csv", own).append(&table("other.csv", other));
        let found: Vec<&str> = issues.iter().map(|issue| issue.id.as_str()).collect();
        assert_eq!(found, ids);
        if ids.contains(&"second_file_other_columns") {
            assert_eq!((appended.rows(), appended.test_from()), (1, None));
            return;
        }
        assert_eq!(appended.test_from(), Some(RowId(1)));
        assert_eq!(appended.row(RowId(0)), own);
        assert_eq!(appended.row(RowId(1)), row);
    }

    macro_rules! appends {
        ($($name:ident, $own:expr, $other:expr, $row:expr, $ids:expr;)*) => {
            $(#[test] fn $name() { check(&$own, &$other, &$row, &$ids); })*
        };
    }

    appends! {
        same, ["text", "label"], ["text", "label"], ["text", "label"], [];
        other_order, ["text", "label"], ["label", "text"], ["text", "label"], [];
        other_case, ["text", "label"], [" Text", "LABEL"], [" Text", "LABEL"], [];
        exact_before_alike, ["a", "A"], ["A", "a"], ["a", "A"], [];
        exact_is_not_taken_twice, ["a", "b"], ["a", "A"], ["a", ""],
            ["second_file_lacks_columns", "second_file_more_columns"];
        two_that_are_alike, ["a", "b"], ["A", "a ", "b"], ["", "b"],
            ["second_file_lacks_columns", "second_file_more_columns"];
        two_that_want_the_same, ["a", "A", "b"], ["b", " a"], ["", "", "b"],
            ["second_file_lacks_columns", "second_file_more_columns"];
        one_missing, ["text", "label"], ["text"], ["text", ""], ["second_file_lacks_columns"];
        one_more, ["text"], ["text", "id"], ["text"], ["second_file_more_columns"];
        nothing_fits, ["text"], ["body"], [""], ["second_file_other_columns"];
    }

    #[test]
    fn a_second_second_file_takes_the_place_of_the_first() {
        let own = table("own.csv", &["a"]);
        let (once, _) = own.append(&Table::new("1", vec![Column::of("a", ["x", "y"])]));
        let (twice, issues) = once.append(&Table::new("2", vec![Column::of("a", ["z"])]));
        assert!(issues.is_empty());
        assert!(twice.columns()[0].cells().eq(["a", "z"]));
        assert_eq!(twice.test_from(), Some(RowId(1)));
        assert_eq!(twice.columns()[0].distinct().len(), 2);
    }
}
