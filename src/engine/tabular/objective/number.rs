//! A number: squared error on a standard scale.

use burn::tensor::Tensor;

use super::Objective;

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
}
