//! The share of rows that are right: the figure everybody asks for first.

use super::confusion::OfConfusion;
use super::{Confusion, ratio};

/// Share of the rows whose most probable label is the true one.
#[derive(Debug, Clone, Copy)]
pub struct Accuracy;

impl OfConfusion for Accuracy {
    fn id(&self) -> &'static str {
        "accuracy"
    }

    fn name(&self) -> &'static str {
        "Accuracy"
    }

    fn about(&self) -> &'static str {
        "Share of the rows that are right."
    }

    fn figure(&self, confusion: &Confusion) -> f64 {
        ratio(confusion.all_right(), confusion.whole())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn three_of_four() {
        let (yes, no): (&[f32], &[f32]) = (&[0.1, 0.9], &[0.6, 0.4]);
        check(&Accuracy, &[1, 0, 0, 1], &[yes, no, yes, yes], 0.75);
    }
}
