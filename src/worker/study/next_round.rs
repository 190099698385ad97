//! What can be done after a run, and two runs beside each other.

use std::rc::Rc;

use super::rows::row_text;
use super::{Drawn, Scene, Study, number};
use crate::domain::evaluation::{Said, compare_rounds};
use crate::domain::missing::is_missing;
use crate::domain::report::{Scores, Truth};
use crate::domain::start::{Origin, Start};
use crate::domain::task;
use crate::domain::words;
use crate::protocol::{Failure, FailureKind, RunId};
use crate::view::markup::Markup;
use crate::view::next_round::{NextRound, ROUNDS, next_round};
use crate::view::rounds::{Compared, rounds};
use crate::worker::run::Run;

/// How the next run names this one.
pub(super) fn start(scene: &Scene) -> Start {
    let file = scene.run.from_file.as_ref();
    Start {
        model: scene.run.key.run.clone(),
        name: file.map_or_else(|| name(scene.id, scene.run), |file| file.name.clone()),
    }
}

/// The same with what the next run has to know of it.
pub(super) fn origin(scene: &Scene) -> Origin {
    Origin::new(start(scene), &scene.run.recipe, scene.table().is_some())
}

/// What a run is called: its method, and which of this page's runs it is.
pub(super) fn name(id: RunId, run: &Run) -> String {
    format!("{} (run {})", words::run_name(&run.recipe), id.0)
}

/// What can be done after a run.
pub(super) fn section(scene: &Scene) -> Markup {
    let unlabeled = scene.table().map_or(0, |table| {
        let target = table.column(&scene.run.recipe.target);
        target.map_or(0, |column| {
            let is_gap: Vec<bool> = column.distinct().iter().map(is_missing).collect();
            let gaps = column.codes().iter().filter(|&&code| is_gap[code as usize]);
            gaps.count()
        })
    });
    let carried = scene.run.report.carried.as_ref();
    next_round(&NextRound {
        start: &origin(scene),
        has_doubts: scene.run.model.text().is_some(),
        carried: &carried.map_or_else(Vec::new, |carried| carried.sentences()),
        unlabeled,
        has_rival: !rivals(scene).is_empty(),
    })
}

/// Other runs of the same table that choose one label, as this one does; none where it does not.
fn rivals(scene: &Scene) -> Vec<(RunId, Rc<Run>)> {
    let runs = scene.session.runs.borrow();
    let chooses = |run: &Run| run.report.evaluation.labels().is_some();
    let others = runs.iter().filter(|(id, run)| {
        let is_other = **id != scene.id && run.key.table == scene.run.key.table;
        is_other && chooses(run) && chooses(scene.run)
    });
    others.map(|(id, run)| (*id, Rc::clone(run))).collect()
}

/// Two runs beside each other.
pub(super) struct RoundsCompared;

impl Study for RoundsCompared {
    fn id(&self) -> &'static str {
        ROUNDS
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let rivals = rivals(scene);
            let wanted = number(scene.knobs, "with").map(RunId);
            // The run that this one went on from, unless somebody chose another.
            let earlier = scene.run.recipe.start.as_ref().map(|start| &start.model);
            let chosen = rivals
                .iter()
                .find(|(id, _)| Some(*id) == wanted)
                .or_else(|| rivals.iter().find(|(_, run)| Some(&run.key.run) == earlier))
                .or(rivals.last());
            let (id, before) = chosen.ok_or_else(|| Failure {
                kind: FailureKind::Input,
                what: "There is no other run of this table to compare with.".to_owned(),
                fix: "Tune once more.".to_owned(),
            })?;
            let is_test = scene.knob("part") == Some("test");
            let (then, now) = (part_of(before, is_test), part_of(scene.run, is_test));
            if is_test {
                let table = &scene.run.key.table;
                scene.session.keeper.look(table, &now.rows).await;
            }
            let metrics = task::find(&scene.run.recipe.task).map_or(&[][..], |task| task.metrics());
            let (Some(then), Some(now)) = (
                said(then, before.report.evaluation.names()),
                said(now, scene.run.report.evaluation.names()),
            ) else {
                return Err(Failure {
                    kind: FailureKind::Input,
                    what: "These runs do not choose one label out of several.".to_owned(),
                    fix: "Compare runs that do.".to_owned(),
                });
            };
            let found = compare_rounds(&then, &now, metrics, scene.run.recipe.seed.into());
            let found = found.map_err(|error| Failure {
                kind: FailureKind::Input,
                what: format!("{error}."),
                fix: "Choose another run.".to_owned(),
            })?;
            let listed: Vec<(u32, String, bool)> = rivals
                .iter()
                .map(|(other, run)| (other.0, name(*other, run), other == id))
                .collect();
            Ok(rounds(&Compared {
                names: [&name(*id, before), &name(scene.id, scene.run)],
                rounds: &found,
                is_test,
                rivals: &listed,
                text: &|flip| row_text(scene, flip.row).unwrap_or_default(),
            }))
        })
    }
}

fn part_of(run: &Run, is_test: bool) -> &Scores {
    if is_test {
        &run.scores.test
    } else {
        &run.scores.valid
    }
}

/// What a run said, where its answers are labels.
fn said<'a>(scores: &'a Scores, labels: &'a [String]) -> Option<Said<'a>> {
    let Truth::Labels(truth) = &scores.truth else {
        return None;
    };
    Some(Said {
        labels,
        rows: &scores.rows,
        truth,
        probabilities: &scores.outputs,
    })
}
