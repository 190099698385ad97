//! Runs on the columns of a table, with its texts where there are some.

use burnish::domain::base_model;
use burnish::domain::column;
use burnish::domain::features::network::Combiner;
use burnish::domain::features::{TableExamples, TablePlan};
use burnish::domain::options;
use burnish::domain::recipe::{DataProfile, Recipe, Way};
use burnish::domain::report::{Judged, NumberEvaluation};
use burnish::domain::start::Carried;
use burnish::domain::suggest;
use burnish::domain::table::{Column, Table};
use burnish::domain::text::Tokenizer;
use burnish::engine::device::cpu;
use burnish::engine::export::{Facts, Model};
use burnish::engine::features::FeatureStore;
use burnish::engine::tabular::run::{TableOutcome, TextReader, tune_table_from};
use serde_json::json;

use super::rounds::{self, FromTable};
use super::{Arguments, Terminal, load_base, sentences, set, split_as_told, take_along};

/// Whether there are columns to learn from besides texts.
pub fn has_columns(arguments: &Arguments, table: &Table, text: &[String]) -> bool {
    !sources(arguments, table, text).is_empty()
}

/// Tunes and tells.
pub fn run(
    arguments: &Arguments,
    table: &Table,
    text: Vec<String>,
    watcher: &mut Terminal,
) -> Result<(), String> {
    let base = if text.is_empty() {
        None
    } else {
        Some(load_base(arguments)?)
    };
    let tokenizer = base.as_ref().map(|(base, _)| base.tokenizer());
    let mut recipe = recipe(arguments, table, text, tokenizer)?;
    if let Some((_, id)) = &base {
        recipe.base_model.clone_from(id);
    }
    let mut from = match &arguments.from {
        Some(path) => Some(FromTable::open(path, base.as_ref().map(|(base, _)| base))?),
        None => None,
    };
    recipe.start = from.as_ref().map(|from| from.start.clone());
    let mut examples = TableExamples::read(table, &recipe).map_err(|issues| sentences(&issues))?;
    if !arguments.is_json {
        for issue in &examples.issues {
            eprintln!("{} {}", issue.what, issue.fix);
        }
    }
    let mut store = FeatureStore::default();
    let text = base.as_ref().map(|(base, _)| TextReader {
        base,
        store: &mut store,
    });
    let load = watcher.start.elapsed().as_secs_f64();
    let device = cpu();
    let earlier = from.as_mut().map(FromTable::earlier);
    let tuned = tune_table_from(earlier, &mut examples, &recipe, text, &device, watcher);
    let mut outcome = futures::executor::block_on(tuned).map_err(|error| error.to_string())?;
    if let Some(path) = &arguments.save {
        rounds::save_table(path, &recipe, &arguments.file, &outcome.tuned)?;
    }
    outcome.report.seconds.load = load;
    let metrics = metrics(&outcome.report.evaluation);
    if let Some(path) = &arguments.predictions {
        std::fs::write(path, predictions(examples.target.names(), &outcome))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if !arguments.exports.is_empty() {
        let split = &examples.split;
        let parts = [split.train.len(), split.valid.len(), split.test.len()];
        let facts = Facts::of_run(table.name(), parts.map(|rows| rows as u32), &outcome.report);
        let labels = examples.target.names();
        let fitted = &examples.fitted;
        let tuned = &outcome.tuned;
        let model = Model::of_table(
            tuned,
            base.as_ref().map(|(base, _)| base),
            labels,
            &recipe,
            fitted,
            facts,
        );
        let mut model = futures::executor::block_on(model).map_err(|error| error.to_string())?;
        take_along(arguments, &mut model)?;
    }
    if arguments.is_json {
        println!("{}", summary(&recipe, &outcome, metrics));
    } else {
        for sentence in outcome.report.carried.iter().flat_map(Carried::sentences) {
            println!("{sentence}");
        }
        for (name, value) in metrics {
            println!("{name:20} {value}");
        }
    }
    Ok(())
}

/// Every column that is not spoken for.
fn sources(arguments: &Arguments, table: &Table, text: &[String]) -> Vec<String> {
    let is_free = |column: &&Column| {
        let name = column.name();
        name != arguments.target
            && arguments.split_column.as_deref() != Some(name)
            && !text
                .iter()
                .chain(&arguments.drop)
                .any(|other| other == name)
    };
    table
        .columns()
        .iter()
        .filter(is_free)
        .map(|column| column.name().to_owned())
        .collect()
}

fn recipe(
    arguments: &Arguments,
    table: &Table,
    text: Vec<String>,
    tokenizer: Option<&Tokenizer>,
) -> Result<Recipe, String> {
    let columns = sources(arguments, table, &text);
    let mut decided = Recipe::suggest(Vec::new(), String::new(), &DataProfile::empty());
    split_as_told(arguments, &mut decided);
    decided.task = match &arguments.task {
        Some(task) => task.clone(),
        None => proposed_task(table, &arguments.target)?,
    };
    let mut draft = suggest::draft(text, columns, arguments.target.clone(), Some(&decided));
    // Texts alone are read by the frozen encoder here as well, as `--method table` asks for.
    draft
        .table
        .get_or_insert_with(|| Box::new(TablePlan::suggest(Vec::new(), arguments.combiner, 0)));
    // The defaults follow the number of training rows, which the split decides.
    let counted = TableExamples::read(table, &draft).map_err(|issues| sentences(&issues))?;
    let lengths = tokenizer.map_or_else(Vec::new, |tokenizer| {
        counted.text_lengths(&draft, tokenizer, base_model::ALL[0].max_tokens)
    });
    let profile = DataProfile::of_target(&counted.target, &counted.split, &lengths);
    let way = Way::Table(arguments.combiner);
    let mut recipe = suggest::recipes(&draft, &profile)
        .into_iter()
        .find(|recipe| recipe.way() == way)
        .expect("a draft with a table plan can be learned by every combiner");
    for (pointer, value) in &arguments.settings {
        recipe = if pointer.starts_with("/table/") && options::find(pointer).is_none() {
            set_plan(&recipe, pointer, value)?
        } else {
            set(&recipe, pointer, value)?
        };
    }
    Ok(recipe)
}

/// Sets an entry of the table plan; the value is read as JSON, or as a word when it is none.
fn set_plan(recipe: &Recipe, pointer: &str, value: &str) -> Result<Recipe, String> {
    let mut json = serde_json::to_value(recipe).map_err(|error| error.to_string())?;
    let place = json
        .pointer_mut(pointer)
        .ok_or(format!("there is no setting \"{pointer}\""))?;
    *place = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    serde_json::from_value(json)
        .map_err(|error| format!("{pointer} does not take \"{value}\": {error}"))
}

/// The task that the page would propose for this target.
fn proposed_task(table: &Table, target: &str) -> Result<String, String> {
    table
        .column(target)
        .ok_or(format!("there is no column \"{target}\""))?;
    let profiles: Vec<_> = table.columns().iter().map(column::summarize).collect();
    Ok(column::propose(&profiles, table.rows(), Some(target)).task)
}

/// A combiner by its name on the command line.
pub fn combiner(id: &str) -> Option<Combiner> {
    match Way::find(id) {
        Some(Way::Table(combiner)) => Some(combiner),
        _ => None,
    }
}

fn metrics(evaluation: &Judged) -> Vec<(String, f64)> {
    let mut metrics: Vec<(String, f64)> = evaluation
        .metrics()
        .iter()
        .map(|metric| (metric.id.clone(), metric.value))
        .collect();
    if let Judged::Numbers(NumberEvaluation {
        ranges: Some(ranges),
        ..
    }) = evaluation
    {
        metrics.push(("interval_coverage".to_owned(), ranges.held));
        metrics.push(("interval_width".to_owned(), ranges.mean_width));
    }
    metrics
}

fn summary(
    recipe: &Recipe,
    outcome: &TableOutcome,
    metrics: Vec<(String, f64)>,
) -> serde_json::Value {
    let metrics: serde_json::Map<String, serde_json::Value> = metrics
        .into_iter()
        .map(|(id, value)| (id, value.into()))
        .collect();
    let report = &outcome.report;
    let seconds = report.seconds;
    let plan = outcome.tuned.plan();
    json!({
        "task": recipe.task,
        "carried": report.carried.as_ref().map(rounds::summary),
        "method": "table",
        "metrics": metrics,
        "rows": { "test": report.evaluation.rows().len() },
        "columns": {
            "learned": plan.features.len(),
            "left_out": plan.left_out,
        },
        "trainable_parameters": report.parameters.trainable,
        "total_parameters": report.parameters.total,
        "epochs": report.epochs.len(),
        "best_epoch": report.best_epoch,
        "valid_loss": outcome.valid_loss,
        "seconds": {
            "load": seconds.load,
            "embed": seconds.embed,
            "train": seconds.train,
            "evaluate": seconds.evaluate,
            "total": seconds.total(),
        },
    })
}

fn predictions(labels: &[String], outcome: &TableOutcome) -> String {
    let mut out = String::new();
    let mut push = |cells: &[String]| {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        burnish::domain::csv::write_row(&mut out, &cells);
    };
    let shares = |shares: &[f32]| -> Vec<String> {
        shares.iter().map(|share| format!("{share:.6}")).collect()
    };
    let mut header = vec![
        "row".to_owned(),
        "truth".to_owned(),
        "prediction".to_owned(),
    ];
    header.extend(match &outcome.report.evaluation {
        Judged::Numbers(_) => vec!["low".to_owned(), "high".to_owned()],
        _ => labels.iter().map(|label| format!("p_{label}")).collect(),
    });
    push(&header);
    let own = |at: usize| &outcome.test_outputs[at * labels.len()..][..labels.len()];
    match &outcome.report.evaluation {
        Judged::Numbers(evaluation) => {
            for row in &evaluation.rows {
                let [low, high] = row.range.map_or([String::new(), String::new()], |ends| {
                    ends.map(|x| x.to_string())
                });
                let numbers = [row.truth, row.predicted].map(|number| number.to_string());
                let [truth, predicted] = numbers;
                push(&[row.row.0.to_string(), truth, predicted, low, high]);
            }
        }
        Judged::Labels(evaluation) => {
            for (at, row) in evaluation.rows.iter().enumerate() {
                let named = [row.truth, row.predicted].map(|label| labels[label as usize].clone());
                let mut cells = vec![row.row.0.to_string()];
                cells.extend(named);
                cells.extend(shares(own(at)));
                push(&cells);
            }
        }
        Judged::LabelSets(evaluation) => {
            let listed = |indices: &[u32]| {
                let names: Vec<&str> = indices
                    .iter()
                    .map(|&label| labels[label as usize].as_str())
                    .collect();
                names.join(";")
            };
            for (at, row) in evaluation.rows.iter().enumerate() {
                let mut cells = vec![
                    row.row.0.to_string(),
                    listed(&row.truth),
                    listed(&row.predicted),
                ];
                cells.extend(shares(own(at)));
                push(&cells);
            }
        }
    }
    out
}
