//! The strictest figure for several labels: one label off makes the row wrong.

use super::{Metric, Scored, Shape, Undefined, weighted_mean};

/// Weighted share of the rows whose whole label set is right.
#[derive(Debug, Clone, Copy)]
pub struct SubsetAccuracy;

impl Metric for SubsetAccuracy {
    fn id(&self) -> &'static str {
        "subset_accuracy"
    }

    fn name(&self) -> &'static str {
        "Exact match"
    }

    fn about(&self) -> &'static str {
        "Share of the rows whose labels are all right, none missing and none too many."
    }

    fn is_higher_better(&self) -> bool {
        true
    }

    fn judges(&self) -> Shape {
        Shape::LabelSets
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let sets = scored.label_sets()?;
        let is_right = sets
            .rows()
            .map(|mut row| row.all(|(truth, called)| truth == called));
        Ok(weighted_mean(
            is_right.map(|right| f64::from(u8::from(right))),
            sets.weights(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_sets;
    use super::*;

    #[test]
    fn one_label_off_makes_a_row_wrong() {
        check_sets(
            &SubsetAccuracy,
            2,
            &[1, 0, 1, 1],
            &[0.9, 0.1, 0.9, 0.4],
            0.5,
        );
    }
}
