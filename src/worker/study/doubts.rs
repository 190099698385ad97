//! Labels in doubt: found once a run, then shown one after the other.

use std::rc::Rc;

use super::learning::SceneWatcher;
use super::rows::row_text;
use super::{Drawn, Scene, Study, next_round};
use crate::domain::clean::{Decision, Pin, decision};
use crate::domain::evaluation::{LabelQuality, find_label_errors};
use crate::domain::examples::Examples;
use crate::domain::metric::Classes;
use crate::domain::recipe::DataProfile;
use crate::domain::table::Table;
use crate::engine::error::EngineError;
use crate::engine::run::{Base, Tuned, doubting, out_of_fold};
use crate::protocol::{Failure, FailureKind};
use crate::view::suspects::{DoubtedRow, Suspects, is_decided, suspects};
use crate::worker::session::engine_failure;

/// Labels in doubt.
pub(super) struct Doubts;

impl Study for Doubts {
    fn id(&self) -> &'static str {
        crate::view::next_round::SUSPECTS
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let found = found(scene).await?;
            let decided = scene.knob("decided").unwrap_or_default();
            let rows: Vec<DoubtedRow> = found
                .rows
                .iter()
                .filter(|row| !is_decided(decided, row.pin.row.0))
                .cloned()
                .collect();
            Ok(suspects(&Suspects {
                target: &scene.run.recipe.target,
                rows: &rows,
                looked_at: found.looked_at,
                noise: found.noise,
                decided,
                start: &next_round::origin(scene),
            }))
        })
    }
}

/// What was found in a run's table, kept with the run.
pub(in crate::worker) struct FoundDoubts {
    rows: Vec<DoubtedRow>,
    looked_at: usize,
    noise: f64,
}

/// The table of a run, which has to be open.
pub(super) fn open_table(scene: &Scene) -> Result<Rc<Table>, Failure> {
    scene.table().ok_or_else(|| Failure {
        kind: FailureKind::Input,
        what: "The table of this run is closed.".to_owned(),
        fix: "Open the file again and tune once more.".to_owned(),
    })
}

/// The model of a run on texts that chooses one label, and what reads them.
pub(super) fn on_texts<'a>(scene: &Scene<'a>) -> Result<(&'a Tuned, &'a Base), Failure> {
    let run = scene.run;
    let found = run.model.text().zip(run.base.as_deref());
    found.ok_or_else(|| Failure {
        kind: FailureKind::Input,
        what: "This run learned from columns, whose labels are not looked through yet.".to_owned(),
        fix: "Tune a run on texts alone and ask that one.".to_owned(),
    })
}

async fn found(scene: &Scene<'_>) -> Result<Rc<FoundDoubts>, Failure> {
    if let Some(found) = &*scene.run.doubts.borrow() {
        return Ok(Rc::clone(found));
    }
    let table = open_table(scene)?;
    let (_, base) = on_texts(scene)?;
    let failed = |error: EngineError| engine_failure(&error);
    let input = |issues| failed(EngineError::Input(issues));
    let run = &scene.run.recipe;
    let examples = Examples::read(&table, run).map_err(input)?;
    let recipe = doubting(run, &DataProfile::of(&examples, &[run.max_tokens]));
    let examples = Examples::read(&table, &recipe).map_err(input)?;

    let mut store = scene.session.take_features(&recipe.base_model);
    let mut watcher = SceneWatcher::new(scene, "Looking for labels in doubt");
    let found = out_of_fold(base, &examples, &recipe, &mut store, &mut watcher).await;
    scene.session.return_features(&recipe.base_model, store);
    let Some(said) = found.map_err(failed)? else {
        return Err(failed(EngineError::Stopped));
    };
    let labels = &examples.labels;
    let classes = Classes::new(labels.len(), &said.given, &said.probabilities)
        .map_err(|error| failed(error.into()))?;
    let order = LabelQuality::NormalizedMargin;
    let errors = find_label_errors(&classes, order).map_err(|error| Failure {
        kind: FailureKind::Input,
        what: format!("{error}."),
        fix: "Add rows.".to_owned(),
    })?;
    let rows = errors.suspects.iter().filter_map(|suspect| {
        let row = said.rows[suspect.row as usize];
        let pin = Pin::of(&table, row);
        let of_row = &said.probabilities[suspect.row as usize * labels.len()..][..labels.len()];
        let given = &labels[suspect.given as usize];
        // Who has kept a label once is not asked again.
        let is_settled = decision(&run.steps, &run.target, &pin)
            .is_some_and(|decided| decided == Decision::Relabel(given.clone()));
        (!is_settled).then(|| DoubtedRow {
            pin,
            text: row_text(scene, row).unwrap_or_default(),
            given: given.clone(),
            given_probability: of_row[suspect.given as usize],
            suggested: labels[suspect.suggested as usize].clone(),
            suggested_probability: of_row[suspect.suggested as usize],
        })
    });
    let found = Rc::new(FoundDoubts {
        rows: rows.collect(),
        looked_at: said.rows.len(),
        noise: errors.noise,
    });
    *scene.run.doubts.borrow_mut() = Some(Rc::clone(&found));
    Ok(found)
}
