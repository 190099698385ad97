//! The best rising step function from a score to a probability: calibration without a formula.

use serde::{Deserialize, Serialize};

use super::EvaluationError;

/// A piecewise linear function that never falls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    /// Scores, ascending.
    scores: Vec<f64>,
    /// The function there, ascending.
    values: Vec<f64>,
}

/// Rows of the same score, or blocks that were pooled.
struct Block {
    first: f64,
    last: f64,
    value: f64,
    weight: f64,
}

impl Isotonic {
    /// Fits by least squares: `truth` is 0 or 1, or any target; all of shape `[rows]`. Rows of equal
    /// score count as one of their mean; without weights each row weighs 1.
    ///
    /// Source: Ayer et al. 1955 for pooling adjacent violators; Zadrozny and Elkan 2002 for
    /// calibration by it; between blocks the function is linear, as in scikit-learn's
    /// `IsotonicRegression`.
    ///
    /// # Errors
    /// Without rows, when lengths do not fit, or when a value is not finite.
    pub fn fit(
        scores: &[f64],
        truth: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<Self, EvaluationError> {
        EvaluationError::check_rows(scores.len(), truth.len())?;
        EvaluationError::check_rows(scores.len(), weights.map_or(scores.len(), <[f64]>::len))?;
        EvaluationError::check_finite(scores)?;
        EvaluationError::check_finite(truth)?;
        EvaluationError::check_finite(weights.unwrap_or(&[]))?;
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.retain(|&row| weights.is_none_or(|weights| weights[row] > 0.0));
        if order.is_empty() {
            return Err(EvaluationError::NoRows);
        }
        order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));

        let mut blocks: Vec<Block> = Vec::new();
        for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
            let weight_of = |row: usize| weights.map_or(1.0, |weights| weights[row]);
            let weight: f64 = tied.iter().map(|&row| weight_of(row)).sum();
            let sum: f64 = tied.iter().map(|&row| weight_of(row) * truth[row]).sum();
            let mut block = Block {
                first: scores[tied[0]],
                last: scores[tied[0]],
                value: sum / weight,
                weight,
            };
            while let Some(before) = blocks.pop_if(|before| before.value >= block.value) {
                let weight = before.weight + block.weight;
                block.value = (before.value * before.weight + block.value * block.weight) / weight;
                block.weight = weight;
                block.first = before.first;
            }
            blocks.push(block);
        }

        let (mut scores, mut values) = (Vec::new(), Vec::new());
        for block in blocks {
            scores.push(block.first);
            values.push(block.value);
            if block.last > block.first {
                scores.push(block.last);
                values.push(block.value);
            }
        }
        Ok(Self { scores, values })
    }

    /// The function at a score; outside of the scores it was fitted on it is that of the nearest.
    pub fn at(&self, score: f64) -> f64 {
        let above = self.scores.partition_point(|&known| known < score);
        if above == 0 {
            return self.values[0];
        }
        if above == self.scores.len() {
            return self.values[above - 1];
        }
        let (low, high) = (self.scores[above - 1], self.scores[above]);
        let part = (score - low) / (high - low);
        self.values[above - 1] + part * (self.values[above] - self.values[above - 1])
    }

    /// The corners of the function: score and value.
    pub fn corners(&self) -> impl Iterator<Item = (f64, f64)> {
        self.scores.iter().copied().zip(self.values.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_falls_is_pooled() {
        let fitted = Isotonic::fit(&[1.0, 2.0, 3.0, 4.0], &[0.0, 1.0, 0.0, 1.0], None).unwrap();
        let corners: Vec<(f64, f64)> = fitted.corners().collect();
        assert_eq!(corners, [(1.0, 0.0), (2.0, 0.5), (3.0, 0.5), (4.0, 1.0)]);
        assert_eq!(fitted.at(1.5), 0.25);
        assert_eq!((fitted.at(-9.0), fitted.at(9.0)), (0.0, 1.0));
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        assert_eq!(Isotonic::fit(&[], &[], None), Err(EvaluationError::NoRows));
        assert!(Isotonic::fit(&[f64::NAN], &[1.0], None).is_err());
        assert!(Isotonic::fit(&[1.0], &[1.0, 0.0], None).is_err());
    }
}
