//! A table's model beside the truth, and beside what simple models reach.

use super::model::Answers;
use crate::domain::metric::{self, Metric, ScoresError};
use crate::domain::report::{
    Baseline, BaselineOutputs, Evaluation, Judged, MetricValue, NumberEvaluation, NumberPrediction,
    Scores, SetsEvaluation, Truth,
};
use crate::domain::split::Part;
use crate::domain::table::RowId;
use crate::domain::task::{Labels, SetsOfLabels, Target};

/// Index of the label of each row.
///
/// # Panics
/// When a row has none; rows of a split always have one.
pub(super) fn labels_of(labels: &Labels, rows: &[RowId]) -> Vec<u32> {
    rows.iter()
        .map(|row| labels.of_row[row.index()].expect("rows of a split have a label"))
        .collect()
}

/// Whether each row has each label, shape `[rows, labels]`.
pub(super) fn has_labels(sets: &SetsOfLabels, rows: &[RowId]) -> Vec<bool> {
    rows.iter()
        .flat_map(|row| {
            let set = sets.of_row[row.index()].as_deref().unwrap_or_default();
            (0..sets.names.len() as u32).map(|label| set.contains(&label))
        })
        .collect()
}

/// The number of each row.
///
/// # Panics
/// When a row has none; rows of a split always have one.
pub(super) fn numbers_of(numbers: &[Option<f64>], rows: &[RowId]) -> Vec<f64> {
    rows.iter()
        .map(|row| numbers[row.index()].expect("rows of a split have a number"))
        .collect()
}

/// Training rows of each label; empty of numbers.
pub(super) fn train_rows(target: &Target, train: &[RowId]) -> Vec<u32> {
    let mut counts = vec![0; target.names().len()];
    for row in train {
        for &label in target.of_row(row.index()) {
            counts[label as usize] += 1;
        }
    }
    counts
}

/// What is known before anything is learned: the same answer for each of so many rows, from the
/// training rows.
pub(super) fn simple(target: &Target, train: &[RowId], rows: usize) -> BaselineOutputs {
    match target {
        Target::Labels(_) | Target::Ranks(_) => {
            BaselineOutputs::majority(&train_rows(target, train), rows)
        }
        Target::LabelSets(_) => {
            let share = |count: u32| (f64::from(count) / train.len().max(1) as f64) as f32;
            let shares: Vec<f32> = train_rows(target, train).into_iter().map(share).collect();
            BaselineOutputs {
                id: "label_shares".to_owned(),
                outputs: shares.repeat(rows),
            }
        }
        Target::Numbers(numbers) => {
            let known = numbers_of(numbers, train);
            let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
            BaselineOutputs {
                id: "mean".to_owned(),
                outputs: vec![mean as f32; rows],
            }
        }
    }
}

/// Rows with their truth and what a network said of them, numbers in the target's unit.
pub(super) fn scores(
    target: &Target,
    rows: Vec<RowId>,
    found: &[f32],
    answers: &Answers,
) -> Scores {
    let (truth, outputs) = match target {
        Target::Labels(labels) | Target::Ranks(labels) => {
            (Truth::Labels(labels_of(labels, &rows)), found.to_vec())
        }
        Target::LabelSets(sets) => (Truth::LabelSets(has_labels(sets, &rows)), found.to_vec()),
        Target::Numbers(numbers) => (
            Truth::Numbers(numbers_of(numbers, &rows)),
            found.iter().map(|&x| answers.number(x).0 as f32).collect(),
        ),
    };
    Scores {
        rows,
        truth,
        outputs,
    }
}

/// The figures of what is known before anything is learned.
pub(super) fn baseline(
    target: &Target,
    train: &[RowId],
    rows: &[RowId],
    metrics: &[&dyn Metric],
) -> Result<Baseline, ScoresError> {
    match target {
        Target::Labels(labels) | Target::Ranks(labels) => {
            let counts = train_rows(target, train);
            Ok(Baseline::majority(
                &counts,
                &labels_of(labels, rows),
                metrics,
            ))
        }
        Target::LabelSets(sets) => {
            let shares = simple(target, train, 1).outputs;
            Baseline::label_shares(&shares, &has_labels(sets, rows), metrics)
        }
        Target::Numbers(numbers) => {
            let known = numbers_of(numbers, train);
            Baseline::mean(&known, &numbers_of(numbers, rows), metrics)
        }
    }
}

/// The figures of predictions for some rows, row-major, as a network gives them.
pub(super) fn figures(
    target: &Target,
    rows: &[RowId],
    found: &[f32],
    answers: &Answers,
    metrics: &[&dyn Metric],
) -> Result<Vec<MetricValue>, ScoresError> {
    Ok(match target {
        Target::Labels(labels) | Target::Ranks(labels) => {
            let truth = labels_of(labels, rows);
            let scored = metric::Classes::new(labels.names.len(), &truth, found)?;
            MetricValue::all(metrics, &scored.into())
        }
        Target::LabelSets(sets) => {
            let truth = has_labels(sets, rows);
            let scored = metric::LabelSets::new(sets.names.len(), &truth, found)?;
            MetricValue::all(metrics, &scored.into())
        }
        Target::Numbers(numbers) => {
            let truth = numbers_of(numbers, rows);
            let found: Vec<f64> = found.iter().map(|&x| answers.number(x).0).collect();
            MetricValue::all(metrics, &metric::Numbers::new(&truth, &found)?.into())
        }
    })
}

/// Judges predictions for some rows, row-major, as a network gives them.
///
/// `promised` is the share of rows whose number the range should hold.
pub(super) fn judge(
    target: &Target,
    rows: &[RowId],
    found: &[f32],
    answers: &Answers,
    promised: f64,
    metrics: &[&dyn Metric],
    baselines: Vec<Baseline>,
) -> Result<Judged, ScoresError> {
    Ok(match target {
        Target::Labels(labels) | Target::Ranks(labels) => {
            let truth = labels_of(labels, rows);
            let scored = metric::Classes::new(labels.names.len(), &truth, found)?;
            let (part, names) = (Part::Test, &labels.names);
            Judged::Labels(Evaluation::of(
                part, names, rows, &scored, metrics, baselines,
            ))
        }
        Target::LabelSets(sets) => {
            let truth = has_labels(sets, rows);
            let scored = metric::LabelSets::new(sets.names.len(), &truth, found)?;
            let (part, names) = (Part::Test, &sets.names);
            Judged::LabelSets(SetsEvaluation::of(
                part, names, rows, &scored, metrics, baselines,
            ))
        }
        Target::Numbers(numbers) => {
            let truth = numbers_of(numbers, rows);
            let predictions = rows.iter().zip(truth).zip(found).map(|((&row, truth), x)| {
                let (predicted, range) = answers.number(*x);
                NumberPrediction {
                    row,
                    truth,
                    predicted,
                    range,
                }
            });
            Judged::Numbers(NumberEvaluation::of(
                Part::Test,
                predictions.collect(),
                promised,
                metrics,
                baselines,
            )?)
        }
    })
}
