//! The figures of merit with their intervals, the telling ones large.

use super::markup::{Markup, element, tag};
use crate::domain::metric;
use crate::domain::words;

/// Figures that say most; they come first whatever their place.
const LARGE: [&str; 7] = [
    "accuracy",
    "macro_f1",
    "log_loss",
    "rmse",
    "mae",
    "r2",
    "label_macro_f1",
];

/// A figure with what else it might be.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Stable id of the metric.
    pub id: String,
    /// The figure.
    pub value: f64,
    /// Its 95 % interval, once it is worked out.
    pub interval: Option<[f64; 2]>,
}

/// All figures of an evaluation.
pub fn figures(figures: &[Figure]) -> Markup {
    let (large, small): (Vec<_>, Vec<_>) = figures
        .iter()
        .partition(|figure| LARGE.contains(&figure.id.as_str()));
    element("div")
        .child(tag("dl", "tiles").children(large.into_iter().map(tile)))
        .child(tag("dl", "tiles tiles-small").children(small.into_iter().map(tile)))
        .done()
}

fn tile(figure: &Figure) -> Markup {
    let known = metric::find(&figure.id);
    let better = match known {
        Some(known) if !known.is_higher_better() => "lower is better",
        _ => "",
    };
    let interval = figure
        .interval
        .map(|[low, high]| format!("{} to {}", words::figure(low), words::figure(high)));
    let notes = interval.into_iter().chain([better.to_owned()]);
    let notes: Vec<String> = notes.filter(|note| !note.is_empty()).collect();
    tag("div", "tile")
        .attr("title", known.map_or("", |known| known.about()))
        .child(element("dt").text(known.map_or(figure.id.as_str(), |known| known.name())))
        .child(
            element("dd")
                .test_id(format_args!("metric-{}", figure.id))
                .text(words::figure(figure.value)),
        )
        .child(
            tag("dd", "tile-note")
                .test_id(format_args!("interval-{}", figure.id))
                .text(notes.join(", ")),
        )
        .done()
}
