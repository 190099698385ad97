//! Predicting every row of a table that is open.

use std::rc::Rc;

use super::{Drawn, Scene, Study, number};
use crate::domain::csv::CsvWriter;
use crate::domain::metric::most_probable;
use crate::domain::table::{RowId, Table};
use crate::engine::features::FeatureStore;
use crate::engine::train::{Control, Notice, Watcher};
use crate::protocol::{Failure, FailureKind, TableId};
use crate::view::batch::{Fit, OpenTable, batch};
use crate::view::markup::Markup;
use crate::worker::clock;
use crate::worker::session::{Run, engine_failure};

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
        Box::pin(async move { Ok(panel(scene)) })
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
    let chosen = number(scene.knobs, "table")
        .map(TableId)
        .filter(|id| tables.contains_key(id))
        .or_else(|| tables.keys().next_back().copied());
    let fit = chosen.map(|id| (id.0, fit(scene.run, &tables[&id])));
    let chosen = fit.as_ref().map(|(id, fit)| (*id, fit));
    batch(&open, chosen, scene.knob("raw") == Some("true"))
}

fn fit(run: &Run, table: &Table) -> Fit {
    let names: Vec<String> = run.recipe.inputs().into_iter().map(str::to_owned).collect();
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

/// The file: the table's own columns, then the prediction and the probabilities.
pub(super) async fn predicted(scene: &Scene<'_>) -> Result<Vec<String>, Failure> {
    let chosen = number(scene.knobs, "table").map(TableId);
    let table = chosen.and_then(|id| scene.session.tables.borrow().get(&id).map(Rc::clone));
    let table = table.ok_or_else(|| Failure {
        kind: FailureKind::Input,
        what: "This table is no longer open.".to_owned(),
        fix: "Open the file again and choose it.".to_owned(),
    })?;
    let run = scene.run;
    let labels = &run.tuned.labels;
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
    header.extend(labels.iter().map(|label| format!("p_{label}")));
    let mut parts = vec![String::new()];
    write(&mut parts, &writer, &header);
    let rows: Vec<RowId> = (0..table.rows() as u32).map(RowId).collect();
    let mut store = FeatureStore::default();
    let mut watcher = Turns(clock::now());
    for (turn, rows) in rows.chunks(ROWS_A_TURN).enumerate() {
        let share = (turn * ROWS_A_TURN) as f32 / table.rows().max(1) as f32;
        scene.breathe("Predicting rows", Some(share)).await?;
        let tokens: Vec<Vec<u32>> = rows
            .iter()
            .map(|&row| {
                let cells = names.iter().cloned().zip(table.row(row)).collect();
                let text = run.read(cells);
                let most = run.recipe.max_tokens as usize;
                run.base.tokenizer().encode(&text, most).ids
            })
            .collect();
        let scored = run
            .tuned
            .score(&run.base, &tokens, &mut store, &mut watcher);
        let outputs = scored.await.map_err(|error| engine_failure(&error))?;
        // What was read is not asked again, and a million vectors would not fit.
        store = FeatureStore::default();
        for (&row, shares) in rows.iter().zip(outputs.chunks_exact(labels.len())) {
            let mut cells = table.row(row);
            cells.push(labels[most_probable(shares) as usize].clone());
            cells.extend(shares.iter().map(|share| format!("{share:.6}")));
            write(&mut parts, &writer, &cells);
        }
    }
    Ok(parts)
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
