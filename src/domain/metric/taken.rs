//! Chosen rows of scores, copied: what resampling judges again and again.

use super::{Classes, LabelSets, Numbers, Scored};

/// Rows that were taken from scores, in any order and any number of times. The memory is kept from
/// one choice to the next.
#[derive(Debug, Clone)]
pub struct Taken<'a> {
    from: Scored<'a>,
    labels: Vec<u32>,
    sets: Vec<bool>,
    numbers: Vec<f64>,
    probabilities: Vec<f32>,
    predicted: Vec<f64>,
    weights: Vec<f64>,
}

impl<'a> Taken<'a> {
    /// No row so far.
    pub fn from(scored: &Scored<'a>) -> Self {
        Self {
            from: *scored,
            labels: Vec::new(),
            sets: Vec::new(),
            numbers: Vec::new(),
            probabilities: Vec::new(),
            predicted: Vec::new(),
            weights: Vec::new(),
        }
    }

    /// Takes these rows, by their indices, instead of those before.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn rows(&mut self, rows: &[u32]) -> Scored<'_> {
        match self.from {
            Scored::Classes(from) => {
                gather(&mut self.labels, from.truth, rows, 1);
                gather(
                    &mut self.probabilities,
                    from.probabilities,
                    rows,
                    from.classes,
                );
                Scored::Classes(Classes {
                    classes: from.classes,
                    truth: &self.labels,
                    probabilities: &self.probabilities,
                    weights: weights(&mut self.weights, from.weights, rows),
                })
            }
            Scored::LabelSets(from) => {
                gather(&mut self.sets, from.truth, rows, from.labels);
                gather(
                    &mut self.probabilities,
                    from.probabilities,
                    rows,
                    from.labels,
                );
                Scored::LabelSets(LabelSets {
                    labels: from.labels,
                    truth: &self.sets,
                    probabilities: &self.probabilities,
                    threshold: from.threshold,
                    weights: weights(&mut self.weights, from.weights, rows),
                })
            }
            Scored::Numbers(from) => {
                gather(&mut self.numbers, from.truth, rows, 1);
                gather(&mut self.predicted, from.predicted, rows, 1);
                Scored::Numbers(Numbers {
                    truth: &self.numbers,
                    predicted: &self.predicted,
                    weights: weights(&mut self.weights, from.weights, rows),
                })
            }
        }
    }
}

fn gather<T: Copy>(into: &mut Vec<T>, from: &[T], rows: &[u32], width: usize) {
    into.clear();
    for &row in rows {
        into.extend_from_slice(&from[row as usize * width..][..width]);
    }
}

fn weights<'w>(into: &'w mut Vec<f64>, from: Option<&[f64]>, rows: &[u32]) -> Option<&'w [f64]> {
    gather(into, from?, rows, 1);
    Some(into)
}

#[cfg(test)]
mod tests {
    use super::super::{Accuracy, Mae, Metric, SubsetAccuracy};
    use super::*;

    #[test]
    fn rows_come_with_all_that_is_theirs() {
        let classes = Classes::new(2, &[0, 1], &[1.0, 0.0, 1.0, 0.0]).unwrap();
        let classes = Scored::from(classes.weighted(&[1.0, 3.0]).unwrap());
        let mut taken = Taken::from(&classes);
        assert_eq!(Accuracy.of(&taken.rows(&[0, 1])), Ok(0.25));
        assert_eq!(Accuracy.of(&taken.rows(&[0, 0, 0, 1])), Ok(0.5));
        assert_eq!(Accuracy.of(&taken.rows(&[1])), Ok(0.0));

        let sets = LabelSets::new(2, &[true, false, true, true], &[0.7, 0.2, 0.7, 0.2]).unwrap();
        let sets = Scored::from(sets.at(0.1));
        assert_eq!(
            SubsetAccuracy.of(&Taken::from(&sets).rows(&[1, 1, 0, 1])),
            Ok(0.75)
        );

        let numbers = Scored::from(Numbers::new(&[1.0, 2.0], &[1.0, 5.0]).unwrap());
        assert_eq!(Mae.of(&Taken::from(&numbers).rows(&[1, 1, 0])), Ok(2.0));
    }
}
