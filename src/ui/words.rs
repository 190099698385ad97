//! What the page says: numbers with units, and sentences made of them.
//!
//! Plain functions, so that every sentence is tested natively. A number and its unit are held
//! together by a no-break space.

pub mod data;

use crate::domain::base_model::{self, BertShape};
use crate::domain::issue::{Issue, Position};
use crate::domain::recipe::{Method, Projection, Recipe};
use crate::domain::report::{
    Baseline, Ended, Evaluation, ParameterCount, Phase, Progress, RunReport,
};
use crate::protocol::KeptTable;

/// Between a number and its unit.
const NBSP: char = '\u{a0}';

/// `1,292`
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `1,292 rows`
pub fn rows(number: u64) -> String {
    format!(
        "{}{NBSP}{}",
        count(number),
        if number == 1 { "row" } else { "rows" }
    )
}

/// `98.3 %` of a share from 0 to 1.
pub fn percent(share: f64) -> String {
    format!("{}{NBSP}%", percent_figure(share))
}

/// `98.3` of a share from 0 to 1. Only all is shown as 100, only none as 0.
pub fn percent_figure(share: f64) -> String {
    let percent = share * 100.0;
    let tenths = (percent * 10.0).round() / 10.0;
    let shown = if share < 1.0 && tenths >= 100.0 {
        99.9
    } else if share > 0.0 && tenths <= 0.0 {
        0.1
    } else {
        tenths
    };
    format!("{shown:.1}")
}

/// `0.7 %`, `0.003 %`: a share that may be tiny, with two significant digits.
pub fn small_percent(share: f64) -> String {
    let percent = share * 100.0;
    let figure = match percent {
        p if p >= 99.95 => "100".to_owned(),
        p if p >= 10.0 => format!("{p:.0}"),
        p if p >= 1.0 => format!("{p:.1}"),
        p if p >= 0.1 => format!("{p:.2}"),
        p if p >= 0.01 => format!("{p:.3}"),
        p => format!("{p:.4}"),
    };
    format!("{figure}{NBSP}%")
}

/// `45.6 MB`
pub fn bytes(number: u64) -> String {
    let number = number as f64;
    match number {
        n if n < 1e3 => format!("{n:.0}{NBSP}B"),
        n if n < 1e5 => format!("{:.1}{NBSP}kB", n / 1e3),
        n if n < 1e6 => format!("{:.0}{NBSP}kB", n / 1e3),
        n => format!("{:.1}{NBSP}MB", n / 1e6),
    }
}

/// `0.8 s`, `12 s`, `3 min 20 s`, `1 h 5 min`
pub fn seconds(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    if seconds < 9.95 {
        return format!("{seconds:.1}{NBSP}s");
    }
    let whole = seconds.round() as u64;
    match whole {
        0..=59 => format!("{whole}{NBSP}s"),
        60..=3599 if whole.is_multiple_of(60) => format!("{}{NBSP}min", whole / 60),
        60..=3599 => format!("{}{NBSP}min {}{NBSP}s", whole / 60, whole % 60),
        _ => format!("{}{NBSP}h {}{NBSP}min", whole / 3600, whole % 3600 / 60),
    }
}

/// Time left, no more exact than one can know: `8 s`, `40 s`, `3 min`
pub fn time_left(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "–".to_owned();
    }
    let whole = seconds.ceil() as u64;
    match whole {
        0..=19 => format!("{whole}{NBSP}s"),
        20..=99 => format!("{}{NBSP}s", whole.next_multiple_of(5)),
        100..=3599 => format!("{}{NBSP}min", whole.div_ceil(60)),
        _ => format!("{}{NBSP}h {}{NBSP}min", whole / 3600, whole % 3600 / 60),
    }
}

/// A figure of merit: a share with three digits, anything else likewise.
pub fn figure(value: f64) -> String {
    if value.is_finite() {
        format!("{value:.3}")
    } else {
        "–".to_owned()
    }
}

/// A method by what it costs.
pub fn method_name(method: Method) -> &'static str {
    match method {
        Method::Head => "Quick",
        Method::Lora => "Balanced",
        Method::Full => "Thorough",
        Method::Contrastive => "Few rows",
    }
}

/// A method by what the field calls it.
pub fn method_term(method: Method) -> &'static str {
    match method {
        Method::Head => "head only",
        Method::Lora => "LoRA",
        Method::Full => "full fine-tuning",
        Method::Contrastive => "contrastive",
    }
}

/// What a method does, as a sentence.
pub fn method_about(method: Method) -> &'static str {
    match method {
        Method::Head => {
            "The model reads every text once and stays as it is; a small new layer learns your labels from what it says."
        }
        Method::Lora => {
            "Small additions beside the model's own weights learn your texts as well. Close to the best, at a fraction of the memory."
        }
        Method::Full => {
            "Every number of the model moves. Can be the most exact; takes the longest and the most memory."
        }
        Method::Contrastive => {
            "The model learns which texts belong together, from pairs of them. Makes the most of a few rows for each label."
        }
    }
}

/// How long a method takes, roughly.
pub fn method_cost(method: Method) -> &'static str {
    match method {
        Method::Head => "seconds",
        Method::Lora => "minutes",
        Method::Full => "many minutes",
        Method::Contrastive => "minutes",
    }
}

/// `LoRA r8`, `Head`, `Full`
pub fn run_name(recipe: &Recipe) -> String {
    match recipe.tuning.method {
        Method::Head => "Head".to_owned(),
        Method::Lora => format!("LoRA r{}", recipe.tuning.lora.rank),
        Method::Full => "Full".to_owned(),
        Method::Contrastive => "Few rows".to_owned(),
    }
}

/// What is kept of a table: `2,400 rows · LoRA r8 97.5 %, Head interrupted at step 40 · 1.2 MB`
pub fn kept(table: &KeptTable) -> String {
    let runs: Vec<String> = table
        .runs
        .iter()
        .map(|run| {
            let name = run_name(&run.recipe);
            let accuracy = run
                .report
                .as_ref()
                .and_then(|report| report.evaluation.metric("accuracy"));
            match (accuracy, run.report.is_some()) {
                (Some(accuracy), _) => format!("{name} {}", percent(accuracy)),
                (None, true) => name,
                (None, false) => format!("{name} interrupted at step {}", run.step),
            }
        })
        .collect();
    format!(
        "{} · {} · {}",
        rows(table.rows.into()),
        runs.join(", "),
        bytes(table.bytes)
    )
}

/// Numbers that a recipe would move and have, before the worker has counted them.
///
/// One linear layer on the sentence vector; LoRA adds two thin matrices beside each projection
/// (Hu et al. 2021, section 4.1).
pub fn expected_parameters(recipe: &Recipe, classes: u64) -> Option<ParameterCount> {
    let shape = &base_model::find(&recipe.base_model)?.shape;
    let head = (shape.hidden_size as u64 + 1) * classes;
    let encoder = encoder_parameters(shape);
    let lora: u64 = recipe
        .tuning
        .lora
        .targets
        .iter()
        .map(|target| {
            let (hidden, wide) = (shape.hidden_size as u64, shape.intermediate_size as u64);
            let sides = match target {
                Projection::Up | Projection::Down => hidden + wide,
                _ => hidden + hidden,
            };
            u64::from(recipe.tuning.lora.rank) * sides * shape.num_hidden_layers as u64
        })
        .sum();
    let (moving, added) = match recipe.tuning.method {
        Method::Head => (0, 0),
        _ if recipe.tuning.has_updates() => (lora, lora),
        _ => (encoder, 0),
    };
    Some(ParameterCount {
        trainable: moving + head,
        total: encoder + added + head,
    })
}

/// Embeddings with their norm, and per layer four attention projections, two norms and two
/// feed-forward layers. The pooler, which nothing here uses, is not counted.
fn encoder_parameters(shape: &BertShape) -> u64 {
    let (hidden, wide) = (shape.hidden_size as u64, shape.intermediate_size as u64);
    let rows = (shape.vocab_size + shape.max_position_embeddings + shape.type_vocab_size) as u64;
    let norm = 2 * hidden;
    let attention = 4 * (hidden * hidden + hidden);
    let feed_forward = hidden * wide + wide + wide * hidden + hidden;
    rows * hidden + norm + shape.num_hidden_layers as u64 * (attention + feed_forward + 2 * norm)
}

/// What a run is doing, as a sentence. The sealed rows are read in a phase of the verdict.
pub fn phase(phase: &Phase, is_judging: bool) -> String {
    match phase {
        Phase::Embed { done, total } if is_judging => format!(
            "Judging on the rows it never saw: {} of {} texts",
            count((*done).into()),
            count((*total).into())
        ),
        Phase::Load { received, total: 0 } => format!("Loading the model: {}", bytes(*received)),
        Phase::Load { received, total } if received >= total => "Building the model".to_owned(),
        Phase::Load { received, total } => {
            format!(
                "Loading the model: {} of {}",
                bytes(*received),
                bytes(*total)
            )
        }
        Phase::Tokenize => "Cutting the texts into tokens".to_owned(),
        Phase::Embed { done, total } => format!(
            "Reading what the model already knows: {} of {} texts",
            count((*done).into()),
            count((*total).into())
        ),
        Phase::Probe => "Learning a first answer from the frozen model".to_owned(),
        Phase::Train => "Tuning".to_owned(),
        Phase::Fold { done, total } => {
            format!("Learning from other rows: fold {} of {total}", done + 1)
        }
        Phase::Evaluate => "Judging on the rows it never saw".to_owned(),
    }
}

/// The phases in order, by name.
pub const PHASES: [&str; 6] = ["Load", "Tokenize", "Read", "Baseline", "Tune", "Judge"];

/// A phase's place among [`PHASES`], and how far it has come where it counts.
pub fn phase_place(phase: &Phase, is_judging: bool) -> (usize, Option<f64>) {
    let share = |done: u64, total: u64| (total > 0).then(|| (done as f64 / total as f64).min(1.0));
    match *phase {
        Phase::Load { received, total } => (0, share(received, total)),
        Phase::Tokenize => (1, None),
        Phase::Embed { done, total } => (
            if is_judging { 5 } else { 2 },
            share(done.into(), total.into()),
        ),
        Phase::Probe => (3, None),
        Phase::Train => (4, None),
        Phase::Fold { done, total } => (4, share(done.into(), total.into())),
        Phase::Evaluate => (5, None),
    }
}

/// `Epoch 2 of 4, step 131 of 420`
pub fn progress(progress: &Progress) -> String {
    format!(
        "Epoch {} of {}, step {} of {}",
        progress.epoch,
        progress.epochs,
        count(progress.step.into()),
        count(progress.steps.into())
    )
}

/// How a run ended, as a sentence.
pub fn ending(report: &RunReport) -> String {
    let epochs = report.epochs.len();
    let passes = if epochs == 1 {
        "1 epoch".to_owned()
    } else {
        format!("{epochs} epochs")
    };
    let ended = match report.ended {
        Ended::Complete => format!("Done after {passes}"),
        Ended::Early => format!("Ended early after {passes}: the validation loss no longer fell"),
        Ended::Stopped => format!("Stopped after {passes}"),
    };
    let is_last_the_best = report.epochs.iter().all(|epoch| epoch.is_best);
    let kept = match report.best_epoch {
        // A head that is solved to its optimum is nearer to it in every epoch.
        best if best > 1 && is_last_the_best => "The last epoch was kept.".to_owned(),
        0 => "No epoch was better than the start, so the start was kept.".to_owned(),
        best => format!("Epoch {best} was the best on the validation rows and was kept."),
    };
    format!("{ended}. {kept}")
}

/// How a model stands beside the baselines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Better than every baseline by more than chance would do.
    Above,
    /// Within what chance would do of the best baseline.
    Level,
    /// Worse than the best baseline by more than chance would do.
    Below,
}

/// The accuracy of a baseline.
pub fn baseline_accuracy(baseline: &Baseline) -> Option<f64> {
    baseline
        .metrics
        .iter()
        .find(|metric| metric.id == "accuracy")
        .map(|metric| metric.value)
}

/// The baselines that a run of this method is to be compared with: a new head on the frozen model
/// is what the quick method is.
pub fn rivals(baselines: &[Baseline], method: Method) -> Vec<(&str, f64)> {
    baselines
        .iter()
        .filter(|baseline| !(method == Method::Head && baseline.id == "probe"))
        .filter_map(|baseline| Some((baseline.id.as_str(), baseline_accuracy(baseline)?)))
        .collect()
}

/// `98.3 % right on 480 rows it never saw`, the interval, and the baselines.
pub fn verdict(evaluation: &Evaluation, method: Method) -> (String, String) {
    let accuracy = evaluation.metric("accuracy").unwrap_or(0.0);
    let [low, high] = evaluation.accuracy_interval;
    let headline = format!(
        "{} right on {} it never saw",
        percent(accuracy),
        rows(evaluation.rows.len() as u64)
    );
    let mut detail = format!(
        "95{NBSP}% interval: {} to {}{NBSP}%.",
        percent_figure(low),
        percent_figure(high)
    );
    let others: Vec<String> = rivals(&evaluation.baselines, method)
        .into_iter()
        .map(|(id, accuracy)| match id {
            "majority" => format!(
                "always guessing the most frequent label gets {}",
                percent(accuracy)
            ),
            "label_names" => format!("the label names alone {}", percent(accuracy)),
            "probe" => format!("the frozen model {}", percent(accuracy)),
            other => format!("{other} {}", percent(accuracy)),
        })
        .collect();
    if !others.is_empty() {
        let mut sentence = others.join(", ");
        if let Some(first) = sentence.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        detail = format!("{detail} {sentence}.");
    }
    (headline, detail)
}

/// How a model stands beside its best rival.
pub fn standing(evaluation: &Evaluation, method: Method) -> Option<Standing> {
    let [low, high] = evaluation.accuracy_interval;
    let best = rivals(&evaluation.baselines, method)
        .into_iter()
        .map(|(_, accuracy)| accuracy)
        .reduce(f64::max)?;
    Some(if best < low {
        Standing::Above
    } else if best > high {
        Standing::Below
    } else {
        Standing::Level
    })
}

/// The standing, as a sentence.
pub fn standing_sentence(standing: Standing, rows: u64) -> String {
    match standing {
        Standing::Above => "Better than the baselines by more than chance would do.".to_owned(),
        Standing::Level => format!(
            "On {} the difference to the best baseline may be chance.",
            self::rows(rows)
        ),
        Standing::Below => {
            "Worse than the best baseline: another method or more rows may do better.".to_owned()
        }
    }
}

/// Where an issue is.
pub fn position(issue: &Issue) -> Option<String> {
    match &issue.at {
        Position::Table => None,
        Position::Column { column } => Some(format!("Column {column}")),
        Position::Line { line } => Some(format!("Line {}", count(*line))),
        Position::Cell { line, column } => Some(format!("Line {}, column {column}", count(*line))),
    }
}

/// A name that can stand in a file name.
pub fn file_stem(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let kept: String = stem
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '-' || c == '_' {
                c
            } else {
                '-'
            }
        })
        .take(60)
        .collect();
    if kept.trim_matches('-').is_empty() {
        "table".to_owned()
    } else {
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recipe::DataProfile;
    use crate::domain::report::MetricValue;
    use crate::domain::split::Part;

    fn plain(text: &str) -> String {
        text.replace(NBSP, " ")
    }

    macro_rules! says {
        ($name:ident, $($said:expr => $expected:expr),+ $(,)?) => {
            #[test]
            fn $name() {
                $(assert_eq!(plain(&$said), $expected);)+
            }
        };
    }

    says!(counts_have_thousands, count(0) => "0", count(999) => "999", count(1_292) => "1,292", count(22_713_216) => "22,713,216");
    says!(one_row_is_a_row, rows(1) => "1 row", rows(480) => "480 rows");
    says!(
        only_all_is_a_hundred,
        percent(0.983_33) => "98.3 %",
        percent(1.0) => "100.0 %",
        percent(0.999_6) => "99.9 %",
        percent(0.0) => "0.0 %",
        percent(0.000_1) => "0.1 %",
    );
    says!(
        tiny_shares_keep_two_digits,
        small_percent(1.0) => "100 %",
        small_percent(0.0131) => "1.3 %",
        small_percent(0.006_53) => "0.65 %",
        small_percent(0.000_033_9) => "0.0034 %",
    );
    says!(
        bytes_have_decimal_units,
        bytes(12) => "12 B", bytes(4_560) => "4.6 kB", bytes(211_859) => "212 kB", bytes(45_400_000) => "45.4 MB",
    );
    says!(
        durations_read_like_a_clock,
        seconds(0.84) => "0.8 s", seconds(12.3) => "12 s", seconds(59.7) => "1 min",
        seconds(200.0) => "3 min 20 s", seconds(3_900.0) => "1 h 5 min", seconds(f64::NAN) => "–",
    );
    says!(
        time_left_is_no_more_exact_than_known,
        time_left(7.2) => "8 s", time_left(41.0) => "45 s", time_left(130.0) => "3 min", time_left(f64::INFINITY) => "–",
    );
    says!(
        phases_count_where_they_can,
        phase(&Phase::Load { received: 1_000_000, total: 45_400_000 }, false) => "Loading the model: 1.0 MB of 45.4 MB",
        phase(&Phase::Load { received: 5, total: 5 }, false) => "Building the model",
        phase(&Phase::Embed { done: 812, total: 1_292 }, false) => "Reading what the model already knows: 812 of 1,292 texts",
        phase(&Phase::Embed { done: 160, total: 322 }, true) => "Judging on the rows it never saw: 160 of 322 texts",
    );
    says!(
        file_names_are_plain,
        file_stem("support tickets.csv") => "support-tickets", file_stem("///") => "table", file_stem("a.b.csv") => "a-b",
    );

    fn evaluation(accuracy: f64, interval: [f64; 2]) -> Evaluation {
        let figure = |value| {
            vec![MetricValue {
                id: "accuracy".into(),
                name: "Accuracy".into(),
                value,
            }]
        };
        Evaluation {
            part: Part::Test,
            labels: Vec::new(),
            metrics: figure(accuracy),
            accuracy_interval: interval,
            classes: Vec::new(),
            confusion: Vec::new(),
            rows: Vec::new(),
            baselines: vec![
                Baseline {
                    id: "majority".into(),
                    name: String::new(),
                    metrics: figure(0.825),
                },
                Baseline {
                    id: "probe".into(),
                    name: String::new(),
                    metrics: figure(0.969),
                },
            ],
        }
    }

    #[test]
    fn the_verdict_names_the_baselines() {
        let (headline, detail) = verdict(&evaluation(0.9834, [0.967, 0.9911]), Method::Lora);
        assert_eq!(plain(&headline), "98.3 % right on 0 rows it never saw");
        assert_eq!(
            plain(&detail),
            "95 % interval: 96.7 to 99.1 %. Always guessing the most frequent label gets 82.5 %, the frozen model 96.9 %."
        );
    }

    #[test]
    fn the_quick_method_is_not_compared_with_itself() {
        let (_, detail) = verdict(&evaluation(0.969, [0.95, 0.98]), Method::Head);
        assert!(!detail.contains("frozen"), "{detail}");
    }

    #[test]
    fn a_difference_within_the_interval_may_be_chance() {
        let stands = |low, high, method| standing(&evaluation(0.98, [low, high]), method);
        assert_eq!(stands(0.975, 0.99, Method::Lora), Some(Standing::Above));
        assert_eq!(stands(0.96, 0.99, Method::Lora), Some(Standing::Level));
        assert_eq!(stands(0.80, 0.90, Method::Lora), Some(Standing::Below));
        assert_eq!(stands(0.90, 0.95, Method::Head), Some(Standing::Above));
    }

    /// The figures that the engine's own test pins for two labels.
    #[test]
    fn parameters_are_expected_as_the_engine_counts_them() {
        let profile = DataProfile {
            rows: 100,
            parts: [70, 10, 20],
            classes: Vec::new(),
            tokens: [8, 20, 25, 40],
        };
        let recipe = Recipe::suggest(vec!["text".into()], "label".into(), &profile);
        let expected =
            |method| expected_parameters(&recipe.clone().with_method(method, &profile), 2).unwrap();
        assert_eq!(expected(Method::Head).trainable, 770);
        assert_eq!(expected(Method::Lora).trainable, 147_456 + 770);
        assert_eq!(expected(Method::Full).trainable, 22_565_376 + 770);
    }
}
