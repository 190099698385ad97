//! A correlation between truth and prediction: 0 for a guess, whatever the classes' sizes.

use super::confusion::OfConfusion;
use super::{Confusion, ratio};

/// Multi-class correlation coefficient; 0 where it is not defined.
///
/// Source: Gorodkin 2004, "Comparing two K-category assignments by a K-category correlation
/// coefficient".
#[derive(Debug, Clone, Copy)]
pub struct Matthews;

impl OfConfusion for Matthews {
    fn id(&self) -> &'static str {
        "matthews"
    }

    fn name(&self) -> &'static str {
        "Matthews correlation"
    }

    fn about(&self) -> &'static str {
        "1 when all is right, 0 when it is no better than a guess, below 0 when it is worse."
    }

    fn counts_in_points(&self) -> bool {
        false
    }

    fn figure(&self, confusion: &Confusion) -> f64 {
        let rows = confusion.whole();
        let (mut both, mut called, mut support) = (0.0, 0.0, 0.0);
        for class in 0..confusion.classes() {
            let class_called = confusion.called(class);
            let class_support = confusion.support(class);
            both += class_called * class_support;
            called += class_called * class_called;
            support += class_support * class_support;
        }
        let covariance = confusion.all_right() * rows - both;
        let spread = (rows * rows - called) * (rows * rows - support);
        ratio(covariance, spread.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    const YES: &[f32] = &[0.1, 0.9];
    const NO: &[f32] = &[0.9, 0.1];

    #[test]
    fn all_right_is_one_and_all_wrong_is_minus_one() {
        check(&Matthews, &[1, 0, 1], &[YES, NO, YES], 1.0);
        check(&Matthews, &[1, 0, 1], &[NO, YES, NO], -1.0);
    }

    #[test]
    fn one_prediction_for_all_is_zero() {
        check(&Matthews, &[1, 0, 1], &[YES, YES, YES], 0.0);
    }
}
