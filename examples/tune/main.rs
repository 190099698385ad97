//! A recipe on a CSV, natively: the same engine that runs in the browser, on this machine's CPU.
//!
//! ```text
//! cargo run --release --example tune -- FILE.csv --target COL [--text COL]... [--drop COL]...
//!     [--method head|lora|full|contrastive|table] [--combiner tabm|mlp|linear] [--task ID]
//!     [--encoder FOLDER]
//!     [--split-column COL] [--seed N] [--set POINTER=VALUE]... [--predictions OUT.csv] [--json]
//!     [--save MODEL] [--from MODEL] [--suspects OUT.csv] [--export KIND=PATH]... [--links OUT.csv]
//! ```
//!
//! `--encoder` takes an encoder of the BERT family instead of the bundled one: a folder with
//! config.json, tokenizer.json and model.safetensors.
//!
//! Head, LoRA, full and contrastive learn from texts alone. `table` learns from every column that is not
//! dropped, and from the texts as the frozen encoder reads them; it is the default for files that
//! have columns besides the text and the target.
//!
//! `--save` writes what was learned to MODEL and how to MODEL's name with `.json`; `--from` goes on
//! from there, and judges the earlier run's test rows again. `--suspects` tunes nothing: it writes
//! what heads that did not learn from a row say of it, the labels in doubt ranked.
//!
//! The base model comes from the folder that `BURNISH_MODELS` names, else from where `./dev setup`
//! puts it.

mod links;
mod rounds;
mod table;

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use burnish::domain::csv::{CsvReader, write_row};
use burnish::domain::encoder::{self, EncoderFiles, OwnEncoder};
use burnish::domain::evaluation::{Calibration, Calibrator};
use burnish::domain::examples::Examples;
use burnish::domain::features::network::Combiner;
use burnish::domain::options::{self, OptionKind, OptionValue};
use burnish::domain::recipe::{DataProfile, Method, Recipe};
use burnish::domain::split::SplitKind;
use burnish::domain::start::{Carried, Start};
use burnish::domain::table::Table;
use burnish::domain::text::Tokenizer;
use burnish::domain::{base_model, column, task};
use burnish::engine::device::cpu;
use burnish::engine::export::{self, BroughtEncoder, Exporter, Facts, Model};
use burnish::engine::features::FeatureStore;
use burnish::engine::run::{Base, Outcome, tune_from};
use burnish::engine::train::{Control, Notice, Watcher};
use rounds::FromModel;
use serde_json::json;

const USAGE: &str = "usage: tune FILE.csv --target COL [--text COL]... [--drop COL]... \
[--method head|lora|full|contrastive|table] [--combiner tabm|mlp|linear] [--task ID] \
[--encoder FOLDER] [--split-column COL] \
[--seed N] [--set POINTER=VALUE]... [--predictions OUT.csv] [--json] [--save MODEL] [--from MODEL] \
[--suspects OUT.csv] [--export KIND=PATH]... [--links OUT.csv]";

/// How to learn, as `--method` says.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// From texts alone.
    Text(Method),
    /// From all columns.
    Table,
}

struct Arguments {
    file: PathBuf,
    target: String,
    text: Vec<String>,
    drop: Vec<String>,
    way: Option<Way>,
    combiner: Combiner,
    task: Option<String>,
    split_column: Option<String>,
    seed: Option<u32>,
    settings: Vec<(String, String)>,
    predictions: Option<PathBuf>,
    encoder: Option<PathBuf>,
    save: Option<PathBuf>,
    from: Option<PathBuf>,
    suspects: Option<PathBuf>,
    exports: Vec<(&'static dyn Exporter, PathBuf)>,
    links: Option<PathBuf>,
    is_json: bool,
}

impl Arguments {
    fn parse() -> Result<Self, String> {
        use lexopt::prelude::*;
        let mut file = None;
        let mut target = None;
        let mut arguments = Self {
            file: PathBuf::new(),
            target: String::new(),
            text: Vec::new(),
            drop: Vec::new(),
            way: None,
            combiner: Combiner::TabM,
            task: None,
            split_column: None,
            seed: None,
            settings: Vec::new(),
            predictions: None,
            encoder: None,
            save: None,
            from: None,
            suspects: None,
            exports: Vec::new(),
            links: None,
            is_json: false,
        };
        let mut parser = lexopt::Parser::from_env();
        let text = |parser: &mut lexopt::Parser| -> Result<String, String> {
            let value = parser.value().map_err(|error| error.to_string())?;
            value.string().map_err(|error| error.to_string())
        };
        while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
            match argument {
                Long("target") => target = Some(text(&mut parser)?),
                Long("text") => arguments.text.push(text(&mut parser)?),
                Long("drop") => arguments.drop.push(text(&mut parser)?),
                Long("method") => {
                    let id = text(&mut parser)?;
                    arguments.way = Some(match Method::find(&id) {
                        Some(method) => Way::Text(method),
                        None if id == "table" => Way::Table,
                        None => {
                            return Err(format!(
                                "--method is head, lora, full, contrastive or table, not \"{id}\""
                            ));
                        }
                    });
                }
                Long("combiner") => {
                    let id = text(&mut parser)?;
                    arguments.combiner = table::combiner(&id)
                        .ok_or(format!("--combiner is tabm, mlp or linear, not \"{id}\""))?;
                }
                Long("task") => arguments.task = Some(text(&mut parser)?),
                Long("split-column") => arguments.split_column = Some(text(&mut parser)?),
                Long("seed") => {
                    let seed = text(&mut parser)?;
                    arguments.seed = Some(
                        seed.parse()
                            .map_err(|_| format!("--seed is a whole number, not \"{seed}\""))?,
                    );
                }
                Long("set") => {
                    let setting = text(&mut parser)?;
                    let (pointer, value) = setting
                        .split_once('=')
                        .ok_or(format!("--set is POINTER=VALUE, not \"{setting}\""))?;
                    arguments
                        .settings
                        .push((pointer.to_owned(), value.to_owned()));
                }
                Long("predictions") => arguments.predictions = Some(text(&mut parser)?.into()),
                Long("encoder") => arguments.encoder = Some(text(&mut parser)?.into()),
                Long("save") => arguments.save = Some(text(&mut parser)?.into()),
                Long("from") => arguments.from = Some(text(&mut parser)?.into()),
                Long("suspects") => arguments.suspects = Some(text(&mut parser)?.into()),
                Long("links") => arguments.links = Some(text(&mut parser)?.into()),
                Long("export") => {
                    let export = text(&mut parser)?;
                    let (kind, path) = export
                        .split_once('=')
                        .ok_or(format!("--export is KIND=PATH, not \"{export}\""))?;
                    let exporter = export::find(kind).ok_or_else(|| {
                        let kinds: Vec<&str> = export::ALL.iter().map(|own| own.id()).collect();
                        format!("--export takes {}, not \"{kind}\"", kinds.join(", "))
                    })?;
                    arguments.exports.push((exporter, path.into()));
                }
                Long("json") => arguments.is_json = true,
                Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
                other => return Err(other.unexpected().to_string()),
            }
        }
        arguments.file = file.ok_or("no FILE.csv is given")?;
        arguments.target = target.ok_or("no --target is given")?;
        Ok(arguments)
    }
}

/// Tells progress on standard error.
struct Terminal {
    start: Instant,
    is_loud: bool,
}

impl Watcher for Terminal {
    fn now(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    fn notice(&mut self, notice: Notice) {
        if !self.is_loud {
            return;
        }
        match notice {
            Notice::Epoch(epoch) => eprintln!(
                "{:7.1} s  epoch {:3}: train {:.4}, valid {:.4}, {:.1} % right{}",
                self.now(),
                epoch.epoch,
                epoch.train_loss,
                epoch.valid_loss,
                epoch.valid_accuracy * 100.0,
                if epoch.is_best { "  best" } else { "" }
            ),
            Notice::Prepared { parts, parameters } => eprintln!(
                "{:7.1} s  {parts:?} rows for training, validation, test; {} of {} parameters move",
                self.now(),
                parameters.trainable,
                parameters.total
            ),
            Notice::Progress(progress) if std::io::stderr().is_terminal() => {
                eprint!(
                    "\r{:7.1} s  step {} of {}\r",
                    self.now(),
                    progress.step,
                    progress.steps
                );
            }
            Notice::Phase(_) | Notice::Baselines(_) | Notice::Progress(_) => {}
        }
    }

    async fn breathe(&mut self) -> Control {
        Control::Go
    }
}

fn main() -> ExitCode {
    match Arguments::parse()
        .map_err(|error| format!("{error}\n{USAGE}"))
        .and_then(|arguments| run(&arguments))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let began = Instant::now();
    let table = open_file(&arguments.file)?;
    let text = text_columns(arguments, &table);
    let way = arguments.way.unwrap_or_else(|| {
        if arguments.task.is_some() || table::has_columns(arguments, &table, &text) {
            Way::Table
        } else {
            Way::Text(Method::Lora)
        }
    });
    let mut watcher = Terminal {
        start: began,
        is_loud: !arguments.is_json,
    };
    let method = match way {
        Way::Text(method) => method,
        Way::Table => return table::run(arguments, &table, text, &mut watcher),
    };
    if text.is_empty() {
        return Err("No column reads like text; name one with --text.".to_owned());
    }
    let (base, id) = load_base(arguments)?;
    let mut from = match &arguments.from {
        Some(path) => Some(FromModel::open(path, &base)?),
        None => None,
    };
    let start = from.as_ref().map(|from| from.start.clone());
    let mut recipe = recipe(arguments, method, start, &table, text, &base)?;
    recipe.base_model = id;
    if let Some(path) = &arguments.suspects {
        let csv = rounds::suspects(&base, &table, &recipe, &mut watcher)?;
        return std::fs::write(path, csv).map_err(|error| format!("{}: {error}", path.display()));
    }
    let mut examples = Examples::read(&table, &recipe).map_err(|issues| sentences(&issues))?;
    if !arguments.is_json {
        for issue in &examples.issues {
            eprintln!("{} {}", issue.what, issue.fix);
        }
    }
    let load = began.elapsed().as_secs_f64();

    let mut store = FeatureStore::default();
    let earlier = from.as_mut().map(FromModel::earlier);
    let tuned = tune_from(
        &base,
        earlier,
        &mut examples,
        &recipe,
        &mut store,
        &mut watcher,
    );
    let mut outcome = futures::executor::block_on(tuned).map_err(|error| error.to_string())?;
    outcome.report.seconds.load = load;

    if let Some(path) = &arguments.save {
        rounds::save(path, &recipe, &arguments.file, &outcome)?;
    }
    if let Some(path) = &arguments.predictions {
        std::fs::write(path, predictions(&outcome))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if !arguments.exports.is_empty() || arguments.links.is_some() {
        let split = &examples.split;
        let parts = [split.train.len(), split.valid.len(), split.test.len()];
        let facts = Facts::of_run(table.name(), parts.map(|rows| rows as u32), &outcome.report);
        let model = Model::of_text(&outcome.tuned, &base, &recipe, &examples.fitted, facts);
        let mut model = futures::executor::block_on(model).map_err(|error| error.to_string())?;
        take_along(arguments, &mut model)?;
        if let Some(path) = &arguments.links {
            let table = links::table(&model, &base, &mut examples, &mut store, &mut watcher)?;
            std::fs::write(path, table).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    if arguments.is_json {
        println!("{}", summary(&recipe, &outcome));
    } else {
        for sentence in outcome.report.carried.iter().flat_map(Carried::sentences) {
            println!("{sentence}");
        }
        let evaluation = &outcome.report.evaluation;
        for metric in evaluation.metrics() {
            println!("{:20} {:.4}", metric.name, metric.value);
        }
        if let Some(found) = calibration(&outcome) {
            println!(
                "Expected calibration error {:.4}, after temperature scaling {:.4}",
                found.before.reliability.expected_error, found.after.reliability.expected_error
            );
        }
        for baseline in evaluation.baselines() {
            println!(
                "{}: accuracy {:.4}",
                baseline.name, baseline.metrics[0].value
            );
        }
    }
    Ok(())
}

/// Writes the exports that were asked for.
fn take_along(arguments: &Arguments, model: &mut Model) -> Result<(), String> {
    if let (Some(folder), Some(_)) = (&arguments.encoder, &model.encoder) {
        model.own = Some(brought(folder)?);
    }
    for (exporter, path) in &arguments.exports {
        if let Some(why) = export::refusal(*exporter, &model.recipe) {
            return Err(format!("{}: {why}", exporter.name()));
        }
        let bytes = exporter.export(model).map_err(|error| error.to_string())?;
        std::fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn open_file(path: &Path) -> Result<Table, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut reader = CsvReader::new(path.file_name().unwrap_or_default().to_string_lossy());
    reader.feed(&bytes);
    let (table, _) = reader
        .finish()
        .map_err(|refusal| format!("{refusal} {}", refusal.fix()))?;
    Ok(table)
}

/// The base model and what a recipe calls it: the bundled one, or that of a folder.
fn load_base(arguments: &Arguments) -> Result<(Base, String), String> {
    let model = &base_model::ALL[0];
    let folder = match &arguments.encoder {
        Some(folder) => folder.clone(),
        None => models().join(model.id),
    };
    let file = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    if let Some(folder) = &arguments.encoder {
        let files = encoder_files(folder);
        let files = view(&files);
        let base = Base::from_files(&files, &cpu()).map_err(|error| error.to_string())?;
        return Ok((base, files.id()));
    }
    let file = |name| file(name).map_err(|error| format!("{error}; `./dev setup` fetches it"));
    let tokenizer =
        Tokenizer::from_bytes(&file(model.tokenizer.path)?).map_err(|error| error.to_string())?;
    let weights = file(model.weights.path)?;
    let base = Base::load(model.config(), &weights, tokenizer, &cpu())
        .map_err(|error| error.to_string())?;
    Ok((base, model.id.to_owned()))
}

/// The files of an encoder that matter, by their paths, the folder's name before them.
fn encoder_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let names = [
        "config.json",
        "tokenizer.json",
        "model.safetensors",
        "modules.json",
        "1_Pooling/config.json",
        "config_sentence_transformers.json",
        "sentence_bert_config.json",
    ];
    let own = folder.file_name().unwrap_or_default().to_string_lossy();
    let read = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).ok()?;
        Some((format!("{own}/{name}"), bytes))
    };
    names.into_iter().filter_map(read).collect()
}

fn view(files: &[(String, Vec<u8>)]) -> EncoderFiles<'_> {
    let files = files.iter();
    files
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
        .collect()
}

/// The encoder of a folder with its files, to go along with a model.
fn brought(folder: &Path) -> Result<BroughtEncoder, String> {
    let files = encoder_files(folder);
    let files = view(&files);
    let config = encoder::read(&files).map_err(|misfit| misfit.to_string())?;
    let parts = files.parts().into_iter();
    Ok(BroughtEncoder {
        encoder: OwnEncoder::of(files.id(), &files, &config),
        files: Some(parts.flat_map(|(_, bytes)| bytes).copied().collect()),
    })
}

/// The columns named by `--text`, else what reads like text: two where these are to be compared.
fn text_columns(arguments: &Arguments, table: &Table) -> Vec<String> {
    if !arguments.text.is_empty() {
        return arguments.text.clone();
    }
    let compares = arguments.task.as_deref().is_some_and(task::compares);
    let target = &arguments.target;
    let profiles: Vec<_> = table
        .columns()
        .iter()
        .filter(|column| !arguments.drop.iter().any(|name| name == column.name()))
        .filter(|column| compares || column.name() != target)
        .map(column::summarize)
        .collect();
    if compares {
        return column::propose(&profiles, table.rows(), Some(target)).text;
    }
    let mut guess = column::guess(&profiles, table.rows()).text;
    // Between columns of other kinds, words that merely do not repeat are no text.
    if profiles.len() > 1 && !matches!(arguments.way, Some(Way::Text(_))) {
        guess.retain(|name| {
            let is_text =
                |profile: &column::ColumnProfile| profile.name == *name && profile.kind == "text";
            profiles.iter().any(is_text)
        });
    }
    guess
}

fn recipe(
    arguments: &Arguments,
    method: Method,
    start: Option<Start>,
    table: &Table,
    text: Vec<String>,
    base: &Base,
) -> Result<Recipe, String> {
    let nothing = DataProfile {
        rows: 0,
        parts: [0; 3],
        classes: Vec::new(),
        tokens: [0; 4],
    };
    let mut draft = Recipe::suggest(text.clone(), arguments.target.clone(), &nothing);
    split_as_told(arguments, &mut draft);
    let examples = Examples::read(table, &draft).map_err(|issues| sentences(&issues))?;
    let seen = examples.split.train.iter().chain(&examples.split.valid);
    let longest = base_model::ALL[0].max_tokens;
    let length = |text: &str| base.tokenizer().encode(text, longest).ids.len() as u32;
    let lengths: Vec<u32> = seen
        .map(|row| length(&examples.texts[row.index()]))
        .collect();
    let profile = DataProfile::of(&examples, &lengths);
    let mut recipe =
        Recipe::suggest(text, arguments.target.clone(), &profile).with_method(method, &profile);
    split_as_told(arguments, &mut recipe);
    recipe.start = start;
    for (pointer, value) in &arguments.settings {
        recipe = set(&recipe, pointer, value)?;
    }
    Ok(recipe)
}

fn split_as_told(arguments: &Arguments, recipe: &mut Recipe) {
    if let Some(column) = &arguments.split_column {
        recipe.split.kind = SplitKind::Column {
            column: column.clone(),
        };
    }
    if let Some(seed) = arguments.seed {
        recipe.seed = seed;
    }
}

fn set(recipe: &Recipe, pointer: &str, value: &str) -> Result<Recipe, String> {
    let spec = options::find(pointer).ok_or(format!("there is no setting \"{pointer}\""))?;
    let wrong = |_| format!("{pointer} does not take \"{value}\"");
    let value = match spec.kind {
        OptionKind::Int { .. } => OptionValue::Int(value.parse().map_err(|_| wrong(()))?),
        OptionKind::Float { .. } => OptionValue::Float(value.parse().map_err(|_| wrong(()))?),
        OptionKind::Choice { .. } => OptionValue::Choice(value.to_owned()),
        OptionKind::Flag => OptionValue::Flag(value.parse().map_err(|_| wrong(()))?),
        OptionKind::Set { .. } => OptionValue::Set(value.split(',').map(str::to_owned).collect()),
    };
    options::set(recipe, spec, &value)
}

fn summary(recipe: &Recipe, outcome: &Outcome) -> serde_json::Value {
    let report = &outcome.report;
    let evaluation = &report.evaluation;
    let metrics: serde_json::Map<String, serde_json::Value> = evaluation
        .metrics()
        .iter()
        .map(|metric| (metric.id.clone(), metric.value.into()))
        .collect();
    let baselines: serde_json::Map<String, serde_json::Value> = evaluation
        .baselines()
        .iter()
        .map(|baseline| (baseline.id.clone(), baseline.metrics[0].value.into()))
        .collect();
    let seconds = report.seconds;
    json!({
        "task": recipe.task,
        "carried": report.carried.as_ref().map(rounds::summary),
        "method": recipe.tuning.method.id(),
        "metrics": metrics,
        "baseline_accuracy": baselines,
        "calibration": calibration(outcome).map(|found| json!({
            "temperature": match found.calibrator {
                Calibrator::Temperature(temperature) => Some(temperature.0),
                Calibrator::Isotonic(_) => None,
            },
            "ece": [found.before.reliability.expected_error, found.after.reliability.expected_error],
            "log_loss": [found.before.log_loss, found.after.log_loss],
        })),
        "rows": { "test": evaluation.rows().len() },
        "trainable_parameters": report.parameters.trainable,
        "total_parameters": report.parameters.total,
        "epochs": report.epochs.len(),
        "best_epoch": report.best_epoch,
        "seconds": {
            "load": seconds.load,
            "tokenize": seconds.tokenize,
            "embed": seconds.embed,
            "probe": seconds.probe,
            "train": seconds.train,
            "evaluate": seconds.evaluate,
            "total": seconds.total(),
        },
    })
}

/// Temperature scaling fitted on the validation rows, judged on the test rows.
fn calibration(outcome: &Outcome) -> Option<Calibration> {
    let valid = outcome.scores.valid.classes().ok()?;
    let test = outcome.scores.test.classes().ok()?;
    Calibration::judge(Calibrator::temperature(&valid).ok()?, &test).ok()
}

fn predictions(outcome: &Outcome) -> String {
    let labels = &outcome.tuned.labels;
    let mut header = vec![
        "row".to_owned(),
        "truth".to_owned(),
        "prediction".to_owned(),
    ];
    header.extend(labels.iter().map(|label| format!("p_{label}")));
    let mut out = String::new();
    let mut push = |cells: &[String]| {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        write_row(&mut out, &cells);
    };
    push(&header);
    let evaluation = &outcome.report.evaluation;
    let rows = &evaluation.labels().expect("texts have labels").rows;
    for (row, shares) in rows
        .iter()
        .zip(outcome.scores.test.outputs.chunks_exact(labels.len()))
    {
        let mut cells = vec![
            row.row.0.to_string(),
            labels[row.truth as usize].clone(),
            labels[row.predicted as usize].clone(),
        ];
        cells.extend(shares.iter().map(|share| {
            let mut cell = String::new();
            write!(cell, "{share:.6}").expect("writing to a string cannot fail");
            cell
        }));
        push(&cells);
    }
    out
}

fn sentences(issues: &[burnish::domain::issue::Issue]) -> String {
    let lines: Vec<String> = issues
        .iter()
        .map(|issue| format!("{} {}", issue.what, issue.fix))
        .collect();
    lines.join("\n")
}

fn models() -> PathBuf {
    let cache = || match std::env::var_os("XDG_CACHE_HOME") {
        Some(cache) => PathBuf::from(cache),
        None => PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache"),
    };
    std::env::var_os("BURNISH_MODELS").map_or_else(|| cache().join("burnish/models"), PathBuf::from)
}
