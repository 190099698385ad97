//! What is left when a worker is gone.
//!
//! A wasm instance that panicked is never used again, and one that does not answer is terminated.
//! The next worker knows nothing, so the page tells it again which tables were open and which runs
//! were finished. Their curves live here; their weights and scores lived in the worker, and come
//! back where they were kept on this device.

use reactive_graph::traits::{ReadUntracked, Set, Update};

use super::{
    AppState, AppStateStoreFields, Asked, Opening, RunStatus, RunView, RunViewStoreFields, Store,
    TableViewStoreFields, WorkerView, study, toast,
};
use crate::protocol::{Command, Failure, RunId, TableId};

/// Notes that the worker is gone and why; what to tell the next one comes back.
pub fn lose(state: Store<AppState>, why: &Failure) -> Vec<Command> {
    state.worker().set(WorkerView::Starting);
    // A run that failed shows the reason in its place.
    if !mark_runs(state, why) {
        toast(state, why.clone());
    }
    let tables: Vec<TableId> = state
        .tables()
        .read_untracked()
        .iter()
        .filter(|table| !table.is_gone)
        .map(|table| table.id)
        .collect();
    let mut commands = Vec::new();
    for table in tables {
        let view = state.tables().at_key(table);
        if matches!(*view.opening().read_untracked(), Opening::Failed(_)) {
            continue;
        }
        // One that is asked for again is asked for once it is open again.
        view.suggests_pending().set(0);
        view.columns().update(Asked::lose);
        view.preparation().update(Asked::lose);
        view.reading().update(|reading| reading.preview.lose());
        view.detail().set(None);
        view.rows().update(|rows| {
            rows.asked.clear();
            rows.is_stale = true;
        });
        view.opening().set(Opening::Reading { read: 0, total: 0 });
        let (name, source) = (
            view.name().read_untracked().clone(),
            view.source().read_untracked().clone(),
        );
        commands.push(Command::OpenTable {
            table,
            name,
            source,
            options: view.options().read_untracked().clone(),
        });
        commands.extend(restore(state, table));
    }
    study::lose(state, why);
    commands
}

/// Asks for the finished runs of a table, which may be kept on this device.
fn restore(state: Store<AppState>, table: TableId) -> Option<Command> {
    let of_table = |run: &&RunView| run.table == table && !run.is_gone && run.summary.is_some();
    let runs: Vec<_> = state
        .runs()
        .read_untracked()
        .iter()
        .filter(of_table)
        .map(|run| (run.recipe.clone(), run.id))
        .collect();
    for (_, run) in &runs {
        state.runs().at_key(*run).is_coming().set(true);
    }
    (!runs.is_empty()).then_some(Command::Restore {
        kept: None,
        table,
        runs,
    })
}

/// Notes that there is no worker and that none is being started.
pub fn refuse(state: Store<AppState>, why: Failure) {
    mark_runs(state, &why);
    state.worker().set(WorkerView::Down(why));
}

/// Seconds that the worker may be silent after a stop before it counts as hung.
///
/// It hears a stop between two steps, and a step of full tuning takes seconds on a processor: two
/// seconds, as a rule for what feels dead, would throw away a checkpoint that was about to be kept.
pub fn silence_allowed(run: &RunView) -> f64 {
    let step_secs = run
        .progress
        .map(|progress| {
            f64::from(run.recipe.training.batch_size) / f64::from(progress.rows_per_second)
        })
        .filter(|secs| secs.is_finite());
    match step_secs {
        Some(secs) => (STEPS_OF_SILENCE * secs).clamp(SHORTEST_SILENCE, LONGEST_SILENCE),
        None => UNKNOWN_SILENCE,
    }
}

/// What feels dead, in seconds.
const SHORTEST_SILENCE: f64 = 2.0;
/// A validation pass stands between two steps at times.
const STEPS_OF_SILENCE: f64 = 8.0;
/// Nobody waits longer, in seconds.
const LONGEST_SILENCE: f64 = 60.0;
/// Before the speed is known, in seconds: loading and reading come in larger pieces.
const UNKNOWN_SILENCE: f64 = 15.0;

/// Whether one of the runs was under way.
fn mark_runs(state: Store<AppState>, why: &Failure) -> bool {
    let runs: Vec<RunId> = state
        .runs()
        .read_untracked()
        .iter()
        .map(|run| run.id)
        .collect();
    let mut had_active = false;
    for run in runs {
        let view = state.runs().at_key(run);
        view.is_loaded().set(false);
        view.is_coming().set(false);
        if view.status().read_untracked().is_active() {
            had_active = true;
            view.status().set(RunStatus::Failed(why.clone()));
        }
    }
    state.ask().update(|ask| {
        ask.asked = None;
        ask.waiting = None;
    });
    had_active
}

#[cfg(test)]
mod tests {
    use reactive_graph::traits::Get;

    use super::super::fixture::*;
    use super::super::{Action, act, apply, failure};
    use super::*;
    use crate::domain::report::Progress;
    use crate::protocol::{Event, FailureKind, RunEvent};

    fn crash() -> Failure {
        failure(
            FailureKind::Device,
            "The part of this page that trains has crashed.",
            "It was started again.",
        )
    }

    #[test]
    fn the_next_worker_opens_the_same_tables() {
        let state = fresh_state();
        let table = suggested_table(state);
        let drafts = state.tables().at_key(table).drafts().get();
        let commands = lose(state, &crash());
        assert!(
            matches!(commands[..], [Command::OpenTable { table: again, .. }] if again == table)
        );
        // What the person chose stays, and nothing is suggested anew.
        let commands = apply(
            state,
            Event::TableOpened {
                table,
                summary: summary(),
            },
        );
        let suggests = |command: &Command| matches!(command, Command::Suggest { .. });
        assert!(!commands.iter().any(suggests));
        assert_eq!(state.tables().at_key(table).drafts().get(), drafts);
    }

    #[test]
    fn a_question_that_was_lost_is_asked_again() {
        let state = fresh_state();
        let table = opened_table(state);
        lose(state, &crash());
        let commands = apply(
            state,
            Event::TableOpened {
                table,
                summary: summary(),
            },
        );
        assert!(matches!(commands[..], [Command::Suggest { .. }]));
    }

    #[test]
    fn finished_runs_are_read_back_from_where_they_are_kept() {
        let state = fresh_state();
        let run = finished_run(state);
        let commands = lose(state, &crash());
        let [
            Command::OpenTable { table, .. },
            Command::Restore {
                table: of,
                kept: None,
                runs,
            },
        ] = &commands[..]
        else {
            panic!("{commands:?}")
        };
        assert_eq!(table, of);
        assert!(matches!(runs[..], [(_, again)] if again == run));
        let view = state.runs().at_key(run).get();
        assert_eq!(view.status, RunStatus::Finished);
        assert!(view.summary.is_some());
        assert!(!view.is_loaded);
        assert!(act(state, Action::Ask(vec![("text".into(), "hello".into())])).is_empty());
        assert_eq!(state.toasts().get().len(), 1);
    }

    #[test]
    fn a_slow_step_is_not_a_dead_worker() {
        let state = fresh_state();
        let run = started_run(state);
        assert_eq!(
            silence_allowed(&state.runs().at_key(run).get()),
            UNKNOWN_SILENCE
        );
        let at_speed = |rows_per_second| {
            let progress = Progress {
                step: 1,
                steps: 9,
                epoch: 1,
                epochs: 1,
                loss: None,
                rows_per_second,
                seconds_left: 1.0,
            };
            apply(
                state,
                Event::Run {
                    run,
                    event: RunEvent::Progress { progress },
                },
            );
            silence_allowed(&state.runs().at_key(run).get())
        };
        // A batch of 16 rows: four seconds a step, then a hundredth of one, then none at all.
        assert_eq!(at_speed(4.0), 32.0);
        assert_eq!(at_speed(1600.0), SHORTEST_SILENCE);
        assert_eq!(at_speed(0.0), UNKNOWN_SILENCE);
    }

    #[test]
    fn the_run_under_way_says_why_it_ended() {
        let state = fresh_state();
        let run = started_run(state);
        lose(state, &crash());
        assert_eq!(
            state.runs().at_key(run).status().get(),
            RunStatus::Failed(crash())
        );
        assert!(state.toasts().get().is_empty());
        let again = act(state, Action::StartAgain(run));
        assert!(matches!(again[..], [Command::Train { .. }]));
    }
}
