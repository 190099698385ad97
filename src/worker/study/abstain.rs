//! Leaving the doubtful rows to a person.

use super::{Drawn, Scene, Study, classes_of, number};
use crate::domain::evaluation::{CoveragePoint, confidence_for, coverage_curve};
use crate::domain::metric::{Classes, most_probable};
use crate::view::abstain;

/// The answered rows are to have so many fewer mistakes, to begin with.
const FEWER: f64 = 0.5;

/// The abstain band.
pub(super) struct Abstain;

impl Study for Abstain {
    fn id(&self) -> &'static str {
        "abstain"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let scores = &scene.run.scores;
            let (valid, test) = (classes_of(&scores.valid)?, classes_of(&scores.test)?);
            let right = scene
                .run
                .report
                .evaluation
                .metric("accuracy")
                .unwrap_or(0.0);
            // In half points, as the field counts.
            let half = (((1.0 - (1.0 - right) * FEWER) * 200.0).round() / 200.0).min(1.0);
            let wanted = number::<f64>(scene.knobs, "wanted")
                .map_or(half, |percent| (percent / 100.0).clamp(0.0, 1.0));
            let chosen = confidence_for(&valid, wanted);
            let judged = chosen.and_then(|chosen| answered(&test, chosen.confidence));
            Ok(abstain::abstain(
                wanted,
                &coverage_curve(&test),
                chosen,
                judged,
            ))
        })
    }
}

/// What comes of answering rows from a confidence on; none when no row is as sure.
fn answered(classes: &Classes, confidence: f64) -> Option<CoveragePoint> {
    let (mut rows, mut right) = (0, 0);
    for (truth, row) in classes.rows() {
        let predicted = most_probable(row);
        if f64::from(row[predicted as usize]) >= confidence {
            rows += 1;
            right += u32::from(predicted == truth);
        }
    }
    (rows > 0).then(|| CoveragePoint {
        confidence,
        coverage: f64::from(rows) / classes.len() as f64,
        accuracy: f64::from(right) / f64::from(rows),
    })
}
