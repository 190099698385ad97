//! The plain mean of the labels' F1 where a row may have several: one rare label never found shows.

use super::{LabelCounts, Metric, Scored, Shape, Undefined, ratio};

/// Mean F1 over all labels; a label that is neither there nor predicted counts as 0.
#[derive(Debug, Clone, Copy)]
pub struct LabelMacroF1;

impl Metric for LabelMacroF1 {
    fn id(&self) -> &'static str {
        "label_macro_f1"
    }

    fn name(&self) -> &'static str {
        "Macro F1 of the labels"
    }

    fn about(&self) -> &'static str {
        "Mean over the labels of how well each is found without false alarms, each counting the same."
    }

    fn is_higher_better(&self) -> bool {
        true
    }

    fn judges(&self) -> Shape {
        Shape::LabelSets
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let labels = LabelCounts::each(scored.label_sets()?);
        let sum: f64 = labels.iter().map(LabelCounts::f1).sum();
        Ok(ratio(sum, labels.len() as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_sets;
    use super::*;

    #[test]
    fn a_label_that_is_never_found_counts_as_nothing() {
        check_sets(&LabelMacroF1, 2, &[1, 0, 1, 1], &[0.9, 0.1, 0.9, 0.4], 0.5);
    }
}
