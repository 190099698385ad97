//! How good predicted sets of labels are.

use serde::{Deserialize, Serialize};

use super::{Baseline, ClassReport, MetricValue};
use crate::domain::metric::{LabelCounts, LabelSets, Metric, ScoresError};
use crate::domain::split::Part;
use crate::domain::table::RowId;

/// What was predicted for one row whose labels are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPrediction {
    /// The row.
    pub row: RowId,
    /// Indices of the true labels, ascending.
    pub truth: Vec<u32>,
    /// Indices of the predicted ones, ascending.
    pub predicted: Vec<u32>,
}

/// How good predicted sets of labels are on rows that the model never saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetsEvaluation {
    /// Which rows.
    pub part: Part,
    /// The labels, by index.
    pub labels: Vec<String>,
    /// The figures, the headline first.
    pub metrics: Vec<MetricValue>,
    /// One entry a label, by index.
    pub classes: Vec<ClassReport>,
    /// Every row of the part.
    pub rows: Vec<SetPrediction>,
    /// What simple models reach on the same rows.
    pub baselines: Vec<Baseline>,
}

impl SetsEvaluation {
    /// Judges predictions by the truth.
    ///
    /// # Panics
    /// When `labels`, `rows` and `scored` do not fit each other.
    pub fn of(
        part: Part,
        labels: &[String],
        rows: &[RowId],
        scored: &LabelSets,
        metrics: &[&dyn Metric],
        baselines: Vec<Baseline>,
    ) -> Self {
        assert_eq!(labels.len(), scored.labels(), "one name a label");
        assert_eq!(rows.len(), scored.len(), "one truth a row");
        let width = labels.len().max(1);
        let chosen = |row: &mut dyn Iterator<Item = bool>| -> Vec<u32> {
            (0..)
                .zip(row)
                .filter_map(|(at, is)| is.then_some(at))
                .collect()
        };
        let truth = scored.truth().chunks_exact(width);
        let shares = scored.probabilities().chunks_exact(width);
        let rows = rows.iter().zip(truth.zip(shares));
        Self {
            part,
            labels: labels.to_vec(),
            metrics: MetricValue::all(metrics, &(*scored).into()),
            classes: labels
                .iter()
                .zip(LabelCounts::each(scored))
                .map(|(label, counts)| ClassReport {
                    label: label.clone(),
                    precision: counts.precision(),
                    recall: counts.recall(),
                    f1: counts.f1(),
                    rows: (counts.hits + counts.misses) as u32,
                })
                .collect(),
            rows: rows
                .map(|(&row, (truth, shares))| SetPrediction {
                    row,
                    truth: chosen(&mut truth.iter().copied()),
                    predicted: chosen(&mut shares.iter().map(|&p| p >= scored.threshold())),
                })
                .collect(),
            baselines,
        }
    }
}

impl Baseline {
    /// What knowing only how often each label occurs reaches: for every row those probabilities, so
    /// that the labels of at least half of the training rows are always named.
    ///
    /// `shares` holds each label's share of the training rows.
    ///
    /// # Errors
    /// When a share is no probability.
    pub fn label_shares(
        shares: &[f32],
        truth: &[bool],
        metrics: &[&dyn Metric],
    ) -> Result<Self, ScoresError> {
        let rows = truth.len().checked_div(shares.len()).unwrap_or(0);
        let probabilities = shares.repeat(rows);
        let scored = LabelSets::new(shares.len(), truth, &probabilities)?.into();
        Ok(Self {
            id: "label_shares".to_owned(),
            name: "Labels of most rows".to_owned(),
            metrics: MetricValue::all(metrics, &scored),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::task::{self, Task};

    #[test]
    fn every_label_and_row_is_judged() {
        let labels = ["big".to_owned(), "old".to_owned()];
        let truth = [true, false, true, true];
        let scored = LabelSets::new(2, &truth, &[0.9, 0.6, 0.2, 0.7]).unwrap();
        let metrics = task::LabelSets.metrics();
        let baseline = Baseline::label_shares(&[0.75, 0.25], &truth, metrics).unwrap();
        let rows = [RowId(4), RowId(2)];
        let found =
            SetsEvaluation::of(Part::Test, &labels, &rows, &scored, metrics, vec![baseline]);
        assert_eq!(found.rows[0].truth, [0]);
        assert_eq!(found.rows[0].predicted, [0, 1]);
        assert_eq!(found.rows[1].row, RowId(2));
        assert_eq!((found.classes[0].recall, found.classes[0].rows), (0.5, 2));
        assert_eq!(found.classes[1].precision, 0.5);
        // Always "big": right twice, and the one "old" is missed.
        let micro_f1 = &found.baselines[0].metrics[0];
        assert_eq!(
            (micro_f1.id.as_str(), micro_f1.value),
            ("label_micro_f1", 0.8)
        );
    }
}
