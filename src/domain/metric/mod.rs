//! Figures of merit over plain slices: one file each, listed in [`ALL`].
//!
//! The conventions are scikit-learn's, so that a figure can be compared with one from a notebook:
//! 0/0 counts as 0, the most probable label is the prediction, and on a tie the one of the lowest
//! index is. Means over labels cover all labels of the model, those without a row included, unless
//! a metric says otherwise.

mod accuracy;
mod balanced_accuracy;
mod brier;
mod confusion;
mod log_loss;
mod macro_f1;
mod matthews;
mod weighted_f1;

pub use accuracy::Accuracy;
pub use balanced_accuracy::BalancedAccuracy;
pub use brier::Brier;
pub use confusion::Confusion;
pub use log_loss::LogLoss;
pub use macro_f1::MacroF1;
pub use matthews::Matthews;
pub use weighted_f1::WeightedF1;

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

    /// The figure; 0 when there are no rows.
    fn of(&self, scored: &Scored) -> f64;
}

/// Every metric.
pub const ALL: &[&dyn Metric] = &[
    &Accuracy,
    &MacroF1,
    &BalancedAccuracy,
    &WeightedF1,
    &Matthews,
    &LogLoss,
    &Brier,
];

/// A metric by its id.
pub fn find(id: &str) -> Option<&'static dyn Metric> {
    ALL.iter().copied().find(|metric| metric.id() == id)
}

/// True labels beside predicted probabilities.
#[derive(Debug, Clone, Copy)]
pub struct Scored<'a> {
    /// Number of labels.
    pub classes: usize,
    /// Index of the true label of each row, shape `[rows]`.
    pub truth: &'a [u32],
    /// Probabilities, row-major, shape `[rows, classes]`.
    pub probabilities: &'a [f32],
}

impl<'a> Scored<'a> {
    /// The true label and the probabilities of each row.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (u32, &'a [f32])> + use<'a> {
        debug_assert_eq!(self.probabilities.len(), self.truth.len() * self.classes);
        self.truth
            .iter()
            .copied()
            .zip(self.probabilities.chunks_exact(self.classes.max(1)))
    }
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

    /// Compares a metric with a figure worked out by hand.
    #[track_caller]
    pub(super) fn check(metric: &dyn Metric, truth: &[u32], probabilities: &[&[f32]], figure: f64) {
        let scored = Scored {
            classes: probabilities[0].len(),
            truth,
            probabilities: &probabilities.concat(),
        };
        let found = metric.of(&scored);
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
            let scored = Scored {
                classes: case.classes,
                truth: &case.labels,
                probabilities: &case.probabilities.concat(),
            };
            for metric in ALL {
                let expected = case.expected[metric.id()].as_f64().unwrap();
                let what = format!("{} of {}", metric.id(), case.name);
                assert_close(metric.of(&scored), expected, &what);
            }
        }
    }

    #[test]
    fn every_class_report_equals_scikit_learns() {
        for case in scikit_learn() {
            let probabilities = case.probabilities.concat();
            let scored = Scored {
                classes: case.classes,
                truth: &case.labels,
                probabilities: &probabilities,
            };
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
                    ("support", f64::from(confusion.support(class))),
                ] {
                    let what = format!("{id} of class {class} of {}", case.name);
                    assert_close(found, case.figures(id)[class], &what);
                }
            }
        }
    }

    #[test]
    fn no_rows_give_no_strange_figures() {
        let scored = Scored {
            classes: 2,
            truth: &[],
            probabilities: &[],
        };
        for metric in ALL {
            assert_eq!(metric.of(&scored), 0.0, "{}", metric.id());
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
