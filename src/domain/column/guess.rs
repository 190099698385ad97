//! Which column is the text and which one the label, when nobody has said so yet.

use super::ColumnProfile;
use super::number::parse;
use super::stats::name_words;

/// Which columns to learn from and to predict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// Names of the text columns; empty when none looks like text.
    pub text: Vec<String>,
    /// Name of the label column; `None` when none looks like labels.
    pub target: Option<String>,
    /// Why these, as a sentence.
    pub reason: String,
}

/// Names that people give to what they want predicted.
const TARGET_NAMES: [&str; 15] = [
    "label",
    "labels",
    "class",
    "category",
    "intent",
    "target",
    "sentiment",
    "y",
    "topic",
    "genre",
    "spam",
    "outcome",
    "tag",
    "emotion",
    "cls",
];

/// Numbers with more values than this are measured, not chosen.
const MOST_NUMBER_LABELS: u32 = 20;

/// Guesses.
pub fn guess(columns: &[ColumnProfile], rows: usize) -> Guess {
    let text = columns
        .iter()
        .filter(|column| column.kind == "text")
        .reduce(longer);
    let target = best_target(columns, rows, text);
    // Texts of a word or two are not recognised as such, but next to a label there is no doubt.
    let text = text.or_else(|| {
        columns
            .iter()
            .filter(|column| Some(column.name.as_str()) != target.map(|t| t.name.as_str()))
            .filter(|column| is_wordy(column, rows, columns.len()))
            .reduce(longer)
    });

    let reason = match (text, target) {
        (Some(text), Some(target)) => format!(
            "\"{}\" {}, and \"{}\" has {} values that repeat.",
            text.name,
            looks(text),
            target.name,
            target.distinct
        ),
        (Some(text), None) => format!(
            "\"{}\" {}, but no other column has a few values that repeat, as labels do.",
            text.name,
            looks(text)
        ),
        (None, Some(target)) => format!(
            "\"{}\" has {} values that repeat, but no column reads like sentences.",
            target.name, target.distinct
        ),
        (None, None) => {
            "No column reads like sentences, and none has a few values that repeat, as labels do."
                .to_owned()
        }
    };
    Guess {
        text: text.map(|column| column.name.clone()).into_iter().collect(),
        target: target.map(|column| column.name.clone()),
        reason,
    }
}

fn looks(text: &ColumnProfile) -> &'static str {
    if text.kind == "text" {
        "reads like sentences"
    } else {
        "has the longest texts"
    }
}

/// The one with the longer cells; the left one of equals.
fn longer<'a>(a: &'a ColumnProfile, b: &'a ColumnProfile) -> &'a ColumnProfile {
    if b.mean_chars > a.mean_chars { b } else { a }
}

/// Whether most cells are different words. Words of which none repeats look like codes, which they
/// are in a table of many columns, but hardly in one of two.
fn is_wordy(column: &ColumnProfile, rows: usize, columns: usize) -> bool {
    let filled = rows.saturating_sub(column.missing as usize);
    (column.kind == "category" || (column.kind == "identifier" && columns == 2))
        && column.distinct as usize * 2 > filled
        && column
            .top
            .iter()
            .all(|(cell, _)| parse(cell.trim()).is_none())
}

fn best_target<'a>(
    columns: &'a [ColumnProfile],
    rows: usize,
    text: Option<&ColumnProfile>,
) -> Option<&'a ColumnProfile> {
    let mut best: Option<(f32, &ColumnProfile)> = None;
    for (at, column) in columns.iter().enumerate() {
        let is_text = text.is_some_and(|text| text.name == column.name);
        if is_text || !can_be_target(column, rows) {
            continue;
        }
        let is_last = at + 1 == columns.len();
        let score = name_score(&column.name)
            + if column.kind == "number" { 0.0 } else { 1.0 }
            + if is_last { 0.5 } else { 0.0 }
            - 0.2 * (column.distinct as f32).log10();
        if best.is_none_or(|(best, _)| score > best) {
            best = Some((score, column));
        }
    }
    best.map(|(_, column)| column)
}

/// Whether there are classes to learn: at least two, and two rows for each on average.
fn can_be_target(column: &ColumnProfile, rows: usize) -> bool {
    let filled = rows.saturating_sub(column.missing as usize);
    let repeats = column.distinct >= 2 && column.distinct as usize * 2 <= filled;
    let is_whole = |cell: &str| parse(cell.trim()).is_some_and(|number| number.fract() == 0.0);
    repeats
        && match &*column.kind {
            "category" | "boolean" => true,
            "number" => {
                column.distinct <= MOST_NUMBER_LABELS
                    && column.top.iter().all(|(cell, _)| is_whole(cell))
            }
            _ => false,
        }
}

fn name_score(name: &str) -> f32 {
    let is_target = |word: &str| TARGET_NAMES.contains(&word);
    let words = name_words(name);
    match &words[..] {
        [word] if is_target(word) => 4.0,
        words if words.iter().any(|word| is_target(word)) => 3.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::summarize;
    use super::super::tests::column;
    use super::*;

    const ROWS: usize = 40;

    fn profile(name: &str, cell: impl Fn(usize) -> String) -> ColumnProfile {
        summarize(&column(name, (0..ROWS).map(cell)))
    }

    fn sentences(name: &str) -> ColumnProfile {
        profile(name, |row| format!("some words about number {row}"))
    }

    fn one_of<const N: usize>(name: &str, cells: [&str; N]) -> ColumnProfile {
        profile(name, |row| cells[row % N].to_owned())
    }

    /// Guesses and compares the text and the target column.
    #[track_caller]
    fn check(columns: &[ColumnProfile], text: &str, target: &str) {
        let found = guess(columns, ROWS);
        assert_eq!(found.text.join(" "), text);
        assert_eq!(found.target.unwrap_or_default(), target);
    }

    macro_rules! guesses {
        ($($name:ident, $columns:expr, $text:expr, $target:expr;)*) => {
            $(#[test] fn $name() { check(&$columns, $text, $target); })*
        };
    }

    guesses! {
        text_and_label, [sentences("text"), one_of("label", ["a", "b"])], "text", "label";
        label_and_text, [one_of("v1", ["ham", "spam"]), sentences("v2")], "v2", "v1";
        the_name_decides,
            [sentences("t"), one_of("intent", ["a", "b", "c"]), one_of("domain", ["a", "b"])],
            "t", "intent";
        the_last_one_without_a_name,
            [sentences("t"), one_of("source", ["a", "b"]), one_of("verdict", ["a", "b"])],
            "t", "verdict";
        the_longest_text,
            [sentences("title"), profile("body", |row| format!("{row} ").repeat(60)), one_of("y", ["0", "1"])],
            "body", "y";
        numbers_as_labels, [sentences("text"), one_of("stars", ["1", "2", "3", "4", "5"])], "text", "stars";
        measurements_are_no_labels, [sentences("text"), profile("price", |row| format!("{}.5", row % 9))], "text", "";
        identifiers_are_no_labels, [profile("id", |row| row.to_string()), sentences("text")], "text", "";
        single_words, [profile("word", |row| format!("w{}", "o".repeat(row))), one_of("label", ["a", "b"])], "word", "label";
        codes_in_a_wide_table,
            [profile("customer", |row| format!("{row}-AB")), one_of("a", ["x", "y"]), one_of("churn", ["no", "yes"])],
            "", "churn";
        no_text, [one_of("species", ["a", "b"]), profile("length", |row| format!("{row}.5"))], "", "species";
        nothing, [], "", "";
    }

    #[test]
    fn the_reason_is_a_sentence() {
        let columns = [sentences("text"), one_of("label", ["a", "b"])];
        assert_eq!(
            guess(&columns, ROWS).reason,
            "\"text\" reads like sentences, and \"label\" has 2 values that repeat."
        );
    }
}
