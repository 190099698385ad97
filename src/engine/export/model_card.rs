//! A model card: what a model is, how good it is and where it ends.
//!
//! Source: Mitchell et al. 2019, "Model Cards for Model Reporting"; the head of the file is in the
//! form that the Hugging Face hub reads.

use std::fmt::Write as _;

use serde_json::json;

use super::model::{Facts, Learned, Model};
use super::{A_TEXT, ExportError, Exporter};
use crate::domain::base_model;
use crate::domain::encoder::OwnEncoder;
use crate::domain::recipe::{Method, Recipe};
use crate::domain::report::{MetricValue, ParameterCount};
use crate::domain::task::{self, AnswerKind};
use crate::engine::tabular::model::TableFacts;

/// A model card.
#[derive(Debug, Clone, Copy)]
pub struct ModelCard;

impl Exporter for ModelCard {
    fn id(&self) -> &'static str {
        "model_card"
    }

    fn name(&self) -> &'static str {
        "Model card"
    }

    fn about(&self) -> &'static str {
        "What the model is, how good it is on rows it never saw, its limits and how it was made, as Markdown. No row of your data is in it."
    }

    fn ending(&self) -> &'static str {
        "card.md"
    }

    fn refusal(&self, _recipe: &Recipe) -> Option<&'static str> {
        None
    }

    fn size(&self, _count: ParameterCount) -> u64 {
        A_TEXT
    }

    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError> {
        Ok(card(model).into_bytes())
    }
}

/// The card's text.
pub fn card(model: &Model) -> String {
    let Model {
        recipe,
        facts,
        labels,
        ..
    } = model;
    let mut out = head(model);
    let mut say = |line: &str| {
        out.push_str(line);
        out.push('\n');
    };
    say(&format!("# {}\n", model.slug()));
    say(&purpose(model));
    say("\n## How good it is\n");
    say(&format!(
        "On {} rows that were sealed until the last parameter had moved:\n",
        facts.parts[2]
    ));
    say(&table_of(&facts.metrics, &facts.baselines));
    if let Some([low, high]) = facts.accuracy_interval {
        say(&format!(
            "95 % interval of the accuracy (Wilson): {:.1} to {:.1} %.\n",
            low * 100.0,
            high * 100.0
        ));
    }
    if let Some(ranges) = facts.ranges {
        say(&format!(
            "Ranges that were to hold {:.0} % of the numbers hold {:.1} %; they are {:.4} wide on average.\n",
            ranges.promised * 100.0,
            ranges.held * 100.0,
            ranges.mean_width
        ));
    }
    if !facts.classes.is_empty() {
        say("| label | precision | recall | F1 | test rows |\n|---|---|---|---|---|");
        for class in &facts.classes {
            say(&format!(
                "| {} | {:.3} | {:.3} | {:.3} | {} |",
                cell(&class.label),
                class.precision,
                class.recall,
                class.f1,
                class.rows
            ));
        }
        say("");
    }
    say("## Limits\n");
    for limit in limits(model) {
        say(&format!("- {limit}"));
    }
    say("\n## How it was made\n");
    say(&making(model));
    say("\n## How to make it again\n");
    say(
        "The recipe below and the same table give the same model: split, order of the rows, new weights and dropout follow from its seed.\n",
    );
    say("```json");
    say(&serde_json::to_string_pretty(recipe).expect("a recipe is plain data"));
    say("```");
    if !labels.is_empty() {
        let names: Vec<String> = labels.iter().map(|label| cell(label)).collect();
        say(&format!("\nLabels, by index: {}.", names.join(", ")));
    }
    out
}

/// The head in YAML; JSON is YAML too, and quotes any text safely.
fn head(model: &Model) -> String {
    let Model { recipe, facts, .. } = model;
    let is_text = matches!(model.learned, Learned::Text(_));
    let pipeline = match (task::answer(&recipe.task), is_text) {
        (_, true) => "text-classification",
        _ if recipe.compares() => "sentence-similarity",
        (AnswerKind::Number, _) => "tabular-regression",
        _ => "tabular-classification",
    };
    let metrics: Vec<serde_json::Value> = facts
        .metrics
        .iter()
        .map(|metric| json!({"type": metric.id, "name": metric.name, "value": metric.value}))
        .collect();
    let results = json!([{
        "name": model.slug(),
        "results": [{
            "task": {"type": pipeline},
            "dataset": {"name": facts.data, "type": "csv", "split": "test"},
            "metrics": metrics,
        }],
    }]);
    let mut out = String::from("---\n");
    let mut say = |key: &str, value: serde_json::Value| {
        writeln!(out, "{key}: {value}").expect("writing to a string cannot fail");
    };
    if let Some(base) = model.base {
        say("license", base.licence.to_lowercase().into());
        say("base_model", base.source.into());
    }
    if is_text {
        say("library_name", "sentence-transformers".into());
    }
    say("pipeline_tag", pipeline.into());
    say("tags", json!(["burnish", recipe.tuning.method.id()]));
    say("model-index", results);
    out.push_str("---\n\n");
    out
}

fn purpose(model: &Model) -> String {
    let Model { recipe, facts, .. } = model;
    let inputs: Vec<String> = recipe
        .inputs()
        .iter()
        .map(|name| format!("\"{}\"", cell(name)))
        .collect();
    let from = inputs.join(", ");
    let target = cell(&recipe.target);
    let what = match task::answer(&recipe.task) {
        AnswerKind::Number => format!("Predicts the number \"{target}\""),
        AnswerKind::Labels => format!(
            "Chooses any of {} labels of \"{target}\"",
            model.labels.len()
        ),
        AnswerKind::Label | AnswerKind::Rank => format!(
            "Chooses one of {} labels of \"{target}\"",
            model.labels.len()
        ),
    };
    let data = cell(&facts.data);
    match facts.parts {
        [0, ..] => format!("{what} from {from}. Learned from {data}."),
        [train, valid, _] => {
            format!(
                "{what} from {from}. Learned from {train} rows of {data}, stopped by {valid} others."
            )
        }
    }
}

fn table_of(metrics: &[MetricValue], baselines: &[crate::domain::report::Baseline]) -> String {
    let mut out = String::from("| figure | this model |");
    for baseline in baselines {
        let _ = write!(out, " {} |", cell(&baseline.name));
    }
    out.push_str("\n|---|---|");
    out.push_str(&"---|".repeat(baselines.len()));
    out.push('\n');
    for metric in metrics {
        let _ = write!(out, "| {} | {:.4} |", cell(&metric.name), metric.value);
        for baseline in baselines {
            let same = baseline.metrics.iter().find(|own| own.id == metric.id);
            let value = same.map_or_else(|| "–".to_owned(), |own| format!("{:.4}", own.value));
            let _ = write!(out, " {value} |");
        }
        out.push('\n');
    }
    out
}

fn limits(model: &Model) -> Vec<String> {
    let Facts { parts, classes, .. } = &model.facts;
    let mut limits = vec![format!(
        "The figures hold for rows like those of the test part, {} of them; for others nothing was measured.",
        parts[2]
    )];
    if model.encoder.is_some() {
        limits.push(format!(
            "Texts are read up to {} tokens; what comes after does not count.",
            model.recipe.max_tokens
        ));
    }
    let weak: Vec<String> = classes
        .iter()
        .filter(|class| class.rows < 20)
        .map(|class| cell(&class.label))
        .collect();
    if !weak.is_empty() {
        limits.push(format!(
            "Fewer than 20 test rows speak for each of these labels, so their figures are rough: {}.",
            weak.join(", ")
        ));
    }
    limits.push(
        "What is unfair or wrong in the rows it learned from, it has learned too.".to_owned(),
    );
    limits
}

fn making(model: &Model) -> String {
    let Model { recipe, facts, .. } = model;
    let mut out = String::new();
    let tuning = recipe.text_tuning();
    let lora = format!("low-rank updates of rank {} (LoRA)", tuning.lora.rank);
    let how = match (&model.learned, tuning.method) {
        (Learned::Table(weights), method) => {
            let texts = match method {
                Method::Lora => format!(", with the text encoder by {lora}"),
                Method::Full => ", with every parameter of the text encoder".to_owned(),
                Method::Head | Method::Contrastive => String::new(),
            };
            let beside = beside_texts(&weights.facts);
            format!("networks on the columns of a table (TabM){texts}{beside}")
        }
        (_, Method::Head) => "a head on the frozen base model".to_owned(),
        (_, Method::Lora) => lora,
        (_, Method::Full) => "every parameter moved".to_owned(),
        (_, Method::Contrastive) => {
            "pairs of texts of one label and of two moved the encoder (SetFit), then a head was solved on it"
                .to_owned()
        }
    };
    let _ = write!(out, "Method: {how}.");
    if let Some(base) = model.base {
        let _ = write!(
            out,
            " Base model: {}, {}, weights with SHA-256 `{}`.",
            base.source, base.licence, base.weights.sha256
        );
    }
    if let Some(own) = &model.own {
        let OwnEncoder {
            id, name, about, ..
        } = &own.encoder;
        let _ = write!(
            out,
            " Base model: {}, an encoder that was brought to it, files with SHA-256 `{}`. {}",
            cell(name),
            id.trim_start_matches(base_model::OWN),
            cell(about)
        );
    }
    if let Some(count) = facts.parameters {
        let _ = write!(
            out,
            " {} of {} parameters moved.",
            count.trainable, count.total
        );
    }
    if facts.seconds > 0.0 {
        let device = if facts.device.is_empty() {
            String::new()
        } else {
            format!(" on {}", facts.device)
        };
        let _ = write!(
            out,
            " The run took {:.0} seconds{device}; its energy was not measured.",
            facts.seconds
        );
    }
    out
}

/// How many networks read no texts, and what linear models tell the others of them.
fn beside_texts(facts: &TableFacts) -> String {
    let silent = facts.of_columns;
    if silent > 0 && silent == facts.networks {
        return ", none of which reads texts".to_owned();
    }
    let by = match facts.told().map(|told| told > 0) {
        [false, false] => "",
        [true, false] => "a linear model on a text's vector says",
        [false, true] => "a linear model on a text's counted tokens says",
        [true, true] => "linear models on a text's vector and on its counted tokens say",
    };
    match (silent, by) {
        (0, "") => String::new(),
        (0, by) => format!(", which also read what {by}"),
        (silent, "") => format!(", {silent} of which read no texts"),
        (silent, by) => format!(", {silent} of which read no texts, the others also what {by}"),
    }
}

/// A text for one line and one cell of a Markdown table.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '<' | '[' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::features::FeaturePlan;
    use crate::engine::tabular::model::Answers;

    #[test]
    fn who_reads_what_of_a_text_is_told() {
        let says = |of_columns: usize, probe: usize, tokens: &[u32]| {
            beside_texts(&TableFacts {
                plan: FeaturePlan::default(),
                text_width: 384,
                probe,
                tokens: tokens.to_vec(),
                networks: 8,
                of_columns,
                answers: Answers::Labels(vec!["a".to_owned(), "b".to_owned()]),
            })
        };
        assert_eq!(says(0, 0, &[]), "");
        assert_eq!(says(4, 0, &[]), ", 4 of which read no texts");
        assert_eq!(says(8, 2, &[7]), ", none of which reads texts");
        assert_eq!(
            says(4, 2, &[7]),
            ", 4 of which read no texts, the others also what linear models on a text's vector and on its counted tokens say"
        );
        assert_eq!(
            says(0, 0, &[7]),
            ", which also read what a linear model on a text's counted tokens says"
        );
    }

    #[test]
    fn texts_of_a_table_stay_texts() {
        assert_eq!(cell("a|b"), "a\\|b");
        assert_eq!(cell("<script>"), "\\<script>");
        assert_eq!(cell("two\nlines"), "two lines");
    }
}
