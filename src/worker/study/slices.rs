//! Groups of rows on which a run is worse.

use super::{Drawn, Scene, Study, refused};
use crate::domain::column;
use crate::domain::evaluation::{
    Bootstrap, EvaluationError, SliceColumn, SliceReport, find_slices,
};
use crate::domain::metric::most_probable;
use crate::domain::missing::is_missing;
use crate::domain::report::{Scores, Truth};
use crate::domain::table::Table;
use crate::domain::words;
use crate::view::markup::Markup;
use crate::view::slices;

/// A column of more values than this is no column of groups.
const MOST_VALUES: usize = 60;

/// Columns that are looked at: every further one asks for stronger evidence of all.
const MOST_COLUMNS: usize = 40;

/// The worst slices.
pub(super) struct Slices;

impl Study for Slices {
    fn id(&self) -> &'static str {
        "slices"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            scene.breathe("Looking at groups of rows", None).await?;
            Ok(match report(scene) {
                Ok(report) => shown(scene, &report),
                Err(error) => refused(&error),
            })
        })
    }
}

fn shown(scene: &Scene, report: &SliceReport) -> Markup {
    match scene.run.scores.test.truth {
        Truth::Numbers(_) => slices::slices(report, "mean error", words::short_number),
        _ => slices::slices(report, "wrong", words::percent),
    }
}

/// Every slice of the test rows.
///
/// # Errors
/// Without rows.
pub(super) fn report(scene: &Scene) -> Result<SliceReport, EvaluationError> {
    let scores = &scene.run.scores.test;
    let plan = Bootstrap::new(scene.run.recipe.seed.into());
    find_slices(&errors(scores), &columns(scene), &plan)
}

/// 1 where a row is wrong and 0 where it is right; the absolute error of a number.
pub(super) fn errors(scores: &Scores) -> Vec<f64> {
    let width = scores.width().max(1);
    match &scores.truth {
        Truth::Labels(truth) => truth
            .iter()
            .zip(scores.outputs.chunks_exact(width))
            .map(|(&truth, row)| f64::from(u8::from(most_probable(row) != truth)))
            .collect(),
        Truth::LabelSets(truth) => truth
            .chunks_exact(width)
            .zip(scores.outputs.chunks_exact(width))
            .map(|(truth, row)| {
                let is_right = truth.iter().zip(row).all(|(&is, &p)| is == (p >= 0.5));
                f64::from(u8::from(!is_right))
            })
            .collect(),
        Truth::Numbers(truth) => truth
            .iter()
            .zip(&scores.outputs)
            .map(|(truth, &found)| (truth - f64::from(found)).abs())
            .collect(),
    }
}

/// What the test rows can be sliced by: the table's columns, lengths of texts, rarity of labels.
fn columns(scene: &Scene) -> Vec<SliceColumn> {
    let run = scene.run;
    let test = &run.scores.test;
    let mut columns = Vec::new();
    if let Truth::Labels(truth) = &test.truth {
        let names = run.report.evaluation.names();
        let labels = truth
            .iter()
            .map(|&label| names.get(label as usize).map(String::as_str));
        columns.push(SliceColumn::values("true label", labels));
        columns.push(SliceColumn::label_rarity(
            "training rows of the label",
            truth,
            &run.scores.train_rows,
        ));
    }
    if let Some(table) = scene.table() {
        columns.extend(of_table(&table, scene));
    }
    columns.truncate(MOST_COLUMNS);
    columns
}

fn of_table(table: &Table, scene: &Scene) -> Vec<SliceColumn> {
    let recipe = &scene.run.recipe;
    let rows = &scene.run.scores.test.rows;
    let others = table
        .columns()
        .iter()
        .filter(|column| column.name() != recipe.target);
    let others = others.filter(|column| rows.iter().all(|row| row.index() < column.codes().len()));
    let columns = others.filter_map(|column| {
        let cells = || rows.iter().map(|&row| column.cell(row));
        let name = column.name();
        if recipe.text.iter().any(|text| text == name) {
            return Some(SliceColumn::text_length(
                &format!("{name}, characters"),
                cells(),
            ));
        }
        let kind = column::summarize_with(column, &recipe.schema).kind;
        if kind == "number" {
            let numbers: Vec<f64> = cells()
                .map(|cell| cell.trim().parse().unwrap_or(f64::NAN))
                .collect();
            return Some(SliceColumn::numbers(name, &numbers));
        }
        let values = cells().map(|cell| Some(cell.trim()).filter(|cell| !is_missing(cell)));
        (column.distinct().len() <= MOST_VALUES).then(|| SliceColumn::values(name, values))
    });
    columns.collect()
}
