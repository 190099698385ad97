//! The little of a report that the page needs to know itself. Everything else is shown by views.

use serde::{Deserialize, Serialize};

use super::{Ended, EpochReport, Input, ParameterCount, RunReport, Seconds};
use crate::domain::table::RowId;
use crate::domain::words;

/// Rows that are offered to try a model on.
const TRIAL_ROWS: usize = 5;

/// A finished run in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// How many numbers moved.
    pub parameters: ParameterCount,
    /// Every epoch, in order.
    pub epochs: Vec<EpochReport>,
    /// The epoch whose weights were kept, from 1; 0 when the start was never bettered.
    pub best_epoch: u32,
    /// Why training ended.
    pub ended: Ended,
    /// Seconds by phase.
    pub seconds: Seconds,
    /// How good it is, as a sentence without a full stop: `97.5 % right on 480 rows it never saw`.
    pub headline: String,
    /// How good it is, in a word: `97.5 %`.
    pub figure: String,
    /// The labels, by index; none where the answer is a number.
    pub labels: Vec<String>,
    /// What to ask a person for who tries the model on a row of their own.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// Some test rows to try it on, spread over the table.
    pub trials: Vec<RowId>,
}

impl RunSummary {
    /// A report in short.
    pub fn of(report: &RunReport) -> Self {
        let evaluation = &report.evaluation;
        let rows = evaluation.rows();
        let every = rows.len().div_ceil(TRIAL_ROWS).max(1);
        Self {
            parameters: report.parameters,
            epochs: report.epochs.clone(),
            best_epoch: report.best_epoch,
            ended: report.ended,
            seconds: report.seconds,
            headline: words::judged::verdict(evaluation).0,
            figure: words::judged::figure(evaluation),
            labels: evaluation.names().to_vec(),
            inputs: report.inputs.clone(),
            trials: rows.into_iter().step_by(every).collect(),
        }
    }
}
