//! What a model said of rows whose truth is known: everything that a person can ask about a run's
//! quality is worked out from it, when it is asked.

use serde::{Deserialize, Serialize};

use super::prediction::{largest, least_sure};
use crate::domain::metric::{Classes, LabelSets, Numbers, Scored, ScoresError, most_probable};
use crate::domain::table::RowId;

/// What rows are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// Index of each row's label, shape `[rows]`.
    Labels(Vec<u32>),
    /// Whether each row has each label, row-major, shape `[rows, labels]`.
    LabelSets(Vec<bool>),
    /// Each row's number, shape `[rows]`.
    Numbers(Vec<f64>),
}

/// Rows with their truth and what a model said of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// The rows, as the table counts them.
    pub rows: Vec<RowId>,
    /// What they are.
    pub truth: Truth,
    /// A probability for each label, row-major, shape `[rows, labels]`; or a number, shape `[rows]`.
    pub outputs: Vec<f32>,
}

/// Truth beside the outputs of one model, in the form that metrics take.
#[derive(Debug, Clone, PartialEq)]
pub enum Paired<'a> {
    /// The number of labels, and one of them a row.
    Labels(usize, &'a [u32], &'a [f32]),
    /// The number of labels, and any number of them a row.
    LabelSets(usize, &'a [bool], &'a [f32]),
    /// A number a row.
    Numbers(&'a [f64], Vec<f64>),
}

impl Scores {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Outputs for each row: labels, or 1 where the answer is a number.
    pub fn width(&self) -> usize {
        self.outputs.len().checked_div(self.len()).unwrap_or(1)
    }

    /// Some of the rows, by their places, in this order.
    #[must_use]
    pub fn select(&self, places: &[usize]) -> Self {
        let width = self.width();
        let few = |at: &usize| at * width..(at + 1) * width;
        let truth = match &self.truth {
            Truth::Labels(truth) => Truth::Labels(places.iter().map(|&at| truth[at]).collect()),
            Truth::Numbers(truth) => Truth::Numbers(places.iter().map(|&at| truth[at]).collect()),
            Truth::LabelSets(truth) => {
                Truth::LabelSets(places.iter().flat_map(few).map(|at| truth[at]).collect())
            }
        };
        let outputs = places.iter().flat_map(few).map(|at| self.outputs[at]);
        Self {
            rows: places.iter().map(|&at| self.rows[at]).collect(),
            truth,
            outputs: outputs.collect(),
        }
    }

    /// The truth beside this model's outputs.
    pub fn paired(&self) -> Paired<'_> {
        self.paired_with(&self.outputs)
    }

    /// The truth beside another model's outputs on the same rows.
    pub fn paired_with<'a>(&'a self, outputs: &'a [f32]) -> Paired<'a> {
        match &self.truth {
            Truth::Labels(truth) => Paired::Labels(self.width(), truth, outputs),
            Truth::LabelSets(truth) => Paired::LabelSets(self.width(), truth, outputs),
            Truth::Numbers(truth) => {
                Paired::Numbers(truth, outputs.iter().map(|&x| x.into()).collect())
            }
        }
    }

    /// How sure each answer is, as [`Prediction::confidence`] counts it, and whether it is right, which a
    /// set is when each label is; `None` of numbers.
    ///
    /// [`Prediction::confidence`]: super::Prediction::confidence
    pub fn sureness(&self) -> Option<Vec<(f64, bool)>> {
        let width = self.width().max(1);
        let answers = self.outputs.chunks_exact(width);
        match &self.truth {
            Truth::Labels(truth) => {
                let of =
                    |(&truth, row): (&u32, &[f32])| (largest(row), most_probable(row) == truth);
                Some(truth.iter().zip(answers).map(of).collect())
            }
            Truth::LabelSets(truth) => {
                let of = |(truth, row): (&[bool], &[f32])| {
                    let mut labels = truth.iter().zip(row);
                    let is_right = labels.all(|(&has, &share)| has == (share >= 0.5));
                    (least_sure(row), is_right)
                };
                Some(truth.chunks_exact(width).zip(answers).map(of).collect())
            }
            Truth::Numbers(_) => None,
        }
    }

    /// Labels beside probabilities.
    ///
    /// # Errors
    /// When the truth is no single labels, or an output is no probability.
    pub fn classes(&self) -> Result<Classes<'_>, ScoresError> {
        match &self.truth {
            Truth::Labels(truth) => Classes::new(self.width(), truth, &self.outputs),
            Truth::LabelSets(_) | Truth::Numbers(_) => Err(ScoresError::Length {
                what: "labels",
                found: 0,
                expected: self.len(),
            }),
        }
    }
}

impl Paired<'_> {
    /// The form that metrics take.
    ///
    /// # Errors
    /// When lengths do not fit, or an output is no probability or not finite.
    pub fn scored(&self) -> Result<Scored<'_>, ScoresError> {
        Ok(match self {
            Self::Labels(labels, truth, outputs) => Classes::new(*labels, truth, outputs)?.into(),
            Self::LabelSets(labels, truth, outputs) => {
                LabelSets::new(*labels, truth, outputs)?.into()
            }
            Self::Numbers(truth, outputs) => Numbers::new(truth, outputs)?.into(),
        })
    }
}

/// What a simple model said of the test rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaselineOutputs {
    /// Stable id, as in [`super::Baseline`].
    pub id: String,
    /// In the form of [`Scores::outputs`].
    pub outputs: Vec<f32>,
}

impl BaselineOutputs {
    /// The labels' shares of the training rows, the same for every row.
    pub fn majority(train_rows: &[u32], rows: usize) -> Self {
        let all: f64 = train_rows.iter().copied().map(f64::from).sum();
        let shares: Vec<f32> = train_rows
            .iter()
            .map(|&rows| (f64::from(rows) / all.max(1.0)) as f32)
            .collect();
        Self {
            id: "majority".to_owned(),
            outputs: shares.repeat(rows),
        }
    }
}

/// What a run leaves to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunScores {
    /// The rows by which checkpoints were chosen, as the final model sees them: thresholds and
    /// calibration are fitted here.
    pub valid: Scores,
    /// The rows that judge.
    pub test: Scores,
    /// Rows of the cross-validation, each by a model that did not learn from it.
    pub folds: Option<Scores>,
    /// Simple models on the test rows.
    pub baselines: Vec<BaselineOutputs>,
    /// Training rows of each label; empty where the answer is a number.
    pub train_rows: Vec<u32>,
    /// What linear models say of the texts of `valid`'s rows, each fitted without the row; row-major, empty
    /// where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_rows_keep_what_is_theirs() {
        let scores = Scores {
            rows: [4, 7, 9].map(RowId).into(),
            truth: Truth::LabelSets(vec![true, false, false, true, true, true]),
            outputs: vec![0.9, 0.1, 0.2, 0.8, 0.7, 0.6],
        };
        let few = scores.select(&[2, 0]);
        assert_eq!(few.rows, [RowId(9), RowId(4)]);
        assert_eq!(few.truth, Truth::LabelSets(vec![true, true, true, false]));
        assert_eq!(few.outputs, [0.7, 0.6, 0.9, 0.1]);
    }

    #[test]
    fn a_set_is_right_when_each_of_its_labels_is() {
        let mut scores = Scores {
            rows: [0, 1].map(RowId).into(),
            truth: Truth::LabelSets(vec![true, false, true, true]),
            outputs: vec![0.875, 0.25, 0.75, 0.375],
        };
        assert_eq!(scores.sureness().unwrap(), [(0.75, true), (0.625, false)]);
        scores.truth = Truth::Labels(vec![0, 1]);
        assert_eq!(scores.sureness().unwrap(), [(0.875, true), (0.75, false)]);
        scores.truth = Truth::Numbers(vec![0.0, 1.0]);
        assert_eq!(scores.sureness(), None);
    }
}
