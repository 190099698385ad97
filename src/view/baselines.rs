//! The run beside simple models and other runs, on the same rows.

use super::chart::whisker;
use super::markup::{Markup, element, tag, text};
use crate::domain::evaluation::Comparison;

/// Another model on the same rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Rival {
    /// As [`crate::domain::report::Baseline`] has it; `"run-3"` for another run, `"own"` for this one.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Length of its bar, 0 to 1.
    pub share: f64,
    /// The 95 % interval of that, where it is shown.
    pub interval: Option<[f64; 2]>,
    /// Its figure in words.
    pub figure: String,
    /// How this run compares with it; none for this run itself.
    pub compared: Option<Comparison>,
}

/// A simple model's name.
pub fn name(id: &str) -> &'static str {
    match id {
        "majority" => "Always the most frequent label",
        "mean" => "Always the mean",
        "label_names" => "The label names alone",
        "label_shares" => "Always the labels of most rows",
        "word_counts" => "Counted words (TF-IDF), linear",
        "linear" => "A plain linear model",
        "probe" => "The frozen model, new layer",
        _ => "Another model",
    }
}

/// The same in the middle of a sentence.
pub fn spoken(id: &str) -> &'static str {
    match id {
        "majority" => "always guessing the most frequent label",
        "mean" => "always guessing the mean",
        "label_names" => "the label names alone",
        "label_shares" => "always guessing the labels of most rows",
        "word_counts" => "counting words",
        "linear" => "a plain linear model",
        "probe" => "the frozen model with a new layer",
        _ => "the other model",
    }
}

/// The run beside others; `about` says what the bars are.
pub fn beside(rivals: &[Rival], about: &str) -> Markup {
    tag("section", "")
        .attr("aria-labelledby", "beside-title")
        .child(
            tag("h2", "small-title")
                .attr("id", "beside-title")
                .text("Beside the baselines"),
        )
        .child(
            tag("table", "counts counts-wide beside")
                .child(element("tbody").children(rivals.iter().map(line))),
        )
        .child(text("p", "fine", about))
        .done()
}

fn line(rival: &Rival) -> Markup {
    let (class, hue) = match rival.id.as_str() {
        "own" => ("is-own", "hue-ember"),
        _ => ("", "hue-none"),
    };
    let compared = rival.compared.as_ref().map(|compared| {
        tag("span", "compared")
            .test_id(format_args!("compared-{}", rival.id))
            .text(format_args!("This run is {}.", compared.sentence))
    });
    tag("tr", class)
        .test_id(format_args!("baseline-{}", rival.id))
        .child(element("th").attr("scope", "row").text(&rival.name))
        .child(text("td", "num", &rival.figure))
        .child(
            tag("td", "counts-bar")
                .child(whisker(rival.share, rival.interval, hue))
                .child(compared),
        )
        .done()
}
