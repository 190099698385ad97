//! Bars from 0 to 1 that stretch with the place that they have.

use crate::view::markup::{Element, Markup, element, tag};

/// Height of a bar's box. Its width is 100, stretched to whatever there is.
const HEIGHT: f64 = 8.0;

/// A rectangle of a bar, from `low` to `high`.
fn stretch(low: f64, high: f64, class: &str) -> Element {
    let (low, high) = (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0));
    tag("rect", class)
        .number("x", low * 100.0)
        .number("width", (high - low).max(0.0) * 100.0)
        .number("height", HEIGHT)
}

fn frame(class: &str) -> Element {
    tag("svg", class)
        .attr("viewBox", format!("0 0 100 {HEIGHT}"))
        .attr("preserveAspectRatio", "none")
        .attr("aria-hidden", "true")
}

/// A bar from 0 to `share` in the colour of a class.
pub fn bar(share: f64, hue: &str) -> Markup {
    frame("bar-drawn")
        .child(stretch(0.0, 1.0, "bar-ground"))
        .child(stretch(0.0, share, hue))
        .done()
}

/// The same with a thin line over it for the interval.
pub fn whisker(share: f64, interval: Option<[f64; 2]>, hue: &str) -> Markup {
    span([0.0, share], interval, [0.0, 1.0], hue)
}

/// A bar between two values with a thin line over it for an interval, all of them on a scale from
/// `low` to `high`; where 0 lies within the scale, it is marked.
pub fn span(
    bar: [f64; 2],
    interval: Option<[f64; 2]>,
    [low, high]: [f64; 2],
    class: &str,
) -> Markup {
    let place = |value: f64| (value - low) / (high - low).max(f64::MIN_POSITIVE);
    let line = |class: &str, x1: f64, y1: f64, x2: f64, y2: f64| {
        tag("line", class)
            .number("x1", x1.clamp(0.0, 1.0) * 100.0)
            .number("y1", y1)
            .number("x2", x2.clamp(0.0, 1.0) * 100.0)
            .number("y2", y2)
            .attr("vector-effect", "non-scaling-stroke")
    };
    let whisker = interval.map(|ends| {
        let [low, high] = ends.map(place);
        let line = |x1, y1, x2, y2| line("whisker-line", x1, y1, x2, y2);
        element("g")
            .child(line(low, HEIGHT / 2.0, high, HEIGHT / 2.0))
            .child(line(low, 0.0, low, HEIGHT))
            .child(line(high, 0.0, high, HEIGHT))
    });
    let [from, to] = bar.map(place);
    let zero =
        (low < 0.0 && high > 0.0).then(|| line("share-zero", place(0.0), 0.0, place(0.0), HEIGHT));
    frame("bar-drawn")
        .child(stretch(0.0, 1.0, "bar-ground"))
        .child(stretch(from.min(to), from.max(to), class))
        .child(zero)
        .child(whisker)
        .done()
}

/// One bar of several parts, each with its share of the whole and its class.
pub fn split_bar(parts: &[(f64, &str)]) -> Markup {
    let whole: f64 = parts.iter().map(|(size, _)| size).sum();
    let mut from = 0.0;
    let parts = parts.iter().map(|(size, class)| {
        let to = from + size / whole.max(f64::MIN_POSITIVE);
        let part = stretch(from, to, class);
        from = to;
        part
    });
    frame("bar-drawn bar-split").children(parts).done()
}
