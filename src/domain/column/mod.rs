//! What a column holds: one file a kind, listed in [`ALL`].
//!
//! Every kind says how well it explains a column's [`ColumnStats`], 0 to 1, and the best one is
//! taken. So a new kind competes without the others knowing of it.

mod boolean;
mod category;
mod constant;
pub mod date;
mod detail;
mod guess;
mod histogram;
mod identifier;
pub mod multi_value;
pub mod number;
pub mod ordered;
mod stats;
mod text;
mod twins;

pub use boolean::Boolean;
pub use category::Category;
pub use constant::Constant;
pub use date::{Date, DateFormat};
pub use detail::{Bar, ColumnDetail, NumberFigures, Schema, detail};
pub use guess::{Guess, Role, guess, propose};
pub use identifier::Identifier;
pub use multi_value::{ListFormat, MultiValue};
pub use number::{Number, NumberFormat, parse_number};
pub use ordered::{Ordered, order};
pub use stats::ColumnStats;
pub use text::Text;

use stats::Gathering;

use super::missing::Spellings;
use super::table::Column;

/// A kind of column.
pub trait ColumnKind: Sync {
    /// Stable id.
    fn id(&self) -> &'static str;

    /// Name as people read it.
    fn name(&self) -> &'static str;

    /// What such a column holds, as a sentence.
    fn about(&self) -> &'static str;

    /// How well this kind explains a column, 0 to 1.
    fn score(&self, stats: &ColumnStats) -> f32;

    /// Why a column is of this kind, as a sentence.
    fn reason(&self, stats: &ColumnStats) -> String;
}

/// Every kind. Of two that explain a column equally well, the first one is taken.
pub const ALL: &[&dyn ColumnKind] = &[
    &Constant,
    &Boolean,
    &Ordered,
    &Date,
    &Identifier,
    &Number,
    &MultiValue,
    &Text,
    &Category,
];

/// A kind by its id.
pub fn find(id: &str) -> Option<&'static dyn ColumnKind> {
    ALL.iter().copied().find(|kind| kind.id() == id)
}

/// What a column looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnProfile {
    /// Its name, unique in the table.
    pub name: String,
    /// Id of its kind, see [`ALL`].
    pub kind: String,
    /// Name of its kind as people read it.
    pub kind_name: String,
    /// Cells that are empty or spell a missing value.
    pub missing: u32,
    /// Different cells, missing ones aside.
    pub distinct: u32,
    /// Mean length of the cells in characters, missing ones aside.
    pub mean_chars: f32,
    /// Mean number of words in them.
    pub mean_words: f32,
    /// Share of the cells that are numbers, and that are whole numbers, 0 to 1.
    pub numbers: [f32; 2],
    /// Smallest and largest number; infinite the wrong way round without any.
    pub range: [f64; 2],
    /// The most frequent cells with their numbers of rows. Long ones are shortened.
    pub top: Vec<(String, u32)>,
}

/// So many of the most frequent cells are listed.
const TOP: usize = 5;

/// So many characters of them: a cell can hold a book.
const TOP_CHARS: usize = 120;

/// Looks at a column, with nothing chosen by a person.
pub fn summarize(column: &Column) -> ColumnProfile {
    summarize_with(column, &Schema::default())
}

/// Looks at a column as a person wants it read.
pub fn summarize_with(column: &Column, schema: &Schema) -> ColumnProfile {
    let mut looking = Looking::at(column, schema);
    while !looking.go_on() {}
    looking.finish()
}

/// A look at a column that can be interrupted: millions of different texts take seconds.
#[derive(Debug)]
pub struct Looking<'a> {
    figures: Gathering<'a>,
    schema: &'a Schema,
}

/// Different cells that are looked at in one go: some ten milliseconds of texts.
const CELLS_AT_ONCE: usize = 20_000;

impl<'a> Looking<'a> {
    /// Begins to look at a column as a person wants it read.
    pub fn at(column: &'a Column, schema: &'a Schema) -> Self {
        Self {
            figures: Gathering::begin(column, &Spellings::of_column(column, schema)),
            schema,
        }
    }

    /// Looks at some more cells. Whether all were looked at.
    pub fn go_on(&mut self) -> bool {
        self.figures.go_on(CELLS_AT_ONCE)
    }

    /// What the column looks like.
    pub fn finish(self) -> ColumnProfile {
        let stats = self.figures.finish();
        let kind = kind_of(&stats, self.schema);
        ColumnProfile {
            name: stats.name,
            kind: kind.id().to_owned(),
            kind_name: kind.name().to_owned(),
            missing: stats.missing,
            distinct: stats.distinct,
            mean_chars: stats.mean_chars,
            mean_words: stats.mean_words,
            numbers: [stats.numbers, stats.whole_numbers],
            range: stats.range,
            top: stats
                .most_frequent
                .iter()
                .take(TOP)
                .map(|(cell, rows)| (shortened(cell), *rows))
                .collect(),
        }
    }
}

/// The kind that a person chose, or else the one that explains a column best.
fn kind_of(stats: &ColumnStats, schema: &Schema) -> &'static dyn ColumnKind {
    if let Some(kind) = schema.kinds.get(&stats.name).and_then(|id| find(id)) {
        return kind;
    }
    let mut best = (ALL[0], ALL[0].score(stats));
    for kind in &ALL[1..] {
        let score = kind.score(stats);
        if score > best.1 {
            best = (*kind, score);
        }
    }
    best.0
}

/// A share as people read it.
fn percent(share: f32) -> String {
    if share < 1.0 && share > 0.999 {
        // What is not all is not 100 %.
        return "Over 99.9 %".to_owned();
    }
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.trim_end_matches(".0"))
}

fn shortened(cell: &str) -> String {
    match cell.char_indices().nth(TOP_CHARS) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn column(name: &str, cells: impl IntoIterator<Item = impl AsRef<str>>) -> Column {
        Column::of(name, cells)
    }

    /// Looks at a column of 100 rows, of which the given function makes the cells.
    #[track_caller]
    fn check(name: &str, cell: impl Fn(usize) -> String, kind: &str) {
        let column = column(name, (0..100).map(cell));
        assert_eq!(summarize(&column).kind, kind);
    }

    macro_rules! kinds {
        ($($name:ident, $cell:expr, $kind:expr;)*) => {
            $(#[test] fn $name() { check(stringify!($name), $cell, $kind); })*
        };
    }

    fn one_of(row: usize, cells: &[&str]) -> String {
        cells[row * 7 % 10 % cells.len()].to_owned()
    }

    kinds! {
        empty, |_| String::new(), "constant";
        one_value, |_| "x".to_owned(), "constant";
        one_value_with_gaps, |row| if row % 3 == 0 { "NA" } else { "x" }.to_owned(), "constant";
        yes_and_no, |row| one_of(row, &["Yes", "no"]), "boolean";
        zero_and_one, |row| one_of(row, &["0", "1"]), "boolean";
        zero_and_one_as_floats, |row| one_of(row, &["0.0", "1.0"]), "boolean";
        spam_and_ham, |row| one_of(row, &["spam", "ham"]), "category";
        words_that_repeat, |row| one_of(row, &["red", "green", "blue", ""]), "category";
        phrases_that_repeat, |row| one_of(row, &["lost or stolen card", "card not working at all"]), "category";
        long_sentences_that_repeat, |row| one_of(row, &[&"on and on ".repeat(20), "short"]), "category";
        sentences, |row| format!("this is the sentence of row {row}"), "text";
        sentences_of_which_some_repeat, |row| format!("a sentence like number {} is", row / 2), "text";
        short_titles, |row| format!("Title {row} here"), "text";
        chinese, |row| format!("我们的订单已经延误了{row}天"), "text";
        thai, |row| format!("ฉันต้องการยกเลิกคำสั่งซื้อของฉันหมายเลข{row}"), "text";
        measurements, |row| format!("{:.2}", row as f64 * 1.37), "number";
        sizes_with_words, |row| if row % 3 == 0 { "Varies with device".to_owned() } else { format!("{row}M") }, "number";
        zip_codes, |row| format!("0{}", 2000 + row * 7 % 30), "category";
        measurements_with_gaps, |row| if row % 4 == 0 { "NA".to_owned() } else { format!("{}", row * row) }, "number";
        small_whole_numbers, |row| format!("{}", 3 + row % 5), "number";
        negative_and_exponent, |row| format!("-{row}e-3"), "number";
        running_number, |row| format!("{}", 1000 + row), "identifier";
        lot_numbers, |row| if row % 4 == 0 { format!("{}", 90 + row) } else { format!("{:03}/17", row / 2) }, "category";
        customer_id, |row| format!("{}", row * row * 7919 % 99_991), "identifier";
        codes, |row| format!("{:04}-AB{}", row * 13 % 9999, row), "identifier";
        web_addresses, |row| format!("https://example.org/items/of/some/length/{row}"), "identifier";
        iso_dates, |row| format!("2024-{:02}-{:02}", 1 + row % 12, 1 + row % 28), "date";
        iso_times, |row| format!("2024-01-{:02}T10:{:02}:00Z", 1 + row % 28, row % 60), "date";
        us_dates, |row| format!("{}/{}/2001 0:{:02}", 1 + row % 12, 1 + row % 28, row % 60), "date";
        german_dates, |row| format!("{}.{}.24", 1 + row % 28, 1 + row % 12), "date";
        written_dates, |row| format!("September {}, {}", 1 + row % 28, 1990 + row % 30), "date";
        short_written_dates, |row| format!("{}-Sep-{}", 1 + row % 28, 10 + row % 10), "date";
    }

    #[test]
    fn a_profile_tells_what_the_page_shows() {
        let cells = ["b", "a", "", "b", "NA", "c", "c", "b", "d", "e", "f", "f"];
        let profile = summarize(&column("letters", cells));
        assert_eq!(profile.name, "letters");
        assert_eq!(profile.missing, 2);
        assert_eq!(profile.distinct, 6);
        assert_eq!(profile.mean_chars, 1.0);
        let top = [("b", 3), ("c", 2), ("f", 2), ("a", 1), ("d", 1)];
        assert_eq!(profile.top, top.map(|(cell, rows)| (cell.to_owned(), rows)));
    }

    #[test]
    fn a_book_in_a_cell_is_not_sent_whole() {
        let profile = summarize(&column("t", ["é".repeat(200_000)]));
        assert_eq!(profile.top[0].0.chars().count(), TOP_CHARS + 1);
    }

    #[test]
    fn no_rows_are_no_problem() {
        let profile = summarize(&Column::of("t", [""; 0]));
        assert_eq!(profile.kind, "constant");
        assert_eq!(profile.mean_chars, 0.0);
    }

    #[test]
    fn ids_are_unique() {
        for (at, kind) in ALL.iter().enumerate() {
            assert!(ALL[..at].iter().all(|other| other.id() != kind.id()));
        }
    }
}
