//! What the page says of tables: the ways to learn from them, and what their figures are called.

use super::{method_about, method_cost, method_name, method_term};
use crate::domain::features::network::Combiner;
use crate::domain::recipe::Way;
use crate::domain::task::{AnswerKind, answer};
use crate::domain::words::NBSP;

/// A way to learn, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SaidWay {
    /// What it costs or takes, in a word or two.
    pub name: &'static str,
    /// What the field calls it.
    pub term: &'static str,
    /// How long it takes, roughly.
    pub cost: &'static str,
    /// What it does, as a sentence.
    pub about: &'static str,
}

/// A way in words, by whether there are columns to learn from besides texts, and whether there are texts.
pub fn way(way: Way, [has_columns, has_text]: [bool; 2]) -> SaidWay {
    let is_of_texts = has_text && !has_columns;
    let (name, term, about) = match way {
        Way::Text(method) => {
            return SaidWay {
                name: method_name(method),
                term: method_term(method),
                cost: method_cost(method),
                about: method_about(method),
            };
        }
        Way::Table(Combiner::TabM) if is_of_texts => (
            "Ensemble",
            "TabM",
            "Many small networks in one learn from what the encoder makes of each text, and predict together.",
        ),
        Way::Table(Combiner::TabM) => (
            if has_text && has_columns {
                "Columns and texts"
            } else {
                "Ensemble"
            },
            "TabM",
            "Many small networks in one learn every column and predict together. The best of the three on most tables.",
        ),
        Way::Table(Combiner::Mlp) if is_of_texts => (
            "One network",
            "MLP",
            "A single network learns from what the encoder makes of each text. Quicker, and mostly a little less exact.",
        ),
        Way::Table(Combiner::Linear) if is_of_texts => (
            "Weighted sum",
            "linear",
            "Each number that the encoder makes of a text adds its part and nothing else. The simplest model there is to beat.",
        ),
        Way::Table(Combiner::Mlp) => (
            "One network",
            "MLP",
            "A single network learns every column. Quicker, and mostly a little less exact.",
        ),
        Way::Table(Combiner::Linear) => (
            "Weighted sum",
            "linear",
            "Each column adds its part and nothing else. The simplest model there is to beat.",
        ),
    };
    SaidWay {
        name,
        term,
        cost: if has_text {
            "reads texts once"
        } else {
            "seconds"
        },
        about,
    }
}

/// How long networks of columns take on so many rows, roughly: 100,000 rows of 30 columns cost an ensemble
/// a minute a pass.
pub fn network_cost(combiner: Combiner, rows: u32) -> &'static str {
    let rows = match combiner {
        Combiner::TabM => rows,
        Combiner::Mlp | Combiner::Linear => rows / 10,
    };
    match rows {
        ..3_000 => "seconds",
        3_000..50_000 => "minutes",
        _ => "an hour or more",
    }
}

/// Where the cards of another kind begin.
pub fn other_kind(way: Way) -> &'static str {
    match way {
        Way::Table(_) => "Or from columns and texts together",
        Way::Text(_) => "Or from the texts alone",
    }
}

/// `Churn from 18 columns`, `label from text`.
pub fn aim<'a>(target: &str, inputs: impl Iterator<Item = &'a String>) -> String {
    const NAMED: usize = 4;
    let inputs: Vec<&str> = inputs.map(String::as_str).collect();
    if inputs.len() <= NAMED {
        format!("To tell {target} from {}", inputs.join(", "))
    } else {
        format!("To tell {target} from {}{NBSP}columns", inputs.len())
    }
}

/// What the share in an epoch's report is, by the task.
pub fn share_name(task: &str) -> &'static str {
    match answer(task) {
        AnswerKind::Number => "Variance explained",
        AnswerKind::Labels => "All labels right",
        AnswerKind::Label | AnswerKind::Rank => "Accuracy",
    }
}

/// A baseline as the live figures name it.
pub fn baseline_name(id: &str, name: &str) -> String {
    match id {
        "majority" => "Always the most frequent label",
        "probe" => "The frozen model, new layer",
        "mean" => "Always the mean",
        "label_shares" => "Always the labels of most rows",
        _ => name,
    }
    .to_owned()
}

/// Id of the metric that an epoch's share is, by the task.
pub fn share_metric(task: &str) -> &'static str {
    match answer(task) {
        AnswerKind::Number => "r2",
        AnswerKind::Labels => "subset_accuracy",
        AnswerKind::Label | AnswerKind::Rank => "accuracy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_on_texts_alone_speak_of_no_columns() {
        let ways = Way::ALL.into_iter();
        for of_table in ways.filter(|way| matches!(way, Way::Table(_))) {
            let said = way(of_table, [false, true]);
            let words = format!("{} {}", said.name, said.about).to_lowercase();
            assert!(words.contains("of each text") || words.contains("of a text"));
            assert!(!words.contains("column"), "{words}");
            let said = way(of_table, [true, true]);
            assert!(said.about.contains("olumn"), "{}", said.about);
        }
        assert_eq!(
            way(Way::Table(Combiner::TabM), [true, false]).name,
            "Ensemble"
        );
    }

    #[test]
    fn many_rows_take_long() {
        let cost = |rows| [Combiner::TabM, Combiner::Mlp].map(|way| network_cost(way, rows));
        assert_eq!(cost(0), ["seconds", "seconds"]);
        assert_eq!(cost(20_000), ["minutes", "seconds"]);
        assert_eq!(cost(100_000), ["an hour or more", "minutes"]);
    }

    #[test]
    fn many_columns_are_counted() {
        let names: Vec<String> = ('a'..='f').map(|letter| letter.to_string()).collect();
        assert_eq!(aim("y", names[..2].iter()), "To tell y from a, b");
        assert_eq!(
            aim("y", names.iter()),
            format!("To tell y from 6{NBSP}columns")
        );
    }
}
