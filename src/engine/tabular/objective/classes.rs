//! One label out of several: cross entropy.

use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, softmax};

use super::{LEAST, Level, Objective, judge_classes};

/// Slopes that are tried: a network that is too sure of other rows needs a gentler one.
const SLOPES: [f64; 7] = [0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0];

/// Standard deviation of the logarithm of a slope before any row is seen.
const SPREAD_OF_SLOPES: f64 = 0.5;

/// Rounds of iterative scaling; it moves by less than a thousandth long before.
const ROUNDS: usize = 50;

/// One label out of several.
#[derive(Debug, Clone)]
pub struct Classes {
    /// Index of each row's label.
    pub truth: Vec<u32>,
    /// What a row of each label counts for.
    pub weights: Vec<f32>,
    /// Share of the truth spread evenly over all labels, 0 to 1.
    pub smoothing: f32,
}

impl Objective for Classes {
    fn outputs(&self) -> usize {
        self.weights.len()
    }

    /// Weighted, smoothed shares, one a label.
    fn targets(&self) -> (Vec<f32>, usize) {
        let classes = self.weights.len();
        let spread = self.smoothing / classes as f32;
        let mut targets = Vec::with_capacity(self.truth.len() * classes);
        for &truth in &self.truth {
            let own = self.weights[truth as usize];
            targets.extend(
                (0..classes as u32).map(|class| {
                    own * (spread + f32::from(class == truth) * (1.0 - self.smoothing))
                }),
            );
        }
        (targets, classes)
    }

    fn loss(&self, outputs: Tensor<3>, targets: Tensor<2>) -> Tensor<1> {
        let [members, rows, _] = outputs.dims();
        let sum = (log_softmax(outputs, 2) * targets.unsqueeze_dim(0)).sum();
        sum * (-1.0 / (members * rows) as f64)
    }

    /// One probability a label.
    fn predict(&self, outputs: Tensor<3>) -> Tensor<2> {
        softmax(outputs, 2).mean_dim(0).squeeze_dim(0)
    }

    fn judge(&self, predictions: &[f32], rows: &[usize]) -> [f64; 2] {
        judge_classes(&self.truth, self.weights.len(), predictions, rows)
    }

    /// The slope of the highest likelihood, with shifts by which each label is as frequent as it is
    /// (iterative scaling, Darroch and Ratcliff 1972). One more row of each label holds the shifts.
    fn level(&self, predictions: &[f32], rows: &[usize]) -> Option<Level> {
        let classes = self.weights.len();
        let logs: Vec<f64> = predictions
            .iter()
            .map(|&share| f64::from(share).max(LEAST).ln())
            .collect();
        let mut counts = vec![1.0; classes];
        for &row in rows {
            counts[self.truth[row] as usize] += 1.0;
        }
        let fitted = SLOPES.map(|slope| {
            let mut shifts = vec![0.0; classes];
            for _ in 0..ROUNDS {
                let mut expected = vec![1.0; classes];
                for row in logs.chunks_exact(classes) {
                    let shares = shares(row, slope, &shifts);
                    for (expected, share) in expected.iter_mut().zip(shares) {
                        *expected += share;
                    }
                }
                for ((shift, count), expected) in shifts.iter_mut().zip(&counts).zip(expected) {
                    *shift += (count / expected).ln();
                }
            }
            let lost: f64 = logs
                .chunks_exact(classes)
                .zip(rows)
                .map(|(row, &at)| -shares(row, slope, &shifts)[self.truth[at] as usize].ln())
                .sum();
            let lost = lost + (slope.ln() / SPREAD_OF_SLOPES).powi(2) / 2.0;
            (lost, slope, shifts)
        });
        let best = fitted.into_iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(Level {
            slope: best.1 as f32,
            shifts: best.2.into_iter().map(|shift| shift as f32).collect(),
        })
    }
}

/// Probabilities from logarithms times a slope, plus shifts.
fn shares(logs: &[f64], slope: f64, shifts: &[f64]) -> Vec<f64> {
    let scores = logs
        .iter()
        .zip(shifts)
        .map(|(log, shift)| slope * log + shift);
    let scores: Vec<f64> = scores.collect();
    let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = scores.iter().map(|score| (score - highest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    #[test]
    fn smoothing_gives_the_textbook_value() {
        let device = Device::flex();
        let classes = Classes {
            truth: vec![0, 2],
            weights: vec![1.0; 3],
            smoothing: 0.3,
        };
        let (targets, width) = classes.targets();
        for (found, expected) in targets.iter().zip([0.8, 0.1, 0.1, 0.1, 0.1, 0.8]) {
            assert!((found - expected).abs() < 1e-6, "{targets:?}");
        }
        let targets = Tensor::from_data(TensorData::new(targets, [2, width]), &device);
        // Outputs of 2 and 0 0: their softmax's logarithms are 2 - ln(e² + 2) and -ln(e² + 2).
        let outputs = Tensor::from_floats([[[2.0, 0.0, 0.0], [0.0, 0.0, 2.0]]], &device);
        let loss = classes.loss(outputs, targets).into_scalar::<f32>();
        let expected = (2.0_f32.exp() + 2.0).ln() - 0.8 * 2.0;
        assert!((loss - expected).abs() < 1e-6, "{loss} and {expected}");
    }

    #[test]
    fn labels_that_are_rarer_here_are_told_more_rarely() {
        // The network calls half of the rows 1, as it learned; here 1 in 10 is, those it is surest of.
        let rows: Vec<usize> = (0..200).collect();
        let truth: Vec<u32> = rows.iter().map(|&row| u32::from(row >= 180)).collect();
        let found: Vec<f32> = rows
            .iter()
            .flat_map(|&row| {
                let share = (row as f32 + 0.5) / 200.0;
                [1.0 - share, share]
            })
            .collect();
        let classes = Classes {
            truth: truth.clone(),
            weights: vec![1.0; 2],
            smoothing: 0.0,
        };
        let level = classes.level(&found, &rows).unwrap();
        let right = |found: &[f32]| classes.judge(found, &rows);
        let shifts: Vec<f64> = level.shifts.iter().map(|&shift| shift.into()).collect();
        let levelled: Vec<f32> = found
            .chunks_exact(2)
            .flat_map(|row| {
                let logs: Vec<f64> = row.iter().map(|&share| f64::from(share).ln()).collect();
                shares(&logs, level.slope.into(), &shifts)
            })
            .map(|share| share as f32)
            .collect();
        assert!(right(&levelled)[1] > 0.97 && right(&found)[1] < 0.65);
        assert!(right(&levelled)[0] < right(&found)[0]);
        let told: f32 = levelled.chunks_exact(2).map(|row| row[1]).sum();
        assert!((told - 20.0).abs() < 1.5, "{told}");
    }
}
