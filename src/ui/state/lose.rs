//! What is left when a worker is gone.
//!
//! A wasm instance that panicked is never used again, and one that does not answer is terminated.
//! The next worker knows nothing, so the page tells it again which tables were open. Runs keep
//! their reports and curves, which live here; their weights lived in the worker.

use reactive_graph::traits::{ReadUntracked, Set, Update};
use reactive_stores::Store;

use super::{
    AppState, AppStateStoreFields, Opening, RunStatus, RunViewStoreFields, TableViewStoreFields,
    WorkerView, toast,
};
use crate::protocol::{Command, Failure, RunId, TableId};

/// Notes that the worker is gone and why; what to tell the next one comes back.
pub fn lose(state: Store<AppState>, why: &Failure) -> Vec<Command> {
    state.worker().set(WorkerView::Starting);
    mark_runs(state, why);
    let tables: Vec<TableId> = state.tables().read_untracked().iter().map(|table| table.id).collect();
    let mut commands = Vec::new();
    for table in tables {
        let view = state.tables().at_key(table);
        if matches!(*view.opening().read_untracked(), Opening::Failed(_)) {
            continue;
        }
        // One that is asked for again is asked for once it is open again.
        view.suggests_pending().set(0);
        view.opening().set(Opening::Reading { read: 0, total: 0 });
        let (name, source) =
            (view.name().read_untracked().clone(), view.source().read_untracked().clone());
        commands.push(Command::OpenTable { table, name, source });
    }
    commands
}

/// Notes that there is no worker and that none is being started.
pub fn refuse(state: Store<AppState>, why: Failure) {
    mark_runs(state, &why);
    state.worker().set(WorkerView::Down(why));
}

fn mark_runs(state: Store<AppState>, why: &Failure) {
    let runs: Vec<RunId> = state.runs().read_untracked().iter().map(|run| run.id).collect();
    let mut had_active = false;
    for run in runs {
        let view = state.runs().at_key(run);
        view.is_loaded().set(false);
        if view.status().read_untracked().is_active() {
            had_active = true;
            view.status().set(RunStatus::Failed(why.clone()));
        }
    }
    state.ask().update(|ask| {
        ask.asked = None;
        ask.waiting = None;
    });
    // A run that failed shows the reason in its place.
    if !had_active {
        toast(state, why.clone());
    }
}

#[cfg(test)]
mod tests {
    use reactive_graph::traits::Get;

    use super::super::fixture::*;
    use super::super::{Action, act, apply, failure};
    use super::*;
    use crate::protocol::{Event, FailureKind};

    fn crash() -> Failure {
        failure(FailureKind::Device, "The part of this page that trains has crashed.", "It was started again.")
    }

    #[test]
    fn the_next_worker_opens_the_same_tables() {
        let state = fresh_state();
        let table = suggested_table(state);
        let drafts = state.tables().at_key(table).drafts().get();
        let commands = lose(state, &crash());
        assert!(matches!(commands[..], [Command::OpenTable { table: again, .. }] if again == table));
        // What the person chose stays, and needs no new question.
        assert!(apply(state, Event::TableOpened { table, summary: summary() }).is_empty());
        assert_eq!(state.tables().at_key(table).drafts().get(), drafts);
    }

    #[test]
    fn a_question_that_was_lost_is_asked_again() {
        let state = fresh_state();
        let table = opened_table(state);
        lose(state, &crash());
        let commands = apply(state, Event::TableOpened { table, summary: summary() });
        assert!(matches!(commands[..], [Command::Suggest { .. }]));
    }

    #[test]
    fn finished_runs_keep_their_report_and_lose_their_weights() {
        let state = fresh_state();
        let run = finished_run(state);
        lose(state, &crash());
        let view = state.runs().at_key(run).get();
        assert_eq!(view.status, RunStatus::Finished);
        assert!(view.report.is_some());
        assert!(!view.is_loaded);
        assert!(act(state, Action::Ask(vec!["hello".into()])).is_empty());
        assert_eq!(state.toasts().get().len(), 1);
    }

    #[test]
    fn the_run_under_way_says_why_it_ended() {
        let state = fresh_state();
        let run = started_run(state);
        lose(state, &crash());
        assert_eq!(state.runs().at_key(run).status().get(), RunStatus::Failed(crash()));
        assert!(state.toasts().get().is_empty());
        let again = act(state, Action::StartAgain(run));
        assert!(matches!(again[..], [Command::Train { .. }]));
    }
}
