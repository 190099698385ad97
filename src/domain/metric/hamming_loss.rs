//! The mildest figure for several labels: each label of each row counts for itself.

use super::{Metric, Scored, Shape, Undefined, weighted_mean};

/// Weighted share of the pairs of row and label that are wrong.
#[derive(Debug, Clone, Copy)]
pub struct HammingLoss;

impl Metric for HammingLoss {
    fn id(&self) -> &'static str {
        "hamming_loss"
    }

    fn name(&self) -> &'static str {
        "Hamming loss"
    }

    fn about(&self) -> &'static str {
        "Share of all yes-or-no answers, one a row and label, that are wrong."
    }

    fn is_higher_better(&self) -> bool {
        false
    }

    fn judges(&self) -> Shape {
        Shape::LabelSets
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let sets = scored.label_sets()?;
        let wrong = sets.rows().map(|row| {
            let wrong = row.filter(|(truth, called)| truth != called).count();
            wrong as f64 / sets.labels() as f64
        });
        Ok(weighted_mean(wrong, sets.weights()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_sets;
    use super::*;

    #[test]
    fn each_answer_counts_for_itself() {
        check_sets(&HammingLoss, 2, &[1, 0, 1, 1], &[0.9, 0.1, 0.9, 0.4], 0.25);
    }
}
