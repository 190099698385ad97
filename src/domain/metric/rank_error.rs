//! How many ranks off, where labels have an order.

use super::{Confusion, Metric, Prepared, Scored, Shape, Undefined, ratio};

/// Mean absolute difference between the place of the predicted label and that of the true one.
///
/// Source: Baccianella et al. 2009, "Evaluation Measures for Ordinal Regression", section 2.
#[derive(Debug, Clone, Copy)]
pub struct RankError;

impl Metric for RankError {
    fn id(&self) -> &'static str {
        "rank_error"
    }

    fn name(&self) -> &'static str {
        "Mean error in ranks"
    }

    fn about(&self) -> &'static str {
        "How many ranks a prediction is off on average, up or down."
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
        figure(&Confusion::of(scored.classes()?))
    }

    fn prepared<'a>(&self, scored: &Scored<'a>) -> Option<Prepared<'a>> {
        Confusion::prepared(scored, figure)
    }
}

fn figure(confusion: &Confusion) -> Result<f64, Undefined> {
    let cells = confusion.cells();
    let off: f64 = cells
        .map(|(truth, called, weight)| weight * truth.abs_diff(called) as f64)
        .sum();
    Ok(ratio(off, confusion.whole()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn far_is_worse_than_near() {
        let [low, middle, high]: [&[f32]; 3] = [&[1., 0., 0.], &[0., 1., 0.], &[0., 0., 1.]];
        check(&RankError, &[0, 1, 2], &[low, middle, high], 0.0);
        check(&RankError, &[0, 1, 2], &[middle, middle, high], 1.0 / 3.0);
        check(&RankError, &[0, 1, 2], &[high, middle, high], 2.0 / 3.0);
    }
}
