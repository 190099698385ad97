//! Labels in doubt, one after the other: relabel, keep or leave out with one key each.

use super::markup::{Element, Markup, element, tag, text};
use super::next_round::{SUSPECTS, again, json};
use crate::domain::clean::{Pin, StepPlan};
use crate::domain::start::Origin;
use crate::domain::words;

/// A row whose label is in doubt.
#[derive(Debug, Clone, PartialEq)]
pub struct DoubtedRow {
    /// The row.
    pub pin: Pin,
    /// Its texts.
    pub text: String,
    /// The label that it has.
    pub given: String,
    /// Its probability by a model that did not learn from the row.
    pub given_probability: f32,
    /// The label that it probably should have.
    pub suggested: String,
    /// Its probability.
    pub suggested_probability: f32,
}

/// Labels in doubt.
pub struct Suspects<'a> {
    /// The target column.
    pub target: &'a str,
    /// Rows to decide about, the worst first.
    pub rows: &'a [DoubtedRow],
    /// Rows that were looked at, how many in all.
    pub looked_at: usize,
    /// Share of labels that are wrong, by estimate.
    pub noise: f64,
    /// Decisions so far: `r12,k4,d9`.
    pub decided: &'a str,
    /// The run to go on from.
    pub start: &'a Origin,
}

/// Rows of the list below the one to decide about.
const AHEAD: usize = 9;

/// Decisions of one kind so far.
pub fn count(decided: &str, kind: char) -> usize {
    decided
        .split(',')
        .filter(|one| one.starts_with(kind))
        .count()
}

/// Whether a row was decided about.
pub fn is_decided(decided: &str, row: u32) -> bool {
    let mut all = decided.split(',').filter_map(|one| one.get(1..));
    all.any(|number| number.parse() == Ok(row))
}

/// The list.
pub fn suspects(list: &Suspects) -> Markup {
    let done = ['r', 'k', 'd'].map(|kind| count(list.decided, kind));
    let lead = format!(
        "{} in doubt of {}; about {} of the labels are probably wrong. Judged by models that did not learn from the row; the test rows stay sealed.",
        words::count((list.rows.len() + done.iter().sum::<usize>()) as u64),
        words::rows(list.looked_at as u64),
        words::percent(list.noise),
    );
    let so_far = (done != [0; 3]).then(|| {
        text(
            "p",
            "fine",
            format!(
                "{} relabelled, {} kept, {} left out. Each stands among the steps of the table and can be undone there.",
                done[0], done[1], done[2]
            ),
        )
    });
    let now = match list.rows.first() {
        Some(row) => current(list, row),
        None => text("p", "", "No label is left to decide about."),
    };
    let ahead = list.rows.iter().skip(1).take(AHEAD).map(|row| {
        element("li")
            .child(text("span", "cell-text", &row.text))
            .child(text(
                "span",
                "cell-facts",
                format!("{} → {}?", row.given, row.suggested),
            ))
    });
    let has_decisions = done[0] + done[2] > 0;
    tag("div", "suspects")
        .test_id("suspects")
        .attr("role", "region")
        .attr("aria-label", "Labels in doubt")
        .child(text("p", "", lead).then(so_far))
        .child(now)
        .child(has_decisions.then(|| tag("div", "row").child(again(list.start))))
        .child(tag("ol", "suspects-ahead").children(ahead))
        .done()
}

fn current(list: &Suspects, row: &DoubtedRow) -> Markup {
    let relabel = |label: &str| StepPlan::Relabel {
        column: list.target.to_owned(),
        rows: vec![(row.pin.clone(), label.to_owned())],
    };
    let drop = StepPlan::DropRows {
        rows: vec![row.pin.clone()],
    };
    let button = |kind: char, step: &StepPlan, words: String| {
        let separator = if list.decided.is_empty() { "" } else { "," };
        decision(kind, step, words)
            .attr("id", format_args!("suspect-{kind}"))
            .test_id(format_args!("suspect-{kind}"))
            .attr("data-view", SUSPECTS)
            .attr("data-into", SUSPECTS)
            .attr(
                "data-knob-decided",
                format_args!("{}{separator}{kind}{}", list.decided, row.pin.row.0),
            )
    };
    tag("div", "suspect")
        .test_id("suspect")
        .attr("data-row", row.pin.row.0)
        .child(text("p", "cell-text", &row.text))
        .child(text(
            "p",
            "cell-facts",
            format!(
                "Row {}: labelled {}, {} sure; {} is {} sure.",
                words::count(u64::from(row.pin.row.0) + 1),
                row.given,
                words::percent(row.given_probability.into()),
                row.suggested,
                words::percent(row.suggested_probability.into()),
            ),
        ))
        .child(
            tag("div", "row")
                .child(button(
                    'r',
                    &relabel(&row.suggested),
                    format!("Relabel as {}", row.suggested),
                ))
                .child(button(
                    'k',
                    &relabel(&row.given),
                    format!("Keep {}", row.given),
                ))
                .child(button('d', &drop, "Drop the row".to_owned())),
        )
        .done()
}

/// A button that one key presses, and that adds a step.
pub fn decision(key: char, step: &StepPlan, words: String) -> Element {
    tag("button", "button")
        .attr("type", "button")
        .attr("data-key", key)
        .attr("aria-keyshortcuts", key)
        .attr("data-step", json(step))
        .child(text("kbd", "", key.to_ascii_uppercase()))
        .text(format_args!(" {words}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::table::RowId;
    use crate::view::next_round::an_origin;

    fn row(row: u32) -> DoubtedRow {
        DoubtedRow {
            pin: Pin {
                row: RowId(row),
                print: "00".to_owned(),
            },
            text: format!("<i>text {row}</i>"),
            given: "ham".to_owned(),
            given_probability: 0.1,
            suggested: "spam".to_owned(),
            suggested_probability: 0.9,
        }
    }

    #[test]
    fn one_row_is_decided_about_at_a_time() {
        let start = an_origin("n");
        let rows = [row(7), row(3)];
        let made = suspects(&Suspects {
            target: "label",
            rows: &rows,
            looked_at: 80,
            noise: 0.05,
            decided: "r12,k4",
            start: &start,
        })
        .into_string();
        assert_eq!(made.matches("data-step=").count(), 3);
        assert!(made.contains("data-knob-decided=\"r12,k4,d7\""));
        assert!(made.contains("1 relabelled, 1 kept, 0 left out."));
        assert!(made.contains("&lt;i&gt;text 3&lt;/i&gt;") && !made.contains("<i>"));
        assert!(is_decided("r12,k4", 4) && !is_decided("r12,k4", 1));
    }
}
