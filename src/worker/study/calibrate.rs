//! Whether probabilities mean what they say, before and after one number mends them.

use super::{Drawn, Scene, Study, classes_of, refused};
use crate::domain::evaluation::{Calibration, Calibrator};
use crate::view::calibration;

/// Reliability before and after.
pub(super) struct Calibrate;

impl Study for Calibrate {
    fn id(&self) -> &'static str {
        "calibration"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let scores = &scene.run.scores;
            let (valid, test) = (classes_of(&scores.valid)?, classes_of(&scores.test)?);
            let has_isotonic = valid.classes() == 2;
            let calibrator = match scene.knob("method") {
                Some("isotonic") if has_isotonic => Calibrator::isotonic(&valid),
                _ => Calibrator::temperature(&valid),
            };
            let judged = calibrator.and_then(|calibrator| Calibration::judge(calibrator, &test));
            Ok(match judged {
                Ok(judged) => calibration::calibration(&judged, has_isotonic),
                Err(error) => refused(&error),
            })
        })
    }
}
