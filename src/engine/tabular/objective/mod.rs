//! What a network's outputs mean: one file a task.

mod classes;
mod label_sets;
mod number;
mod ordered;

pub use classes::Classes;
pub use label_sets::LabelSets;
pub use number::Number;
pub use ordered::Ordered;

use burn::tensor::Tensor;
use burn::tensor::activation::log_sigmoid;

/// What a network's outputs mean, and what they should have been on the rows it may see.
///
/// In training every member of the ensemble answers for itself; a prediction is the mean of what
/// the members predict (Gorishniy et al. 2024, "TabM", section 3.1).
pub trait Objective {
    /// Outputs of a member for a row.
    fn outputs(&self) -> usize;

    /// What the loss compares with, row-major, and its width: shape `[rows, width]`.
    fn targets(&self) -> (Vec<f32>, usize);

    /// Mean over rows and members, shape `[1]`.
    ///
    /// # Shapes
    /// - outputs: `[members, rows, outputs]`
    /// - targets: `[rows, width]`
    fn loss(&self, outputs: Tensor<3>, targets: Tensor<2>) -> Tensor<1>;

    /// The ensemble's predictions.
    ///
    /// # Shapes
    /// - outputs: `[members, rows, outputs]`
    /// - output: `[rows, predictions]`
    fn predict(&self, outputs: Tensor<3>) -> Tensor<2>;

    /// Loss and share of right answers (a number's: R²) of predictions, row-major, for these rows.
    fn judge(&self, predictions: &[f32], rows: &[usize]) -> [f64; 2];

    /// How a network that learned elsewhere is brought to the level of these rows, from its
    /// predictions for them, row-major; `None` where that has no meaning.
    fn level(&self, _predictions: &[f32], _rows: &[usize]) -> Option<Level> {
        None
    }
}

/// Outputs times the slope, plus a shift of each.
///
/// A related table often differs from its source in level and spread before anything else: dearer
/// houses, rarer illness. Two numbers an output, fitted in closed form and held to the identity, take
/// that away before training has to.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Times this.
    pub slope: f32,
    /// Plus one of these an output.
    pub shifts: Vec<f32>,
}

/// Probabilities are not taken to be smaller when a loss is computed from them.
const LEAST: f64 = 1e-7;

/// Mean log loss and share of right labels of probabilities, row-major.
fn judge_classes(truth: &[u32], classes: usize, shares: &[f32], rows: &[usize]) -> [f64; 2] {
    let (mut loss, mut right) = (0.0, 0);
    for (&row, shares) in rows.iter().zip(shares.chunks_exact(classes)) {
        let truth = truth[row];
        loss -= f64::from(shares[truth as usize]).max(LEAST).ln();
        right += usize::from(crate::domain::metric::most_probable(shares) == truth);
    }
    let count = rows.len().max(1) as f64;
    [loss / count, right as f64 / count]
}

/// What a yes and a no count for, when a share of the truth is spread evenly over both.
fn yes_and_no(is_yes: bool, smoothing: f32) -> [f32; 2] {
    let yes = f32::from(is_yes) * (1.0 - smoothing) + smoothing / 2.0;
    [yes, 1.0 - yes]
}

/// Binary cross entropy against targets that hold a yes and a no for each output, side by side;
/// both are 0 where an output is not asked.
fn binary_loss(outputs: Tensor<3>, targets: Tensor<2>) -> Tensor<1> {
    let [members, rows, width] = outputs.dims();
    let targets: Tensor<3> = targets.unsqueeze_dim(0);
    let yes = targets.clone().slice([0..1, 0..rows, 0..width]);
    let no = targets.slice([0..1, 0..rows, width..2 * width]);
    let sum = (log_sigmoid(outputs.clone()) * yes + log_sigmoid(outputs.neg()) * no).sum();
    sum * (-1.0 / (members * rows) as f64)
}
