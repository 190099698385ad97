//! One label out of several for each text.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::{Labels, Target, Task};
use crate::domain::examples::is_empty_text;
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::metric::{
    Accuracy, BalancedAccuracy, Brier, LogLoss, MacroF1, Matthews, Metric, WeightedF1,
};
use crate::domain::missing::is_missing;
use crate::domain::table::{Column, RowId, Table};

/// One label out of several.
#[derive(Debug, Clone, Copy)]
pub struct Classify;

/// So many labels are named in a sentence; the others are counted.
const NAMED_LABELS: usize = 5;

/// Fewer rows than this cannot be learned from and judged by both.
const LEAST_ROWS_OF_A_LABEL: u32 = 2;

impl Task for Classify {
    fn id(&self) -> &'static str {
        "classify"
    }

    fn name(&self) -> &'static str {
        "Choose a label"
    }

    fn about(&self) -> &'static str {
        "Learns to choose one of several labels for a text."
    }

    fn metrics(&self) -> &'static [&'static dyn Metric] {
        &[
            &Accuracy,
            &MacroF1,
            &BalancedAccuracy,
            &WeightedF1,
            &Matthews,
            &LogLoss,
            &Brier,
        ]
    }

    /// Labels are the trimmed cells: numbers by value, then the others as a person would sort
    /// them.
    fn target(&self, column: &Column) -> Target {
        let mut names: Vec<&str> = column
            .distinct()
            .iter()
            .filter(|cell| !is_missing(cell))
            .map(|cell| cell.trim())
            .collect();
        names.sort_by(|a, b| natural_order(a, b));
        names.dedup();
        let index_of: HashMap<&str, u32> = names.iter().copied().zip(0..).collect();
        let index_of_code: Vec<Option<u32>> = column
            .distinct()
            .iter()
            .map(|cell| index_of.get(cell.trim()).copied())
            .collect();
        Target::Labels(Labels {
            of_row: column
                .codes()
                .iter()
                .map(|&code| index_of_code[code as usize])
                .collect(),
            names: names.into_iter().map(str::to_owned).collect(),
        })
    }

    fn check(&self, table: &Table, text: &[&Column], target: &Column) -> Vec<Issue> {
        let at_target = || Position::Column {
            column: target.name().to_owned(),
        };
        let block =
            |id, at, what: String, fix| vec![Issue::new(id, Severity::Blocks, at, what, fix)];
        if table.rows() == 0 {
            return block(
                "no_rows",
                Position::Table,
                "The table has no rows below its header.".to_owned(),
                "Choose a file with at least a few dozen rows of texts and labels.",
            );
        }
        if table.columns().len() < 2 {
            return block(
                "one_column",
                Position::Table,
                format!(
                    "The table has a single column, \"{}\"; learning takes one with texts and one with their labels.",
                    target.name()
                ),
                "Add a column with the label of each text. If the file has more columns, check what separates them.",
            );
        }

        let labels = self.labels(target);
        let unlabeled = labels.of_row.iter().filter(|l| l.is_none()).count();
        let mut empty_texts = 0;
        let mut rows_of = vec![0_u32; labels.names.len()];
        for (row, label) in labels.of_row.iter().enumerate() {
            let Some(label) = label else { continue };
            if is_empty_text(text, RowId(row as u32)) {
                empty_texts += 1;
            } else {
                rows_of[*label as usize] += 1;
            }
        }
        let usable: u32 = rows_of.iter().sum();

        let mut issues = if usable == 0 {
            block(
                "no_labeled_rows",
                at_target(),
                format!(
                    "No row has both a text and a label in \"{}\".",
                    target.name()
                ),
                "Choose other columns.",
            )
        } else if let [name] = &labels.names[..] {
            block(
                "one_class",
                at_target(),
                format!("Every row is labelled \"{name}\", so there is nothing to tell apart."),
                "Choose another label column, or add rows with other labels.",
            )
        } else if labels.names.len() == usable as usize {
            block(
                "labels_all_different",
                at_target(),
                format!(
                    "Each of the {usable} rows has a label of its own in \"{}\", so no label can be learned from one row and judged by another.",
                    target.name()
                ),
                "Choose a column whose values repeat.",
            )
        } else if labels.names.len() * 2 > usable as usize {
            block(
                "labels_mostly_different",
                at_target(),
                format!(
                    "\"{}\" has {} different labels in {usable} rows: most of them occur only once.",
                    target.name(),
                    labels.names.len()
                ),
                "Choose a column whose values repeat.",
            )
        } else {
            tiny_classes(target, &labels.names, &rows_of)
                .into_iter()
                .collect()
        };

        if empty_texts > 0 {
            issues.push(Issue::new(
                "empty_texts",
                Severity::Warning,
                match text {
                    [column] => Position::Column {
                        column: column.name().to_owned(),
                    },
                    _ => Position::Table,
                },
                format!("{} a label but no text.", rows_have(empty_texts)),
                "Nothing to do: rows without a text are left out.",
            ));
        }
        if unlabeled > 0 {
            issues.push(Issue::new(
                "unlabeled_rows",
                Severity::Note,
                at_target(),
                format!("{} no label.", rows_have(unlabeled)),
                "Nothing to do: rows without a label are left out.",
            ));
        }
        issues
    }
}

/// Blocks when some labels have too few rows, and names them.
fn tiny_classes(target: &Column, names: &[String], rows_of: &[u32]) -> Option<Issue> {
    let tiny: Vec<String> = names
        .iter()
        .zip(rows_of)
        .filter(|(_, rows)| **rows < LEAST_ROWS_OF_A_LABEL)
        .map(|(name, rows)| format!("\"{name}\" ({rows})"))
        .collect();
    let listed = match tiny.len() {
        0 => return None,
        count if count <= NAMED_LABELS => tiny.join(", "),
        count => format!(
            "{} and {} more",
            tiny[..NAMED_LABELS].join(", "),
            count - NAMED_LABELS
        ),
    };
    Some(Issue::new(
        "tiny_class",
        Severity::Blocks,
        Position::Column {
            column: target.name().to_owned(),
        },
        format!(
            "Fewer than {LEAST_ROWS_OF_A_LABEL} rows with a text for {listed}: one row cannot be learned from and judged by both."
        ),
        "Add rows with this label, merge it with another one, or take its row out.",
    ))
}

fn rows_have(count: usize) -> String {
    if count == 1 {
        "1 row has".to_owned()
    } else {
        format!("{count} rows have")
    }
}

/// Numbers by value, before everything else; the rest without regard to case, with the numbers
/// inside compared by value (`q2` before `q10`). A total order: equal only when the strings are.
pub(super) fn natural_order(a: &str, b: &str) -> Ordering {
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x.total_cmp(&y),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => chunks(a).cmp(chunks(b)),
    }
    .then_with(|| a.cmp(b))
}

fn number(cell: &str) -> Option<f64> {
    // Adding zero turns -0 into 0, which the total order would set apart.
    cell.parse()
        .ok()
        .filter(|x: &f64| x.is_finite())
        .map(|x| x + 0.0)
}

/// A piece of a label: a run of digits, or one other character.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Chunk<'a> {
    /// Digits without leading zeros. More digits are a larger number.
    Digits(usize, &'a str),
    Letter(char),
}

fn chunks(label: &str) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = label;
    std::iter::from_fn(move || {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            let significant = rest[..digits].trim_start_matches('0');
            rest = &rest[digits..];
            return Some(Chunk::Digits(significant.len(), significant));
        }
        let letter = rest.chars().next()?;
        rest = &rest[letter.len_utf8()..];
        Some(Chunk::Letter(
            letter.to_lowercase().next().unwrap_or(letter),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, cells: &[&str]) -> Column {
        Column::of(name, cells)
    }

    fn ids(texts: &[&str], labels: &[&str]) -> Vec<String> {
        issues(texts, labels).into_iter().map(|i| i.id).collect()
    }

    fn issues(texts: &[&str], labels: &[&str]) -> Vec<Issue> {
        let table = Table::new(
            "t.csv",
            vec![column("text", texts), column("label", labels)],
        );
        let [text, target] = table.columns() else {
            unreachable!("two columns were given")
        };
        Classify.check(&table, &[text], target)
    }

    /// Reads labels, each of which has one row.
    #[track_caller]
    fn check(cells: &[&str], names: &[&str]) {
        assert_eq!(Classify.labels(&column("label", cells)).names, names);
    }

    macro_rules! labels {
        ($($name:ident, $cells:expr, $names:expr;)*) => {
            $(#[test] fn $name() { check(&$cells, &$names); })*
        };
    }

    labels! {
        words_by_alphabet, ["spam", "ham"], ["ham", "spam"];
        case_matters_only_between_equals, ["b", "B", "a", "C"], ["a", "B", "b", "C"];
        numbers_by_value, ["10", "9", "-1", "2.5"], ["-1", "2.5", "9", "10"];
        numbers_before_words, ["other", "2", "10"], ["2", "10", "other"];
        numbers_inside_words, ["q10", "q2", "q02", "p30"], ["p30", "q02", "q2", "q10"];
        the_same_number_twice, ["1.0", "1", "01", "0"], ["0", "01", "1", "1.0"];
        white_space_around_does_not_count, ["ham ", " ham", "spam"], ["ham", "spam"];
        gaps_are_no_labels, ["a", "", "NA", "null", "none", " "], ["a", "none"];
        words_that_parse_as_floats, ["inf", "nan ", "infinity", "1"], ["1", "inf", "infinity"];
        accents_and_other_scripts, ["é", "日", "z"], ["z", "é", "日"];
    }

    #[test]
    fn every_row_knows_its_label() {
        let labels = Classify.labels(&column("label", &["spam", " ham", "", "ham", "spam "]));
        assert_eq!(labels.names, ["ham", "spam"]);
        assert_eq!(labels.of_row, [Some(1), Some(0), None, Some(0), Some(1)]);
    }

    #[test]
    fn the_order_is_total() {
        let cells = [
            "1", "01", "1.0", "1e0", "a", "A", "a1", "a01", "A1", "", "0", "-0", "ß", "ẞ", "1a",
            "a 1",
        ];
        for a in cells {
            for b in cells {
                assert_eq!(natural_order(a, b), natural_order(b, a).reverse());
                assert_eq!(natural_order(a, b) == Ordering::Equal, a == b, "{a} {b}");
                for c in cells {
                    if natural_order(a, b).is_lt() && natural_order(b, c).is_lt() {
                        assert!(natural_order(a, c).is_lt(), "{a} {b} {c}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_good_table_has_no_issue() {
        assert!(issues(&["a", "b", "c", "d"], &["x", "y", "x", "y"]).is_empty());
    }

    #[test]
    fn no_rows() {
        assert_eq!(ids(&[], &[]), ["no_rows"]);
    }

    #[test]
    fn one_column() {
        let table = Table::new("t.csv", vec![column("text", &["a", "b"])]);
        let only = &table.columns()[0];
        let issues = Classify.check(&table, &[only], only);
        assert_eq!(issues[0].id, "one_column");
        assert!(issues[0].what.contains("\"text\""));
    }

    #[test]
    fn one_class_is_named() {
        let issues = issues(&["a", "b"], &["x", "x"]);
        assert_eq!(issues[0].id, "one_class");
        assert_eq!(
            issues[0].what,
            "Every row is labelled \"x\", so there is nothing to tell apart."
        );
        assert!(issues[0].blocks());
    }

    #[test]
    fn no_labeled_rows() {
        assert_eq!(
            ids(&["a", "b"], &["", "NA"]),
            ["no_labeled_rows", "unlabeled_rows"]
        );
        assert_eq!(
            ids(&["", " "], &["x", "y"]),
            ["no_labeled_rows", "empty_texts"]
        );
    }

    #[test]
    fn labels_that_never_repeat() {
        assert_eq!(
            ids(&["a", "b", "c"], &["1", "2", "3"]),
            ["labels_all_different"]
        );
        assert_eq!(
            ids(&["a", "b", "c", "d"], &["1", "2", "3", "3"]),
            ["labels_mostly_different"]
        );
    }

    #[test]
    fn tiny_classes_are_named_with_their_rows() {
        let texts = ["t"; 9];
        let labels = ["x", "x", "x", "y", "y", "y", "y", "z", "x"];
        let issues = issues(&texts, &labels);
        assert_eq!(issues[0].id, "tiny_class");
        assert_eq!(
            issues[0].what,
            "Fewer than 2 rows with a text for \"z\" (1): one row cannot be learned from and judged by both."
        );
    }

    #[test]
    fn many_tiny_classes_are_counted() {
        let texts = ["t"; 40];
        let mut labels = ["x"; 40];
        labels[..7].copy_from_slice(&["a", "b", "c", "d", "e", "f", "g"]);
        let issues = issues(&texts, &labels);
        assert!(issues[0].what.contains("\"e\" (1) and 2 more:"));
    }

    #[test]
    fn a_class_whose_texts_are_empty_is_tiny() {
        let found = issues(
            &["a", "b", "c", "", "", "d", "e", "f"],
            &["x", "x", "x", "y", "y", "x", "x", "x"],
        );
        assert_eq!(found[0].id, "tiny_class");
        assert!(found[0].what.contains("\"y\" (0)"));
        assert_eq!(found[1].what, "2 rows have a label but no text.");
    }

    #[test]
    fn gaps_are_counted_and_do_not_block() {
        let found = issues(
            &["a", "b", "c", "d", " ", "f"],
            &["x", "x", "y", "y", "x", ""],
        );
        let severities: Vec<Severity> = found.iter().map(|i| i.severity).collect();
        assert_eq!(severities, [Severity::Warning, Severity::Note]);
        assert_eq!(found[0].what, "1 row has a label but no text.");
        assert_eq!(found[1].what, "1 row has no label.");
    }
}
