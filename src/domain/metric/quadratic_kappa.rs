//! Agreement of ranks beyond chance, in which far is much worse than near.

use super::confusion::OfConfusion;
use super::{Confusion, ratio};

/// Cohen's kappa with quadratic weights; 0 where all rows are of one rank and are said to be.
///
/// Source: Cohen 1968, "Weighted kappa: Nominal scale agreement provision for scaled disagreement or
/// partial credit".
#[derive(Debug, Clone, Copy)]
pub struct QuadraticKappa;

impl OfConfusion for QuadraticKappa {
    fn id(&self) -> &'static str {
        "quadratic_kappa"
    }

    fn name(&self) -> &'static str {
        "Weighted kappa"
    }

    fn about(&self) -> &'static str {
        "1 when every rank is right, 0 when it is no better than chance. Being off counts by the square of the distance."
    }

    fn counts_in_points(&self) -> bool {
        false
    }

    fn figure(&self, confusion: &Confusion) -> f64 {
        let (mut found, mut by_chance) = (0.0, 0.0);
        for (truth, called, weight) in confusion.cells() {
            let distance = (truth.abs_diff(called) as f64).powi(2);
            found += distance * weight;
            by_chance += distance * confusion.support(truth) * confusion.called(called);
        }
        ratio(by_chance - found * confusion.whole(), by_chance)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    const LOW: &[f32] = &[1.0, 0.0, 0.0];
    const MIDDLE: &[f32] = &[0.0, 1.0, 0.0];
    const HIGH: &[f32] = &[0.0, 0.0, 1.0];

    #[test]
    fn all_right_is_one_and_one_rank_for_all_is_chance() {
        check(&QuadraticKappa, &[0, 1, 2], &[LOW, MIDDLE, HIGH], 1.0);
        check(&QuadraticKappa, &[0, 1, 2], &[HIGH, MIDDLE, LOW], -1.0);
        check(&QuadraticKappa, &[0, 1, 2], &[MIDDLE; 3], 0.0);
    }

    #[test]
    fn one_rank_alone_is_no_agreement() {
        check(&QuadraticKappa, &[1, 1], &[MIDDLE; 2], 0.0);
    }
}
