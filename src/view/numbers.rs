//! Predicted numbers: against the true ones, their errors, and how the ranges keep their promise.

use super::chart::{Axis, Plot, figure};
use super::markup::{Markup, tag, text};
use crate::domain::evaluation::Residuals;
use crate::domain::report::RangeReport;
use crate::domain::words;

/// Bars of the histogram of errors.
const BARS: usize = 21;

/// Four charts of a model of numbers.
pub fn numbers(residuals: &Residuals, ranges: Option<&RangeReport>) -> Markup {
    let points = &residuals.points;
    let values = points.iter().flat_map(|row| [row.truth, row.predicted]);
    let (low, high) = bounds(values);
    let against = Plot::new(
        "Predicted against true numbers",
        Axis::number("True", low, high),
        Axis::number("Predicted", low, high),
    )
    .line([(low, low), (high, high)], "line-guess")
    .cloud(points.iter().map(|row| (row.truth, row.predicted)));

    let errors: Vec<f64> = points.iter().map(|row| row.truth - row.predicted).collect();
    let [_, lower, middle, upper, _] = residuals.quantiles;
    let deciles = &residuals.deciles;
    let most = deciles
        .iter()
        .map(|decile| decile.mean_absolute_error)
        .fold(0.0, f64::max);
    let mut by_decile = Plot::new(
        "Mean absolute error by tenths of the true numbers",
        Axis::number(
            "Tenth of the true numbers, from the lowest",
            0.0,
            deciles.len() as f64,
        ),
        Axis::number("Mean error", 0.0, most),
    );
    for (at, decile) in deciles.iter().enumerate() {
        let words = format!(
            "{} to {}: off by {} on average, {} of it in one direction",
            words::short_number(decile.low),
            words::short_number(decile.high),
            words::short_number(decile.mean_absolute_error),
            words::short_number(decile.bias)
        );
        let place = (at as f64, at as f64 + 1.0);
        by_decile = by_decile.bar(place, decile.mean_absolute_error, "bar-own", &words);
    }
    let ranges = ranges.map(|ranges| {
        let [low, high] = ranges.held_interval;
        tag("p", "lead").test_id("ranges").text(format_args!(
            "Ranges that were to hold {} of the true numbers hold {} ({} to {}); they are {} wide on average.",
            words::percent(ranges.promised),
            words::percent(ranges.held),
            words::percent_figure(low),
            words::percent(high),
            words::short_number(ranges.mean_width)
        ))
    });
    let below = |words: String| text("p", "fine", words);
    Markup::from(ranges).then(
        tag("div", "charts")
            .child(figure(
                "Predicted against true",
                against.done(),
                below("A point is a test row; on the dashed line it is right.".to_owned()),
            ))
            .child(figure(
                "Errors",
                histogram(&errors),
                below(format!(
                    "True minus predicted. Half of the errors lie between {} and {}, the middle one is {}.",
                    words::short_number(lower),
                    words::short_number(upper),
                    words::short_number(middle)
                )),
            ))
            .child(figure(
                "Error by size",
                by_decile.done(),
                below("Whether small or large numbers are predicted worse.".to_owned()),
            )),
    )
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

fn histogram(errors: &[f64]) -> Markup {
    let (low, high) = bounds(errors.iter().copied());
    let width = ((high - low) / BARS as f64).max(f64::MIN_POSITIVE);
    let mut counts = [0_u32; BARS];
    for error in errors {
        counts[(((error - low) / width) as usize).min(BARS - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let mut plot = Plot::new(
        "How many rows have which error",
        Axis::number("True minus predicted", low, high),
        Axis::number("Rows", 0.0, most.into()),
    );
    for (at, count) in counts.into_iter().enumerate() {
        let from = low + at as f64 * width;
        let words = format!(
            "{} to {}: {}",
            words::short_number(from),
            words::short_number(from + width),
            words::rows(count.into())
        );
        plot = plot.bar((from, from + width), count.into(), "bar-own", &words);
    }
    plot.upright(0.0, "line-guess").done()
}
