//! What a threshold does: ROC, precision-recall, gains and lift of one label against the rest, and
//! the threshold for what a person wants.

use serde::{Deserialize, Serialize};

use super::EvaluationError;
use crate::domain::metric::ranking::{Cut, Ranking};
use crate::domain::metric::{Classes, Undefined};

/// A curve is thinned to about so many points: a chart has no more pixels to give.
const MOST_POINTS: usize = 200;

/// What happens when rows of this score and above are called positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Rows of this score and above are called positive; `None` where none is.
    pub threshold: Option<f64>,
    /// Share of all rows that are called positive.
    pub called: f64,
    /// Share of the positive rows that are called so: recall, or true positive rate, or gain.
    pub recall: f64,
    /// Share of the negative rows that are called positive: the false positive rate.
    pub false_alarms: f64,
    /// Share of the rows called positive that are so; 1 where none is called.
    pub precision: f64,
    /// Precision over the share of positive rows: how many times better than choosing at random; for
    /// no row the figure of the first cut.
    pub lift: f64,
}

/// Every curve of one label: each chart takes two of a point's fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelCurves {
    /// Index of the label.
    pub label: u32,
    /// Share of the rows that are of this label: what precision a guess has.
    pub share: f64,
    /// Area under recall over false alarms.
    pub roc_area: f64,
    /// Average precision.
    pub average_precision: f64,
    /// From no row called positive to all.
    pub points: Vec<CurvePoint>,
}

/// Ranks the rows by the probability of a label against the rest.
///
/// # Errors
/// When no row or every row is of the label.
pub fn ranking(classes: &Classes, label: u32) -> Result<Ranking, EvaluationError> {
    let rows = classes
        .rows()
        .map(|(truth, row)| (f64::from(row[label as usize]), truth == label));
    let ranking = Ranking::of(rows, classes.weights());
    if ranking.positives() == 0.0 || ranking.negatives() == 0.0 {
        return Err(Undefined::OneLabel.into());
    }
    Ok(ranking)
}

/// The curves of a label.
///
/// Source: Fawcett 2006, "An introduction to ROC analysis", section 5; gains and lift as in
/// Provost and Fawcett 2013, "Data Science for Business", chapter 8.
///
/// # Errors
/// When no row or every row is of the label.
pub fn label_curves(classes: &Classes, label: u32) -> Result<LabelCurves, EvaluationError> {
    let ranking = ranking(classes, label)?;
    let all = ranking.positives() + ranking.negatives();
    let point = |cut: &Cut| point(&ranking, cut);
    let cuts = thinned(&ranking, MOST_POINTS);
    let first = point(&cuts[0]);
    let none = CurvePoint {
        threshold: None,
        called: 0.0,
        recall: 0.0,
        false_alarms: 0.0,
        precision: 1.0,
        lift: first.lift,
    };
    Ok(LabelCurves {
        label,
        share: ranking.positives() / all,
        roc_area: ranking.roc_area().unwrap_or_default(),
        average_precision: ranking.average_precision(),
        points: std::iter::once(none)
            .chain(cuts.iter().map(point))
            .collect(),
    })
}

fn point(ranking: &Ranking, cut: &Cut) -> CurvePoint {
    let (positives, negatives) = (ranking.positives(), ranking.negatives());
    let called = cut.hits + cut.false_alarms;
    let precision = if called > 0.0 { cut.hits / called } else { 1.0 };
    CurvePoint {
        threshold: Some(cut.threshold),
        called: called / (positives + negatives),
        recall: cut.hits / positives,
        false_alarms: cut.false_alarms / negatives,
        precision,
        lift: precision * (positives + negatives) / positives,
    }
}

/// Cuts at about equal steps along the ROC curve; the first and the last are among them.
fn thinned(ranking: &Ranking, most: usize) -> Vec<Cut> {
    let cuts = ranking.cuts();
    if cuts.len() <= most {
        return cuts.to_vec();
    }
    let along = |cut: &Cut| cut.hits / ranking.positives() + cut.false_alarms / ranking.negatives();
    let step = 2.0 / most as f64;
    let mut kept = vec![cuts[0]];
    for (at, cut) in cuts.iter().enumerate().skip(1) {
        let is_last = at + 1 == cuts.len();
        if is_last || along(cut) >= along(&kept[kept.len() - 1]) + step {
            kept.push(*cut);
        }
    }
    kept
}

/// What a threshold is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// The lowest cost over all rows.
    Cost {
        /// What a false alarm costs, in any unit.
        false_alarm: f64,
        /// What a missed row costs, in the same unit.
        miss: f64,
    },
    /// The highest recall with at least this precision, 0 to 1.
    Precision(f64),
    /// The highest precision with at least this recall, 0 to 1.
    Recall(f64),
    /// The highest F1.
    F1,
}

/// The threshold for a goal; `None` when no threshold reaches it.
///
/// Of equal ones the highest is taken. To be chosen on validation rows: on the rows a model is judged
/// by it would flatter.
///
/// # Errors
/// When no row or every row is of the label.
pub fn threshold_for(
    classes: &Classes,
    label: u32,
    goal: Goal,
) -> Result<Option<CurvePoint>, EvaluationError> {
    let ranking = ranking(classes, label)?;
    let none = Cut {
        threshold: f64::INFINITY,
        hits: 0.0,
        false_alarms: 0.0,
    };
    // What to make large; `None` is out of the question.
    let merit = |cut: &Cut| {
        let at = point(&ranking, cut);
        match goal {
            Goal::Cost { false_alarm, miss } => {
                let missed = ranking.positives() - cut.hits;
                Some(-(false_alarm * cut.false_alarms + miss * missed))
            }
            Goal::Precision(least) => {
                (at.precision >= least && cut.hits > 0.0).then_some(at.recall)
            }
            Goal::Recall(least) => (at.recall >= least).then_some(at.precision),
            Goal::F1 => Some(2.0 * cut.hits / (cut.hits + cut.false_alarms + ranking.positives())),
        }
    };
    let mut best: Option<(f64, Cut)> = None;
    for cut in std::iter::once(&none).chain(ranking.cuts()) {
        let Some(merit) = merit(cut) else { continue };
        if best.is_none_or(|(before, _)| merit > before) {
            best = Some((merit, *cut));
        }
    }
    Ok(best.map(|(_, cut)| CurvePoint {
        threshold: Some(cut.threshold).filter(|threshold| threshold.is_finite()),
        ..point(&ranking, &cut)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of the second label, best first: + + - + -.
    const TRUTH: &[u32] = &[1, 1, 0, 1, 0];
    const PROBABILITIES: &[f32] = &[0.1, 0.9, 0.2, 0.8, 0.4, 0.6, 0.5, 0.5, 0.75, 0.25];

    fn classes() -> Classes<'static> {
        Classes::new(2, TRUTH, PROBABILITIES).unwrap()
    }

    #[test]
    fn curves_go_from_no_row_to_all() {
        let curves = label_curves(&classes(), 1).unwrap();
        let roc: Vec<(f64, f64)> = curves
            .points
            .iter()
            .map(|point| (point.false_alarms, point.recall))
            .collect();
        let third = 1.0 / 3.0;
        assert_eq!(
            roc,
            [
                (0.0, 0.0),
                (0.0, third),
                (0.0, 2.0 * third),
                (0.5, 2.0 * third),
                (0.5, 1.0),
                (1.0, 1.0)
            ]
        );
        assert_eq!(curves.share, 0.6);
        assert!((curves.points[1].lift - 1.0 / 0.6).abs() < 1e-12);
        assert_eq!(curves.points[5].lift, 1.0);
        assert!((curves.roc_area - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!(curves.points[0].threshold, None);
    }

    #[track_caller]
    fn check(goal: Goal, expected: Option<Option<f32>>) {
        let found = threshold_for(&classes(), 1, goal).unwrap();
        assert_eq!(
            found.map(|point| point.threshold),
            expected.map(|t| t.map(f64::from))
        );
    }

    #[test]
    fn thresholds_do_what_is_wanted() {
        let cost = |false_alarm, miss| Goal::Cost { false_alarm, miss };
        check(cost(1.0, 1.0), Some(Some(0.8)));
        check(cost(1.0, 5.0), Some(Some(0.5)));
        // When a false alarm costs without bound the sure rows are still called.
        check(cost(1e9, 1.0), Some(Some(0.8)));
        check(cost(1.0, 0.0), Some(None));
        check(Goal::Precision(1.0), Some(Some(0.8)));
        check(Goal::Precision(0.75), Some(Some(0.5)));
        check(Goal::Recall(0.9), Some(Some(0.5)));
        check(Goal::F1, Some(Some(0.5)));
        check(Goal::Recall(1.5), None);
    }

    #[test]
    fn a_long_curve_is_thinned_and_keeps_its_ends() {
        let rows = 5_000;
        let truth: Vec<u32> = (0..rows).map(|row| u32::from(row % 3 == 0)).collect();
        let probabilities: Vec<f32> = (0..rows)
            .flat_map(|row| {
                let second = row as f32 / rows as f32;
                [1.0 - second, second]
            })
            .collect();
        let classes = Classes::new(2, &truth, &probabilities).unwrap();
        let curves = label_curves(&classes, 1).unwrap();
        assert!((150..=MOST_POINTS + 2).contains(&curves.points.len()));
        let last = curves.points[curves.points.len() - 1];
        assert_eq!((last.recall, last.false_alarms), (1.0, 1.0));
    }

    #[test]
    fn a_label_that_all_rows_have_is_refused() {
        let classes = Classes::new(2, &[1, 1], &[0.5; 4]).unwrap();
        for label in [0, 1] {
            let refusal = label_curves(&classes, label).unwrap_err();
            assert_eq!(refusal, Undefined::OneLabel.into());
        }
    }
}
