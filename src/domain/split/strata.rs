//! What the rows have to predict, as far as a split has to know it.

/// So many bins of about equal size stand for numbers to predict: few enough for each to be in
/// every part of some hundred rows, enough for the parts to have the same spread.
const BINS: usize = 10;

/// A bin of fewer rows would often have none for validation.
const LEAST_ROWS_OF_A_BIN: usize = 10;

/// The stratum of every row: its class, or the bin of its number. `None` where there is nothing to
/// learn, and so no part for the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strata {
    of_row: Vec<Option<u32>>,
    count: usize,
    are_classes: bool,
}

impl Strata {
    /// Classes by their index. Every one of them needs a row to learn from.
    pub fn classes(of_row: &[Option<u32>]) -> Self {
        Self {
            of_row: of_row.to_vec(),
            count: count(of_row),
            are_classes: true,
        }
    }

    /// Numbers, in at most ten bins of about equally many rows; equal numbers share a bin. Numbers
    /// that are not finite belong to none.
    pub fn numbers(values: &[Option<f64>]) -> Self {
        let finite = |value: &Option<f64>| value.filter(|value| value.is_finite());
        let mut sorted: Vec<f64> = values.iter().filter_map(finite).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let bins = (sorted.len() / LEAST_ROWS_OF_A_BIN).clamp(1, BINS);
        let mut bounds: Vec<f64> = (1..bins)
            .map(|bin| sorted[bin * sorted.len() / bins])
            .collect();
        bounds.dedup();
        let of_row: Vec<Option<u32>> = values
            .iter()
            .map(|value| {
                let value = finite(value)?;
                Some(bounds.partition_point(|bound| *bound <= value) as u32)
            })
            .collect();
        Self {
            count: count(&of_row),
            of_row,
            are_classes: false,
        }
    }

    /// The stratum of a row.
    pub fn of(&self, row: usize) -> Option<u32> {
        self.of_row[row]
    }

    /// The stratum of every row of the table.
    pub fn rows(&self) -> &[Option<u32>] {
        &self.of_row
    }

    /// The largest index and one.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether they are classes, of which a model must have seen each; bins of numbers are not.
    pub fn are_classes(&self) -> bool {
        self.are_classes
    }
}

fn count(of_row: &[Option<u32>]) -> usize {
    of_row
        .iter()
        .flatten()
        .max()
        .map_or(0, |&last| last as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fall_into_bins_of_equal_size() {
        let values: Vec<Option<f64>> = (0..1000)
            .map(|row| Some(f64::from(row * 7 % 1000)))
            .collect();
        let strata = Strata::numbers(&values);
        assert_eq!(strata.count(), 10);
        for bin in 0..10 {
            let rows = strata.rows().iter().filter(|at| **at == Some(bin)).count();
            assert_eq!(rows, 100);
        }
        assert_eq!(strata.of(999), Some(9), "7 x 999 mod 1000 is 993");
    }

    #[test]
    fn equal_numbers_share_a_bin() {
        let mut values = vec![Some(0.0); 90];
        values.extend([Some(1.0); 30]);
        let strata = Strata::numbers(&values);
        assert_eq!(strata.of(0), strata.of(89));
        assert_ne!(strata.of(0), strata.of(90));
    }

    #[test]
    fn what_is_no_number_is_in_no_bin() {
        let strata = Strata::numbers(&[Some(1.0), None, Some(f64::NAN), Some(f64::INFINITY)]);
        assert_eq!(strata.rows(), [Some(0), None, None, None]);
        assert_eq!(Strata::numbers(&[]).count(), 0);
    }
}
