//! Evaluation beside scikit-learn, SciPy, cleanlab and shap: `tests/fixtures/evaluation`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::domain::metric::Classes;
use crate::domain::metric::ranking::Ranking;

fn cases<T: DeserializeOwned>(part: &str) -> Vec<T> {
    let json = include_str!("../../../tests/fixtures/evaluation/reference.json");
    let mut reference: serde_json::Value = serde_json::from_str(json).unwrap();
    let cases: Vec<T> = serde_json::from_value(reference[part].take()).unwrap();
    assert!(!cases.is_empty());
    cases
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], within: f64) {
    assert_eq!(found.len(), expected.len());
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let apart = (found - expected).abs();
        assert!(
            apart <= within * expected.abs().max(1.0),
            "{at}: {found} instead of {expected}"
        );
    }
}

#[derive(Deserialize)]
struct CurveCase {
    truth: Vec<u32>,
    score: Vec<f64>,
    weights: Vec<f64>,
    thresholds: Vec<f64>,
    false_alarms: Vec<f64>,
    recall: Vec<f64>,
    precision: Vec<f64>,
}

#[test]
fn curves_equal_scikit_learns() {
    for case in cases::<CurveCase>("curves") {
        let probabilities: Vec<f32> = case
            .score
            .iter()
            .flat_map(|&score| [1.0 - score as f32, score as f32])
            .collect();
        let classes = Classes::new(2, &case.truth, &probabilities).unwrap();
        let classes = classes.weighted(&case.weights).unwrap();
        let points = label_curves(&classes, 1).unwrap().points;
        let column =
            |of: fn(&CurvePoint) -> f64| -> Vec<f64> { points[1..].iter().map(of).collect() };
        assert_close(
            &column(|point| point.threshold.unwrap()),
            &case.thresholds,
            1e-9,
        );
        assert_close(
            &column(|point| point.false_alarms),
            &case.false_alarms,
            1e-9,
        );
        assert_close(&column(|point| point.recall), &case.recall, 1e-9);
        // scikit-learn's precision-recall curve stops at full recall.
        let full = case.precision.len();
        assert_close(
            &column(|point| point.precision)[..full],
            &case.precision,
            1e-9,
        );
        let rows = case.score.iter().zip(&case.truth);
        let ranking = Ranking::of(rows.map(|(&s, &t)| (s, t == 1)), Some(&case.weights));
        assert_eq!(ranking.cuts().len(), case.thresholds.len());
    }
}

#[derive(Deserialize)]
struct IsotonicCase {
    scores: Vec<f64>,
    truth: Vec<f64>,
    weights: Vec<f64>,
    asked: Vec<f64>,
    values: Vec<f64>,
}

#[test]
fn isotonic_regression_equals_scikit_learns() {
    for case in cases::<IsotonicCase>("isotonic") {
        let fitted = Isotonic::fit(&case.scores, &case.truth, Some(&case.weights)).unwrap();
        let found: Vec<f64> = case.asked.iter().map(|&score| fitted.at(score)).collect();
        assert_close(&found, &case.values, 1e-9);
    }
}

#[derive(Deserialize)]
struct TemperatureCase {
    classes: usize,
    truth: Vec<u32>,
    probabilities: Vec<f32>,
    temperature: f64,
}

#[test]
fn temperatures_equal_those_of_a_general_minimiser() {
    for case in cases::<TemperatureCase>("temperature") {
        let classes = Classes::new(case.classes, &case.truth, &case.probabilities).unwrap();
        let Temperature(found) = Temperature::fit(&classes).unwrap();
        assert_close(&[found], &[case.temperature], 1e-5);
    }
}

#[derive(Deserialize)]
struct LabelErrorCase {
    classes: usize,
    given: Vec<u32>,
    probabilities: Vec<f32>,
    thresholds: Vec<f64>,
    joint: Vec<Vec<u32>>,
    filters: std::collections::BTreeMap<String, Vec<u32>>,
    self_confidence: Vec<f64>,
    normalized_margin: Vec<f64>,
}

#[test]
fn label_errors_equal_cleanlabs() {
    let mut suspects = 0;
    for case in cases::<LabelErrorCase>("label_errors") {
        let classes = Classes::new(case.classes, &case.given, &case.probabilities).unwrap();
        let found = find_label_errors(&classes, LabelQuality::NormalizedMargin).unwrap();
        let thresholds: Vec<f64> = found.thresholds.iter().map(|t| t.unwrap()).collect();
        assert_close(&thresholds, &case.thresholds, 1e-6);
        assert_eq!(found.joint, case.joint);
        let mut rows: Vec<u32> = found.suspects.iter().map(|suspect| suspect.row).collect();
        assert!(found.suspects.is_sorted_by(|a, b| a.quality <= b.quality));
        rows.sort_unstable();
        assert_eq!(rows, case.filters["confident_learning"]);
        suspects += rows.len();
        for (by, expected) in [
            (LabelQuality::SelfConfidence, &case.self_confidence),
            (LabelQuality::NormalizedMargin, &case.normalized_margin),
        ] {
            assert_close(&label_quality(&classes, by), expected, 1e-6);
        }
    }
    assert!(suspects > 20, "{suspects}");
}

#[derive(Deserialize)]
struct ShapCase {
    name: String,
    background: Vec<f64>,
    rows: Vec<f64>,
    base: f64,
    values: Vec<f64>,
    kernel: Vec<f64>,
}

/// Columns of the explained functions, which are those of the script.
const SHAP_COLUMNS: usize = 5;

fn linear(row: &[f64]) -> f64 {
    let coefficients = [2.0, -1.0, 0.5, 0.0, 3.0];
    0.25 + row
        .iter()
        .zip(coefficients)
        .map(|(x, c)| x * c)
        .sum::<f64>()
}

fn tree_like(row: &[f64]) -> f64 {
    let branch = match row[0] > 0.0 {
        true if row[1] > 0.5 => 3.0,
        true => 1.0,
        false if row[2] > -0.5 => -1.0,
        false => 0.5,
    };
    branch + if row[3] * row[4] > 0.0 { 0.75 } else { -0.25 }
}

#[test]
fn shares_equal_those_of_shap() {
    for case in cases::<ShapCase>("shap") {
        let function = if case.name == "linear" {
            linear
        } else {
            tree_like
        };
        let rows_of = |cells: &[f64]| -> Vec<Vec<f64>> {
            cells
                .chunks_exact(SHAP_COLUMNS)
                .map(<[f64]>::to_vec)
                .collect()
        };
        let background = rows_of(&case.background);
        assert_close(&case.kernel, &case.values, 1e-6);
        let kernel = KernelShap::new(SHAP_COLUMNS, KernelShap::default_budget(SHAP_COLUMNS), 0);
        let kernel = kernel.unwrap();
        // Three columns interact, so one order and its reverse are not enough: all 120 are exact.
        let orders = PermutationShap::new(SHAP_COLUMNS, 120, 0).unwrap();
        let explained = rows_of(&case.rows);
        for (row, expected) in explained.iter().zip(case.values.chunks_exact(SHAP_COLUMNS)) {
            let worth = |mask: &Vec<bool>| {
                let rows = mixtures(row, &background, mask);
                rows.iter().map(|row| function(row)).sum::<f64>() / rows.len() as f64
            };
            let values: Vec<f64> = kernel.masks().iter().map(worth).collect();
            let found = kernel.solve(&values).unwrap();
            assert_close(&[found.base], &[case.base], 1e-9);
            assert_close(&found.values, expected, 1e-9);

            let known: std::collections::BTreeMap<&Vec<bool>, f64> =
                kernel.masks().iter().zip(values).collect();
            let values: Vec<f64> = orders.masks().iter().map(|mask| known[mask]).collect();
            let found = orders.solve(&values).unwrap();
            assert_close(&found.values, expected, 1e-9);
        }
    }
}
