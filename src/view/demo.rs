//! The page that somebody sees who opens a demo link: what it does, then a place to try it.

use super::markup::{Markup, element, tag, text};
use super::opened::{Tuning, tuning};
use super::share::inside;
use crate::domain::share::Demo;
use crate::domain::words;

/// Where answers are shown.
const ANSWER: &str = "demo-answer";

/// What the link says, before anything is fetched or run.
pub fn cover(demo: &Demo, base_bytes: u64, is_here: bool) -> Markup {
    let fetch = if is_here {
        "The base model is in this browser already.".to_owned()
    } else {
        format!(
            "Starting it fetches the base model, {}, once from this site. What you type stays in this tab.",
            words::bytes(base_bytes)
        )
    };
    page(demo)
        .child(
            tag("p", "row")
                .child(
                    tag("button", "button button-primary")
                        .attr("type", "button")
                        .test_id("demo-start")
                        .attr("data-view", "demo")
                        .attr("data-knob-start", 1)
                        .text("Start the demo"),
                )
                .child(text("span", "fine", fetch)),
        )
        .child(inside(demo))
        .done()
}

/// The demo at work, with the answer to its first example, and how to go on from it where that is offered.
pub fn at_work(
    demo: &Demo,
    cells: &[String],
    answer: Option<Markup>,
    going_on: Option<&Tuning<'_>>,
) -> Markup {
    let fields = demo.text.iter().enumerate().map(|(at, name)| {
        tag("label", "stacked")
            .child(text("span", "stacked-name", name))
            .child(
                tag("textarea", "field")
                    .attr("id", format_args!("demo-text-{at}"))
                    .test_id(format_args!("demo-text-{at}"))
                    .attr("rows", 3)
                    .attr("data-knob", format_args!("text{at}"))
                    .attr("data-view", "demo_answer")
                    .attr("data-into", ANSWER)
                    .flag("data-live", true)
                    .text(cells.get(at).map_or("", String::as_str)),
            )
    });
    let examples = demo.examples.iter().enumerate().map(|(at, cells)| {
        tag("button", "button")
            .attr("type", "button")
            .test_id("demo-example")
            .attr("data-view", "demo")
            .attr("data-knob-start", 1)
            .attr("data-knob-example", at)
            .text(cells.join(" · "))
    });
    page(demo)
        .children(fields)
        .child((!demo.examples.is_empty()).then(|| tag("p", "row").children(examples)))
        .child(
            tag("div", "demo-answer")
                .attr("id", ANSWER)
                .attr("aria-live", "polite")
                .child(answer),
        )
        .child(inside(demo))
        .done()
        .then(going_on.map(tuning))
}

/// Labels with their probabilities, the most probable first.
pub fn answer(labels: &[String], probabilities: &[f32]) -> Markup {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
    let rows = order.into_iter().take(8).map(|at| {
        element("tr")
            .test_id("demo-label")
            .child(element("td").text(&labels[at]))
            .child(
                element("td").child(
                    element("meter")
                        .attr("min", 0)
                        .attr("max", 1)
                        .attr("value", probabilities[at])
                        .attr("aria-label", &labels[at]),
                ),
            )
            .child(tag("td", "number").text(words::percent(f64::from(probabilities[at]))))
    });
    tag("table", "demo-labels")
        .child(element("tbody").children(rows))
        .done()
}

/// The words that count most for the first of the labels, or against it; nothing where none does.
pub fn reason(why: &str) -> Markup {
    if why.is_empty() {
        return Markup::default();
    }
    let words = format!("What counts most, by leaving out one word at a time: {why}");
    tag("p", "fine").test_id("demo-why").text(words).done()
}

fn page(demo: &Demo) -> super::markup::Element {
    let by =
        (!demo.by.trim().is_empty()).then(|| text("p", "fine", format_args!("By {}", demo.by)));
    let tested = demo.accuracy.map(|(share, rows)| {
        let words = format!(
            "Its maker's model got {} of {rows} rows right that it had never seen.",
            words::percent(f64::from(share))
        );
        text("p", "fine", words)
    });
    tag("section", "demo")
        .test_id("demo")
        .child(text("h1", "", &demo.title))
        .child(text("p", "", &demo.about))
        .child(by)
        .child(tested)
}
