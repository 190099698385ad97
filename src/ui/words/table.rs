//! What the page says of tables: the ways to learn from them, and what their figures are called.

use super::{NBSP, method_about, method_cost, method_name, method_term};
use crate::domain::features::network::Combiner;
use crate::domain::recipe::{Recipe, Way};
use crate::domain::report::Judged;

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

/// A way in words. `has_text` says whether texts are among the columns.
pub fn way(way: Way, has_text: bool) -> SaidWay {
    let (name, term, about) = match way {
        Way::Text(method) => {
            return SaidWay {
                name: method_name(method),
                term: method_term(method),
                cost: method_cost(method),
                about: method_about(method),
            };
        }
        Way::Table(Combiner::TabM) => (
            if has_text {
                "Columns and texts"
            } else {
                "Ensemble"
            },
            "TabM",
            "Many small networks in one learn every column and predict together. The best of the three on most tables.",
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
            "reads each text once"
        } else {
            "seconds"
        },
        about,
    }
}

/// Where the cards of another kind begin.
pub fn other_kind(way: Way) -> &'static str {
    match way {
        Way::Table(_) => "Or from columns and texts together",
        Way::Text(_) => "Or from the texts alone",
    }
}

/// `TabM`, `MLP`, `Linear`; none of a run on texts.
pub fn run_name(recipe: &Recipe) -> Option<String> {
    let Way::Table(combiner) = recipe.way() else {
        return None;
    };
    let name = match combiner {
        Combiner::TabM => "TabM",
        Combiner::Mlp => "MLP",
        Combiner::Linear => "Linear",
    };
    let texts = if recipe.text.is_empty() {
        ""
    } else {
        " + texts"
    };
    Some(format!("{name}{texts}"))
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

/// How good a model of numbers or of several labels is: a sentence, and what there is to add.
pub fn verdict(judged: &Judged) -> (String, String) {
    let rows = super::rows(judged.rows().len() as u64);
    match judged {
        Judged::Numbers(found) => {
            let off = judged.metric("mae").unwrap_or(f64::NAN);
            let headline = format!("Off by {} on average on {rows} it never saw", number(off));
            let mean = found.baselines.first().and_then(|baseline| {
                let metric = baseline.metrics.iter().find(|metric| metric.id == "mae")?;
                Some(format!(
                    "Always the mean is off by {}.",
                    number(metric.value)
                ))
            });
            let held = found.ranges.map(|ranges| {
                format!(
                    " Its ranges hold {} of the true numbers, where {} were promised; they are {} wide on average.",
                    super::percent(ranges.held),
                    super::percent(ranges.promised),
                    number(ranges.mean_width)
                )
            });
            let detail = mean.unwrap_or_default() + &held.unwrap_or_default();
            (headline, detail)
        }
        Judged::LabelSets(_) | Judged::Labels(_) => {
            let all = judged.metric("subset_accuracy").unwrap_or(0.0);
            let headline = format!(
                "All labels right on {} of {rows} it never saw",
                super::percent(all)
            );
            (headline, String::new())
        }
    }
}

/// How good a model is, in a word: `97.5 %`, `R² 0.93`.
pub fn figure(judged: &Judged) -> String {
    let of = |id| judged.metric(id).unwrap_or(f64::NAN);
    match judged {
        Judged::Labels(_) => super::percent(of("accuracy")),
        Judged::Numbers(_) => format!("R²{NBSP}{:.2}", of("r2")),
        Judged::LabelSets(_) => format!("F1{NBSP}{:.2}", of("label_micro_f1")),
    }
}

/// What the share in an epoch's report is, by the task.
pub fn share_name(task: &str) -> &'static str {
    match task {
        "regress" => "Variance explained",
        "label_sets" => "All labels right",
        _ => "Accuracy",
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
    match task {
        "regress" => "r2",
        "label_sets" => "subset_accuracy",
        _ => "accuracy",
    }
}

/// A number as one reads it: four significant digits, and no more decimals than that.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "–".to_owned();
    }
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        return format!("{value:.3e}");
    }
    let decimals = match size {
        s if s >= 1000.0 => 0,
        s if s >= 100.0 => 1,
        s if s >= 10.0 => 2,
        s if s >= 1.0 || s == 0.0 => 3,
        _ => 5,
    };
    let text = format!("{value:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = super::count(whole.parse().unwrap_or(0));
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits_at_the_most() {
        for (value, said) in [
            (0.0, "0"),
            (1234.56, "1,235"),
            (-1234567.0, "-1,234,567"),
            (12.3456, "12.35"),
            (5.0, "5"),
            (0.012345, "0.01234"),
            (-0.5, "-0.5"),
            (1.0e12, "1.000e12"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(number(value), said);
        }
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
