//! Whether a model learned the task or the training rows, and which knob to turn.

use super::markup::{Element, Markup, element, tag, text};
use super::next_round::json;
use crate::domain::evaluation::{Advice, FitReading, FitVerdict, Turn};

/// The verdict on the curves, and what to do about it. Where the run can be tuned again, each setting
/// that is named has a button that takes it, turned, into the next run.
pub fn fit(reading: &FitReading, advice: &Advice, can_tune: bool) -> Markup {
    let (verdict, kind) = match reading.verdict {
        FitVerdict::TooShort => ("Too short to tell", "fair"),
        FitVerdict::Overfits => ("It overfits", "poor"),
        FitVerdict::Memorises => ("It has learned training rows by heart", "poor"),
        FitVerdict::Unfinished => ("It was still getting better", "fair"),
        FitVerdict::Underfits => ("It has learned too little", "poor"),
        FitVerdict::Sound => ("Sound", "good"),
    };
    let turns = (!advice.turns.is_empty()).then(|| {
        tag("ul", "turns")
            .test_id("turns")
            .children(advice.turns.iter().map(|own| turn(own, can_tune)))
    });
    element("div")
        .child(
            tag("p", &format!("standing is-{kind}"))
                .test_id("fit")
                .text(verdict),
        )
        .child(tag("p", "lead").text(&reading.reason).text(" ").child(text(
            "b",
            "",
            advice.sentence,
        )))
        .child(turns)
        .done()
}

/// A setting as it was and as it could be, with what it does.
fn turn(turn: &Turn, can_tune: bool) -> Element {
    let Turn {
        label, from, to, ..
    } = turn;
    let words = format!("Turn to {to} and tune again");
    let button = can_tune.then(|| {
        tag("button", "button button-small study-only")
            .attr("type", "button")
            .test_id(format_args!("turn{}", turn.pointer.replace('/', "-")))
            .attr("aria-label", format_args!("{words}: {label}"))
            .attr("data-settings", json(&turn.recipe))
            .text(&words)
    });
    element("li")
        .child(
            element("p")
                .child(text("b", "", label))
                .text(format_args!(" {from} → {to}"))
                .child(tag("span", "fine").text(turn.help)),
        )
        .child(button)
}
