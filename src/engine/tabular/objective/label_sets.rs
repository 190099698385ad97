//! Any number of labels at once: one yes or no each.

use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;

use super::{LEAST, Objective, binary_loss, yes_and_no};

/// Any number of labels at once.
#[derive(Debug, Clone)]
pub struct LabelSets {
    /// Whether a row has a label, shape `[rows, labels]`.
    pub truth: Vec<bool>,
    /// Number of labels.
    pub labels: usize,
    /// Share of each yes or no spread evenly over both, 0 to 1.
    pub smoothing: f32,
}

impl Objective for LabelSets {
    fn outputs(&self) -> usize {
        self.labels
    }

    fn targets(&self) -> (Vec<f32>, usize) {
        let mut targets = Vec::with_capacity(self.truth.len() * 2);
        for row in self.truth.chunks_exact(self.labels) {
            for at in [0, 1] {
                let share = |&has: &bool| yes_and_no(has, self.smoothing)[at];
                targets.extend(row.iter().map(share));
            }
        }
        (targets, 2 * self.labels)
    }

    fn loss(&self, outputs: Tensor<3>, targets: Tensor<2>) -> Tensor<1> {
        binary_loss(outputs, targets)
    }

    /// One probability a label, each for itself.
    fn predict(&self, outputs: Tensor<3>) -> Tensor<2> {
        sigmoid(outputs).mean_dim(0).squeeze_dim(0)
    }

    /// The share is that of rows all of whose labels are right.
    fn judge(&self, predictions: &[f32], rows: &[usize]) -> [f64; 2] {
        let (mut loss, mut right) = (0.0, 0);
        for (&row, shares) in rows.iter().zip(predictions.chunks_exact(self.labels)) {
            let truth = &self.truth[row * self.labels..][..self.labels];
            right += usize::from(
                truth
                    .iter()
                    .zip(shares)
                    .all(|(&has, &share)| has == (share > 0.5)),
            );
            for (&has, &share) in truth.iter().zip(shares) {
                let share = f64::from(share);
                loss -= if has { share } else { 1.0 - share }.max(LEAST).ln();
            }
        }
        let count = rows.len().max(1) as f64;
        [loss / count, right as f64 / count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smoothed_yes_is_a_little_no() {
        let truth = vec![true, false];
        let sets = |smoothing| LabelSets {
            truth: truth.clone(),
            labels: 2,
            smoothing,
        };
        assert_eq!(sets(0.0).targets(), (vec![1.0, 0.0, 0.0, 1.0], 4));
        // A yes of the first label, a no of the second one, then the noes and yeses beside them.
        let (targets, _) = sets(0.2).targets();
        for (found, expected) in targets.iter().zip([0.9, 0.1, 0.1, 0.9]) {
            assert!((found - expected).abs() < 1e-6, "{targets:?}");
        }
    }
}
