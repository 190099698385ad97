//! Hits, misses and false alarms of each label where a row may have several.

use super::{LabelSets, ratio};

/// Weighted numbers of rows by what is so and what is called so.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LabelCounts {
    /// Is so and is called so.
    pub hits: f64,
    /// Is so and is not called so.
    pub misses: f64,
    /// Is not so and is called so.
    pub false_alarms: f64,
}

impl LabelCounts {
    /// One entry a label, by index.
    pub fn each(sets: &LabelSets) -> Vec<Self> {
        let mut labels = vec![Self::default(); sets.labels()];
        for (index, row) in sets.rows().enumerate() {
            let weight = sets.weights().map_or(1.0, |weights| weights[index]);
            for (label, answer) in labels.iter_mut().zip(row) {
                match answer {
                    (true, true) => label.hits += weight,
                    (true, false) => label.misses += weight,
                    (false, true) => label.false_alarms += weight,
                    (false, false) => {}
                }
            }
        }
        labels
    }

    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            hits: self.hits + other.hits,
            misses: self.misses + other.misses,
            false_alarms: self.false_alarms + other.false_alarms,
        }
    }

    /// Share of the rows called so that are so; 0 when none is called so.
    pub fn precision(&self) -> f64 {
        ratio(self.hits, self.hits + self.false_alarms)
    }

    /// Share of the rows that are so that are called so; 0 when none is so.
    pub fn recall(&self) -> f64 {
        ratio(self.hits, self.hits + self.misses)
    }

    /// Harmonic mean of precision and recall; 0 when both are.
    pub fn f1(&self) -> f64 {
        ratio(
            2.0 * self.hits,
            2.0 * self.hits + self.misses + self.false_alarms,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_met_by_what_equals_it() {
        let sets = LabelSets::new(2, &[true, true, false, true], &[0.5, 0.4, 0.6, 0.9]).unwrap();
        let labels = LabelCounts::each(&sets);
        assert_eq!((labels[0].hits, labels[0].false_alarms), (1.0, 1.0));
        assert_eq!((labels[1].hits, labels[1].misses), (1.0, 1.0));
        assert_eq!(labels[0].precision(), 0.5);
        assert_eq!(labels[1].recall(), 0.5);
        let strict = LabelCounts::each(&sets.at(0.95));
        assert_eq!(strict[1].misses, 2.0);
    }
}
