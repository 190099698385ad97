//! What an earlier page has kept on this device becomes tables and runs again.

use reactive_graph::traits::{ReadUntracked, Set, Update};

use super::apply::show_new;
use super::start::resume;
use super::{
    AppState, AppStateStoreFields, RunStatus, RunView, Step, Store, TableView, failure, fresh,
    next_run,
};
use crate::domain::read::ReadOptions;
use crate::protocol::{Command, FailureKind, KeptRun, RunId, TableId, TableSource};

/// Opens a kept table and shows its runs.
pub(super) fn go_on(state: Store<AppState>, key: &str) -> Vec<Command> {
    let all = state.kept().read_untracked().clone();
    let Some(kept) = all.iter().find(|kept| kept.key == key).cloned() else {
        return Vec::new();
    };
    let table = TableId(fresh(state));
    let source = TableSource::Kept {
        kept: kept.key.clone(),
    };
    let mut view = TableView::new(table, kept.name.clone(), source.clone());
    // The run that is shown below, or one that was interrupted.
    let finished = |run: &&KeptRun| run.summary.is_some();
    let runs = &kept.runs;
    if let Some(run) = runs.iter().rfind(finished).or(runs.last()) {
        resume(&mut view, &run.recipe, &all);
    }
    show_new(state, view);
    let mut finished = Vec::new();
    let mut last = None;
    for run in kept.runs {
        let id = next_run(state);
        if run.summary.is_some() {
            finished.push((run.recipe.clone(), id));
            last = Some(id);
        }
        let view = run_view(id, table, run);
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
fn run_view(id: RunId, table: TableId, run: KeptRun) -> RunView {
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
    use crate::domain::clean::StepPlan;
    use crate::domain::recipe::{Method, Recipe, Way};
    use crate::domain::start::Start;
    use crate::protocol::{Event, KeptTable, Question, RunEvent, TableSummary};

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

    /// Opens what is kept as the worker reads it, once it has come to this table.
    fn opened(state: Store<AppState>, summary: TableSummary) -> (TableId, Vec<Command>) {
        act(state, Action::GoOn("k".into()));
        let table = state.table().get().unwrap();
        let commands = apply(state, Event::TableOpened { table, summary });
        (table, commands)
    }

    /// A kept table whose run was told other things than what is guessed.
    fn decided() -> (KeptTable, Recipe) {
        let mut table = kept(fresh_state());
        let mut recipe = recipe().with_method(Method::Full, &profile(100));
        recipe.text = vec!["other".into()];
        recipe.steps = vec![StepPlan::TrimSpace {
            columns: Vec::new(),
        }];
        recipe.split.test = 0.3;
        recipe.seed = 7;
        recipe.training.epochs = 9;
        recipe.base_model = "sha256:own".into();
        recipe.schema.kinds.insert("other".into(), "text".into());
        table.runs[0].recipe = recipe.clone();
        (table, recipe)
    }

    /// After a reload the target, the columns, the steps and the encoder were guessed anew, so that
    /// "Tune again" went on with something else than what the run was.
    #[test]
    fn the_next_run_begins_where_the_kept_one_was() {
        let (table, recipe) = decided();
        let state = fresh_state();
        let tables = vec![table];
        apply(state, Event::Kept { tables });
        let (id, commands) = opened(state, summary());
        let asked = commands.iter().find_map(|command| match command {
            Command::Suggest { text, decided, .. } => Some((text.clone(), decided.clone()?)),
            _ => None,
        });
        let (text, decided) = asked.expect("defaults are asked for");
        assert_eq!((text, &decided.steps), (recipe.text.clone(), &recipe.steps));
        let is_about_kinds = |command: &Command| matches!(command, Command::Ask { question: Question::Columns { schema, .. }, .. } if *schema == recipe.schema);
        assert!(commands.iter().any(is_about_kinds), "its kinds are shown");

        // The worker answers with recipes for these columns.
        let suggested = |method| {
            let mut recipe = super::super::fixture::recipe().with_method(method, &profile(100));
            recipe.text = vec!["other".into()];
            recipe
        };
        let event = |table| Event::Suggested {
            table,
            profile: Some(profile(100)),
            recipe: Some(suggested(Method::Lora)),
            others: vec![suggested(Method::Head), suggested(Method::Full)],
            issues: Vec::new(),
        };
        apply(state, event(id));
        let table = state.tables().at_key(id).get();
        assert_eq!(
            table.draft(),
            Some(&recipe),
            "its settings are back as well"
        );
        assert_ne!(
            table
                .draft_of(Way::Text(Method::Lora))
                .unwrap()
                .training
                .epochs,
            9
        );

        // What is changed from here on is not undone by what was kept.
        act(state, Action::ResetOptions);
        apply(state, event(id));
        let table = state.tables().at_key(id).get();
        assert_ne!(table.draft().unwrap().training.epochs, 9);
        assert_eq!(table.draft().unwrap().base_model, "sha256:own");
    }

    /// A run on one of two texts that belong beside each other was proposed as choosing a label.
    #[test]
    fn a_task_that_was_proposed_is_no_choice_after_a_reload() {
        let state = fresh_state();
        let mut table = kept(state);
        table.runs[0].recipe.text = vec!["text".into()];
        let tables = vec![table];
        apply(state, Event::Kept { tables });
        let mut found = summary();
        found.guess.task = "pairs".into();
        found.guess.text = vec!["text".into(), "other".into()];
        let (id, _) = opened(state, found);
        let mut view = state.tables().at_key(id).get();
        assert_eq!((&view.plan.task, view.task()), (&None, Some("classify")));
        view.toggle("other");
        assert_eq!(view.task(), Some("pairs"));
    }

    #[test]
    fn what_is_not_in_the_table_is_guessed_and_the_rest_stays() {
        let (mut table, recipe) = decided();
        table.runs[0].recipe.text = vec!["other".into(), "gone".into()];
        let state = fresh_state();
        let tables = vec![table.clone()];
        apply(state, Event::Kept { tables });
        let (id, _) = opened(state, summary());
        let view = state.tables().at_key(id).get();
        assert_eq!(
            (view.text, view.plan.steps),
            (vec!["other".into()], recipe.steps)
        );

        table.runs[0].recipe.target = "gone".into();
        let state = fresh_state();
        let tables = vec![table];
        apply(state, Event::Kept { tables });
        let (id, _) = opened(state, summary());
        let view = state.tables().at_key(id).get();
        assert_eq!(
            (view.target, view.text),
            (Some("label".into()), vec!["text".into()])
        );
        assert_eq!(view.plan.task, None);
        assert_eq!(view.plan.seed, Some(7));
    }

    #[test]
    fn a_start_that_is_still_kept_is_that_of_the_next_run() {
        for (model, is_kept) in [("a", true), ("gone", false)] {
            let mut table = kept(fresh_state());
            let mut second = table.runs[0].clone();
            second.key = "c".into();
            second.recipe.start = Some(Start {
                model: model.into(),
                name: "the first run".into(),
            });
            table.runs.push(second);
            let state = fresh_state();
            let tables = vec![table];
            apply(state, Event::Kept { tables });
            let (id, _) = opened(state, summary());
            let start = state.tables().at_key(id).get().plan.start;
            assert_eq!(start.is_some(), is_kept);
            assert!(start.is_none_or(|origin| origin.has_rows));
        }
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
