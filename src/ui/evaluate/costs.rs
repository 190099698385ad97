//! What a run took, and what one can take away.

use leptos::prelude::*;

use crate::domain::recipe::Recipe;
use crate::domain::report::RunReport;
use crate::ui::browser::files;
use crate::ui::client::Page;
use crate::ui::icon::{self, icon};
use crate::ui::state::AppStateStoreFields;
use crate::ui::{save, words};

/// Seconds, parameters, downloads.
#[component]
pub fn Costs(
    /// What to show.
    report: RunReport,
    /// How it came about.
    recipe: Recipe,
) -> impl IntoView {
    let page = Page::here();
    let spent = report.seconds;
    let phases = [
        ("load", "Load", spent.load),
        ("tokenize", "Tokenize", spent.tokenize),
        ("embed", "Read", spent.embed),
        ("probe", "Baseline", spent.probe),
        ("train", "Tune", spent.train),
        ("evaluate", "Judge", spent.evaluate),
    ];
    let total = spent.total().max(f64::EPSILON);
    let segments = phases.map(|(id, _, secs)| {
        view! { <span class=format!("time time-{id}") style:flex-grow=format!("{:.4}", secs / total)></span> }
    });
    let legend = phases.map(|(id, name, secs)| {
        view! {
            <div>
                <dt><span class=format!("swatch time-{id}") aria-hidden="true"></span>{name}</dt>
                <dd data-testid=format!("seconds-{id}")>{words::seconds(secs)}</dd>
            </div>
        }
    });
    let count = report.parameters;
    let share = count.trainable as f64 / count.total.max(1) as f64;
    let parameters = format!(
        "{} of {} numbers moved ({}). {}",
        words::count(count.trainable),
        words::count(count.total),
        words::small_percent(share),
        words::ending(&report)
    );
    let stem = move || {
        let shown = page.state.table().get_untracked();
        let tables = page.state.tables().read_untracked();
        let table = tables.iter().find(|table| Some(table.id) == shown);
        table.map_or_else(|| "table".to_owned(), |table| words::file_stem(&table.name))
    };
    let method = recipe.tuning.method.id();
    let save_recipe = move |_| {
        files::save(
            &format!("{}-{method}-recipe.json", stem()),
            "application/json",
            &save::recipe_json(&recipe),
        );
    };
    let evaluation = report.evaluation.labels().cloned();
    let save_predictions = move |_| {
        files::save(
            &format!("{}-{method}-predictions.csv", stem()),
            "text/csv",
            &evaluation
                .as_ref()
                .map_or_else(String::new, save::predictions_csv),
        );
    };
    view! {
        <section class="section" aria-labelledby="costs-title">
            <h2 id="costs-title">{format!("Where {} went", words::seconds(spent.total()))}</h2>
            <div class="times" aria-hidden="true">{segments.into_iter().map(IntoAny::into_any).collect_view()}</div>
            <dl class="times-legend">{legend.into_iter().map(IntoAny::into_any).collect_view()}</dl>
            <p class="fine" data-testid="parameters">{parameters}</p>
        </section>
        <section class="section" aria-labelledby="take-title">
            <h2 id="take-title">"Take away"</h2>
            <div class="row">
                <button class="button" data-testid="save-recipe" on:click=save_recipe>
                    {icon(icon::DOWNLOAD)}
                    "The recipe (JSON)"
                </button>
                <button class="button" data-testid="save-predictions" on:click=save_predictions>
                    {icon(icon::DOWNLOAD)}
                    "Predictions on the test rows (CSV)"
                </button>
            </div>
            <p class="fine">
                "The recipe holds every setting and the seed: the same recipe on the same table gives the same model on the CPU."
            </p>
        </section>
    }
    .into_any()
}
