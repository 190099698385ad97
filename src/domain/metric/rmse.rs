//! The error that least squares minimises, back in the target's own unit.

use super::{Metric, Scored, Shape, Undefined};

/// Square root of the weighted mean squared error, in the target's unit.
#[derive(Debug, Clone, Copy)]
pub struct Rmse;

impl Metric for Rmse {
    fn id(&self) -> &'static str {
        "rmse"
    }

    fn name(&self) -> &'static str {
        "RMSE"
    }

    fn about(&self) -> &'static str {
        "Typical size of an error in the target's unit; large errors count more."
    }

    fn is_higher_better(&self) -> bool {
        false
    }

    fn counts_in_points(&self) -> bool {
        false
    }

    fn judges(&self) -> Shape {
        Shape::Numbers
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let numbers = scored.numbers()?;
        Ok(numbers
            .mean(|(truth, predicted)| (truth - predicted).powi(2))
            .sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_numbers;
    use super::*;

    #[test]
    fn a_large_error_counts_more() {
        check_numbers(&Rmse, &[1.0, 2.0], &[1.0, 6.0], 8.0_f64.sqrt());
    }
}
