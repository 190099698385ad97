//! Precision, recall and F1 of every label, in the order that one asks for.

use super::chart::bar;
use super::icon::{self, icon};
use super::markup::{Markup, element, tag, text};
use crate::domain::hue::palette;
use crate::domain::report::ClassReport;
use crate::domain::words;

/// What the table is sorted by: id, name, what it tells.
const COLUMNS: [(&str, &str, &str); 5] = [
    ("label", "Label", ""),
    (
        "precision",
        "Precision",
        "Share of the rows called so that are so.",
    ),
    (
        "recall",
        "Recall",
        "Share of the rows that are so that are called so.",
    ),
    ("f1", "F1", "Harmonic mean of precision and recall."),
    ("rows", "Rows", "Test rows that are so."),
];

/// What one looks for first: the weakest labels.
pub const DEFAULT_ORDER: &str = "f1";

/// The table of labels. `order` is the id of a column, with a `-` before it for descending.
pub fn classes(labels: &[String], classes: &[ClassReport], order: &str) -> Markup {
    let (key, is_down) = match order.strip_prefix('-') {
        Some(key) => (key, true),
        None => (order, false),
    };
    let hues = palette(labels);
    let mut sorted: Vec<(&ClassReport, String)> = classes.iter().zip(hues).collect();
    sorted.sort_by(|(a, _), (b, _)| match key {
        "label" => a.label.cmp(&b.label),
        "precision" => a.precision.total_cmp(&b.precision),
        "recall" => a.recall.total_cmp(&b.recall),
        "rows" => a.rows.cmp(&b.rows),
        _ => a.f1.total_cmp(&b.f1),
    });
    if is_down {
        sorted.reverse();
    }
    let header = COLUMNS.map(|(id, name, about)| {
        let (direction, mark, next) = match (id == key, is_down) {
            (true, true) => (
                Some("descending"),
                Some(icon(icon::ARROW_DOWN)),
                id.to_owned(),
            ),
            (true, false) => (
                Some("ascending"),
                Some(icon(icon::ARROW_UP)),
                format!("-{id}"),
            ),
            (false, _) => (None, None, id.to_owned()),
        };
        let mut cell = tag("th", if id == "label" { "" } else { "num" }).attr("scope", "col");
        if let Some(direction) = direction {
            cell = cell.attr("aria-sort", direction);
        }
        cell.child(
            tag("button", "sort")
                .attr("type", "button")
                .attr("id", format_args!("sort-{id}"))
                .test_id(format_args!("sort-{id}"))
                .attr("title", about)
                .attr("data-view", "classes")
                .attr("data-knob-order", next)
                .child(text(
                    "span",
                    if about.is_empty() { "" } else { "term" },
                    name,
                ))
                .child(tag("span", "sort-mark").child(mark)),
        )
    });
    tag("div", "table-scroll classes")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", "Figures of every label")
        .child(
            tag("table", "grid")
                .child(element("thead").child(element("tr").children(header)))
                .child(element("tbody").children(sorted.into_iter().map(row))),
        )
        .done()
}

fn row((class, hue): (&ClassReport, String)) -> Markup {
    let share = |value: f64| {
        tag("td", "num share")
            .child(text("span", "share-figure", words::figure(value)))
            .child(bar(value, "hue-none"))
    };
    element("tr")
        .test_id(format_args!("class-row-{}", class.label))
        .child(
            element("th")
                .attr("scope", "row")
                .child(tag("span", &format!("swatch {hue}")).attr("aria-hidden", "true"))
                .child(text("span", "class-name", &class.label)),
        )
        .children([class.precision, class.recall, class.f1].map(share))
        .child(text("td", "num", words::count(class.rows.into())))
        .done()
}
