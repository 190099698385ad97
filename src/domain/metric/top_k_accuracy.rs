//! Whether the right answer is on a short list: what counts when a person chooses from it.

use super::{Metric, Scored, Shape, Undefined};

/// Weighted share of the rows whose true label is among the `K` most probable ones.
///
/// Among equal probabilities the label of the higher index comes first, as in scikit-learn. Refused
/// when there are no more than `K` labels: every row would count.
#[derive(Debug, Clone, Copy)]
pub struct TopKAccuracy<const K: usize>;

impl<const K: usize> Metric for TopKAccuracy<K> {
    fn id(&self) -> &'static str {
        match K {
            3 => "top_3_accuracy",
            5 => "top_5_accuracy",
            _ => "top_k_accuracy",
        }
    }

    fn name(&self) -> &'static str {
        match K {
            3 => "Top-3 accuracy",
            5 => "Top-5 accuracy",
            _ => "Top-k accuracy",
        }
    }

    fn about(&self) -> &'static str {
        "Share of the rows whose true label is among the few most probable ones."
    }

    fn is_higher_better(&self) -> bool {
        true
    }

    fn judges(&self) -> Shape {
        Shape::Classes
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let classes = scored.classes()?;
        let labels = classes.classes();
        if labels <= K {
            return Err(Undefined::TooFewLabels { labels });
        }
        Ok(classes.mean(|(truth, probabilities)| {
            let truth = truth as usize;
            let is_before = |&(label, &probability): &(usize, &f32)| {
                (probability, label) > (probabilities[truth], truth)
            };
            let before = probabilities.iter().enumerate().filter(is_before).count();
            f64::from(u8::from(before < K))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, refuses};
    use super::*;

    #[test]
    fn the_short_list_holds_the_truth_or_not() {
        let row: &[f32] = &[0.5, 0.2, 0.2, 0.1];
        check(&TopKAccuracy::<3>, &[0, 1, 2, 3], &[row; 4], 0.75);
        // Of the two that tie, the second is on a list of two.
        check(&TopKAccuracy::<2>, &[0, 1, 2, 3], &[row; 4], 0.5);
        check(&TopKAccuracy::<2>, &[2], &[row], 1.0);
    }

    #[test]
    fn a_list_of_all_labels_is_refused() {
        let refusal = Undefined::TooFewLabels { labels: 3 };
        refuses(&TopKAccuracy::<3>, &[0], &[&[0.5, 0.3, 0.2]], &refusal);
    }
}
