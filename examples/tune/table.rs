//! Runs on the columns of a table, with its texts where there are some.

use burnish::domain::column;
use burnish::domain::features::network::Combiner;
use burnish::domain::features::{FeatureSource, TableExamples, TablePlan};
use burnish::domain::recipe::{DataProfile, Recipe};
use burnish::domain::report::NumberEvaluation;
use burnish::domain::table::{Column, Table};
use burnish::domain::task;
use burnish::engine::device::cpu;
use burnish::engine::features::FeatureStore;
use burnish::engine::tabular::run::{TableEvaluation, TableOutcome, TextReader, tune_table};
use serde_json::json;

use super::{Arguments, Terminal, load_base, sentences, set, split_as_told};

/// Numbers with more values than this are predicted as numbers, not chosen as labels.
const MOST_NUMBER_LABELS: u32 = 20;

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
    if arguments.search.is_some() {
        return Err(
            "--search looks for settings of methods that learn from texts alone.".to_owned(),
        );
    }
    let recipe = recipe(arguments, table, text)?;
    let mut examples = TableExamples::read(table, &recipe).map_err(|issues| sentences(&issues))?;
    if !arguments.is_json {
        for issue in &examples.issues {
            eprintln!("{} {}", issue.what, issue.fix);
        }
    }
    let base = if recipe.text.is_empty() {
        None
    } else {
        Some(load_base(arguments)?.0)
    };
    let mut store = FeatureStore::default();
    let text = base.as_ref().map(|base| TextReader {
        base,
        store: &mut store,
    });
    let load = watcher.start.elapsed().as_secs_f64();
    let device = cpu();
    let tuned = tune_table(&mut examples, &recipe, text, &device, watcher);
    let mut outcome = futures::executor::block_on(tuned).map_err(|error| error.to_string())?;
    outcome.seconds.load = load;
    let metrics = metrics(&outcome.evaluation);
    if let Some(path) = &arguments.predictions {
        std::fs::write(path, predictions(examples.target.names(), &outcome))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if arguments.is_json {
        println!("{}", summary(&recipe, &outcome, metrics));
    } else {
        for (name, value) in metrics {
            println!("{name:20} {value}");
        }
    }
    Ok(())
}

/// Every column that is not spoken for.
fn sources(arguments: &Arguments, table: &Table, text: &[String]) -> Vec<FeatureSource> {
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
        .map(|column| FeatureSource {
            column: column.name().to_owned(),
            kind: None,
        })
        .collect()
}

fn recipe(arguments: &Arguments, table: &Table, text: Vec<String>) -> Result<Recipe, String> {
    let target = table
        .column(&arguments.target)
        .ok_or(format!("there is no column \"{}\"", arguments.target))?;
    let nothing = DataProfile {
        rows: 0,
        parts: [0; 3],
        classes: Vec::new(),
        tokens: [0; 4],
    };
    let columns = sources(arguments, table, &text);
    let mut recipe = Recipe::suggest(text, arguments.target.clone(), &nothing);
    recipe.task = match &arguments.task {
        Some(task) => task.clone(),
        None => task_of(target).to_owned(),
    };
    split_as_told(arguments, &mut recipe);
    recipe.table = Some(Box::new(TablePlan::suggest(columns, arguments.combiner, 0)));
    // The defaults follow the number of training rows, which the split decides.
    let draft = TableExamples::read(table, &recipe).map_err(|issues| sentences(&issues))?;
    let plan = recipe.table.take().expect("set above");
    let rows = draft.split.train.len() as u32;
    recipe.table = Some(Box::new(TablePlan::suggest(
        plan.columns,
        arguments.combiner,
        rows,
    )));
    if task::find(&recipe.task).is_none() {
        return Err(format!("there is no task \"{}\"", recipe.task));
    }
    for (pointer, value) in &arguments.settings {
        recipe = if pointer.starts_with("/table/") {
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

/// Many different numbers are predicted, anything else is chosen.
fn task_of(target: &Column) -> &'static str {
    let profile = column::summarize(target);
    let is_measured = matches!(&*profile.kind, "number" | "identifier")
        && target
            .distinct()
            .iter()
            .filter(|cell| !burnish::domain::missing::is_missing(cell))
            .all(|cell| column::parse_number(cell).is_some());
    let has_fractions = target
        .distinct()
        .iter()
        .filter_map(column::parse_number)
        .any(|number| number.fract() != 0.0);
    if is_measured && (has_fractions || profile.distinct > MOST_NUMBER_LABELS) {
        "regress"
    } else {
        "classify"
    }
}

/// A combiner by its name on the command line.
pub fn combiner(id: &str) -> Option<Combiner> {
    match id {
        "tabm" => Some(Combiner::TabM),
        "mlp" => Some(Combiner::Mlp),
        "linear" => Some(Combiner::Linear),
        _ => None,
    }
}

fn metrics(evaluation: &TableEvaluation) -> Vec<(String, f64)> {
    let mut metrics: Vec<(String, f64)> = evaluation
        .metrics()
        .iter()
        .map(|metric| (metric.id.clone(), metric.value))
        .collect();
    if let TableEvaluation::Numbers(NumberEvaluation {
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
    let seconds = outcome.seconds;
    let plan = outcome.tuned.plan();
    json!({
        "task": recipe.task,
        "method": "table",
        "metrics": metrics,
        "rows": { "test": outcome.rows.len() },
        "columns": {
            "learned": plan.features.len(),
            "left_out": plan.left_out,
        },
        "trainable_parameters": outcome.parameters.trainable,
        "total_parameters": outcome.parameters.total,
        "epochs": outcome.path.epochs.len(),
        "best_epoch": outcome.path.best_epoch,
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
    header.extend(match &outcome.evaluation {
        TableEvaluation::Numbers(_) => vec!["low".to_owned(), "high".to_owned()],
        _ => labels.iter().map(|label| format!("p_{label}")).collect(),
    });
    push(&header);
    let own = |at: usize| &outcome.probabilities[at * labels.len()..][..labels.len()];
    match &outcome.evaluation {
        TableEvaluation::Numbers(evaluation) => {
            for row in &evaluation.rows {
                let [low, high] = row.range.map_or([String::new(), String::new()], |ends| {
                    ends.map(|x| x.to_string())
                });
                let numbers = [row.truth, row.predicted].map(|number| number.to_string());
                let [truth, predicted] = numbers;
                push(&[row.row.0.to_string(), truth, predicted, low, high]);
            }
        }
        TableEvaluation::Labels(evaluation) => {
            for (at, row) in evaluation.rows.iter().enumerate() {
                let named = [row.truth, row.predicted].map(|label| labels[label as usize].clone());
                let mut cells = vec![row.row.0.to_string()];
                cells.extend(named);
                cells.extend(shares(own(at)));
                push(&cells);
            }
        }
        TableEvaluation::LabelSets { truth, .. } => {
            let listed = |is_in: &dyn Fn(usize) -> bool| {
                let names: Vec<&str> = (0..labels.len())
                    .filter(|&label| is_in(label))
                    .map(|label| labels[label].as_str())
                    .collect();
                names.join(";")
            };
            for (at, row) in outcome.rows.iter().enumerate() {
                let mut cells = vec![
                    row.0.to_string(),
                    listed(&|label| truth[at * labels.len() + label]),
                    listed(&|label| own(at)[label] > 0.5),
                ];
                cells.extend(shares(own(at)));
                push(&cells);
            }
        }
    }
    out
}
