//! Whether a model learned the task or the training rows, and which knob to turn.

use super::markup::{Markup, element, tag, text};
use crate::domain::evaluation::{FitReading, FitVerdict};
use crate::domain::options;

/// The verdict on the curves.
pub fn fit(reading: &FitReading) -> Markup {
    let (verdict, kind) = match reading.verdict {
        FitVerdict::TooShort => ("Too short to tell", "fair"),
        FitVerdict::Overfits => ("It overfits", "poor"),
        FitVerdict::Memorises => ("It has learned training rows by heart", "poor"),
        FitVerdict::Unfinished => ("It was still getting better", "fair"),
        FitVerdict::Underfits => ("It has learned too little", "poor"),
        FitVerdict::Sound => ("Sound", "good"),
    };
    let knobs: Vec<&str> = reading
        .settings
        .iter()
        .filter_map(|pointer| options::find(pointer))
        .map(|option| option.label)
        .collect();
    let knobs = (!knobs.is_empty())
        .then(|| tag("p", "fine").text(format_args!("In every setting: {}.", knobs.join(", "))));
    element("div")
        .child(
            tag("p", &format!("standing is-{kind}"))
                .test_id("fit")
                .text(verdict),
        )
        .child(tag("p", "lead").text(&reading.reason).text(" ").child(text(
            "b",
            "",
            &reading.advice,
        )))
        .child(knobs)
        .done()
}
