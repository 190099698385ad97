//! What the person wants, into the state and into commands.

use reactive_graph::traits::{ReadUntracked, Set, Update};

use super::apply::{ask_now, show_new};
use super::look::{LookAction, look};
use super::plan::{PlanAction, ask_columns, change, decided, replan};
use super::reread::{ReadAction, reread};
use super::setting;
use super::study::{ask_run, cancel};
use super::{
    AppState, AppStateStoreFields, Ask, Opening, RunStatus, RunView, RunViewStoreFields, Step,
    Store, TableRole, TableView, TableViewStoreFields, Trials, WorkerView, active_run, failure,
    fresh, has_run, has_table, next_run, start as starting, sweep, toast, with_table,
};
use crate::domain::options::{self, OptionValue};
use crate::domain::read::ReadOptions;
use crate::domain::recipe::{Recipe, Way};
use crate::domain::start::Origin;
use crate::domain::suggest::draft;
use crate::protocol::{Command, FailureKind, RequestId, RunId, RunQuestion, TableId, TableSource};

/// What the person wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Open a table.
    Open {
        /// The file's name.
        name: String,
        /// Where it comes from.
        source: TableSource,
    },
    /// Try again to open a table.
    OpenAgain(TableId),
    /// Show another of the open tables.
    ShowTable(TableId),
    /// Show where one can open another table.
    Leave,
    /// Forget a table.
    CloseTable(TableId),
    /// Predict this column.
    ChooseTarget(String),
    /// Learn from this column, or no longer.
    ToggleColumn(String),
    /// Read the file otherwise, or a second one.
    Read(ReadAction),
    /// Decide something about the data.
    Plan(PlanAction),
    /// Look at other rows, or at a column.
    Look(LookAction),
    /// Ask again for defaults.
    SuggestAgain,
    /// Show a step.
    Go(Step),
    /// Learn in this way in the next run.
    ChooseWay(Way),
    /// Change a setting of the next run.
    SetOption {
        /// The setting, see [`options::ALL`].
        pointer: &'static str,
        /// Its new value.
        value: OptionValue,
    },
    /// Start the next run from this base model.
    ChooseEncoder(String),
    /// Take the suggested settings again.
    ResetOptions,
    /// Take the settings of this recipe for the next run.
    TakeSettings(Box<Recipe>),
    /// Start a run with the settings as they stand.
    Start,
    /// Start a run with the recipe of another.
    StartAgain(RunId),
    /// Hold a run.
    Pause(RunId),
    /// Let a run go on.
    Resume(RunId),
    /// End a run and keep its best checkpoint.
    Stop(RunId),
    /// Go on with a table and its runs that are kept on this device.
    GoOn(String),
    /// Remove what is kept on this device: one table with its runs, or everything.
    ForgetKept(Option<String>),
    /// Show a run.
    ShowRun(RunId),
    /// Forget a run.
    Forget(RunId),
    /// Ask something about a run.
    AskRun {
        /// Which.
        run: RunId,
        /// Ties the answer to this question: from [`super::next_request`].
        request: RequestId,
        /// What.
        question: RunQuestion,
    },
    /// An answer is no longer wanted.
    Cancel(RequestId),
    /// Predict this row: names of columns with their cells.
    Ask(Vec<(String, String)>),
    /// Close a message.
    Dismiss(u32),
}

/// Does what the person wants; the commands that follow from it come back.
pub fn act(state: Store<AppState>, action: Action) -> Vec<Command> {
    sweep(state);
    match action {
        Action::Open { name, source } => {
            let table = TableId(fresh(state));
            show_new(state, TableView::new(table, name.clone(), source.clone()));
            vec![Command::OpenTable {
                table,
                name,
                source,
                options: ReadOptions::default(),
            }]
        }
        Action::OpenAgain(table) => open_again(state, table),
        Action::ShowTable(table) => {
            if has_table(state, table) {
                state.table().set(Some(table));
                state.run().set(None);
                state.step().set(Step::Data);
            }
            Vec::new()
        }
        Action::Leave => {
            state.step().set(Step::Data);
            select_run(state, None);
            state.table().set(None);
            Vec::new()
        }
        Action::CloseTable(table) => close_table(state, table),
        Action::ChooseTarget(column) => {
            let mut commands = choose(state, |table| {
                // A column cannot explain itself.
                table.leave_out(&column);
                let before = table.target.replace(column.clone());
                table.plan.task = None;
                // What was to be predicted may well tell something now.
                if let Some(before) = before.filter(|before| *before != column) {
                    table.toggle(&before);
                }
            });
            with_table(state, |table| commands.extend(ask_columns(state, table)));
            commands
        }
        Action::ToggleColumn(column) => choose(state, |table| table.toggle(&column)),
        Action::Read(action) => reread(state, action),
        Action::Plan(action) => change(state, action),
        Action::Look(action) => look(state, action),
        Action::SuggestAgain => {
            let mut commands = Vec::new();
            with_table(state, |table| commands = suggest(state, table));
            commands
        }
        Action::Go(step) => {
            if can_go(&state.read_untracked(), step) {
                return go(state, step);
            }
            Vec::new()
        }
        Action::ChooseWay(way) => {
            with_table(state, |table| {
                let view = state.tables().at_key(table);
                view.way().set(way);
                view.is_way_chosen().set(true);
            });
            Vec::new()
        }
        Action::SetOption { pointer, value } => {
            let mut commands = Vec::new();
            with_table(state, |table| {
                commands = set_option(state, table, pointer, &value);
            });
            commands
        }
        Action::ChooseEncoder(id) => {
            with_table(state, |table| {
                let view = state.tables().at_key(table);
                view.plan()
                    .update(|plan| plan.base_model = Some(id.clone()));
                for recipes in [view.drafts(), view.defaults()] {
                    recipes.update(|recipes| {
                        for recipe in recipes {
                            recipe.base_model.clone_from(&id);
                        }
                    });
                }
            });
            Vec::new()
        }
        Action::ResetOptions => {
            let mut commands = Vec::new();
            with_table(state, |table| {
                let view = state.tables().at_key(table);
                let defaults = view.defaults().read_untracked().clone();
                view.drafts().set(defaults);
                let before = view.plan().read_untracked().clone();
                view.plan().update(|plan| {
                    plan.split = None;
                    plan.seed = None;
                });
                commands = replan(state, table, &before);
            });
            commands
        }
        Action::TakeSettings(found) => {
            let mut commands = Vec::new();
            with_table(state, |table| {
                commands = take_settings(state, table, *found);
            });
            commands.extend(go(state, Step::Tune));
            commands
        }
        Action::Start => start_draft(state),
        Action::StartAgain(run) => {
            let known = state
                .runs()
                .read_untracked()
                .iter()
                .find(|known| known.id == run)
                .map(|known| (known.table, known.recipe.clone(), known.classes));
            match known {
                Some((table, recipe, classes)) => start(state, table, recipe, classes),
                None => Vec::new(),
            }
        }
        Action::Pause(run) => steer(state, run, RunStatus::Pausing, Command::Pause { run }),
        Action::Resume(run) => steer(state, run, RunStatus::Running, Command::Resume { run }),
        Action::Stop(run) => steer(state, run, RunStatus::Stopping, Command::Stop { run }),
        Action::GoOn(kept) => super::kept::go_on(state, &kept),
        Action::ForgetKept(kept) => vec![Command::ForgetKept { kept }],
        Action::ShowRun(run) => show_run(state, run),
        Action::Forget(run) => forget(state, run),
        Action::AskRun {
            run,
            request,
            question,
        } => ask_run(state, run, request, question),
        Action::Cancel(request) => cancel(state, request),
        Action::Ask(row) => ask(state, row),
        Action::Dismiss(id) => {
            state
                .toasts()
                .update(|toasts| toasts.retain(|toast| toast.id != id));
            Vec::new()
        }
    }
}

fn open_again(state: Store<AppState>, table: TableId) -> Vec<Command> {
    if !has_table(state, table) {
        return Vec::new();
    }
    let view = state.tables().at_key(table);
    view.opening().set(Opening::Reading { read: 0, total: 0 });
    let (name, source) = (
        view.name().read_untracked().clone(),
        view.source().read_untracked().clone(),
    );
    vec![Command::OpenTable {
        table,
        name,
        source,
        options: view.options().read_untracked().clone(),
    }]
}

pub(super) fn close_table(state: Store<AppState>, table: TableId) -> Vec<Command> {
    if !has_table(state, table) {
        return Vec::new();
    }
    let of_table = |run: &&RunView| run.table == table && !run.is_gone;
    let runs: Vec<RunId> = state
        .runs()
        .read_untracked()
        .iter()
        .filter(of_table)
        .map(|run| run.id)
        .collect();
    let mut commands: Vec<Command> = runs
        .into_iter()
        .flat_map(|run| forget(state, run))
        .collect();
    let view = state.tables().at_key(table);
    // What only served this table goes with it.
    let served = [
        *view.test_file().read_untracked(),
        view.reading().read_untracked().next,
    ];
    for other in served.into_iter().flatten() {
        if has_table(state, other) {
            state.tables().at_key(other).is_gone().set(true);
            commands.push(Command::CloseTable { table: other });
        }
    }
    view.is_gone().set(true);
    if *state.table().read_untracked() == Some(table) {
        let is_left = |other: &&TableView| !other.is_gone && other.role == TableRole::Own;
        let other = state
            .tables()
            .read_untracked()
            .iter()
            .rfind(is_left)
            .map(|other| other.id);
        state.step().set(Step::Data);
        select_run(state, None);
        state.table().set(other);
    }
    commands.push(Command::CloseTable { table });
    commands
}

fn choose(state: Store<AppState>, change: impl FnOnce(&mut TableView)) -> Vec<Command> {
    let mut commands = Vec::new();
    with_table(state, |id| {
        let mut draft = state.tables().at_key(id).read_untracked().clone();
        change(&mut draft);
        let view = state.tables().at_key(id);
        view.text().set(draft.text);
        view.features().set(draft.features);
        view.target().set(draft.target);
        view.plan().set(draft.plan);
        commands = suggest(state, id);
    });
    commands
}

/// Asks for defaults when both sides are chosen.
pub(super) fn suggest(state: Store<AppState>, table: TableId) -> Vec<Command> {
    if !has_table(state, table) {
        return Vec::new();
    }
    let view = state.tables().at_key(table);
    view.profile().set(None);
    view.drafts().set(Vec::new());
    view.defaults().set(Vec::new());
    view.issues().set(Vec::new());
    suggest_again(state, table)
}

/// Asks for defaults, and keeps what is there until they come.
pub(super) fn suggest_again(state: Store<AppState>, table: TableId) -> Vec<Command> {
    let view = state.tables().at_key(table);
    view.suggest_failure().set(None);
    let text = view.text().read_untracked().clone();
    let columns = view.features().read_untracked().clone();
    let target = view.target().read_untracked().clone();
    match target {
        Some(target) if !text.is_empty() || !columns.is_empty() => {
            view.suggests_pending().update(|pending| *pending += 1);
            let plain = draft(text.clone(), columns.clone(), target.clone(), None);
            let decided = decided(state, table).filter(|recipe| *recipe != plain);
            vec![Command::Suggest {
                table,
                text,
                columns,
                target,
                decided: decided.map(Box::new),
                task: None,
            }]
        }
        _ => Vec::new(),
    }
}

/// Settings outside `/training` and `/table` say what the data are, not how one learns from them:
/// they hold for every way.
fn set_option(
    state: Store<AppState>,
    table: TableId,
    pointer: &'static str,
    value: &OptionValue,
) -> Vec<Command> {
    let Some(spec) = options::find(pointer) else {
        return Vec::new();
    };
    let view = state.tables().at_key(table);
    let way = *view.way().read_untracked();
    let is_of_way = ["/training/", "/table/"]
        .iter()
        .any(|start| pointer.starts_with(start));
    view.drafts().update(|drafts| {
        for draft in drafts {
            if draft.way() == way || !is_of_way {
                // The form has shown the reason to whoever typed a value out of range.
                if let Ok(changed) = setting::set(draft, spec, value) {
                    *draft = changed;
                }
            }
        }
    });
    // The page's Data step and its settings speak of the same split.
    let now = view
        .drafts()
        .read_untracked()
        .first()
        .map(|draft| (draft.split.clone(), draft.seed));
    let before = view.plan().read_untracked().clone();
    let Some((split, seed)) = now.filter(|_| is_about_split(pointer)) else {
        return Vec::new();
    };
    view.plan().update(|plan| {
        plan.split = Some(split);
        plan.seed = Some(seed);
    });
    replan(state, table, &before)
}

/// Puts the settings of a recipe into the draft of the same way, and starts from what it starts from;
/// which rows and columns are learned from stays.
fn take_settings(state: Store<AppState>, table: TableId, found: Recipe) -> Vec<Command> {
    let view = state.tables().at_key(table);
    let way = found.way();
    let before = view.plan().read_untracked().clone();
    let known = before.start.as_ref().map(|origin| &origin.start);
    let is_other_start = known != found.start.as_ref();
    if is_other_start {
        let kept = state.kept().read_untracked().clone();
        let origin = starting::origin_of(&found, &kept).or_else(|| {
            let start = found.start.clone()?;
            let mixes_rows_in = found.training.transfer.rehearsal > 0.0;
            Some(Origin::new(start, &found, mixes_rows_in))
        });
        view.plan().update(|plan| plan.start_from(origin));
    }
    view.drafts().update(|drafts| {
        let Some(draft) = drafts.iter_mut().find(|draft| draft.way() == way) else {
            return;
        };
        draft.tuning = found.tuning;
        draft.training = found.training;
        if let (Some(plan), Some(found)) = (&mut draft.table, found.table) {
            plan.network = found.network;
            plan.texts = found.texts;
        }
    });
    view.way().set(way);
    view.is_way_chosen().set(true);
    view.is_unfolded().set(true);
    if is_other_start {
        replan(state, table, &before)
    } else {
        Vec::new()
    }
}

fn is_about_split(pointer: &str) -> bool {
    pointer.starts_with("/split/") || pointer == "/seed"
}

/// Whether a step can be shown.
pub fn can_go(state: &AppState, step: Step) -> bool {
    let run = state
        .run
        .and_then(|id| state.runs.iter().find(|run| run.id == id));
    match step {
        Step::Data => true,
        Step::Tune => {
            run.is_some() || shown_table(state).is_some_and(|table| !table.drafts.is_empty())
        }
        Step::Evaluate | Step::Explain | Step::Use => run.is_some_and(|run| run.summary.is_some()),
    }
}

fn shown_table(state: &AppState) -> Option<&TableView> {
    let shown = state.table?;
    state.tables.iter().find(|table| table.id == shown)
}

fn go(state: Store<AppState>, step: Step) -> Vec<Command> {
    state.step().set(step);
    let run = *state.run().read_untracked();
    let trials = state
        .trials()
        .read_untracked()
        .as_ref()
        .map(|trials| trials.run);
    if step != Step::Use || trials == run {
        return Vec::new();
    }
    match run {
        Some(run) => read_trials(state, run),
        None => Vec::new(),
    }
}

/// Why these columns cannot be learned from, as a sentence; none when they can.
pub fn why_not_learn(state: &AppState) -> Option<String> {
    let table = shown_table(state)?;
    if let Opening::Failed(failure) = &table.opening {
        return Some(failure.what.clone());
    }
    if table.summary.is_none() {
        return Some("The table is being read.".to_owned());
    }
    if let Some(issue) = table.all_issues().iter().find(|issue| issue.blocks()) {
        return Some(format!("{} {}", issue.what, issue.fix));
    }
    if table.target.is_none() {
        return Some("Choose the column to predict.".to_owned());
    }
    if table.inputs().next().is_none() {
        return Some("Choose at least one column to learn from.".to_owned());
    }
    if let Some(failure) = &table.suggest_failure {
        return Some(failure.what.clone());
    }
    table
        .drafts
        .is_empty()
        .then(|| "Counting rows and measuring texts.".to_owned())
}

/// Why the next run cannot start, as a sentence; none when it can.
pub fn why_not_tune(state: &AppState) -> Option<String> {
    if let Some(why) = why_not_learn(state) {
        return Some(why);
    }
    let draft = shown_table(state)?.draft()?;
    // The form takes no value out of its range.
    if let Some(issue) = draft.contradictions().first() {
        return Some(format!("{} {}", issue.what, issue.fix));
    }
    if let Some(why) = starting::why_not(shown_table(state)?, draft, &state.worker) {
        return Some(why);
    }
    if active_run(&state.runs).is_some() {
        return Some("A run is under way; one runs at a time.".to_owned());
    }
    match &state.worker {
        WorkerView::Down(failure) => Some(failure.what.clone()),
        WorkerView::Starting | WorkerView::Ready(_) => None,
    }
}

fn start_draft(state: Store<AppState>) -> Vec<Command> {
    let draft = {
        let state = state.read_untracked();
        if why_not_tune(&state).is_some() {
            return Vec::new();
        }
        shown_table(&state).and_then(|table| {
            let classes = table
                .profile
                .as_ref()
                .map_or(0, |profile| profile.classes.len());
            Some((table.id, table.draft()?.clone(), classes as u32))
        })
    };
    match draft {
        Some((table, recipe, classes)) => start(state, table, recipe, classes),
        None => Vec::new(),
    }
}

fn start(state: Store<AppState>, table: TableId, recipe: Recipe, classes: u32) -> Vec<Command> {
    if active_run(&state.runs().read_untracked()).is_some() {
        toast(
            state,
            failure(
                FailureKind::Protocol,
                "A run is under way.",
                "Wait for it, or stop it first.",
            ),
        );
        return Vec::new();
    }
    let run = next_run(state);
    state
        .runs()
        .update(|runs| runs.push(RunView::new(run, table, recipe.clone(), classes)));
    state.table().set(Some(table));
    select_run(state, Some(run));
    state.step().set(Step::Tune);
    vec![Command::Train { run, table, recipe }]
}

fn steer(state: Store<AppState>, run: RunId, status: RunStatus, command: Command) -> Vec<Command> {
    if !has_run(state, run)
        || !state
            .runs()
            .at_key(run)
            .status()
            .read_untracked()
            .is_active()
    {
        return Vec::new();
    }
    state.runs().at_key(run).status().set(status);
    vec![command]
}

/// Shows a run, and nothing any more of the one before.
fn select_run(state: Store<AppState>, run: Option<RunId>) {
    if *state.run().read_untracked() == run {
        return;
    }
    state.run().set(run);
    state.trials().set(None);
    state.ask().update(|ask| ask.answer = None);
}

fn show_run(state: Store<AppState>, run: RunId) -> Vec<Command> {
    if !has_run(state, run) {
        return Vec::new();
    }
    let view = state.runs().at_key(run);
    let table = *view.table().read_untracked();
    let is_finished = view.summary().read_untracked().is_some();
    state.table().set(Some(table));
    select_run(state, Some(run));
    let step = *state.step().read_untracked();
    let next = match (is_finished, step) {
        (false, _) => Step::Tune,
        (true, Step::Data) => Step::Evaluate,
        (true, step) => step,
    };
    go(state, next)
}

/// A run that the worker is busy with is stopped now and forgotten when it has ended.
fn forget(state: Store<AppState>, run: RunId) -> Vec<Command> {
    if !has_run(state, run) {
        return Vec::new();
    }
    let view = state.runs().at_key(run);
    let is_active = view.status().read_untracked().is_active();
    view.is_gone().set(true);
    if is_active {
        view.status().set(RunStatus::Stopping);
    }
    if *state.run().read_untracked() == Some(run) {
        if *state.step().read_untracked() > Step::Tune {
            state.step().set(Step::Tune);
        }
        select_run(state, None);
        if !can_go(&state.read_untracked(), *state.step().read_untracked()) {
            state.step().set(Step::Data);
        }
    }
    vec![if is_active {
        Command::Stop { run }
    } else {
        Command::ForgetRun { run }
    }]
}

/// Reads the rows that a model is to be tried on.
fn read_trials(state: Store<AppState>, run: RunId) -> Vec<Command> {
    let found = {
        let runs = state.runs().read_untracked();
        runs.iter()
            .find(|known| known.id == run)
            .and_then(|known| Some((known.table, known.summary.as_ref()?.trials.clone())))
    };
    let Some((table, rows)) = found else {
        return Vec::new();
    };
    if rows.is_empty() || !has_table(state, table) {
        return Vec::new();
    }
    let request = RequestId(fresh(state));
    state.trials().set(Some(Trials {
        run,
        request,
        rows: Vec::new(),
    }));
    vec![Command::ReadRows {
        table,
        request,
        rows,
    }]
}

fn ask(state: Store<AppState>, row: Vec<(String, String)>) -> Vec<Command> {
    let shown = *state.run().read_untracked();
    let Some(run) = shown.filter(|&run| has_run(state, run)) else {
        return Vec::new();
    };
    if !*state.runs().at_key(run).is_loaded().read_untracked() {
        return Vec::new();
    }
    if row.iter().all(|(_, cell)| cell.trim().is_empty()) {
        // An answer that is on its way is to a row that is gone.
        state.ask().set(Ask::default());
        return Vec::new();
    }
    if state.ask().read_untracked().asked.is_some() {
        state.ask().update(|ask| ask.waiting = Some((run, row)));
        return Vec::new();
    }
    ask_now(state, run, row)
}

#[cfg(test)]
mod tests {
    use reactive_graph::traits::Get;

    use super::super::apply;
    use super::super::fixture::*;
    use super::*;
    use crate::domain::issue::{Issue, Position, Severity};
    use crate::domain::recipe::Method;
    use crate::protocol::{Event, RunEvent};

    #[test]
    fn opening_a_table_shows_it_at_the_first_step() {
        let state = fresh_state();
        let source = TableSource::Text { text: "a,b".into() };
        let commands = act(
            state,
            Action::Open {
                name: "pasted table".into(),
                source: source.clone(),
            },
        );
        let [Command::OpenTable { table, .. }] = commands[..] else {
            panic!("one command")
        };
        assert_eq!(state.table().get(), Some(table));
        assert_eq!(state.step().get(), Step::Data);
    }

    #[test]
    fn a_column_is_never_both_text_and_label() {
        let state = fresh_state();
        let id = opened_table(state);
        let commands = act(state, Action::ChooseTarget("text".into()));
        let [Command::Suggest { text, columns, .. }, Command::Ask { .. }] = &commands[..] else {
            panic!("{commands:?}")
        };
        assert!(text.is_empty());
        assert_eq!(
            columns,
            &["label"],
            "what was the target can be learned from"
        );
        act(state, Action::ToggleColumn("label".into()));
        let commands = act(state, Action::ToggleColumn("other".into()));
        let expected = Command::Suggest {
            table: id,
            text: vec!["other".into()],
            columns: Vec::new(),
            target: "text".into(),
            decided: None,
            task: None,
        };
        assert_eq!(commands, [expected]);
    }

    #[test]
    fn text_columns_stand_in_the_order_of_the_table() {
        let state = fresh_state();
        let id = opened_table(state);
        act(state, Action::ToggleColumn("text".into()));
        act(state, Action::ToggleColumn("other".into()));
        act(state, Action::ToggleColumn("text".into()));
        assert_eq!(state.tables().at_key(id).text().get(), ["text", "other"]);
    }

    #[test]
    fn a_run_starts_with_the_draft_of_the_chosen_method() {
        let state = fresh_state();
        suggested_table(state);
        act(state, Action::ChooseWay(Way::Text(Method::Head)));
        let commands = act(state, Action::Start);
        let [Command::Train { ref recipe, .. }] = commands[..] else {
            panic!("one run")
        };
        assert_eq!(recipe.tuning.method, Method::Head);
        assert_eq!(state.step().get(), Step::Tune);
        assert!(act(state, Action::Start).is_empty(), "one runs at a time");
    }

    #[test]
    fn what_blocks_keeps_a_run_from_starting() {
        let state = fresh_state();
        let id = suggested_table(state);
        let issue = Issue::new(
            "one_class",
            Severity::Blocks,
            Position::Table,
            "All rows are ham.",
            "Add others.",
        );
        state.tables().at_key(id).issues().set(vec![issue]);
        assert_eq!(
            why_not_tune(&state.get()).as_deref(),
            Some("All rows are ham. Add others.")
        );
        assert!(act(state, Action::Start).is_empty());
    }

    #[test]
    fn a_training_setting_belongs_to_its_method_and_a_split_to_all() {
        let state = fresh_state();
        let id = suggested_table(state);
        let set = |pointer, value| act(state, Action::SetOption { pointer, value });
        set("/training/epochs", OptionValue::Int(7));
        set("/split/test", OptionValue::Float(0.3));
        let table = state.tables().at_key(id).get();
        assert_eq!(
            table
                .draft_of(Way::Text(Method::Lora))
                .unwrap()
                .training
                .epochs,
            7
        );
        assert_ne!(
            table
                .draft_of(Way::Text(Method::Full))
                .unwrap()
                .training
                .epochs,
            7
        );
        assert_eq!(
            table.draft_of(Way::Text(Method::Full)).unwrap().split.test,
            0.3
        );
        act(state, Action::ResetOptions);
        assert_ne!(
            state
                .tables()
                .at_key(id)
                .get()
                .draft()
                .unwrap()
                .training
                .epochs,
            7
        );
    }

    /// Somebody who brought an encoder pressed "Take the suggested settings", and tuned MiniLM.
    #[test]
    fn the_suggested_settings_keep_the_encoder() {
        let state = fresh_state();
        let id = suggested_table(state);
        let own = "sha256:own".to_owned();
        act(state, Action::ChooseEncoder(own.clone()));
        let pointer = "/training/epochs";
        let value = OptionValue::Int(7);
        act(state, Action::SetOption { pointer, value });
        act(state, Action::ResetOptions);
        let table = state.tables().at_key(id).get();
        assert!(table.drafts.iter().all(|draft| draft.base_model == own));
        assert_eq!(table.drafts, table.defaults);
    }

    #[test]
    fn other_shares_change_the_expected_parts() {
        let state = fresh_state();
        let id = suggested_table(state);
        assert_eq!(state.tables().at_key(id).get().parts(), Some([70, 10, 20]));
        act(
            state,
            Action::SetOption {
                pointer: "/split/test",
                value: OptionValue::Float(0.5),
            },
        );
        assert_eq!(state.tables().at_key(id).get().parts(), Some([40, 10, 50]));
    }

    #[test]
    fn steps_open_one_after_the_other() {
        let state = fresh_state();
        let reachable = || Step::ALL.map(|step| can_go(&state.get(), step));
        assert_eq!(reachable(), [true, false, false, false, false]);
        suggested_table(state);
        assert_eq!(reachable(), [true, true, false, false, false]);
        let [Command::Train { run, .. }] = act(state, Action::Start)[..] else {
            panic!("one run")
        };
        assert_eq!(reachable(), [true, true, false, false, false]);
        apply(
            state,
            Event::Run {
                run,
                event: RunEvent::Finished {
                    summary: Box::new(summary_of_run()),
                },
            },
        );
        assert_eq!(reachable(), [true, true, true, true, true]);
    }

    #[test]
    fn forgetting_the_shown_run_goes_back_to_where_one_can_start_another() {
        let state = fresh_state();
        let run = finished_run(state);
        act(state, Action::Go(Step::Use));
        assert_eq!(
            act(state, Action::Forget(run)),
            [Command::ForgetRun { run }]
        );
        assert_eq!(state.step().get(), Step::Tune);
        assert_eq!(state.run().get(), None);
        // What has shown it may read it once more.
        assert_eq!(state.runs().get().len(), 1);
        act(state, Action::Dismiss(0));
        assert!(state.runs().get().is_empty());
    }

    /// Somebody forgot a run under way and started another at once: the worker refused it, since
    /// the first had not ended yet.
    #[test]
    fn a_forgotten_run_keeps_the_worker_until_it_has_ended() {
        let state = fresh_state();
        let run = started_run(state);
        assert_eq!(act(state, Action::Forget(run)), [Command::Stop { run }]);
        assert!(act(state, Action::Start).is_empty());
        let event = RunEvent::Finished {
            summary: Box::new(summary_of_run()),
        };
        assert_eq!(
            apply(state, Event::Run { run, event }),
            [Command::ForgetRun { run }]
        );
        assert!(matches!(
            act(state, Action::Start)[..],
            [Command::Train { .. }]
        ));
    }

    #[test]
    fn closing_a_table_forgets_its_runs() {
        let state = fresh_state();
        let run = finished_run(state);
        let table = state.table().get().unwrap();
        let commands = act(state, Action::CloseTable(table));
        assert_eq!(
            commands,
            [Command::ForgetRun { run }, Command::CloseTable { table }]
        );
        assert_eq!(state.table().get(), None);
        assert_eq!(state.step().get(), Step::Data);
    }

    #[test]
    fn settings_that_were_found_are_those_of_the_next_run() {
        let state = fresh_state();
        let run = finished_run(state);
        let mut found = state.runs().get()[0].recipe.clone();
        assert_eq!(state.runs().get()[0].id, run);
        found.training.learning_rate = 0.00042;
        found.seed = 77;
        act(state, Action::TakeSettings(Box::new(found.clone())));
        assert_eq!(state.step().get(), Step::Tune);
        let table = state.tables().at_key(state.table().get().unwrap()).get();
        let draft = table.draft().unwrap();
        assert_eq!(draft.training, found.training);
        assert_ne!(draft.seed, 77, "what is learned from stays");
        assert!(table.is_unfolded, "what was turned can be seen");
    }

    #[test]
    fn settings_of_a_run_that_went_on_go_on_from_there_again() {
        let state = fresh_state();
        finished_run(state);
        let table = state.tables().at_key(state.table().get().unwrap());
        let start = crate::domain::start::Start {
            model: "k".into(),
            name: "LoRA r8".into(),
        };
        let mut found = state.runs().get()[0].recipe.clone();
        found.start = Some(start.clone());
        found.training.transfer.l2_sp = 0.1;
        act(state, Action::TakeSettings(Box::new(found.clone())));
        let origin = table.plan().get().start.unwrap();
        assert_eq!((&origin.start, origin.has_rows), (&start, false));
        let draft = table.get().draft().unwrap().clone();
        assert_eq!(draft.start, Some(start));
        assert_eq!(draft.training.transfer.l2_sp, 0.1);
        found.start = None;
        act(state, Action::TakeSettings(Box::new(found)));
        assert_eq!(table.get().draft().unwrap().start, None);
    }

    #[test]
    fn an_emptied_text_takes_its_answer_with_it() {
        let state = fresh_state();
        finished_run(state);
        act(state, Action::Ask(vec![("text".into(), "hello".into())]));
        assert!(act(state, Action::Ask(vec![("text".into(), "  ".into())])).is_empty());
        assert_eq!(state.ask().get(), super::super::Ask::default());
    }
}
