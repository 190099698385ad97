//! What an earlier page has kept on this device becomes tables and runs again.

use reactive_graph::traits::{ReadUntracked, Set, Update};

use super::apply::show_new;
use super::{
    AppState, AppStateStoreFields, RunStatus, RunView, Step, Store, TableView, failure, fresh,
};
use crate::domain::read::ReadOptions;
use crate::protocol::{Command, FailureKind, KeptRun, RunId, TableId, TableSource};

/// Opens a kept table and shows its runs.
pub(super) fn go_on(state: Store<AppState>, key: &str) -> Vec<Command> {
    let kept = state.kept().read_untracked().clone();
    let Some(kept) = kept.into_iter().find(|kept| kept.key == key) else {
        return Vec::new();
    };
    let table = TableId(fresh(state));
    let source = TableSource::Kept {
        kept: kept.key.clone(),
    };
    show_new(
        state,
        TableView::new(table, kept.name.clone(), source.clone()),
    );
    let mut finished = Vec::new();
    let mut last = None;
    for run in kept.runs {
        let id = RunId(fresh(state));
        if run.summary.is_some() {
            finished.push((run.recipe.clone(), id));
            last = Some(id);
        }
        let view = view(id, table, run);
        state.runs().update(|runs| runs.push(view));
    }
    // Whoever goes on sees the verdict first, if there is one.
    if let Some(run) = last {
        state.run().set(Some(run));
        state.step().set(Step::Evaluate);
    }
    // What is open is no longer offered.
    state
        .kept()
        .update(|all| all.retain(|other| other.key != key));
    let mut commands = vec![Command::OpenTable {
        table,
        name: kept.name,
        source,
        options: ReadOptions::default(),
    }];
    if !finished.is_empty() {
        commands.push(Command::Restore {
            kept: Some(kept.key),
            table,
            runs: finished,
        });
    }
    commands
}

/// A kept run as the page shows it. One that was interrupted says so, and goes on from its last
/// checkpoint when it is started again.
fn view(id: RunId, table: TableId, run: KeptRun) -> RunView {
    let mut view = RunView::new(id, table, run.recipe, run.classes);
    view.kept_step = Some(run.step);
    match run.summary {
        Some(summary) => {
            view.status = RunStatus::Finished;
            view.is_coming = true;
            view.epochs.clone_from(&summary.epochs);
            view.parameters = Some(summary.parameters);
            view.summary = Some(*summary);
        }
        None => {
            view.status = RunStatus::Failed(failure(
                FailureKind::Device,
                format!("This run was interrupted. Step {} is kept.", run.step),
                "Start it again: it goes on from there.",
            ));
        }
    }
    view
}

#[cfg(test)]
mod tests {
    use reactive_graph::traits::Get;

    use super::super::fixture::*;
    use super::super::{Action, act, apply};
    use super::*;
    use crate::protocol::{Event, KeptTable, RunEvent};

    fn kept(state: Store<AppState>) -> KeptTable {
        let run = finished_run(state);
        let view = state.runs().at_key(run).get();
        let recipe = view.recipe.clone();
        KeptTable {
            key: "k".into(),
            name: "sms.csv".into(),
            rows: 100,
            bytes: 1000,
            runs: vec![
                KeptRun {
                    key: "a".into(),
                    recipe: recipe.clone(),
                    classes: 2,
                    step: 30,
                    summary: view.summary.map(Box::new),
                },
                KeptRun {
                    key: "b".into(),
                    recipe,
                    classes: 2,
                    step: 7,
                    summary: None,
                },
            ],
        }
    }

    #[test]
    fn what_was_kept_is_opened_with_its_runs() {
        let table = kept(fresh_state());
        let state = fresh_state();
        apply(
            state,
            Event::Kept {
                tables: vec![table],
            },
        );
        let commands = act(state, Action::GoOn("k".into()));
        let [
            Command::OpenTable { table, source, .. },
            Command::Restore { runs, .. },
        ] = &commands[..]
        else {
            panic!("{commands:?}");
        };
        assert_eq!(*source, TableSource::Kept { kept: "k".into() });
        assert_eq!(state.table().get(), Some(*table));
        let [(_, finished)] = &runs[..] else {
            panic!("{runs:?}");
        };
        let view = state.runs().at_key(*finished).get();
        assert_eq!(view.status, RunStatus::Finished);
        assert!(!view.is_loaded, "the worker has not loaded it yet");
        assert!(view.is_coming, "but it is about to");
        assert_eq!(state.run().get(), Some(*finished));
        assert_eq!(state.step().get(), Step::Evaluate);
        apply(
            state,
            Event::Run {
                run: *finished,
                event: RunEvent::Gone,
            },
        );
        let view = state.runs().at_key(*finished).get();
        assert!(!view.is_coming && !view.is_loaded);
        assert!(state.kept().get().is_empty());
    }

    #[test]
    fn an_interrupted_run_is_started_with_its_own_recipe() {
        let table = kept(fresh_state());
        let recipe = table.runs[1].recipe.clone();
        let state = fresh_state();
        apply(
            state,
            Event::Kept {
                tables: vec![table],
            },
        );
        act(state, Action::GoOn("k".into()));
        let runs = state.runs().get();
        let run = runs.iter().find(|run| run.summary.is_none()).unwrap();
        assert!(matches!(&run.status, RunStatus::Failed(why) if why.what.contains("Step 7")));
        let again = act(state, Action::StartAgain(run.id));
        assert!(
            matches!(&again[..], [Command::Train { recipe: again, .. }] if *again == recipe),
            "{again:?}"
        );
    }

    #[test]
    fn what_is_gone_does_nothing() {
        assert!(act(fresh_state(), Action::GoOn("k".into())).is_empty());
    }
}
