//! A run beside simple models and other runs on the same rows, each difference with its interval.

use super::Scene;
use crate::domain::evaluation::{Bootstrap, compare};
use crate::domain::metric::Metric;
use crate::domain::report::Paired;
use crate::domain::task;
use crate::domain::words;
use crate::view::baselines::{self, Rival};

/// What the run is compared by.
pub(super) fn headline(scene: &Scene) -> &'static dyn Metric {
    let task = task::find(&scene.run.recipe.task).expect("a finished run has a task");
    task.metrics()[0]
}

/// Everything that was judged on the same rows, this run last.
pub(super) fn of(scene: &Scene) -> Vec<Rival> {
    let run = scene.run;
    let test = &run.scores.test;
    let metric = headline(scene);
    let own = test.paired();
    let plan = Bootstrap::new(run.recipe.seed.into());
    let mut rivals = Vec::new();
    let mut add = |id: String, name: String, spoken: &str, outputs: &[f32]| {
        let other = test.paired_with(outputs);
        rivals.extend(rival(metric, &own, &other, id, name, spoken, &plan));
    };
    for baseline in &run.scores.baselines {
        let (name, spoken) = (
            baselines::name(&baseline.id),
            baselines::spoken(&baseline.id),
        );
        add(
            baseline.id.clone(),
            name.to_owned(),
            spoken,
            &baseline.outputs,
        );
    }
    for (id, other) in scene.session.runs.borrow().iter() {
        let is_other = *id != scene.id && other.key.table == run.key.table;
        if is_other && other.scores.test.rows == test.rows {
            let name = words::run_name(&other.recipe);
            let spoken = format!("the run {name}");
            let outputs = &other.scores.test.outputs;
            add(
                format!("run-{}", id.0),
                format!("The run {name}"),
                &spoken,
                outputs,
            );
        }
    }
    let value = own.scored().ok().and_then(|scored| metric.of(&scored).ok());
    if let Some(value) = value {
        rivals.push(Rival {
            id: "own".to_owned(),
            name: format!("This run, {}", words::run_name(&run.recipe)),
            share: value,
            interval: Some(run.report.evaluation.accuracy_interval),
            figure: words::percent(value),
            compared: None,
        });
    }
    rivals
}

fn rival(
    metric: &dyn Metric,
    own: &Paired,
    other: &Paired,
    id: String,
    name: String,
    spoken: &str,
    plan: &Bootstrap,
) -> Option<Rival> {
    let (own, other) = (own.scored().ok()?, other.scored().ok()?);
    let value = metric.of(&other).ok()?;
    let compared = compare(metric, &own, &other, spoken, plan).ok();
    Some(Rival {
        id,
        name,
        share: value,
        interval: None,
        figure: words::percent(value),
        compared,
    })
}
