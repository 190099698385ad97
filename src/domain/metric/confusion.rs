//! How often each label was taken for each other one. Most metrics are sums over this table.

use super::{Scored, most_probable, ratio};

/// Numbers of rows by true and by predicted label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    counts: Vec<Vec<u32>>,
}

impl Confusion {
    /// Counts.
    pub fn of(scored: &Scored) -> Self {
        let mut counts = vec![vec![0; scored.classes]; scored.classes];
        for (truth, probabilities) in scored.rows() {
            counts[truth as usize][most_probable(probabilities) as usize] += 1;
        }
        Self { counts }
    }

    /// `counts[truth][predicted]`.
    pub fn counts(&self) -> &[Vec<u32>] {
        &self.counts
    }

    /// The number of labels.
    pub fn classes(&self) -> usize {
        self.counts.len()
    }

    /// Rows in all.
    pub fn rows(&self) -> u32 {
        self.counts.iter().flatten().sum()
    }

    /// Rows that are of a class.
    pub fn support(&self, class: usize) -> u32 {
        self.counts[class].iter().sum()
    }

    /// Rows that are called so.
    pub fn called(&self, class: usize) -> u32 {
        self.counts.iter().map(|row| row[class]).sum()
    }

    /// Rows that are of a class and called so.
    pub fn right(&self, class: usize) -> u32 {
        self.counts[class][class]
    }

    /// Rows that are called what they are.
    pub fn all_right(&self) -> u32 {
        (0..self.classes()).map(|class| self.right(class)).sum()
    }

    /// Share of the rows called so that are so; 0 when none is called so.
    pub fn precision(&self, class: usize) -> f64 {
        ratio(self.right(class).into(), self.called(class).into())
    }

    /// Share of the rows that are so that are called so; 0 when none is so.
    pub fn recall(&self, class: usize) -> f64 {
        ratio(self.right(class).into(), self.support(class).into())
    }

    /// Harmonic mean of precision and recall; 0 when both are.
    pub fn f1(&self, class: usize) -> f64 {
        ratio(
            2.0 * f64::from(self.right(class)),
            f64::from(self.called(class)) + f64::from(self.support(class)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_is_down_and_the_prediction_across() {
        let confusion = Confusion::of(&Scored {
            classes: 2,
            truth: &[0, 0, 0, 1],
            probabilities: &[0.9, 0.1, 0.2, 0.8, 0.5, 0.5, 0.4, 0.6],
        });
        assert_eq!(confusion.counts(), [[2, 1], [0, 1]]);
        assert_eq!(confusion.support(0), 3);
        assert_eq!(confusion.called(1), 2);
        assert_eq!(confusion.all_right(), 3);
        assert_eq!(confusion.precision(1), 0.5);
        assert_eq!(confusion.recall(1), 1.0);
        assert_eq!(confusion.f1(0), 0.8);
    }
}
