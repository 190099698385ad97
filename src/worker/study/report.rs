//! Everything that is known of a run's quality in one file to print.

use super::evaluate::{folded, head, learned, looked, other_body, other_head};
use super::{Abstain, Calibrate, Curves, Learning, Scene, Slices, Study, Threshold, figures};
use crate::domain::report::Evaluation;
use crate::domain::words;
use crate::protocol::{Failure, Knobs};
use crate::view::classes::DEFAULT_ORDER;
use crate::view::confusion::Order;
use crate::view::costs::{costs, section};
use crate::view::figures::figures as drawn;
use crate::view::markup::{Markup, element, tag};
use crate::view::{classes, confusion, mistakes, report};

/// The report as a document. Knobs stand as in the scene.
pub(super) async fn make(scene: &Scene<'_>) -> Result<String, Failure> {
    let (run, looks) = (scene.run, looked(scene).await);
    let figures = drawn(&figures::estimated(scene).await?);
    let mut body = match run.report.evaluation.labels() {
        Some(evaluation) => in_labels(scene, evaluation, looks, figures).await?,
        None => other_head(scene, looks, figures)
            .then(other_body(scene))
            .then(section("slices", "Where it is worse").child(Slices.draw(scene).await?))
            .then(learned(scene)),
    };
    body = body
        .then(folded(scene))
        .then(measured(scene))
        .then(costs(&run.report))
        .then(recipe(scene));
    let table = scene.table();
    let name = table.as_ref().map_or("a table", |table| table.name());
    let title = format!("{} on {name}", words::run_name(&run.recipe));
    let below = format!(
        "Learns \"{}\" from {}. Base model {}, seed {}.",
        run.recipe.target,
        run.recipe.inputs().join(", "),
        run.recipe.base_model,
        run.recipe.seed
    );
    Ok(report::report(&title, &below, body))
}

/// What is told of runs that choose one label out of several.
async fn in_labels(
    scene: &Scene<'_>,
    evaluation: &Evaluation,
    looks: u32,
    figures: Markup,
) -> Result<Markup, Failure> {
    let mut body = head(scene, evaluation, looks, figures)
        .then(
            section("confusion", "What is taken for what").child(
                tag("div", "confusion-and-mistakes")
                    .child(confusion::confusion(evaluation, Order::Names, false))
                    .child(mistakes::mistakes(
                        &evaluation.labels,
                        &evaluation.confusion,
                    )),
            ),
        )
        .then(section("classes", "Label by label").child(classes::classes(
            &evaluation.labels,
            &evaluation.classes,
            DEFAULT_ORDER,
        )));
    let parts: [(&dyn Study, &str); 5] = [
        (&Slices, "Where it is worse"),
        (&Calibrate, "Does 80 % sure mean right in 80 of 100?"),
        (&Curves, "One label against the rest"),
        (&Threshold, "A threshold for the best balance"),
        (&Abstain, "Leaving doubtful rows to a person"),
    ];
    for (part, title) in parts {
        let markup = part.draw(scene).await?;
        body = body.then(section(part.id(), title).child(markup));
    }
    Ok(body.then(learned(scene)))
}

/// The learning curve, if somebody has measured it.
fn measured(scene: &Scene) -> Markup {
    let started = Knobs::from([("start".to_owned(), "yes".to_owned())]);
    let name = (Learning.id().to_owned(), started);
    let curve = scene.run.drawn.borrow().get(&name).cloned();
    let curve = curve.map(|curve| section("learning", "Would more rows help?").child(curve));
    Markup::from(curve)
}

/// Every setting, for whoever wants to do it again.
fn recipe(scene: &Scene) -> Markup {
    let recipe = serde_json::to_string_pretty(&scene.run.recipe).expect("a recipe is plain data");
    section("recipe", "The recipe")
        .child(element("pre").text(recipe))
        .done()
}
