//! The step in which one chooses how to tune, and watches.

mod choices;
mod encoder;
mod live;
mod plan;

use crate::ui::lean::{memo, now, show};
use crate::ui::state::Field;
use leptos::prelude::*;

use super::client::Page;
use super::form::RecipeForm;
use super::icon::{self, icon};
use super::part::heading;
use super::state::{
    Action, PlanAction, RunStatus, RunView, RunViewStoreFields, Step, TableView,
    TableViewStoreFields, why_not_tune,
};
use super::words;
use choices::Choices;
use live::live_run;
use plan::Plan;

/// Choose how to tune, and watch.
#[component]
pub fn TuneStep(
    /// The table.
    table: Field<TableView>,
    /// The run that is shown.
    run: Option<Field<RunView>>,
) -> impl IntoView {
    let page = Page::here();
    let below = move || match run {
        Some(run) => format!(
            "{} on {}",
            words::run_name(&run.recipe().read()),
            table.name().get()
        ),
        None => {
            let target = table.target().get().unwrap_or_default();
            let (text, features) = (table.text().get(), table.features().get());
            words::table::aim(&target, text.iter().chain(&features))
        }
    };
    let is_unfolded = RwSignal::new(table.is_unfolded().get_untracked());
    let start = memo(move || words::goes_on(table.plan().read().start.as_ref()));
    let goes_on = move || {
        view! {
            <p class="fine goes-on" data-testid="goes-on-from">
                {now(move || start.get().unwrap_or_default())}
                <button
                    class="quiet"
                    data-testid="start-over"
                    on:click=move |_| page.act(Action::Plan(PlanAction::Start(None)))
                >
                    "Start from the base model instead"
                </button>
            </p>
        }
        .into_any()
    };
    view! {
        {heading("Tune", now(below))}
        {show(move || start.read().is_some(), goes_on)}
        <div class="tune">
            <Choices table is_unfolded />
            {show(move || is_unfolded.get(), move || view! { <RecipeForm table /> }.into_any())}
            <section class="tune-main" aria-label="The run">
                {match run {
                    Some(run) => live_run(page, run),
                    None => view! { <Plan table /> }.into_any(),
                }}
            </section>
        </div>
        <Actions table run />
    }
    .into_any()
}

#[component]
fn Actions(table: Field<TableView>, run: Option<Field<RunView>>) -> impl IntoView {
    let page = Page::here();
    let why_not = memo(move || why_not_tune(&page.state.read()));
    let label = memo(move || {
        table.profile().track();
        table.drafts().track();
        table.way().track();
        let rows = table
            .with_untracked(TableView::parts)
            .map(|[train, ..]| words::rows(train.into()));
        rows.map_or_else(|| "Tune".to_owned(), |rows| format!("Tune on {rows}"))
    });
    let status = memo(move || run.map(|run| run.status().get()));
    let id = run.map(|run| run.id().get_untracked());
    let start = move |is_primary: bool| {
        view! {
            <button
                class="button"
                class:button-primary=is_primary
                data-testid="start"
                disabled=now(move || why_not.read().is_some())
                on:click=move |_| page.act(Action::Start)
            >
                {icon(icon::PLAY)}
                {now(move || label.get())}
            </button>
        }
        .into_any()
    };
    let button =
        move |test_id: &'static str, glyph, label: &'static str, is_off: bool, action: Action| {
            view! {
                <button
                    class="button"
                    data-testid=test_id
                    disabled=is_off
                    on:click=move |_| page.act(action.clone())
                >
                    {icon(glyph)}
                    {label}
                </button>
            }
            .into_any()
        };
    let buttons = move || match (status.get(), id) {
        (Some(status), Some(id)) if status.is_active() => {
            let is_stopping = status == RunStatus::Stopping;
            let hold = match status {
                RunStatus::Paused => {
                    button("resume", icon::PLAY, "Resume", false, Action::Resume(id))
                }
                RunStatus::Pausing => {
                    button("pause", icon::PAUSE, "Pausing", true, Action::Pause(id))
                }
                _ => button(
                    "pause",
                    icon::PAUSE,
                    "Pause",
                    is_stopping,
                    Action::Pause(id),
                ),
            };
            let label = if is_stopping {
                "Stopping"
            } else {
                "Stop and keep the best"
            };
            let stop = button("stop", icon::SQUARE, label, is_stopping, Action::Stop(id));
            (hold, stop).into_any()
        }
        (Some(RunStatus::Finished), _) => {
            let go = view! {
                <button
                    class="button button-primary"
                    data-testid="to-evaluate"
                    on:click=move |_| page.act(Action::Go(Step::Evaluate))
                >
                    "See how good it is"
                    {icon(icon::ARROW_RIGHT)}
                </button>
            };
            (start(false), go).into_any()
        }
        _ => start(true),
    };
    let note = move || match status.get() {
        Some(status) if status.is_active() => None,
        _ => why_not.get(),
    };
    view! {
        <div class="action-bar">
            <p class="action-note" class:is-blocked=now(move || note().is_some()) data-testid="why-not">{note}</p>
            {buttons}
        </div>
    }
}
