//! Two runs on the rows that both hold apart: which is better, and which answers turned.

use serde::{Deserialize, Serialize};

use super::{Bootstrap, Comparison, compare};
use crate::domain::metric::{Classes, Metric, Scored, ScoresError, most_probable};
use crate::domain::start::LabelMatch;
use crate::domain::table::RowId;

/// What one run said of some rows.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Its labels, by index.
    pub labels: &'a [String],
    /// The rows, ascending.
    pub rows: &'a [RowId],
    /// Their true labels as the run had them.
    pub truth: &'a [u32],
    /// Probabilities, row-major, shape `[rows, labels]`.
    pub probabilities: &'a [f32],
}

/// A row of which the two runs say different things.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Flip {
    /// The row.
    pub row: RowId,
    /// Index of its true label, among [`Rounds::labels`] as all of these.
    pub truth: u32,
    /// What the run before said.
    pub before: u32,
    /// What the run after says.
    pub after: u32,
    /// The probability of that, 0 to 1.
    pub probability: f32,
}

/// Two runs compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rounds {
    /// Labels of the run after, then those that only the run before has.
    pub labels: Vec<String>,
    /// Rows that both hold apart.
    pub rows: u32,
    /// Rows among them whose label was mended in between; the mended one counts for both.
    pub mended: u32,
    /// Figures of the run before and after, by the metrics' order; a metric without a value is left
    /// out.
    pub figures: Vec<(String, f64, f64)>,
    /// The differences, in the same order.
    pub comparisons: Vec<Comparison>,
    /// Wrong before and right now, the surest first.
    pub fixed: Vec<Flip>,
    /// Right before and wrong now, the surest first.
    pub broken: Vec<Flip>,
    /// Wrong both times, in another way.
    pub still_wrong: u32,
}

/// Compares two runs on the rows that are in both lists, `before` being called so in sentences.
///
/// Labels are matched by their names. A row whose label the run after no longer has is left out.
///
/// # Errors
/// When something is no probability.
pub fn compare_rounds(
    before: &Said<'_>,
    after: &Said<'_>,
    metrics: &[&dyn Metric],
    seed: u64,
) -> Result<Rounds, ScoresError> {
    let matched = LabelMatch::of(before.labels, after.labels);
    let mut labels = after.labels.to_vec();
    labels.extend(matched.dropped.iter().cloned());
    let classes = labels.len();
    let mut next = after.labels.len();
    let place: Vec<usize> = matched
        .backwards()
        .into_iter()
        .map(|known| {
            known.map_or_else(
                || {
                    next += 1;
                    next - 1
                },
                |label| label as usize,
            )
        })
        .collect();

    let (mut rows, mut truth, mut mended) = (Vec::new(), Vec::new(), 0);
    let (mut then, mut now) = (Vec::new(), Vec::new());
    for (at, row) in after.rows.iter().enumerate() {
        let Ok(earlier) = before.rows.binary_search(row) else {
            continue;
        };
        let label = after.truth[at];
        mended += u32::from(place[before.truth[earlier] as usize] != label as usize);
        rows.push(*row);
        truth.push(label);
        let mut of_row = vec![0.0; classes];
        let width = before.labels.len();
        for (&probability, &at) in before.probabilities[earlier * width..][..width]
            .iter()
            .zip(&place)
        {
            of_row[at] = probability;
        }
        then.extend(of_row);
        let width = after.labels.len();
        now.extend(&after.probabilities[at * width..][..width]);
        now.extend(vec![0.0; classes - width]);
    }
    let then = Classes::new(classes, &truth, &then)?;
    let now = Classes::new(classes, &truth, &now)?;
    let (mut fixed, mut broken, mut still_wrong) = (Vec::new(), Vec::new(), 0);
    for ((&row, (label, was)), (_, is)) in rows.iter().zip(then.rows()).zip(now.rows()) {
        let (before, after) = (most_probable(was), most_probable(is));
        if before == after {
            continue;
        }
        let flip = Flip {
            row,
            truth: label,
            before,
            after,
            probability: is[after as usize],
        };
        if after == label {
            fixed.push(flip);
        } else if before == label {
            broken.push(flip);
        } else {
            still_wrong += 1;
        }
    }
    for flips in [&mut fixed, &mut broken] {
        flips.sort_by(|a, b| {
            b.probability
                .total_cmp(&a.probability)
                .then(a.row.cmp(&b.row))
        });
    }
    let (then, now) = (Scored::from(then), Scored::from(now));
    let plan = Bootstrap::new(seed);
    let (mut figures, mut comparisons) = (Vec::new(), Vec::new());
    for metric in metrics.iter().copied().filter(|_| !rows.is_empty()) {
        if let (Ok(was), Ok(is), Ok(found)) = (
            metric.of(&then),
            metric.of(&now),
            compare(metric, &now, &then, "the run before", &plan),
        ) {
            figures.push((metric.name().to_owned(), was, is));
            comparisons.push(found);
        }
    }
    Ok(Rounds {
        labels,
        rows: rows.len() as u32,
        mended,
        figures,
        comparisons,
        fixed,
        broken,
        still_wrong,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::Accuracy;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn answers_that_turned_are_told_apart() {
        let rows = [1, 2, 3, 5].map(RowId);
        let labels = names(&["gone", "a", "b"]);
        let before = Said {
            labels: &labels,
            rows: &rows,
            truth: &[1, 1, 2, 2],
            probabilities: &[
                0.1, 0.8, 0.1, // a
                0.6, 0.2, 0.2, // gone
                0.1, 0.8, 0.1, // a
                0.1, 0.1, 0.8, // b
            ],
        };
        // Row 4 was not held apart before, row 1 is not now; row 3 was mended from b to a.
        let rows = [2, 3, 4, 5].map(RowId);
        let labels = names(&["a", "b"]);
        let after = Said {
            labels: &labels,
            rows: &rows,
            truth: &[0, 0, 0, 1],
            probabilities: &[0.9, 0.1, 0.7, 0.3, 0.5, 0.5, 0.6, 0.4],
        };
        let found = compare_rounds(&before, &after, &[&Accuracy], 1).unwrap();
        assert_eq!(found.labels, ["a", "b", "gone"]);
        assert_eq!((found.rows, found.mended, found.still_wrong), (3, 1, 0));
        assert_eq!(
            found.figures,
            [("Accuracy".to_owned(), 2.0 / 3.0, 2.0 / 3.0)]
        );
        let fixed: Vec<(u32, u32)> = found.fixed.iter().map(|f| (f.row.0, f.before)).collect();
        assert_eq!(fixed, [(2, 2)]);
        let broken: Vec<(u32, u32)> = found.broken.iter().map(|f| (f.row.0, f.after)).collect();
        assert_eq!(broken, [(5, 0)]);
        assert_eq!(
            found.comparisons[0].sentence,
            "not distinguishable from the run before"
        );
    }

    #[test]
    fn runs_without_a_row_in_common_have_nothing_to_tell() {
        let (labels, rows) = (names(&["a", "b"]), [RowId(1)]);
        let before = Said {
            labels: &labels,
            rows: &rows,
            truth: &[0],
            probabilities: &[1.0, 0.0],
        };
        let rows = [RowId(2)];
        let after = Said {
            rows: &rows,
            ..before
        };
        let found = compare_rounds(&before, &after, &[&Accuracy], 1).unwrap();
        assert_eq!((found.rows, found.figures.len()), (0, 0));
    }
}
