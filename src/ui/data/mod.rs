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

use leptos::prelude::*;

use super::client::Page;
use super::icon::{self, Icon, icon};
use super::lean::{live, memo, now, show};
use super::part::{heading, notice};
use super::state::{Action, Field, Opening, Step, TableView, TableViewStoreFields, why_not_learn};
use super::tag::{block, button, tag};
use super::words;
use columns::columns;
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
    let known = show(
        move || is_known.get(),
        move || untrack(|| known(Page::here(), table)),
    );
    vec![
        heading(now(move || table.name().get()), now(below)),
        opening_state(Page::here(), table),
        known,
    ]
    .into_any()
}

/// What is to be seen and decided once the table is open.
fn known(page: Page, table: Field<TableView>) -> AnyView {
    let folds = [
        fold(
            "reading",
            "How the file was read",
            reading::summary(table),
            move || reading::form(table),
        ),
        fold("columns", "Columns", kinds::summary(table), move || {
            kinds::list(table)
        }),
        fold("prepare", "Prepare", prepare::summary(table), move || {
            prepare::steps(table)
        }),
        fold(
            "split",
            "Hold rows apart",
            hold::summary(table),
            move || hold::form(table),
        ),
        fold("leaks", "Leak check", leaks::summary(table), move || {
            leaks::suspects(table)
        }),
    ];
    vec![
        grid::rows(table),
        columns(page, table),
        suggest_failure(page, table),
        issues::issues(table),
        block("folds").children(folds).view(),
        block("two")
            .child(view! { <LabelCounts table /> }.into_any())
            .child(view! { <Parts table /> }.into_any())
            .view(),
        next_step(page),
    ]
    .into_any()
}

/// Reading, or why it could not be read.
fn opening_state(page: Page, table: Field<TableView>) -> AnyView {
    live(move || match &*table.opening().read() {
        Opening::Open => ().into_any(),
        // A table that is opened again after a crash is still shown.
        Opening::Reading { .. } if table.summary().read().is_some() => ().into_any(),
        Opening::Reading { .. } => {
            let gap = |class| block(class).attr("aria-hidden", "true").view();
            vec![
                reading::progress(page, table.id().get_untracked()),
                gap("skeleton skeleton-table"),
                gap("skeleton skeleton-line"),
                gap("skeleton skeleton-line skeleton-short"),
            ]
            .into_any()
        }
        Opening::Failed(failure) => {
            let id = table.id().get_untracked();
            let leave = tag("button", "button")
                .press(move || page.act(Action::Leave))
                .text("Open another table");
            let again = again(move || page.act(Action::OpenAgain(id)));
            notice(failure, vec![again, leave.view()])
        }
    })
}

fn again(press: impl FnMut() + 'static) -> AnyView {
    tag("button", "button")
        .id("retry")
        .press(press)
        .child(icon(icon::ROTATE_CCW))
        .text("Try again")
        .view()
}

fn suggest_failure(page: Page, table: Field<TableView>) -> AnyView {
    live(move || {
        let failure = table.suggest_failure().read();
        let again = || again(move || page.act(Action::SuggestAgain));
        failure
            .as_ref()
            .map(|failure| notice(failure, vec![again()]))
    })
}

fn next_step(page: Page) -> AnyView {
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
    let note = tag("p", "action-note")
        .class_now("is-blocked", move || why_not.read().is_some())
        .id("why-not")
        .text_now(move || why_not.get().or_else(|| ready.get()).unwrap_or_default());
    let go = button(
        "button button-primary",
        "to-tune",
        "Choose how to tune",
        move || page.act(Action::Go(Step::Tune)),
    )
    .disabled(move || why_not.read().is_some())
    .child(icon(icon::ARROW_RIGHT));
    block("action-bar")
        .child(note.view())
        .child(go.view())
        .view()
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
