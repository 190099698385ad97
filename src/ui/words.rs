//! What the page says: numbers with units, and sentences made of them.
//!
//! Plain functions, so that every sentence is tested natively. A number and its unit are held
//! together by a no-break space.

pub mod data;
pub mod table;

use crate::domain::base_model::{self, BertShape};
use crate::domain::issue::{Issue, Position};
use crate::domain::recipe::{Method, Projection, Recipe};
use crate::domain::report::{ParameterCount, Phase, Progress};
use crate::domain::start::Origin;
pub use crate::domain::words::*;
use crate::protocol::KeptTable;

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

/// What the next run goes on from, and that its rows are not at hand where that is so; none where it
/// starts from the base model.
pub fn goes_on(origin: Option<&Origin>) -> Option<String> {
    let origin = origin?;
    let rows = match origin.has_rows {
        true => "",
        false => "Its rows are not at hand, so none of them can be mixed in. ",
    };
    Some(format!("Goes on from {}. {rows}", origin.start.name))
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

/// What is kept of a table: `2,400 rows · LoRA r8 97.5 %, Head interrupted at step 40 · 1.2 MB`
pub fn kept(table: &KeptTable) -> String {
    let runs: Vec<String> = table
        .runs
        .iter()
        .map(|run| {
            let name = run_name(&run.recipe);
            match &run.summary {
                Some(summary) => format!("{name} {}", summary.figure),
                None => format!("{name} interrupted at step {}", run.step),
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
/// None of a table's networks, whose size follows from what the columns turn out to hold.
pub fn expected_parameters(recipe: &Recipe, classes: u64) -> Option<ParameterCount> {
    if recipe.table.is_some() {
        return None;
    }
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

/// Places among [`PHASES`] of those that a run goes through.
pub fn phases_of(recipe: &Recipe) -> &'static [usize] {
    match (&recipe.table, recipe.text.is_empty()) {
        (None, _) => &[0, 1, 2, 3, 4, 5],
        (Some(_), false) => &[0, 2, 4, 5],
        (Some(_), true) => &[4, 5],
    }
}

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

/// Where an issue is.
pub fn position(issue: &Issue) -> Option<String> {
    match &issue.at {
        Position::Table => None,
        Position::Column { column } => Some(format!("Column {column}")),
        Position::Line { line } => Some(format!("Line {}", count(*line))),
        Position::Cell { line, column } => Some(format!("Line {}, column {column}", count(*line))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recipe::DataProfile;
    use crate::domain::start::Start;

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

    #[test]
    fn a_start_whose_rows_are_gone_says_so() {
        let recipe = Recipe::suggest(Vec::new(), String::new(), &DataProfile::empty());
        let start = Start {
            model: "k".into(),
            name: "x.burnish".into(),
        };
        let of_file = Origin::new(start, &recipe, false);
        assert_eq!(
            goes_on(Some(&of_file)).as_deref(),
            Some(
                "Goes on from x.burnish. Its rows are not at hand, so none of them can be mixed in. "
            )
        );
        let of_run = Origin {
            has_rows: true,
            ..of_file
        };
        assert_eq!(
            goes_on(Some(&of_run)).as_deref(),
            Some("Goes on from x.burnish. ")
        );
        assert_eq!(goes_on(None), None);
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
