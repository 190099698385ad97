//! F1 over all answers at once where a row may have several labels: frequent labels weigh more.

use super::{LabelCounts, Metric, Scored, Shape, Undefined};

/// F1 of the hits, misses and false alarms of all labels together; 0 when there are none.
#[derive(Debug, Clone, Copy)]
pub struct LabelMicroF1;

impl Metric for LabelMicroF1 {
    fn id(&self) -> &'static str {
        "label_micro_f1"
    }

    fn name(&self) -> &'static str {
        "Micro F1 of the labels"
    }

    fn about(&self) -> &'static str {
        "How well labels are found without false alarms, each label of each row counting the same."
    }

    fn is_higher_better(&self) -> bool {
        true
    }

    fn judges(&self) -> Shape {
        Shape::LabelSets
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let labels = LabelCounts::each(scored.label_sets()?);
        let all = labels
            .into_iter()
            .fold(LabelCounts::default(), LabelCounts::plus);
        Ok(all.f1())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_sets;
    use super::*;

    #[test]
    fn all_labels_are_counted_together() {
        // Two hits and a miss.
        check_sets(&LabelMicroF1, 2, &[1, 0, 1, 1], &[0.9, 0.1, 0.9, 0.4], 0.8);
    }
}
