//! One label out of several that have an order: is it higher than this one, given that it is at
//! least this one?

use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;

use super::{Objective, binary_loss, judge_classes, yes_and_no};

/// One label out of several that have an order.
///
/// Source: Shi et al. 2021, "Deep Neural Networks for Rank-Consistent Ordinal Regression Based On
/// Conditional Probabilities" (CORN), sections 3.3 and 3.4. Each output is asked only about rows
/// that are at least its label, so that the products below never rise with the label.
#[derive(Debug, Clone)]
pub struct Ordered {
    /// Index of each row's label, in their order.
    pub truth: Vec<u32>,
    /// Number of labels, at least 2.
    pub classes: usize,
    /// Share of each answer that is asked spread evenly over yes and no, 0 to 1.
    pub smoothing: f32,
}

impl Objective for Ordered {
    fn outputs(&self) -> usize {
        self.classes - 1
    }

    fn targets(&self) -> (Vec<f32>, usize) {
        let steps = self.classes as u32 - 1;
        let mut targets = Vec::with_capacity(self.truth.len() * 2 * steps as usize);
        for &truth in &self.truth {
            for at in [0, 1] {
                targets.extend((0..steps).map(|step| match truth >= step {
                    true => yes_and_no(truth > step, self.smoothing)[at],
                    false => 0.0,
                }));
            }
        }
        (targets, 2 * steps as usize)
    }

    fn loss(&self, outputs: Tensor<3>, targets: Tensor<2>) -> Tensor<1> {
        binary_loss(outputs, targets)
    }

    /// One probability a label: being at least it, less being higher.
    fn predict(&self, outputs: Tensor<3>) -> Tensor<2> {
        let [members, rows, steps] = outputs.dims();
        let is_higher = sigmoid(outputs).cumprod(2); // [members, rows, labels - 1]
        let ends = |value| Tensor::full([members, rows, 1], value, &is_higher.device());
        let at_least = Tensor::cat(vec![ends(1.0), is_higher.clone()], 2);
        let higher = Tensor::cat(vec![is_higher.clone(), ends(0.0)], 2);
        debug_assert_eq!(steps + 1, self.classes);
        (at_least - higher).mean_dim(0).squeeze_dim(0)
    }

    fn judge(&self, predictions: &[f32], rows: &[usize]) -> [f64; 2] {
        judge_classes(&self.truth, self.classes, predictions, rows)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn probabilities_are_products_and_sum_to_one() {
        let device = Device::flex();
        let task = Ordered {
            truth: vec![2],
            classes: 3,
            smoothing: 0.0,
        };
        // sigmoid(ln 3) is 3/4 and sigmoid(0) is 1/2.
        let outputs = Tensor::from_floats([[[3.0_f32.ln(), 0.0]]], &device);
        let shares: Vec<f32> = task.predict(outputs).into_data().try_into_vec().unwrap();
        for (share, expected) in shares.iter().zip([0.25, 0.375, 0.375]) {
            assert!((share - expected).abs() < 1e-6, "{shares:?}");
        }
    }

    #[test]
    fn a_step_is_asked_only_about_rows_that_reach_it() {
        let device = Device::flex();
        let task = Ordered {
            truth: vec![0, 1],
            classes: 3,
            smoothing: 0.0,
        };
        let (targets, width) = task.targets();
        assert_eq!(targets, [0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
        let targets =
            Tensor::from_data(burn::tensor::TensorData::new(targets, [2, width]), &device);
        let outputs = Tensor::from_floats([[[0.0, 9.0], [0.0, 0.0]]], &device);
        let loss = task.loss(outputs, targets).into_scalar::<f32>();
        // The first row's second step counts for nothing, the three others for ln 2 each.
        assert!((loss - 1.5 * 2.0_f32.ln()).abs() < 1e-6, "{loss}");

        let smoothed = Ordered {
            smoothing: 0.2,
            ..task
        };
        let (targets, _) = smoothed.targets();
        for (found, expected) in targets.iter().zip([0.1, 0.0, 0.9, 0.0, 0.9, 0.1, 0.1, 0.9]) {
            assert!((found - expected).abs() < 1e-6, "{targets:?}");
        }
    }
}
