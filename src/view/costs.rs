//! What a run took, and what one can take away.

use super::chart::split_bar;
use super::icon::{self, icon};
use super::markup::{Markup, element, tag, text};
use crate::domain::report::RunReport;
use crate::domain::words;

/// Where the time of a run went.
pub fn costs(report: &RunReport) -> Markup {
    let spent = report.seconds;
    let phases = [
        ("load", "Load", spent.load),
        ("tokenize", "Tokenize", spent.tokenize),
        ("embed", "Read", spent.embed),
        ("probe", "Baseline", spent.probe),
        ("train", "Tune", spent.train),
        ("cross_validate", "Cross-validate", spent.cross_validate),
        ("evaluate", "Judge", spent.evaluate),
    ];
    let phases: Vec<_> = phases
        .into_iter()
        .filter(|(id, _, seconds)| *id != "cross_validate" || *seconds > 0.0)
        .map(|(id, name, seconds)| (id, format!("time-{id}"), name, seconds))
        .collect();
    let parts: Vec<(f64, &str)> = phases
        .iter()
        .map(|(_, class, _, seconds)| (*seconds, class.as_str()))
        .collect();
    let legend = phases.iter().map(|(id, class, name, seconds)| {
        element("div")
            .child(
                element("dt")
                    .child(tag("span", &format!("swatch {class}")).attr("aria-hidden", "true"))
                    .text(name),
            )
            .child(
                element("dd")
                    .test_id(format_args!("seconds-{id}"))
                    .text(words::seconds(*seconds)),
            )
    });
    let count = report.parameters;
    let share = count.trainable as f64 / count.total.max(1) as f64;
    let parameters = format!(
        "{} of {} numbers moved ({}). {}",
        words::count(count.trainable),
        words::count(count.total),
        words::small_percent(share),
        words::ending(&report.epochs, report.best_epoch, report.ended)
    );
    section(
        "costs",
        &format!("Where {} went", words::seconds(spent.total())),
    )
    .child(split_bar(&parts))
    .child(tag("dl", "times-legend").children(legend))
    .child(tag("p", "fine").test_id("parameters").text(parameters))
    .done()
}

/// The files of a run.
pub fn take_away() -> Markup {
    let save = |file: &str, words: &str| {
        tag("button", "button")
            .attr("type", "button")
            .test_id(format_args!("save-{file}"))
            .attr("data-save", file)
            .child(icon(icon::DOWNLOAD))
            .text(words)
    };
    section("take", "Take away")
        .child(
            tag("div", "row")
                .child(save("report", "The report (HTML, one file to print)"))
                .child(save("recipe", "The recipe (JSON)"))
                .child(save("predictions", "Predictions on the test rows (CSV)"))
                .child(save("figures", "All figures (JSON)")),
        )
        .child(text(
            "p",
            "fine",
            "The recipe holds every setting and the seed: the same recipe on the same table gives the same model on the CPU.",
        ))
        .done()
}

/// A section of a screen with its heading.
pub fn section(id: &str, title: &str) -> super::markup::Element {
    tag("section", "section")
        .attr("aria-labelledby", format_args!("{id}-title"))
        .child(
            element("h2")
                .attr("id", format_args!("{id}-title"))
                .text(title),
        )
}
