//! Which rows of a table a person wants to see, and in which order.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::column::date::{self, DateFormat};
use super::column::number::{self, NumberFormat};
use super::column::{self, Schema};
use super::missing::Spellings;
use super::table::{Column, RowId, Table};

/// A condition on the cells of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Is this cell.
    Is(String),
    /// Holds this text, in any case.
    Contains(String),
    /// Spells a missing value.
    Missing,
    /// Spells none.
    Present,
    /// Is a number or a date in this range, both ends included.
    Between(f64, f64),
}

/// A column and a condition on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// The column's name.
    pub column: String,
    /// The condition.
    pub condition: Condition,
}

/// An order of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// By this column: numbers and dates by value, others by their text, missing cells last.
    pub column: String,
    /// Largest first.
    pub descending: bool,
}

/// Which rows, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RowQuery {
    /// A text that some cell of the row holds, in any case; empty for all rows.
    pub search: String,
    /// All of these hold.
    pub filters: Vec<Filter>,
    /// The file's order without.
    pub sort: Option<Sort>,
}

impl RowQuery {
    /// The rows of a table that it asks for, in its order. Rows that `kept` says are left out are
    /// no part of the table then.
    ///
    /// Filters and a sort by a column that is not there ask for nothing.
    ///
    /// Everything is decided once for each distinct cell; a row costs a look at its codes.
    pub fn select(&self, table: &Table, kept: Option<&[bool]>, schema: &Schema) -> Vec<RowId> {
        let mut is_in: Vec<bool> = match kept {
            Some(kept) => kept.to_vec(),
            None => vec![true; table.rows()],
        };
        is_in.resize(table.rows(), false);
        for filter in &self.filters {
            if let Some(column) = table.column(&filter.column) {
                let holds = filter.condition.holds(column, schema);
                for (is_in, code) in is_in.iter_mut().zip(column.codes()) {
                    *is_in &= holds[*code as usize];
                }
            }
        }
        let search = self.search.trim().to_lowercase();
        if !search.is_empty() {
            let mut is_found = vec![false; table.rows()];
            for column in table.columns() {
                let holds = contains(column, &search);
                if holds.contains(&true) {
                    for (is_found, code) in is_found.iter_mut().zip(column.codes()) {
                        *is_found |= holds[*code as usize];
                    }
                }
            }
            for (is_in, is_found) in is_in.iter_mut().zip(is_found) {
                *is_in &= is_found;
            }
        }
        let rows = (0..table.rows() as u32).map(RowId);
        let rows: Vec<RowId> = rows.filter(|row| is_in[row.index()]).collect();
        match &self.sort {
            Some(sort) => match table.column(&sort.column) {
                Some(column) => sorted(rows, column, &places(column, schema, sort.descending)),
                None => rows,
            },
            None => rows,
        }
    }
}

impl Condition {
    /// For each distinct cell whether it holds.
    fn holds(&self, column: &Column, schema: &Schema) -> Vec<bool> {
        let is_missing = || Spellings::of_column(column, schema).codes(column);
        match self {
            Self::Is(cell) => column.distinct().iter().map(|c| c == cell).collect(),
            Self::Contains(text) => contains(column, &text.to_lowercase()),
            Self::Missing => is_missing(),
            Self::Present => is_missing().into_iter().map(|missing| !missing).collect(),
            Self::Between(low, high) => values(column, &is_missing(), schema)
                .into_iter()
                .map(|value| value.is_some_and(|value| (*low..=*high).contains(&value)))
                .collect(),
        }
    }
}

/// For each distinct cell whether it holds a text, which is in lower case, in any case.
fn contains(column: &Column, text: &str) -> Vec<bool> {
    let cells = column.distinct().iter();
    if !text.is_ascii() {
        return cells
            .map(|cell| cell.to_lowercase().contains(text))
            .collect();
    }
    let needle = text.as_bytes();
    cells
        .map(|cell| match cell.is_ascii() {
            true => contains_ascii(cell.as_bytes(), needle),
            // `K` for kelvin and the like become ASCII letters in lower case.
            false => cell.to_lowercase().contains(text),
        })
        .collect()
}

/// Whether ASCII text holds a lower-case needle, in any case.
fn contains_ascii(text: &[u8], needle: &[u8]) -> bool {
    let Some(&first) = needle.first() else {
        return true;
    };
    if text.len() < needle.len() {
        return false;
    }
    let starts = &text[..=text.len() - needle.len()];
    starts.iter().enumerate().any(|(at, byte)| {
        byte.to_ascii_lowercase() == first
            && text[at..at + needle.len()].eq_ignore_ascii_case(needle)
    })
}

/// The value of each distinct cell of a column of numbers or dates (Unix seconds).
fn values(column: &Column, is_missing: &[bool], schema: &Schema) -> Vec<Option<f64>> {
    let kind = column::summarize_with(column, schema).kind;
    let cells = || {
        let here = column
            .distinct()
            .iter()
            .zip(is_missing)
            .filter(|(_, missing)| !**missing);
        here.map(|(cell, _)| cell).collect::<Vec<&str>>()
    };
    let is_date = kind == "date";
    let dates = if is_date {
        DateFormat::detect(cells())
    } else {
        DateFormat::default()
    };
    let numbers = if is_date {
        NumberFormat::default()
    } else {
        NumberFormat::detect(cells()).with_decimal(column.decimal())
    };
    let value = |cell: &str| match is_date {
        true => date::read(cell, dates).map(|seconds| seconds as f64),
        false => number::read(cell, numbers),
    };
    column
        .distinct()
        .iter()
        .zip(is_missing)
        .map(|(cell, is_missing)| if *is_missing { None } else { value(cell) })
        .collect()
}

/// For each distinct cell its place in the order; equal cells share one.
fn places(column: &Column, schema: &Schema, is_descending: bool) -> Vec<u32> {
    let is_missing = Spellings::of_column(column, schema).codes(column);
    let detail = column::summarize_with(column, schema);
    let is_measured = matches!(&*detail.kind, "number" | "date")
        || (detail.numbers[0] > 0.5
            && matches!(&*detail.kind, "boolean" | "identifier" | "constant"));
    let values = match is_measured {
        true => values(column, &is_missing, schema),
        false => vec![None; is_missing.len()],
    };
    // What a person sees is compared: without case, and only then with it.
    let folded: Vec<String> = match is_measured {
        true => vec![String::new(); values.len()],
        false => column
            .distinct()
            .iter()
            .map(|cell| cell.trim().to_lowercase())
            .collect(),
    };
    let distinct = column.distinct();
    let compare = |a: usize, b: usize| {
        let by_value = match (values[a], values[b]) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            // Cells that could not be read come behind those that could.
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => folded[a]
                .cmp(&folded[b])
                .then_with(|| distinct[a].trim().cmp(distinct[b].trim())),
        };
        if is_descending {
            by_value.reverse()
        } else {
            by_value
        }
    };
    let compare = |a: usize, b: usize| match (is_missing[a], is_missing[b]) {
        (false, false) => compare(a, b),
        (a, b) => a.cmp(&b),
    };
    let mut order: Vec<usize> = (0..distinct.len()).collect();
    order.sort_unstable_by(|&a, &b| compare(a, b));
    let mut places = vec![0; distinct.len()];
    let mut place = 0;
    for (at, &code) in order.iter().enumerate() {
        if at > 0 && compare(order[at - 1], code) != Ordering::Equal {
            place += 1;
        }
        places[code] = place;
    }
    places
}

/// Rows by the places of their cells, rows of one place in the order they had. Counting sort.
fn sorted(rows: Vec<RowId>, column: &Column, places: &[u32]) -> Vec<RowId> {
    let place = |row: RowId| places[column.codes()[row.index()] as usize] as usize;
    let most = places
        .iter()
        .copied()
        .max()
        .map_or(0, |most| most as usize + 1);
    let mut starts = vec![0_usize; most + 1];
    for row in &rows {
        starts[place(*row) + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let mut sorted = vec![RowId(0); rows.len()];
    for row in rows {
        let at = &mut starts[place(row)];
        sorted[*at] = row;
        *at += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[(&str, &[&str])]) -> Table {
        let columns = columns
            .iter()
            .map(|(name, cells)| Column::of(*name, *cells));
        Table::new("t.csv", columns.collect())
    }

    fn people() -> Table {
        table(&[
            ("name", &["Änne", "bob", "Carla", "", "Bob"]),
            ("paid", &["$1,200", "$90", "?", "$1,000.50", "$90"]),
            (
                "since",
                &["31/12/2020", "1/2/2021", "1/1/2021", "NA", "15/6/2019"],
            ),
        ])
    }

    #[track_caller]
    fn check(query: &RowQuery, rows: &[u32]) {
        let found = query.select(&people(), None, &Schema::default());
        let found: Vec<u32> = found.into_iter().map(|row| row.0).collect();
        assert_eq!(found, rows, "{query:?}");
    }

    fn search(text: &str) -> RowQuery {
        RowQuery {
            search: text.to_owned(),
            ..RowQuery::default()
        }
    }

    fn filter(column: &str, condition: Condition) -> RowQuery {
        let filter = Filter {
            column: column.to_owned(),
            condition,
        };
        RowQuery {
            filters: vec![filter],
            ..RowQuery::default()
        }
    }

    fn sort(column: &str, descending: bool) -> RowQuery {
        let sort = Sort {
            column: column.to_owned(),
            descending,
        };
        RowQuery {
            sort: Some(sort),
            ..RowQuery::default()
        }
    }

    #[test]
    fn searched_in_any_case_and_column() {
        check(&search(""), &[0, 1, 2, 3, 4]);
        check(&search("BOB"), &[1, 4]);
        check(&search("äNNE"), &[0]);
        check(&search("$90"), &[1, 4]);
        check(&search("2021"), &[1, 2]);
        check(&search("nobody"), &[]);
    }

    #[test]
    fn filtered_by_cell_text_and_value() {
        check(&filter("name", Condition::Is("bob".to_owned())), &[1]);
        check(
            &filter("name", Condition::Contains("B".to_owned())),
            &[1, 4],
        );
        check(&filter("name", Condition::Missing), &[3]);
        check(&filter("paid", Condition::Missing), &[2]);
        check(&filter("since", Condition::Present), &[0, 1, 2, 4]);
        check(
            &filter("paid", Condition::Between(90.0, 1_000.5)),
            &[1, 3, 4],
        );
        let new_year = 1_609_459_200.0;
        check(
            &filter("since", Condition::Between(new_year, f64::MAX)),
            &[1, 2],
        );
        check(&filter("nowhere", Condition::Missing), &[0, 1, 2, 3, 4]);
    }

    #[test]
    fn sorted_by_value_with_missing_cells_last() {
        check(&sort("name", false), &[4, 1, 2, 0, 3]);
        check(&sort("name", true), &[0, 2, 1, 4, 3]);
        check(&sort("paid", false), &[1, 4, 3, 0, 2]);
        check(&sort("paid", true), &[0, 3, 1, 4, 2]);
        check(&sort("since", false), &[4, 0, 2, 1, 3]);
        check(&sort("since", true), &[1, 2, 0, 4, 3]);
        check(&sort("nowhere", true), &[0, 1, 2, 3, 4]);
    }

    #[test]
    fn rows_that_are_left_out_stay_out() {
        let kept = [true, false, true, true, false];
        let found = sort("paid", false).select(&people(), Some(&kept), &Schema::default());
        assert_eq!(found, [RowId(3), RowId(0), RowId(2)]);
    }

    #[test]
    fn a_query_of_an_empty_table_finds_nothing() {
        let empty = table(&[("name", &[])]);
        assert!(
            sort("name", false)
                .select(&empty, None, &Schema::default())
                .is_empty()
        );
        assert!(
            search("x")
                .select(&Table::default(), None, &Schema::default())
                .is_empty()
        );
    }
}
