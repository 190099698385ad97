//! The figures of merit with their intervals, and those that the run's own report leaves out.

use super::{Drawn, Scene, Study};
use crate::domain::evaluation::{Bootstrap, estimate};
use crate::domain::metric::{self, Metric};
use crate::domain::task;
use crate::protocol::Failure;
use crate::view::figures::{self, Figure};
use crate::view::markup::Markup;

/// Ranks of so many scores are resampled a thousand times; of more a fifth as often, so that nobody
/// waits for the ends of an interval.
const MANY_SCORES: usize = 60_000;

/// The figures of merit.
pub(super) struct Figures;

impl Study for Figures {
    fn id(&self) -> &'static str {
        "figures"
    }

    fn lasts(&self) -> bool {
        true
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move { Ok(figures::figures(&estimated(scene).await?)) })
    }
}

/// Figures that take longer and say more of probabilities than of answers.
const FURTHER: [&str; 4] = [
    "roc_auc",
    "average_precision",
    "top_3_accuracy",
    "top_5_accuracy",
];

/// Every figure that has a value on the test rows.
pub(super) async fn estimated(scene: &Scene<'_>) -> Result<Vec<Figure>, Failure> {
    let run = scene.run;
    let task = task::find(&run.recipe.task).expect("a finished run has a task");
    let further = FURTHER.iter().filter_map(|id| metric::find(id));
    let metrics: Vec<&dyn Metric> = task.metrics().iter().copied().chain(further).collect();
    let paired = run.scores.test.paired();
    let Ok(scored) = paired.scored() else {
        return Ok(Vec::new());
    };
    let mut plan = Bootstrap::new(run.recipe.seed.into());
    let mut found = Vec::new();
    for (done, metric) in metrics.iter().enumerate() {
        let share = done as f32 / metrics.len() as f32;
        scene.breathe("Working out intervals", Some(share)).await?;
        if done >= task.metrics().len() && run.scores.test.outputs.len() > MANY_SCORES {
            plan.draws = 200;
        }
        if let Ok(estimate) = estimate(*metric, &scored, &plan) {
            found.push(Figure {
                id: estimate.id,
                value: estimate.value,
                interval: estimate.interval,
            });
        }
    }
    Ok(found)
}

/// The report's own figures, at once and without intervals.
pub(super) fn plain(scene: &Scene) -> Markup {
    let metrics = scene.run.report.evaluation.metrics();
    let plain: Vec<Figure> = metrics
        .iter()
        .map(|metric| Figure {
            id: metric.id.clone(),
            value: metric.value,
            interval: None,
        })
        .collect();
    figures::figures(&plain)
}
