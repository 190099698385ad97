//! The rows behind a cell of the confusion matrix, the surest first.

use super::{Drawn, Scene, Study, labels_of, number, slices, unknown};
use crate::domain::examples::join_texts;
use crate::domain::report::{Evaluation, Judged, RowPrediction};
use crate::domain::table::RowId;
use crate::domain::words;
use crate::protocol::Failure;
use crate::view::confusion::CELL_ROWS;
use crate::view::markup::Markup;
use crate::view::rows::{self, ReadRow, RowList};
use crate::view::slices::SLICE_ROWS;

/// Rows that are shown at first.
const SHOWN: usize = 20;

/// Rows that are shown at the most: more are no longer read.
const MOST_SHOWN: usize = 500;

/// The rows behind a cell.
pub(super) struct Rows;

impl Study for Rows {
    fn id(&self) -> &'static str {
        "rows"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            match scene.knob("column") {
                Some(column) => of_slice(scene, column),
                None => of_cell(scene),
            }
        })
    }
}

/// A row's texts; none when the table is no longer open.
pub(super) fn row_text(scene: &Scene, row: RowId) -> Option<String> {
    let table = scene.table()?;
    let cells = scene.run.recipe.inputs().into_iter().filter_map(|name| {
        let column = table
            .columns()
            .iter()
            .find(|column| column.name() == name)?;
        (row.index() < table.rows()).then(|| column.cell(row))
    });
    Some(join_texts(cells).replace('\n', " · "))
}

fn of_cell(scene: &Scene) -> Result<Markup, Failure> {
    let cell = scene.knob("cell").unwrap_or_default().to_owned();
    let place = cell.split_once('-').and_then(|(truth, predicted)| {
        Some((truth.parse::<u32>().ok()?, predicted.parse::<u32>().ok()?))
    });
    let evaluation = labels_of(scene)?;
    let name = |index: u32| evaluation.labels.get(index as usize).map(String::as_str);
    let (truth, predicted) = place.ok_or_else(|| unknown("cell", &cell))?;
    let (Some(is), Some(called)) = (name(truth), name(predicted)) else {
        return Err(unknown("cell", &cell));
    };
    let mut found: Vec<&RowPrediction> = evaluation
        .rows
        .iter()
        .filter(|row| row.truth == truth && row.predicted == predicted)
        .collect();
    found.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let all = words::rows(found.len() as u64);
    let title = if truth == predicted {
        format!("{all} that are {is} and were called so")
    } else {
        format!("{all} that are {is} and were called {called}")
    };
    let shown = number(scene.knobs, "shown")
        .unwrap_or(SHOWN)
        .min(MOST_SHOWN);
    let rows = found.iter().take(shown).map(|row| ReadRow {
        row: row.row,
        text: row_text(scene, row.row),
        facts: facts(evaluation, row),
    });
    Ok(rows::rows(&RowList {
        title,
        rows: rows.collect(),
        all: found.len().min(MOST_SHOWN),
        part: CELL_ROWS,
        knobs: vec![("cell", cell)],
    }))
}

/// The rows of a slice, the worst first.
fn of_slice(scene: &Scene, column: &str) -> Result<Markup, Failure> {
    let group = scene.knob("group").unwrap_or_default();
    let report = slices::report(scene).map_err(|_| unknown("group of rows", group))?;
    let found = report
        .slices
        .iter()
        .find(|slice| slice.column == column && slice.group == group)
        .ok_or_else(|| unknown("group of rows", group))?;
    let scores = &scene.run.scores.test;
    let errors = slices::errors(scores);
    let mut rows = found.rows.clone();
    rows.sort_by(|&a, &b| errors[b as usize].total_cmp(&errors[a as usize]));
    let judged = &scene.run.report.evaluation;
    let shown = number(scene.knobs, "shown")
        .unwrap_or(SHOWN)
        .min(MOST_SHOWN);
    let read = rows.iter().take(shown).map(|&at| {
        let row = scores.rows[at as usize];
        let facts = match judged {
            Judged::Labels(found) => facts(found, &found.rows[at as usize]),
            Judged::Numbers(found) => {
                let said = &found.rows[at as usize];
                let [is, called] = [said.truth, said.predicted].map(words::short_number);
                vec![
                    (format!("is {is}"), false),
                    (format!("said {called}"), false),
                ]
            }
            Judged::LabelSets(found) => {
                let said = &found.rows[at as usize];
                let [is, called] = [&said.truth, &said.predicted].map(|set| {
                    let names = set
                        .iter()
                        .map(|&label| found.labels[label as usize].as_str());
                    names.collect::<Vec<_>>().join(", ")
                });
                let is_wrong = said.truth != said.predicted;
                vec![
                    (format!("is {is}"), false),
                    (format!("called {called}"), is_wrong),
                ]
            }
        };
        ReadRow {
            row,
            text: row_text(scene, row),
            facts,
        }
    });
    Ok(rows::rows(&RowList {
        title: format!(
            "{} whose {column} is {group}",
            words::rows(rows.len() as u64)
        ),
        rows: read.collect(),
        all: rows.len().min(MOST_SHOWN),
        part: SLICE_ROWS,
        knobs: vec![("column", column.to_owned()), ("group", group.to_owned())],
    }))
}

/// What a row is and what it was called.
fn facts(evaluation: &Evaluation, said: &RowPrediction) -> Vec<(String, bool)> {
    let name = |label: u32| evaluation.labels[label as usize].as_str();
    let sure = words::percent(said.probability.into());
    vec![
        (format!("is {}", name(said.truth)), false),
        (
            format!("called {}, {sure} sure", name(said.predicted)),
            said.truth != said.predicted,
        ),
    ]
}
