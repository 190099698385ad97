//! A model that was opened from a file: what it is, a place to try it, and how to go on from it.

use super::bundle::hosted;
use super::costs::section;
use super::explain::cells::{Asking, CellField, row_form};
use super::icon::{self, icon};
use super::markup::{Markup, element, tag, text};
use super::next_round::{again, json};
use crate::domain::recipe::Recipe;
use crate::domain::report::MetricValue;
use crate::domain::share::Bundle;
use crate::domain::start::Origin;
use crate::domain::words;

/// Where answers are shown.
const ANSWER: &str = "opened-answer";
/// Where an answer is explained.
const WHY: &str = "opened-why";

/// What there is to show.
pub struct Opened<'a> {
    /// The file's name.
    pub name: &'a str,
    /// How the model was made.
    pub recipe: &'a Recipe,
    /// The same in two words.
    pub made_by: &'a str,
    /// What reads its texts; none where it has none.
    pub base: Option<&'a str>,
    /// Whether that came with the file, and is kept on this device for the next run.
    pub keeps_encoder: bool,
    /// The labels, by index; none of a number.
    pub labels: &'a [String],
    /// Its figures on the test rows, the headline first.
    pub metrics: &'a [MetricValue],
    /// 95 % interval of the accuracy.
    pub accuracy_interval: Option<[f64; 2]>,
    /// Rows for training, validation and test.
    pub parts: [u32; 3],
    /// Name of the file that it was learned from.
    pub data: &'a str,
    /// The model's card, in Markdown.
    pub card: &'a str,
    /// The fields to try it with.
    pub fields: &'a [CellField],
    /// The answer to what stands in them.
    pub answer: Option<Markup>,
    /// The file beside the page, and the link that then leads to it.
    pub link: (&'a Bundle, &'a str),
    /// How to go on from it.
    pub tuning: Tuning<'a>,
}

/// How to go on from a model.
pub struct Tuning<'a> {
    /// How the next run names it.
    pub start: &'a Origin,
    /// Name of the table that the page shows.
    pub table: Option<&'a str>,
}

/// The page.
pub fn opened(model: &Opened) -> Markup {
    let recipe = model.recipe;
    let reads = words_of(
        &recipe
            .inputs()
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>(),
    );
    let base = model
        .base
        .map_or_else(String::new, |base| format!(" on {base}"));
    let kept = match model.keeps_encoder {
        true => "of which this device keeps the encoder alone",
        false => "and kept nowhere",
    };
    let about = format!(
        "Predicts {} from {reads}. {}{base}; opened from {}, {kept}.",
        recipe.target, model.made_by, model.name
    );
    let asking = Asking {
        id: "opened-cell",
        view: "opened_answer",
        into: ANSWER,
    };
    tag("section", "demo")
        .test_id("opened")
        .child(
            element("h1")
                .attr("id", "step-title")
                .attr("tabindex", -1)
                .text(recipe.question()),
        )
        .child(text("p", "", about))
        .child(headline(model))
        .child(row_form(model.fields, asking))
        .child(
            tag("div", "demo-answer")
                .attr("id", ANSWER)
                .attr("aria-live", "polite")
                .child(model.answer.clone()),
        )
        .child(inside(model))
        .done()
        .then(tuning(&model.tuning))
        .then(element("div").attr("data-part", "batch"))
        .then(element("div").attr("data-part", "take_along"))
        .then(hosted(model.link.0, model.link.1))
}

/// An answer with the way to its reasons.
pub fn answered(said: Markup, is_cut: bool) -> Markup {
    let cut = is_cut.then(|| {
        text(
            "p",
            "fine",
            "Longer than the model reads: the end was cut off.",
        )
    });
    said.then(cut)
        .then(
            tag("p", "row").child(
                tag("button", "button")
                    .attr("type", "button")
                    .test_id("opened-explain")
                    .attr("data-view", "explanation")
                    .attr("data-into", WHY)
                    .text("Explain this answer"),
            ),
        )
        .then(element("div").attr("id", WHY).attr("aria-live", "polite"))
}

/// How good it was on rows that it never saw, as its file says.
fn headline(model: &Opened) -> Option<Markup> {
    let metric = model.metrics.first()?;
    let [_, _, tested] = model.parts;
    let value = match metric.id.as_str() {
        "accuracy" | "subset_accuracy" => words::percent(metric.value),
        _ => words::figure(metric.value),
    };
    let interval = model.accuracy_interval.map_or_else(String::new, |ends| {
        let [low, high] = ends.map(words::percent);
        format!(" ({low} to {high})")
    });
    Some(text(
        "p",
        "fine",
        format_args!(
            "{}: {value}{interval} on {} that it had never seen, as its file says.",
            metric.name,
            words::rows(tested.into())
        ),
    ))
}

fn inside(model: &Opened) -> Markup {
    let metrics = model.metrics.iter().map(|metric| {
        let value = words::figure(metric.value);
        format!("{} {value}", metric.name)
    });
    let metrics: Vec<String> = metrics.collect();
    let [train, valid, test] = model.parts.map(|rows| words::count(rows.into()));
    let facts = [
        ("Labels", model.labels.join(", ")),
        ("Figures on the test rows", metrics.join(", ")),
        (
            "Rows for training, validation and test",
            format!("{train}, {valid}, {test}"),
        ),
        ("Learned from", model.data.to_owned()),
    ];
    let facts = facts
        .into_iter()
        .filter(|(_, what)| !what.is_empty())
        .map(|(name, what)| {
            element("div")
                .child(text("dt", "", name))
                .child(text("dd", "", what))
        });
    let card = (!model.card.is_empty()).then(|| text("pre", "card-text", model.card));
    element("details")
        .test_id("opened-card")
        .child(text("summary", "", "Its card"))
        .child(tag("dl", "inside").children(facts))
        .child(card)
        .done()
}

/// How to go on from a model, on the table that is open or on another.
pub(super) fn tuning(tuning: &Tuning) -> Markup {
    let here = tuning.table.map(|table| {
        tag("p", "row").child(again(tuning.start)).child(text(
            "span",
            "fine",
            format_args!("on {table}, which is open"),
        ))
    });
    let other = tag("p", "row").child(
        tag("label", "button file-button")
            .child(icon(icon::FILE_TEXT))
            .text("Open a table to tune on")
            .child(
                tag("input", "sr-only")
                    .attr("type", "file")
                    .test_id("opened-fork")
                    .attr("data-knob", "fork")
                    .attr("data-fork", json(tuning.start)),
            ),
    );
    section("opened-next", "Go on from it")
        .child(text(
            "p",
            "fine",
            "The next run on a table starts from this model instead of from the base model: labels and \
             columns of the same name are carried over, new ones start fresh.",
        ))
        .child(here)
        .child(other)
        .done()
}

fn words_of(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recipe::DataProfile;
    use crate::domain::report::{Input, InputKind};
    use crate::view::next_round::an_origin;

    #[test]
    fn a_model_says_what_it_is_and_how_to_go_on() {
        let recipe = Recipe::suggest(
            vec!["body <b>".to_owned()],
            "topic".to_owned(),
            &DataProfile::empty(),
        );
        let metrics = [MetricValue {
            id: "accuracy".to_owned(),
            name: "Accuracy".to_owned(),
            value: 0.9,
        }];
        let start = an_origin("x.burnish");
        let fields = [CellField {
            input: Input {
                column: recipe.text[0].clone(),
                kind: InputKind::Text,
                values: Vec::new(),
                example: String::new(),
            },
            cell: String::new(),
        }];
        let bundle = Bundle {
            place: "x.burnish".to_owned(),
            sha256: "0f".repeat(32),
        };
        let model = |tuning| Opened {
            link: (&bundle, "https://host.example/#bundle=x"),
            name: "x.burnish",
            recipe: &recipe,
            made_by: "LoRA",
            base: Some("MiniLM"),
            keeps_encoder: false,
            labels: &[],
            metrics: &metrics,
            accuracy_interval: Some([0.6, 0.98]),
            parts: [80, 10, 10],
            data: "t.csv",
            card: "# <card>",
            fields: &fields,
            answer: None,
            tuning,
        };
        let table = Some("t.csv");
        let made = opened(&model(Tuning {
            start: &start,
            table,
        }))
        .into_string();
        for part in [
            "body &lt;b&gt;",
            "90.0\u{a0}%",
            "10\u{a0}rows",
            "# &lt;card&gt;",
            "data-start=",
            "data-fork=",
            "on t.csv",
            "data-knob=\"cell0\"",
        ] {
            assert!(made.contains(part), "{part} in\n{made}");
        }
        let made = opened(&model(Tuning {
            start: &start,
            table: None,
        }));
        let made = made.into_string();
        assert!(made.contains("data-fork") && !made.contains("data-start"));
    }
}
