//! The area under the precision-recall curve: for rare labels it tells more than the ROC's.

use super::ranking::{Ranking, Sorted, occurring, one_against_rest};
use super::{Metric, Prepared, Scored, Shape, Undefined};

/// Average precision of each label against the rest, as a plain mean over the labels that occur:
/// the sum over the thresholds of the recall gained times the precision there, without interpolation.
///
/// Both labels count when there are two. Refused when fewer than two labels occur.
///
/// Source: Davis and Goadrich 2006, "The relationship between precision-recall and ROC curves", for
/// why there is no interpolation; the sum is scikit-learn's `average_precision_score`.
#[derive(Debug, Clone, Copy)]
pub struct AveragePrecision;

impl Metric for AveragePrecision {
    fn id(&self) -> &'static str {
        "average_precision"
    }

    fn name(&self) -> &'static str {
        "PR AUC"
    }

    fn about(&self) -> &'static str {
        "Mean precision over all recalls, each label against the rest: a guess reaches the label's share."
    }

    fn is_higher_better(&self) -> bool {
        true
    }

    fn judges(&self) -> Shape {
        Shape::Classes
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        mean_precision(&one_against_rest(scored.classes()?), None)
    }

    fn prepared<'a>(&self, scored: &Scored<'a>) -> Option<Prepared<'a>> {
        let labels = one_against_rest(scored.classes().ok()?);
        Some(Box::new(move |times| mean_precision(&labels, Some(times))))
    }
}

/// The mean average precision of the labels that occur.
fn mean_precision(labels: &[Sorted], times: Option<&[u32]>) -> Result<f64, Undefined> {
    let rankings = occurring(labels, times)?;
    let precisions = rankings.iter().map(Ranking::average_precision);
    Ok(precisions.sum::<f64>() / rankings.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, refuses};
    use super::*;

    #[test]
    fn a_false_alarm_on_top_costs_half_of_a_single_row() {
        // The second label: 1/2 at recall 1. The first: 1 at recall 1/2, then 2/3.
        let rows: [&[f32]; 3] = [&[0.1, 0.9], &[0.4, 0.6], &[0.8, 0.2]];
        check(
            &AveragePrecision,
            &[0, 1, 0],
            &rows,
            0.5 * (0.5 + 0.5 * (1.0 + 2.0 / 3.0)),
        );
    }

    #[test]
    fn one_label_is_refused() {
        refuses(
            &AveragePrecision,
            &[0, 0],
            &[&[0.5, 0.5], &[0.1, 0.9]],
            &Undefined::OneLabel,
        );
    }
}
