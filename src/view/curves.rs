//! What a threshold does for one label against the rest: ROC, precision and recall, lift.

use super::chart::{Axis, Plot, figure};
use super::field::{choice, fields};
use super::markup::{Markup, tag, text};
use crate::domain::evaluation::{CurvePoint, LabelCurves};
use crate::domain::words;

/// A choice of a label for a part, as the knob `label` has it: its index.
pub fn label_choice(part: &str, labels: &[String], chosen: u32) -> Markup {
    let choices: Vec<(String, String)> = labels
        .iter()
        .enumerate()
        .map(|(at, label)| (at.to_string(), label.clone()))
        .collect();
    choice((part, "label"), "Label", &choices, &chosen.to_string())
}

/// The three curves of a label.
pub fn curves(labels: &[String], curves: &LabelCurves) -> Markup {
    let label = &labels[curves.label as usize];
    let line = |x: fn(&CurvePoint) -> f64, y: fn(&CurvePoint) -> f64| {
        curves.points.iter().map(move |point| (x(point), y(point)))
    };
    let roc = Plot::new(
        &format!("ROC curve of {label}: area {:.3}", curves.roc_area),
        Axis::share("Other rows called so (%)"),
        Axis::share("Its rows found (%)"),
    )
    .line([(0.0, 0.0), (1.0, 1.0)], "line-guess")
    .line(line(|p| p.false_alarms, |p| p.recall), "line-own");
    let precision = Plot::new(
        &format!(
            "Precision over recall of {label}: average precision {:.3}",
            curves.average_precision
        ),
        Axis::share("Its rows found (recall, %)"),
        Axis::share("Right when called so (%)"),
    )
    .level(curves.share, "line-guess")
    .line(line(|p| p.recall, |p| p.precision), "line-own");
    let highest = curves.points.iter().map(|p| p.lift).fold(1.0, f64::max);
    let lift = Plot::new(
        &format!("Lift of {label}: {highest:.1} at the most"),
        Axis::share("Rows called so (%)"),
        Axis::number("Times better than chance", 0.0, highest),
    )
    .level(1.0, "line-guess")
    .line(line(|p| p.called, |p| p.lift), "line-own");
    let below = |words: String| text("p", "fine", words);
    fields([label_choice("curves", labels, curves.label)])
        .then(
            tag("div", "charts")
                .child(figure(
                    "ROC",
                    roc.done(),
                    below(format!(
                        "Area {:.3}: so often a row of {label} is ranked above another one. Dashed: a guess.",
                        curves.roc_area
                    )),
                ))
                .child(figure(
                    "Precision and recall",
                    precision.done(),
                    below(format!(
                        "Average precision {:.3}. Dashed: a guess is right in {}.",
                        curves.average_precision,
                        words::percent(curves.share)
                    )),
                ))
                .child(figure(
                    "Lift",
                    lift.done(),
                    below(format!(
                        "Looking at the surest rows first finds up to {highest:.1} times as many of {label} as chance."
                    )),
                )),
        )
}
