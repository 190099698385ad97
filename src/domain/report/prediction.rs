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

impl Prediction {
    /// How sure it is, 0 to 1: the probability of the most probable label; of a set of labels, how sure
    /// it is of the one that it doubts most, be it there or not. `None` of a number, which has a range.
    pub fn confidence(&self) -> Option<f64> {
        match self {
            Self::Labels(shares) => Some(largest(shares)),
            Self::LabelSet(shares) => Some(least_sure(shares)),
            Self::Number { .. } => None,
        }
    }
}

/// The largest of some probabilities.
pub(super) fn largest(shares: &[f32]) -> f64 {
    shares.iter().copied().fold(0.0, f32::max).into()
}

/// How sure a set of labels is: each label is there or not, and one of them is the most doubtful.
pub(super) fn least_sure(shares: &[f32]) -> f64 {
    let sure = shares.iter().map(|&share| share.max(1.0 - share));
    sure.fold(1.0, f32::min).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_as_sure_as_what_it_doubts_most() {
        let labels = Prediction::Labels(vec![0.25, 0.75]);
        assert_eq!(labels.confidence(), Some(0.75));
        let set = Prediction::LabelSet(vec![0.125, 1.0, 0.625]);
        assert_eq!(set.confidence(), Some(0.625));
        let number = Prediction::Number {
            value: 3.0,
            range: Some([2.0, 4.0]),
        };
        assert_eq!(number.confidence(), None);
    }
}
