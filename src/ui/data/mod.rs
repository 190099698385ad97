//! The step in which one looks at the table and says what predicts what.

mod chart;
mod columns;
mod detail;
mod fold;
mod grid;
mod hold;
mod issues;
mod kinds;
mod labels;
mod leaks;
mod prepare;
mod reading;

use crate::ui::lean::{memo, now, show};
use leptos::prelude::*;
use reactive_stores::Field;

use super::client::Page;
use super::icon::{self, Icon, icon};
use super::part::{Notice, heading};
use super::state::{Action, Opening, Step, TableView, TableViewStoreFields, why_not_learn};
use super::words;
use columns::Columns;
use fold::fold;
use labels::{LabelCounts, Parts};

/// Look at the table, choose columns.
#[component]
pub fn DataStep(
    /// The table.
    table: Field<TableView>,
) -> impl IntoView {
    let below = move || {
        table
            .summary()
            .read()
            .as_ref()
            .map_or_else(String::new, |summary| {
                let columns = summary.columns.len();
                let columns = if columns == 1 {
                    "1 column".to_owned()
                } else {
                    format!("{columns} columns")
                };
                format!("{} · {columns}", words::rows(summary.rows.into()))
            })
    };
    let is_known = memo(move || table.summary().read().is_some());
    view! {
            {heading(move || table.name().get(), below)}
            <OpeningState table />
            {show(
    move || is_known.get(),
    move || view! {
    {grid::rows(table)}
                <Columns table />
                <SuggestFailure table />
                {issues::issues(table)}
                <div class="folds">
                    {fold("reading", "How the file was read", reading::summary(table), move || reading::form(table))}
                    {fold("columns", "Columns", kinds::summary(table), move || kinds::list(table))}
                    {fold("prepare", "Prepare", prepare::summary(table), move || prepare::steps(table))}
                    {fold("split", "Hold rows apart", hold::summary(table), move || hold::form(table))}
                    {fold("leaks", "Leak check", leaks::summary(table), move || leaks::suspects(table))}
                </div>
                <div class="two">
                    <LabelCounts table />
                    <Parts table />
                </div>
                <NextStep />
    }.into_any(),
    )}
        }
    .into_any()
}

/// Reading, or why it could not be read.
#[component]
fn OpeningState(table: Field<TableView>) -> impl IntoView {
    let page = Page::here();
    move || match table.opening().get() {
        Opening::Open => ().into_any(),
        // A table that is opened again after a crash is still shown.
        Opening::Reading { .. } if table.summary().read().is_some() => ().into_any(),
        Opening::Reading { .. } => {
            let id = table.id().get_untracked();
            view! {
                {reading::progress(page, id)}
                <div class="skeleton skeleton-table" aria-hidden="true"></div>
                <div class="skeleton skeleton-line" aria-hidden="true"></div>
                <div class="skeleton skeleton-line skeleton-short" aria-hidden="true"></div>
            }
            .into_any()
        }
        Opening::Failed(failure) => {
            let id = table.id().get_untracked();
            view! {
                <Notice failure>
                    <button class="button" data-testid="retry" on:click=move |_| page.act(Action::OpenAgain(id))>
                        {icon(icon::ROTATE_CCW)}
                        "Try again"
                    </button>
                    <button class="button" on:click=move |_| page.act(Action::Leave)>
                        "Open another table"
                    </button>
                </Notice>
            }
            .into_any()
        }
    }
}

#[component]
fn SuggestFailure(table: Field<TableView>) -> impl IntoView {
    let page = Page::here();
    move || {
        table.suggest_failure().get().map(|failure| {
            view! {
                <Notice failure>
                    <button class="button" data-testid="retry" on:click=move |_| page.act(Action::SuggestAgain)>
                        {icon(icon::ROTATE_CCW)}
                        "Try again"
                    </button>
                </Notice>
            }
        })
    }
}

#[component]
fn NextStep() -> impl IntoView {
    let page = Page::here();
    let why_not = memo(move || why_not_learn(&page.state.read()));
    let ready = memo(move || {
        let state = page.state.read();
        let table = state
            .tables
            .iter()
            .find(|table| Some(table.id) == state.table)?;
        let [train, ..] = table.parts()?;
        Some(format!("{} to learn from", words::rows(train.into())))
    });
    view! {
        <div class="action-bar">
            <p class="action-note" class:is-blocked=now(move || why_not.read().is_some()) data-testid="why-not">
                {now(move || why_not.get().or_else(|| ready.get()))}
            </p>
            <button
                class="button button-primary"
                data-testid="to-tune"
                disabled=now(move || why_not.read().is_some())
                on:click=move |_| page.act(Action::Go(Step::Tune))
            >
                "Choose how to tune"
                {icon(icon::ARROW_RIGHT)}
            </button>
        </div>
    }
}

/// The sign of a kind of column.
fn glyph(kind: &str) -> Icon {
    match kind {
        "number" => icon::HASH,
        "boolean" => icon::TOGGLE_LEFT,
        "category" | "ordered" | "multi_value" => icon::TAG,
        "date" => icon::CALENDAR_DAYS,
        "id" | "identifier" => icon::KEY_ROUND,
        _ => icon::TYPE,
    }
}
