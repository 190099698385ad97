//! The error a person would name: how far off, on average.

use super::{Metric, Scored, Shape, Undefined};

/// Weighted mean of the absolute errors, in the target's unit.
#[derive(Debug, Clone, Copy)]
pub struct Mae;

impl Metric for Mae {
    fn id(&self) -> &'static str {
        "mae"
    }

    fn name(&self) -> &'static str {
        "MAE"
    }

    fn about(&self) -> &'static str {
        "Mean size of an error, in the target's unit."
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
        Ok(numbers.mean(|(truth, predicted)| (truth - predicted).abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_numbers;
    use super::*;

    #[test]
    fn signs_do_not_cancel() {
        check_numbers(&Mae, &[1.0, 2.0], &[0.0, 5.0], 2.0);
    }
}
