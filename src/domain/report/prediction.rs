//! What a model says of one row.

use serde::{Deserialize, Serialize};

/// What a model says of one row, in the shape of its task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prediction {
    /// One probability a label, which sum to 1.
    Labels(Vec<f32>),
    /// A number in the target's unit.
    Number {
        /// The number.
        value: f64,
        /// Lower and upper end of the range that should hold the true one, where the rows to
        /// measure by were enough for that promise.
        range: Option<[f64; 2]>,
    },
    /// One probability a label, each for itself.
    LabelSet(Vec<f32>),
}
