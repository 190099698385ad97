//! Labels that are probably wrong, by what models say that did not learn from them.

use serde::{Deserialize, Serialize};

use super::EvaluationError;
use crate::domain::metric::{Classes, most_probable};

/// A probability this little below a threshold still reaches it, as in cleanlab.
const SLACK: f64 = 1e-6;

/// By which figure rows are put in order, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelQuality {
    /// The probability of the given label.
    SelfConfidence,
    /// That minus the largest other one, brought to 0 to 1.
    NormalizedMargin,
}

/// A row whose label is probably wrong.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// Index of the row among those given.
    pub row: u32,
    /// Index of the label it has.
    pub given: u32,
    /// Index of the label it probably should have.
    pub suggested: u32,
    /// Quality of the given label, 0 to 1; small is bad.
    pub quality: f64,
}

/// What confident learning finds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelErrors {
    /// Rows whose label is probably wrong, the worst first.
    pub suspects: Vec<Suspect>,
    /// `joint[given][true]`: rows that are confidently of a label, at least one on the diagonal.
    pub joint: Vec<Vec<u32>>,
    /// For each label the mean probability of it over the rows that have it, from which on a row is
    /// confidently of it; `None` where no row has it.
    pub thresholds: Vec<Option<f64>>,
    /// The share of labels that are wrong, estimated from the joint at the labels' numbers of rows.
    pub noise: f64,
}

/// Finds labels that are probably wrong.
///
/// `classes` holds the given labels beside probabilities from models that did not learn from the
/// row: out of fold, by cross-validation. A row is confidently of a label when its probability
/// reaches the mean that rows of this label have; it is suspect when it is confidently of another
/// label than its own and that one is not the most probable.
///
/// Source: Northcutt, Jiang and Chuang 2021, "Confident learning: estimating uncertainty in dataset
/// labels", sections 3.1 and 3.2, in the form of cleanlab 2.9 (`filter_by="confident_learning"`).
///
/// # Errors
/// Without rows.
pub fn find_label_errors(
    classes: &Classes,
    order: LabelQuality,
) -> Result<LabelErrors, EvaluationError> {
    EvaluationError::check_rows(classes.len(), classes.len())?;
    let labels = classes.classes();
    let thresholds = thresholds(classes);
    let mut joint = vec![vec![0_u32; labels]; labels];
    let mut suspects = Vec::new();
    for (row, (given, probabilities)) in classes.rows().enumerate() {
        let Some(confident) = confident_label(probabilities, &thresholds) else {
            continue;
        };
        joint[given as usize][confident as usize] += 1;
        if confident != given && most_probable(probabilities) != given {
            suspects.push(Suspect {
                row: row as u32,
                given,
                suggested: most_probable(probabilities),
                quality: quality(given, probabilities, order),
            });
        }
    }
    for (label, row) in joint.iter_mut().enumerate() {
        row[label] = row[label].max(1);
    }
    suspects.sort_by(|a, b| a.quality.total_cmp(&b.quality).then(a.row.cmp(&b.row)));
    Ok(LabelErrors {
        noise: noise(&joint, classes),
        suspects,
        joint,
        thresholds,
    })
}

/// Every row's quality of its given label, 0 to 1, in the order of the rows.
pub fn label_quality(classes: &Classes, by: LabelQuality) -> Vec<f64> {
    let rows = classes.rows();
    rows.map(|(given, probabilities)| quality(given, probabilities, by))
        .collect()
}

fn quality(given: u32, probabilities: &[f32], by: LabelQuality) -> f64 {
    let own = f64::from(probabilities[given as usize]);
    match by {
        LabelQuality::SelfConfidence => own,
        LabelQuality::NormalizedMargin => {
            let others = probabilities.iter().enumerate();
            let others = others.filter(|(label, _)| *label != given as usize);
            let largest = others.fold(0.0, |largest: f64, (_, &p)| largest.max(p.into()));
            0.5 * (own - largest + 1.0)
        }
    }
}

/// The mean probability of each label over the rows that have it.
fn thresholds(classes: &Classes) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0_u32); classes.classes()];
    for (given, probabilities) in classes.rows() {
        let (sum, rows) = &mut sums[given as usize];
        *sum += f64::from(probabilities[given as usize]);
        *rows += 1;
    }
    let mean = |(sum, rows): (f64, u32)| (rows > 0).then(|| sum / f64::from(rows));
    sums.into_iter().map(mean).collect()
}

/// The label that a row is confidently of: the only one whose threshold it reaches, or the most
/// probable one where it reaches several.
fn confident_label(probabilities: &[f32], thresholds: &[Option<f64>]) -> Option<u32> {
    let mut reached =
        probabilities
            .iter()
            .zip(thresholds)
            .enumerate()
            .filter(|(_, (probability, threshold))| {
                threshold.is_some_and(|threshold| f64::from(**probability) >= threshold - SLACK)
            });
    let first = reached.next()?.0 as u32;
    match reached.next() {
        Some(_) => Some(most_probable(probabilities)),
        None => Some(first),
    }
}

/// The share off the diagonal, after each row of the joint is brought to its label's number of rows.
fn noise(joint: &[Vec<u32>], classes: &Classes) -> f64 {
    let mut rows_of = vec![0_u32; joint.len()];
    for &label in classes.truth() {
        rows_of[label as usize] += 1;
    }
    let wrong: f64 = joint
        .iter()
        .enumerate()
        .map(|(label, row)| {
            let confident = f64::from(row.iter().sum::<u32>());
            f64::from(rows_of[label]) * (1.0 - f64::from(row[label]) / confident)
        })
        .sum();
    wrong / classes.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_label_is_found_and_named() {
        let mut truth = vec![0; 10];
        truth.extend([1; 10]);
        let mut probabilities = [0.9, 0.1].repeat(10);
        probabilities.extend([0.2, 0.8].repeat(10));
        // The fourth row was of label 0 and is called 1.
        truth[3] = 1;
        let classes = Classes::new(2, &truth, &probabilities).unwrap();
        let found = find_label_errors(&classes, LabelQuality::NormalizedMargin).unwrap();
        assert_eq!(found.suspects.len(), 1);
        let suspect = found.suspects[0];
        assert_eq!((suspect.row, suspect.given, suspect.suggested), (3, 1, 0));
        assert!((suspect.quality - 0.1).abs() < 1e-6);
        assert_eq!(found.joint, [[9, 0], [1, 10]]);
        assert!((found.noise - 11.0 * (1.0 / 11.0) / 20.0).abs() < 1e-12);
    }

    #[test]
    fn a_label_without_a_row_has_no_threshold() {
        let classes = Classes::new(3, &[0, 1], &[0.6, 0.3, 0.1, 0.1, 0.8, 0.1]).unwrap();
        let found = find_label_errors(&classes, LabelQuality::SelfConfidence).unwrap();
        assert_eq!(found.thresholds[2], None);
        assert!(found.suspects.is_empty());
        let none = Classes::new(2, &[], &[]).unwrap();
        assert!(find_label_errors(&none, LabelQuality::SelfConfidence).is_err());
    }
}
