//! Why a run answers as it does: the screen, and what it asks for piece by piece.
//!
//! The screen itself is drawn at once; the explanation of the row is a part of its own, which is
//! asked again whenever the text, the label or the method changes. What takes seconds is done when a
//! person asks for it.

mod columns;
mod counterfactual;
mod dependence;
mod explained;
mod faithfulness;
mod importance;
mod interactions;
mod map;
mod near;
mod one_row;
mod reasons;
mod rows;
mod telling;
mod told;

pub(in crate::worker) use columns::SeenColumns;
pub(super) use counterfactual::Counterfactual;
pub(super) use dependence::Dependence;
pub(super) use explained::Explained;
pub(super) use faithfulness::Faithful;
pub(super) use importance::Importance;
pub(super) use interactions::Interactions;
pub(super) use map::Map;
pub(super) use near::Near;
pub(super) use one_row::OneRow;
pub(super) use reasons::{Reasons, Row};
pub(in crate::worker) use rows::SeenParts;
pub(super) use telling::Telling;
pub(super) use told::told;

use std::cell::Cell;

use futures::future::LocalBoxFuture;

use super::{Drawn, Scene, Study, number};
use crate::engine::error::EngineError;
use crate::engine::explain::text::{TextModel, WordSubject};
use crate::engine::explain::{Breath, Breathe, Explainer, fitting};
use crate::engine::train::Control;
use crate::protocol::{Failure, FailureKind};
use crate::view::costs::section;
use crate::view::explain::controls::{self, ONE_ROW};
use crate::view::markup::{Markup, element};
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
    let row = element("div")
        .attr("id", ONE_ROW)
        .child(one_row::one_row(scene)?);
    let is_table = columns::table_model(scene).is_some();
    Ok(section("explain-row", "One row")
        .child(row)
        .done()
        .then(whole_model(is_table)))
}

/// What can be asked about the model as a whole.
fn whole_model(is_table: bool) -> Markup {
    let of_columns = [
        (
            "importance",
            "Find the columns that count",
            "Shuffles each column over rows that were held apart, and looks at what the model loses.",
        ),
        (
            "dependence",
            "Follow a column",
            "How the answer moves when the column's cell is set to each of its values.",
        ),
        (
            "interactions",
            "Find columns that act together",
            "Every pair of the columns that count most.",
        ),
    ];
    let of_texts = [(
        "telling",
        "Find the most telling words",
        "Explains some of the validation rows and averages what each word adds.",
    )];
    let of_both = (
        "map",
        "Draw a map of the rows",
        "Validation and test rows as the tuned model sees them, on a plane.",
    );
    let own: &[_] = if is_table { &of_columns } else { &of_texts };
    let all = own.iter().copied().chain([of_both]);
    section("explain-model", "The model")
        .children(all.map(|(view, words, about)| controls::on_request(view, words, about)))
        .done()
}

/// The labels, by index; none of numbers.
fn labels(scene: &Scene) -> Vec<String> {
    scene.run.report.evaluation.names().to_vec()
}

/// The method that a person chose, or the first that can explain this kind of model.
fn chosen(scene: &Scene) -> Result<&'static dyn Explainer, Failure> {
    let mut fitting = fitting(columns::table_model(scene).is_none());
    let id = scene.knob("method");
    let found = match id {
        Some(id) => fitting.find(|one| one.id() == id),
        None => fitting.next(),
    };
    found.ok_or_else(|| super::unknown("method", id.unwrap_or_default()))
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
    let words = rows::typed(scene);
    let label = number(scene.knobs, "label");
    let subject = WordSubject::new(model, &words, label, breath).await;
    Ok((subject.map_err(failed)?, words))
}

/// Lets others take their turn, and hears when the answer is not wanted any more.
struct Turns<'a> {
    scene: &'a Scene<'a>,
    what: &'static str,
    /// Share that is done, 0 to 1, where it can be told.
    share: Cell<Option<f32>>,
}

impl Breathe for Turns<'_> {
    fn breathe(&self) -> LocalBoxFuture<'_, Control> {
        Box::pin(async {
            match self.scene.breathe(self.what, self.share.get()).await {
                Ok(()) => Control::Go,
                Err(_) => Control::Stop,
            }
        })
    }
}

fn breath<'a>(scene: &'a Scene<'a>, what: &'static str) -> Turns<'a> {
    Turns {
        scene,
        what,
        share: Cell::new(None),
    }
}

fn failed(error: EngineError) -> Failure {
    engine_failure(&error)
}
