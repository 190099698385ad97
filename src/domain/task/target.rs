//! What each row should be, in the shape that the task has.

use super::Labels;
use crate::domain::split::Strata;

/// What each row should be.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// One label out of several.
    Labels(Labels),
    /// One label out of several that have an order, the lowest first.
    Ranks(Labels),
    /// A number; `None` where there is none.
    Numbers(Vec<Option<f64>>),
    /// Any number of labels.
    LabelSets(SetsOfLabels),
}

/// Any number of labels a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetsOfLabels {
    /// The labels, by index.
    pub names: Vec<String>,
    /// Indices of each row's labels, ascending; `None` where the cell is missing.
    pub of_row: Vec<Option<Vec<u32>>>,
}

impl Target {
    /// What a split keeps in proportion: labels, numbers by their size, or one group for all rows
    /// that have an answer.
    pub fn strata(&self) -> Strata {
        match self {
            Self::Labels(labels) => Strata::classes(&labels.of_row),
            // In which order ranks are moves no row to another part.
            Self::Ranks(labels) => Strata::classes(&labels.clone().in_natural_order().of_row),
            Self::Numbers(numbers) => Strata::numbers(numbers),
            Self::LabelSets(sets) => {
                let one = sets.of_row.iter().map(|set| set.as_ref().map(|_| 0));
                Strata::classes(&one.collect::<Vec<_>>())
            }
        }
    }

    /// The same for a table of more rows, of which `kept` says which these are. The others have no
    /// answer.
    #[must_use]
    pub fn spread(self, kept: &[bool]) -> Self {
        match self {
            Self::Labels(labels) => Self::Labels(labels.spread(kept)),
            Self::Ranks(labels) => Self::Ranks(labels.spread(kept)),
            Self::Numbers(numbers) => Self::Numbers(spread(numbers, kept)),
            Self::LabelSets(sets) => Self::LabelSets(SetsOfLabels {
                of_row: spread(sets.of_row, kept),
                ..sets
            }),
        }
    }

    /// The same with ranks in another order, see [`Labels::in_order`].
    #[must_use]
    pub fn ranked(self, order: &[String]) -> Self {
        match self {
            Self::Ranks(labels) => Self::Ranks(labels.in_order(order)),
            other => other,
        }
    }

    /// Takes a row's answer away.
    pub fn forget(&mut self, row: usize) {
        match self {
            Self::Labels(labels) | Self::Ranks(labels) => labels.of_row[row] = None,
            Self::Numbers(numbers) => numbers[row] = None,
            Self::LabelSets(sets) => sets.of_row[row] = None,
        }
    }

    /// Indices of a row's labels; none of a number or where there is no answer.
    pub fn of_row(&self, row: usize) -> &[u32] {
        match self {
            Self::Labels(labels) | Self::Ranks(labels) => labels.of_row[row].as_slice(),
            Self::Numbers(_) => &[],
            Self::LabelSets(sets) => sets.of_row[row].as_deref().unwrap_or_default(),
        }
    }

    /// Names of the labels; none of a number.
    pub fn names(&self) -> &[String] {
        match self {
            Self::Labels(labels) | Self::Ranks(labels) => &labels.names,
            Self::Numbers(_) => &[],
            Self::LabelSets(sets) => &sets.names,
        }
    }
}

impl Labels {
    fn spread(self, kept: &[bool]) -> Self {
        Self {
            of_row: spread(self.of_row, kept),
            ..self
        }
    }
}

/// Answers in the places that `kept` marks, and none in the others.
fn spread<T>(answers: Vec<Option<T>>, kept: &[bool]) -> Vec<Option<T>> {
    let mut answers = answers.into_iter();
    let place = |is_kept: &bool| if *is_kept { answers.next()? } else { None };
    kept.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_find_their_places() {
        let target = Target::Numbers(vec![Some(1.0), None, Some(3.0)]);
        let mut target = target.spread(&[true, false, true, true, false]);
        let expected = [Some(1.0), None, None, Some(3.0), None];
        assert_eq!(target, Target::Numbers(expected.to_vec()));
        target.forget(0);
        assert!(matches!(target, Target::Numbers(numbers) if numbers[0].is_none()));
    }
}
