//! Columns of lists in a cell: `drama, comedy`, `a|b`, `['x', 'y']`, `["x","y"]`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ColumnKind, ColumnStats};

/// Lists of values.
#[derive(Debug, Clone, Copy)]
pub struct MultiValue;

impl ColumnKind for MultiValue {
    fn id(&self) -> &'static str {
        "multi_value"
    }

    fn name(&self) -> &'static str {
        "Several values"
    }

    fn about(&self) -> &'static str {
        "A list of values in every cell."
    }

    fn score(&self, stats: &ColumnStats) -> f32 {
        if stats.lists.is_none() || stats.dates > 0.5 || stats.numbers > 0.5 {
            return 0.0;
        }
        0.97
    }

    fn reason(&self, stats: &ColumnStats) -> String {
        match stats.lists {
            Some(ListFormat::Brackets) => "Its cells are lists in brackets.".to_owned(),
            Some(ListFormat::Mark(mark)) => {
                format!("Many cells are lists of short values with \"{mark}\" between them.")
            }
            None => "It was chosen.".to_owned(),
        }
    }
}

/// How a column writes lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListFormat {
    /// `['x', 'y']`, `["x", "y"]`, `[x, y]`
    Brackets,
    /// Values with this between them.
    Mark(char),
}

/// Marks that stand between values, the ones that mean little else first.
const MARKS: [char; 4] = ['|', ';', ',', '/'];

/// Share of cells that hold the mark, for [`MARKS`] in turn: a comma is in many texts.
const LEAST_SHARE: [f64; 4] = [0.03, 0.03, 0.2, 0.3];

/// Values of more words than this on average are parts of sentences.
const MOST_WORDS: f64 = 2.6;

/// Values of more characters are no values.
const LONGEST_VALUE: usize = 60;

/// One cell in so many may hold an empty value or too long a one, and its list counts all the same.
const MOST_ODD_CELLS: usize = 50;

/// Values repeat at least so often on average, or the lists are long.
const LEAST_REPEATS: f64 = 1.5;

/// Mean length from which lists need not repeat their values: the cast of a film.
const LONG_LIST: f64 = 3.0;

impl ListFormat {
    /// How these different cells with their numbers of rows are lists; `None` when they are not.
    pub fn detect(cells: &[(&str, u32)]) -> Option<Self> {
        if cells.is_empty() {
            return None;
        }
        let in_brackets = cells.iter().filter(|(cell, _)| brackets(cell).is_some());
        if in_brackets.count() * 10 >= cells.len() * 9 {
            return Some(Self::Brackets);
        }
        MARKS
            .into_iter()
            .zip(LEAST_SHARE)
            .find(|&(mark, share)| are_lists(cells, mark, share))
            .map(|(mark, _)| Self::Mark(mark))
    }

    /// The values of a cell, trimmed, in their order. Empty ones are left out.
    pub fn split(self, cell: &str) -> Vec<&str> {
        let (inside, mark) = match self {
            Self::Brackets => (brackets(cell).unwrap_or(cell), ','),
            Self::Mark(mark) => (cell, mark),
        };
        let is_quote = |c: char| matches!(c, '\'' | '"');
        let trim = |value: &'_ str| -> std::ops::Range<usize> {
            let trimmed = match self {
                Self::Brackets => value.trim().trim_matches(is_quote).trim(),
                Self::Mark(_) => value.trim(),
            };
            let start = trimmed.as_ptr() as usize - value.as_ptr() as usize;
            start..start + trimmed.len()
        };
        split_outside_quotes(inside, mark, self == Self::Brackets)
            .map(|value| &value[trim(value)])
            .filter(|value| !value.is_empty())
            .collect()
    }
}

/// Splits at a mark, but inside quotes only where quotes mean nothing.
fn split_outside_quotes(text: &str, mark: char, has_quotes: bool) -> impl Iterator<Item = &str> {
    let mut quote = None;
    text.split(move |c: char| {
        if has_quotes && matches!(c, '\'' | '"') {
            match quote {
                None => quote = Some(c),
                Some(open) if open == c => quote = None,
                Some(_) => {}
            }
        }
        c == mark && quote.is_none()
    })
}

/// What stands inside the brackets around a cell.
fn brackets(cell: &str) -> Option<&str> {
    let cell = cell.trim();
    cell.strip_prefix('[')?.strip_suffix(']')
}

fn are_lists(cells: &[(&str, u32)], mark: char, least_share: f64) -> bool {
    // Values with their rows and the first place in a list that they were seen in, and whether
    // they were seen in another one.
    let mut values: BTreeMap<&str, (u32, usize, bool)> = BTreeMap::new();
    let mut lengths: BTreeMap<usize, u32> = BTreeMap::new();
    let (mut lists, mut total, mut words) = (0_u32, 0_u32, 0);
    let mut odd = 0;
    for (cell, _) in cells {
        let (mut length, mut is_odd) = (0_usize, false);
        for value in cell.split(mark) {
            let trimmed = value.trim();
            is_odd |= trimmed.is_empty() || trimmed.len() > LONGEST_VALUE;
            let (seen, place, moves) = values.entry(trimmed).or_insert((0, length, false));
            *seen += 1;
            *moves |= *place != length;
            words += trimmed.split_whitespace().count();
            length += 1;
        }
        odd += usize::from(is_odd);
        total += length as u32;
        *lengths.entry(length).or_default() += 1;
        lists += u32::from(length > 1);
    }
    let share = |count: u32, of: usize| f64::from(count) / of.max(1) as f64;
    let mean_length = share(total, cells.len());
    let repeats = share(total, values.len());
    let mean_words = words as f64 / f64::from(total);
    // `Beuys, Joseph` and `Chicago, IL` have always two parts; lists have one to many.
    let is_pair = lengths
        .get(&2)
        .is_some_and(|&pairs| f64::from(pairs) >= 0.9 * f64::from(lists));
    let most = lengths.values().copied().max().unwrap_or(0);
    let has_one_length = f64::from(most) >= 0.98 * cells.len() as f64;
    // In `Madagascar, batch 1` each part keeps its place; the values of lists change theirs.
    let repeated = values.values().filter(|(seen, _, _)| *seen > 1);
    let (repeating, moving) = repeated.fold((0, 0), |(all, moving), (_, _, moves)| {
        (all + 1, moving + u32::from(*moves))
    });
    let keeps_places = matches!(mark, ',' | '/') && moving * 2 < repeating;
    let is_code = |value: &&str| value.bytes().any(|byte| byte.is_ascii_digit());
    let with_digits = values.keys().filter(|value| is_code(value)).count();
    odd * MOST_ODD_CELLS <= cells.len()
        && share(lists, cells.len()) >= least_share
        && mean_words <= MOST_WORDS
        && !has_one_length
        && !keeps_places
        && with_digits * 2 <= values.len()
        && (!is_pair || repeats >= 4.0 * LEAST_REPEATS)
        && (repeats >= LEAST_REPEATS || (mean_length >= LONG_LIST && mark != '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cells: &[&str], format: Option<ListFormat>) {
        let cells: Vec<(&str, u32)> = cells.iter().map(|cell| (*cell, 1)).collect();
        assert_eq!(ListFormat::detect(&cells), format, "{cells:?}");
    }

    #[test]
    fn lists_are_told_from_texts() {
        check(&["a|b", "a", "b|c|a"], Some(ListFormat::Mark('|')));
        check(
            &[
                "drama, comedy",
                "comedy",
                "drama, horror, comedy",
                "horror, drama",
            ],
            Some(ListFormat::Mark(',')),
        );
        check(&["['x', 'y']", "[]", "['x']"], Some(ListFormat::Brackets));
        check(&[r#"["x, y"]"#, r#"["z"]"#], Some(ListFormat::Brackets));
        check(&["Beuys, Joseph", "Kossoff, Leon", "Zaatari, Akram"], None);
        check(
            &["Well, that was a long day at work", "I left, he stayed"],
            None,
        );
        check(
            &[
                "Peru, batch 1",
                "Peru",
                "Ghana, batch 1",
                "Ghana, batch 2",
                "Peru, batch 2, old",
            ],
            None,
        );
        check(&["red", "green"], None);
        check(&["1,234", "5,678", "9"], None);
        check(&["and/or", "either"], None);
        check(&[], None);
    }

    #[test]
    fn lists_are_split() {
        let mark = ListFormat::Mark(',');
        assert_eq!(mark.split(" a, b ,,c"), ["a", "b", "c"]);
        assert_eq!(mark.split(""), [""; 0]);
        let brackets = ListFormat::Brackets;
        assert_eq!(brackets.split("['x', \"y, z\" ]"), ["x", "y, z"]);
        assert_eq!(brackets.split("[]"), [""; 0]);
        assert_eq!(brackets.split("[é, 'ü']"), ["é", "ü"]);
    }
}
