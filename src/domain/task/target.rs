//! What each row should be, in the shape that the task has.

use super::Labels;

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

/// Groups of similar numbers that every part gets its share of.
const MOST_STRATA: usize = 10;

/// Rows of such a group, at the least.
const LEAST_ROWS_OF_A_STRATUM: usize = 20;

impl Target {
    /// What a split keeps in proportion: a label, a tenth of the numbers by size, or one group for
    /// all; `None` where a row has no answer.
    pub fn strata(&self) -> Vec<Option<u32>> {
        match self {
            Self::Labels(labels) | Self::Ranks(labels) => labels.of_row.clone(),
            Self::Numbers(numbers) => by_size(numbers),
            Self::LabelSets(sets) => sets
                .of_row
                .iter()
                .map(|set| set.as_ref().map(|_| 0))
                .collect(),
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

fn by_size(numbers: &[Option<f64>]) -> Vec<Option<u32>> {
    let mut sorted: Vec<f64> = numbers.iter().flatten().copied().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let strata = (sorted.len() / LEAST_ROWS_OF_A_STRATUM).clamp(1, MOST_STRATA);
    let mut bounds: Vec<f64> = (1..strata)
        .map(|stratum| sorted[stratum * sorted.len() / strata])
        .collect();
    bounds.dedup();
    // A bound at the smallest number would leave the group below it empty.
    bounds.retain(|bound| *bound > sorted[0]);
    numbers
        .iter()
        .map(|number| number.map(|x| bounds.partition_point(|bound| *bound <= x) as u32))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strata_are_of_similar_size_and_none_is_empty() {
        let numbers: Vec<Option<f64>> = (0..200)
            .map(|row| (row % 9 != 0).then(|| f64::from(row * 37 % 200)))
            .chain([Some(0.0); 60])
            .collect();
        let strata = Target::Numbers(numbers.clone()).strata();
        let mut counts = vec![0; 10];
        for (stratum, number) in strata.iter().zip(&numbers) {
            assert_eq!(stratum.is_some(), number.is_some());
            if let Some(stratum) = stratum {
                counts[*stratum as usize] += 1;
            }
        }
        let used = counts.iter().rposition(|&rows| rows > 0).unwrap();
        assert!(counts[..=used].iter().all(|&rows| rows >= 10), "{counts:?}");
    }

    #[test]
    fn few_numbers_are_one_group() {
        let strata = Target::Numbers(vec![Some(1.0), None, Some(5.0)]).strata();
        assert_eq!(strata, [Some(0), None, Some(0)]);
    }
}
