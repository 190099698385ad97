//! Whether the probabilities put the rows in the right order, before any threshold.

use super::ranking::{Ranking, Sorted, occurring, one_against_rest};
use super::{Metric, Prepared, Scored, Shape, Undefined};

/// Area under the ROC curve of each label against the rest, as a plain mean over the labels that
/// occur; a tie counts half.
///
/// With two labels the second one's probability counts. Labels without a row have no area and are
/// left out, where scikit-learn gives NaN. Refused when fewer than two labels occur.
///
/// Source: Fawcett 2006, "An introduction to ROC analysis", sections 7 and 9.
#[derive(Debug, Clone, Copy)]
pub struct RocAuc;

impl Metric for RocAuc {
    fn id(&self) -> &'static str {
        "roc_auc"
    }

    fn name(&self) -> &'static str {
        "ROC AUC"
    }

    fn about(&self) -> &'static str {
        "Chance that a row of a label is given more of it than a row of another: 0.5 is a guess."
    }

    fn is_higher_better(&self) -> bool {
        true
    }

    fn judges(&self) -> Shape {
        Shape::Classes
    }

    fn of(&self, scored: &Scored) -> Result<f64, Undefined> {
        mean_area(&one_against_rest(scored.classes()?), None)
    }

    fn prepared<'a>(&self, scored: &Scored<'a>) -> Option<Prepared<'a>> {
        let labels = one_against_rest(scored.classes().ok()?);
        Some(Box::new(move |times| mean_area(&labels, Some(times))))
    }
}

/// The mean area of the labels that occur.
fn mean_area(labels: &[Sorted], times: Option<&[u32]>) -> Result<f64, Undefined> {
    let rankings = occurring(labels, times)?;
    // With two labels the second one's probability counts.
    let counted = if labels.len() == 2 {
        &rankings[1..]
    } else {
        &rankings[..]
    };
    let areas = counted.iter().filter_map(Ranking::roc_area);
    Ok(areas.sum::<f64>() / counted.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, refuses};
    use super::*;

    #[test]
    fn a_tie_counts_half() {
        let rows: [&[f32]; 3] = [&[0.5, 0.5], &[0.5, 0.5], &[0.1, 0.9]];
        check(&RocAuc, &[0, 1, 1], &rows, 0.75);
    }

    #[test]
    fn a_label_without_a_row_is_left_out() {
        let rows: [&[f32]; 2] = [&[0.5, 0.3, 0.2], &[0.3, 0.5, 0.2]];
        check(&RocAuc, &[0, 1], &rows, 1.0);
    }

    #[test]
    fn one_label_is_refused() {
        refuses(
            &RocAuc,
            &[1, 1],
            &[&[0.5, 0.5], &[0.1, 0.9]],
            &Undefined::OneLabel,
        );
    }
}
