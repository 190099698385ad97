//! A number: squared error on a standard scale.

use burn::tensor::Tensor;

use super::{Level, Objective};

/// So many rows of spread 1 say that the slope is 1.
const ROWS_FOR_IDENTITY: f64 = 10.0;

/// A number, already on the scale on which it is learned.
#[derive(Debug, Clone)]
pub struct Number {
    /// Each row's number.
    pub truth: Vec<f32>,
}

impl Objective for Number {
    fn outputs(&self) -> usize {
        1
    }

    fn targets(&self) -> (Vec<f32>, usize) {
        (self.truth.clone(), 1)
    }

    fn loss(&self, outputs: Tensor<3>, targets: Tensor<2>) -> Tensor<1> {
        let off = outputs - targets.unsqueeze_dim(0);
        (off.clone() * off).mean()
    }

    /// One number.
    fn predict(&self, outputs: Tensor<3>) -> Tensor<2> {
        outputs.mean_dim(0).squeeze_dim(0)
    }

    fn judge(&self, predictions: &[f32], rows: &[usize]) -> [f64; 2] {
        let truth: Vec<f64> = rows.iter().map(|&row| f64::from(self.truth[row])).collect();
        let count = truth.len().max(1) as f64;
        let mean = truth.iter().sum::<f64>() / count;
        let spread: f64 = truth.iter().map(|y| (y - mean).powi(2)).sum();
        let off: f64 = truth
            .iter()
            .zip(predictions)
            .map(|(y, &found)| (y - f64::from(found)).powi(2))
            .sum();
        let explained = if spread > 0.0 {
            1.0 - off / spread
        } else {
            0.0
        };
        [off / count, explained]
    }

    /// Least squares with a ridge penalty towards a slope of 1.
    fn level(&self, predictions: &[f32], rows: &[usize]) -> Option<Level> {
        let count = rows.len().max(1) as f64;
        let truth = |at: usize| f64::from(self.truth[rows[at]]);
        let pairs = || (0..rows.len()).map(|at| (f64::from(predictions[at]), truth(at)));
        let [mean, mean_truth] = [
            pairs().map(|(x, _)| x).sum::<f64>() / count,
            pairs().map(|(_, y)| y).sum::<f64>() / count,
        ];
        let square: f64 = pairs().map(|(x, _)| (x - mean).powi(2)).sum();
        let product: f64 = pairs().map(|(x, y)| (x - mean) * (y - mean_truth)).sum();
        let slope = ((product + ROWS_FOR_IDENTITY) / (square + ROWS_FOR_IDENTITY)).max(0.0);
        Some(Level {
            slope: slope as f32,
            shifts: vec![(mean_truth - slope * mean) as f32],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictions_of_elsewhere_are_brought_to_the_level_of_these_rows() {
        let truth: Vec<f32> = (0..200).map(|row| row as f32 / 100.0 - 1.0).collect();
        let found: Vec<f32> = truth.iter().map(|y| (y - 3.0) * 4.0).collect();
        let rows: Vec<usize> = (0..200).collect();
        let level = Number {
            truth: truth.clone(),
        }
        .level(&found, &rows)
        .unwrap();
        for (found, truth) in found.iter().zip(&truth) {
            assert!((level.slope * found + level.shifts[0] - truth).abs() < 0.05);
        }
        // What fits already stays as it is, and two rows are no reason to turn anything round.
        let level = Number {
            truth: truth.clone(),
        }
        .level(&truth, &rows)
        .unwrap();
        assert!((level.slope - 1.0).abs() < 1e-6 && level.shifts[0].abs() < 1e-6);
        let two = Number {
            truth: vec![0.0, 1.0],
        };
        let level = two.level(&[1.0, 0.0], &[0, 1]).unwrap();
        assert!(level.slope > 0.8);
    }
}
