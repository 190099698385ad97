//! Figures of merit over plain slices: one file each, listed in [`ALL`].
//!
//! What they judge is checked when it is put together ([`Classes`], [`LabelSets`], [`Numbers`]), so
//! that no metric meets a NaN; where a figure has no meaning the reason is told ([`Undefined`]).
//!
//! The conventions are scikit-learn's, so that a figure can be compared with one from a notebook:
//! 0/0 counts as 0, the most probable label is the prediction, and on a tie the one of the lowest
//! index is. Means over labels cover all labels of the model, those without a row included, unless
//! a metric says otherwise.

mod accuracy;
mod average_precision;
mod balanced_accuracy;
mod brier;
mod confusion;
mod correlation;
mod hamming_loss;
mod label_counts;
mod label_macro_f1;
mod label_micro_f1;
mod log_loss;
mod macro_f1;
mod mae;
mod mape;
mod matthews;
mod median_absolute_error;
mod pair_auc;
mod pearson;
mod r2;
pub mod ranking;
mod rmse;
mod roc_auc;
mod scored;
mod smape;
mod spearman;
mod subset_accuracy;
mod top_k_accuracy;
mod undefined;
mod weighted_f1;

pub use accuracy::Accuracy;
pub use average_precision::AveragePrecision;
pub use balanced_accuracy::BalancedAccuracy;
pub use brier::Brier;
pub use confusion::Confusion;
pub use hamming_loss::HammingLoss;
pub use label_counts::LabelCounts;
pub use label_macro_f1::LabelMacroF1;
pub use label_micro_f1::LabelMicroF1;
pub use log_loss::LogLoss;
pub use macro_f1::MacroF1;
pub use mae::Mae;
pub use mape::Mape;
pub use matthews::Matthews;
pub use median_absolute_error::MedianAbsoluteError;
pub use pair_auc::PairAuc;
pub use pearson::Pearson;
pub use r2::R2;
pub use rmse::Rmse;
pub use roc_auc::RocAuc;
pub use scored::{Classes, DEFAULT_THRESHOLD, LabelSets, Numbers, Scored, ScoresError, Shape};
pub use smape::Smape;
pub use spearman::Spearman;
pub use subset_accuracy::SubsetAccuracy;
pub use top_k_accuracy::TopKAccuracy;
pub use undefined::Undefined;
pub use weighted_f1::WeightedF1;

use correlation::{correlation, mean_ranks};
use scored::weighted_mean;

/// A figure of merit.
pub trait Metric: Sync {
    /// Stable id, as in reports.
    fn id(&self) -> &'static str;

    /// Name as people read it.
    fn name(&self) -> &'static str;

    /// What it tells, as a sentence.
    fn about(&self) -> &'static str;

    /// Whether a larger figure is a better one.
    fn is_higher_better(&self) -> bool;

    /// What it judges.
    fn judges(&self) -> Shape;

    /// The figure.
    ///
    /// # Errors
    /// When it has no value on these rows, with the reason; also when `scored` is not of the shape
    /// that it judges.
    fn of(&self, scored: &Scored) -> Result<f64, Undefined>;
}

/// Every metric.
pub const ALL: &[&dyn Metric] = &[
    &Accuracy,
    &MacroF1,
    &BalancedAccuracy,
    &WeightedF1,
    &Matthews,
    &RocAuc,
    &AveragePrecision,
    &TopKAccuracy::<3>,
    &TopKAccuracy::<5>,
    &LogLoss,
    &Brier,
    &LabelMacroF1,
    &LabelMicroF1,
    &SubsetAccuracy,
    &HammingLoss,
    &Rmse,
    &Mae,
    &R2,
    &MedianAbsoluteError,
    &Mape,
    &Smape,
    &Pearson,
    &Spearman,
    &PairAuc,
];

/// What pairs of texts are judged by: their similarity is a number beside a true one.
pub const PAIRS: &[&dyn Metric] = &[&Spearman, &Pearson, &PairAuc];

/// A metric by its id.
pub fn find(id: &str) -> Option<&'static dyn Metric> {
    ALL.iter().copied().find(|metric| metric.id() == id)
}

/// Index of the largest probability; the lowest one on a tie.
pub fn most_probable(probabilities: &[f32]) -> u32 {
    let mut best = 0;
    for (index, &probability) in probabilities.iter().enumerate() {
        if probability > probabilities[best] {
            best = index;
        }
    }
    best as u32
}

/// A quotient in which 0/0 counts as 0.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// Compares a metric of labels with a figure worked out by hand.
    #[track_caller]
    pub(super) fn check(metric: &dyn Metric, truth: &[u32], probabilities: &[&[f32]], figure: f64) {
        let (classes, probabilities) = (probabilities[0].len(), probabilities.concat());
        let scored = Classes::new(classes, truth, &probabilities).unwrap();
        check_scored(metric, &scored.into(), figure);
    }

    /// Expects that a metric of labels has no figure.
    #[track_caller]
    pub(super) fn refuses(
        metric: &dyn Metric,
        truth: &[u32],
        probabilities: &[&[f32]],
        refusal: &Undefined,
    ) {
        let (classes, probabilities) = (probabilities[0].len(), probabilities.concat());
        let scored = Classes::new(classes, truth, &probabilities).unwrap();
        assert_eq!(metric.of(&scored.into()), Err(refusal.clone()));
    }

    /// Compares a metric of label sets with a figure worked out by hand.
    #[track_caller]
    pub(super) fn check_sets(
        metric: &dyn Metric,
        labels: usize,
        truth: &[u8],
        probabilities: &[f32],
        figure: f64,
    ) {
        let truth: Vec<bool> = truth.iter().map(|&is_so| is_so == 1).collect();
        let scored = LabelSets::new(labels, &truth, probabilities).unwrap();
        check_scored(metric, &scored.into(), figure);
    }

    /// Compares a metric of numbers with a figure worked out by hand.
    #[track_caller]
    pub(super) fn check_numbers(
        metric: &dyn Metric,
        truth: &[f64],
        predicted: &[f64],
        figure: f64,
    ) {
        let scored = Numbers::new(truth, predicted).unwrap();
        check_scored(metric, &scored.into(), figure);
    }

    #[track_caller]
    fn check_scored(metric: &dyn Metric, scored: &Scored, figure: f64) {
        let found = metric.of(scored).unwrap();
        assert!((found - figure).abs() < 1e-7, "{found} instead of {figure}");
    }

    #[derive(Deserialize)]
    struct Fixture {
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        name: String,
        classes: usize,
        labels: Vec<u32>,
        probabilities: Vec<Vec<f32>>,
        predictions: Vec<u32>,
        expected: serde_json::Map<String, serde_json::Value>,
    }

    impl Case {
        fn figures(&self, id: &str) -> Vec<f64> {
            serde_json::from_value(self.expected[id].clone()).unwrap()
        }
    }

    fn scikit_learn() -> Vec<Case> {
        let json = include_str!("../../../tests/fixtures/metrics.json");
        let fixture: Fixture = serde_json::from_str(json).unwrap();
        fixture.cases
    }

    #[track_caller]
    fn assert_close(found: f64, expected: f64, what: &str) {
        assert!(
            (found - expected).abs() <= 1e-6 * expected.abs() + 1e-12,
            "{what}: {found} instead of {expected}"
        );
    }

    #[test]
    fn every_metric_equals_scikit_learns() {
        for case in scikit_learn() {
            let probabilities = case.probabilities.concat();
            let scored = Classes::new(case.classes, &case.labels, &probabilities).unwrap();
            for metric in ALL {
                let Some(expected) = case.expected.get(metric.id()) else {
                    continue;
                };
                let what = format!("{} of {}", metric.id(), case.name);
                let found = metric.of(&scored.into()).unwrap();
                assert_close(found, expected.as_f64().unwrap(), &what);
            }
        }
    }

    #[test]
    fn every_class_report_equals_scikit_learns() {
        for case in scikit_learn() {
            let probabilities = case.probabilities.concat();
            let scored = Classes::new(case.classes, &case.labels, &probabilities).unwrap();
            let predicted: Vec<u32> = scored.rows().map(|(_, row)| most_probable(row)).collect();
            assert_eq!(predicted, case.predictions, "{}", case.name);

            let confusion = Confusion::of(&scored);
            let expected = serde_json::to_value(confusion.counts()).unwrap();
            assert_eq!(expected, case.expected["confusion"], "{}", case.name);
            for class in 0..case.classes {
                for (id, found) in [
                    ("precision", confusion.precision(class)),
                    ("recall", confusion.recall(class)),
                    ("f1", confusion.f1(class)),
                    ("support", confusion.support(class)),
                ] {
                    let what = format!("{id} of class {class} of {}", case.name);
                    assert_close(found, case.figures(id)[class], &what);
                }
            }
        }
    }

    #[test]
    fn no_rows_have_no_figure() {
        for metric in ALL {
            let scored = match metric.judges() {
                Shape::Classes => Classes::new(2, &[], &[]).unwrap().into(),
                Shape::LabelSets => LabelSets::new(2, &[], &[]).unwrap().into(),
                Shape::Numbers => Numbers::new(&[], &[]).unwrap().into(),
            };
            assert_eq!(
                metric.of(&scored),
                Err(Undefined::NoRows),
                "{}",
                metric.id()
            );
        }
    }

    #[test]
    fn another_shape_has_no_figure() {
        let classes = Scored::from(Classes::new(2, &[0], &[1.0, 0.0]).unwrap());
        let numbers = Scored::from(Numbers::new(&[1.0], &[1.0]).unwrap());
        for metric in ALL {
            let scored = match metric.judges() {
                Shape::Numbers => &classes,
                _ => &numbers,
            };
            let refusal = metric.of(scored).unwrap_err();
            assert!(
                matches!(refusal, Undefined::Shape { .. }),
                "{}",
                metric.id()
            );
        }
    }

    #[test]
    fn ids_are_unique() {
        for (at, metric) in ALL.iter().enumerate() {
            assert!(
                ALL[..at].iter().all(|other| other.id() != metric.id()),
                "{}",
                metric.id()
            );
        }
    }
}
