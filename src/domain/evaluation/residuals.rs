//! Where a model of numbers is off: residuals, errors along the target, and an interval that holds.

use serde::{Deserialize, Serialize};

use super::EvaluationError;
use super::share::wilson;
use crate::domain::metric::Numbers;

/// Groups along the target.
const DECILES: usize = 10;

/// A scatter plot is thinned to so many points at the most.
const MOST_POINTS: usize = 1_000;

/// One row of a scatter plot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ResidualPoint {
    /// Index of the row among those judged.
    pub row: u32,
    /// True value.
    pub truth: f64,
    /// Predicted value; the residual is `truth - predicted`.
    pub predicted: f64,
}

/// Errors of the rows of one tenth of the target's range of ranks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Decile {
    /// The lowest true value.
    pub low: f64,
    /// The highest true value.
    pub high: f64,
    /// Rows.
    pub rows: u32,
    /// Mean absolute error, in the target's unit.
    pub mean_absolute_error: f64,
    /// Mean of `predicted - truth`: above 0 the model says too much.
    pub bias: f64,
}

/// What the page draws of a model of numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Residuals {
    /// Predicted against actual: all rows, or evenly chosen ones in the order of the truth.
    pub points: Vec<ResidualPoint>,
    /// From the lowest tenth of the true values to the highest; fewer with fewer rows.
    pub deciles: Vec<Decile>,
    /// Quantiles of `truth - predicted` at 2.5, 25, 50, 75 and 97.5 %.
    pub quantiles: [f64; 5],
}

/// Looks at the errors of a model of numbers. Weights are not used.
///
/// # Errors
/// Without rows.
pub fn residuals(numbers: &Numbers) -> Result<Residuals, EvaluationError> {
    if numbers.is_empty() {
        return Err(EvaluationError::NoRows);
    }
    let mut points: Vec<ResidualPoint> = numbers
        .rows()
        .enumerate()
        .map(|(row, (truth, predicted))| ResidualPoint {
            row: row as u32,
            truth,
            predicted,
        })
        .collect();
    points.sort_by(|a, b| a.truth.total_cmp(&b.truth));
    let rows = points.len();
    let groups = DECILES.min(rows);
    let deciles = (0..groups)
        .map(|group| decile(&points[group * rows / groups..(group + 1) * rows / groups]))
        .collect();

    let mut errors: Vec<f64> = points.iter().map(|row| row.truth - row.predicted).collect();
    errors.sort_by(f64::total_cmp);
    let quantiles = [0.025, 0.25, 0.5, 0.75, 0.975].map(|share| quantile(&errors, share));

    if rows > MOST_POINTS {
        let chosen = (0..MOST_POINTS).map(|at| points[at * (rows - 1) / (MOST_POINTS - 1)]);
        points = chosen.collect();
    }
    Ok(Residuals {
        points,
        deciles,
        quantiles,
    })
}

fn decile(points: &[ResidualPoint]) -> Decile {
    let rows = points.len() as f64;
    let errors = points.iter().map(|row| row.predicted - row.truth);
    Decile {
        low: points[0].truth,
        high: points[points.len() - 1].truth,
        rows: points.len() as u32,
        mean_absolute_error: errors.clone().map(f64::abs).sum::<f64>() / rows,
        bias: errors.sum::<f64>() / rows,
    }
}

/// The value below which a share of sorted values lies, between neighbours in proportion (type 7 of
/// Hyndman and Fan 1996, NumPy's default).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}

/// An interval around each prediction, and how often it holds the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PredictionInterval {
    /// The interval is the prediction plus and minus this, in the target's unit.
    pub half_width: f64,
    /// The share that it is made to hold.
    pub level: f64,
}

/// How often intervals hold the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct IntervalCoverage {
    /// Share of the rows whose interval holds the truth.
    pub share: f64,
    /// 95 % interval of that share.
    pub interval: [f64; 2],
}

impl PredictionInterval {
    /// The half width that holds a share of new rows, from the errors on validation rows.
    ///
    /// Source: Lei et al. 2018, "Distribution-free predictive inference for regression", algorithm 2:
    /// for rows of the same kind it holds at least `level` of them, whatever the model.
    ///
    /// # Errors
    /// When there are too few rows for the level: 19 for 95 %.
    pub fn fit(valid: &Numbers, level: f64) -> Result<Self, EvaluationError> {
        let mut errors: Vec<f64> = valid
            .rows()
            .map(|(truth, predicted)| (truth - predicted).abs())
            .collect();
        errors.sort_by(f64::total_cmp);
        // A hair less, so that 0.95 * 20 does not round up to 20.
        let rank = (level * (errors.len() + 1) as f64 - 1e-9).ceil().max(1.0) as usize;
        let least = (level / (1.0 - level) - 1e-9).ceil() as usize;
        EvaluationError::check_least("validation rows", errors.len(), least.max(1))?;
        Ok(Self {
            half_width: errors[rank - 1],
            level,
        })
    }

    /// How often the interval holds the truth on other rows.
    pub fn coverage(&self, test: &Numbers) -> IntervalCoverage {
        let held = |&(truth, predicted): &(f64, f64)| (truth - predicted).abs() <= self.half_width;
        let held = test.rows().filter(held).count();
        IntervalCoverage {
            share: held as f64 / test.len().max(1) as f64,
            interval: wilson(held as u32, test.len() as u32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deciles_go_along_the_target() {
        let truth: Vec<f64> = (0..25).rev().map(f64::from).collect();
        let predicted: Vec<f64> = truth.iter().map(|&value| value.min(12.0)).collect();
        let found = residuals(&Numbers::new(&truth, &predicted).unwrap()).unwrap();
        assert_eq!(found.deciles.len(), 10);
        assert_eq!(
            found.deciles.iter().map(|decile| decile.rows).sum::<u32>(),
            25
        );
        assert_eq!(found.deciles[0].mean_absolute_error, 0.0);
        let last = found.deciles[9];
        assert_eq!((last.low, last.high, last.bias), (22.0, 24.0, -11.0));
        assert_eq!((found.points[0].row, found.points[0].truth), (24, 0.0));
        assert_eq!(found.quantiles[2], 0.0);
        assert!((found.quantiles[4] - 11.4).abs() < 1e-9);
    }

    #[test]
    fn many_points_are_thinned() {
        let truth: Vec<f64> = (0..5_000).map(f64::from).collect();
        let found = residuals(&Numbers::new(&truth, &truth).unwrap()).unwrap();
        assert_eq!(found.points.len(), MOST_POINTS);
        assert_eq!(found.points[MOST_POINTS - 1].truth, 4_999.0);
    }

    #[test]
    fn intervals_hold_what_they_promise() {
        // Errors of 1 to 19: the 19th of 19 is the least that holds 95 %.
        let errors: Vec<f64> = (1..=19).map(f64::from).collect();
        let valid = Numbers::new(&[0.0; 19], &errors).unwrap();
        let interval = PredictionInterval::fit(&valid, 0.95).unwrap();
        assert_eq!(interval.half_width, 19.0);
        assert_eq!(
            PredictionInterval::fit(&valid, 0.5).unwrap().half_width,
            10.0
        );
        let test = Numbers::new(&[0.0; 4], &[-19.0, 3.0, 20.0, 0.0]).unwrap();
        assert_eq!(interval.coverage(&test).share, 0.75);

        let few = Numbers::new(&[0.0; 18], &errors[..18]).unwrap();
        let refusal = PredictionInterval::fit(&few, 0.95).unwrap_err();
        let message = "validation rows: 18 are too few, 19 are needed; add some";
        assert_eq!(refusal.to_string(), message);
    }
}
