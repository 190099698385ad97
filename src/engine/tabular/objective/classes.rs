//! One label out of several: cross entropy.

use burn::tensor::Tensor;
use burn::tensor::activation::{log_softmax, softmax};

use super::{Objective, judge_classes};

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
}
