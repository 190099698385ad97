//! How much better than always saying the mean, whatever the target's unit.

use super::{Metric, Scored, Shape, Undefined, weighted_mean};

/// Coefficient of determination: 1 minus the squared errors' sum over that around the true mean.
///
/// Where all true values are the same it is 1 when every prediction is right and 0 otherwise, as
/// scikit-learn's `force_finite` has it. At least two rows.
#[derive(Debug, Clone, Copy)]
pub struct R2;

impl Metric for R2 {
    fn id(&self) -> &'static str {
        "r2"
    }

    fn name(&self) -> &'static str {
        "R²"
    }

    fn about(&self) -> &'static str {
        "Share of the target's spread that is explained: 1 is perfect, 0 is no better than its mean."
    }

    fn is_higher_better(&self) -> bool {
        true
    }

    fn counts_in_points(&self) -> bool {
        false
    }

    fn judges(&self) -> Shape {
        Shape::Numbers
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let numbers = scored.numbers()?;
        if numbers.len() < 2 {
            return Err(Undefined::TooFewRows { rows: 1, least: 2 });
        }
        let mean = weighted_mean(numbers.truth().iter().copied(), numbers.weights());
        let residual = numbers.mean(|(truth, predicted)| (truth - predicted).powi(2));
        let spread = numbers.mean(|(truth, _)| (truth - mean).powi(2));
        Ok(if spread > 0.0 {
            1.0 - residual / spread
        } else {
            f64::from(u8::from(residual == 0.0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Numbers, tests::check_numbers};
    use super::*;

    #[test]
    fn the_mean_is_worth_nothing() {
        check_numbers(&R2, &[1.0, 2.0, 6.0], &[3.0; 3], 0.0);
        check_numbers(&R2, &[1.0, 2.0, 6.0], &[1.0, 2.0, 6.0], 1.0);
    }

    #[test]
    fn a_constant_truth_is_hit_or_missed() {
        check_numbers(&R2, &[4.0; 2], &[4.0; 2], 1.0);
        check_numbers(&R2, &[4.0; 2], &[4.0, 5.0], 0.0);
    }

    #[test]
    fn one_row_is_refused() {
        let scored = Numbers::new(&[1.0], &[1.0]).unwrap().into();
        let too_few = Undefined::TooFewRows { rows: 1, least: 2 };
        assert_eq!(R2.of(&scored), Err(too_few));
    }
}
