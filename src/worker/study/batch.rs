//! Predicting every row of a table that is open.

use std::rc::Rc;

use super::{Drawn, Scene, Study, number};
use crate::domain::csv::CsvWriter;
use crate::domain::metric::most_probable;
use crate::domain::report::{Judged, Prediction};
use crate::domain::table::{RowId, Table};
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::train::{Control, Notice, Watcher};
use crate::protocol::{Failure, FailureKind, TableId};
use crate::view::batch::{Fit, OpenTable, batch, unreadable};
use crate::view::markup::Markup;
use crate::worker::clock;
use crate::worker::run::{Model, Run};
use crate::worker::session::engine_failure;

/// Rows that are read, scored and written at a time.
const ROWS_A_TURN: usize = 1_024;

/// A part of the file is handed over when it has so many bytes: one string of all would be copied
/// each time it grows.
const PART_BYTES: usize = 4 << 20;

/// The panel that chooses a table.
pub(super) struct Batch;

impl Study for Batch {
    fn id(&self) -> &'static str {
        "batch"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            // A file that was chosen a moment ago is still being read.
            while scene
                .session
                .openings
                .borrow()
                .contains_key(&TableId::BESIDE)
            {
                scene.breathe("Reading the file", None).await?;
                clock::yield_now().await;
            }
            Ok(panel(scene))
        })
    }
}

fn panel(scene: &Scene<'_>) -> Markup {
    let tables = scene.session.tables.borrow();
    let open: Vec<OpenTable> = tables
        .iter()
        .map(|(id, table)| OpenTable {
            id: id.0,
            name: table.name().to_owned(),
            rows: table.rows(),
        })
        .collect();
    // The last one that was opened is what a person has just dropped.
    let wanted = number(scene.knobs, "table").map(TableId);
    if wanted == Some(TableId::BESIDE) && !tables.contains_key(&TableId::BESIDE) {
        return unreadable();
    }
    let chosen = wanted
        .filter(|id| tables.contains_key(id))
        .or_else(|| tables.keys().next_back().copied());
    let fit = chosen.map(|id| (id.0, fit(scene.run, &tables[&id])));
    let chosen = fit.as_ref().map(|(id, fit)| (*id, fit));
    batch(&open, chosen, scene.knob("raw") == Some("true"))
}

fn fit(run: &Run, table: &Table) -> Fit {
    let names = inputs(run);
    let (found, missing) = names
        .iter()
        .cloned()
        .partition(|name| table.column(name).is_some());
    let new = table
        .columns()
        .iter()
        .map(|column| column.name().to_owned())
        .filter(|name| !names.contains(name))
        .collect();
    Fit {
        found,
        missing,
        new,
    }
}

/// Columns of a file that the model reads, those among them that steps make others of.
fn inputs(run: &Run) -> Vec<String> {
    let asked = &run.report.inputs;
    if asked.is_empty() {
        return run.recipe.inputs().into_iter().map(str::to_owned).collect();
    }
    asked.iter().map(|input| input.column.clone()).collect()
}

/// The file: the table's own columns, then the prediction with its probabilities or its range.
pub(super) async fn predicted(scene: &Scene<'_>) -> Result<Vec<String>, Failure> {
    let chosen = number(scene.knobs, "table").map(TableId);
    let table = chosen.and_then(|id| scene.session.tables.borrow().get(&id).map(Rc::clone));
    let table = table.ok_or_else(|| Failure {
        kind: FailureKind::Input,
        what: "This table is no longer open.".to_owned(),
        fix: "Open the file again and choose it.".to_owned(),
    })?;
    let run = scene.run;
    let judged = &run.report.evaluation;
    let labels = judged.names();
    let writer = CsvWriter {
        is_formula_safe: scene.knob("raw") != Some("true"),
        ..CsvWriter::default()
    };
    let names: Vec<String> = table
        .columns()
        .iter()
        .map(|column| column.name().to_owned())
        .collect();
    let mut header = names.clone();
    header.push(free_name("prediction", &names));
    match judged {
        Judged::Numbers(_) => {
            header.extend(["low", "high"].map(|name| free_name(name, &names)));
        }
        Judged::Labels(_) | Judged::LabelSets(_) => {
            header.extend(labels.iter().map(|label| format!("p_{label}")));
        }
    }
    let mut parts = vec![String::new()];
    write(&mut parts, &writer, &header);
    let rows: Vec<RowId> = (0..table.rows() as u32).map(RowId).collect();
    let mut watcher = Turns(clock::now());
    for (turn, rows) in rows.chunks(ROWS_A_TURN).enumerate() {
        let share = (turn * ROWS_A_TURN) as f32 / table.rows().max(1) as f32;
        scene.breathe("Predicting rows", Some(share)).await?;
        let cells = |&row: &RowId| names.iter().cloned().zip(table.row(row)).collect();
        let typed: Vec<Vec<(String, String)>> = rows.iter().map(cells).collect();
        let found = said(run, typed, &mut watcher).await;
        let found = found.map_err(|error| engine_failure(&error))?;
        for (&row, prediction) in rows.iter().zip(&found) {
            let mut cells = table.row(row);
            cells.extend(told(prediction, labels));
            write(&mut parts, &writer, &cells);
        }
    }
    Ok(parts)
}

/// What the model says of rows. What it read is not kept: it is not asked again, and a million
/// vectors would not fit.
async fn said(
    run: &Run,
    rows: Vec<Vec<(String, String)>>,
    watcher: &mut Turns,
) -> Result<Vec<Prediction>, EngineError> {
    let mut store = FeatureStore::default();
    let base = run.base.as_deref();
    match &run.model {
        Model::Text(tuned) => {
            let base = base.expect("a run on texts has an encoder");
            let most = run.recipe.max_tokens as usize;
            let encode = |row| base.tokenizer().encode(&run.read(row), most).ids;
            let tokens: Vec<Vec<u32>> = rows.into_iter().map(encode).collect();
            let outputs = tuned.score(base, &tokens, &mut store, watcher).await?;
            let shares = outputs.chunks_exact(tuned.labels.len());
            Ok(shares.map(|own| Prediction::Labels(own.to_vec())).collect())
        }
        Model::Table(tuned) => {
            let (recipe, fitted) = (&run.recipe, &run.fitted);
            tuned
                .answer_all(recipe, fitted, base, rows, &mut store, watcher)
                .await
        }
    }
}

/// The cells of a prediction: the answer, then its probabilities or its range.
fn told(prediction: &Prediction, labels: &[String]) -> Vec<String> {
    let (answer, shares) = match prediction {
        Prediction::Labels(shares) => (labels[most_probable(shares) as usize].clone(), shares),
        Prediction::LabelSet(shares) => {
            let own = labels
                .iter()
                .zip(shares)
                .filter(|(_, share)| **share >= 0.5);
            let own: Vec<&str> = own.map(|(label, _)| label.as_str()).collect();
            (own.join(";"), shares)
        }
        Prediction::Number { value, range } => {
            let ends = range.map(|ends| ends.map(|end| end.to_string()));
            let [low, high] = ends.unwrap_or_default();
            return vec![value.to_string(), low, high];
        }
    };
    let shares = shares.iter().map(|share| format!("{share:.6}"));
    std::iter::once(answer).chain(shares).collect()
}

fn write(parts: &mut Vec<String>, writer: &CsvWriter, cells: &[String]) {
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let last = parts.len() - 1;
    writer.write_row(&mut parts[last], &cells);
    if parts[last].len() >= PART_BYTES {
        parts.push(String::new());
    }
}

/// A name that no column has yet.
fn free_name(name: &str, taken: &[String]) -> String {
    let mut free = name.to_owned();
    while taken.contains(&free) {
        free.insert(0, '_');
    }
    free
}

/// Lets others take their turn while rows are scored.
struct Turns(f64);

impl Watcher for Turns {
    fn now(&self) -> f64 {
        clock::now()
    }

    fn notice(&mut self, _notice: Notice) {}

    async fn breathe(&mut self) -> Control {
        if clock::now() - self.0 >= 0.016 {
            clock::yield_now().await;
            self.0 = clock::now();
        }
        Control::Go
    }
}
