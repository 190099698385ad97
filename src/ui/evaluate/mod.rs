//! The step that says how good a model is, and shows its mistakes.

mod classes;
mod costs;
mod mistakes;

use crate::ui::lean::live;
use crate::ui::state::Field;
use leptos::prelude::*;

use super::chart::confusion::{ConfusionMatrix, MOST_LABELS};
use super::client::Page;
use super::icon::{self, icon};
use super::part::{bar, heading};
use super::state::{Action, AppStateStoreFields, RunView, RunViewStoreFields, Step};
use super::words::{self, Standing};
use crate::domain::metric;
use crate::domain::recipe::Recipe;
use crate::domain::report::{Evaluation, MetricValue};
use classes::ClassTable;
use costs::Costs;
pub use mistakes::text_columns;
use mistakes::{CellRows, Mistakes};

/// Figures that are shown large; the others stand below.
const TILES: usize = 3;

/// How good a run is.
#[component]
pub fn EvaluateStep(
    /// The run.
    run: Field<RunView>,
) -> impl IntoView {
    let page = Page::here();
    // A report never changes once it is there, so the rest of the screen is drawn once.
    let Some(report) = run.report().get_untracked() else {
        return ().into_any();
    };
    let recipe = run.recipe().get_untracked();
    let evaluation = report.evaluation.clone();
    let shown = Signal::derive(move || {
        page.state
            .cell()
            .read()
            .as_ref()
            .map(|cell| (cell.truth, cell.predicted))
    });
    let choose =
        Callback::new(move |(truth, predicted)| page.act(Action::OpenCell { truth, predicted }));
    let has_matrix = evaluation.labels.len() <= MOST_LABELS;
    let matrix = has_matrix.then(|| {
        let (labels, counts) = (evaluation.labels.clone(), evaluation.confusion.clone());
        view! { <ConfusionMatrix labels counts shown choose /> }
    });
    let table = move || {
        let id = run.table().get();
        let tables = page.state.tables().read();
        tables
            .iter()
            .find(|table| table.id == id)
            .map(|table| table.name.clone())
    };
    let name = words::run_name(&recipe);
    view! {
        {heading("Evaluate", move || {
            table().map_or_else(|| name.clone(), |table| format!("{name} on {table}"))
        })}
        {verdict(&evaluation, &recipe)}
        <div class="judged">
            {figures(&evaluation)}
            {beside(&evaluation, &recipe)}
        </div>
        <section class="section" aria-labelledby="confusion-title">
            <h2 id="confusion-title">"What is taken for what"</h2>
            <p class="fine">
                "Choose a cell to read its rows. A row of the table is a true label, a column what the model said."
            </p>
            <div class="confusion-and-mistakes">
                {matrix}
                <Mistakes evaluation=evaluation.clone() choose />
            </div>
            <CellRows evaluation=evaluation.clone() recipe=recipe.clone() />
        </section>
        <ClassTable evaluation=evaluation.clone() />
        <Costs report=report recipe />
        <div class="action-bar">
            <p class="action-note">
                {live(move || {
                    (!run.is_loaded().get())
                        .then_some("The model itself is gone with the worker that held it; its results stay.")
                })}
            </p>
            <button
                class="button button-primary"
                data-testid="to-use"
                on:click=move |_| page.act(Action::Go(Step::Use))
            >
                "Try it on your own text"
                {icon(icon::ARROW_RIGHT)}
            </button>
        </div>
    }
    .into_any()
}

fn verdict(evaluation: &Evaluation, recipe: &Recipe) -> AnyView {
    let method = recipe.tuning.method;
    let (headline, detail) = words::verdict(evaluation, method);
    let rows = evaluation.rows.len() as u64;
    let standing = words::standing(evaluation, method).map(|standing| {
        let kind = match standing {
            Standing::Above => "good",
            Standing::Level => "fair",
            Standing::Below => "poor",
        };
        view! {
            <p class=format!("standing is-{kind}") data-testid="standing">
                {words::standing_sentence(standing, rows)}
            </p>
        }
    });
    view! {
        <section class="verdict" aria-label="Verdict">
            <p class="verdict-headline" data-testid="verdict">{headline}</p>
            <p class="verdict-detail" data-testid="verdict-detail">{detail}</p>
            {standing}
        </section>
    }
    .into_any()
}

/// A figure of merit as one reads it: accuracy and its kin as percentages are already in the
/// verdict, so all are plain here.
fn figures(evaluation: &Evaluation) -> AnyView {
    let tile = |metric: &MetricValue| {
        let known = metric::find(&metric.id);
        let about = known.map_or("", |known| known.about());
        let better = match known {
            Some(known) if !known.is_higher_better() => "lower is better",
            _ => "",
        };
        view! {
            <div class="tile" title=about>
                <dt>{metric.name.clone()}</dt>
                <dd data-testid=format!("metric-{}", metric.id)>{words::figure(metric.value)}</dd>
                <dd class="tile-note">{better}</dd>
            </div>
        }
        .into_any()
    };
    // Accuracy, macro-F1 and the log loss say most; they come first whatever their place.
    let is_large =
        |metric: &&MetricValue| ["accuracy", "macro_f1", "log_loss"].contains(&metric.id.as_str());
    let (large, small): (Vec<_>, Vec<_>) = evaluation.metrics.iter().partition(is_large);
    view! {
        <div>
            <dl class="tiles">{large.into_iter().take(TILES).map(tile).map(IntoAny::into_any).collect_view()}</dl>
            <dl class="tiles tiles-small">{small.into_iter().map(tile).map(IntoAny::into_any).collect_view()}</dl>
        </div>
    }
    .into_any()
}

/// The run beside the baselines.
fn beside(evaluation: &Evaluation, recipe: &Recipe) -> AnyView {
    let line = |id: String, name: String, accuracy: f64, interval: Option<[f64; 2]>, hue: &str| {
        let whisker = interval.map(|[low, high]| {
            view! {
                <span
                    class="whisker"
                    style:left=format!("{:.2}%", low * 100.0)
                    style:width=format!("{:.2}%", (high - low) * 100.0)
                ></span>
            }
        });
        view! {
            <tr data-testid=id class:is-own=hue == "hue-ember">
                <th scope="row">{name}</th>
                <td class="counts-bar"><span class="bar-with-whisker">{bar(accuracy, hue.to_owned())} {whisker}</span></td>
                <td class="num">{words::percent(accuracy)}</td>
            </tr>
        }
        .into_any()
    };
    let lines: Vec<AnyView> = evaluation
        .baselines
        .iter()
        .filter_map(|baseline| {
            let name = match baseline.id.as_str() {
                "majority" => "Always the most frequent label".to_owned(),
                "probe" => "The frozen model, new layer".to_owned(),
                _ => baseline.name.clone(),
            };
            let accuracy = words::baseline_accuracy(baseline)?;
            Some(line(
                format!("baseline-{}", baseline.id),
                name,
                accuracy,
                None,
                "hue-none",
            ))
        })
        .collect();
    let own = line(
        "baseline-own".to_owned(),
        format!("This run, {}", words::run_name(recipe)),
        evaluation.metric("accuracy").unwrap_or(0.0),
        Some(evaluation.accuracy_interval),
        "hue-ember",
    );
    view! {
        <section aria-labelledby="beside-title">
            <h2 id="beside-title" class="small-title">"Beside the baselines"</h2>
            <table class="counts counts-wide">
                <tbody>{lines} {own}</tbody>
            </table>
            <p class="fine">"Right on the same test rows. The thin line is the 95 % interval."</p>
        </section>
    }
    .into_any()
}
