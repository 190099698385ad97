//! The most frequent mistakes, in words.

use super::confusion::CELL_ROWS;
use super::icon::{self, icon};
use super::markup::{Markup, element, tag, text};
use crate::domain::words;

/// Mistakes that are listed.
const MISTAKES: usize = 6;

/// The most frequent mistakes of `counts[truth][predicted]`.
pub fn mistakes(labels: &[String], counts: &[Vec<u32>]) -> Markup {
    let mut mistakes: Vec<(u32, usize, usize)> = Vec::new();
    for (truth, row) in counts.iter().enumerate() {
        for (predicted, &count) in row.iter().enumerate() {
            if truth != predicted && count > 0 {
                mistakes.push((count, truth, predicted));
            }
        }
    }
    mistakes.sort_by_key(|mistake| std::cmp::Reverse(mistake.0));
    let all: u32 = mistakes.iter().map(|mistake| mistake.0).sum();
    let lead = match all {
        0 => "No mistake on the test rows.".to_owned(),
        1 => "1 mistake.".to_owned(),
        _ => format!(
            "{} mistakes, the most frequent first.",
            words::count(all.into())
        ),
    };
    let lines = mistakes
        .into_iter()
        .take(MISTAKES)
        .map(|(count, truth, predicted)| {
            element("li").child(
                tag("button", "mistake")
                    .attr("type", "button")
                    .test_id("mistake")
                    .attr("data-view", "rows")
                    .attr("data-into", CELL_ROWS)
                    .attr("data-knob-cell", format_args!("{truth}-{predicted}"))
                    .child(text("span", "mistake-count", words::count(count.into())))
                    .child(
                        tag("span", "mistake-words")
                            .child(text("b", "", &labels[truth]))
                            .text(" taken for ")
                            .child(text("b", "", &labels[predicted])),
                    )
                    .child(icon(icon::CHEVRON_RIGHT)),
            )
        });
    tag("div", "mistakes")
        .child(text("p", "mistakes-lead", lead))
        .child(element("ul").children(lines))
        .done()
}
