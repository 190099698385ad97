//! The steps with their state, and the runs under them.

use leptos::prelude::*;

use super::client::Page;
use super::icon::{self, icon};
use super::lean::{Memo, line, list, live, memo, show};
use super::state::{Action, AppState, RunStatus, RunView, Step, active_run, can_go};
use super::tag::{block, tag, words as text};
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
pub fn rail(page: Page) -> AnyView {
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
    let lines = move || {
        let ids: Vec<RunId> = runs.read().iter().filter_map(|run| run.id).collect();
        let of = |id: RunId| {
            line(id.0.to_string(), move || {
                let row = memo(move || {
                    let runs = runs.read();
                    let found = runs.iter().find(|run| run.id == Some(id));
                    found.cloned().unwrap_or_default()
                });
                run_row(page, id, row)
            })
        };
        ids.into_iter().map(of).collect()
    };
    let buttons = Step::ALL.into_iter().enumerate().map(|(at, step)| {
        let view = memo(move || steps.read()[at].clone());
        step_button(page, at, step, view)
    });
    block("rail")
        .child(
            tag("nav", "")
                .attr("aria-label", "Steps")
                .child(
                    tag("ol", "steps")
                        .children(buttons.collect::<Vec<_>>())
                        .view(),
                )
                .view(),
        )
        .child(show(
            move || !runs.read().is_empty(),
            move || {
                tag("section", "runs")
                    .attr("aria-labelledby", "runs-title")
                    .child(
                        tag("h2", "rail-title")
                            .attr("id", "runs-title")
                            .text("Runs")
                            .view(),
                    )
                    .child(tag("ul", "").child(list(lines)).view())
                    .view()
            },
        ))
        .view()
}

fn step_button(page: Page, at: usize, step: Step, view: Memo<StepView>) -> AnyView {
    let mark = live(move || {
        let view = view.read();
        if view.is_done && !view.is_busy {
            icon(icon::CHECK)
        } else {
            (at + 1).to_string().into_any()
        }
    });
    let button = tag("button", "step")
        .class_now("is-shown", move || view.read().is_shown)
        .class_now("is-done", move || view.read().is_done)
        .class_now("is-busy", move || view.read().is_busy)
        .id(format!("step-{}", step.id()))
        .attr_now("aria-current", move || {
            view.read().is_shown.then(|| "step".to_owned())
        })
        .disabled(move || !view.read().is_open)
        .press(move || page.act(Action::Go(step)))
        .child(
            tag("span", "step-mark")
                .attr("aria-hidden", "true")
                .child(mark)
                .view(),
        )
        .child(
            tag("span", "step-text")
                .child(text("step-name", step.name()))
                .child(
                    tag("span", "step-note")
                        .text_now(move || view.read().note.clone())
                        .view(),
                )
                .view(),
        );
    tag("li", "").child(button.view()).view()
}

fn run_row(page: Page, id: RunId, row: Memo<RunRow>) -> AnyView {
    let dot = tag("span", "")
        .attr_now("class", move || format!("run-dot is-{}", row.read().state))
        .attr("aria-hidden", "true");
    let table = live(move || row.read().table.clone().map(|name| text("run-table", name)));
    let choose = tag("button", "run-button")
        .id(format!("run-{}", id.0))
        .attr_now("aria-current", move || {
            row.read().is_shown.then(|| "true".to_owned())
        })
        .press(move || page.act(Action::ShowRun(id)))
        .child(dot.view())
        .child(
            tag("span", "run-name")
                .text_now(move || row.read().name.clone())
                .child(table)
                .view(),
        )
        .child(
            tag("span", "run-value")
                .text_now(move || row.read().value.clone())
                .view(),
        );
    let forget = tag("button", "icon-button run-forget")
        .id(format!("forget-{}", id.0))
        .attr_now("aria-label", move || format!("Forget {}", row.read().name))
        .attr("title", "Forget this run")
        .press(move || page.act(Action::Forget(id)))
        .child(icon(icon::X));
    tag("li", "run")
        .class_now("is-shown", move || row.read().is_shown)
        .child(choose.view())
        .child(forget.view())
        .view()
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
        Step::Explain | Step::Use => String::new(),
    };
    StepView {
        step,
        is_shown: state.step == step,
        is_open: can_go(state, step),
        is_done: match step {
            Step::Data => table.is_some_and(|table| !table.drafts.is_empty()),
            Step::Tune | Step::Evaluate => figure.is_some(),
            Step::Explain | Step::Use => false,
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
