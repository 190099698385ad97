//! The error as a share of the truth: what a forecast is usually asked for.

use super::{Metric, Scored, Shape, Undefined};

/// Weighted mean of `|t - p| / |t|`: 0.1 is ten percent.
///
/// Rows whose true value is 0 are refused; scikit-learn divides by 2.2e-16 there, which makes one
/// such row outweigh everything.
#[derive(Debug, Clone, Copy)]
pub struct Mape;

impl Metric for Mape {
    fn id(&self) -> &'static str {
        "mape"
    }

    fn name(&self) -> &'static str {
        "MAPE"
    }

    fn about(&self) -> &'static str {
        "Mean error as a share of the true value."
    }

    fn is_higher_better(&self) -> bool {
        false
    }

    fn judges(&self) -> Shape {
        Shape::Numbers
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let numbers = scored.numbers()?;
        let rows = numbers
            .truth()
            .iter()
            .filter(|&&truth| truth == 0.0)
            .count();
        if rows > 0 {
            return Err(Undefined::ZeroTruth { rows });
        }
        Ok(numbers.mean(|(truth, predicted)| ((truth - predicted) / truth).abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Numbers, tests::check_numbers};
    use super::*;

    #[test]
    fn the_sign_of_the_truth_does_not_matter() {
        check_numbers(&Mape, &[10.0, -10.0], &[11.0, -7.0], 0.2);
    }

    #[test]
    fn a_share_of_zero_is_refused() {
        let scored = Numbers::new(&[1.0, 0.0], &[1.0, 0.0]).unwrap().into();
        assert_eq!(Mape.of(&scored), Err(Undefined::ZeroTruth { rows: 1 }));
    }
}
