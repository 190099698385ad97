//! The baseline of counted words, fitted on the same training rows.

use crate::domain::baseline::{Fitting, MOST_WEIGHTS, TfIdf};
use crate::domain::examples::Examples;
use crate::domain::table::RowId;
use crate::engine::train::Watcher;

/// How freely the weights may fit: scikit-learn's default.
const C: f64 = 1.0;

/// Probabilities of every label for some rows, by words that were counted in the training rows.
/// Breathes, and goes on whatever the watcher says.
pub(super) async fn word_counts<W: Watcher>(
    examples: &Examples,
    rows: &[RowId],
    watcher: &mut W,
) -> Vec<f32> {
    let classes = examples.labels.len();
    let train = &examples.split.train;
    let texts = |rows: &[RowId]| -> Vec<&str> {
        let texts = rows.iter().map(|row| examples.texts[row.index()].as_str());
        texts.collect()
    };
    let words = TfIdf::fit(texts(train), MOST_WEIGHTS / classes.max(1));
    let learned = words.encode(texts(train));
    let labels = train.iter().map(|&row| examples.label(row)).collect();
    let mut fitting = Fitting::labels(&learned, labels, classes, C);
    while fitting.step() {
        watcher.breathe().await;
    }
    fitting.finish().predict(&words.encode(texts(rows)))
}
