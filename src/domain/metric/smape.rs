//! A relative error that is bounded, and defined where the truth is 0.

use super::{Metric, Scored, Shape, Undefined, ratio};

/// Weighted mean of `2 |t - p| / (|t| + |p|)`, 0 to 2; a row where both are 0 counts as 0.
///
/// Source: Makridakis and Hibon 2000, "The M3-Competition", appendix A, as a share instead of a
/// percentage and with absolute values below the fraction.
#[derive(Debug, Clone, Copy)]
pub struct Smape;

impl Metric for Smape {
    fn id(&self) -> &'static str {
        "smape"
    }

    fn name(&self) -> &'static str {
        "sMAPE"
    }

    fn about(&self) -> &'static str {
        "Mean error as a share of the mean of truth and prediction: 0 is perfect, 2 is the worst."
    }

    fn is_higher_better(&self) -> bool {
        false
    }

    fn judges(&self) -> Shape {
        Shape::Numbers
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let numbers = scored.numbers()?;
        Ok(numbers.mean(|(truth, predicted)| {
            ratio(
                2.0 * (truth - predicted).abs(),
                truth.abs() + predicted.abs(),
            )
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_numbers;
    use super::*;

    #[test]
    fn zero_for_zero_is_right_and_zero_for_something_is_the_worst() {
        check_numbers(&Smape, &[0.0, 0.0], &[0.0, 7.0], 1.0);
    }
}
