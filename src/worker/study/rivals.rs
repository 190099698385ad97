//! A run beside simple models and other runs on the same rows, each difference with its interval.

use super::{Scene, next_round};
use crate::domain::evaluation::{Bootstrap, Estimate, compare, estimate};
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
        let tells_the_same = other.recipe.target == run.recipe.target
            && other.report.evaluation.names() == run.report.evaluation.names();
        if is_other && tells_the_same && other.scores.test.rows == test.rows {
            let name = next_round::name(*id, other);
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
    let estimated = own.scored().ok();
    let estimated = estimated.and_then(|scored| estimate(metric, &scored, &plan).ok());
    if let Some(Estimate {
        value, interval, ..
    }) = estimated
    {
        let labels = run.report.evaluation.labels();
        rivals.push(Rival {
            id: "own".to_owned(),
            name: format!("This run, {}", words::run_name(&run.recipe)),
            share: value,
            interval: labels.map_or(interval, |found| Some(found.accuracy_interval)),
            figure: figure(metric, value),
            compared: None,
        });
    }
    if !metric.counts_in_points() {
        // Figures in the target's unit are drawn as shares of the largest.
        let most = rivals.iter().map(|rival| rival.share).fold(0.0, f64::max);
        let scale = if most > 0.0 { 1.0 / most } else { 1.0 };
        for rival in &mut rivals {
            rival.share *= scale;
            rival.interval = rival.interval.map(|ends| ends.map(|end| end * scale));
        }
    }
    rivals
}

fn figure(metric: &dyn Metric, value: f64) -> String {
    if metric.counts_in_points() {
        words::percent(value)
    } else {
        words::short_number(value)
    }
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
        figure: figure(metric, value),
        compared,
    })
}
