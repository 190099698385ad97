//! How a file is read, tried on its start and then done again; and a second file for the test.
//!
//! A file that is read again gets a table of its own, which takes the place of the first once it
//! is open. Until then nothing is lost, and runs keep the table that they were tuned on.

use reactive_graph::traits::{ReadUntracked, Set, Update};

use super::{
    AppState, AppStateStoreFields, Asked, Opening, RunView, Store, TableRole, TableView,
    TableViewStoreFields, fresh, has_table, with_table,
};
use crate::domain::issue::Issue;
use crate::domain::read::{ReadOptions, ReadReport};
use crate::domain::split::{SplitKind, SplitPlan};
use crate::protocol::{Command, Failure, RequestId, TableId, TableSource};

/// How a file would be read otherwise.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadingView {
    /// What was changed; none while it is as the table was read.
    pub draft: Option<ReadOptions>,
    /// What comes of it.
    pub preview: Asked<PreviewView>,
    /// The table that is to take the place.
    pub next: Option<TableId>,
    /// Why the file could not be read so.
    pub failure: Option<Failure>,
}

/// The start of a file, read in some way.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviewView {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The first rows.
    pub rows: Vec<Vec<String>>,
    /// How it was read; none when there is no table in it.
    pub reading: Option<ReadReport>,
    /// What was noticed.
    pub issues: Vec<Issue>,
}

/// What a person does about the reading of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadAction {
    /// Try this on the start of the file.
    Try(ReadOptions),
    /// Read the whole file so.
    Use,
    /// Leave it as it was read.
    Keep,
    /// Read a table no further.
    Cancel(TableId),
    /// Take the rows of another file for the test.
    AddTest {
        /// The file's name.
        name: String,
        /// Where it comes from.
        source: TableSource,
    },
    /// Have no second file.
    DropTest,
}

/// Does it; the commands that follow come back.
pub fn reread(state: Store<AppState>, action: ReadAction) -> Vec<Command> {
    let mut commands = Vec::new();
    if let ReadAction::Cancel(table) = action {
        return if has_table(state, table) {
            vec![Command::CancelOpening { table }]
        } else {
            Vec::new()
        };
    }
    with_table(state, |id| {
        let view = state.tables().at_key(id);
        match action {
            ReadAction::Try(options) => {
                let is_as_read = options == *view.options().read_untracked();
                view.reading().update(|reading| {
                    reading.failure = None;
                    reading.draft = (!is_as_read).then_some(options);
                    if is_as_read {
                        reading.preview = Asked::default();
                    }
                });
                if !is_as_read {
                    commands = ask_preview(state, id);
                }
            }
            ReadAction::Keep => view.reading().set(ReadingView::default()),
            ReadAction::Use => {
                let draft = view.reading().read_untracked().draft.clone();
                if let Some(options) = draft {
                    commands = open_instead(state, id, options, true);
                }
            }
            ReadAction::AddTest { name, source } => {
                let test = TableId(fresh(state));
                let mut table = TableView::new(test, name.clone(), source.clone());
                table.role = TableRole::TestOf(id);
                state.tables().update(|tables| tables.push(table));
                view.test_file().set(Some(test));
                commands = vec![Command::OpenTable {
                    table: test,
                    name,
                    source,
                    options: ReadOptions::default(),
                }];
            }
            ReadAction::DropTest => {
                let options = view.options().read_untracked().clone();
                view.plan().update(|plan| plan.split = None);
                commands = open_instead(state, id, options, false);
            }
            ReadAction::Cancel(_) => {}
        }
    });
    commands
}

/// Whether the shown table waits for a second file, so that the next one that comes is it.
pub fn awaits_test(state: &AppState) -> bool {
    let shown = state
        .tables
        .iter()
        .find(|table| Some(table.id) == state.table);
    shown.is_some_and(|table| {
        let split = table.plan.split.as_ref();
        let is_by_file = split.is_some_and(|split| split.kind == SplitKind::SecondFile);
        is_by_file && table.test_file.is_none() && table.summary.is_some()
    })
}

fn ask_preview(state: Store<AppState>, id: TableId) -> Vec<Command> {
    let view = state.tables().at_key(id);
    let Some(options) = view.reading().read_untracked().draft.clone() else {
        return Vec::new();
    };
    let mut may_ask = false;
    view.reading()
        .update(|reading| may_ask = reading.preview.may_ask());
    if !may_ask {
        return Vec::new();
    }
    let request = RequestId(fresh(state));
    view.reading()
        .update(|reading| reading.preview.asked(request));
    vec![Command::Preview {
        table: id,
        request,
        name: view.name().read_untracked().clone(),
        source: view.source().read_untracked().clone(),
        options,
    }]
}

/// Takes in the start of a file.
pub(super) fn previewed(
    state: Store<AppState>,
    request: RequestId,
    preview: PreviewView,
) -> Vec<Command> {
    let found = state
        .tables()
        .read_untracked()
        .iter()
        .find(|table| table.reading.preview.wanted == Some(request))
        .map(|table| table.id);
    let Some(id) = found else {
        return Vec::new();
    };
    let view = state.tables().at_key(id);
    let mut is_stale = false;
    view.reading().update(|reading| {
        reading.preview.settle(request, Ok(preview));
        is_stale = std::mem::take(&mut reading.preview.is_stale);
    });
    if is_stale {
        ask_preview(state, id)
    } else {
        Vec::new()
    }
}

/// Opens a table's file once more, to take its place.
fn open_instead(
    state: Store<AppState>,
    id: TableId,
    options: ReadOptions,
    keeps_test: bool,
) -> Vec<Command> {
    let old = state.tables().at_key(id).read_untracked().clone();
    if old.reading.next.is_some() {
        return Vec::new();
    }
    let next = TableId(fresh(state));
    let mut table = TableView::new(next, old.name.clone(), old.source.clone());
    table.role = TableRole::InsteadOf(id);
    table.options = options.clone();
    table.text = old.text;
    table.features = old.features;
    table.target = old.target;
    table.plan = old.plan;
    table.way = old.way;
    table.is_way_chosen = old.is_way_chosen;
    if keeps_test {
        table.test_file = old.test_file;
    }
    state.tables().update(|tables| tables.push(table));
    state.tables().at_key(id).reading().update(|reading| {
        reading.next = Some(next);
        reading.failure = None;
    });
    vec![Command::OpenTable {
        table: next,
        name: old.name,
        source: old.source,
        options,
    }]
}

/// A table that was read again is open: it takes the place of the first.
pub(super) fn take_place(state: Store<AppState>, next: TableId, old: TableId) -> Vec<Command> {
    let view = state.tables().at_key(next);
    view.role().set(TableRole::Own);
    if !has_table(state, old) {
        return Vec::new();
    }
    let is_shown = *state.table().read_untracked() == Some(old);
    if is_shown {
        state.table().set(Some(next));
    }
    let test = *view.test_file().read_untracked();
    if let Some(test) = test {
        state
            .tables()
            .at_key(test)
            .role()
            .set(TableRole::TestOf(next));
    }
    state
        .tables()
        .at_key(old)
        .reading()
        .set(ReadingView::default());
    let has_runs = state
        .runs()
        .read_untracked()
        .iter()
        .any(|run: &RunView| run.table == old && !run.is_gone);
    if has_runs {
        return Vec::new();
    }
    state.tables().at_key(old).is_gone().set(true);
    vec![Command::CloseTable { table: old }]
}

/// A table will not be open: whatever waited for it goes on without. Whether it was one that a
/// person does not see by itself.
pub(super) fn give_up(state: Store<AppState>, id: TableId, why: Option<Failure>) -> bool {
    let view = state.tables().at_key(id);
    let role = *view.role().read_untracked();
    match role {
        TableRole::Own => return false,
        TableRole::InsteadOf(old) if has_table(state, old) => {
            state.tables().at_key(old).reading().update(|reading| {
                reading.next = None;
                reading.failure = why;
            });
        }
        TableRole::TestOf(of) if has_table(state, of) => {
            state.tables().at_key(of).test_file().set(None);
            if let Some(why) = why {
                super::toast(state, why);
            }
        }
        TableRole::InsteadOf(_) | TableRole::TestOf(_) => {}
    }
    view.is_gone().set(true);
    true
}

/// Puts the rows of a second file below a table's, when both are open.
pub(super) fn append_test(state: Store<AppState>, id: TableId) -> Vec<Command> {
    if !has_table(state, id) {
        return Vec::new();
    }
    let view = state.tables().at_key(id);
    let Some(from) = *view.test_file().read_untracked() else {
        return Vec::new();
    };
    let is_open = |id: TableId| {
        has_table(state, id)
            && *state.tables().at_key(id).opening().read_untracked() == Opening::Open
    };
    let has_rows = view
        .summary()
        .read_untracked()
        .as_ref()
        .is_some_and(|summary| summary.test_from.is_some());
    if has_rows || !is_open(id) || !is_open(from) {
        return Vec::new();
    }
    vec![Command::AppendTest { table: id, from }]
}

/// The rows of a second file have come: they are the test.
pub(super) fn split_by_file(state: Store<AppState>, id: TableId) {
    let view = state.tables().at_key(id);
    view.plan().update(|plan| {
        let split = plan.split.clone().unwrap_or_default();
        plan.split = Some(SplitPlan {
            kind: SplitKind::SecondFile,
            ..split
        });
    });
}

#[cfg(test)]
mod tests {
    use reactive_graph::traits::Get;

    use super::super::fixture::*;
    use super::super::{Action, Plan, act, apply, failure};
    use super::*;
    use crate::domain::clean::StepPlan;
    use crate::domain::csv::{Delimiter, DialectChoice};
    use crate::domain::table::RowId;
    use crate::protocol::{About, Attachment, Event, FailureKind};

    fn semicolons() -> ReadOptions {
        ReadOptions {
            dialect: DialectChoice {
                delimiter: Some(Delimiter::Character(';')),
                ..DialectChoice::default()
            },
            ..ReadOptions::default()
        }
    }

    fn read(state: Store<AppState>, action: ReadAction) -> Vec<Command> {
        act(state, Action::Read(action))
    }

    /// A table that is being read again, and the id of its successor.
    fn rereading(state: Store<AppState>) -> (TableId, TableId) {
        let old = suggested_table(state);
        read(state, ReadAction::Try(semicolons()));
        let commands = read(state, ReadAction::Use);
        let [
            Command::OpenTable {
                table, ref options, ..
            },
        ] = commands[..]
        else {
            panic!("one file is opened")
        };
        assert_eq!(*options, semicolons());
        (old, table)
    }

    #[test]
    fn only_the_newest_options_are_previewed() {
        let state = fresh_state();
        let id = opened_table(state);
        let first = read(state, ReadAction::Try(semicolons()));
        let [Command::Preview { request, .. }] = first[..] else {
            panic!("one question")
        };
        let mut other = semicolons();
        other.encoding = Some("windows-1252".into());
        assert!(read(state, ReadAction::Try(other.clone())).is_empty());
        let previewed = |request| Event::Previewed {
            request,
            columns: vec!["a".into()],
            rows: Vec::new(),
            reading: None,
            issues: Vec::new(),
        };
        let next = apply(state, previewed(request));
        let [
            Command::Preview {
                request,
                ref options,
                ..
            },
        ] = next[..]
        else {
            panic!("the newest is asked for")
        };
        assert_eq!(*options, other);
        apply(state, previewed(request));
        let reading = state.tables().at_key(id).reading().get();
        assert_eq!(reading.preview.value.unwrap().columns, ["a"]);
    }

    #[test]
    fn a_table_that_was_read_again_takes_the_place_and_keeps_what_was_decided() {
        let state = fresh_state();
        let (old, next) = rereading(state);
        let steps = vec![StepPlan::DropMissingTarget];
        state.tables().at_key(next).plan().set(Plan {
            steps: steps.clone(),
            ..Plan::default()
        });
        assert_eq!(state.table().get(), Some(old), "nothing is lost meanwhile");
        let commands = apply(
            state,
            Event::TableOpened {
                table: next,
                summary: summary(),
            },
        );
        assert!(commands.contains(&Command::CloseTable { table: old }));
        assert_eq!(state.table().get(), Some(next));
        let table = state.tables().at_key(next).get();
        assert_eq!((table.plan.steps, table.role), (steps, TableRole::Own));
        assert_eq!(table.target.as_deref(), Some("label"));
    }

    #[test]
    fn a_table_with_runs_stays_beside_its_successor() {
        let state = fresh_state();
        finished_run(state);
        let old = state.table().get().unwrap();
        read(state, ReadAction::Try(semicolons()));
        let [Command::OpenTable { table, .. }] = read(state, ReadAction::Use)[..] else {
            panic!("one file is opened")
        };
        let commands = apply(
            state,
            Event::TableOpened {
                table,
                summary: summary(),
            },
        );
        assert!(!commands.contains(&Command::CloseTable { table: old }));
        assert!(has_table(state, old));
    }

    /// Read with the wrong delimiter the file had no table; the page then showed neither.
    #[test]
    fn a_failed_second_reading_leaves_the_first() {
        let state = fresh_state();
        let (old, next) = rereading(state);
        let why = failure(
            FailureKind::Input,
            "There is no table.",
            "Read it otherwise.",
        );
        apply(
            state,
            Event::Failed {
                about: About::Table(next),
                failure: why.clone(),
            },
        );
        assert_eq!(state.table().get(), Some(old));
        assert!(!has_table(state, next));
        let reading = state.tables().at_key(old).reading().get();
        assert_eq!((reading.failure, reading.next), (Some(why), None));
        assert_eq!(
            reading.draft,
            Some(semicolons()),
            "it can be changed further"
        );
    }

    /// The file was gone when its start was to be read again; every later preview then waited for
    /// an answer that never came.
    #[test]
    fn a_preview_that_fails_says_so_and_the_next_is_asked_for() {
        let state = fresh_state();
        let id = opened_table(state);
        suggested(state, id, 100);
        read(state, ReadAction::Try(semicolons()));
        let why = failure(FailureKind::Input, "It is gone.", "Drop it again.");
        apply(
            state,
            Event::Failed {
                about: About::Table(id),
                failure: why.clone(),
            },
        );
        let failure = state.tables().at_key(id).reading().get().failure;
        assert_eq!(failure, Some(why));
        let next = read(
            state,
            ReadAction::Try(ReadOptions {
                encoding: Some("utf-8".into()),
                ..semicolons()
            }),
        );
        assert!(matches!(next[..], [Command::Preview { .. }]));
    }

    #[test]
    fn reading_can_be_ended() {
        let state = fresh_state();
        let (old, next) = rereading(state);
        assert_eq!(
            read(state, ReadAction::Cancel(next)),
            [Command::CancelOpening { table: next }]
        );
        apply(state, Event::TableCancelled { table: next });
        assert!(has_table(state, old) && !has_table(state, next));
        let first = open(state);
        apply(state, Event::TableCancelled { table: first });
        assert!(!has_table(state, first));
        assert_eq!(state.table().get(), Some(old), "the one before is shown");
    }

    #[test]
    fn a_second_file_becomes_the_test() {
        let state = fresh_state();
        let id = suggested_table(state);
        assert!(!awaits_test(&state.get()));
        let by_file = SplitPlan {
            kind: SplitKind::SecondFile,
            ..SplitPlan::default()
        };
        act(
            state,
            Action::Plan(crate::ui::state::PlanAction::Split(by_file)),
        );
        assert!(
            awaits_test(&state.get()),
            "the next file that is dropped is it"
        );
        let source = TableSource::File {
            attachment: Attachment(0),
        };
        let add = ReadAction::AddTest {
            name: "test.csv".into(),
            source,
        };
        let [Command::OpenTable { table: test, .. }] = read(state, add)[..] else {
            panic!("the file is opened")
        };
        assert_eq!(state.table().get(), Some(id), "it is not shown by itself");
        let commands = apply(
            state,
            Event::TableOpened {
                table: test,
                summary: summary(),
            },
        );
        assert_eq!(
            commands,
            [Command::AppendTest {
                table: id,
                from: test
            }]
        );
        let mut both = summary();
        both.test_from = Some(RowId(100));
        let commands = apply(
            state,
            Event::TableOpened {
                table: id,
                summary: both,
            },
        );
        let split = state.tables().at_key(id).plan().get().split.unwrap();
        assert_eq!(split.kind, SplitKind::SecondFile);
        assert!(commands.iter().any(|command| matches!(
            command,
            Command::Suggest {
                decided: Some(_),
                ..
            }
        )));
        // It goes with the table that it serves.
        let commands = act(state, Action::CloseTable(id));
        assert!(commands.contains(&Command::CloseTable { table: test }));
    }
}
