//! Why the engine could not go on.

use burn::tensor::ExecutionError;

use super::encoder::WeightsError;
use crate::domain::encoder::Misfit;
use crate::domain::evaluation::EvaluationError;
use crate::domain::issue::Issue;
use crate::domain::metric::ScoresError;
use crate::domain::text::TextError;

/// Why the engine could not go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The base model's weights do not fit its shape.
    #[error("the base model cannot be used: {0}")]
    Weights(#[from] WeightsError),
    /// The base model's tokenizer cannot be read.
    #[error(transparent)]
    Tokenizer(#[from] TextError),
    /// The base model's files are not those of an encoder that is read here.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The data or the recipe need a change.
    #[error("{}", .0.first().map_or("the data cannot be used", |issue| issue.what.as_str()))]
    Input(Vec<Issue>),
    /// A loss is no longer a number.
    #[error("training diverged at step {step}: the loss is no longer a number")]
    Diverged {
        /// Steps so far.
        step: u32,
    },
    /// The model answers with something that is no probability.
    #[error("the model's answers cannot be judged: {0}")]
    Scores(#[from] ScoresError),
    /// The device failed while reading a result.
    #[error("the device failed: {0:?}")]
    Device(ExecutionError),
    /// A figure of an evaluation or an explanation has no value.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// A row without a word or a column.
    #[error("there is no word and no column whose part in the answer could be told")]
    NothingToExplain,
    /// Somebody stopped the run before anything was learned.
    #[error("the run was stopped before anything was learned")]
    Stopped,
    /// No device of this kind can be had.
    #[error("{0}")]
    NoDevice(String),
}

impl From<ExecutionError> for EngineError {
    fn from(error: ExecutionError) -> Self {
        Self::Device(error)
    }
}
