//! The mean recall: always naming the largest class gains nothing here.

use super::confusion::OfConfusion;
use super::{Confusion, ratio};

/// Mean recall over the labels that occur; labels without a row are left out, as they have no recall.
#[derive(Debug, Clone, Copy)]
pub struct BalancedAccuracy;

impl OfConfusion for BalancedAccuracy {
    fn id(&self) -> &'static str {
        "balanced_accuracy"
    }

    fn name(&self) -> &'static str {
        "Balanced accuracy"
    }

    fn about(&self) -> &'static str {
        "Accuracy in which every label counts the same, however rare it is."
    }

    fn figure(&self, confusion: &Confusion) -> f64 {
        let present: Vec<usize> = (0..confusion.classes())
            .filter(|&class| confusion.support(class) > 0.0)
            .collect();
        let recalls: f64 = present.iter().map(|&class| confusion.recall(class)).sum();
        ratio(recalls, present.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn naming_the_largest_class_is_worth_its_share_of_the_classes() {
        let first: &[f32] = &[0.8, 0.1, 0.1];
        check(&BalancedAccuracy, &[0, 0, 0, 1], &[first; 4], 0.5);
    }
}
