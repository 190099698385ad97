//! Whether the first record names the columns, and whether the second describes them.
//!
//! Most files have a header, so there has to be evidence that one has none: a number above
//! numbers, or a value that its own column repeats below. Names above numbers are evidence of a
//! header. Every column gives its evidence, and the larger sum decides.

use std::collections::{HashMap, HashSet};

/// Columns of which so many cells are numbers are columns of numbers; fewer than the second share
/// makes them columns of words.
const MOSTLY: f64 = 0.8;
const HARDLY: f64 = 0.2;

/// Texts are so many characters long on average, and names are a third of that.
const TEXT_CHARS: f64 = 30.0;
const NAME_SHARE: f64 = 1.0 / 3.0;

/// So many different words repeat in a column of categories at most.
const MOST_CATEGORIES: usize = 20;

/// A file of numbers whose first record counts its columns from 1 has to have so many.
const COUNTED_COLUMNS: usize = 8;

/// Names of types as programs write them in a row under the header.
const TYPES: [&str; 30] = [
    "int",
    "integer",
    "bigint",
    "smallint",
    "long",
    "float",
    "double",
    "decimal",
    "real",
    "num",
    "number",
    "numeric",
    "string",
    "str",
    "text",
    "char",
    "varchar",
    "character",
    "cat",
    "category",
    "categorical",
    "factor",
    "nominal",
    "ordinal",
    "bool",
    "boolean",
    "logical",
    "date",
    "datetime",
    "time",
];

/// Fewer rows do not show that a column is one of numbers.
const FEWEST_ROWS: usize = 2;

/// A unit is not longer than this.
const UNIT_CHARS: usize = 12;

/// Evidence for and against a header.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Verdict {
    /// That the first record names the columns.
    pub(super) names: f64,
    /// That it is a row.
    pub(super) row: f64,
}

impl Verdict {
    /// Weighs the first record against those below it.
    pub(super) fn of(records: &[Vec<String>]) -> Self {
        let Some((first, below)) = records.split_first() else {
            return Self::default();
        };
        if below.is_empty() {
            let all_figures = first.len() > 1 && first.iter().all(|cell| is_figure(cell));
            return Self {
                row: f64::from(u8::from(all_figures)),
                ..Self::default()
            };
        }
        // A header that is repeated among the rows is no row for that.
        let is_repeated = below.contains(first);
        let counts_columns = counts_columns(first);
        let mut verdict = Self::default();
        for (at, cell) in first.iter().enumerate() {
            let cell = cell.trim();
            let column = Column::of(below, at);
            if column.filled == 0 || cell.is_empty() {
                continue;
            }
            if cell.chars().all(is_gap_mark) {
                verdict.row += 0.5;
            } else if column.figures() >= MOSTLY {
                if !is_figure(cell) {
                    verdict.names += 1.0;
                } else if counts_columns {
                    verdict.names += 0.5;
                } else {
                    verdict.row += 1.0;
                }
            } else if column.figures() <= HARDLY && !is_figure(cell) {
                verdict.weigh_word(cell, &column, is_repeated);
            }
        }
        verdict
    }

    fn weigh_word(&mut self, cell: &str, column: &Column, is_repeated: bool) {
        let repeats = column.words.get(cell).copied().unwrap_or(0);
        let chars = cell.chars().count() as f64;
        if repeats > 0 {
            self.row += if is_repeated { 0.0 } else { 1.0 };
        } else if column.words.len() <= MOST_CATEGORIES && column.filled >= 2 * column.words.len() {
            self.names += 0.5;
        } else if column.mean_chars() >= TEXT_CHARS {
            if chars < NAME_SHARE * column.mean_chars() {
                self.names += 0.5;
            } else if chars >= TEXT_CHARS {
                self.row += 0.3;
            }
        }
    }

    /// Whether the first record is taken for the header: unless more speaks against it.
    pub(super) fn is_header(self) -> bool {
        self.row <= self.names
    }

    /// Whether something speaks for it, and more than against it.
    pub(super) fn is_surely_header(self) -> bool {
        self.names > self.row
    }
}

/// Whether a first record is numbers that count the columns: `0,1,2,…`, or years in order.
fn counts_columns(first: &[String]) -> bool {
    let numbers: Vec<i64> = first
        .iter()
        .filter_map(|cell| cell.trim().parse().ok())
        .collect();
    let counts = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let rises = numbers.windows(2).all(|pair| pair[1] > pair[0]);
    let are_years = numbers.iter().all(|year| (1800..2200).contains(year));
    match numbers.first() {
        Some(0) => counts && numbers.len() > 2,
        Some(1) => counts && numbers.len() >= COUNTED_COLUMNS,
        Some(_) => rises && are_years && numbers.len() > 1,
        None => false,
    }
}

/// What stands in a column below the first record.
#[derive(Debug, Default)]
struct Column<'a> {
    filled: usize,
    numbers: usize,
    chars: usize,
    /// Cells that are no numbers, with their rows.
    words: HashMap<&'a str, usize>,
}

impl<'a> Column<'a> {
    fn of(records: &'a [Vec<String>], at: usize) -> Self {
        let mut column = Self::default();
        for record in records {
            let cell = record.get(at).map_or("", |cell| cell.trim());
            if is_gap(cell) {
                continue;
            }
            column.filled += 1;
            column.chars += cell.chars().count();
            if is_figure(cell) {
                column.numbers += 1;
            } else {
                *column.words.entry(cell).or_default() += 1;
            }
        }
        column
    }

    fn figures(&self) -> f64 {
        self.numbers as f64 / self.filled.max(1) as f64
    }

    fn mean_chars(&self) -> f64 {
        self.chars as f64 / self.filled.max(1) as f64
    }
}

/// Whether a cell spells that there is nothing in it.
fn is_gap(cell: &str) -> bool {
    cell.chars().all(is_gap_mark) || crate::domain::missing::is_missing(cell)
}

fn is_gap_mark(c: char) -> bool {
    matches!(c, '?' | '-' | '.' | '*')
}

/// Whether a cell is a number, a date or a time in some notation: it has digits, and of letters
/// only an exponent, a factor or those of a timestamp.
pub(super) fn is_figure(cell: &str) -> bool {
    let cell = cell.trim();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let is_punctuation = |c: char| "+-.,:/ %$€£¥()".contains(c) || c == '\u{a0}';
    let letters: String = cell
        .chars()
        .filter(|&c| !c.is_ascii_digit() && !is_punctuation(c))
        .collect();
    let has_end = |end: &str| cell.ends_with(end) && letters == end;
    match letters.as_str() {
        _ if digits == 0 => matches!(cell.to_ascii_lowercase().as_str(), "inf" | "-inf"),
        "" => true,
        "e" | "E" => cell.parse::<f64>().is_ok(),
        "T" | "TZ" => digits >= 8,
        "AM" | "PM" | "am" | "pm" => cell.contains(':'),
        _ => ["k", "K", "M", "B", "m"].into_iter().any(has_end),
    }
}

/// A record under the header that is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BelowHeader {
    /// It names the columns' types, such as `INT;STRING;CAT`.
    Types,
    /// It names the units of the columns of numbers, such as `,mm,g`.
    Units,
}

impl BelowHeader {
    /// What the second record is, if it is no row. The first one is the header.
    pub(super) fn of(records: &[Vec<String>]) -> Option<Self> {
        let [_, second, below @ ..] = records else {
            return None;
        };
        let words: Vec<(usize, &str)> = second
            .iter()
            .enumerate()
            .map(|(at, cell)| (at, cell.trim()))
            .filter(|(_, cell)| !cell.is_empty())
            .collect();
        if words.len() < 2 || below.is_empty() {
            return None;
        }
        let types: HashSet<&str> = TYPES.into_iter().collect();
        let is_type = |cell: &str| {
            let word = cell.to_ascii_lowercase();
            types.contains(word.split('(').next().unwrap_or_default())
        };
        if words.iter().all(|(_, cell)| is_type(cell)) {
            return Some(Self::Types);
        }
        let is_unit = |&(at, cell): &(usize, &str)| {
            !is_gap(cell)
                && !is_figure(cell)
                && cell.chars().count() <= UNIT_CHARS
                && Column::of(below, at).figures() == 1.0
        };
        (below.len() >= FEWEST_ROWS && words.iter().all(is_unit)).then_some(Self::Units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<Vec<String>> {
        let cells = |line: &str| line.split(',').map(str::to_owned).collect();
        text.lines().map(cells).collect()
    }

    macro_rules! header {
        ($($name:ident, $text:expr, $expected:expr;)*) => {
            $(#[test] fn $name() {
                assert_eq!(Verdict::of(&records($text)).is_header(), $expected);
            })*
        };
    }

    header! {
        nothing, "", true;
        names_alone, "a,b", true;
        numbers_alone, "1,2", false;
        names_above_numbers, "a,b\n1,2\n3,4", true;
        numbers_above_numbers, "1,2\n3,4\n5,6", false;
        words_above_words, "city,land\nUlm,Germany\nPisa,Italy", true;
        a_word_that_repeats, "ham,hello\nspam,win\nham,you", false;
        names_above_words_that_repeat, "label,text\nham,x\nspam,y\nham,z\nspam,u", true;
        questions_and_a_number, "3,?,alfa\n3,?,audi\n1,158,audi\n2,?,alfa", false;
        years, "land,1990,2000,2010\nA,3,4,5\nB,3,4,6", true;
        counted_columns, "0,1,2\n0.5,1.5,2.5\n1.5,2.5,0.5", true;
        small_whole_numbers, "1,2,3\n4,5,6\n7,8,9", false;
        a_repeated_header, "text,label\nx,a\ntext,label\ny,b", true;
        prices, "$1.50,Tea\n$2.50,Milk\n$1.00,Tea", false;
        dates, "2024-01-01,x\n2024-01-02,y\n2024-01-03,x", false;
        an_index_without_a_name, ",a\n0,1.5\n1,2.5", true;
        a_text_above_texts,
            "this movie was a very long one and I slept,0\nI liked it a lot more than my friends did,1", false;
    }

    #[test]
    fn figures_are_known() {
        for cell in [
            "1",
            "-2.5e3",
            "10,000+",
            "19M",
            "$2.39 ",
            "31/01/2024",
            "18.00.00",
            "12%",
            "(1.50)",
            "2024-01-31T00:00:00Z",
            "1:05 PM",
            "inf",
        ] {
            assert!(is_figure(cell), "{cell}");
        }
        for cell in [
            "",
            "?",
            "a",
            "f0",
            "COVID-19",
            "2 lbs",
            "e",
            "-",
            "4.0.3 and up",
            "T1",
        ] {
            assert!(!is_figure(cell), "{cell}");
        }
    }

    #[test]
    fn rows_of_types_and_units_are_known() {
        for (text, expected) in [
            ("a,b\nINT,STRING\n1,x", Some(BelowHeader::Types)),
            ("a,b\nint,varchar(20)\n1,x", Some(BelowHeader::Types)),
            ("a,b,c\n,mm,(g)\nx,1.5,2\ny,2.5,3", Some(BelowHeader::Units)),
            ("a,b,c\nx,mm,(g)\ny,1.5,2\nz,2.5,3", None),
            ("a,b\nunknown,unknown\n1,2\n3,unknown", None),
            ("a,b\n?,NA\n1,2\n3,4", None),
            ("a,b\ntext,x\n1,2", None),
            ("a,b\nint,string", None),
        ] {
            assert_eq!(BelowHeader::of(&records(text)), expected, "{text}");
        }
    }
}
