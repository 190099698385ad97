//! What the worker tells, into the state.

use reactive_graph::traits::{ReadUntracked, Set, Update};

use super::act::{Action, act, close_table, suggest};
use super::plan::{ask_columns, ask_preparation};
use super::reread::{append_test, give_up, previewed, split_by_file, take_place};
use super::start::take_way;
use super::{
    Answer, AppState, AppStateStoreFields, Fetched, Opening, PreviewView, RunStatus,
    RunViewStoreFields, Step, Store, TableRole, TableView, TableViewStoreFields, WorkerView,
    failure, fresh, has_table, knows_run, look, plan, study, toast,
};
use crate::domain::column::Schema;
use crate::domain::recipe::{DataProfile, Recipe};
use crate::domain::report::Phase;
use crate::protocol::{
    About, BaseModelInfo, Capabilities, Command, Event, Failure, FailureKind, PROTOCOL, RequestId,
    RunAnswer, RunEvent, RunId, RunQuestion, TableId, TableSummary,
};

/// Takes in what the worker tells; the commands that follow from it come back.
pub fn apply(state: Store<AppState>, event: Event) -> Vec<Command> {
    match event {
        Event::Ready { capabilities } => {
            let is_ours = capabilities.protocol == PROTOCOL;
            state.worker().set(if capabilities.protocol == PROTOCOL {
                WorkerView::Ready(capabilities)
            } else {
                WorkerView::Down(failure(
                    FailureKind::Protocol,
                    "The browser kept an old version of the part of this page that trains.",
                    "Reload the page.",
                ))
            });
            // Only the first worker meets what an earlier page has kept.
            if is_ours && state.tables().read_untracked().is_empty() {
                return vec![Command::Recall];
            }
            Vec::new()
        }
        Event::Kept { tables } => {
            state.kept().set(tables);
            Vec::new()
        }
        Event::Encoders { encoders } => {
            for encoder in encoders {
                know_encoder(state, encoder);
            }
            Vec::new()
        }
        Event::EncoderAdded { encoder, .. } => match encoder {
            Ok(encoder) => {
                let id = encoder.id.clone();
                know_encoder(state, encoder);
                act(state, Action::ChooseEncoder(id))
            }
            Err(failure) => {
                toast(state, failure);
                Vec::new()
            }
        },
        Event::TableProgress { table, read, total } => {
            if has_table(state, table) {
                state
                    .tables()
                    .at_key(table)
                    .opening()
                    .set(Opening::Reading { read, total });
            }
            Vec::new()
        }
        Event::TableOpened { table, summary } => opened(state, table, summary),
        Event::TableCancelled { table } => cancelled(state, table),
        Event::Previewed {
            request,
            columns,
            rows,
            reading,
            issues,
        } => previewed(
            state,
            request,
            PreviewView {
                columns,
                rows,
                reading,
                issues,
            },
        ),
        Event::Answered {
            table,
            request,
            answer,
        } => {
            if !has_table(state, table) {
                return Vec::new();
            }
            plan::answered(state, table, request, &answer)
                .or_else(|| look::answered(state, table, request, answer))
                .unwrap_or_default()
        }
        Event::Rows { request, rows, .. } => {
            let is_trial = state
                .trials()
                .read_untracked()
                .as_ref()
                .is_some_and(|trials| trials.request == request);
            if is_trial {
                state.trials().update(|trials| {
                    if let Some(trials) = trials {
                        trials.rows = rows;
                    }
                });
            }
            Vec::new()
        }
        Event::Suggested {
            table,
            profile,
            recipe,
            others,
            issues,
        } => {
            if has_table(state, table) && is_last_suggestion(state, table) {
                let view = state.tables().at_key(table);
                let suggested = recipe.as_ref().map(Recipe::way);
                let offered = offered(recipe, others);
                if let Some(way) = suggested {
                    take_way(state, table, way, &offered);
                }
                suggested_anew(state, table, offered);
                view.profile().set(profile);
                view.issues().set(issues);
                return ask_preparation(state, table);
            }
            Vec::new()
        }
        Event::Run { run, event } => {
            if !knows_run(state, run) {
                return Vec::new();
            }
            apply_run(state, run, event);
            forget_gone(state, run)
        }
        Event::RunAnswered {
            run,
            request,
            answer,
        } => run_answered(state, run, request, answer),
        Event::Working {
            request,
            what,
            share,
        } => {
            study::working(state, request, what, share);
            Vec::new()
        }
        Event::Fetched {
            url,
            received,
            body,
        } => {
            state.fetched().update(|fetched| {
                fetched.push(Fetched {
                    url,
                    received,
                    body,
                })
            });
            Vec::new()
        }
        Event::Failed { about, failure } => failed(state, about, failure),
        // Answers to questions that only tests ask.
        Event::Embedded { .. } | Event::DeviceChecked { .. } => Vec::new(),
    }
}

/// Recipes in the order in which they are offered: first those of the suggested one's kind, and each
/// kind in its own order.
fn offered(recipe: Option<Recipe>, others: Vec<Recipe>) -> Vec<Recipe> {
    let is_table = recipe.as_ref().is_some_and(|recipe| recipe.table.is_some());
    let mut all: Vec<Recipe> = recipe.into_iter().chain(others).collect();
    all.sort_by_key(|recipe| (recipe.table.is_some() != is_table, recipe.way()));
    all
}

/// Adds an encoder to those that recipes can name.
fn know_encoder(state: Store<AppState>, encoder: BaseModelInfo) {
    state.worker().update(|worker| {
        if let WorkerView::Ready(Capabilities { base_models, .. }) = worker
            && base_models.iter().all(|known| known.id != encoder.id)
        {
            base_models.push(encoder);
        }
    });
}

/// Takes recipes that were suggested, with what the person decided, and keeps settings that the
/// person has changed.
fn suggested_anew(state: Store<AppState>, table: TableId, suggested: Vec<Recipe>) {
    let view = state.tables().at_key(table);
    let plan = view.plan().read_untracked().clone();
    let own = |recipe: &Recipe| {
        (
            recipe.tuning.clone(),
            recipe.training.clone(),
            recipe.table.clone(),
            recipe.max_tokens,
        )
    };
    let mut changed: Vec<Recipe> = view
        .drafts()
        .read_untracked()
        .iter()
        .zip(view.defaults().read_untracked().iter())
        .filter(|(draft, default)| own(draft) != own(default))
        .map(|(draft, _)| draft.clone())
        .collect();
    changed.extend(resumed(state, table, &suggested));
    let drafts = suggested.iter().map(|recipe| {
        let kept = changed.iter().find(|draft| draft.way() == recipe.way());
        plan.onto(match kept {
            Some(kept) => with_settings_of(recipe.clone(), kept),
            None => recipe.clone(),
        })
    });
    let drafts = drafts.collect();
    view.drafts().set(drafts);
    let plain = DataProfile::empty();
    let defaults = suggested.into_iter().map(|recipe| {
        let plain = Recipe::suggest(Vec::new(), String::new(), &plain);
        let recipe = plan.onto(recipe);
        Recipe {
            split: plain.split,
            seed: plain.seed,
            ..recipe
        }
    });
    view.defaults().set(defaults.collect());
}

/// What a kept run was told, once, where the next one is to tell the same column.
fn resumed(state: Store<AppState>, table: TableId, suggested: &[Recipe]) -> Option<Recipe> {
    let next = suggested.first()?;
    let resumed = state.tables().at_key(table).resumed();
    let recipe = resumed.read_untracked().clone()?;
    resumed.set(None);
    (recipe.target == next.target).then_some(recipe)
}

/// A recipe with the settings of another one of its way; what is learned from stays.
fn with_settings_of(mut recipe: Recipe, other: &Recipe) -> Recipe {
    recipe.tuning = other.tuning.clone();
    recipe.training = other.training.clone();
    recipe.max_tokens = other.max_tokens;
    if let (Some(plan), Some(other)) = (&mut recipe.table, &other.table) {
        let columns = std::mem::take(&mut plan.columns);
        plan.clone_from(other);
        plan.columns = columns;
    }
    recipe
}

/// A table is not read any further, as the person wanted.
fn cancelled(state: Store<AppState>, table: TableId) -> Vec<Command> {
    if !has_table(state, table) || give_up(state, table, None) {
        return Vec::new();
    }
    let view = state.tables().at_key(table);
    if view.summary().read_untracked().is_some() {
        return Vec::new();
    }
    close_table(state, table)
}

/// Counts an answer about the columns; whether no newer question is under way.
fn is_last_suggestion(state: Store<AppState>, table: TableId) -> bool {
    let pending = state.tables().at_key(table).suggests_pending();
    pending.update(|pending| *pending = pending.saturating_sub(1));
    *pending.read_untracked() == 0
}

fn opened(state: Store<AppState>, table: TableId, summary: TableSummary) -> Vec<Command> {
    if !has_table(state, table) {
        return Vec::new();
    }
    let view = state.tables().at_key(table);
    let is_known = choose_columns(state, table, &summary);
    let has_test = summary.test_from.is_some();
    let had_test = view
        .summary()
        .read_untracked()
        .as_ref()
        .is_some_and(|before| before.test_from.is_some());
    let is_first = view.summary().read_untracked().is_none();
    let is_guessed = is_as_guessed(&view.read_untracked(), &summary);
    view.summary().set(Some(summary));
    // The task that is proposed is no choice of a person's.
    let is_proposed = {
        let opened = view.read_untracked();
        opened.plan.task.as_deref() == opened.proposed_task()
    };
    if is_guessed && is_proposed {
        view.plan().update(|plan| plan.task = None);
    }
    view.opening().set(Opening::Open);
    // Rows that were looked at before, in another worker or without a second file.
    let looked = if view.rows().read_untracked().page_rows > 0 {
        look::refresh(state, table)
    } else {
        Vec::new()
    };
    let role = *view.role().read_untracked();
    let mut commands = match role {
        TableRole::TestOf(of) => return append_test(state, of),
        TableRole::InsteadOf(old) => take_place(state, table, old),
        TableRole::Own => Vec::new(),
    };
    commands.extend(looked);
    commands.extend(append_test(state, table));
    // One that was kept with its second file is held apart as its runs were.
    let is_decided = is_first && view.plan().read_untracked().split.is_some();
    if has_test && !had_test && !is_decided {
        split_by_file(state, table);
    }
    if !is_guessed {
        commands.extend(ask_columns(state, table));
    }
    if is_known && !view.drafts().read_untracked().is_empty() && has_test == had_test {
        commands.extend(ask_preparation(state, table));
        return commands;
    }
    commands.extend(suggest(state, table));
    commands
}

/// Chooses the columns of a table that is open: those that a person chose before, be it before a
/// crash or before the page was loaded anew, and the guessed ones in place of what is not there.
/// Whether all of them were there.
fn choose_columns(state: Store<AppState>, table: TableId, summary: &TableSummary) -> bool {
    let view = state.tables().at_key(table);
    let guess = &summary.guess;
    let is_there = |name: &String| summary.columns.iter().any(|column| column.name == *name);
    let mut chosen = view.read_untracked().clone();
    let had = chosen.inputs().count();
    if chosen.target.as_ref().is_some_and(is_there) {
        chosen.text.retain(is_there);
        chosen.features.retain(is_there);
        let left = chosen.inputs().count();
        if left == had {
            return true;
        }
        if left == 0 {
            let target = chosen.target.clone();
            let is_free = |name: &&String| Some(*name) != target.as_ref();
            chosen.text = guess.text.iter().filter(is_free).cloned().collect();
            chosen.features = guess.columns.iter().filter(is_free).cloned().collect();
        }
    } else {
        chosen.text.clone_from(&guess.text);
        chosen.features.clone_from(&guess.columns);
        chosen.target.clone_from(&guess.target);
        // What was to be learned was about another column.
        chosen.plan.task = None;
    }
    view.text().set(chosen.text);
    view.features().set(chosen.features);
    view.target().set(chosen.target);
    view.plan().set(chosen.plan);
    false
}

/// Whether what was told of a table that was opened is about its chosen target and kinds.
fn is_as_guessed(table: &TableView, summary: &TableSummary) -> bool {
    table.target == summary.guess.target && table.plan.schema == Schema::default()
}

fn apply_run(state: Store<AppState>, run: RunId, event: RunEvent) {
    let view = state.runs().at_key(run);
    match event {
        RunEvent::Phase { phase } => {
            if phase == Phase::Evaluate {
                view.is_judging().set(true);
            }
            view.phase().set(Some(phase));
        }
        RunEvent::Prepared { parts, parameters } => {
            view.parts().set(Some(parts));
            view.parameters().set(Some(parameters));
        }
        RunEvent::Baselines { baselines } => view.baselines().set(baselines),
        RunEvent::Progress { progress } => {
            if let Some(loss) = progress.loss {
                view.losses()
                    .update(|losses| losses.push(progress.step, loss));
            }
            view.progress().set(Some(progress));
        }
        RunEvent::Epoch { epoch } => view.epochs().update(|epochs| epochs.push(epoch)),
        RunEvent::Kept { step } => view.kept_step().set(Some(step)),
        RunEvent::NotKept { why } => {
            view.kept_step().set(None);
            toast(
                state,
                super::failure(
                    FailureKind::Device,
                    &why,
                    "Training goes on. Free some space on this device to be safe.",
                ),
            );
        }
        RunEvent::Gone => view.is_coming().set(false),
        RunEvent::Paused => {
            // A stop that was asked for while it was about to hold comes first.
            if *view.status().read_untracked() != RunStatus::Stopping {
                view.status().set(RunStatus::Paused);
            }
        }
        RunEvent::Resumed => {
            if *view.status().read_untracked() != RunStatus::Stopping {
                view.status().set(RunStatus::Running);
            }
        }
        RunEvent::Cancelled => view.status().set(RunStatus::Cancelled),
        RunEvent::Finished { summary } => {
            view.epochs().set(summary.epochs.clone());
            view.parameters().set(Some(summary.parameters));
            view.summary().set(Some(*summary));
            view.is_loaded().set(true);
            view.is_coming().set(false);
            view.status().set(RunStatus::Finished);
        }
    }
}

/// A run that was forgotten under way is forgotten by the worker once it has ended.
fn forget_gone(state: Store<AppState>, run: RunId) -> Vec<Command> {
    let view = state.runs().at_key(run);
    let has_ended = !view.status().read_untracked().is_active();
    if has_ended && *view.is_gone().read_untracked() {
        return vec![Command::ForgetRun { run }];
    }
    Vec::new()
}

fn run_answered(
    state: Store<AppState>,
    run: RunId,
    request: RequestId,
    answer: Result<RunAnswer, Failure>,
) -> Vec<Command> {
    if state.ask().read_untracked().asked != Some((run, request)) {
        study::answered(state, request, answer);
        return Vec::new();
    }
    let mut next = None;
    state.ask().update(|ask| {
        ask.asked = None;
        next = ask.waiting.take();
    });
    match answer {
        Ok(RunAnswer::Predicted {
            prediction,
            tokens,
            is_cut,
        }) => state.ask().update(|ask| {
            ask.answer = Some(Answer {
                run,
                prediction,
                tokens,
                is_cut,
            });
        }),
        Ok(_) => {}
        // The typed row gets no answer, and the next one may.
        Err(failure) => toast(state, failure),
    }
    match next {
        Some((run, row)) => ask_now(state, run, row),
        None => Vec::new(),
    }
}

/// Asks about a row and notes that the question is under way.
pub(super) fn ask_now(
    state: Store<AppState>,
    run: RunId,
    row: Vec<(String, String)>,
) -> Vec<Command> {
    let request = RequestId(fresh(state));
    state.ask().update(|ask| ask.asked = Some((run, request)));
    let question = RunQuestion::Predict { row };
    vec![Command::AskRun {
        run,
        request,
        question,
    }]
}

fn failed(state: Store<AppState>, about: About, failure: Failure) -> Vec<Command> {
    match about {
        About::Table(table) if has_table(state, table) => {
            let view = state.tables().at_key(table);
            let is_open = *view.opening().read_untracked() == Opening::Open;
            let is_asked = *view.suggests_pending().read_untracked() > 0;
            if !is_open && give_up(state, table, Some(failure.clone())) {
                return vec![Command::CloseTable { table }];
            }
            if is_open && view.reading().read_untracked().preview.is_waiting() {
                view.reading().update(|reading| {
                    reading.preview.lose();
                    reading.failure = Some(failure);
                });
                return Vec::new();
            }
            match (is_open, is_asked) {
                (false, _) => view.opening().set(Opening::Failed(failure)),
                (true, true) => {
                    if is_last_suggestion(state, table) {
                        view.suggest_failure().set(Some(failure));
                    }
                }
                (true, false) => toast(state, failure),
            }
        }
        About::Run(run) if knows_run(state, run) => {
            let view = state.runs().at_key(run);
            if view.status().read_untracked().is_active() {
                view.status().set(RunStatus::Failed(failure));
            } else {
                toast(state, failure);
            }
        }
        About::Worker | About::Table(_) | About::Run(_) => toast(state, failure),
    }
    Vec::new()
}

/// Shows a table that was just told to open.
pub(super) fn show_new(state: Store<AppState>, table: TableView) {
    let id = table.id;
    // One that could not be opened is of no more use once another is tried.
    let is_failed = |old: &&TableView| matches!(old.opening, Opening::Failed(_));
    let failed: Vec<TableId> = state
        .tables()
        .read_untracked()
        .iter()
        .filter(is_failed)
        .map(|old| old.id)
        .collect();
    for old in failed {
        state.tables().at_key(old).is_gone().set(true);
    }
    state.tables().update(|tables| tables.push(table));
    state.table().set(Some(id));
    state.run().set(None);
    state.step().set(Step::Data);
}

#[cfg(test)]
mod tests {
    use reactive_graph::traits::{Get, ReadUntracked};

    use super::super::fixture::*;
    use super::super::{Action, act};
    use super::*;
    use crate::domain::recipe::Method;
    use crate::domain::recipe::Way;
    use crate::domain::report::{Prediction, Progress};

    #[test]
    fn an_opened_table_takes_the_guess_and_asks_for_defaults() {
        let state = fresh_state();
        let id = open(state);
        let commands = apply(
            state,
            Event::TableOpened {
                table: id,
                summary: summary(),
            },
        );
        assert_eq!(
            commands,
            [Command::Suggest {
                table: id,
                text: vec!["text".into()],
                columns: Vec::new(),
                target: "label".into(),
                decided: None,
                task: None,
            }]
        );
        let table = &state.tables().get()[0];
        assert_eq!(table.opening, Opening::Open);
        assert_eq!(table.target.as_deref(), Some("label"));
    }

    #[test]
    fn a_table_without_a_guess_waits_for_the_person() {
        let state = fresh_state();
        let id = open(state);
        let mut summary = summary();
        summary.guess.target = None;
        assert!(apply(state, Event::TableOpened { table: id, summary }).is_empty());
    }

    /// The person changed the label column twice in a second; the answers came one after the
    /// other, and for a moment the page showed class counts of a column that was not chosen.
    #[test]
    fn only_the_answer_to_the_last_question_counts() {
        let state = fresh_state();
        let id = opened_table(state);
        act(state, Action::ChooseTarget("other".into()));
        act(state, Action::ChooseTarget("label".into()));
        let suggested = |rows| Event::Suggested {
            table: id,
            profile: Some(profile(rows)),
            recipe: Some(recipe()),
            others: Vec::new(),
            issues: Vec::new(),
        };
        // The first question was asked by `opened_table`.
        apply(state, suggested(1));
        apply(state, suggested(2));
        assert_eq!(state.tables().at_key(id).profile().get(), None);
        apply(state, suggested(3));
        assert_eq!(state.tables().at_key(id).profile().get(), Some(profile(3)));
    }

    #[test]
    fn a_suggestion_brings_a_recipe_for_every_method() {
        let state = fresh_state();
        let id = suggested_table(state);
        let table = &state.tables().get()[0];
        assert_eq!(table.id, id);
        let methods: Vec<_> = table.drafts.iter().map(|draft| draft.way()).collect();
        assert_eq!(methods, Way::ALL[..4]);
        assert_eq!(table.draft().unwrap().tuning.method, Method::Lora);
    }

    /// A model's file was opened, and a table to go on from it: the encoder was known before there was
    /// any recipe.
    #[test]
    fn an_encoder_that_was_chosen_early_goes_into_every_recipe() {
        let state = fresh_state();
        let id = open(state);
        act(state, Action::ChooseEncoder("sha256:0".into()));
        let summary = summary();
        apply(state, Event::TableOpened { table: id, summary });
        suggested(state, id, 100);
        let chosen = |state: Store<AppState>| -> Vec<String> {
            let drafts = state.tables().at_key(id).drafts().get();
            drafts.into_iter().map(|draft| draft.base_model).collect()
        };
        assert_eq!(chosen(state), vec!["sha256:0"; 4]);
        act(state, Action::ChooseEncoder("sha256:1".into()));
        assert_eq!(chosen(state), vec!["sha256:1"; 4]);
        act(state, Action::ChooseTarget("other".into()));
        suggested(state, id, 90);
        assert_eq!(chosen(state), vec!["sha256:1"; 4]);
    }

    #[test]
    fn a_run_goes_from_start_to_report() {
        let state = fresh_state();
        let run = started_run(state);
        let tell = |event| apply(state, Event::Run { run, event });
        tell(RunEvent::Phase {
            phase: Phase::Train,
        });
        tell(RunEvent::Progress {
            progress: Progress {
                step: 3,
                steps: 10,
                epoch: 1,
                epochs: 2,
                loss: Some(0.5),
                rows_per_second: 10.0,
                seconds_left: 4.0,
            },
        });
        tell(RunEvent::Paused);
        assert_eq!(state.runs().at_key(run).status().get(), RunStatus::Paused);
        tell(RunEvent::Resumed);
        assert_eq!(state.runs().at_key(run).status().get(), RunStatus::Running);
        tell(RunEvent::Finished {
            summary: Box::new(summary_of_run()),
        });
        let view = &state.runs().get()[0];
        assert_eq!(view.status, RunStatus::Finished);
        assert_eq!(view.losses.points(), [(3.0, 0.5)]);
        assert!(view.is_loaded);
    }

    #[test]
    fn a_stop_is_not_forgotten_when_the_run_says_it_holds() {
        let state = fresh_state();
        let run = started_run(state);
        act(state, Action::Pause(run));
        act(state, Action::Stop(run));
        apply(
            state,
            Event::Run {
                run,
                event: RunEvent::Paused,
            },
        );
        assert_eq!(state.runs().at_key(run).status().get(), RunStatus::Stopping);
    }

    #[test]
    fn a_failed_run_keeps_its_words_and_leaves_no_toast() {
        let state = fresh_state();
        let run = started_run(state);
        let why = failure(
            FailureKind::Model,
            "The weights could not be fetched.",
            "Try again.",
        );
        apply(
            state,
            Event::Failed {
                about: About::Run(run),
                failure: why.clone(),
            },
        );
        assert_eq!(
            state.runs().at_key(run).status().get(),
            RunStatus::Failed(why)
        );
        assert!(state.toasts().read_untracked().is_empty());
    }

    #[test]
    fn a_failed_prediction_does_not_harm_the_finished_run() {
        let state = fresh_state();
        let run = finished_run(state);
        act(state, Action::Ask(typed("hello")));
        let why = failure(FailureKind::Device, "No.", "Try.");
        let Some((_, request)) = state.ask().get().asked else {
            panic!("one question")
        };
        apply(
            state,
            Event::RunAnswered {
                run,
                request,
                answer: Err(why),
            },
        );
        assert_eq!(state.runs().at_key(run).status().get(), RunStatus::Finished);
        assert_eq!(state.ask().get().asked, None);
        assert_eq!(state.toasts().read_untracked().len(), 1);
    }

    fn typed(text: &str) -> Vec<(String, String)> {
        vec![("text".to_owned(), text.to_owned())]
    }

    fn said(run: RunId, request: RequestId) -> Event {
        let predicted = RunAnswer::Predicted {
            prediction: Prediction::Labels(vec![0.9, 0.1]),
            tokens: 3,
            is_cut: false,
        };
        Event::RunAnswered {
            run,
            request,
            answer: Ok(predicted),
        }
    }

    /// Somebody typed faster than the CPU predicts; answers came for texts long gone, and the bars
    /// lagged seconds behind.
    #[test]
    fn while_one_question_is_under_way_only_the_newest_text_waits() {
        let state = fresh_state();
        let run = finished_run(state);
        let first = act(state, Action::Ask(typed("h")));
        let [Command::AskRun { request, .. }] = first[..] else {
            panic!("one question")
        };
        assert!(act(state, Action::Ask(typed("he"))).is_empty());
        assert!(act(state, Action::Ask(typed("hel"))).is_empty());
        let predicted = |request| said(run, request);
        let next = apply(state, predicted(request));
        let [
            Command::AskRun {
                question: RunQuestion::Predict { ref row },
                request,
                ..
            },
        ] = next[..]
        else {
            panic!("one question")
        };
        assert_eq!(row, &typed("hel"));
        assert!(apply(state, predicted(request)).is_empty());
        assert_eq!(state.ask().get().asked, None);
    }

    #[test]
    fn an_answer_to_another_question_is_dropped() {
        let state = fresh_state();
        let run = finished_run(state);
        act(state, Action::Ask(typed("hello")));
        apply(state, said(run, RequestId(9999)));
        assert_eq!(state.ask().get().answer, None);
    }

    #[test]
    fn a_table_that_cannot_be_opened_says_why_in_its_place() {
        let state = fresh_state();
        let id = open(state);
        let why = failure(FailureKind::Input, "The file is empty.", "Choose another.");
        apply(
            state,
            Event::Failed {
                about: About::Table(id),
                failure: why.clone(),
            },
        );
        assert_eq!(
            state.tables().at_key(id).opening().get(),
            Opening::Failed(why)
        );
    }

    /// Offline at the first visit: the table opens, and the tokenizer cannot be fetched.
    #[test]
    fn an_open_table_whose_defaults_fail_stays_open() {
        let state = fresh_state();
        let id = opened_table(state);
        let why = failure(FailureKind::Model, "No network.", "Try again.");
        apply(
            state,
            Event::Failed {
                about: About::Table(id),
                failure: why.clone(),
            },
        );
        assert_eq!(state.tables().at_key(id).opening().get(), Opening::Open);
        assert_eq!(state.tables().at_key(id).suggest_failure().get(), Some(why));
        let again = act(state, Action::SuggestAgain);
        assert!(matches!(again[..], [Command::Suggest { .. }]));
        assert_eq!(state.tables().at_key(id).suggest_failure().get(), None);
    }

    #[test]
    fn an_old_worker_is_not_used() {
        let state = fresh_state();
        let mut capabilities = capabilities();
        capabilities.protocol = PROTOCOL + 1;
        apply(state, Event::Ready { capabilities });
        assert!(matches!(state.worker().get(), WorkerView::Down(_)));
    }

    #[test]
    fn events_about_what_is_gone_change_nothing() {
        let state = fresh_state();
        for event in [
            Event::TableOpened {
                table: TableId(7),
                summary: summary(),
            },
            Event::TableProgress {
                table: TableId(7),
                read: 1,
                total: 2,
            },
            Event::Suggested {
                table: TableId(7),
                profile: None,
                recipe: None,
                others: Vec::new(),
                issues: Vec::new(),
            },
            Event::Run {
                run: RunId(7),
                event: RunEvent::Paused,
            },
        ] {
            assert!(apply(state, event).is_empty());
        }
        assert!(state.tables().read_untracked().is_empty());
        assert!(state.runs().read_untracked().is_empty());
    }
}
