//! How true explanations are, and how long they take: tunes a model on a CSV and explains test rows
//! by every method.
//!
//! ```text
//! cargo run --release --example explain -- FILE.csv --target COL [--text COL]
//!     [--method head|lora|full] [--rows N] [--explainers ID,ID] [--steps N] [--epochs N]
//! ```
//!
//! For each method one line of JSON: how much of the difference the shares miss (median, 95th
//! percentile, largest, and the share of rows within 1 %), the mean areas under the deletion and
//! the insertion curve with the paired difference to random order and its 95 % interval over the
//! rows, how often the model was asked, and the median of the milliseconds a row.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use burnish::domain::csv::CsvReader;
use burnish::domain::evaluation::bootstrap::{Bootstrap, interval};
use burnish::domain::examples::Examples;
use burnish::domain::explanation::{Explanation, Faithfulness};
use burnish::domain::recipe::{DataProfile, Method, Recipe};
use burnish::domain::table::{RowId, Table};
use burnish::domain::text::Tokenizer;
use burnish::domain::{base_model, column};
use burnish::engine::device::cpu;
use burnish::engine::explain::faithfulness::faithfulness;
use burnish::engine::explain::text::{TextModel, WordSubject};
use burnish::engine::explain::{self, Breathless, Explainer, IntegratedGradients};
use burnish::engine::features::FeatureStore;
use burnish::engine::run::{Base, Outcome, tune};
use burnish::engine::train::{Control, Notice, Watcher};
use futures::executor::block_on;
use serde_json::json;

const USAGE: &str = "usage: explain FILE.csv --target COL [--text COL] [--method head|lora|full] \
[--rows N] [--explainers ID,ID] [--steps N] [--epochs N]";

struct Arguments {
    file: PathBuf,
    target: String,
    text: Option<String>,
    method: Method,
    rows: usize,
    explainers: Vec<String>,
    steps: Option<usize>,
    epochs: Option<u32>,
}

impl Arguments {
    fn parse() -> Result<Self, String> {
        use lexopt::prelude::*;
        let (mut file, mut target) = (None, None);
        let mut arguments = Self {
            file: PathBuf::new(),
            target: String::new(),
            text: None,
            method: Method::Head,
            rows: 100,
            explainers: explain::ALL.iter().map(|one| one.id().to_owned()).collect(),
            steps: None,
            epochs: None,
        };
        let mut parser = lexopt::Parser::from_env();
        let words = |parser: &mut lexopt::Parser| -> Result<String, String> {
            let value = parser.value().map_err(|error| error.to_string())?;
            value.string().map_err(|error| error.to_string())
        };
        let whole = |text: String| text.parse().map_err(|_| format!("\"{text}\" is no number"));
        while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
            match argument {
                Long("target") => target = Some(words(&mut parser)?),
                Long("text") => arguments.text = Some(words(&mut parser)?),
                Long("method") => {
                    let id = words(&mut parser)?;
                    let found = Method::find(&id);
                    arguments.method = found.ok_or(format!("there is no method \"{id}\""))?;
                }
                Long("rows") => arguments.rows = whole(words(&mut parser)?)?,
                Long("explainers") => {
                    let ids = words(&mut parser)?;
                    arguments.explainers = ids.split(',').map(str::to_owned).collect();
                }
                Long("steps") => arguments.steps = Some(whole(words(&mut parser)?)?),
                Long("epochs") => arguments.epochs = Some(whole(words(&mut parser)?)? as u32),
                Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
                other => return Err(other.unexpected().to_string()),
            }
        }
        arguments.file = file.ok_or("no FILE.csv is given")?;
        arguments.target = target.ok_or("no --target is given")?;
        Ok(arguments)
    }
}

struct Silent(Instant);

impl Watcher for Silent {
    fn now(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }

    fn notice(&mut self, _notice: Notice) {}

    async fn breathe(&mut self) -> Control {
        Control::Go
    }
}

fn main() -> ExitCode {
    let parsed = Arguments::parse().map_err(|error| format!("{error}\n{USAGE}"));
    match parsed.and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let table = open(arguments)?;
    let base = load_base()?;
    let (examples, outcome) = train(arguments, &table, &base)?;
    let evaluation = &outcome.report.evaluation;
    eprintln!(
        "{}: {:.4}",
        evaluation.metrics()[0].name,
        evaluation.metrics()[0].value
    );
    let model = block_on(TextModel::of(&outcome.tuned, &base)).map_err(|e| e.to_string())?;
    // Spread over the test rows, so that a sorted file does not give one label alone.
    let count = arguments.rows.min(evaluation.rows().len());
    let rows: Vec<RowId> = (0..count)
        .map(|at| evaluation.rows()[at * evaluation.rows().len() / count])
        .collect();
    for id in &arguments.explainers {
        let found = explain::find(id).ok_or(format!("there is no explainer \"{id}\""))?;
        let own = arguments.steps.map(|steps| IntegratedGradients {
            steps,
            most_steps: steps,
        });
        let explainer: &dyn Explainer = match &own {
            Some(own) if id == "integrated_gradients" => own,
            _ => found,
        };
        let mut looks = Vec::new();
        for &row in &rows {
            looks.extend(look(&model, explainer, &examples.texts[row.index()])?);
        }
        println!("{}", summary(explainer, &looks));
    }
    Ok(())
}

/// One row by one method.
struct Look {
    explanation: Explanation,
    faithfulness: Faithfulness,
    milliseconds: f64,
}

fn look(model: &TextModel, explainer: &dyn Explainer, text: &str) -> Result<Option<Look>, String> {
    let subject = block_on(WordSubject::new(model, text, None, &Breathless));
    let subject = subject.map_err(|error| error.to_string())?;
    if subject.words().is_empty() {
        return Ok(None);
    }
    let start = Instant::now();
    let explanation = block_on(explainer.explain(&subject)).map_err(|error| error.to_string())?;
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    let curves = block_on(faithfulness(&subject, &explanation, 1));
    Ok(Some(Look {
        explanation,
        faithfulness: curves.map_err(|error| error.to_string())?,
        milliseconds,
    }))
}

fn summary(explainer: &dyn Explainer, looks: &[Look]) -> serde_json::Value {
    let errors: Vec<f64> = looks
        .iter()
        .filter_map(|look| look.explanation.completeness_error())
        .collect();
    let completeness = (!errors.is_empty()).then(|| {
        let within = errors.iter().filter(|error| **error < 0.01).count();
        json!({
            "median": quantile(&errors, 0.5),
            "p95": quantile(&errors, 0.95),
            "largest": quantile(&errors, 1.0),
            "within_1_percent": within as f64 / errors.len() as f64,
        })
    });
    let deletion = |one: &Faithfulness| [one.deletion.area(), one.random_deletion.area()];
    let insertion = |one: &Faithfulness| [one.insertion.area(), one.random_insertion.area()];
    let asked: Vec<f64> = looks
        .iter()
        .map(|look| f64::from(look.explanation.asked))
        .collect();
    let milliseconds: Vec<f64> = looks.iter().map(|look| look.milliseconds).collect();
    json!({
        "explainer": explainer.id(),
        "rows": looks.len(),
        "completeness_error": completeness,
        "deletion": beside_random(looks, deletion),
        "insertion": beside_random(looks, insertion),
        "asked_median": quantile(&asked, 0.5),
        "asked_largest": quantile(&asked, 1.0),
        "milliseconds_median": quantile(&milliseconds, 0.5),
    })
}

fn beside_random(looks: &[Look], areas: fn(&Faithfulness) -> [f64; 2]) -> serde_json::Value {
    let areas: Vec<[f64; 2]> = looks.iter().map(|look| areas(&look.faithfulness)).collect();
    let mean = |which: usize| {
        let sum: f64 = areas.iter().map(|pair| pair[which]).sum();
        sum / areas.len() as f64
    };
    let differences: Vec<f64> = areas.iter().map(|pair| pair[0] - pair[1]).collect();
    let plan = Bootstrap {
        draws: 2_000,
        seed: 1,
    };
    json!({
        "area": mean(0),
        "random": mean(1),
        "difference": mean(0) - mean(1),
        "interval": interval(differences.len(), mean(0) - mean(1), &plan, |rows| {
            let sum: f64 = rows.iter().map(|&row| differences[row as usize]).sum();
            Some(sum / rows.len() as f64)
        }),
    })
}

fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let at = (share * last as f64).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

fn train(arguments: &Arguments, table: &Table, base: &Base) -> Result<(Examples, Outcome), String> {
    let profiles: Vec<_> = table
        .columns()
        .iter()
        .filter(|column| column.name() != arguments.target)
        .map(column::summarize)
        .collect();
    let text = match &arguments.text {
        Some(text) => vec![text.clone()],
        None => column::guess(&profiles, table.rows()).text,
    };
    let sentences = |issues: Vec<burnish::domain::issue::Issue>| {
        let lines: Vec<String> = issues.iter().map(|issue| issue.what.clone()).collect();
        lines.join("\n")
    };
    let draft = Recipe::suggest(
        text.clone(),
        arguments.target.clone(),
        &DataProfile::empty(),
    );
    let examples = Examples::read(table, &draft).map_err(sentences)?;
    let seen = examples.split.train.iter().chain(&examples.split.valid);
    let longest = base_model::ALL[0].max_tokens;
    let lengths: Vec<u32> = seen
        .map(|row| {
            let text = &examples.texts[row.index()];
            base.tokenizer().encode(text, longest).ids.len() as u32
        })
        .collect();
    let profile = DataProfile::of(&examples, &lengths);
    let mut recipe = Recipe::suggest(text, arguments.target.clone(), &profile)
        .with_method(arguments.method, &profile);
    if let Some(epochs) = arguments.epochs {
        recipe.training.epochs = epochs;
    }
    let mut examples = Examples::read(table, &recipe).map_err(sentences)?;
    let mut store = FeatureStore::default();
    let mut watcher = Silent(Instant::now());
    let tuned = tune(base, &mut examples, &recipe, &mut store, &mut watcher);
    let outcome = block_on(tuned).map_err(|error| error.to_string())?;
    Ok((examples, outcome))
}

fn open(arguments: &Arguments) -> Result<Table, String> {
    let bytes = std::fs::read(&arguments.file)
        .map_err(|error| format!("{}: {error}", arguments.file.display()))?;
    let name = arguments.file.file_name().unwrap_or_default();
    let mut reader = CsvReader::new(name.to_string_lossy());
    reader.feed(&bytes);
    let read = reader.finish();
    let (table, _) = read.map_err(|refusal| format!("{refusal} {}", refusal.fix()))?;
    Ok(table)
}

/// The bundled base model.
fn load_base() -> Result<Base, String> {
    let model = &base_model::ALL[0];
    let models = std::env::var_os("BURNISH_MODELS").ok_or("run me through ./dev exec")?;
    let folder = PathBuf::from(models).join(model.id);
    let file = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let tokenizer =
        Tokenizer::from_bytes(&file(model.tokenizer.path)?).map_err(|error| error.to_string())?;
    Base::load(model.shape, &file(model.weights.path)?, tokenizer, &cpu())
        .map_err(|error| error.to_string())
}
