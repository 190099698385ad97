//! How good a model is, in the shape of its task.

use serde::{Deserialize, Serialize};

use super::{Baseline, ClassReport, Evaluation, MetricValue, NumberEvaluation, SetsEvaluation};
use crate::domain::split::Part;
use crate::domain::table::RowId;

/// How good a model is on rows it never saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// One label out of several, ordered or not.
    Labels(Evaluation),
    /// A number with a range.
    Numbers(NumberEvaluation),
    /// Any number of labels, each for itself.
    LabelSets(SetsEvaluation),
}

impl Judged {
    /// Which rows.
    pub fn part(&self) -> Part {
        match self {
            Self::Labels(found) => found.part,
            Self::Numbers(found) => found.part,
            Self::LabelSets(found) => found.part,
        }
    }

    /// The figures, the headline first.
    pub fn metrics(&self) -> &[MetricValue] {
        match self {
            Self::Labels(found) => &found.metrics,
            Self::Numbers(found) => &found.metrics,
            Self::LabelSets(found) => &found.metrics,
        }
    }

    /// A figure by its id.
    pub fn metric(&self, id: &str) -> Option<f64> {
        let metric = self.metrics().iter().find(|metric| metric.id == id)?;
        Some(metric.value)
    }

    /// What simple models reach on the same rows.
    pub fn baselines(&self) -> &[Baseline] {
        match self {
            Self::Labels(found) => &found.baselines,
            Self::Numbers(found) => &found.baselines,
            Self::LabelSets(found) => &found.baselines,
        }
    }

    /// The labels, by index; none of numbers.
    pub fn names(&self) -> &[String] {
        match self {
            Self::Labels(found) => &found.labels,
            Self::Numbers(_) => &[],
            Self::LabelSets(found) => &found.labels,
        }
    }

    /// How well each label is told, by index; none of numbers.
    pub fn classes(&self) -> &[ClassReport] {
        match self {
            Self::Labels(found) => &found.classes,
            Self::Numbers(_) => &[],
            Self::LabelSets(found) => &found.classes,
        }
    }

    /// The rows, in the order of the predictions.
    pub fn rows(&self) -> Vec<RowId> {
        match self {
            Self::Labels(found) => found.rows.iter().map(|row| row.row).collect(),
            Self::Numbers(found) => found.rows.iter().map(|row| row.row).collect(),
            Self::LabelSets(found) => found.rows.iter().map(|row| row.row).collect(),
        }
    }

    /// What was found where one label is chosen.
    pub fn labels(&self) -> Option<&Evaluation> {
        match self {
            Self::Labels(found) => Some(found),
            Self::Numbers(_) | Self::LabelSets(_) => None,
        }
    }

    /// What was found where numbers are predicted.
    pub fn numbers(&self) -> Option<&NumberEvaluation> {
        match self {
            Self::Numbers(found) => Some(found),
            Self::Labels(_) | Self::LabelSets(_) => None,
        }
    }
}
