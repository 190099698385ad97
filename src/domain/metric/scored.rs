//! True values beside predicted ones, checked once: a metric never meets a NaN or a missing row.

use serde::{Deserialize, Serialize};

use super::{Prepared, Undefined};

/// A probability may be outside 0 to 1 by this much: what a softmax in 32 bits rounds.
const PROBABILITY_SLACK: f32 = 1e-5;

/// A label set names a label from this probability on.
pub const DEFAULT_THRESHOLD: f32 = 0.5;

/// What a metric judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// One label out of several a row, see [`Classes`].
    Classes,
    /// Any number of labels a row, see [`LabelSets`].
    LabelSets,
    /// A number a row, see [`Numbers`].
    Numbers,
}

/// Why true and predicted values cannot be compared at all.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScoresError {
    /// Two lists that go row by row together do not have the same length.
    #[error("{what}: {found} values where {expected} were expected; give one a row")]
    Length {
        /// Which list.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length that fits the others.
        expected: usize,
    },
    /// A value that is not a number, or not finite.
    #[error(
        "row {row}: the {what} is {value}, which is not a number to judge by; leave the row out or train again with a lower learning rate"
    )]
    NotFinite {
        /// Which list.
        what: &'static str,
        /// Index of the row, from 0.
        row: usize,
        /// What was found.
        value: f64,
    },
    /// A probability below 0 or above 1.
    #[error("row {row}: {value} is no probability; give values from 0 to 1")]
    NotAProbability {
        /// Index of the row, from 0.
        row: usize,
        /// What was found.
        value: f32,
    },
    /// A true label that the model does not have.
    #[error("row {row}: label {label} of a model with {classes} labels; leave the row out")]
    UnknownLabel {
        /// Index of the row, from 0.
        row: usize,
        /// The label's index.
        label: u32,
        /// How many labels there are.
        classes: usize,
    },
    /// A weight below 0, or weights that are all 0.
    #[error("weights must not be negative, and one at least must be above 0")]
    Weights,
}

/// True values beside predicted ones, in the shape of the task.
#[derive(Debug, Clone, Copy)]
pub enum Scored<'a> {
    /// One label out of several a row.
    Classes(Classes<'a>),
    /// Any number of labels a row.
    LabelSets(LabelSets<'a>),
    /// A number a row.
    Numbers(Numbers<'a>),
}

impl<'a> Scored<'a> {
    /// The shape.
    pub fn shape(&self) -> Shape {
        match self {
            Self::Classes(_) => Shape::Classes,
            Self::LabelSets(_) => Shape::LabelSets,
            Self::Numbers(_) => Shape::Numbers,
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Classes(scores) => scores.len(),
            Self::LabelSets(scores) => scores.len(),
            Self::Numbers(scores) => scores.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The scores of a metric that judges labels, with one row at least.
    pub fn classes(&self) -> Result<&Classes<'a>, Undefined> {
        match self {
            Self::Classes(scores) if !scores.is_empty() => Ok(scores),
            Self::Classes(_) => Err(Undefined::NoRows),
            _ => Err(self.misfit(Shape::Classes)),
        }
    }

    /// The scores of a metric that judges label sets, with one row and one label at least.
    pub fn label_sets(&self) -> Result<&LabelSets<'a>, Undefined> {
        match self {
            Self::LabelSets(scores) if !scores.is_empty() => Ok(scores),
            Self::LabelSets(_) => Err(Undefined::NoRows),
            _ => Err(self.misfit(Shape::LabelSets)),
        }
    }

    /// The scores of a metric that judges numbers, with one row at least.
    pub fn numbers(&self) -> Result<&Numbers<'a>, Undefined> {
        match self {
            Self::Numbers(scores) if !scores.is_empty() => Ok(scores),
            Self::Numbers(_) => Err(Undefined::NoRows),
            _ => Err(self.misfit(Shape::Numbers)),
        }
    }

    fn misfit(&self, needs: Shape) -> Undefined {
        Undefined::Shape {
            needs,
            found: self.shape(),
        }
    }
}

impl<'a> From<Classes<'a>> for Scored<'a> {
    fn from(scores: Classes<'a>) -> Self {
        Self::Classes(scores)
    }
}

impl<'a> From<LabelSets<'a>> for Scored<'a> {
    fn from(scores: LabelSets<'a>) -> Self {
        Self::LabelSets(scores)
    }
}

impl<'a> From<Numbers<'a>> for Scored<'a> {
    fn from(scores: Numbers<'a>) -> Self {
        Self::Numbers(scores)
    }
}

/// True labels beside predicted probabilities.
#[derive(Debug, Clone, Copy)]
pub struct Classes<'a> {
    pub(super) classes: usize,
    pub(super) truth: &'a [u32],
    pub(super) probabilities: &'a [f32],
    pub(super) weights: Option<&'a [f64]>,
}

impl<'a> Classes<'a> {
    /// `truth` holds the index of each row's label, shape `[rows]`; `probabilities` are row-major,
    /// shape `[rows, classes]`. They need not sum to 1.
    ///
    /// # Errors
    /// When lengths do not fit, a label is unknown, or a probability is none (NaN included).
    pub fn new(
        classes: usize,
        truth: &'a [u32],
        probabilities: &'a [f32],
    ) -> Result<Self, ScoresError> {
        check_probabilities(probabilities, truth.len(), classes)?;
        if let Some(row) = truth.iter().position(|&label| label as usize >= classes) {
            return Err(ScoresError::UnknownLabel {
                row,
                label: truth[row],
                classes,
            });
        }
        Ok(Self {
            classes,
            truth,
            probabilities,
            weights: None,
        })
    }

    /// The same with a weight for each row, shape `[rows]`.
    ///
    /// # Errors
    /// When lengths do not fit or a weight is negative or not finite, or all are 0.
    pub fn weighted(self, weights: &'a [f64]) -> Result<Self, ScoresError> {
        check_weights(weights, self.len())?;
        Ok(Self {
            weights: Some(weights),
            ..self
        })
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.truth.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.truth.is_empty()
    }

    /// The number of labels.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Index of each row's true label.
    pub fn truth(&self) -> &'a [u32] {
        self.truth
    }

    /// Probabilities, row-major, shape `[rows, classes]`.
    pub fn probabilities(&self) -> &'a [f32] {
        self.probabilities
    }

    /// The rows' weights, if they have some.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// The true label and the probabilities of each row.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (u32, &'a [f32])> + Clone + use<'a> {
        let truth = self.truth.iter().copied();
        truth.zip(self.probabilities.chunks_exact(self.classes.max(1)))
    }

    /// The weighted mean of a figure that each row has.
    pub(super) fn mean(&self, of_row: impl FnMut((u32, &[f32])) -> f64) -> f64 {
        weighted_mean(self.rows().map(of_row), self.weights)
    }

    /// That mean for resampled rows: each row's figure is worked out once.
    pub(super) fn prepared_mean(&self, of_row: impl FnMut((u32, &[f32])) -> f64) -> Prepared<'a> {
        let figures: Vec<f64> = self.rows().map(of_row).collect();
        let weights = self.weights;
        Box::new(move |times| {
            let (mut sum, mut whole) = (0.0, 0.0);
            for (row, (figure, &times)) in figures.iter().zip(times).enumerate() {
                let weight = f64::from(times) * weights.map_or(1.0, |weights| weights[row]);
                sum += weight * figure;
                whole += weight;
            }
            Ok(super::ratio(sum, whole))
        })
    }
}

/// True label sets beside predicted probabilities.
#[derive(Debug, Clone, Copy)]
pub struct LabelSets<'a> {
    pub(super) labels: usize,
    pub(super) truth: &'a [bool],
    pub(super) probabilities: &'a [f32],
    pub(super) threshold: f32,
    pub(super) weights: Option<&'a [f64]>,
}

impl<'a> LabelSets<'a> {
    /// `truth` and `probabilities` are row-major, shape `[rows, labels]`. A label is named from
    /// [`DEFAULT_THRESHOLD`] on.
    ///
    /// # Errors
    /// When lengths do not fit or a probability is none (NaN included).
    pub fn new(
        labels: usize,
        truth: &'a [bool],
        probabilities: &'a [f32],
    ) -> Result<Self, ScoresError> {
        let rows = truth.len().checked_div(labels).unwrap_or(0);
        if truth.len() != rows * labels {
            return Err(ScoresError::Length {
                what: "true label sets",
                found: truth.len(),
                expected: rows * labels,
            });
        }
        check_probabilities(probabilities, rows, labels)?;
        Ok(Self {
            labels,
            truth,
            probabilities,
            threshold: DEFAULT_THRESHOLD,
            weights: None,
        })
    }

    /// The same with another threshold, 0 to 1.
    pub fn at(self, threshold: f32) -> Self {
        Self { threshold, ..self }
    }

    /// The same with a weight for each row, shape `[rows]`.
    ///
    /// # Errors
    /// When lengths do not fit or a weight is negative or not finite, or all are 0.
    pub fn weighted(self, weights: &'a [f64]) -> Result<Self, ScoresError> {
        check_weights(weights, self.len())?;
        Ok(Self {
            weights: Some(weights),
            ..self
        })
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.truth.len().checked_div(self.labels).unwrap_or(0)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.truth.is_empty()
    }

    /// The number of labels.
    pub fn labels(&self) -> usize {
        self.labels
    }

    /// Whether each row has each label, row-major, shape `[rows, labels]`.
    pub fn truth(&self) -> &'a [bool] {
        self.truth
    }

    /// Probabilities, row-major, shape `[rows, labels]`.
    pub fn probabilities(&self) -> &'a [f32] {
        self.probabilities
    }

    /// A label is named from this probability on.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// The rows' weights, if they have some.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// For each row, whether each label is so and whether it is called so.
    pub(super) fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = (bool, bool)>> {
        let threshold = self.threshold;
        let truth = self.truth.chunks_exact(self.labels.max(1));
        let probabilities = self.probabilities.chunks_exact(self.labels.max(1));
        truth.zip(probabilities).map(move |(truth, probabilities)| {
            let called = probabilities.iter().map(move |&p| p >= threshold);
            truth.iter().copied().zip(called)
        })
    }
}

/// True numbers beside predicted ones.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a> {
    pub(super) truth: &'a [f64],
    pub(super) predicted: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
}

impl<'a> Numbers<'a> {
    /// Both of shape `[rows]`, in the target's unit.
    ///
    /// # Errors
    /// When lengths do not fit or a value is not finite.
    pub fn new(truth: &'a [f64], predicted: &'a [f64]) -> Result<Self, ScoresError> {
        check_length("predictions", predicted.len(), truth.len())?;
        check_finite("true value", truth)?;
        check_finite("prediction", predicted)?;
        Ok(Self {
            truth,
            predicted,
            weights: None,
        })
    }

    /// The same with a weight for each row, shape `[rows]`.
    ///
    /// # Errors
    /// When lengths do not fit or a weight is negative or not finite, or all are 0.
    pub fn weighted(self, weights: &'a [f64]) -> Result<Self, ScoresError> {
        check_weights(weights, self.len())?;
        Ok(Self {
            weights: Some(weights),
            ..self
        })
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.truth.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.truth.is_empty()
    }

    /// True values.
    pub fn truth(&self) -> &'a [f64] {
        self.truth
    }

    /// Predicted values.
    pub fn predicted(&self) -> &'a [f64] {
        self.predicted
    }

    /// The rows' weights, if they have some.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// The true and the predicted value of each row.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (f64, f64)> + Clone + use<'a> {
        let truth = self.truth.iter().copied();
        truth.zip(self.predicted.iter().copied())
    }

    /// The weighted mean of a figure that each row has.
    pub(super) fn mean(&self, of_row: impl FnMut((f64, f64)) -> f64) -> f64 {
        weighted_mean(self.rows().map(of_row), self.weights)
    }

    /// The same scores, where a metric has no meaning for weights.
    pub(super) fn unweighted(&self) -> Result<&Self, Undefined> {
        match self.weights {
            None => Ok(self),
            Some(_) => Err(Undefined::Weighted),
        }
    }
}

/// The mean of the rows' values, each with its weight.
pub(super) fn weighted_mean(values: impl Iterator<Item = f64>, weights: Option<&[f64]>) -> f64 {
    let (mut sum, mut whole) = (0.0, 0.0);
    for (row, value) in values.enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[row]);
        sum += weight * value;
        whole += weight;
    }
    super::ratio(sum, whole)
}

fn check_length(what: &'static str, found: usize, expected: usize) -> Result<(), ScoresError> {
    if found == expected {
        return Ok(());
    }
    Err(ScoresError::Length {
        what,
        found,
        expected,
    })
}

fn check_finite(what: &'static str, values: &[f64]) -> Result<(), ScoresError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(ScoresError::NotFinite {
            what,
            row,
            value: values[row],
        }),
    }
}

fn check_probabilities(values: &[f32], rows: usize, labels: usize) -> Result<(), ScoresError> {
    check_length("probabilities", values.len(), rows * labels)?;
    let accepted = -PROBABILITY_SLACK..=1.0 + PROBABILITY_SLACK;
    let Some(at) = values.iter().position(|value| !accepted.contains(value)) else {
        return Ok(());
    };
    let (row, value) = (at / labels, values[at]);
    Err(if value.is_finite() {
        ScoresError::NotAProbability { row, value }
    } else {
        ScoresError::NotFinite {
            what: "probability",
            row,
            value: value.into(),
        }
    })
}

fn check_weights(weights: &[f64], rows: usize) -> Result<(), ScoresError> {
    check_length("weights", weights.len(), rows)?;
    check_finite("weight", weights)?;
    let is_negative = weights.iter().any(|&weight| weight < 0.0);
    if is_negative || (rows > 0 && weights.iter().all(|&weight| weight == 0.0)) {
        return Err(ScoresError::Weights);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: std::fmt::Debug>(found: Result<T, ScoresError>, starts: &str) {
        let message = found.unwrap_err().to_string();
        assert!(message.starts_with(starts), "{message}");
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_row() {
        for bad in [f32::NAN, f32::INFINITY] {
            check(
                Classes::new(2, &[0, 1], &[0.5, 0.5, bad, 0.5]),
                "row 1: the probability is ",
            );
            check(
                LabelSets::new(2, &[true; 4], &[0.5, 0.5, 0.5, bad]),
                "row 1: the probability is ",
            );
        }
        for bad in [f64::NAN, f64::NEG_INFINITY] {
            check(
                Numbers::new(&[1.0, bad], &[1.0, 1.0]),
                "row 1: the true value is ",
            );
            check(
                Numbers::new(&[1.0, 1.0], &[bad, 1.0]),
                "row 0: the prediction is ",
            );
            let numbers = Numbers::new(&[1.0], &[1.0]).unwrap();
            check(numbers.weighted(&[bad]), "row 0: the weight is ");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        check(
            Classes::new(2, &[0], &[1.5, 0.0]),
            "row 0: 1.5 is no probability",
        );
        check(
            Classes::new(2, &[0, 2], &[0.5; 4]),
            "row 1: label 2 of a model with 2 labels",
        );
        check(
            Classes::new(2, &[0], &[0.5; 3]),
            "probabilities: 3 values where 2",
        );
        check(
            LabelSets::new(2, &[true; 3], &[0.5; 3]),
            "true label sets: 3 values where 2",
        );
        check(Numbers::new(&[1.0], &[]), "predictions: 0 values where 1");
        let numbers = Numbers::new(&[1.0, 2.0], &[1.0, 2.0]).unwrap();
        check(numbers.weighted(&[1.0]), "weights: 1 values where 2");
        check(
            numbers.weighted(&[0.0, 0.0]),
            "weights must not be negative",
        );
        check(
            numbers.weighted(&[2.0, -1.0]),
            "weights must not be negative",
        );
    }

    #[test]
    fn a_softmax_may_round() {
        assert!(Classes::new(2, &[0], &[1.000_001, -0.000_001]).is_ok());
    }

    #[test]
    fn a_metric_is_told_of_a_shape_that_does_not_fit() {
        let numbers = Scored::from(Numbers::new(&[1.0], &[1.0]).unwrap());
        assert_eq!(
            numbers.classes().unwrap_err(),
            Undefined::Shape {
                needs: Shape::Classes,
                found: Shape::Numbers
            }
        );
        let none = Scored::from(Numbers::new(&[], &[]).unwrap());
        assert_eq!(none.numbers().unwrap_err(), Undefined::NoRows);
    }
}
