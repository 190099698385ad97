//! Cross entropy with label smoothing and class weights.

use burn::tensor::{Device, Tensor, TensorData, activation::log_softmax};

use crate::domain::recipe::ClassWeights;

/// What a batch should have said: one row of weighted, smoothed shares a text.
#[derive(Debug, Clone)]
pub struct Targets {
    /// Shape `[batch, classes]`.
    shares: Tensor<2>,
    /// Index of the true label, shape `[batch]`.
    truth: Vec<u32>,
    weight: f32,
}

/// Turns labels into [`Targets`].
#[derive(Debug, Clone)]
pub struct TargetMaker {
    smoothing: f32,
    /// What a row of each class counts for.
    weights: Vec<f32>,
}

impl TargetMaker {
    /// For classes with these numbers of training rows.
    ///
    /// Balanced weights are rows / (classes x rows of the class), as in scikit-learn's
    /// `class_weight="balanced"` (King and Zeng 2001).
    pub fn new(counts: &[u32], class_weights: ClassWeights, smoothing: f64) -> Self {
        let rows: u32 = counts.iter().sum();
        let weights = counts
            .iter()
            .map(|&count| match class_weights {
                ClassWeights::Equal => 1.0,
                ClassWeights::Balanced => rows as f32 / (counts.len() as f32 * count.max(1) as f32),
            })
            .collect();
        Self {
            smoothing: smoothing as f32,
            weights,
        }
    }

    /// For validation: what a row counts for stays, smoothing goes.
    #[must_use]
    pub fn without_smoothing(mut self) -> Self {
        self.smoothing = 0.0;
        self
    }

    /// What a row of a label counts for.
    pub fn weight(&self, label: u32) -> f64 {
        self.weights[label as usize].into()
    }

    /// Targets of a batch, made on the host: they are a few hundred numbers.
    pub fn targets(&self, truth: Vec<u32>, device: &Device) -> Targets {
        let classes = self.weights.len();
        let spread = self.smoothing / classes as f32;
        let mut shares = vec![0.0; truth.len() * classes];
        let mut weight = 0.0;
        for (row, &label) in truth.iter().enumerate() {
            let own = self.weights[label as usize];
            weight += own;
            for (class, share) in shares[row * classes..][..classes].iter_mut().enumerate() {
                let is_true = if class == label as usize {
                    1.0 - self.smoothing
                } else {
                    0.0
                };
                *share = own * (is_true + spread);
            }
        }
        let shares = Tensor::from_data(TensorData::new(shares, [truth.len(), classes]), device);
        Targets {
            shares,
            truth,
            weight,
        }
    }
}

impl Targets {
    /// The weighted mean cross entropy of the batch, shape `[1]`.
    ///
    /// Source: Szegedy et al. 2015, "Rethinking the Inception Architecture", section 7. A row's
    /// weight is that of its true class and the sum is divided by the batch's weights.
    ///
    /// # Shapes
    /// - logits: `[batch, classes]`
    pub fn cross_entropy(&self, logits: Tensor<2>) -> Tensor<1> {
        (log_softmax(logits, 1) * self.shares.clone()).sum() * (-1.0 / f64::from(self.weight))
    }

    /// The same targets for scores that keep no graph.
    #[must_use]
    pub fn inner(self) -> Self {
        Self {
            shares: self.shares.inner(),
            ..self
        }
    }

    /// The sum of all rows' weights.
    pub fn weight(&self) -> f32 {
        self.weight
    }

    /// Index of each row's true label.
    pub fn truth(&self) -> &[u32] {
        &self.truth
    }

    /// How many rows give their true label the highest score, shape `[1]`; stays on the device.
    ///
    /// # Shapes
    /// - logits: `[batch, classes]`
    pub fn hits(&self, logits: Tensor<2>) -> Tensor<1> {
        let device = logits.device();
        let truth: Vec<i32> = self.truth.iter().map(|&label| label as i32).collect();
        let truth = Tensor::<2, burn::tensor::Int>::from_data(
            TensorData::new(truth, [self.truth.len(), 1]),
            &device,
        );
        logits.argmax(1).equal(truth).float().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From PyTorch's documentation of `cross_entropy`, computed by hand in float64.
    #[test]
    fn weights_and_smoothing_give_the_textbook_value() {
        let device = Device::flex();
        let logits = Tensor::from_floats([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0]], &device);
        let maker = TargetMaker::new(&[1, 3, 2], ClassWeights::Balanced, 0.1);
        let loss = maker
            .targets(vec![0, 2], &device)
            .cross_entropy(logits)
            .into_scalar::<f32>();

        let log_softmax = |row: [f64; 3]| {
            let sum: f64 = row.iter().map(|x| x.exp()).sum();
            row.map(|x| x - sum.ln())
        };
        let (first, second) = (log_softmax([2.0, 0.0, -1.0]), log_softmax([0.0, 1.0, 0.0]));
        let smooth =
            |row: [f64; 3], label: usize| -(0.9 * row[label] + 0.1 / 3.0 * row.iter().sum::<f64>());
        let (heavy, light) = (6.0 / (3.0 * 1.0), 6.0 / (3.0 * 2.0));
        let expected = (heavy * smooth(first, 0) + light * smooth(second, 2)) / (heavy + light);
        assert!(
            (f64::from(loss) - expected).abs() < 1e-6,
            "{loss} and {expected}"
        );
    }
}
