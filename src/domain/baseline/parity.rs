//! Beside scikit-learn on forty short texts; the script lies beside the fixture.

use serde::Deserialize;

use super::{Fitting, Linear, TfIdf};

#[derive(Deserialize)]
struct Reference {
    texts: Vec<String>,
    labels: Vec<u32>,
    numbers: Vec<f64>,
    words: usize,
    probabilities: Vec<Vec<f64>>,
    predicted: Vec<f64>,
}

/// Rows that are learned from.
const LEARNED: usize = 30;

fn reference() -> Reference {
    let text = include_str!("../../../tests/fixtures/baseline/reference.json");
    serde_json::from_str(text).expect("it was made by a script")
}

fn fitted(mut fitting: Fitting) -> Linear {
    while fitting.step() {}
    fitting.finish()
}

#[track_caller]
fn check(found: &[f32], expected: impl Iterator<Item = f64>, bound: f64) {
    let mut count = 0;
    for (found, expected) in found.iter().zip(expected) {
        let found = f64::from(*found);
        assert!((found - expected).abs() < bound, "{found} {expected}");
        count += 1;
    }
    assert_eq!(count, found.len());
}

#[test]
fn labels_have_scikit_learns_probabilities() {
    let reference = reference();
    let texts: Vec<&str> = reference.texts.iter().map(String::as_str).collect();
    let words = TfIdf::fit(texts[..LEARNED].iter().copied(), usize::MAX);
    assert_eq!(words.width(), reference.words);
    let rows = words.encode(texts[..LEARNED].iter().copied());
    let labels = reference.labels[..LEARNED].to_vec();
    let model = fitted(Fitting::labels(&rows, labels, 3, 1.0));
    let found = model.predict(&words.encode(texts[LEARNED..].iter().copied()));
    check(&found, reference.probabilities.into_iter().flatten(), 2e-3);
}

#[test]
fn numbers_are_scikit_learns() {
    let reference = reference();
    let texts: Vec<&str> = reference.texts.iter().map(String::as_str).collect();
    let words = TfIdf::fit(texts[..LEARNED].iter().copied(), usize::MAX);
    let rows = words.encode(texts[..LEARNED].iter().copied());
    let numbers = reference.numbers[..LEARNED].to_vec();
    let model = fitted(Fitting::numbers(&rows, numbers, 1.0));
    let found = model.predict(&words.encode(texts[LEARNED..].iter().copied()));
    check(&found, reference.predicted.into_iter(), 2e-2);
}
