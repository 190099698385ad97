//! Why a run answers as it does: the screen, and what it asks for piece by piece.
//!
//! The screen itself is drawn at once; the explanation of the row is a part of its own, which is
//! asked again whenever the text, the label or the method changes. What takes seconds is done when a
//! person asks for it.

mod counterfactual;
mod explained;
mod faithfulness;
mod map;
mod near;
mod rows;
mod telling;

pub(super) use counterfactual::Counterfactual;
pub(super) use explained::Explained;
pub(super) use faithfulness::Faithful;
pub(super) use map::Map;
pub(super) use near::Near;
pub(in crate::worker) use rows::SeenParts;
pub(super) use telling::Telling;

use futures::future::LocalBoxFuture;

use super::{Drawn, Scene, Study, number};
use crate::engine::error::EngineError;
use crate::engine::explain::text::{TextModel, WordSubject};
use crate::engine::explain::{self, Breath, Breathe, Explainer, fitting};
use crate::engine::train::Control;
use crate::protocol::{Failure, FailureKind};
use crate::view::costs::section;
use crate::view::explain::controls::{self, Choice, EXPLAINED, Place};
use crate::view::markup::{Markup, element, tag, text};
use crate::worker::run::Model;
use crate::worker::session::engine_failure;

/// Why a run answers as it does: the whole screen.
pub(super) struct Explain;

impl Study for Explain {
    fn id(&self) -> &'static str {
        "explain"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move { screen(scene) })
    }
}

fn screen(scene: &Scene) -> Result<Markup, Failure> {
    let rows = rows::worst_first(scene);
    let at = number::<usize>(scene.knobs, "at").unwrap_or_default();
    let at = at.min(rows.len().saturating_sub(1));
    let row = rows.get(at);
    let method = chosen(scene)?;
    let methods = Choice {
        knob: "method",
        label: "Method",
        options: fitting(true)
            .map(|one| (one.id().to_owned(), one.name().to_owned()))
            .collect(),
        chosen: method.id().to_owned(),
    };
    let answer = (String::new(), "What the model answers".to_owned());
    let every = labels(scene).into_iter().enumerate();
    let label = Choice {
        knob: "label",
        label: "Explain",
        options: std::iter::once(answer)
            .chain(every.map(|(at, label)| (at.to_string(), label)))
            .collect(),
        chosen: String::new(),
    };
    let about = row.map(|row| {
        let said = format!(
            "Row {} of the table is {}; the model says {}.",
            row.row.0 + 1,
            row.truth,
            row.said
        );
        text(
            "p",
            if row.is_wrong {
                "fine is-wrong"
            } else {
                "fine"
            },
            said,
        )
    });
    let place = Place {
        at,
        all: rows.len(),
        which: "test rows, the surest mistakes first",
    };
    let explained = element("div")
        .attr("id", EXPLAINED)
        .attr("aria-live", "polite")
        .attr("data-part", "explanation")
        .attr("data-knob-method", method.id())
        .attr("data-knob-label", "");
    let words = row
        .and_then(|row| rows::text_of(scene, row.row))
        .unwrap_or_default();
    let explained = explained.attr("data-knob-text", &words);
    let choices = tag("div", "row explain-choices")
        .child(controls::choice(&methods, "explanation"))
        .child((label.options.len() > 1).then(|| controls::choice(&label, "explanation")));
    Ok(section("explain-row", "One row")
        .child(controls::steps(&place))
        .child(about)
        .child(controls::text_field(&words))
        .child(choices)
        .child(explained)
        .done()
        .then(whole_model()))
}

/// What can be asked about the model as a whole.
fn whole_model() -> Markup {
    let all = [
        (
            "telling",
            "Find the most telling words",
            "Explains some of the validation rows and averages what each word adds.",
        ),
        (
            "map",
            "Draw a map of the rows",
            "Validation and test rows as the tuned model sees them, on a plane.",
        ),
    ];
    section("explain-model", "The model")
        .children(all.map(|(view, words, about)| controls::on_request(view, words, about)))
        .done()
}

/// The labels, by index; none of numbers.
fn labels(scene: &Scene) -> Vec<String> {
    scene.run.report.evaluation.names().to_vec()
}

/// The method that a person chose, or the first.
fn chosen(scene: &Scene) -> Result<&'static dyn Explainer, Failure> {
    let id = scene.knob("method").unwrap_or(explain::ALL[0].id());
    explain::find(id).ok_or_else(|| super::unknown("method", id))
}

/// The run's text model, laid open.
async fn opened(scene: &Scene<'_>) -> Result<TextModel, Failure> {
    let run = scene.run;
    let (Model::Text(tuned), Some(base)) = (&run.model, &run.base) else {
        return Err(Failure {
            kind: FailureKind::Input,
            what: "Words are explained of models that read texts alone; this one reads columns."
                .to_owned(),
            fix: "Open a run that was tuned on texts.".to_owned(),
        });
    };
    TextModel::of(tuned, base).await.map_err(failed)
}

/// The text of the knobs as an explained answer.
async fn subject<'a>(
    scene: &'a Scene<'a>,
    model: &'a TextModel,
    breath: Breath<'a>,
) -> Result<(WordSubject<'a>, String), Failure> {
    let words = rows::prepared(scene, scene.knob("text").unwrap_or_default());
    let label = number(scene.knobs, "label");
    let subject = WordSubject::new(model, &words, label, breath).await;
    Ok((subject.map_err(failed)?, words))
}

/// Lets others take their turn, and hears when the answer is not wanted any more.
struct Turns<'a> {
    scene: &'a Scene<'a>,
    what: &'static str,
}

impl Breathe for Turns<'_> {
    fn breathe(&self) -> LocalBoxFuture<'_, Control> {
        Box::pin(async {
            match self.scene.breathe(self.what, None).await {
                Ok(()) => Control::Go,
                Err(_) => Control::Stop,
            }
        })
    }
}

fn breath<'a>(scene: &'a Scene<'a>, what: &'static str) -> Turns<'a> {
    Turns { scene, what }
}

fn failed(error: EngineError) -> Failure {
    engine_failure(&error)
}
