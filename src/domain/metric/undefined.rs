//! Why a figure of merit has no value on some rows, in words for the person who looks at them.

use serde::{Deserialize, Serialize};

use super::Shape;

/// Why a metric has no figure for valid scores.
///
/// scikit-learn gives NaN with a warning in most of these cases; a figure that is missing with a
/// reason cannot be averaged or drawn by mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undefined {
    /// No rows.
    #[error("there are no rows to judge by; hold some apart")]
    NoRows,
    /// Too few rows.
    #[error("{rows} rows are too few for this figure, which takes {least}; hold more apart")]
    TooFewRows {
        /// Rows there are.
        rows: usize,
        /// Rows it takes.
        least: usize,
    },
    /// The metric judges something else.
    #[error("this figure judges {needs:?}, not {found:?}; choose one of the task's own")]
    Shape {
        /// What the metric judges.
        needs: Shape,
        /// What it was given.
        found: Shape,
    },
    /// The metric has no weighted form.
    #[error("this figure has no form with weights; judge without them")]
    Weighted,
    /// Fewer than two labels occur.
    #[error(
        "only one label occurs in these rows, so there is nothing to tell apart; judge on more rows"
    )]
    OneLabel,
    /// The model has too few labels.
    #[error("with {labels} labels every row would count as right; look at the accuracy")]
    TooFewLabels {
        /// Labels there are.
        labels: usize,
    },
    /// All true or all predicted values are the same.
    #[error("the {of} are all the same, so nothing can go together with them; judge on more rows")]
    NoSpread {
        /// `"true values"` or `"predictions"`.
        of: String,
    },
    /// A percentage of zero.
    #[error(
        "{rows} rows have a true value of 0, of which no percentage can be taken; look at the mean absolute error"
    )]
    ZeroTruth {
        /// How many.
        rows: usize,
    },
    /// More than two true values where two are needed.
    #[error("this figure takes true values that are 0 or 1; look at the correlations")]
    NotBinary,
}
