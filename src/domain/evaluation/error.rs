//! Why rows cannot be evaluated.

use crate::domain::metric::{ScoresError, Undefined};

/// Why rows cannot be evaluated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EvaluationError {
    /// No rows.
    #[error("there are no rows to judge by; hold some apart")]
    NoRows,
    /// Lists that go row by row together do not have the same length.
    #[error("{found} values beside {rows} rows; give one a row")]
    Length {
        /// Values there are.
        found: usize,
        /// Rows there are.
        rows: usize,
    },
    /// A value that is not finite.
    #[error("row {row}: {value} is not a number to judge by; leave the row out")]
    NotFinite {
        /// Index of the row, from 0.
        row: usize,
        /// What was found.
        value: f64,
    },
    /// Too few rows, labels or columns for what is asked.
    #[error("{what}: {found} are too few, {least} are needed; add some")]
    TooFew {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many it takes.
        least: usize,
    },
    /// Two labels are needed.
    #[error("{labels} labels, where this takes two; use temperature scaling")]
    NotTwoLabels {
        /// How many there are.
        labels: usize,
    },
    /// The scores cannot be judged.
    #[error(transparent)]
    Scores(#[from] ScoresError),
    /// A figure has no value.
    #[error(transparent)]
    Undefined(#[from] Undefined),
}

impl EvaluationError {
    /// Refuses lists of different lengths, and empty ones.
    pub(super) fn check_rows(rows: usize, found: usize) -> Result<(), Self> {
        if rows != found {
            return Err(Self::Length { found, rows });
        }
        if rows == 0 {
            return Err(Self::NoRows);
        }
        Ok(())
    }

    /// Refuses NaN and infinite values.
    pub(super) fn check_finite(values: &[f64]) -> Result<(), Self> {
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(row) => Err(Self::NotFinite {
                row,
                value: values[row],
            }),
        }
    }

    /// Refuses fewer than `least`.
    pub(super) fn check_least(what: &'static str, found: usize, least: usize) -> Result<(), Self> {
        if found < least {
            return Err(Self::TooFew { what, found, least });
        }
        Ok(())
    }
}
