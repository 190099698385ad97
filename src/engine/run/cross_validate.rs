//! A model a fold, each judged on rows that it did not see.
//!
//! The rows that judge a fold must not choose its checkpoint as well, so every fold sets rows of its
//! own training part aside to stop by.

use super::learn::{Begun, Learned};
use super::{Base, FeatureStore, Quiet, Seen, metrics, tokenize};
use crate::domain::cross_validation::CrossValidation;
use crate::domain::examples::Examples;
use crate::domain::metric::{Classes, most_probable};
use crate::domain::recipe::Recipe;
use crate::domain::report::{Ended, MetricValue, Phase, RowPrediction, Scores, Truth};
use crate::domain::split::Fold;
use crate::domain::table::RowId;
use crate::engine::error::EngineError;
use crate::engine::train::{Notice, Watcher};

/// One of so many training rows of a fold stops it where none of the run's validation rows are
/// among them.
const STOPPING: usize = 10;

/// What [`cross_validate`] leaves.
pub(super) struct OutOfFold {
    pub report: CrossValidation,
    /// Probabilities for the report's rows, row-major.
    pub probabilities: Vec<f32>,
}

impl OutOfFold {
    /// The report, and the probabilities beside their rows.
    pub fn apart(self) -> (CrossValidation, Scores) {
        let rows = &self.report.rows;
        let scores = Scores {
            rows: rows.iter().map(|row| row.row).collect(),
            truth: Truth::Labels(rows.iter().map(|row| row.truth).collect()),
            outputs: self.probabilities,
        };
        (self.report, scores)
    }
}

/// Trains and judges a model a fold; `None` without folds, or when somebody stopped it on the way.
///
/// # Errors
/// When training diverges or the device fails.
pub(super) async fn cross_validate<W: Watcher>(
    base: &Base,
    examples: &Examples,
    recipe: &Recipe,
    store: &mut FeatureStore,
    watcher: &mut W,
) -> Result<Option<OutOfFold>, EngineError> {
    if examples.folds.is_empty() {
        return Ok(None);
    }
    let (mut figures, mut rows, mut probabilities) = (Vec::new(), Vec::new(), Vec::new());
    for (done, fold) in examples.folds.iter().enumerate() {
        watcher.notice(Notice::Phase(Phase::Fold {
            done: done as u32,
            total: examples.folds.len() as u32,
        }));
        let found = match judge(base, examples, recipe, fold, store, &mut Quiet(watcher)).await {
            Ok(Some(found)) => found,
            Ok(None) | Err(EngineError::Stopped) => return Ok(None),
            Err(error) => return Err(error),
        };
        let truth: Vec<u32> = fold.1.iter().map(|&row| examples.label(row)).collect();
        let scored = Classes::new(examples.labels.len(), &truth, &found)?;
        figures.push(MetricValue::all(metrics(recipe), &scored.into()));
        rows.extend(
            fold.1
                .iter()
                .zip(scored.rows())
                .map(|(&row, (truth, of_row))| {
                    let predicted = most_probable(of_row);
                    RowPrediction {
                        row,
                        truth,
                        predicted,
                        probability: of_row[predicted as usize],
                    }
                }),
        );
        probabilities.extend(found);
    }
    Ok(Some(OutOfFold {
        report: CrossValidation::of(&figures, rows),
        probabilities,
    }))
}

/// Probabilities for the held-out rows of a fold; `None` when somebody stopped its training.
async fn judge<W: Watcher>(
    base: &Base,
    examples: &Examples,
    recipe: &Recipe,
    fold: &Fold,
    store: &mut FeatureStore,
    watcher: &mut W,
) -> Result<Option<Vec<f32>>, EngineError> {
    let (train, stopping) = apart(&fold.0, &examples.split.valid);
    let seen = Seen::of(base, examples, recipe, &train, &stopping);
    let mut begun = Begun::afresh(base, seen);
    let own = &mut FeatureStore::default();
    let frozen = begun.read(base, recipe, store, own, watcher).await?;
    let learned = begun.learn(base, &frozen, own, examples, recipe, watcher);
    let Learned { tuned, path, .. } = learned.await?;
    if path.ended == Ended::Stopped {
        return Ok(None);
    }
    let tokens = tokenize(base, examples, &fold.1, recipe);
    Ok(Some(tuned.score(base, &tokens, store, watcher).await?))
}

/// Rows to learn from and rows to stop by: those of the run's validation that are in the fold's
/// training part, or some of that part where none are.
pub(in crate::engine) fn apart(train: &[RowId], valid: &[RowId]) -> (Vec<RowId>, Vec<RowId>) {
    let is_valid = |row: &RowId| valid.binary_search(row).is_ok();
    let (stopping, rest): (Vec<RowId>, Vec<RowId>) = train.iter().copied().partition(is_valid);
    if !stopping.is_empty() && !rest.is_empty() {
        return (rest, stopping);
    }
    let is_stopping = |at: usize| at % STOPPING == STOPPING / 2 || train.len() < STOPPING;
    let of = |wanted: bool| {
        let rows = train.iter().enumerate();
        rows.filter(|&(at, _)| is_stopping(at) == wanted || train.len() < STOPPING)
            .map(|(_, &row)| row)
            .collect()
    };
    (of(false), of(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ids: &[u32]) -> Vec<RowId> {
        ids.iter().copied().map(RowId).collect()
    }

    #[test]
    fn a_fold_stops_by_rows_that_do_not_judge_it() {
        let (train, stopping) = apart(&rows(&[1, 2, 5, 8, 9]), &rows(&[2, 3, 8]));
        assert_eq!(train, rows(&[1, 5, 9]));
        assert_eq!(stopping, rows(&[2, 8]));
    }

    #[test]
    fn without_validation_rows_some_of_the_fold_are_set_aside() {
        let all: Vec<RowId> = (0..40).map(RowId).collect();
        let (train, stopping) = apart(&all, &rows(&[50]));
        assert_eq!(stopping, rows(&[5, 15, 25, 35]));
        assert_eq!(train.len(), 36);
    }
}
