//! Agreement of ranks beyond chance, in which far is much worse than near.

use super::{Confusion, Metric, Prepared, Scored, Shape, Undefined, ratio};

/// Cohen's kappa with quadratic weights; 0 where all rows are of one rank and are said to be.
///
/// Source: Cohen 1968, "Weighted kappa: Nominal scale agreement provision for scaled disagreement or
/// partial credit".
#[derive(Debug, Clone, Copy)]
pub struct QuadraticKappa;

impl Metric for QuadraticKappa {
    fn id(&self) -> &'static str {
        "quadratic_kappa"
    }

    fn name(&self) -> &'static str {
        "Weighted kappa"
    }

    fn about(&self) -> &'static str {
        "1 when every rank is right, 0 when it is no better than chance. Being off counts by the square of the distance."
    }

    fn is_higher_better(&self) -> bool {
        true
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
    let (mut found, mut by_chance) = (0.0, 0.0);
    for (truth, called, weight) in confusion.cells() {
        let distance = (truth.abs_diff(called) as f64).powi(2);
        found += distance * weight;
        by_chance += distance * confusion.support(truth) * confusion.called(called);
    }
    Ok(ratio(by_chance - found * confusion.whole(), by_chance))
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
