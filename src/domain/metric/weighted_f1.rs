//! The mean of the labels' F1 by their rows, as scikit-learn's `average="weighted"`.

use super::confusion::OfConfusion;
use super::{Confusion, ratio};

/// Mean F1 over the labels, each weighing as much as it has rows.
#[derive(Debug, Clone, Copy)]
pub struct WeightedF1;

impl OfConfusion for WeightedF1 {
    fn id(&self) -> &'static str {
        "weighted_f1"
    }

    fn name(&self) -> &'static str {
        "Weighted F1"
    }

    fn about(&self) -> &'static str {
        "Mean over the labels of how well each is found without false alarms, frequent ones counting more."
    }

    fn figure(&self, confusion: &Confusion) -> f64 {
        let sum: f64 = (0..confusion.classes())
            .map(|class| confusion.support(class) * confusion.f1(class))
            .sum();
        ratio(sum, confusion.whole())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn frequent_labels_weigh_more() {
        // F1 is 6/7 for the first label with three rows, and 0 for the other with one.
        let first: &[f32] = &[0.8, 0.2];
        check(&WeightedF1, &[0, 0, 0, 1], &[first; 4], 4.5 / 7.0);
    }
}
