//! Leaving the doubtful rows to a person: how many are answered, and how well.

use serde::{Deserialize, Serialize};

use crate::domain::metric::{Classes, most_probable};

/// A curve is thinned to about so many points.
const MOST_POINTS: usize = 200;

/// What happens when only answers of this confidence and above are given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CoveragePoint {
    /// The lowest largest probability that is answered.
    pub confidence: f64,
    /// Share of the rows that are answered.
    pub coverage: f64,
    /// Share of the answered rows that are right.
    pub accuracy: f64,
}

/// How accuracy rises as fewer rows are answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoverageCurve {
    /// From the surest rows to all.
    pub points: Vec<CoveragePoint>,
    /// Area under the share of wrong answers over coverage: 0 is perfect, and a confidence that tells
    /// nothing reaches the share of wrong answers over all rows.
    pub risk_area: f64,
}

/// The coverage curve of confidence, the largest probability; rows of equal confidence are answered
/// together. Weights are not used.
///
/// Source: El-Yaniv and Wiener 2010, "On the foundations of noise-free selective classification";
/// the area as in Geifman, Uziel and El-Yaniv 2019, section 2.
pub fn coverage_curve(classes: &Classes) -> CoverageCurve {
    let points = points_of(sureness(classes));
    let rows = classes.len() as f64;
    let mut before = 0.0;
    let mut risk_area = 0.0;
    for point in &points {
        risk_area += (point.coverage - before) * (1.0 - point.accuracy);
        before = point.coverage;
    }
    let step = (1.0 / MOST_POINTS as f64).max(1.0 / rows.max(1.0)) - 1e-12;
    let mut kept: Vec<CoveragePoint> = Vec::new();
    for (at, point) in points.iter().enumerate() {
        let is_end = at == 0 || at + 1 == points.len();
        if is_end || point.coverage >= kept[kept.len() - 1].coverage + step {
            kept.push(*point);
        }
    }
    CoverageCurve {
        points: kept,
        risk_area,
    }
}

/// The confidence from which on answers are right as often as wanted, 0 to 1, with the largest
/// coverage; `None` when the surest rows are not. To be chosen on validation rows, of each of which
/// `rows` says how sure the answer is, and whether it is right.
pub fn bound_for(rows: Vec<(f64, bool)>, accuracy: f64) -> Option<CoveragePoint> {
    points_of(rows)
        .into_iter()
        .rfind(|point| point.accuracy >= accuracy)
}

/// What comes of answering rows from a confidence on; `None` when no row is as sure.
pub fn answered_from(rows: &[(f64, bool)], confidence: f64) -> Option<CoveragePoint> {
    let answered = rows.iter().filter(|(sure, _)| *sure >= confidence);
    let count = answered.clone().count();
    let right = answered.filter(|(_, is_right)| *is_right).count();
    (count > 0).then(|| CoveragePoint {
        confidence,
        coverage: count as f64 / rows.len() as f64,
        accuracy: right as f64 / count as f64,
    })
}

/// How sure each answer is, and whether it is right.
pub fn sureness(classes: &Classes) -> Vec<(f64, bool)> {
    let of = |(truth, row): (u32, &[f32])| {
        let predicted = most_probable(row);
        (row[predicted as usize].into(), predicted == truth)
    };
    classes.rows().map(of).collect()
}

fn points_of(mut rows: Vec<(f64, bool)>) -> Vec<CoveragePoint> {
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut answered, mut right) = (0, 0);
    rows.chunk_by(|a, b| a.0 == b.0)
        .map(|equal| {
            answered += equal.len();
            right += equal.iter().filter(|(_, is_right)| *is_right).count();
            CoveragePoint {
                confidence: equal[0].0,
                coverage: answered as f64 / rows.len() as f64,
                accuracy: right as f64 / answered as f64,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sure_rows_are_answered_first() {
        let probabilities = [0.9, 0.1, 0.75, 0.25, 0.75, 0.25, 0.4, 0.6];
        let classes = Classes::new(2, &[0, 0, 1, 0], &probabilities).unwrap();
        let curve = coverage_curve(&classes);
        let found: Vec<(f64, f64)> = curve
            .points
            .iter()
            .map(|point| (point.coverage, point.accuracy))
            .collect();
        assert_eq!(found, [(0.25, 1.0), (0.75, 2.0 / 3.0), (1.0, 0.5)]);
        let expected = 0.5 / 3.0 + 0.25 * 0.5;
        assert!((curve.risk_area - expected).abs() < 1e-12);

        let point = bound_for(sureness(&classes), 0.6).unwrap();
        assert_eq!((point.confidence, point.coverage), (0.75, 0.75));
        assert_eq!(bound_for(sureness(&classes), 1.1), None);
    }

    #[test]
    fn answers_from_a_bound_on_are_counted() {
        let rows = [(0.9, true), (0.75, true), (0.75, false), (0.6, false)];
        assert_eq!(bound_for(rows.into(), 0.6).unwrap().confidence, 0.75);
        let point = answered_from(&rows, 0.75).unwrap();
        assert_eq!((point.coverage, point.accuracy), (0.75, 2.0 / 3.0));
        // A bound need not be the confidence of a row.
        assert_eq!(answered_from(&rows, 0.8).unwrap().coverage, 0.25);
        assert_eq!(answered_from(&rows, 0.95), None);
    }

    #[test]
    fn no_rows_have_no_points() {
        let classes = Classes::new(2, &[], &[]).unwrap();
        assert!(coverage_curve(&classes).points.is_empty());
    }
}
