//! The smallest change of a row's columns that would get another answer.

use std::collections::BTreeMap;

use super::Breath;
use super::row::{Cells, ColumnModel, ReadRows};
use crate::domain::explanation::Output;
use crate::domain::missing::is_missing;
use crate::domain::table::{RowId, Table};
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;

/// Sets of changes that are followed further at a time.
const BEAM: usize = 4;

/// Columns that are changed at the most: what needs more is no small change.
const MOST_COLUMNS: usize = 4;

/// Rounds of halving on the way to the nearest cell that still flips.
const HALVINGS: usize = 12;

/// Cells of a column without an order that are tried, the most frequent ones.
const MOST_CELLS: usize = 24;

/// Cells that a column could have instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternatives {
    /// The column.
    pub column: String,
    /// Its part, see [`ColumnModel::names`].
    pub part: usize,
    /// Cells of training rows. Of a column with an order (numbers, dates) all, ascending; of others
    /// the most frequent.
    pub cells: Vec<String>,
    /// Whether they have an order.
    pub is_ordered: bool,
}

/// What each column could have instead, from the rows that the model learned from. Texts have no
/// alternatives.
pub fn alternatives(model: &ColumnModel<'_>, table: &Table, train: &[RowId]) -> Vec<Alternatives> {
    let mut found = Vec::new();
    for (part, name) in model.names.iter().enumerate() {
        let (Some(span), Some(column)) = (model.span(part), table.column(name)) else {
            continue;
        };
        let mut rows_of: BTreeMap<&str, u32> = BTreeMap::new();
        for &row in train {
            let cell = column.cell(row);
            if !is_missing(cell) {
                *rows_of.entry(cell).or_default() += 1;
            }
        }
        let is_ordered = !span[0].is_empty();
        let cells = if is_ordered {
            let plan = model.tuned().plan();
            let scaled = |cell: &str| {
                let row = plan.encode_cells(|other| if other == name { cell } else { "" });
                row.numbers[span[0].start]
            };
            let cells = rows_of.into_keys().map(|cell| (scaled(cell), cell));
            let mut cells: Vec<(f32, &str)> = cells.collect();
            cells.sort_by(|a, b| a.0.total_cmp(&b.0));
            // Two spellings of a number are one change.
            cells.dedup_by(|a, b| a.0 == b.0);
            cells.into_iter().map(|(_, cell)| cell.to_owned()).collect()
        } else {
            let mut cells: Vec<(&str, u32)> = rows_of.into_iter().collect();
            cells.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
            let frequent = cells.into_iter().take(MOST_CELLS);
            frequent.map(|(cell, _)| cell.to_owned()).collect()
        };
        found.push(Alternatives {
            column: name.clone(),
            part,
            cells,
            is_ordered,
        });
    }
    found
}

/// Cells without which the answer would be another one.
#[derive(Debug, Clone, PartialEq)]
pub struct SmallestChange {
    /// Column and the cell that it would have.
    pub changed: Vec<(String, String)>,
    /// The answer then.
    pub answer: Vec<f32>,
}

/// Cells of an ordered column that are tried at first, from end to end.
const TRIED: usize = 12;

/// The fewest columns found whose change flips the answer, each changed as little as that takes;
/// `None` where up to 4 do not. A number flips when it leaves the band of `width` around it, a set of
/// labels when `label` joins or leaves it.
///
/// Columns change to cells that training rows have. Of a number or a date a dozen are tried, and
/// then the way between the row's own cell and the one that flips is halved.
///
/// # Errors
/// When the device fails, or it was stopped.
pub async fn smallest_change(
    model: &ColumnModel<'_>,
    row: &Cells,
    alternatives: &[Alternatives],
    (label, width): (Option<usize>, f64),
    store: &mut FeatureStore,
    breath: Breath<'_>,
) -> Result<Option<SmallestChange>, EngineError> {
    let own = model
        .read_cells(std::slice::from_ref(row), store, breath)
        .await?;
    let answer = model.answers(&own, breath).await?.remove(0);
    let output = match model.output(&answer, label) {
        // It is the answer that is to be another one, whichever label somebody asks about.
        Output::Label(_) => model.output(&answer, None),
        output => output,
    };
    let value = output.of(&answer);
    // Of a label that is not there, what speaks for it has to grow.
    let side = if output.shown(value) > 0.5 { 1.0 } else { -1.0 };
    let is_flipped = |other: &[f32]| output.is_flipped(other, &answer, width);
    let moved = |other: &[f32]| match output {
        Output::Number => (output.of(other) - value).abs(),
        Output::Has(_) => side * (value - output.of(other)),
        Output::Label(_) => value - output.of(other),
    };
    let mut trials: Vec<(usize, String)> = Vec::new();
    for (at, one) in alternatives.iter().enumerate() {
        let count = one.cells.len();
        let tried: Vec<usize> = if one.is_ordered && count > TRIED {
            (0..TRIED)
                .map(|step| step * (count - 1) / (TRIED - 1))
                .collect()
        } else {
            (0..count).collect()
        };
        let cells = tried.into_iter().map(|cell| one.cells[cell].clone());
        let fresh = cells.filter(|cell| row.get(&one.column) != Some(cell));
        trials.extend(fresh.map(|cell| (at, cell)));
    }
    // The first set is empty; each round adds one changed column to each set of the beam.
    let mut beam: Vec<Cells> = vec![Cells::new()];
    for _ in 0..MOST_COLUMNS.min(alternatives.len()) {
        let mut sets: Vec<(Cells, usize)> = Vec::new();
        for set in &beam {
            for (at, cell) in &trials {
                let column = &alternatives[*at].column;
                if !set.contains_key(column) {
                    let mut larger = set.clone();
                    larger.insert(column.clone(), cell.clone());
                    sets.push((larger, *at));
                }
            }
        }
        let rows: Vec<Cells> = sets.iter().map(|(set, _)| changed(row, set)).collect();
        let read = model.read_cells(&rows, store, breath).await?;
        let answers = model.answers(&read, breath).await?;
        let mut ranked: Vec<(f64, Cells, usize, Vec<f32>)> = sets
            .into_iter()
            .zip(answers)
            .map(|((set, last), answer)| (moved(&answer), set, last, answer))
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        // Of all that flip, the one that changes the answer least changes the row least, as a rule.
        if let Some((_, set, last, answer)) = ranked.iter().rev().find(|one| is_flipped(&one.3)) {
            let flip = SmallestChange {
                changed: set.clone().into_iter().collect(),
                answer: answer.clone(),
            };
            let last = &alternatives[*last];
            return halved(model, row, flip, last, &is_flipped, store, breath)
                .await
                .map(Some);
        }
        beam = Vec::new();
        for (_, set, ..) in ranked {
            let columns = |set: &Cells| set.keys().cloned().collect::<Vec<_>>();
            if beam.len() < BEAM && !beam.iter().any(|other| columns(other) == columns(&set)) {
                beam.push(set);
            }
        }
    }
    Ok(None)
}

fn changed(row: &Cells, set: &Cells) -> Cells {
    let mut changed = row.clone();
    changed.extend(
        set.iter()
            .map(|(column, cell)| (column.clone(), cell.clone())),
    );
    changed
}

/// Moves the last changed cell towards the row's own as far as the answer stays flipped.
async fn halved(
    model: &ColumnModel<'_>,
    row: &Cells,
    mut flip: SmallestChange,
    last: &Alternatives,
    is_flipped: &dyn Fn(&[f32]) -> bool,
    store: &mut FeatureStore,
    breath: Breath<'_>,
) -> Result<SmallestChange, EngineError> {
    let Some(span) = model.span(last.part).filter(|_| last.is_ordered) else {
        return Ok(flip);
    };
    let span = span.clone();
    let read = model
        .read_cells(std::slice::from_ref(row), store, breath)
        .await?;
    let own = read.number(0, &span).unwrap_or_default();
    let numbers = numbers(model, row, last, store, breath).await?;
    let mut set: Cells = flip.changed.iter().cloned().collect();
    let Some(far) = last
        .cells
        .iter()
        .position(|cell| *cell == set[&last.column])
    else {
        return Ok(flip);
    };
    // The row's own place is between two cells; the nearest cell that flips is looked for from there.
    let above = numbers.iter().filter(|number| **number < own).count() as isize;
    let mut far = far as isize;
    let mut near = if far >= above { above - 1 } else { above };
    for _ in 0..HALVINGS {
        if near.abs_diff(far) <= 1 {
            break;
        }
        let middle = near.midpoint(far);
        set.insert(last.column.clone(), last.cells[middle as usize].clone());
        let read = model
            .read_cells(&[changed(row, &set)], store, breath)
            .await?;
        let answer = model.answers(&read, breath).await?.remove(0);
        if is_flipped(&answer) {
            far = middle;
            flip = SmallestChange {
                changed: set.clone().into_iter().collect(),
                answer,
            };
        } else {
            near = middle;
        }
    }
    Ok(flip)
}

/// The scaled numbers of a column's cells.
async fn numbers(
    model: &ColumnModel<'_>,
    row: &Cells,
    column: &Alternatives,
    store: &mut FeatureStore,
    breath: Breath<'_>,
) -> Result<Vec<f32>, EngineError> {
    let with = |cell: &String| {
        let mut row = row.clone();
        row.insert(column.column.clone(), cell.clone());
        row
    };
    let rows: Vec<Cells> = column.cells.iter().map(with).collect();
    let read: ReadRows = model.read_cells(&rows, store, breath).await?;
    let span = model.span(column.part).cloned().unwrap_or_default();
    Ok((0..read.count())
        .map(|at| read.number(at, &span).unwrap_or_default())
        .collect())
}
