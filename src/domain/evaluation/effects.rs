//! How a prediction moves with a column: partial dependence, single rows, accumulated local effects,
//! and whether two columns act together.

use serde::{Deserialize, Serialize};

use super::EvaluationError;

/// Curves of single rows are kept for so many rows at the most: more make a grey block.
const MOST_CURVES: usize = 50;

/// How the prediction moves when a column is set to each of some values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dependence {
    /// The mean prediction over the rows at each value.
    pub mean: Vec<f64>,
    /// Individual conditional expectation: the prediction of single rows at each value, shape
    /// `[curves, values]`; evenly chosen rows where there are many.
    pub curves: Vec<Vec<f64>>,
    /// The rows of the curves.
    pub rows: Vec<u32>,
}

/// Partial dependence and the curves of single rows; `predict` answers for all rows with the column
/// set to one value.
///
/// The mean is over rows that may not exist, such as a child of 90 kg: where columns go together look
/// at [`accumulated_effects`].
///
/// Source: Friedman 2001, "Greedy function approximation", section 8.2; Goldstein et al. 2015,
/// "Peeking inside the black box", for the curves.
///
/// # Errors
/// Without rows or values, when answers do not fit or are not finite; those of `predict`.
pub fn dependence<T, E: From<EvaluationError>>(
    rows: usize,
    grid: &[T],
    mut predict: impl FnMut(&T) -> Result<Vec<f64>, E>,
) -> Result<Dependence, E> {
    EvaluationError::check_rows(rows, rows)?;
    EvaluationError::check_least("values of the column", grid.len(), 1)?;
    let count = rows.min(MOST_CURVES);
    let kept: Vec<u32> = (0..count).map(|at| (at * rows / count) as u32).collect();
    let mut mean = Vec::with_capacity(grid.len());
    let mut curves = vec![Vec::with_capacity(grid.len()); count];
    for value in grid {
        let answers = predict(value)?;
        EvaluationError::check_rows(rows, answers.len())?;
        EvaluationError::check_finite(&answers)?;
        mean.push(answers.iter().sum::<f64>() / rows as f64);
        for (curve, &row) in curves.iter_mut().zip(&kept) {
            curve.push(answers[row as usize]);
        }
    }
    Ok(Dependence {
        mean,
        curves,
        rows: kept,
    })
}

/// Values of a column at equal steps of its rows, ascending and each once, its ends included.
///
/// # Errors
/// When no value is finite.
pub fn grid(values: &[f64], steps: usize) -> Result<Vec<f64>, EvaluationError> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    if sorted.is_empty() {
        return Err(EvaluationError::NoRows);
    }
    sorted.sort_by(f64::total_cmp);
    let steps = steps.max(1);
    let mut grid: Vec<f64> = (0..=steps)
        .map(|step| sorted[step * (sorted.len() - 1) / steps])
        .collect();
    grid.dedup();
    Ok(grid)
}

/// How the prediction moves along a column, by what it does to rows that are there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccumulatedEffects {
    /// Values of the column, ascending.
    pub grid: Vec<f64>,
    /// The effect at each, around a mean of 0 over the rows.
    pub effects: Vec<f64>,
    /// Rows between each value and the next.
    pub rows: Vec<u32>,
}

/// Accumulated local effects of a column of numbers; `predict` answers for chosen rows, by their
/// indices, with the column set to a value each. Rows without a finite value are left out.
///
/// Source: Apley and Zhu 2020, "Visualizing the effects of predictor variables in black box
/// supervised learning models", equations 15 and 16.
///
/// # Errors
/// When the column has fewer than two values, or answers do not fit or are not finite; those of
/// `predict`.
pub fn accumulated_effects<E: From<EvaluationError>>(
    values: &[f64],
    steps: usize,
    mut predict: impl FnMut(&[u32], &[f64]) -> Result<Vec<f64>, E>,
) -> Result<AccumulatedEffects, E> {
    let grid = grid(values, steps)?;
    EvaluationError::check_least("values of the column", grid.len(), 2)?;
    let finite = (0..values.len() as u32).filter(|&row| values[row as usize].is_finite());
    let chosen: Vec<u32> = finite.collect();
    // The bin of each row: it holds its upper end, and the first one its lower end as well.
    let bins: Vec<usize> = chosen
        .iter()
        .map(|&row| {
            let above = grid.partition_point(|&end| end < values[row as usize]);
            above.clamp(1, grid.len() - 1) - 1
        })
        .collect();
    let mut ends = Vec::new();
    for shift in [0, 1] {
        let at: Vec<f64> = bins.iter().map(|&bin| grid[bin + shift]).collect();
        let answers = predict(&chosen, &at)?;
        EvaluationError::check_rows(chosen.len(), answers.len())?;
        EvaluationError::check_finite(&answers)?;
        ends.push(answers);
    }
    let mut sums = vec![0.0; grid.len() - 1];
    let mut rows = vec![0_u32; grid.len() - 1];
    for (&bin, (low, high)) in bins.iter().zip(ends[0].iter().zip(&ends[1])) {
        sums[bin] += high - low;
        rows[bin] += 1;
    }
    let mut effects = vec![0.0];
    let mut mean = 0.0;
    for (sum, &count) in sums.iter().zip(&rows) {
        let before = effects[effects.len() - 1];
        let after = before + sum / f64::from(count.max(1));
        mean += 0.5 * (before + after) * f64::from(count) / chosen.len() as f64;
        effects.push(after);
    }
    effects.iter_mut().for_each(|effect| *effect -= mean);
    Ok(AccumulatedEffects {
        grid,
        effects,
        rows,
    })
}

/// How much of what two columns do they do only together: 0 when their effects add up, 1 when neither
/// does anything alone.
///
/// All three hold the partial dependence at the same rows' own values: of both columns at once, of
/// the first, and of the second.
///
/// Source: Friedman and Popescu 2008, "Predictive learning via rule ensembles", equation 44 (the
/// square root of the H² there).
///
/// # Errors
/// When lengths do not fit or a value is not finite.
pub fn interaction(both: &[f64], first: &[f64], second: &[f64]) -> Result<f64, EvaluationError> {
    EvaluationError::check_rows(both.len(), first.len())?;
    EvaluationError::check_rows(both.len(), second.len())?;
    for values in [both, first, second] {
        EvaluationError::check_finite(values)?;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let means = [mean(both), mean(first), mean(second)];
    let (mut together, mut whole) = (0.0, 0.0);
    for row in 0..both.len() {
        let joint = both[row] - means[0];
        let apart = first[row] - means[1] + second[row] - means[2];
        together += (joint - apart).powi(2);
        whole += joint * joint;
    }
    Ok(if whole > 0.0 {
        (together / whole).sqrt().min(1.0)
    } else {
        0.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: usize = 120;

    /// Two columns of which the second is the first's square, on a lattice.
    fn columns() -> (Vec<f64>, Vec<f64>) {
        let first: Vec<f64> = (0..ROWS)
            .map(|row| row as f64 / (ROWS - 1) as f64)
            .collect();
        let second = first.iter().map(|value| value * value).collect();
        (first, second)
    }

    fn model(first: f64, second: f64) -> f64 {
        3.0 * first + second
    }

    #[test]
    fn dependence_of_a_line_is_a_line() {
        let (first, second) = columns();
        let values = grid(&first, 4).unwrap();
        let found = dependence(ROWS, &values, |&value| {
            let answers = second.iter().map(|&other| model(value, other)).collect();
            Ok::<_, EvaluationError>(answers)
        })
        .unwrap();
        let mean_second = second.iter().sum::<f64>() / ROWS as f64;
        for (value, mean) in values.iter().zip(&found.mean) {
            assert!((mean - 3.0 * value - mean_second).abs() < 1e-9);
        }
        assert_eq!(
            (found.curves.len(), found.rows.len()),
            (MOST_CURVES, MOST_CURVES)
        );
        let row = found.rows[7] as usize;
        assert!((found.curves[7][0] - model(values[0], second[row])).abs() < 1e-12);
    }

    #[test]
    fn local_effects_keep_to_the_rows_that_are_there() {
        // The model is only asked near its rows, and says nonsense elsewhere: the effect of the first
        // column is still its slope of 3.
        let (first, second) = columns();
        let found = accumulated_effects(&first, 10, |rows, values| {
            let answers = rows.iter().zip(values).map(|(&row, &value)| {
                let own = first[row as usize];
                if (value - own).abs() > 0.11 {
                    1e6
                } else {
                    model(value, second[row as usize])
                }
            });
            Ok::<_, EvaluationError>(answers.collect())
        })
        .unwrap();
        for (pair, effects) in found.grid.windows(2).zip(found.effects.windows(2)) {
            assert!((effects[1] - effects[0] - 3.0 * (pair[1] - pair[0])).abs() < 1e-9);
        }
        assert_eq!(found.rows.iter().sum::<u32>() as usize, ROWS);
        let middle = found.effects[5];
        assert!(middle.abs() < 0.05, "{middle}");
    }

    #[test]
    fn only_what_columns_do_together_is_an_interaction() {
        // Every pair of values occurs once, so that the mean over one column is its partial dependence.
        let values: Vec<f64> = (-3..=3).map(f64::from).collect();
        let pairs: Vec<(f64, f64)> = values
            .iter()
            .flat_map(|&a| values.iter().map(move |&b| (a, b)))
            .collect();
        let strength = |model: fn(f64, f64) -> f64| {
            let mean = |of: &dyn Fn(f64) -> f64| values.iter().map(|&v| of(v)).sum::<f64>() / 7.0;
            let both: Vec<f64> = pairs.iter().map(|&(a, b)| model(a, b)).collect();
            let first: Vec<f64> = pairs.iter().map(|&(a, _)| mean(&|b| model(a, b))).collect();
            let second: Vec<f64> = pairs.iter().map(|&(_, b)| mean(&|a| model(a, b))).collect();
            interaction(&both, &first, &second).unwrap()
        };
        assert!(strength(|a, b| 2.0 * a + b * b) < 1e-9);
        assert!((strength(|a, b| a * b) - 1.0).abs() < 1e-9);
        let some = strength(|a, b| a + b + 0.5 * a * b);
        assert!(0.1 < some && some < 0.9, "{some}");
    }

    #[test]
    fn what_has_no_effect_is_refused() {
        let none = accumulated_effects(&[2.0, 2.0, f64::NAN], 5, |_, _| {
            Ok::<_, EvaluationError>(vec![])
        });
        assert_eq!(
            none.unwrap_err().to_string(),
            "values of the column: 1 are too few, 2 are needed; add some"
        );
        let wrong = dependence(3, &[1.0], |_| Ok::<_, EvaluationError>(vec![1.0]));
        assert!(wrong.is_err());
        assert!(grid(&[f64::NAN], 3).is_err());
    }
}
