//! Leaving the doubtful rows to a person.

use super::{Drawn, Scene, Study, classes_of, number};
use crate::domain::evaluation::{answered_from, bound_for, coverage_curve};
use crate::domain::report::{Judged, Scores};
use crate::view::abstain;
use crate::view::batch::{Bound, ChosenBy};
use crate::worker::run::Run;

/// The answered rows are to have so many fewer mistakes, to begin with.
const FEWER: f64 = 0.5;

/// A bound where no rows tell of a better one.
const PLAIN: f64 = 0.9;

/// The abstain band.
pub(super) struct Abstain;

impl Study for Abstain {
    fn id(&self) -> &'static str {
        "abstain"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let scores = &scene.run.scores;
            let test = classes_of(&scores.test)?;
            let right = scene
                .run
                .report
                .evaluation
                .metric("accuracy")
                .unwrap_or(0.0);
            // In half points, as the field counts.
            let half = (((1.0 - (1.0 - right) * FEWER) * 200.0).round() / 200.0).min(1.0);
            let typed = number::<f64>(scene.knobs, "wanted");
            let wanted = typed.map_or(half, |percent| (percent / 100.0).clamp(0.0, 1.0));
            let chosen = bound_for(sureness(&scores.valid), wanted);
            if typed.is_some() {
                scene.run.bound.set(chosen.map(|chosen| chosen.confidence));
            }
            let judged =
                chosen.and_then(|chosen| answered_from(&sureness(&scores.test), chosen.confidence));
            Ok(abstain::abstain(
                wanted,
                &coverage_curve(&test),
                chosen,
                judged,
            ))
        })
    }
}

/// From which confidence on rows of a table are answered: as the knobs say, else as a person has set it
/// for this run, else so that the answered validation rows have half the mistakes. `None` where the
/// answer is a number, which has a range instead.
pub(super) fn bound(scene: &Scene<'_>) -> Option<Bound> {
    let run = scene.run;
    if matches!(run.report.evaluation, Judged::Numbers(_)) {
        return None;
    }
    let rows = sureness(&run.scores.valid);
    let (suggested, chosen_by) = suggested(run, &rows);
    let typed = number::<f64>(scene.knobs, "sure").map(|percent| (percent / 100.0).clamp(0.0, 1.0));
    let is_other = typed.is_some_and(|typed| (typed - suggested).abs() > 1e-9);
    let least = typed.unwrap_or(suggested);
    Some(Bound {
        is_wanted: match scene.knob("abstain") {
            Some(ticked) => ticked == "true",
            None => chosen_by == ChosenBy::Evaluate,
        },
        least,
        chosen_by: if is_other { ChosenBy::Hand } else { chosen_by },
        has_rows: !rows.is_empty(),
        judged: answered_from(&rows, least),
    })
}

/// A bound before anybody types one, in tenths of a percent, and where it is from.
fn suggested(run: &Run, rows: &[(f64, bool)]) -> (f64, ChosenBy) {
    // Rounded down, so that the row that it was chosen by is answered.
    let tenths = |confidence: f64| (confidence * 1000.0).floor() / 1000.0;
    if let Some(bound) = run.bound.get() {
        return (tenths(bound), ChosenBy::Evaluate);
    }
    let right = rows.iter().filter(|(_, is_right)| *is_right).count();
    let wanted = 1.0 - (1.0 - right as f64 / rows.len().max(1) as f64) * FEWER;
    let found = bound_for(rows.to_vec(), wanted);
    match found {
        Some(found) => (tenths(found.confidence), ChosenBy::Validation),
        None => (PLAIN, ChosenBy::Nobody),
    }
}

/// How sure each answer is, and whether it is right; nothing of numbers.
fn sureness(scores: &Scores) -> Vec<(f64, bool)> {
    scores.sureness().unwrap_or_default()
}
