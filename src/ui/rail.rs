//! The steps with their state, and the runs under them.

use crate::ui::lean::{live, memo, now, show};
use leptos::prelude::*;

use super::client::Page;
use super::icon::{self, icon};
use super::state::{Action, AppState, RunStatus, RunView, Step, active_run, can_go};
use super::words;
use crate::protocol::RunId;

/// A step as the rail shows it.
#[derive(Debug, Clone, PartialEq)]
struct StepView {
    step: Step,
    is_shown: bool,
    is_open: bool,
    is_done: bool,
    is_busy: bool,
    note: String,
}

/// A run as the rail shows it.
#[derive(Debug, Clone, Default, PartialEq)]
struct RunRow {
    id: Option<RunId>,
    name: String,
    table: Option<String>,
    value: String,
    state: &'static str,
    is_shown: bool,
}

/// Steps and runs.
#[component]
pub fn Rail() -> impl IntoView {
    let page = Page::here();
    let steps = memo(move || {
        let state = page.state.read();
        Step::ALL.map(|step| view_of_step(&state, step))
    });
    let runs = memo(move || {
        let state = page.state.read();
        state
            .runs
            .iter()
            .filter(|run| !run.is_gone)
            .rev()
            .map(|run| view_of_run(&state, run))
            .collect::<Vec<_>>()
    });
    // A row that is updated stays the same element, so that it keeps the focus.
    let ids = memo(move || {
        runs.read()
            .iter()
            .filter_map(|run| run.id)
            .collect::<Vec<_>>()
    });
    view! {
            <div class="rail">
                <nav aria-label="Steps">
                    <ol class="steps">
                        {Step::ALL
                            .into_iter()
                            .enumerate()
                            .map(|(at, step)| {
                                let view = memo(move || steps.get()[at].clone());
                                step_button(page, at, step, view)
                            })
                            .map(IntoAny::into_any).collect_view()}
                    </ol>
                </nav>
                {show(
    move || !runs.read().is_empty(),
    move || view! {
    <section class="runs" aria-labelledby="runs-title">
                        <h2 id="runs-title" class="rail-title">"Runs"</h2>
                        <ul>
                            <For each=move || ids.get() key=|id| *id let:id>
                                {
                                    let row = memo(move || {
                                        runs.read().iter().find(|run| run.id == Some(id)).cloned().unwrap_or_default()
                                    });
                                    run_row(page, id, row)
                                }
                            </For>
                        </ul>
                    </section>
    }.into_any(),
    )}
            </div>
        }
}

fn step_button(page: Page, at: usize, step: Step, view: Memo<StepView>) -> AnyView {
    view! {
        <li>
            <button
                class="step"
                class:is-shown=now(move || view.read().is_shown)
                class:is-done=now(move || view.read().is_done)
                class:is-busy=now(move || view.read().is_busy)
                data-testid=format!("step-{}", step.id())
                aria-current=now(move || view.read().is_shown.then_some("step"))
                disabled=now(move || !view.read().is_open)
                on:click=move |_| page.act(Action::Go(step))
            >
                <span class="step-mark" aria-hidden="true">
                    {live(move || {
                        let view = view.get();
                        if view.is_done && !view.is_busy {
                            icon(icon::CHECK)
                        } else {
                            (at + 1).into_any()
                        }
                    })}
                </span>
                <span class="step-text">
                    <span class="step-name">{step.name()}</span>
                    <span class="step-note">{now(move || view.get().note)}</span>
                </span>
            </button>
        </li>
    }
    .into_any()
}

fn run_row(page: Page, id: RunId, row: Memo<RunRow>) -> AnyView {
    view! {
        <li class="run" class:is-shown=now(move || row.read().is_shown)>
            <button
                class="run-button"
                data-testid=format!("run-{}", id.0)
                aria-current=now(move || row.read().is_shown.then_some("true"))
                on:click=move |_| page.act(Action::ShowRun(id))
            >
                <span class=now(move || format!("run-dot is-{}", row.read().state)) aria-hidden="true"></span>
                <span class="run-name">
                    {now(move || row.get().name)}
                    {live(move || row.get().table.map(|table| view! { <span class="run-table">{table}</span> }))}
                </span>
                <span class="run-value">{now(move || row.get().value)}</span>
            </button>
            <button
                class="icon-button run-forget"
                data-testid=format!("forget-{}", id.0)
                aria-label=now(move || format!("Forget {}", row.read().name))
                title="Forget this run"
                on:click=move |_| page.act(Action::Forget(id))
            >
                {icon(icon::X)}
            </button>
        </li>
    }
    .into_any()
}

fn view_of_step(state: &AppState, step: Step) -> StepView {
    let run = state
        .run
        .and_then(|id| state.runs.iter().find(|run| run.id == id));
    let table = state
        .table
        .and_then(|id| state.tables.iter().find(|table| table.id == id));
    let figure = run
        .and_then(|run| run.summary.as_ref())
        .map(|summary| summary.figure.clone());
    let busy = active_run(&state.runs);
    let note = match step {
        Step::Data => table
            .and_then(|table| table.summary.as_ref())
            .map_or_else(String::new, |summary| words::rows(summary.rows.into())),
        Step::Tune => match busy {
            Some(run) => share_done(run).map_or_else(
                || "under way".to_owned(),
                |share| format!("{:.0} %", share * 100.0),
            ),
            None => run.map_or_else(String::new, |run| words::run_name(&run.recipe)),
        },
        Step::Evaluate => figure.clone().unwrap_or_default(),
        Step::Use => String::new(),
    };
    StepView {
        step,
        is_shown: state.step == step,
        is_open: can_go(state, step),
        is_done: match step {
            Step::Data => table.is_some_and(|table| !table.drafts.is_empty()),
            Step::Tune | Step::Evaluate => figure.is_some(),
            Step::Use => false,
        },
        is_busy: step == Step::Tune && busy.is_some(),
        note,
    }
}

fn share_done(run: &RunView) -> Option<f32> {
    let progress = run.progress?;
    (progress.steps > 0).then(|| progress.step as f32 / progress.steps as f32)
}

fn view_of_run(state: &AppState, run: &RunView) -> RunRow {
    let figure = run.summary.as_ref().map(|summary| summary.figure.clone());
    let (kind, value) = match &run.status {
        RunStatus::Running | RunStatus::Pausing => (
            "running",
            share_done(run)
                .map_or_else(|| "…".to_owned(), |share| format!("{:.0} %", share * 100.0)),
        ),
        RunStatus::Paused => ("paused", "paused".to_owned()),
        RunStatus::Stopping => ("running", "stopping".to_owned()),
        RunStatus::Finished => ("finished", figure.unwrap_or_default()),
        RunStatus::Cancelled => ("cancelled", "stopped".to_owned()),
        RunStatus::Failed(_) => ("failed", "failed".to_owned()),
    };
    // Named where runs of several tables stand together.
    let is_elsewhere = state
        .runs
        .iter()
        .any(|other| Some(other.table) != state.table);
    let table = state
        .tables
        .iter()
        .find(|table| is_elsewhere && table.id == run.table);
    RunRow {
        id: Some(run.id),
        name: words::run_name(&run.recipe),
        table: table.map(|table| table.name.clone()),
        value,
        state: kind,
        is_shown: state.run == Some(run.id),
    }
}
