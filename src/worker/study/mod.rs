//! Answers to questions about a finished run: parts of screens, and files to take away.
//!
//! A study gathers what a part of a screen needs, asking the engine where necessary, and hands it
//! to [`crate::view`] to be drawn. A new one is a file and an entry in [`ALL`].

mod abstain;
mod batch;
mod bundle;
mod calibrate;
mod classes;
mod confusion;
mod curves;
pub(super) mod demo;
mod doubts;
mod evaluate;
pub(super) mod explain;
mod figures;
mod files;
mod learning;
mod next_round;
mod one_page;
mod opened;
mod report;
mod rivals;
mod rows;
mod scene;
mod search;
mod share;
mod slices;
mod take_along;
mod threshold;
mod to_label;

pub(super) use doubts::FoundDoubts;
pub(super) use scene::Scene;
pub(super) use to_label::ChosenRows;

use futures::future::LocalBoxFuture;

use super::port::{Attached, Parts};
use super::session::Session;
use crate::domain::evaluation::EvaluationError;
use crate::domain::metric::Classes as Classified;
use crate::domain::report::{Evaluation, Scores};
use crate::protocol::{
    Event, Failure, FailureKind, Knobs, RequestId, RunAnswer, RunId, RunQuestion,
};
use crate::view::markup::{Markup, text};
use abstain::Abstain;
use batch::Batch;
use calibrate::Calibrate;
use classes::Classes;
use confusion::Confusion;
use curves::Curves;
use doubts::Doubts;
use evaluate::Evaluate;
use explain::{
    Counterfactual, Dependence, Explain, Explained, Faithful, Importance, Interactions, Map, Near,
    OneRow, Telling,
};
use figures::Figures;
use learning::Learning;
use rows::Rows;
use share::Share;
use slices::Slices;
use take_along::TakeAlong;
use threshold::Threshold;
use to_label::ToLabelRows;

/// What drawing comes to.
pub(super) type Drawn<'a> = LocalBoxFuture<'a, Result<Markup, Failure>>;

/// A part of a screen about a run.
pub(super) trait Study: Sync {
    /// Stable id, as in `data-view`.
    fn id(&self) -> &'static str;

    /// Whether the same knobs give the same markup for as long as the run is in memory, so that what
    /// took long is drawn once.
    fn lasts(&self) -> bool {
        false
    }

    /// Draws it.
    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a>;
}

/// Every part of a screen.
pub(super) const ALL: &[&dyn Study] = &[
    &Evaluate,
    &Figures,
    &Confusion,
    &Rows,
    &Classes,
    &Curves,
    &Threshold,
    &Abstain,
    &Calibrate,
    &Slices,
    &Learning,
    &Explain,
    &OneRow,
    &Explained,
    &Faithful,
    &Counterfactual,
    &Near,
    &Importance,
    &Dependence,
    &Interactions,
    &Telling,
    &Map,
    &Doubts,
    &ToLabelRows,
    &next_round::RoundsCompared,
    &opened::OpenedAnswer,
    &search::Settings,
    &TakeAlong,
    &Share,
    &Batch,
];

impl Session {
    /// Answers a question about a run, unless it is cancelled meanwhile.
    pub(super) async fn ask_run(
        &self,
        run: RunId,
        request: RequestId,
        question: RunQuestion,
        attached: &[Attached],
    ) {
        self.asking.borrow_mut().insert(request, false);
        let mut parts = Parts::default();
        let answer = match question {
            RunQuestion::Open { name, model, table } => {
                let file = attached.get(usize::from(model.0));
                let known = self.open_model(run, request, &name, file).await;
                match known {
                    Ok(known) => {
                        let knobs = Knobs::new();
                        let scene = Scene::new(self, run, &known, request, &knobs);
                        opened::page(&scene, table).await
                    }
                    Err(failure) => Err(failure),
                }
            }
            question => self.answer_run(run, request, question, &mut parts).await,
        };
        let is_cancelled = self.asking.borrow_mut().remove(&request).unwrap_or(false);
        if !is_cancelled {
            let event = Event::RunAnswered {
                run,
                request,
                answer,
            };
            self.sender.send_with(&event, parts);
        }
    }

    async fn answer_run(
        &self,
        run: RunId,
        request: RequestId,
        question: RunQuestion,
        parts: &mut Parts,
    ) -> Result<RunAnswer, Failure> {
        if let RunQuestion::View { view, knobs } = &question
            && let Some(drawn) = demo::view(self, (run, request), view, knobs).await
        {
            return drawn;
        }
        let known = self.runs.borrow().get(&run).cloned();
        let known = known.ok_or_else(|| Failure {
            kind: FailureKind::Protocol,
            what: "This run is no longer in memory.".to_owned(),
            fix: "Tune again with the same recipe: on the CPU that gives the very same model."
                .to_owned(),
        })?;
        let scene = |knobs| Scene::new(self, run, &known, request, knobs);
        match question {
            RunQuestion::Predict { row } => known.predict(row).await,
            RunQuestion::View { view, knobs } => {
                let study = ALL.iter().find(|study| study.id() == view);
                let study = study.ok_or_else(|| unknown("part of a screen", &view))?;
                let name = (view, knobs);
                let drawn = known.drawn.borrow().get(&name).cloned();
                let markup = match drawn {
                    Some(drawn) => drawn,
                    None => study.draw(&scene(&name.1)).await?,
                };
                if study.lasts() {
                    known.drawn.borrow_mut().insert(name, markup.clone());
                }
                Ok(RunAnswer::View {
                    markup: markup.into_string(),
                })
            }
            RunQuestion::File { file, knobs } => files::make(&scene(&knobs), &file, parts).await,
            RunQuestion::Open { name, .. } => Err(unknown("run", &name)),
        }
    }
}

fn unknown(what: &str, id: &str) -> Failure {
    Failure {
        kind: FailureKind::Protocol,
        what: format!("There is no {what} called \"{id}\"."),
        fix: "Reload the page: the browser kept an old part of it.".to_owned(),
    }
}

/// What was found of a run that chooses one label out of several.
fn labels_of<'a>(scene: &Scene<'a>) -> Result<&'a Evaluation, Failure> {
    scene.run.report.evaluation.labels().ok_or_else(no_labels)
}

fn no_labels() -> Failure {
    Failure {
        kind: FailureKind::Input,
        what: "This is told of runs that choose one label out of several.".to_owned(),
        fix: "Look at the other figures.".to_owned(),
    }
}

/// The scores of a run that chooses one label out of several.
fn classes_of(scores: &Scores) -> Result<Classified<'_>, Failure> {
    scores.classes().map_err(|_| no_labels())
}

/// The label that a person chose, else the one of the fewest training rows that is among the test
/// rows.
fn label_of(scene: &Scene) -> u32 {
    let run = scene.run;
    let classes = run.report.evaluation.labels().map(|found| &found.classes);
    let labels = classes.into_iter().flatten().enumerate();
    let tested = labels.filter(|(_, class)| class.rows > 0);
    let rarest = tested.min_by_key(|(at, _)| run.scores.train_rows.get(*at).copied());
    let most = run.report.evaluation.names().len().saturating_sub(1) as u32;
    let rarest = rarest.map_or(0, |(at, _)| at as u32);
    number(scene.knobs, "label").unwrap_or(rarest).min(most)
}

/// Why a part has nothing to show, as a sentence.
fn refused(error: &EvaluationError) -> Markup {
    text("p", "lead", format_args!("Nothing to show here: {error}."))
}

/// A knob's value as a number.
fn number<T: std::str::FromStr>(knobs: &Knobs, name: &str) -> Option<T> {
    knobs.get(name)?.parse().ok()
}
