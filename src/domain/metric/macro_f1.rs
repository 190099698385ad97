//! The plain mean of the labels' F1: one rare label that is never found shows.

use super::confusion::OfConfusion;
use super::{Confusion, ratio};

/// Mean F1 over all labels; a label that is neither there nor predicted counts as 0.
#[derive(Debug, Clone, Copy)]
pub struct MacroF1;

impl OfConfusion for MacroF1 {
    fn id(&self) -> &'static str {
        "macro_f1"
    }

    fn name(&self) -> &'static str {
        "Macro F1"
    }

    fn about(&self) -> &'static str {
        "Mean over the labels of how well each is found without false alarms, each counting the same."
    }

    fn figure(&self, confusion: &Confusion) -> f64 {
        let sum: f64 = (0..confusion.classes())
            .map(|class| confusion.f1(class))
            .sum();
        ratio(sum, confusion.classes() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn a_label_that_is_never_found_counts_as_nothing() {
        // The first label has precision 3/4 and recall 1, so F1 6/7.
        let first: &[f32] = &[0.8, 0.2];
        check(&MacroF1, &[0, 0, 0, 1], &[first; 4], 3.0 / 7.0);
    }
}
