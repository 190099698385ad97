//! The squared error of the probabilities: it rewards being as sure as one is right.

use super::{Metric, Prepared, Scored, Shape, Undefined};

/// Weighted mean over the rows of the sum over the labels of the squared difference between probability and
/// truth: 0 to 2, with two labels as well.
///
/// Source: Brier 1950, "Verification of forecasts expressed in terms of probability".
#[derive(Debug, Clone, Copy)]
pub struct Brier;

impl Metric for Brier {
    fn id(&self) -> &'static str {
        "brier"
    }

    fn name(&self) -> &'static str {
        "Brier score"
    }

    fn about(&self) -> &'static str {
        "Squared error of the probabilities: 0 is perfect, 2 is sure and wrong every time."
    }

    fn is_higher_better(&self) -> bool {
        false
    }

    fn counts_in_points(&self) -> bool {
        false
    }

    fn judges(&self) -> Shape {
        Shape::Classes
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        Ok(scored.classes()?.mean(squares))
    }

    fn prepared<'a>(&self, scored: &Scored<'a>) -> Option<Prepared<'a>> {
        Some(scored.classes().ok()?.prepared_mean(squares))
    }
}

fn squares((truth, probabilities): (u32, &[f32])) -> f64 {
    let squared = |(class, &probability): (usize, &f32)| {
        let goal = f64::from(u8::from(class == truth as usize));
        (f64::from(probability) - goal).powi(2)
    };
    probabilities.iter().enumerate().map(squared).sum()
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn between_right_and_wrong() {
        check(&Brier, &[0, 0], &[&[1.0, 0.0], &[0.0, 1.0]], 1.0);
        check(&Brier, &[1], &[&[0.5, 0.25, 0.25]], 0.25 + 0.5625 + 0.0625);
    }
}
