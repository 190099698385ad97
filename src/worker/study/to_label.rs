//! Which rows without a label to ask a person about.

use std::rc::Rc;

use super::doubts::{on_texts, open_table};
use super::learning::SceneWatcher;
use super::rows::row_text;
use super::{Drawn, Scene, Study, next_round};
use crate::domain::clean::Pin;
use crate::domain::evaluation::{Doubt, rows_to_label};
use crate::domain::examples::{Examples, join_texts};
use crate::domain::table::RowId;
use crate::engine::error::EngineError;
use crate::protocol::Failure;
use crate::view::to_label::{AskedRow, KEYS, ToLabel, to_label};
use crate::worker::session::engine_failure;

/// Rows that are asked about in a round. After so many, the model should learn before it asks on.
const ASKED: usize = 50;

/// Rows that are read to choose from: a minute on the CPU.
const READ: usize = 5_000;

/// Rows to label.
pub(super) struct ToLabelRows;

impl Study for ToLabelRows {
    fn id(&self) -> &'static str {
        crate::view::next_round::TO_LABEL
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let chosen = chosen(scene).await?;
            let done = scene.knob("done").unwrap_or_default();
            let is_done = |row: u32| done.split(',').any(|known| known.parse() == Ok(row));
            let next = chosen.rows.iter().find(|row| !is_done(row.pin.row.0));
            Ok(to_label(&ToLabel {
                target: &scene.run.recipe.target,
                row: next,
                all: chosen.all,
                done,
                start: &next_round::origin(scene),
            }))
        })
    }
}

/// Rows that were chosen for a run, kept with it.
pub(in crate::worker) struct ChosenRows {
    rows: Vec<AskedRow>,
    all: usize,
}

async fn chosen(scene: &Scene<'_>) -> Result<Rc<ChosenRows>, Failure> {
    if let Some(chosen) = &*scene.run.chosen.borrow() {
        return Ok(Rc::clone(chosen));
    }
    let table = open_table(scene)?;
    let recipe = &scene.run.recipe;
    let failed = |error: EngineError| engine_failure(&error);
    let examples = Examples::read(&table, recipe);
    let examples = examples.map_err(|issues| failed(EngineError::Input(issues)))?;
    let all = examples.unlabeled.len();
    // Spread over the table where there are more than can be read.
    let step = all.div_ceil(READ).max(1);
    let rows: Vec<RowId> = examples.unlabeled.iter().copied().step_by(step).collect();
    let texts: Vec<String> = rows
        .iter()
        .map(|&row| {
            let columns = recipe.text.iter().filter_map(|name| table.column(name));
            join_texts(columns.map(|column| column.cell(row)))
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut watcher = SceneWatcher::new(scene, "Reading the rows without a label");
    let (tuned, base) = on_texts(scene)?;
    let read = tuned.read(base, &texts, &mut watcher).await;
    let (probabilities, vectors) = read
        .map_err(failed)?
        .ok_or_else(|| failed(EngineError::Stopped))?;
    let labels = &tuned.labels;
    let width = vectors.len() / rows.len().max(1);
    let order = rows_to_label(
        &probabilities,
        labels.len(),
        &vectors,
        width,
        ASKED,
        Doubt::Margin,
    );
    let asked = order.into_iter().map(|at| {
        let of_row = &probabilities[at * labels.len()..][..labels.len()];
        let mut choices: Vec<(String, f32)> =
            labels.iter().cloned().zip(of_row.iter().copied()).collect();
        // A label keeps its key, unless there are more labels than keys.
        if choices.len() > KEYS {
            choices.sort_by(|a, b| b.1.total_cmp(&a.1));
            choices.truncate(KEYS);
        }
        AskedRow {
            pin: Pin::of(&table, rows[at]),
            text: row_text(scene, rows[at]).unwrap_or_default(),
            choices,
        }
    });
    let chosen = Rc::new(ChosenRows {
        rows: asked.collect(),
        all,
    });
    *scene.run.chosen.borrow_mut() = Some(Rc::clone(&chosen));
    Ok(chosen)
}
