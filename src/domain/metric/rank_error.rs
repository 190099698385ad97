//! How many ranks off, where labels have an order.

use super::confusion::OfConfusion;
use super::{Confusion, ratio};

/// Mean absolute difference between the place of the predicted label and that of the true one.
///
/// Source: Baccianella et al. 2009, "Evaluation Measures for Ordinal Regression", section 2.
#[derive(Debug, Clone, Copy)]
pub struct RankError;

impl OfConfusion for RankError {
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

    fn figure(&self, confusion: &Confusion) -> f64 {
        let cells = confusion.cells();
        let off: f64 = cells
            .map(|(truth, called, weight)| weight * truth.abs_diff(called) as f64)
            .sum();
        ratio(off, confusion.whole())
    }
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
