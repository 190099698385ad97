//! Which columns to learn from, which one to predict and which task follows, when nobody has said
//! so yet. The person decides; this saves the first clicks.

use super::ColumnProfile;
use super::number::parse_number;
use super::stats::name_words;
use super::twins::twins;
use crate::domain::task;

/// What a column is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is predicted.
    Target,
    /// A text to read.
    Text,
    /// A number, category, date or list to learn from.
    Feature,
    /// It names rows or says the same of every one.
    LeftOut,
}

/// Which columns to learn from and to predict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// Names of the text columns; empty when none looks like text.
    pub text: Vec<String>,
    /// Name of the column to predict; `None` when none looks like one.
    pub target: Option<String>,
    /// Id of the task that follows, see [`task::ALL`].
    pub task: String,
    /// What each column is good for, left to right.
    pub roles: Vec<(String, Role)>,
    /// Why these, as a sentence.
    pub reason: String,
}

/// Names that people give to what they want predicted.
const TARGET_NAMES: [&str; 21] = [
    "label",
    "labels",
    "class",
    "intent",
    "target",
    "sentiment",
    "y",
    "topic",
    "genre",
    "spam",
    "outcome",
    "tag",
    "tags",
    "emotion",
    "cls",
    "output",
    "churn",
    "churned",
    "survived",
    "converted",
    "diagnosis",
];

/// Names of what is often predicted, and as often learned from.
const LIKELY_NAMES: [&str; 34] = [
    "category",
    "price",
    "score",
    "rating",
    "quality",
    "risk",
    "disease",
    "fraud",
    "default",
    "species",
    "stars",
    "points",
    "cnt",
    "count",
    "sales",
    "revenue",
    "salary",
    "income",
    "value",
    "cost",
    "demand",
    "response",
    "result",
    "approved",
    "attrition",
    "status",
    "progression",
    "yield",
    "grade",
    "severity",
    "verdict",
    "cultivar",
    "digit",
    "defaulted",
];

/// Names of numbers that are measured or graded, even where only a few values are seen.
const AMOUNT_NAMES: [&str; 34] = [
    "price",
    "score",
    "rating",
    "quality",
    "points",
    "cnt",
    "count",
    "sales",
    "revenue",
    "salary",
    "income",
    "value",
    "cost",
    "demand",
    "progression",
    "yield",
    "age",
    "year",
    "amount",
    "total",
    "number",
    "num",
    "mean",
    "rate",
    "time",
    "duration",
    "length",
    "height",
    "weight",
    "size",
    "distance",
    "rings",
    "mpg",
    "grade",
];

/// How much speaks for the last column, and for later ones before earlier ones, where a category
/// before a number has 1.
const LAST: f32 = 1.6;
const LATER: f32 = 0.05;

/// Whole numbers with more values than this are measured, not chosen.
const MOST_NUMBER_LABELS: u32 = 12;

/// The same where no task predicts numbers.
const MOST_NUMBER_LABELS_ALONE: u32 = 20;

/// With more columns beside them, two texts are hardly what each row is about.
const MOST_BESIDE_TWINS: usize = 3;

/// Guesses.
pub fn guess(columns: &[ColumnProfile], rows: usize) -> Guess {
    propose(columns, rows, None)
}

/// Guesses, with the column to predict if a person has chosen it already.
pub fn propose(columns: &[ColumnProfile], rows: usize, target: Option<&str>) -> Guess {
    let tasks: Vec<&str> = task::ALL.iter().map(|task| task.id()).collect();
    propose_among(columns, rows, target, &tasks)
}

fn propose_among(
    columns: &[ColumnProfile],
    rows: usize,
    chosen: Option<&str>,
    tasks: &[&str],
) -> Guess {
    let chosen = columns.iter().find(|column| Some(&*column.name) == chosen);
    let is_chosen = |column: &ColumnProfile| chosen.is_some_and(|c| c.name == column.name);
    let is_text = |column: &&ColumnProfile| column.kind == "text" && !is_chosen(column);
    let read: Vec<&ColumnProfile> = columns.iter().filter(is_text).collect();
    let text = read.iter().copied().reduce(longer);
    let target = chosen.or_else(|| best_target(columns, rows, text, tasks));
    let task = target.map_or("classify", |target| task_of(target, tasks));
    if let Some(found) = target.and_then(|target| compared(columns, &read, target, tasks)) {
        return found;
    }
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
            "\"{}\" {}, and {}.",
            text.name,
            looks(text),
            tells(target, task)
        ),
        (Some(text), None) => format!(
            "\"{}\" {}, but no other column has a few values that repeat, as labels do.",
            text.name,
            looks(text)
        ),
        (None, Some(target)) if tasks.len() > 1 => format!("{}.", uppercased(&tells(target, task))),
        (None, Some(target)) => format!(
            "{}, but no column reads like sentences.",
            tells(target, task)
        ),
        (None, None) => {
            "No column reads like sentences, and none has a few values that repeat, as labels do."
                .to_owned()
        }
    };
    Guess {
        text: text.map(|column| column.name.clone()).into_iter().collect(),
        target: target.map(|column| column.name.clone()),
        task: task.to_owned(),
        roles: roles(columns, target, text.as_slice()),
        reason,
    }
}

/// The guess where two of the texts are to be compared: they belong beside each other, and are what each row
/// is about.
fn compared(
    columns: &[ColumnProfile],
    read: &[&ColumnProfile],
    target: &ColumnProfile,
    tasks: &[&str],
) -> Option<Guess> {
    let alone = task_of(target, tasks);
    let task = tasks
        .iter()
        .find(|own| task::compares(own) && task::alone(own) == alone)?;
    let [one, other] = twins(read)?;
    let roles = roles(columns, Some(target), &[one, other]);
    let beside = roles.iter().filter(|(_, role)| *role == Role::Feature);
    (beside.count() <= MOST_BESIDE_TWINS).then(|| Guess {
        text: [one, other].map(|column| column.name.clone()).into(),
        target: Some(target.name.clone()),
        task: (*task).to_owned(),
        roles,
        reason: format!(
            "\"{}\" and \"{}\" are texts beside each other, and {}.",
            one.name,
            other.name,
            tells(target, alone)
        ),
    })
}

/// What each column is good for where one is predicted and some are read.
fn roles(
    columns: &[ColumnProfile],
    target: Option<&ColumnProfile>,
    read: &[&ColumnProfile],
) -> Vec<(String, Role)> {
    let role = |column: &ColumnProfile| match &*column.kind {
        _ if target.is_some_and(|target| target.name == column.name) => Role::Target,
        _ if read.iter().any(|text| text.name == column.name) => Role::Text,
        "text" => Role::Text,
        "identifier" | "constant" => Role::LeftOut,
        _ => Role::Feature,
    };
    columns
        .iter()
        .map(|column| (column.name.clone(), role(column)))
        .collect()
}

fn looks(text: &ColumnProfile) -> &'static str {
    if text.kind == "text" {
        "reads like sentences"
    } else {
        "has the longest texts"
    }
}

fn tells(target: &ColumnProfile, task: &str) -> String {
    let (name, distinct) = (&target.name, target.distinct);
    match task {
        "regress" => format!("\"{name}\" is a number with {distinct} different values"),
        "rank" => format!("\"{name}\" has {distinct} values that have an order"),
        "label_sets" => format!("\"{name}\" holds lists of labels"),
        _ => format!("\"{name}\" has {distinct} values that repeat"),
    }
}

fn uppercased(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
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
            .all(|(cell, _)| parse_number(cell).is_none())
}

/// The task that predicting a column is, among those there are.
fn task_of<'a>(target: &ColumnProfile, tasks: &[&'a str]) -> &'a str {
    let [numbers, whole] = target.numbers;
    let is_number = target.kind == "number" || (target.kind == "identifier" && numbers > 0.9);
    let wanted = match &*target.kind {
        "multi_value" => "label_sets",
        "ordered" => "rank",
        _ if is_number => {
            let is_amount = name_words(&target.name)
                .iter()
                .any(|word| AMOUNT_NAMES.contains(&word.as_str()));
            let are_labels = whole == 1.0
                && (target.distinct == 2 || (target.distinct <= MOST_NUMBER_LABELS && !is_amount));
            if are_labels { "classify" } else { "regress" }
        }
        _ => "classify",
    };
    let find = |id: &str| tasks.iter().copied().find(|task| *task == id);
    find(wanted)
        .or_else(|| find("classify"))
        .unwrap_or("classify")
}

fn best_target<'a>(
    columns: &'a [ColumnProfile],
    rows: usize,
    text: Option<&ColumnProfile>,
    tasks: &[&str],
) -> Option<&'a ColumnProfile> {
    let mut best: Option<(f32, &ColumnProfile)> = None;
    for (at, column) in columns.iter().enumerate() {
        let is_text = text.is_some_and(|text| text.name == column.name);
        if is_text || !can_be_target(column, rows, tasks) {
            continue;
        }
        let is_last = at + 1 == columns.len();
        let is_measured = task_of(column, tasks) == "regress";
        // Beside an x, a y is a coordinate.
        let is_coordinate = column.name.eq_ignore_ascii_case("y")
            && columns
                .iter()
                .any(|other| other.name.eq_ignore_ascii_case("x"));
        let name = if is_coordinate {
            0.0
        } else {
            name_score(&column.name)
        };
        let score = name
            + if column.kind == "number" { 0.0 } else { 1.0 }
            + if is_last { LAST } else { 0.0 }
            + LATER * at as f32 / columns.len() as f32
            // How many different numbers there are says nothing against predicting them.
            - if is_measured { 0.4 } else { 0.2 * (column.distinct as f32).log10() };
        if best.is_none_or(|(best, _)| score > best) {
            best = Some((score, column));
        }
    }
    best.map(|(_, column)| column)
}

/// Whether there is something to learn: classes, at least two and two rows for each on average, or
/// numbers of which no two rows need be the same.
fn can_be_target(column: &ColumnProfile, rows: usize, tasks: &[&str]) -> bool {
    let filled = rows.saturating_sub(column.missing as usize);
    let repeats = column.distinct >= 2 && column.distinct as usize * 2 <= filled;
    let [numbers, whole] = column.numbers;
    match &*column.kind {
        "category" | "boolean" | "ordered" => repeats,
        "multi_value" => tasks.contains(&"label_sets") && name_score(&column.name) > 0.0,
        "number" if tasks.contains(&"regress") => column.distinct >= 2 && numbers > 0.9,
        "number" => repeats && column.distinct <= MOST_NUMBER_LABELS_ALONE && whole == 1.0,
        _ => false,
    }
}

fn name_score(name: &str) -> f32 {
    let words = name_words(name);
    let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    let is_one = words.len() == 1;
    let ends = |names: &[&str]| {
        words
            .last()
            .is_some_and(|word| names.contains(&word.as_str()))
    };
    if has(&TARGET_NAMES) {
        if is_one { 4.0 } else { 3.0 }
    } else if ends(&LIKELY_NAMES) {
        if is_one { 3.2 } else { 3.0 }
    } else if has(&LIKELY_NAMES) {
        1.6
    } else {
        0.0
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
        let found = propose_among(columns, ROWS, None, &["classify"]);
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
            propose_among(&columns, ROWS, None, &["classify"]).reason,
            "\"text\" reads like sentences, and \"label\" has 2 values that repeat."
        );
    }

    /// Guesses where every task is there.
    #[track_caller]
    fn check_task(columns: &[ColumnProfile], chosen: Option<&str>, target: &str, task: &str) {
        let tasks = ["classify", "rank", "regress", "label_sets"];
        let found = propose_among(columns, ROWS, chosen, &tasks);
        assert_eq!(
            (found.target.as_deref(), found.task.as_str()),
            (Some(target), task)
        );
    }

    #[test]
    fn the_task_follows_from_the_target() {
        let price = profile("price", |row| format!("${}.50", row * 7 % 31));
        let stars = one_of("stars", ["1", "2", "3", "4", "5"]);
        let quality = one_of("quality", ["4", "5", "6", "7"]);
        let size = one_of("size", ["S", "M", "L"]);
        let tags = one_of("tags", ["a|b", "b", "c|a|b", "a"]);
        let kind = one_of("kind", ["x", "y"]);
        let columns = [sentences("text"), price, stars, quality, size, tags, kind];
        for (chosen, task) in [
            ("price", "regress"),
            ("stars", "classify"),
            ("quality", "regress"),
            ("size", "rank"),
            ("tags", "label_sets"),
            ("kind", "classify"),
        ] {
            check_task(&columns, Some(chosen), chosen, task);
        }
        check_task(&columns[..2], None, "price", "regress");
        check_task(&columns[..6], None, "tags", "label_sets");
    }

    /// Guesses of two texts, a target and the task.
    #[track_caller]
    fn check_pair(columns: &[ColumnProfile], expected: [&str; 3], task: &str) {
        let found = guess(columns, ROWS);
        let target = found.target.unwrap_or_default();
        let texts: Vec<&str> = found.text.iter().map(String::as_str).collect();
        assert_eq!((&texts[..], &*target), (&expected[..2], expected[2]));
        assert_eq!(found.task, task, "{}", found.reason);
    }

    #[test]
    fn two_texts_beside_each_other_are_compared() {
        let id = || profile("id", |row| row.to_string());
        let same = || one_of("is_duplicate", ["0", "1"]);
        let questions = [id(), sentences("question1"), sentences("question2"), same()];
        check_pair(
            &questions,
            ["question1", "question2", "is_duplicate"],
            "pairs",
        );
        let found = guess(&questions, ROWS);
        assert_eq!(
            found.reason,
            "\"question1\" and \"question2\" are texts beside each other, and \"is_duplicate\" has 2 values that repeat."
        );
        let roles: Vec<Role> = found.roles.into_iter().map(|(_, role)| role).collect();
        assert_eq!(roles, [Role::LeftOut, Role::Text, Role::Text, Role::Target]);

        let score = profile("score", |row| format!("{}.{}", row % 5, row % 7));
        let texts = [sentences("sentence1"), sentences("sentence2"), score];
        check_pair(&texts, ["sentence1", "sentence2", "score"], "similarity");
        let entails = one_of("label", ["yes", "no", "maybe"]);
        let texts = [entails, sentences("Premise"), sentences("Hypothesis")];
        check_pair(&texts, ["Premise", "Hypothesis", "label"], "pairs");
    }

    #[test]
    fn a_title_and_a_body_are_not_compared() {
        let columns = [
            sentences("title"),
            sentences("description"),
            one_of("label", ["a", "b"]),
        ];
        let found = guess(&columns, ROWS);
        assert_eq!((found.text.len(), &*found.task), (1, "classify"));
        // Among many columns they are two of these.
        let mut columns = vec![
            sentences("comment_1"),
            sentences("comment_2"),
            one_of("label", ["a", "b"]),
        ];
        columns.extend(["age", "km", "doors", "price"].map(|name| one_of(name, ["3", "5", "9"])));
        let found = propose(&columns, ROWS, Some("label"));
        assert_eq!((found.text.len(), &*found.task), (1, "classify"));
        // One is predicted, so it is not read.
        let columns = [sentences("text_a"), sentences("text_b"), sentences("note")];
        let found = propose(&columns, ROWS, Some("text_a"));
        assert_eq!((found.text.len(), &*found.task), (1, "classify"));
    }

    #[test]
    fn every_column_has_a_role() {
        let columns = [
            profile("id", |row| row.to_string()),
            sentences("text"),
            one_of("colour", ["red", "blue"]),
            one_of("label", ["a", "b"]),
        ];
        let roles: Vec<Role> = guess(&columns, ROWS)
            .roles
            .into_iter()
            .map(|(_, role)| role)
            .collect();
        assert_eq!(
            roles,
            [Role::LeftOut, Role::Text, Role::Feature, Role::Target]
        );
    }
}
