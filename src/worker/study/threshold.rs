//! A threshold for what a person wants.

use super::{Drawn, Scene, Study, classes_of, label_of, number};
use crate::domain::evaluation::{Goal, threshold_for};
use crate::domain::metric::{Classes, most_probable};
use crate::view::threshold::{self, Called, Wish};

/// A precision or recall to begin with.
const WANTED: f64 = 0.95;

/// Threshold tuning.
pub(super) struct Threshold;

impl Study for Threshold {
    fn id(&self) -> &'static str {
        "threshold"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let wish = Wish {
                label: label_of(scene),
                goal: scene.knob("goal").unwrap_or("f1").to_owned(),
                wanted: number::<f64>(scene.knobs, "wanted")
                    .map_or(WANTED, |percent| (percent / 100.0).clamp(0.01, 1.0)),
                costs: [number(scene.knobs, "alarm"), number(scene.knobs, "miss")]
                    .map(|cost: Option<f64>| cost.unwrap_or(1.0).max(0.0)),
            };
            let [false_alarm, miss] = wish.costs;
            let goal = match wish.goal.as_str() {
                "precision" => Goal::Precision(wish.wanted),
                "recall" => Goal::Recall(wish.wanted),
                "cost" => Goal::Cost { false_alarm, miss },
                _ => Goal::F1,
            };
            let scores = &scene.run.scores;
            let (valid, test) = (classes_of(&scores.valid)?, classes_of(&scores.test)?);
            let label = wish.label;
            let usual = called(&test, label, |row| most_probable(row) == label);
            let chosen = threshold_for(&valid, label, goal)
                .map_err(|error| format!("No threshold: {error}."))
                .and_then(|point| {
                    point.ok_or_else(|| {
                        "No threshold reaches that on the validation rows.".to_owned()
                    })
                })
                .map(|point| {
                    // Where no row is to be called so, none is as sure as that.
                    let threshold = point.threshold.unwrap_or(1.0 + f64::EPSILON);
                    let is_called = |row: &[f32]| f64::from(row[label as usize]) >= threshold;
                    (threshold.min(1.0), called(&test, label, is_called))
                });
            let labels = scene.run.report.evaluation.names();
            Ok(threshold::threshold(labels, &wish, chosen, usual))
        })
    }
}

fn called(classes: &Classes, label: u32, is_called: impl Fn(&[f32]) -> bool) -> Called {
    let mut found = Called {
        hits: 0,
        false_alarms: 0,
        missed: 0,
    };
    for (truth, row) in classes.rows() {
        match (truth == label, is_called(row)) {
            (true, true) => found.hits += 1,
            (false, true) => found.false_alarms += 1,
            (true, false) => found.missed += 1,
            (false, false) => {}
        }
    }
    found
}
