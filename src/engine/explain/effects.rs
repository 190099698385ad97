//! What the columns do over many rows: importance, dependence, local effects, interactions.
//!
//! The plans are in [`crate::domain::evaluation`] and take closures that answer at once; a model
//! that answers later is asked first, for everything that the plan is going to want.

use std::collections::VecDeque;

use super::Breath;
use super::row::{ColumnModel, ReadRows};
use crate::domain::evaluation::{
    AccumulatedEffects, Bootstrap, ColumnImportance, Dependence, EvaluationError, Predictions,
    accumulated_effects, column_importance, dependence, interaction, shuffles,
};
use crate::domain::explanation::Output;
use crate::domain::metric::{Metric, Scored};
use crate::engine::error::EngineError;

/// Rows of an interaction at the most: every pair of them is predicted.
pub const INTERACTION_ROWS: usize = 24;

/// Rows that a model is judged by.
pub struct JudgingRows<'a> {
    /// What the model reads in them.
    pub rows: &'a ReadRows,
    /// What they are, beside what the model says of them as they are.
    pub truth: &'a Scored<'a>,
    /// For each row the network that answers it, alone: one that did not learn from it.
    pub networks: &'a [usize],
}

/// What every column is worth to the model, by shuffling it over the rows.
///
/// # Errors
/// When the metric has no value on the rows, the device fails, or it was stopped.
pub async fn importance(
    model: &ColumnModel<'_>,
    judging: &JudgingRows<'_>,
    metric: &dyn Metric,
    repeats: u32,
    plan: &Bootstrap,
    breath: Breath<'_>,
    mut progress: impl FnMut(usize),
) -> Result<Vec<ColumnImportance>, EngineError> {
    let JudgingRows {
        rows,
        truth,
        networks,
    } = judging;
    let mut found = Vec::new();
    for (part, name) in model.names.iter().enumerate() {
        progress(part);
        let mut shuffled = Vec::new();
        for order in shuffles(rows.count(), part, repeats, plan.seed) {
            let mixed = model.swapped(rows, rows, part, 1, |_, row| order[row] as usize);
            let answers = model.answers_apart(&mixed, networks, breath).await?;
            shuffled.push(match truth {
                Scored::Numbers(_) => {
                    Predictions::Numbers(answers.iter().map(|one| f64::from(one[0])).collect())
                }
                _ => Predictions::Probabilities(answers.concat()),
            });
        }
        found.push(column_importance(name, metric, truth, &shuffled, plan)?);
    }
    Ok(found)
}

/// Partial dependence and the curves of single rows, over the cells of some rows of `grid`.
///
/// # Errors
/// When the device fails, or it was stopped.
pub async fn column_dependence(
    model: &ColumnModel<'_>,
    rows: &ReadRows,
    part: usize,
    grid: &ReadRows,
    output: Output,
    breath: Breath<'_>,
) -> Result<Dependence, EngineError> {
    let mixed = model.swapped(rows, grid, part, grid.count(), |at, _| at);
    let answers = model.answers(&mixed, breath).await?;
    let shown = |answer: &Vec<f32>| output.shown(output.of(answer));
    let mut answers: VecDeque<Vec<f64>> = answers
        .chunks_exact(rows.count().max(1))
        .map(|answers| answers.iter().map(shown).collect())
        .collect();
    let places: Vec<usize> = (0..grid.count()).collect();
    dependence(rows.count(), &places, |_| {
        answers.pop_front().ok_or(EngineError::NothingToExplain)
    })
}

/// Accumulated local effects of a column of numbers: `values` are the rows' numbers in the column's
/// own unit, and `encode` makes a row with a cell of such a number, in the column of `part`.
///
/// # Errors
/// When the column has fewer than two values, the device fails, or it was stopped.
#[expect(
    clippy::too_many_arguments,
    reason = "each is a different thing, and callers name all of them"
)]
pub async fn local_effects(
    model: &ColumnModel<'_>,
    rows: &ReadRows,
    part: usize,
    values: &[f64],
    steps: usize,
    output: Output,
    encode: impl AsyncFn(&[f64]) -> Result<ReadRows, EngineError>,
    breath: Breath<'_>,
) -> Result<AccumulatedEffects, EngineError> {
    // The first pass only writes down what the plan asks.
    let mut asked: Vec<(Vec<u32>, Vec<f64>)> = Vec::new();
    accumulated_effects(values, steps, |chosen, at| {
        asked.push((chosen.to_vec(), at.to_vec()));
        Ok::<_, EvaluationError>(vec![0.0; chosen.len()])
    })?;
    let mut answered: VecDeque<Vec<f64>> = VecDeque::new();
    for (chosen, at) in asked {
        let chosen: Vec<usize> = chosen.iter().map(|&row| row as usize).collect();
        let onto = rows.select(&chosen);
        let source = encode(&at).await?;
        let mixed = model.swapped(&onto, &source, part, 1, |_, row| row);
        let answers = model.answers(&mixed, breath).await?;
        answered.push_back(
            answers
                .iter()
                .map(|one| output.shown(output.of(one)))
                .collect(),
        );
    }
    accumulated_effects(values, steps, |_, _| {
        answered.pop_front().ok_or(EngineError::NothingToExplain)
    })
}

/// How much of what each pair of columns does they do only together, 0 to 1, over a few rows.
///
/// # Errors
/// When there are no rows, the device fails, or it was stopped.
pub async fn interactions(
    model: &ColumnModel<'_>,
    rows: &ReadRows,
    parts: &[usize],
    output: Output,
    breath: Breath<'_>,
) -> Result<Vec<(usize, usize, f64)>, EngineError> {
    let count = rows.count();
    // The dependence at each row's own cell: its cell is put onto all rows, and the answers averaged.
    let mean = async |mixed: ReadRows| -> Result<Vec<f64>, EngineError> {
        let answers = model.answers(&mixed, breath).await?;
        let values = answers.chunks_exact(count.max(1)).map(|answers| {
            let sum: f64 = answers.iter().map(|one| output.of(one)).sum();
            sum / count as f64
        });
        Ok(values.collect())
    };
    let mut alone = Vec::new();
    for &part in parts {
        alone.push(mean(model.swapped(rows, rows, part, count, |at, _| at)).await?);
    }
    let mut found = Vec::new();
    for (one, &first) in parts.iter().enumerate() {
        for (other, &second) in parts.iter().enumerate().skip(one + 1) {
            let mixed = model.swapped(rows, rows, first, count, |at, _| at);
            let both = model.swapped(&mixed, rows, second, 1, |_, row| row / count);
            let strength = interaction(&mean(both).await?, &alone[one], &alone[other])?;
            found.push((first, second, strength));
        }
    }
    found.sort_by(|a, b| b.2.total_cmp(&a.2));
    Ok(found)
}
