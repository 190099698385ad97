//! Rows on a plane, and a region of it to look at.

use crate::domain::explanation::RowMap;
use crate::domain::words::percent;
use crate::view::markup::{Markup, element, tag, text};

/// Size of the drawing.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 320.0;
const EDGE: f64 = 8.0;

/// Fields of the lattice that regions are made of.
pub const ACROSS: usize = 8;
pub const DOWN: usize = 6;

/// A row on the map.
#[derive(Debug, Clone, PartialEq)]
pub struct MapPoint {
    /// Where it is, 0 to 1 from the left and from the top.
    pub place: [f64; 2],
    /// Class of its colour.
    pub class: String,
    /// Whether it is marked with a cross instead of a dot.
    pub is_marked: bool,
    /// What it is and what the model says, to be read on hover.
    pub title: String,
    /// What it reads like.
    pub text: String,
}

/// A region: two opposite fields of the lattice, by their numbers from the top left.
pub type Region = [usize; 2];

/// Where rows fall on the drawing, 0 to 1. Far outliers stay at the edge, so that they do not crowd
/// all others.
pub fn places(map: &RowMap) -> Vec<[f64; 2]> {
    let ends = [0, 1].map(|which| {
        let mut values: Vec<f64> = map.points.iter().map(|point| point[which]).collect();
        values.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * values.len().saturating_sub(1) as f64).round() as usize;
            values.get(place).copied().unwrap_or_default()
        };
        let (low, high) = (at(0.01), at(0.99));
        let room = 0.06 * (high - low);
        (low - room, high + room)
    });
    let place = |value: f64, (low, high): (f64, f64)| {
        if high > low {
            ((value - low) / (high - low)).clamp(0.0, 1.0)
        } else {
            0.5
        }
    };
    map.points
        .iter()
        .map(|point| [place(point[0], ends[0]), 1.0 - place(point[1], ends[1])])
        .collect()
}

/// The field that a place lies in.
pub fn field(place: [f64; 2]) -> usize {
    let along = |share: f64, count: usize| ((share * count as f64) as usize).min(count - 1);
    along(place[1], DOWN) * ACROSS + along(place[0], ACROSS)
}

/// Whether a field lies in the rectangle between two others.
pub fn holds(region: Region, field: usize) -> bool {
    let within = |of: fn(usize) -> usize| {
        let (a, b) = (of(region[0]), of(region[1]));
        (a.min(b)..=a.max(b)).contains(&of(field))
    };
    within(|field| field % ACROSS) && within(|field| field / ACROSS)
}

/// The map. Pressing a field makes it a corner of the region, and a second one its other corner.
pub fn map(
    points: &[MapPoint],
    shown: [f64; 2],
    region: Option<Region>,
    knobs: &[(&str, String)],
) -> Markup {
    let (wide, high) = (WIDTH / ACROSS as f64, HEIGHT / DOWN as f64);
    let fields = (0..ACROSS * DOWN).map(|field| {
        let (column, row) = (field % ACROSS, field / ACROSS);
        let is_in = region.is_some_and(|region| holds(region, field));
        let count = points
            .iter()
            .filter(|point| self::field(point.place) == field)
            .count();
        let mut drawn = tag(
            "rect",
            if is_in {
                "map-field is-in"
            } else {
                "map-field"
            },
        )
        .number("x", column as f64 * wide)
        .number("y", row as f64 * high)
        .number("width", wide)
        .number("height", high)
        .attr("id", format_args!("map-field-{field}"))
        .attr("role", "button")
        .attr("tabindex", 0)
        .attr("aria-pressed", is_in)
        .attr(
            "aria-label",
            format_args!(
                "Field {} from the left, {} from the top: {count} rows",
                column + 1,
                row + 1
            ),
        )
        .attr("data-view", "map")
        .attr("data-into", "on-request-map")
        // A region of one field is waiting for its other corner.
        .attr(
            "data-knob-region",
            match region {
                Some([a, b]) if a == b && a != field => format!("{a}-{field}"),
                _ => format!("{field}-{field}"),
            },
        );
        for (name, value) in knobs {
            drawn = drawn.attr(&format!("data-knob-{name}"), value);
        }
        drawn
    });
    let x = |place: f64| EDGE + place * (WIDTH - 2.0 * EDGE);
    let y = |place: f64| EDGE + place * (HEIGHT - 2.0 * EDGE);
    let dots = points.iter().map(|point| {
        let (x, y) = (x(point.place[0]), y(point.place[1]));
        let dot = if point.is_marked {
            tag("path", &format!("map-cross {}", point.class)).attr(
                "d",
                format_args!(
                    "M{:.1} {:.1}l2 -2 3 3 3 -3 2 2 -3 3 3 3 -2 2 -3 -3 -3 3 -2 -2 3 -3z",
                    x - 5.0,
                    y - 3.0
                ),
            )
        } else {
            tag("circle", &format!("map-dot {}", point.class))
                .number("cx", x)
                .number("cy", y)
                .number("r", 3.0)
        };
        dot.child(element("title").text(format_args!("{}. {}", point.title, point.text)))
    });
    element("div")
        .child(
            tag("svg", "map")
                .test_id("map")
                .attr("viewBox", format_args!("0 0 {WIDTH} {HEIGHT}"))
                .attr("role", "group")
                .attr("aria-label", format_args!("{} rows on a plane", points.len()))
                .children(dots)
                .children(fields),
        )
        .child(text(
            "p",
            "fine",
            format_args!(
                "Rows that the tuned model sees as alike lie near each other. The plane shows {} of how they differ; a cross is a wrong answer. Choose two fields to look at the rows between them.",
                percent(shown[0] + shown[1])
            ),
        ))
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_regions_are_rectangles() {
        assert_eq!(field([0.0, 0.0]), 0);
        assert_eq!(field([1.0, 1.0]), ACROSS * DOWN - 1);
        // From the second field of the second row to the fourth of the third.
        let region = [ACROSS + 1, 2 * ACROSS + 3];
        assert!(holds(region, ACROSS + 2) && holds(region, 2 * ACROSS + 1));
        assert!(!holds(region, 2) && !holds(region, 2 * ACROSS + 4));
        assert!(
            holds([region[1], region[0]], ACROSS + 2),
            "whichever corner comes first"
        );
    }

    #[test]
    fn outliers_stay_at_the_edge() {
        let mut points: Vec<[f64; 2]> = (0..200).map(|at| [f64::from(at), 0.0]).collect();
        points[199] = [1e6, 0.0];
        let map = RowMap {
            points,
            shown: [1.0, 0.0],
            mean: Vec::new(),
            directions: [Vec::new(), Vec::new()],
        };
        let found = places(&map);
        assert!(
            found[100][0] > 0.4 && found[100][0] < 0.6,
            "{:?}",
            found[100]
        );
        assert_eq!(found[199], [1.0, 0.5]);
    }

    #[test]
    fn the_second_field_is_the_other_corner() {
        let point = MapPoint {
            place: [0.1, 0.1],
            class: "hue-0".to_owned(),
            is_marked: true,
            title: "<row>".to_owned(),
            text: String::new(),
        };
        let made = map(
            &[point],
            [0.5, 0.1],
            Some([3, 3]),
            &[("colour", "truth".to_owned())],
        );
        let made = made.into_string();
        assert!(made.contains("data-knob-region=\"3-5\""), "{made}");
        assert!(made.contains("data-knob-colour=\"truth\"") && made.contains("&lt;row&gt;"));
        assert!(made.contains("map-cross") && made.contains("60.0"));
    }
}
