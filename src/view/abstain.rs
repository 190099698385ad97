//! Leaving the doubtful rows to a person.

use super::chart::{Axis, Plot, figure};
use super::field::{fields, number};
use super::markup::{Markup, tag, text};
use crate::domain::evaluation::{CoverageCurve, CoveragePoint};
use crate::domain::words;

/// The band for a wanted accuracy: `chosen` on validation rows, `judged` on test rows.
pub fn abstain(
    wanted: f64,
    curve: &CoverageCurve,
    chosen: Option<CoveragePoint>,
    judged: Option<CoveragePoint>,
) -> Markup {
    let lowest = curve
        .points
        .iter()
        .map(|point| point.accuracy)
        .fold(wanted, f64::min);
    let mut plot = Plot::new(
        "Accuracy of the answered rows over the share of rows that are answered",
        Axis::share("Rows answered (%)"),
        Axis::share_between("Right among them (%)", lowest, 1.0),
    )
    .level(wanted, "line-guess")
    .line(
        curve
            .points
            .iter()
            .map(|point| (point.coverage, point.accuracy)),
        "line-own",
    );
    let lead = match (chosen, judged) {
        (Some(chosen), Some(judged)) => {
            let words = format!(
                "{} answered, {} right",
                words::percent(judged.coverage),
                words::percent(judged.accuracy)
            );
            plot = plot.dot((judged.coverage, judged.accuracy), "dot-own", &words);
            format!(
                "Answer only from {} sure on and leave the rest to a person: on the test rows {} are answered, and {} of those are right.",
                words::percent(chosen.confidence),
                words::percent(judged.coverage),
                words::percent(judged.accuracy)
            )
        }
        (Some(chosen), None) => format!(
            "From {} sure on it would be so, but no test row is as sure.",
            words::percent(chosen.confidence)
        ),
        (None, _) => format!(
            "However sure it is, the validation rows do not reach {}.",
            words::percent(wanted)
        ),
    };
    fields([number(("abstain", "wanted"),
        "Right among the answered (%)",
        (wanted * 1000.0).round() / 10.0,
        [50.0, 100.0],
        0.5,
    )])
    .then(tag("p", "lead").test_id("abstain").text(lead))
    .then(tag("div", "charts").child(figure(
        "Answering fewer rows",
        plot.done(),
        text(
            "p",
            "fine",
            "The surest test rows first. Dashed: what you want; the point: what the bound from the validation rows gives.",
        ),
    )))
}
