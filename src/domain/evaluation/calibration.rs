//! Calibration before and after: fitted on validation rows, judged on others.

use serde::{Deserialize, Serialize};

use super::reliability::{BINS, Reliability, reliability};
use super::{EvaluationError, Isotonic, Temperature};
use crate::domain::metric::{Brier, Classes, LogLoss, Metric, Scored};

/// A map from a model's probabilities to better ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibrator {
    /// All logits divided by one number. No answer changes.
    Temperature(Temperature),
    /// With two labels: the second one's probability by a rising function.
    Isotonic(Isotonic),
}

impl Calibrator {
    /// Temperature scaling, fitted on validation rows.
    ///
    /// # Errors
    /// Without rows.
    pub fn temperature(valid: &Classes) -> Result<Self, EvaluationError> {
        Ok(Self::Temperature(Temperature::fit(valid)?))
    }

    /// Isotonic regression, fitted on validation rows of two labels.
    ///
    /// # Errors
    /// Without rows, or when there are not two labels.
    pub fn isotonic(valid: &Classes) -> Result<Self, EvaluationError> {
        if valid.classes() != 2 {
            return Err(EvaluationError::NotTwoLabels {
                labels: valid.classes(),
            });
        }
        let scores: Vec<f64> = valid.rows().map(|(_, row)| row[1].into()).collect();
        let truth: Vec<f64> = valid.truth().iter().map(|&label| label.into()).collect();
        Isotonic::fit(&scores, &truth, valid.weights()).map(Self::Isotonic)
    }

    /// Better probabilities, shape `[rows, classes]` as given.
    pub fn apply(&self, classes: usize, probabilities: &[f32]) -> Vec<f32> {
        match self {
            Self::Temperature(temperature) => temperature.apply(classes, probabilities),
            Self::Isotonic(isotonic) => probabilities
                .chunks_exact(classes)
                .flat_map(|row| {
                    let second = isotonic.at(row[1].into()) as f32;
                    [1.0 - second, second]
                })
                .collect(),
        }
    }
}

/// How well probabilities are calibrated, by three figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CalibrationState {
    /// The bins and the expected calibration error.
    pub reliability: Reliability,
    /// Log loss, in nats.
    pub log_loss: f64,
    /// Brier score, 0 to 2.
    pub brier: f64,
}

impl CalibrationState {
    /// Judges rows.
    ///
    /// # Errors
    /// Without rows.
    pub fn of(classes: &Classes) -> Result<Self, EvaluationError> {
        let scored = Scored::from(*classes);
        Ok(Self {
            reliability: reliability(classes, BINS),
            log_loss: LogLoss.of(&scored)?,
            brier: Brier.of(&scored)?,
        })
    }
}

/// What a calibrator changes on rows it was not fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The map.
    pub calibrator: Calibrator,
    /// The model as it is.
    pub before: CalibrationState,
    /// The model through the map.
    pub after: CalibrationState,
}

impl Calibration {
    /// Judges a calibrator on rows it was not fitted on.
    ///
    /// # Errors
    /// Without rows.
    pub fn judge(calibrator: Calibrator, test: &Classes) -> Result<Self, EvaluationError> {
        let probabilities = calibrator.apply(test.classes(), test.probabilities());
        let mut after = Classes::new(test.classes(), test.truth(), &probabilities)?;
        if let Some(weights) = test.weights() {
            after = after.weighted(weights)?;
        }
        Ok(Self {
            before: CalibrationState::of(test)?,
            after: CalibrationState::of(&after)?,
            calibrator,
        })
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Rows of a model whose logits are `sharpness` times too large.
    fn too_sure(seed: u64, rows: usize, sharpness: f64) -> (Vec<u32>, Vec<f32>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut truth, mut probabilities) = (Vec::new(), Vec::new());
        for _ in 0..rows {
            let logit = rng.random_range(-3.0..3.0_f64);
            let chance = 1.0 / (1.0 + (-logit).exp());
            truth.push(u32::from(rng.random_bool(chance)));
            let said = 1.0 / (1.0 + (-sharpness * logit).exp());
            probabilities.extend([1.0 - said as f32, said as f32]);
        }
        (truth, probabilities)
    }

    #[test]
    fn both_ways_mend_a_model_that_is_too_sure() {
        let (truth, probabilities) = too_sure(1, 2_000, 3.0);
        let valid = Classes::new(2, &truth, &probabilities).unwrap();
        let (truth, probabilities) = too_sure(2, 2_000, 3.0);
        let test = Classes::new(2, &truth, &probabilities).unwrap();
        let temperature = Calibrator::temperature(&valid).unwrap();
        let Calibrator::Temperature(Temperature(found)) = temperature else {
            unreachable!()
        };
        assert!((found - 3.0).abs() < 0.3, "{found}");
        for calibrator in [temperature, Calibrator::isotonic(&valid).unwrap()] {
            let found = Calibration::judge(calibrator, &test).unwrap();
            let [before, after] =
                [&found.before, &found.after].map(|state| state.reliability.expected_error);
            assert!(before > 0.1 && after < 0.04, "{before} to {after}");
            assert!(found.before.reliability.overconfidence > 0.05);
            assert!(found.after.log_loss < found.before.log_loss);
            assert!(found.after.brier < found.before.brier);
        }
    }

    #[test]
    fn isotonic_takes_two_labels() {
        let classes = Classes::new(3, &[0], &[1.0, 0.0, 0.0]).unwrap();
        let refusal = Calibrator::isotonic(&classes).unwrap_err();
        assert_eq!(refusal, EvaluationError::NotTwoLabels { labels: 3 });
    }
}
