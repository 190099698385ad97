//! The figures of a column that its kind is read from, gathered in one pass over its distinct
//! cells.

use std::cmp::Reverse;

use super::date::{self, DateFormat};
use super::multi_value::{self, ListFormat};
use super::number::{self, NumberFormat};
use crate::domain::missing::Spellings;
use crate::domain::table::Column;

/// Figures of a column. Shares are of the rows whose cell is not missing, 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnStats {
    /// The column's name.
    pub name: String,
    /// Rows in all.
    pub rows: u32,
    /// Cells that are empty or spell a missing value.
    pub missing: u32,
    /// Different cells, missing ones aside.
    pub distinct: u32,
    /// Mean length in characters, missing cells aside.
    pub mean_chars: f32,
    /// Mean number of words, missing cells aside. A Chinese or Japanese character is a word.
    pub mean_words: f32,
    /// Share of cells that are numbers.
    pub numbers: f32,
    /// Share of cells that are whole numbers.
    pub whole_numbers: f32,
    /// How many of the distinct cells are no numbers.
    pub wordy: u32,
    /// Share of cells that are whole numbers behind needless zeros, as codes are.
    pub leading_zeros: f32,
    /// Smallest and largest number.
    pub range: [f64; 2],
    /// How the numbers are written.
    pub number_format: NumberFormat,
    /// Share of cells that are dates.
    pub dates: f32,
    /// How the dates are written.
    pub date_format: DateFormat,
    /// How the cells are lists, if they look like some.
    pub lists: Option<ListFormat>,
    /// Share of cells that are ASCII without white space, as codes and addresses are.
    pub codes: f32,
    /// The distinct cells with their numbers of rows: most frequent first, then in order of
    /// appearance. Missing ones are left out.
    pub most_frequent: Vec<(String, u32)>,
}

/// So many of the most frequent cells are kept.
pub(super) const KEPT: usize = 24;

/// So many different cells tell how a column's numbers, dates and lists are written.
const SAMPLE: usize = 2_000;

impl ColumnStats {
    /// Gathers the figures.
    pub fn of(column: &Column, spellings: &Spellings) -> Self {
        let mut gathering = Gathering::begin(column, spellings);
        while !gathering.go_on(usize::MAX) {}
        gathering.finish()
    }

    /// Rows whose cell is not missing.
    pub fn filled(&self) -> u32 {
        self.rows - self.missing
    }

    /// Different cells as a share of the filled ones: 1 when none repeats.
    pub fn unique(&self) -> f32 {
        self.distinct as f32 / self.filled().max(1) as f32
    }

    /// The words of the column's name, in lower case: `customerID` has `customer` and `id`.
    pub fn name_words(&self) -> Vec<String> {
        name_words(&self.name)
    }
}

/// Figures that are being gathered: millions of different texts take seconds, in which somebody
/// may want to stop.
#[derive(Debug)]
pub(super) struct Gathering<'a> {
    column: &'a Column,
    /// Code, cell and rows of every different cell that is not missing.
    cells: Vec<(u32, &'a str, u32)>,
    /// How many of them were looked at.
    seen: usize,
    number_format: NumberFormat,
    date_format: DateFormat,
    lists: Option<ListFormat>,
    chars: f64,
    words: f64,
    wordy: u32,
    numbers: u32,
    whole: u32,
    zeros: u32,
    dates: u32,
    codes: u32,
    range: [f64; 2],
}

impl<'a> Gathering<'a> {
    /// Counts the cells and looks how they are written.
    pub(super) fn begin(column: &'a Column, spellings: &Spellings) -> Self {
        let counts = column.counts();
        let is_missing = spellings.codes(column);
        // A derived table may have no row left with a cell.
        let cells: Vec<(u32, &str, u32)> = (0..)
            .zip(column.distinct().iter().zip(counts).zip(is_missing))
            .filter(|(_, ((_, rows), is_missing))| *rows > 0 && !is_missing)
            .map(|(code, ((cell, rows), _))| (code, cell, rows))
            .collect();
        let step = cells.len().div_ceil(SAMPLE).max(1);
        let sample: Vec<(&str, u32)> = cells
            .iter()
            .step_by(step)
            .map(|&(_, cell, rows)| (cell, rows))
            .collect();
        Self {
            column,
            seen: 0,
            number_format: NumberFormat::detect(sample.iter().map(|(cell, _)| *cell))
                .with_decimal(column.decimal()),
            date_format: DateFormat::detect(sample.iter().map(|(cell, _)| *cell)),
            lists: multi_value::ListFormat::detect(&sample),
            cells,
            chars: 0.0,
            words: 0.0,
            wordy: 0,
            numbers: 0,
            whole: 0,
            zeros: 0,
            dates: 0,
            codes: 0,
            range: [f64::INFINITY, f64::NEG_INFINITY],
        }
    }

    /// Looks at so many more different cells. Whether all were looked at.
    pub(super) fn go_on(&mut self, count: usize) -> bool {
        let end = self.seen.saturating_add(count).min(self.cells.len());
        for at in self.seen..end {
            let (_, cell, rows) = self.cells[at];
            self.see(cell.trim(), rows);
        }
        self.seen = end;
        end == self.cells.len()
    }

    fn see(&mut self, cell: &str, rows: u32) {
        self.chars += count_chars(cell) as f64 * f64::from(rows);
        self.words += count_words(cell) as f64 * f64::from(rows);
        if let Some(number) = number::read(cell, self.number_format) {
            self.numbers += rows;
            self.range = [self.range[0].min(number), self.range[1].max(number)];
            if number.fract() == 0.0 {
                self.whole += rows;
                self.zeros += if number::has_leading_zero(cell) {
                    rows
                } else {
                    0
                };
            }
        } else {
            self.wordy += 1;
        }
        if date::read(cell, self.date_format).is_some() {
            self.dates += rows;
        }
        if cell.is_ascii() && !cell.contains(|c: char| c.is_whitespace()) {
            self.codes += rows;
        }
    }

    /// The figures of what was looked at.
    pub(super) fn finish(self) -> ColumnStats {
        let mut cells = self.cells;
        let filled: u32 = cells.iter().map(|(_, _, rows)| rows).sum();
        let rows = self.column.codes().len() as u32;
        let mean = |sum: f64| (sum / f64::from(filled.max(1))) as f32;
        let distinct = cells.len() as u32;
        let order = |&(code, _, rows): &(u32, &str, u32)| (Reverse(rows), code);
        if cells.len() > KEPT {
            cells.select_nth_unstable_by_key(KEPT, order);
            cells.truncate(KEPT);
        }
        cells.sort_unstable_by_key(order);
        ColumnStats {
            name: self.column.name().to_owned(),
            rows,
            missing: rows - filled,
            distinct,
            mean_chars: mean(self.chars),
            mean_words: mean(self.words),
            numbers: mean(self.numbers.into()),
            whole_numbers: mean(self.whole.into()),
            wordy: self.wordy,
            leading_zeros: mean(self.zeros.into()),
            range: self.range,
            number_format: self.number_format,
            dates: mean(self.dates.into()),
            date_format: self.date_format,
            lists: self.lists,
            codes: mean(self.codes.into()),
            most_frequent: cells
                .into_iter()
                .map(|(_, cell, rows)| (cell.to_owned(), rows))
                .collect(),
        }
    }
}

/// The words of a name, in lower case, split at punctuation and where the case rises.
pub(super) fn name_words(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut is_after_lower = false;
    for letter in name.chars() {
        if is_after_lower && letter.is_uppercase() {
            spaced.push(' ');
        }
        spaced.extend(letter.to_lowercase());
        is_after_lower = letter.is_lowercase();
    }
    spaced
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Length in characters.
pub(super) fn count_chars(cell: &str) -> usize {
    if cell.is_ascii() {
        cell.len()
    } else {
        cell.chars().count()
    }
}

fn count_words(cell: &str) -> usize {
    if cell.is_ascii() {
        return cell.split_ascii_whitespace().count();
    }
    let ideographs = cell
        .chars()
        .filter(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'))
        .count();
    cell.split_whitespace().count() + ideographs
}

#[cfg(test)]
mod tests {
    use super::super::tests::column;
    use super::*;

    #[test]
    fn missing_cells_count_only_as_missing() {
        let column = column("n", ["1", "2.5", "", "NA", "2.5"]);
        let stats = ColumnStats::of(&column, &Spellings::usual());
        assert_eq!((stats.rows, stats.missing, stats.filled()), (5, 2, 3));
        assert_eq!(stats.distinct, 2);
        assert_eq!(stats.numbers, 1.0);
        assert!((stats.whole_numbers - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(stats.range, [1.0, 2.5]);
        assert_eq!(stats.most_frequent[0], ("2.5".to_owned(), 2));
    }

    #[test]
    fn the_most_frequent_come_first_and_then_the_first() {
        let column = column("n", (0..200).map(|row| format!("{}", row % 90)));
        let stats = ColumnStats::of(&column, &Spellings::usual());
        let cells: Vec<&str> = stats
            .most_frequent
            .iter()
            .map(|(c, _)| c.as_str())
            .collect();
        let expected: Vec<String> = (0..20).chain(20..24).map(|n| n.to_string()).collect();
        assert_eq!(cells, expected);
        assert_eq!(stats.most_frequent[0].1, 3);
        assert_eq!(stats.most_frequent[20].1, 2);
    }

    #[test]
    fn words_are_counted_in_every_script() {
        assert_eq!(count_words("two words"), 2);
        assert_eq!(count_words("  "), 0);
        assert_eq!(count_words("日本語です"), 6);
    }

    #[test]
    fn names_are_read_as_words() {
        assert_eq!(name_words("customerID"), ["customer", "id"]);
        assert_eq!(name_words("row_id "), ["row", "id"]);
        assert_eq!(name_words("Class.Label"), ["class", "label"]);
        assert_eq!(name_words("y"), ["y"]);
        assert!(name_words("???").is_empty());
    }
}
