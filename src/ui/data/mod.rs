//! The step in which one looks at the table and says what predicts what.

mod columns;
mod labels;
mod preview;

use crate::ui::lean::{live, memo, now, show};
use leptos::prelude::*;
use reactive_stores::Field;

use super::client::Page;
use super::icon::{self, icon};
use super::part::{Notice, heading};
use super::state::{Action, Opening, Step, TableView, TableViewStoreFields, why_not_learn};
use super::words;
use crate::domain::issue::{Issue, Severity};
use columns::Columns;
use labels::{LabelCounts, Parts};
use preview::Preview;

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
    <Preview table />
                <Columns table />
                <Issues table />
                <SuggestFailure table />
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
        Opening::Reading { read, total } => {
            let words = match total {
                0 => "Reading the table".to_owned(),
                _ => format!(
                    "Reading the table: {} of {}",
                    words::bytes(read),
                    words::bytes(total)
                ),
            };
            view! {
                <p class="muted" role="status">{words}</p>
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
fn Issues(table: Field<TableView>) -> impl IntoView {
    let issues = memo(move || {
        table.issues().track();
        table.summary().track();
        table.with_untracked(TableView::all_issues)
    });
    view! {
            {show(
    move || !issues.read().is_empty(),
    move || view! {
    <section class="section" aria-labelledby="issues-title">
                    <h2 id="issues-title">"Worth knowing"</h2>
                    <ul class="issues">
                        {live(move || issues.get().into_iter().map(issue_row).map(IntoAny::into_any).collect_view())}
                    </ul>
                </section>
    }.into_any(),
    )}
        }
}

fn issue_row(issue: Issue) -> AnyView {
    let (kind, word, glyph) = match issue.severity {
        Severity::Blocks => ("blocks", "Has to be settled", icon::OCTAGON_X),
        Severity::Warning => ("warning", "May cost quality", icon::TRIANGLE_ALERT),
        Severity::Note => ("note", "Note", icon::INFO),
    };
    let place = words::position(&issue);
    view! {
        <li class=format!("issue is-{kind}") data-testid="issue" data-issue=issue.id data-severity=kind>
            {icon(glyph)}
            <div>
                <p class="issue-what">
                    <span class="sr-only">{format!("{word}: ")}</span>
                    {issue.what}
                </p>
                <p class="issue-fix">{issue.fix}</p>
            </div>
            {place.map(|place| view! { <span class="tag">{place}</span> })}
        </li>
    }
    .into_any()
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
