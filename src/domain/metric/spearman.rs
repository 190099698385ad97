//! Whether predictions put the rows in the right order, which is often all that is asked.

use super::{Metric, Scored, Shape, Undefined, correlation, mean_ranks};

/// Pearson's correlation of the ranks, ties sharing their mean rank; -1 to 1.
///
/// At least two rows; refused where the true or the predicted values are all the same.
///
/// Source: Spearman 1904, "The proof and measurement of association between two things".
#[derive(Debug, Clone, Copy)]
pub struct Spearman;

impl Metric for Spearman {
    fn id(&self) -> &'static str {
        "spearman"
    }

    fn name(&self) -> &'static str {
        "Spearman correlation"
    }

    fn about(&self) -> &'static str {
        "How well the order of the rows is kept: 1 is the same order, 0 is no relation."
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
        let numbers = scored.numbers()?.unweighted()?;
        correlation(
            &mean_ranks(numbers.truth()),
            &mean_ranks(numbers.predicted()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_numbers;
    use super::*;

    #[test]
    fn only_the_order_matters() {
        check_numbers(&Spearman, &[1.0, 2.0, 3.0], &[1.0, 10.0, 1e6], 1.0);
    }

    #[test]
    fn ties_share_their_rank() {
        // Ranks 1, 2, 3 beside 1.5, 1.5, 3.
        check_numbers(
            &Spearman,
            &[1.0, 2.0, 3.0],
            &[5.0, 5.0, 6.0],
            0.75_f64.sqrt(),
        );
    }
}
