//! Rows without a label, one after the other: a number key gives each its label.

use super::markup::{Markup, tag, text};
use super::next_round::{TO_LABEL, again};
use super::suspects::decision;
use crate::domain::clean::{Pin, StepPlan};
use crate::domain::start::Origin;
use crate::domain::words;

/// Labels that have a key.
pub const KEYS: usize = 9;

/// A row to label.
pub struct AskedRow {
    /// The row.
    pub pin: Pin,
    /// Its texts.
    pub text: String,
    /// Labels to choose from with their probabilities, in the order of the keys.
    pub choices: Vec<(String, f32)>,
}

/// Rows to label.
pub struct ToLabel<'a> {
    /// The target column.
    pub target: &'a str,
    /// The row that is asked about; none when all are done.
    pub row: Option<&'a AskedRow>,
    /// Rows without a label, in all.
    pub all: usize,
    /// Rows that were answered and skipped so far: `12,7`.
    pub done: &'a str,
    /// The run to go on from.
    pub start: &'a Origin,
}

/// The screen.
pub fn to_label(list: &ToLabel) -> Markup {
    let done = list.done.split(',').filter(|row| !row.is_empty()).count();
    let lead = format!(
        "{} have no label. Those that the model is least sure of come first, none like another. They join training, never the rows that judge.",
        words::rows(list.all as u64)
    );
    let now = match list.row {
        Some(row) => asked(list, row),
        None => text(
            "p",
            "",
            "That is all for this round: tune again, and ask anew.",
        ),
    };
    tag("div", "suspects")
        .test_id("to-label")
        .attr("role", "region")
        .attr("aria-label", "Rows to label")
        .child(text("p", "", lead))
        .child(now)
        .child((done > 0).then(|| {
            tag("div", "row").child(again(list.start)).child(text(
                "p",
                "fine",
                format!("{done} answered so far."),
            ))
        }))
        .done()
}

fn asked(list: &ToLabel, row: &AskedRow) -> Markup {
    let separator = if list.done.is_empty() { "" } else { "," };
    let done = format!("{}{separator}{}", list.done, row.pin.row.0);
    let keys = row.choices.iter().zip('1'..='9');
    let buttons = keys.map(|((label, probability), key)| {
        let step = StepPlan::Relabel {
            column: list.target.to_owned(),
            rows: vec![(row.pin.clone(), label.clone())],
        };
        let words = format!("{label}, {}", words::percent((*probability).into()));
        decision(key, &step, words)
            .attr("id", format_args!("label-{key}"))
            .test_id(format_args!("label-{key}"))
            .attr("data-view", TO_LABEL)
            .attr("data-into", TO_LABEL)
            .attr("data-knob-done", &done)
    });
    let skip = tag("button", "button quiet")
        .attr("type", "button")
        .attr("id", "label-skip")
        .test_id("label-skip")
        .attr("data-key", "s")
        .attr("aria-keyshortcuts", "s")
        .attr("data-view", TO_LABEL)
        .attr("data-into", TO_LABEL)
        .attr("data-knob-done", &done)
        .child(text("kbd", "", "S"))
        .text(" Skip");
    tag("div", "suspect")
        .test_id("asked")
        .attr("data-row", row.pin.row.0)
        .child(text("p", "cell-text", &row.text))
        .child(tag("div", "row").children(buttons).child(skip))
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::table::RowId;
    use crate::view::next_round::an_origin;

    #[test]
    fn each_label_has_a_key() {
        let start = an_origin("n");
        let row = AskedRow {
            pin: Pin {
                row: RowId(5),
                print: "00".to_owned(),
            },
            text: "a text".to_owned(),
            choices: vec![("ham".to_owned(), 0.5), ("spam".to_owned(), 0.4)],
        };
        let made = to_label(&ToLabel {
            target: "label",
            row: Some(&row),
            all: 30,
            done: "9",
            start: &start,
        })
        .into_string();
        assert!(made.contains("data-key=\"2\"") && !made.contains("data-key=\"3\""));
        assert!(made.contains("data-knob-done=\"9,5\""));
        assert!(made.contains("1 answered so far."));
    }
}
