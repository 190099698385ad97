//! Numbers that together make the target: casual and registered riders are all riders.
//!
//! Least squares over all columns of numbers; where they reproduce the target, columns are left
//! out one by one as long as the rest still does.

use super::look::{Look, Truth, values};
use super::{LeakFix, LeakKind, Suspect};

/// Share of the variance on rows that were not fitted from which the target is reproduced.
const REPRODUCED: f64 = 0.999;

/// More columns of numbers are not looked at together.
const MOST_COLUMNS: usize = 60;

/// Rows that are fitted and judged, at most and at least so many for each column.
const ROWS: usize = 2_000;
const ROWS_PER_COLUMN: usize = 4;

pub(super) fn find(look: &Look) -> Vec<Suspect> {
    let Truth::Numbers(truth) = &look.truth else {
        return Vec::new();
    };
    let step = look.rows.len().div_ceil(ROWS).max(1);
    let chosen: Vec<usize> = (0..look.rows.len()).step_by(step).collect();
    let mut names = Vec::new();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for looked in look.columns.iter().filter(|looked| looked.kind == "number") {
        let all = values(looked.column);
        let of_row = |&at: &usize| all[look.rows[at].index()];
        // A row with a gap would leave all other columns without that row.
        let values: Option<Vec<f64>> = chosen.iter().map(of_row).collect();
        if let Some(values) = values.and_then(standardized) {
            names.push(looked.name());
            columns.push(values);
        }
    }
    let target = standardized(chosen.iter().map(|&at| truth[at]).collect());
    let Some(target) = target.filter(|_| names.len() >= 2 && names.len() <= MOST_COLUMNS) else {
        return Vec::new();
    };
    if chosen.len() < ROWS_PER_COLUMN * names.len() {
        return Vec::new();
    }
    let mut used: Vec<usize> = (0..names.len()).collect();
    let mut explained = reproduced(&columns, &used, &target);
    if explained < REPRODUCED {
        return Vec::new();
    }
    loop {
        let without = |left_out: usize| -> Vec<usize> {
            used.iter()
                .copied()
                .filter(|column| *column != left_out)
                .collect()
        };
        let best = used
            .iter()
            .map(|&left_out| (reproduced(&columns, &without(left_out), &target), left_out))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match best {
            Some((share, left_out)) if share >= REPRODUCED && used.len() > 1 => {
                used = without(left_out);
                explained = share;
            }
            _ => break,
        }
    }
    // One column alone is told of as a copy.
    if used.len() < 2 {
        return Vec::new();
    }
    let columns: Vec<String> = used
        .iter()
        .map(|&column| names[column].to_owned())
        .collect();
    vec![Suspect {
        kind: LeakKind::CopyOfTarget,
        what: format!(
            "Columns {} together make \"{}\": weighted and added they explain {:.2} % of its variance on training rows that they were not fitted to.",
            listed(&columns),
            look.recipe.target,
            explained * 100.0
        ),
        why: "The target is made of them, so where it is not known yet they are not either."
            .to_owned(),
        strength: explained,
        rows: look.rows.iter().take(3).copied().collect(),
        fixes: vec![LeakFix::DropColumns(columns.clone())],
        columns,
    }]
}

fn listed(columns: &[String]) -> String {
    let quoted: Vec<String> = columns
        .iter()
        .map(|column| format!("\"{column}\""))
        .collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => quoted.concat(),
    }
}

/// With mean 0 and variance 1; `None` where nothing varies.
fn standardized(mut values: Vec<f64>) -> Option<Vec<f64>> {
    let rows = values.len() as f64;
    let mean = values.iter().sum::<f64>() / rows;
    let variance = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / rows;
    if !(variance > 0.0 && variance.is_finite()) {
        return None;
    }
    for value in &mut values {
        *value = (*value - mean) / variance.sqrt();
    }
    Some(values)
}

/// The share of the target's variance on every fifth row that least squares on the others explain.
fn reproduced(columns: &[Vec<f64>], used: &[usize], target: &[f64]) -> f64 {
    let is_judged = |row: usize| row % 5 == 4;
    let width = used.len();
    let mut normal = vec![vec![0.0; width + 1]; width];
    for (i, &a) in used.iter().enumerate() {
        for (j, &b) in used.iter().enumerate().skip(i) {
            let product = dot(&columns[a], &columns[b], |row| !is_judged(row));
            normal[i][j] = product;
            normal[j][i] = product;
        }
        normal[i][i] += 1e-9 * target.len() as f64;
        normal[i][width] = dot(&columns[a], target, |row| !is_judged(row));
    }
    let Some(weights) = solved(normal) else {
        return 0.0;
    };
    let (mut with, mut without) = (0.0, 0.0);
    for row in (0..target.len()).filter(|&row| is_judged(row)) {
        let guess: f64 = used
            .iter()
            .zip(&weights)
            .map(|(&column, weight)| columns[column][row] * weight)
            .sum();
        with += (target[row] - guess).powi(2);
        without += target[row].powi(2);
    }
    if without > 0.0 {
        1.0 - with / without
    } else {
        0.0
    }
}

fn dot(a: &[f64], b: &[f64], is_fitted: impl Fn(usize) -> bool) -> f64 {
    let rows = (0..a.len()).filter(|&row| is_fitted(row));
    rows.map(|row| a[row] * b[row]).sum()
}

/// Solves a system given as rows of coefficients and right-hand side, by Gaussian elimination with
/// partial pivoting; `None` where it is singular.
fn solved(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let width = rows.len();
    for at in 0..width {
        let pivot = (at..width).max_by(|&a, &b| rows[a][at].abs().total_cmp(&rows[b][at].abs()))?;
        rows.swap(at, pivot);
        if rows[at][at].abs() < 1e-12 {
            return None;
        }
        let (above, below) = rows.split_at_mut(at + 1);
        let pivot = &above[at];
        for row in below {
            let factor = row[at] / pivot[at];
            for (value, of_pivot) in row.iter_mut().zip(pivot).skip(at) {
                *value -= factor * of_pivot;
            }
        }
    }
    let mut solution = vec![0.0; width];
    for at in (0..width).rev() {
        let known: f64 = (at + 1..width)
            .map(|other| rows[at][other] * solution[other])
            .sum();
        solution[at] = (rows[at][width] - known) / rows[at][at];
    }
    Some(solution)
}
