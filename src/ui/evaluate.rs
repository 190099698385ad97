//! The step that says how good a model is, and shows its mistakes: drawn by the worker.

use leptos::prelude::*;

use super::client::Page;
use super::icon::{self, icon};
use super::part::heading;
use super::state::{Action, AppStateStoreFields, Field, RunView, RunViewStoreFields, Step};
use super::study::study;
use super::words;

/// How good a run is.
#[component]
pub fn EvaluateStep(
    /// The run.
    run: Field<RunView>,
) -> impl IntoView {
    let page = Page::here();
    let name = words::run_name(&run.recipe().read_untracked());
    let table = move || {
        let id = run.table().get();
        let tables = page.state.tables().read();
        tables
            .iter()
            .find(|table| table.id == id)
            .map(|table| table.name.clone())
    };
    view! {
        {heading("Evaluate", move || {
            table().map_or_else(|| name.clone(), |table| format!("{name} on {table}"))
        })}
        {study(page, run, "evaluate")}
        <div class="action-bar">
            <p class="action-note"></p>
            <button
                class="button button-primary"
                data-testid="to-use"
                on:click=move |_| page.act(Action::Go(Step::Use))
            >
                "Try it yourself"
                {icon(icon::ARROW_RIGHT)}
            </button>
        </div>
    }
    .into_any()
}
