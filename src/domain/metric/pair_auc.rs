//! For pairs that belong together or not: whether the score tells them apart, before any threshold.

use super::{Metric, Scored, Shape, Undefined, ranking::Ranking};

/// Area under the ROC curve of predicted scores of any scale, where the true values are 0 and 1; a
/// tie counts half.
///
/// Refused where a true value is neither 0 nor 1, or all are the same.
#[derive(Debug, Clone, Copy)]
pub struct PairAuc;

impl Metric for PairAuc {
    fn id(&self) -> &'static str {
        "pair_auc"
    }

    fn name(&self) -> &'static str {
        "Pair AUC"
    }

    fn about(&self) -> &'static str {
        "Chance that a pair that belongs together scores above one that does not: 0.5 is a guess."
    }

    fn is_higher_better(&self) -> bool {
        true
    }

    fn judges(&self) -> Shape {
        Shape::Numbers
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let numbers = scored.numbers()?;
        if numbers
            .truth()
            .iter()
            .any(|&truth| truth != 0.0 && truth != 1.0)
        {
            return Err(Undefined::NotBinary);
        }
        let rows = numbers.rows().map(|(truth, score)| (score, truth == 1.0));
        let ranking = Ranking::of(rows, numbers.weights());
        ranking.roc_area().ok_or(Undefined::OneLabel)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Numbers, tests::check_numbers};
    use super::*;

    #[test]
    fn a_tie_counts_half() {
        check_numbers(&PairAuc, &[0.0, 1.0, 1.0], &[-3.0, -3.0, 8.0], 0.75);
    }

    #[test]
    fn graded_pairs_are_refused() {
        let scored = Numbers::new(&[0.0, 0.5, 1.0], &[1.0; 3]).unwrap().into();
        assert_eq!(PairAuc.of(&scored), Err(Undefined::NotBinary));
        let scored = Numbers::new(&[1.0, 1.0], &[1.0, 2.0]).unwrap().into();
        assert_eq!(PairAuc.of(&scored), Err(Undefined::OneLabel));
    }
}
