//! What each column is worth to the model.

use std::rc::Rc;

use super::super::{Drawn, Scene, Study};
use super::columns::{SeenColumns, laid_open, seen_columns};
use super::{breath, failed};
use crate::domain::evaluation::{Bootstrap, ColumnImportance};
use crate::domain::metric::Metric;
use crate::domain::task;
use crate::engine::error::EngineError;
use crate::engine::explain::effects::{self, JudgingRows};
use crate::engine::explain::row::ColumnModel;
use crate::protocol::Failure;
use crate::view::explain::controls::{Choice, choice_into};
use crate::view::explain::effects::importance;
use crate::view::field::fields;
use crate::view::markup::Markup;

/// Shuffles of each column.
const REPEATS: u32 = 3;

/// Draws of the bootstrap: enough for two digits of an interval.
const DRAWS: u32 = 500;

/// What is looked at first, of labels: it falls with every doubt, where accuracy waits until an
/// answer turns.
const FIRST: &str = "log_loss";

/// What each column is worth, by shuffling it.
pub(in crate::worker::study) struct Importance;

impl Study for Importance {
    fn id(&self) -> &'static str {
        "importance"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(draw(scene))
    }
}

async fn draw(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let model = laid_open(scene)?;
    let seen = seen_columns(scene, &model).await?;
    let metric = metric(scene)?;
    let choice = Choice {
        knob: "metric",
        label: "What is lost",
        options: metrics(scene)?
            .iter()
            .map(|metric| (metric.id().to_owned(), metric.name().to_owned()))
            .collect(),
        chosen: metric.id().to_owned(),
    };
    let found = worth(scene, &model, &seen, metric).await?;
    let choice = choice_into(&choice, "importance", "on-request-importance");
    Ok(fields([choice]).then(importance(&found, metric, seen.held.len())))
}

fn metrics(scene: &Scene) -> Result<&'static [&'static dyn Metric], Failure> {
    let id = &scene.run.recipe.task;
    let task = task::find(id).ok_or_else(|| super::super::unknown("task", id))?;
    Ok(task.metrics())
}

/// The figure that a person chose to look at, or the first.
pub(super) fn metric(scene: &Scene) -> Result<&'static dyn Metric, Failure> {
    let all = metrics(scene)?;
    let find = |id: &str| all.iter().copied().find(|metric| metric.id() == id);
    let chosen = scene.knob("metric").and_then(find);
    Ok(chosen.or_else(|| find(FIRST)).unwrap_or(all[0]))
}

/// The worth of the columns, the largest first; worked out once a metric.
pub(super) async fn worth(
    scene: &Scene<'_>,
    model: &ColumnModel<'_>,
    seen: &SeenColumns,
    metric: &dyn Metric,
) -> Result<Rc<Vec<ColumnImportance>>, Failure> {
    if let Some(known) = seen.worth.borrow().get(metric.id()) {
        return Ok(Rc::clone(known));
    }
    let breathe = breath(scene, "Shuffling the columns");
    let plan = Bootstrap {
        draws: DRAWS,
        seed: scene.run.recipe.seed.into(),
    };
    // By the same networks as the shuffled rows.
    let whole = model.answers_apart(&seen.read, &seen.networks, &breathe);
    let whole = whole.await.map_err(failed)?.concat();
    let paired = seen.held.paired_with(&whole);
    let truth = paired
        .scored()
        .map_err(|error| failed(EngineError::Scores(error)))?;
    let judging = JudgingRows {
        rows: &seen.read,
        truth: &truth,
        networks: &seen.networks,
    };
    let all = model.names.len();
    let progress = |part: usize| breathe.share.set(Some(part as f32 / all as f32));
    let found = effects::importance(model, &judging, metric, REPEATS, &plan, &breathe, progress);
    let mut found = found.await.map_err(failed)?;
    found.sort_by(|a, b| b.loss.total_cmp(&a.loss));
    let found = Rc::new(found);
    seen.worth
        .borrow_mut()
        .insert(metric.id(), Rc::clone(&found));
    Ok(found)
}
