//! One number that makes a model as sure as it is right, and changes no answer.

use serde::{Deserialize, Serialize};

use crate::domain::metric::{Classes, Undefined};

/// A probability below this is taken for it: its logarithm must be finite.
const LEAST_PROBABILITY: f64 = 1e-12;

/// The temperature is sought between this and its inverse. Where every row is right the best one is
/// 0, which would make every answer certain; the end of the range is told instead.
const LEAST_TEMPERATURE: f64 = 0.05;

/// Halvings of the range: they reach the precision of 64 bits.
const HALVINGS: u32 = 60;

/// Halvings where it is sought after every epoch, of which the choice among epochs needs no more.
const HALVINGS_TO_REFINE: u32 = 24;

/// What logits are divided by: above 1 answers become less sure, below 1 more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Temperature(pub f64);

impl Temperature {
    /// The temperature of the lowest log loss on validation rows, 0.05 to 20.
    ///
    /// The logarithms of the probabilities stand for the logits, from which they differ by a constant
    /// a row. The log loss is convex in the inverse temperature, so its slope has one root, which is
    /// found by halving.
    ///
    /// Source: Guo et al. 2017, "On calibration of modern neural networks", section 4.2.
    ///
    /// # Errors
    /// Without rows.
    pub fn fit(classes: &Classes) -> Result<Self, Undefined> {
        if classes.is_empty() {
            return Err(Undefined::NoRows);
        }
        let logits: Vec<f64> = classes.probabilities().iter().map(logit).collect();
        Ok(Self(sought(classes, &logits, 0.0, HALVINGS).exp()))
    }

    /// The most probable temperature of a model that is not done yet, and what is lost by it: the mean log
    /// loss in nats, plus a share of how unusual the temperature is. Its logarithm is held to be around 0, by 1
    /// either way, which a few dozen rows outweigh: of fewer, all of which are right, nobody can tell how
    /// sure to be.
    ///
    /// By this loss an epoch is chosen whose answers tell labels apart, however sure it is of them, which
    /// one number mends.
    ///
    /// Source: Berta et al. 2025, "Rethinking Early Stopping: Refine, Then Calibrate", where the loss after
    /// temperature scaling estimates the refinement error; the prior is this project's.
    ///
    /// # Errors
    /// Without rows.
    pub fn refine(classes: &Classes) -> Result<(Self, f64), Undefined> {
        if classes.is_empty() {
            return Err(Undefined::NoRows);
        }
        let logits: Vec<f64> = classes.probabilities().iter().map(logit).collect();
        let log = sought(classes, &logits, 1.0, HALVINGS_TO_REFINE);
        let unusual = log * log / (2.0 * classes.len() as f64);
        let loss = loss(classes, &logits, (-log).exp()) + unusual;
        Ok((Self(log.exp()), loss))
    }

    /// Probabilities at this temperature, shape `[rows, classes]` as given.
    ///
    /// # Panics
    /// When `classes` is 0.
    pub fn apply(self, classes: usize, probabilities: &[f32]) -> Vec<f32> {
        let mut scaled = Vec::with_capacity(probabilities.len());
        for row in probabilities.chunks_exact(classes) {
            let logits: Vec<f64> = row.iter().map(logit).collect();
            scaled.extend(softmax(&logits, 1.0 / self.0).map(|p| p as f32));
        }
        scaled
    }
}

fn logit(probability: &f32) -> f64 {
    f64::from(*probability).max(LEAST_PROBABILITY).ln()
}

fn softmax(logits: &[f64], inverse: f64) -> impl Iterator<Item = f64> {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exp = move |logit: &f64| (inverse * (logit - largest)).exp();
    let sum: f64 = logits.iter().map(exp).sum();
    logits.iter().map(move |logit| exp(logit) / sum)
}

/// The logarithm of the temperature where the log loss, summed over the rows, plus `prior` times half the
/// square of that logarithm is lowest. It is halved in the logarithm: 0.1 is as far from 1 as 10.
fn sought(classes: &Classes, logits: &[f64], prior: f64, halvings: u32) -> f64 {
    let (mut low, mut high) = (LEAST_TEMPERATURE.ln(), -LEAST_TEMPERATURE.ln());
    for _ in 0..halvings {
        let middle = f64::midpoint(low, high);
        let inverse = (-middle).exp();
        if prior * middle < inverse * slope(classes, logits, inverse) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The mean log loss.
fn loss(classes: &Classes, logits: &[f64], inverse: f64) -> f64 {
    let weights = |row: usize| classes.weights().map_or(1.0, |weights| weights[row]);
    let rows = logits.chunks_exact(classes.classes().max(1));
    let (mut sum, mut all) = (0.0, 0.0);
    for (row, (logits, &truth)) in rows.zip(classes.truth()).enumerate() {
        let own = softmax(logits, inverse).nth(truth as usize);
        sum -= weights(row) * own.expect("a label of the row").ln();
        all += weights(row);
    }
    sum / all
}

/// The log loss's derivative by the inverse temperature: the mean logit that the model expects minus
/// the true label's, over the rows.
fn slope(classes: &Classes, logits: &[f64], inverse: f64) -> f64 {
    let rows = logits.chunks_exact(classes.classes().max(1));
    let slopes = rows.zip(classes.truth()).enumerate();
    slopes
        .map(|(row, (logits, &truth))| {
            let expected: f64 = softmax(logits, inverse)
                .zip(logits)
                .map(|(probability, logit)| probability * logit)
                .sum();
            let weight = classes.weights().map_or(1.0, |weights| weights[row]);
            weight * (expected - logits[truth as usize])
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::{LogLoss, Metric};

    #[test]
    fn a_model_that_is_too_sure_is_cooled_to_its_accuracy() {
        // Says 0.99 and is right three times in four: at its temperature it says 0.75.
        let probabilities = [0.99, 0.01].repeat(4);
        let classes = Classes::new(2, &[0, 0, 0, 1], &probabilities).unwrap();
        let temperature = Temperature::fit(&classes).unwrap();
        let expected = 99.0_f64.ln() / 3.0_f64.ln();
        assert!((temperature.0 - expected).abs() < 1e-6, "{temperature:?}");
        let scaled = temperature.apply(2, &probabilities);
        assert!((scaled[0] - 0.75).abs() < 1e-6 && (scaled[1] - 0.25).abs() < 1e-6);
    }

    #[test]
    fn a_model_that_is_always_right_stops_at_the_end() {
        let classes = Classes::new(2, &[0, 0], &[0.9, 0.1, 0.8, 0.2]).unwrap();
        let temperature = Temperature::fit(&classes).unwrap();
        assert!((temperature.0 - LEAST_TEMPERATURE).abs() < 1e-9);
        let none = Classes::new(2, &[], &[]).unwrap();
        assert_eq!(Temperature::fit(&none), Err(Undefined::NoRows));
    }

    #[test]
    fn what_is_lost_once_a_model_is_cooled_tells_who_knows_more() {
        // One is right three times in four and far too sure; the other never knows.
        let sure = [0.999, 0.001].repeat(200);
        let unsure = [0.52, 0.48].repeat(200);
        let truth: Vec<u32> = [0, 0, 0, 1].repeat(50);
        let half: Vec<u32> = [0, 1].repeat(100);
        let refine = |truth: &[u32], found: &[f32]| {
            Temperature::refine(&Classes::new(2, truth, found).unwrap()).unwrap()
        };
        let (temperature, loss) = refine(&truth, &sure);
        let expected = 999.0_f64.ln() / 3.0_f64.ln();
        assert!(
            (temperature.0 / expected - 1.0).abs() < 0.05,
            "{temperature:?}"
        );
        let entropy = -(0.75 * 0.75_f64.ln() + 0.25 * 0.25_f64.ln());
        assert!((loss - entropy).abs() < 0.02, "{loss}");
        let plain = Classes::new(2, &truth, &sure).unwrap();
        assert!(LogLoss.of(&plain.into()).unwrap() > refine(&half, &unsure).1);
        assert!(loss < refine(&half, &unsure).1);
    }

    #[test]
    fn few_rows_that_are_all_right_do_not_make_a_model_certain() {
        let of = |sure: f32| {
            let found = [sure, 1.0 - sure].repeat(10);
            Temperature::refine(&Classes::new(2, &[0; 10], &found).unwrap()).unwrap()
        };
        let ((cool, loss), (_, surer)) = (of(0.7), of(0.9));
        assert!(cool.0 > 0.2 && cool.0 < 1.0, "{cool:?}");
        assert!(surer < loss, "the surer of two that are right is kept");
        let none = Classes::new(2, &[], &[]).unwrap();
        assert_eq!(Temperature::refine(&none), Err(Undefined::NoRows));
    }

    #[test]
    fn certainty_does_not_break_it() {
        let probabilities = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0];
        let classes = Classes::new(2, &[0, 1, 1], &probabilities).unwrap();
        let temperature = Temperature::fit(&classes).unwrap();
        assert!(temperature.0 > 1.0);
        assert!(
            temperature
                .apply(2, &probabilities)
                .iter()
                .all(|p| p.is_finite())
        );
    }
}
