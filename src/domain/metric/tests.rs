//! Every metric beside scikit-learn's figures.

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
pub(super) fn check_numbers(metric: &dyn Metric, truth: &[f64], predicted: &[f64], figure: f64) {
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

/// Figures by metric id; `None` where the metric refuses.
type Expected = std::collections::BTreeMap<String, Option<f64>>;

/// `tests/fixtures/metrics/scores.json`, made by the script beside it.
#[derive(Deserialize)]
struct Folds {
    classes: Vec<ClassFold>,
    label_sets: Vec<LabelSetFold>,
    numbers: Vec<NumberFold>,
}

#[derive(Deserialize)]
struct ClassFold {
    name: String,
    classes: usize,
    truth: Vec<u32>,
    probabilities: Vec<f32>,
    weights: Option<Vec<f64>>,
    expected: Expected,
}

#[derive(Deserialize)]
struct LabelSetFold {
    name: String,
    labels: usize,
    truth: Vec<bool>,
    probabilities: Vec<f32>,
    weights: Option<Vec<f64>>,
    f1: Vec<f64>,
    expected: Expected,
}

#[derive(Deserialize)]
struct NumberFold {
    name: String,
    truth: Vec<f64>,
    predicted: Vec<f64>,
    weights: Option<Vec<f64>>,
    expected: Expected,
}

/// Fewer cases of a metric than this are no comparison.
const LEAST_CASES: usize = 20;

#[test]
fn every_metric_equals_scikit_learns_on_folds() {
    let json = include_str!("../../../tests/fixtures/metrics/scores.json");
    let folds: Folds = serde_json::from_str(json).unwrap();
    let mut cases = std::collections::BTreeMap::new();
    let mut compare = |name: &str, scored: Scored, expected: &Expected| {
        for (id, &expected) in expected {
            let metric = find(id).unwrap();
            let what = format!("{id} of {name}");
            match (metric.of(&scored), expected) {
                (Ok(found), Some(expected)) => assert_close(found, expected, &what),
                (Err(_), None) => {}
                (found, expected) => panic!("{what}: {found:?} instead of {expected:?}"),
            }
            *cases.entry(metric.id()).or_insert(0) += usize::from(expected.is_some());
        }
    };
    for fold in &folds.classes {
        let mut scores = Classes::new(fold.classes, &fold.truth, &fold.probabilities).unwrap();
        if let Some(weights) = &fold.weights {
            scores = scores.weighted(weights).unwrap();
        }
        compare(&fold.name, scores.into(), &fold.expected);
    }
    for fold in &folds.label_sets {
        let mut scores = LabelSets::new(fold.labels, &fold.truth, &fold.probabilities).unwrap();
        if let Some(weights) = &fold.weights {
            scores = scores.weighted(weights).unwrap();
        }
        compare(&fold.name, scores.into(), &fold.expected);
        for (label, expected) in LabelCounts::each(&scores).iter().zip(&fold.f1) {
            assert_close(label.f1(), *expected, &fold.name);
        }
    }
    for fold in &folds.numbers {
        let mut scores = Numbers::new(&fold.truth, &fold.predicted).unwrap();
        if let Some(weights) = &fold.weights {
            scores = scores.weighted(weights).unwrap();
        }
        compare(&fold.name, scores.into(), &fold.expected);
    }
    for metric in ALL {
        let found = cases.get(metric.id()).copied().unwrap_or(0);
        assert!(found >= LEAST_CASES, "{}: {found} cases", metric.id());
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
