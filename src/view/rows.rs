//! The rows behind a figure, to be read.

use super::icon::{self, icon};
use super::markup::{Markup, tag, text};
use crate::domain::table::RowId;
use crate::domain::words;

/// A row to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadRow {
    /// The row.
    pub row: RowId,
    /// Its texts; none when the table is no longer open.
    pub text: Option<String>,
    /// What is said below it, each with whether it is a mistake.
    pub facts: Vec<(String, bool)>,
}

/// Rows that are shown out of many.
pub struct RowList {
    /// What they are.
    pub title: String,
    /// Those shown.
    pub rows: Vec<ReadRow>,
    /// How many there are in all.
    pub all: usize,
    /// Id of the part that this stands in.
    pub part: &'static str,
    /// Which rows they are, as knobs.
    pub knobs: Vec<(&'static str, String)>,
}

/// A list of rows with their texts.
pub fn rows(list: &RowList) -> Markup {
    let items = list.rows.iter().map(|row| {
        let facts = std::iter::once((
            format!("Row {}", words::count(u64::from(row.row.0) + 1)),
            false,
        ))
        .chain(row.facts.iter().cloned());
        let words = row
            .text
            .as_deref()
            .unwrap_or("Its text is not here: the table is closed.");
        tag("li", "cell-row")
            .test_id("cell-row")
            .child(text("p", "cell-text", words))
            .child(
                tag("p", "cell-facts").children(facts.map(|(fact, is_wrong)| {
                    text("span", if is_wrong { "is-wrong" } else { "" }, fact)
                })),
            )
    });
    let more = (list.rows.len() < list.all).then(|| {
        let knobs = list.knobs.iter();
        let button = knobs.fold(tag("button", "quiet"), |button, (name, value)| {
            button.attr(&format!("data-knob-{name}"), value)
        });
        button
            .attr("type", "button")
            .attr("id", "cell-more")
            .test_id("cell-more")
            .attr("data-view", "rows")
            .attr("data-knob-shown", list.rows.len() * 2)
            .attr("data-into", list.part)
            .text(format_args!(
                "Show more of {}",
                words::rows(list.all as u64)
            ))
    });
    tag("div", "cell-rows")
        .test_id("cell-rows")
        .attr("role", "region")
        .attr("aria-label", "Rows behind the cell")
        .child(
            tag("div", "cell-head")
                .child(text("h3", "", &list.title))
                .child(
                    tag("button", "icon-button")
                        .attr("type", "button")
                        .test_id("cell-close")
                        .attr("aria-label", "Close these rows")
                        .attr("data-close", list.part)
                        .child(icon(icon::X)),
                ),
        )
        .child(tag("ul", "cell-list").children(items))
        .child(more)
        .done()
}
