//! The row that is explained: which one, what it holds, and what is asked about it.

use super::super::{Drawn, Scene, Study};
use super::columns::{fields, table_model};
use super::rows::{at_of, text_of};
use super::{chosen, labels};
use crate::engine::explain::fitting;
use crate::protocol::Failure;
use crate::view::explain::cells::cell_fields;
use crate::view::explain::controls::{self, Choice, EXPLAINED, Place};
use crate::view::markup::{Markup, element, tag, text};

/// One row, with what is asked about it.
pub(in crate::worker::study) struct OneRow;

impl Study for OneRow {
    fn id(&self) -> &'static str {
        "one_row"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move { one_row(scene) })
    }
}

/// The row, its fields, the choices, and a place for the explanation, which is asked for by itself.
pub(super) fn one_row(scene: &Scene) -> Result<Markup, Failure> {
    let (at, row, all) = at_of(scene);
    let method = chosen(scene)?;
    let is_text = table_model(scene).is_none();
    let methods = Choice {
        knob: "method",
        label: "Method",
        options: fitting(is_text)
            .map(|one| (one.id().to_owned(), one.name().to_owned()))
            .collect(),
        chosen: method.id().to_owned(),
    };
    let about_label = scene.knob("label").unwrap_or_default();
    let answer = (String::new(), "What the model answers".to_owned());
    let every = labels(scene).into_iter().enumerate();
    let label = Choice {
        knob: "label",
        label: "Explain",
        options: std::iter::once(answer)
            .chain(every.map(|(at, label)| (at.to_string(), label)))
            .collect(),
        chosen: about_label.to_owned(),
    };
    let about = row.as_ref().map(|row| {
        let said = format!(
            "Row {} of the table is {}; the model says {}.",
            row.row.0 + 1,
            row.truth,
            row.said
        );
        let class = if row.is_wrong {
            "fine is-wrong"
        } else {
            "fine"
        };
        text("p", class, said)
    });
    let place = Place {
        at,
        all,
        which: "test rows, the surest mistakes first",
    };
    let part = element("div")
        .attr("id", EXPLAINED)
        .attr("aria-live", "polite")
        .attr("data-part", "explanation")
        .attr("data-knob-method", method.id())
        .attr("data-knob-label", about_label)
        .attr("data-knob-at", at);
    let row = row.map(|row| row.row);
    let (form, part) = if is_text {
        let words = row.and_then(|row| text_of(scene, row)).unwrap_or_default();
        let form = controls::text_field(&words);
        (form, part.attr("data-knob-text", &words))
    } else {
        let fields = fields(scene, row)?;
        let part = fields.iter().enumerate().fold(part, |part, (at, field)| {
            part.attr(&format!("data-knob-cell{at}"), &field.cell)
        });
        (cell_fields(&fields), part)
    };
    let choices = tag("div", "row explain-choices")
        .child(controls::choice(&methods, "explanation"))
        .child((label.options.len() > 1).then(|| controls::choice(&label, "explanation")));
    Ok(controls::steps(&place)
        .then(about)
        .then(form)
        .then(choices)
        .then(part))
}
