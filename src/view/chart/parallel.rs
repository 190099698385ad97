//! Parallel coordinates: one level axis a figure, below each other, and one line an item through all
//! of them (Inselberg 1985, "The plane with parallel coordinates"). Level, so that a phone has room
//! for any number of axes and for their names.

use std::fmt::Write as _;

use crate::view::markup::{Markup, element, short, tag};

/// Width of the box.
const WIDTH: f64 = 340.0;
/// Room on both sides.
const SIDE: f64 = 12.0;
/// From one axis to the next.
const APART: f64 = 60.0;
/// Room above the first axis for its name.
const TOP: f64 = 22.0;
/// Room below the last axis.
const BOTTOM: f64 = 12.0;

/// An axis: its name, and what stands at its ends.
pub struct Level {
    /// What it shows.
    pub name: String,
    /// Words at the left and the right end.
    pub ends: [String; 2],
}

/// A line through the axes.
pub struct Thread {
    /// Place on each axis, 0 to 1; `None` where it has none.
    pub places: Vec<Option<f64>>,
    /// `line-own`, `line-other` or `line-faint`.
    pub class: &'static str,
    /// What it is, for whoever rests on it.
    pub words: String,
}

/// The drawing; `label` says to a screen reader what is in it. Later threads lie above earlier ones.
pub fn parallel(label: &str, levels: &[Level], threads: &[Thread]) -> Markup {
    let height = TOP + APART * (levels.len().saturating_sub(1)) as f64 + BOTTOM;
    let at = |level: usize| TOP + APART * level as f64;
    let across = |place: f64| SIDE + place.clamp(0.0, 1.0) * (WIDTH - 2.0 * SIDE);
    let axes = (0..levels.len()).map(|row| {
        let path = format!("M{SIDE} {}H{}", short(at(row)), WIDTH - SIDE);
        tag("path", "plot-grid").attr("d", path)
    });
    // Above the threads, which would strike them out.
    let words = levels.iter().enumerate().flat_map(|(row, level)| {
        let word = |class: &str, x: f64| {
            tag("text", &format!("{class} plot-halo"))
                .number("x", x)
                .number("y", at(row) - 7.0)
        };
        [
            word("plot-tick", SIDE).text(&level.ends[0]),
            word("plot-name is-below", WIDTH / 2.0).text(&level.name),
            word("plot-tick is-left", WIDTH - SIDE).text(&level.ends[1]),
        ]
    });
    let threads = threads.iter().map(|thread| {
        let mut path = String::new();
        for (row, place) in thread.places.iter().enumerate() {
            let Some(place) = place else { continue };
            let verb = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{verb}{} {}", short(across(*place)), short(at(row)));
        }
        tag("path", thread.class)
            .attr("d", path)
            .child(element("title").text(&thread.words))
    });
    tag("svg", "plot")
        .attr("viewBox", format!("0 0 {WIDTH} {height}"))
        .attr("role", "img")
        .attr("aria-label", label)
        .children(axes)
        .children(threads)
        .children(words)
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_through_the_axes_where_it_has_a_place() {
        let level = |name: &str| Level {
            name: name.to_owned(),
            ends: ["0".to_owned(), "1".to_owned()],
        };
        let thread = Thread {
            places: vec![Some(0.0), None, Some(2.0)],
            class: "line-own",
            words: "the <best>".to_owned(),
        };
        let levels = [level("Rate"), level("Width"), level("Loss")];
        let made = parallel("Settings", &levels, &[thread]).into_string();
        assert!(made.contains("M12 22L328 142"), "{made}");
        assert!(made.contains("the &lt;best&gt;"));
        assert_eq!(made.matches("plot-grid").count(), 3);
    }
}
