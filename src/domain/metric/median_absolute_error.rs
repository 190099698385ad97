//! The error of the row in the middle: a few wild rows do not move it.

use super::{Metric, Scored, Shape, Undefined};

/// Median of the absolute errors, in the target's unit; the mean of the two in the middle where the
/// rows' weights divide evenly.
///
/// With weights it is the `averaged_inverted_cdf` of Hyndman and Fan 1996, as in scikit-learn.
#[derive(Debug, Clone, Copy)]
pub struct MedianAbsoluteError;

impl Metric for MedianAbsoluteError {
    fn id(&self) -> &'static str {
        "median_absolute_error"
    }

    fn name(&self) -> &'static str {
        "Median absolute error"
    }

    fn about(&self) -> &'static str {
        "Half of the rows are off by less than this, in the target's unit."
    }

    fn is_higher_better(&self) -> bool {
        false
    }

    fn counts_in_points(&self) -> bool {
        false
    }

    fn judges(&self) -> Shape {
        Shape::Numbers
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        let numbers = scored.numbers()?;
        let mut errors: Vec<(f64, f64)> = numbers
            .rows()
            .enumerate()
            .map(|(row, (truth, predicted))| {
                let weight = numbers.weights().map_or(1.0, |weights| weights[row]);
                ((truth - predicted).abs(), weight)
            })
            .filter(|&(_, weight)| weight > 0.0)
            .collect();
        errors.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(middle(&errors))
    }
}

/// The weighted median of sorted values; there is one at least.
fn middle(sorted: &[(f64, f64)]) -> f64 {
    let half = 0.5 * sorted.iter().map(|&(_, weight)| weight).sum::<f64>();
    let mut below = 0.0;
    for (at, &(value, weight)) in sorted.iter().enumerate() {
        below += weight;
        if below >= half {
            let next = sorted.get(at + 1).map_or(value, |&(next, _)| next);
            return if below - half > f64::EPSILON {
                value
            } else {
                0.5 * (value + next)
            };
        }
    }
    sorted[sorted.len() - 1].0
}

#[cfg(test)]
mod tests {
    use super::super::{Numbers, tests::check_numbers};
    use super::*;

    #[test]
    fn wild_rows_do_not_move_it() {
        check_numbers(&MedianAbsoluteError, &[0.0; 3], &[1.0, -2.0, 1e9], 2.0);
    }

    #[test]
    fn an_even_number_has_two_in_the_middle() {
        check_numbers(&MedianAbsoluteError, &[0.0; 4], &[1.0, 2.0, 4.0, 9.0], 3.0);
    }

    #[test]
    fn a_heavy_row_is_the_middle() {
        let scored = Numbers::new(&[0.0; 3], &[1.0, 2.0, 3.0]).unwrap();
        let scored = scored.weighted(&[1.0, 1.0, 5.0]).unwrap().into();
        assert_eq!(MedianAbsoluteError.of(&scored), Ok(3.0));
    }
}
