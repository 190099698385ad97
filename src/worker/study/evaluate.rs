//! How good a run is.

use super::{Drawn, Scene, Study, figures, next_round, rivals};
use crate::domain::evaluation::{FitScore, advise, read_fit, residuals};
use crate::domain::metric::Numbers;
use crate::domain::report::Evaluation;
use crate::domain::task;
use crate::domain::words;
use crate::view::classes::DEFAULT_ORDER;
use crate::view::confusion::{CELL_ROWS, Order};
use crate::view::costs::section;
use crate::view::markup::{Element, Markup, element, tag, text};
use crate::view::{
    baselines, classes, confusion, costs, fit, folds, looks, mistakes, numbers, verdict,
};

/// How good a run is: the whole screen.
pub(super) struct Evaluate;

impl Study for Evaluate {
    fn id(&self) -> &'static str {
        "evaluate"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(async move {
            let looks = looked(scene).await;
            Ok(screen(scene, looks))
        })
    }
}

/// How many runs the test rows have judged.
pub(super) async fn looked(scene: &Scene<'_>) -> u32 {
    let (keeper, run) = (&scene.session.keeper, scene.run);
    keeper.looks(&run.key.table, &run.scores.test.rows).await
}

/// A part of the screen that asks for its own view.
fn part(view: &str) -> Element {
    element("div").attr("data-part", view)
}

/// Verdict, figures, baselines.
pub(super) fn head(
    scene: &Scene,
    evaluation: &Evaluation,
    looks: u32,
    figures: impl Into<Markup>,
) -> Markup {
    let rivals = rivals::of(scene);
    verdict::verdict(evaluation, scene.run.recipe.tuning.method, &rivals)
        .then(looks::looks(looks))
        .then(
            tag("div", "judged").child(figures).child(baselines::beside(
                &rivals,
                "Right on the same test rows. The thin line is the 95 % interval; differences are paired, with their 95 % interval.",
            )),
        )
}

/// Whether it learned the task or the rows.
pub(super) fn learned(scene: &Scene) -> Markup {
    let (report, recipe) = (&scene.run.report, &scene.run.recipe);
    let score = FitScore::of(task::answer(&recipe.task));
    let rows = scene.run.scores.train_rows.iter().sum();
    let reading = read_fit(&report.epochs, report.best_epoch, score);
    let advice = advise(&reading, recipe, report.ended, rows);
    let can_tune = scene.table().is_some();
    section("fit", "Did it learn the task, or the rows?")
        .child(fit::fit(&reading, &advice, can_tune))
        .done()
}

/// What the cross-validation found, where there was one.
pub(super) fn folded(scene: &Scene) -> Markup {
    let found = scene.run.report.cross_validation.as_ref();
    let found =
        found.map(|found| section("folds", "With other rows held out").child(folds::folds(found)));
    Markup::from(found)
}

/// What is told first of runs that predict a number or choose several labels.
pub(super) fn other_head(scene: &Scene, looks: u32, figures: impl Into<Markup>) -> Markup {
    let judged = &scene.run.report.evaluation;
    let (headline, detail) = words::judged::verdict(judged);
    let rivals = rivals::of(scene);
    let metric = rivals::headline(scene);
    let better = if metric.is_higher_better() {
        "more is better"
    } else {
        "less is better"
    };
    let about = format!(
        "{} on the same test rows; {better}. The thin line is the 95 % interval; differences are paired, with their 95 % interval.",
        metric.name()
    );
    let rows = scene.run.scores.test.len() as u64;
    verdict::other_verdict(&headline, &detail, &rivals, rows)
        .then(looks::looks(looks))
        .then(
            tag("div", "judged")
                .child(figures)
                .child(baselines::beside(&rivals, &about)),
        )
}

/// What is drawn of predicted numbers; the labels of runs that choose several.
pub(super) fn other_body(scene: &Scene) -> Markup {
    let judged = &scene.run.report.evaluation;
    if let Some(found) = judged.numbers() {
        let (truth, predicted): (Vec<f64>, Vec<f64>) = found
            .rows
            .iter()
            .map(|row| (row.truth, row.predicted))
            .unzip();
        let scored = Numbers::new(&truth, &predicted).ok();
        let drawn = scored.and_then(|scored| residuals(&scored).ok());
        let drawn = drawn.map(|drawn| {
            section("numbers", "How far off it is")
                .child(numbers::numbers(&drawn, found.ranges.as_ref()))
        });
        return Markup::from(drawn);
    }
    let table = classes::classes(judged.names(), judged.classes(), DEFAULT_ORDER);
    section("classes", "Label by label")
        .child(part("classes").child(table))
        .done()
}

fn screen(scene: &Scene, looks: u32) -> Markup {
    let report = &scene.run.report;
    let plain = part("figures")
        .flag("data-ask", true)
        .child(figures::plain(scene));
    let Some(evaluation) = report.evaluation.labels() else {
        return other_head(scene, looks, plain)
            .then(other_body(scene))
            .then(section("slices", "Where it is worse").child(part("slices")))
            .then(learned(scene))
            .then(folded(scene))
            .then(next_round::section(scene))
            .then(costs::costs(report))
            .then(costs::take_away());
    };
    let (labels, counts) = (&evaluation.labels, &evaluation.confusion);
    let own = |id: &str, title: &str| section(id, title).child(part(id));
    head(scene, evaluation, looks, plain)
        .then(
            section("confusion", "What is taken for what")
                .child(text(
                    "p",
                    "fine",
                    "Choose a cell to read its rows. A row of the table is a true label, a column what the model said.",
                ))
                .child(
                    tag("div", "confusion-and-mistakes")
                        .child(
                            part("confusion")
                                .child(confusion::confusion(evaluation, Order::Names, false)),
                        )
                        .child(mistakes::mistakes(labels, counts)),
                )
                .child(element("div").attr("id", CELL_ROWS)),
        )
        .then(
            section("classes", "Label by label")
                .child(part("classes").child(classes::classes(labels, &evaluation.classes, DEFAULT_ORDER))),
        )
        .then(own("slices", "Where it is worse"))
        .then(own(
            "calibration",
            "Does 80 % sure mean right in 80 of 100?",
        ))
        .then(own("curves", "One label against the rest"))
        .then(own("threshold", "A threshold for what you want"))
        .then(own("abstain", "Leaving doubtful rows to a person"))
        .then(learned(scene))
        .then(folded(scene))
        .then(own("learning", "Would more rows help?"))
        .then(next_round::section(scene))
        .then(costs::costs(report))
        .then(costs::take_away())
}
