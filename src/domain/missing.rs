//! The ways in which tables spell "there is nothing here".
//!
//! Some spellings mean that everywhere. Others (`?`, `-`, `none`) are labels in some tables, and
//! a label taken for a gap is lost silently: these count only where the other cells of the column
//! speak for it. A column to predict is read by [`is_missing`], without any guess.

use serde::{Deserialize, Serialize};

use super::column::Schema;
use super::column::date::{self, DateFormat};
use super::column::number::{self, NumberFormat};
use super::table::Column;

/// Spellings of a missing value, besides nothing at all. In just these cases: `Na` is sodium.
const SPELLINGS: [&str; 10] = [
    "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "#N/A", "<NA>", "\\N",
];

/// Words that mean nothing among numbers or dates, or where they are rare among many values. In
/// lower case.
const WORDS: [&str; 20] = [
    "none", "na", "null", "nil", "nan", "n.a.", "n.a", "missing", "(null)", "(blank)", "(none)",
    "#ref!", "#value!", "#div/0!", "#num!", "#name?", "#n/a!", "#null!", "k.a.", "s/d",
];

/// Signs that mean nothing where all other cells have letters or digits.
const SIGNS: [&str; 9] = ["?", "??", "???", "-", "--", "---", "—", "–", "."];

/// Longer cells are no spelling of a missing value.
const LONGEST_BYTES: usize = 12;

/// Where this share of the other cells are numbers or dates, a word among them is none.
const MOSTLY: f64 = 0.9;

/// A column of so many other values can miss one.
const MANY_VALUES: usize = 20;

/// In such a column a missing value is no more frequent than this.
const RARE: f64 = 0.2;

/// So many of the other cells are looked at.
const MOST_CELLS: usize = 500;

/// Whether a cell holds nothing, white space aside, whatever column it is in.
pub fn is_missing(cell: &str) -> bool {
    let cell = cell.trim();
    cell.is_empty() || SPELLINGS.contains(&cell)
}

/// Which cells of a column are missing values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spellings {
    /// The spellings, trimmed, sorted. An empty cell always counts.
    list: Vec<String>,
}

impl Default for Spellings {
    fn default() -> Self {
        Self::usual()
    }
}

impl Spellings {
    /// Those that mean nothing everywhere.
    pub fn usual() -> Self {
        Self::chosen(&SPELLINGS.map(str::to_owned))
    }

    /// Just these.
    pub fn chosen(list: &[String]) -> Self {
        let mut list: Vec<String> = list.iter().map(|cell| cell.trim().to_owned()).collect();
        list.sort_unstable();
        list.dedup();
        Self { list }
    }

    /// Those that a person chose, or else the usual ones.
    pub fn of(schema: &Schema) -> Self {
        match &schema.missing {
            Some(list) => Self::chosen(list),
            None => Self::usual(),
        }
    }

    /// Those of one column: what a person chose, or else the usual ones with those that its other
    /// cells speak for.
    pub fn of_column(column: &Column, schema: &Schema) -> Self {
        let mut spellings = Self::of(schema);
        if schema.missing.is_none() {
            spellings.list.extend(doubtful(column));
            spellings.list.sort_unstable();
            spellings.list.dedup();
        }
        spellings
    }

    /// The spellings, without the empty one.
    pub fn list(&self) -> &[String] {
        &self.list
    }

    /// Whether a cell is one of them, or empty.
    pub fn is_missing(&self, cell: &str) -> bool {
        let cell = cell.trim();
        cell.is_empty()
            || self
                .list
                .binary_search_by(|spelling| spelling.as_str().cmp(cell))
                .is_ok()
    }

    /// For each of [`Column::distinct`] whether it is missing.
    pub fn codes(&self, column: &Column) -> Vec<bool> {
        let longest = self.list.iter().map(String::len).max().unwrap_or(0);
        let is_missing = |cell: &str| {
            let cell = cell.trim();
            cell.len() <= longest && self.is_missing(cell)
        };
        column.distinct().iter().map(is_missing).collect()
    }
}

/// Spellings that mean nothing in this column, as its other cells show.
fn doubtful(column: &Column) -> Vec<String> {
    let is_word = |cell: &str| WORDS.contains(&&*cell.to_lowercase());
    let is_doubtful = |cell: &str| {
        let cell = cell.trim();
        cell.len() <= LONGEST_BYTES && !is_missing(cell) && (SIGNS.contains(&cell) || is_word(cell))
    };
    let found: Vec<usize> = (0..column.distinct().len())
        .filter(|&code| is_doubtful(&column.distinct()[code]))
        .collect();
    if found.is_empty() {
        return Vec::new();
    }

    let others: Vec<&str> = column
        .distinct()
        .iter()
        .map(|cell| cell.trim())
        .filter(|cell| !is_missing(cell) && !is_doubtful(cell))
        .collect();
    let step = others.len().div_ceil(MOST_CELLS).max(1);
    let sample: Vec<&str> = others.iter().copied().step_by(step).collect();
    let numbers = NumberFormat::detect(sample.iter().copied()).with_decimal(column.decimal());
    let dates = DateFormat::detect(sample.iter().copied());
    let read = sample
        .iter()
        .filter(|cell| number::read(cell, numbers).is_some() || date::read(cell, dates).is_some())
        .count();
    let is_measured = !sample.is_empty() && read as f64 >= MOSTLY * sample.len() as f64;
    let have_letters = !sample.is_empty()
        && sample
            .iter()
            .all(|cell| cell.contains(char::is_alphanumeric));

    let counts = column.counts();
    let rows = column.codes().len().max(1) as f64;
    found
        .into_iter()
        .filter(|&code| {
            let cell = column.distinct()[code].trim();
            let is_rare = f64::from(counts[code]) <= RARE * rows;
            let is_sign = SIGNS.contains(&cell);
            // A lone question mark asks what is not known, whatever else is in the column.
            let asks = cell.starts_with('?') && have_letters && others.len() > 1;
            is_measured
                || asks
                || (is_rare && others.len() >= MANY_VALUES && (have_letters || !is_sign))
        })
        .map(|code| column.distinct()[code].trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_spelled_in_several_ways() {
        for cell in [
            "", "  ", "\u{a0}", "NA", " N/A ", "NaN", "null", "NULL", "#N/A",
        ] {
            assert!(is_missing(cell), "{cell:?}");
        }
    }

    #[test]
    fn what_may_be_a_label_is_not_missing() {
        for cell in [
            "none",
            "None",
            "na",
            "Na",
            "0",
            "-",
            "?",
            ".",
            "Null Island",
        ] {
            assert!(!is_missing(cell), "{cell:?}");
        }
    }

    fn column(cells: impl IntoIterator<Item = impl AsRef<str>>) -> Column {
        Column::of("c", cells)
    }

    #[track_caller]
    fn check(column: &Column, cell: &str, is_missing: bool) {
        let spellings = Spellings::of_column(column, &Schema::default());
        assert_eq!(spellings.is_missing(cell), is_missing, "{cell}");
        let code = column.distinct().iter().position(|c| c == cell).unwrap();
        assert_eq!(spellings.codes(column)[code], is_missing, "{cell}");
    }

    #[test]
    fn among_numbers_and_dates_words_and_signs_mean_nothing() {
        for nothing in ["?", "-", ".", "none", "None", "na", "--", "#DIV/0!", " ? "] {
            check(&column(["1", "2.5", nothing, "1,200"]), nothing, true);
            check(
                &column(["2024-01-31", nothing, "2024-02-01"]),
                nothing,
                true,
            );
        }
        check(&column(["1", "-200", "?"]), "-200", false);
        check(&column(["1", "0"]), "0", false);
    }

    #[test]
    fn among_labels_they_are_labels() {
        for label in ["none", "-", ".", "na"] {
            check(&column(["mild", "severe", label]), label, false);
        }
        check(&column(["+", "-"]), "-", false);
        check(&column(["?", "!", "."]), "?", false);
        check(&column(["a", "b", "?"]), "?", true);
        check(&column(["yes", "?"]), "?", false);
    }

    #[test]
    fn a_rare_one_among_many_values_means_nothing() {
        let names = |rows: usize, nothing: usize| {
            let names = (0..rows).map(|row| format!("name {row}"));
            column(names.chain((0..nothing).map(|_| "none".to_owned())))
        };
        check(&names(30, 3), "none", true);
        check(&names(30, 30), "none", false);
        check(&names(10, 1), "none", false);
    }

    #[test]
    fn a_person_has_the_last_word() {
        let column = column(["1", "2", "?", "NA", "-200"]);
        let schema = Schema {
            missing: Some(vec!["-200".to_owned()]),
            ..Schema::default()
        };
        let spellings = Spellings::of_column(&column, &schema);
        assert_eq!(spellings.codes(&column), [false, false, false, false, true]);
    }
}
