//! The rows that can be explained, what they read like, and how the tuned model sees them.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::opened::row_of;
use super::super::{Scene, number};
use super::columns::{laid_open, seen_columns, table_model, with_texts};
use super::{breath, failed, labels, opened};
use crate::domain::examples::{Examples, join_texts};
use crate::domain::features::TableExamples;
use crate::domain::metric::most_probable;
use crate::domain::report::{Scores, Truth};
use crate::domain::table::RowId;
use crate::domain::task::{self, AnswerKind, Target};
use crate::domain::words::{percent, short_number};
use crate::engine::error::EngineError;
use crate::protocol::{Failure, FailureKind};
use crate::worker::session::engine_failure;

/// Rows whose vectors are made at the most: encoding more takes minutes on a CPU, and a map or a
/// list of neighbours does not need them.
const MOST_ROWS: usize = 1_000;

/// A row of the test, what it is and what the model says.
pub(super) struct TestRow {
    pub(super) row: RowId,
    pub(super) truth: String,
    pub(super) said: String,
    pub(super) is_wrong: bool,
    /// How much it deserves to be looked at.
    weight: f64,
}

/// Test rows: mistakes first, the surest or largest ahead; then the others, the least sure ahead.
fn worst_first(scene: &Scene) -> Vec<TestRow> {
    let mut rows = looked_at(scene, &scene.run.scores.test);
    rows.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    rows
}

/// The test row that a person came to: its place, the row, and how many there are.
pub(super) fn at_of(scene: &Scene) -> (usize, Option<TestRow>, usize) {
    let mut rows = worst_first(scene);
    let all = rows.len();
    let at = number::<usize>(scene.knobs, "at").unwrap_or_default();
    let at = at.min(all.saturating_sub(1));
    let row = (at < all).then(|| rows.swap_remove(at));
    (at, row, all)
}

/// Test and validation rows.
pub(super) fn judged(scene: &Scene) -> Vec<TestRow> {
    let mut rows = looked_at(scene, &scene.run.scores.test);
    rows.extend(looked_at(scene, &scene.run.scores.valid));
    rows
}

fn looked_at(scene: &Scene, scores: &Scores) -> Vec<TestRow> {
    let names = labels(scene);
    let width = scores.width();
    let answers = scores.outputs.chunks_exact(width.max(1));
    let row = |(at, (&row, answer)): (usize, (&RowId, &[f32]))| {
        let (truth, is_wrong, weight) = match &scores.truth {
            Truth::Labels(truth) => {
                let best = most_probable(answer);
                let share = f64::from(answer[best as usize]);
                let is_wrong = truth[at] != best;
                let weight = if is_wrong { 1.0 + share } else { 1.0 - share };
                (names[truth[at] as usize].clone(), is_wrong, weight)
            }
            Truth::LabelSets(truth) => {
                let own = &truth[at * width..][..width];
                let pairs = own.iter().zip(answer);
                let missed = pairs
                    .filter(|(has, share)| **has != (**share > 0.5))
                    .count();
                (
                    listed(&names, |label| own[label]),
                    missed > 0,
                    missed as f64,
                )
            }
            Truth::Numbers(truth) => {
                let error = (truth[at] - f64::from(answer[0])).abs();
                (short_number(truth[at]), false, error)
            }
        };
        TestRow {
            row,
            truth,
            said: said(scene, &names, answer),
            is_wrong,
            weight,
        }
    };
    scores
        .rows
        .iter()
        .zip(answers)
        .enumerate()
        .map(row)
        .collect()
}

/// An answer in words.
pub(super) fn said(scene: &Scene, names: &[String], answer: &[f32]) -> String {
    match task::answer(&scene.run.recipe.task) {
        AnswerKind::Number => short_number(f64::from(answer[0])),
        AnswerKind::Labels => listed(names, |label| answer[label] > 0.5),
        AnswerKind::Label | AnswerKind::Rank => {
            let best = most_probable(answer) as usize;
            let name = names.get(best).map_or("", String::as_str);
            format!("{name}, {} sure", percent(answer[best].into()))
        }
    }
}

fn listed(names: &[String], has: impl Fn(usize) -> bool) -> String {
    let own = (0..names.len()).filter(|&label| has(label));
    let own: Vec<&str> = own.map(|label| names[label].as_str()).collect();
    if own.is_empty() {
        "none of the labels".to_owned()
    } else {
        own.join(", ")
    }
}

/// A row's text as a person wrote it; none when the table is closed.
pub(super) fn text_of(scene: &Scene, row: RowId) -> Option<String> {
    let table = scene.table()?;
    let names = &scene.run.recipe.text;
    let columns = names.iter().filter_map(|name| table.column(name));
    (row.index() < table.rows()).then(|| join_texts(columns.map(|column| column.cell(row))))
}

/// A typed text as the model reads it: prepared by the recipe's steps where it stands for one column.
pub(super) fn prepared(scene: &Scene, typed: &str) -> String {
    match scene.run.recipe.text.as_slice() {
        [name] => scene.run.read(vec![(name.clone(), typed.to_owned())]),
        _ => typed.to_owned(),
    }
}

/// The text of the knobs as the model reads it: typed as one text, or a field a column.
pub(super) fn typed(scene: &Scene) -> String {
    match scene.knob("text") {
        Some(text) => prepared(scene, text),
        None => scene.run.read(row_of(scene)),
    }
}

/// Rows as the tuned model sees them.
pub(in crate::worker) struct SeenRows {
    /// Which.
    pub(super) rows: Vec<RowId>,
    /// What they read like.
    pub(super) texts: Vec<String>,
    /// What each should be.
    pub(super) truths: Vec<String>,
    /// Their vectors, shape `[rows, width]`.
    pub(super) vectors: Vec<f32>,
    pub(super) width: usize,
}

/// Rows as the tuned model sees them, by which they are; kept with a run once they were made.
pub(in crate::worker) type SeenParts = BTreeMap<&'static str, Rc<SeenRows>>;

/// The training rows (`train`), or those that were judged (validation and test): at most a thousand
/// of them, evenly chosen.
pub(super) async fn seen(scene: &Scene<'_>, part: &'static str) -> Result<Rc<SeenRows>, Failure> {
    if let Some(known) = scene.run.seen.borrow().get(part) {
        return Ok(Rc::clone(known));
    }
    let scores = &scene.run.scores;
    let spread = |train: &[RowId]| -> Vec<RowId> {
        let all: Vec<RowId> = match part {
            "train" => train.to_vec(),
            _ => scores
                .test
                .rows
                .iter()
                .chain(&scores.valid.rows)
                .copied()
                .collect(),
        };
        let count = all.len().min(MOST_ROWS);
        (0..count).map(|at| all[at * all.len() / count]).collect()
    };
    let seen = Rc::new(if table_model(scene).is_some() {
        seen_by_columns(scene, spread).await?
    } else {
        seen_by_words(scene, spread).await?
    });
    scene.run.seen.borrow_mut().insert(part, Rc::clone(&seen));
    Ok(seen)
}

async fn seen_by_words(
    scene: &Scene<'_>,
    spread: impl Fn(&[RowId]) -> Vec<RowId>,
) -> Result<SeenRows, Failure> {
    let breathe = breath(scene, "Reading the rows with the tuned model");
    let table = scene.table().ok_or_else(closed)?;
    let examples = Examples::read(&table, &scene.run.recipe)
        .map_err(|issues| engine_failure(&EngineError::Input(issues)))?;
    let rows = spread(&examples.split.train);
    let read = rows.iter().map(|row| examples.texts[row.index()].as_str());
    let read: Vec<&str> = read.collect();
    let model = opened(scene).await?;
    let (vectors, width) = model.embed(&read, &breathe).await.map_err(failed)?;
    let name = |&row: &RowId| examples.labels[examples.label(row) as usize].clone();
    Ok(SeenRows {
        texts: read.iter().map(|text| text.replace('\n', " · ")).collect(),
        truths: rows.iter().map(name).collect(),
        rows,
        vectors,
        width,
    })
}

async fn seen_by_columns(
    scene: &Scene<'_>,
    spread: impl Fn(&[RowId]) -> Vec<RowId>,
) -> Result<SeenRows, Failure> {
    let breathe = breath(scene, "Reading the rows with the tuned model");
    let model = laid_open(scene)?;
    let columns = seen_columns(scene, &model).await?;
    let TableExamples {
        table,
        target,
        split,
        ..
    } = &columns.examples;
    let rows = spread(&split.train);
    let read = with_texts(scene, async |store| {
        model.read(table, &rows, store, &breathe).await
    });
    let (vectors, width) = model.embed(&read.await?, &breathe).await.map_err(failed)?;
    let inputs = || scene.run.report.inputs.iter();
    let cells = |row: &RowId| {
        let own = inputs().filter_map(|input| {
            let cell = table.column(&input.column)?.cell(*row);
            Some(format!("{} {}", input.column, shown(cell)))
        });
        own.collect::<Vec<_>>().join(" · ")
    };
    Ok(SeenRows {
        texts: rows.iter().map(cells).collect(),
        truths: rows.iter().map(|&row| truth_of(target, row)).collect(),
        rows,
        vectors,
        width,
    })
}

fn shown(cell: &str) -> &str {
    if cell.is_empty() { "–" } else { cell }
}

/// What a row is, in words.
fn truth_of(target: &Target, row: RowId) -> String {
    let at = row.index();
    match target {
        Target::Labels(labels) | Target::Ranks(labels) => {
            let own = labels.of_row[at].map(|label| labels.names[label as usize].clone());
            own.unwrap_or_default()
        }
        Target::Numbers(numbers) => numbers[at].map(short_number).unwrap_or_default(),
        Target::LabelSets(sets) => {
            let own = sets.of_row[at].as_deref().unwrap_or_default();
            listed(&sets.names, |label| own.contains(&(label as u32)))
        }
    }
}

pub(super) fn closed() -> Failure {
    Failure {
        kind: FailureKind::Input,
        what: "The table of this run is closed, so its rows cannot be read.".to_owned(),
        fix: "Open the table again.".to_owned(),
    }
}
