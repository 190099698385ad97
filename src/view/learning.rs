//! Whether more rows would help, and about how many.

use super::chart::{Axis, Plot, figure};
use super::markup::{Markup, tag, text};
use crate::domain::evaluation::LearningCurve;
use crate::domain::words;

/// Points of the drawn law.
const STEPS: u32 = 60;

/// What there is before anybody has asked: it takes a while.
pub fn offer(words: &str) -> Markup {
    text("p", "lead", words).then(
        tag("button", "button")
            .attr("type", "button")
            .test_id("learning-start")
            .attr("data-view", "learning")
            .attr("data-knob-start", "yes")
            .text("Measure it"),
    )
}

/// What the errors of a curve are shares of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Validation rows that are told wrong.
    Wrong,
    /// The variance of a number on the validation rows, which is not explained.
    Unexplained,
}

impl Error {
    /// The chart's name, its axis and what stands behind a share.
    fn words(self) -> [&'static str; 3] {
        match self {
            Self::Wrong => ["Share of wrong validation rows", "Wrong (%)", "wrong"],
            Self::Unexplained => [
                "Share of the variance that is not explained on validation rows",
                "Not explained (%)",
                "not explained",
            ],
        }
    }
}

/// The curve.
pub fn learning(curve: &LearningCurve, error: Error, about: &str) -> Markup {
    let [name, axis, word] = error.words();
    let rows: Vec<f64> = curve
        .points
        .iter()
        .map(|point| f64::from(point.rows))
        .collect();
    let most = rows.iter().copied().fold(1.0, f64::max);
    let errors = curve.points.iter().map(|point| point.error);
    let highest = errors.fold(0.0, f64::max);
    let least = rows.iter().copied().fold(most, f64::min);
    let beyond = 2.0 * most;
    let law = (0..=STEPS).map(|step| {
        // In even steps of the logarithm, in which the law bends.
        let rows = least * (beyond / least).powf(f64::from(step) / f64::from(STEPS));
        (rows, curve.error_at(rows))
    });
    let mut plot = Plot::new(
        &format!("{name} over the number of training rows"),
        Axis::number("Training rows", 0.0, beyond),
        Axis::share_between(axis, 0.0, highest),
    )
    .upright(most, "line-guess")
    .line(law, "line-own");
    for point in &curve.points {
        let words = format!(
            "{}: {} {word}",
            words::rows(point.rows.into()),
            words::percent(point.error)
        );
        plot = plot.dot((f64::from(point.rows), point.error), "dot-other", &words);
    }
    tag("p", "lead")
        .test_id("learning")
        .text(&curve.sentence)
        .done()
        .then(tag("div", "charts").child(figure(
            "Error by training rows",
            plot.done(),
            text(
                "p",
                "fine",
                "Points: measured. Line: a power law through them. Dashed: the rows there are.",
            ),
        )))
        .then(text("p", "fine", about))
}
