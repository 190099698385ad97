//! What the page knows, as one [`Store`] with two writers.
//!
//! [`apply()`] takes what the worker tells, [`act()`] what the person wants. Both are plain functions
//! from a state to a changed state and the commands that follow, so everything that the page
//! decides is tested natively; the rest of the page only shows a state and passes on wishes.

mod act;
mod apply;
mod asked;
#[cfg(test)]
mod fixture;
mod kept;
mod look;
mod lose;
mod plan;
mod reread;
mod series;
pub mod setting;
mod start;
mod store;
mod study;

use reactive_graph::traits::{ReadUntracked, Update};

pub use act::{Action, act, can_go, why_not_learn, why_not_tune};
pub use apply::apply;
pub use asked::Asked;
pub use look::{ColumnAnswer, DetailView, LookAction, Row, RowsView};
pub use lose::{lose, refuse, silence_allowed};
pub use plan::{Plan, PlanAction, Preparation};
pub use reread::{PreviewView, ReadAction, ReadingView, awaits_test};
pub use series::Series;
pub use store::{Field, Part, Store};
pub use study::{Reply, next_request};

use store::fields;

use crate::domain::issue::Issue;
use crate::domain::read::ReadOptions;
use crate::domain::recipe::{DataProfile, Method, Recipe, Way};
use crate::domain::report::{
    Baseline, EpochReport, ParameterCount, Phase, Prediction, Progress, RunSummary,
};
use crate::domain::split::SplitKind;
use crate::domain::table::RowId;
use crate::domain::task;
use crate::protocol::{
    Capabilities, Failure, FailureKind, KeptTable, RequestId, RunId, TableId, TableSource,
    TableSummary,
};

fields! {
    AppStateStoreFields:
    /// Everything the page knows.
    #[derive(Debug, Clone, Default)]
    pub struct AppState {
        /// Whether there is somebody to ask.
        pub worker: WorkerView,
        /// Which step is shown.
        pub step: Step,
        /// Open tables, in the order of opening.
        pub tables: Vec<TableView>,
        /// The table that is shown.
        pub table: Option<TableId>,
        /// Runs, the oldest first.
        pub runs: Vec<RunView>,
        /// The run that is shown.
        pub run: Option<RunId>,
        /// Questions about runs that are not answered yet, other than what a run says of a text.
        pub awaited: Vec<RequestId>,
        /// What came to such questions, the newest last.
        pub replies: Vec<(RequestId, Reply)>,
        /// Rows that the shown run never saw, to try it on.
        pub trials: Option<Trials>,
        /// What the shown run says to the text that is being typed.
        pub ask: Ask,
        /// What is kept on this device from before, the latest first.
        pub kept: Vec<KeptTable>,
        /// Every request of the worker.
        pub fetched: Vec<Fetched>,
        /// Messages until the person closes them.
        pub toasts: Vec<Toast>,
        /// The next free id of whatever needs one.
        pub next_id: u32,
        /// Runs that there have been: people read their numbers.
        pub runs_numbered: u32,
    }
}

/// The worker, as the page knows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum WorkerView {
    /// Its program is on its way.
    #[default]
    Starting,
    /// It listens.
    Ready(Capabilities),
    /// There is none, and none is being started.
    Down(Failure),
}

/// A step of the one road.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Look at the table, choose columns.
    #[default]
    Data,
    /// Choose how to tune, and watch.
    Tune,
    /// See how good it is.
    Evaluate,
    /// See why it says what it says.
    Explain,
    /// Try it.
    Use,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 5] = [
        Self::Data,
        Self::Tune,
        Self::Evaluate,
        Self::Explain,
        Self::Use,
    ];

    /// Stable id, as in addresses and test ids.
    pub fn id(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Tune => "tune",
            Self::Evaluate => "evaluate",
            Self::Explain => "explain",
            Self::Use => "use",
        }
    }

    /// Name as people read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "Data",
            Self::Tune => "Tune",
            Self::Evaluate => "Evaluate",
            Self::Explain => "Explain",
            Self::Use => "Use",
        }
    }
}

fields! {
    TableViewStoreFields:
    /// A table that was opened, is being opened, or could not be.
    #[derive(Debug, Clone)]
    pub struct TableView {
        /// Its id.
        pub id: TableId,
        /// The file's name.
        pub name: String,
        /// Where it comes from, to open it again in another worker.
        pub source: TableSource,
        /// What it is for.
        pub role: TableRole,
        /// How its file is read.
        pub options: ReadOptions,
        /// How far opening it has come.
        pub opening: Opening,
        /// What is in it, once it is open.
        pub summary: Option<TableSummary>,
        /// How its file would be read otherwise.
        pub reading: ReadingView,
        /// The table whose rows are the test, where a second file was brought.
        pub test_file: Option<TableId>,
        /// What the person decided about the data.
        pub plan: Plan,
        /// The question about the columns and the task; its answer goes into the summary.
        pub columns: Asked<()>,
        /// What preparing comes to.
        pub preparation: Asked<Preparation>,
        /// The recipe that the last question about it was about.
        pub preparing: Option<Recipe>,
        /// The rows that are looked at.
        pub rows: RowsView,
        /// The column that is looked at closely.
        pub detail: Option<DetailView>,
        /// Names of the columns that hold the texts.
        pub text: Vec<String>,
        /// Names of the columns to learn from besides.
        pub features: Vec<String>,
        /// Name of the column to predict.
        pub target: Option<String>,
        /// Questions about the columns that are not answered yet. Only the answer to the last counts.
        pub suggests_pending: u32,
        /// Why the last question about the columns was not answered.
        pub suggest_failure: Option<Failure>,
        /// What the data look like with these columns. None while asked for, or when an issue blocks.
        pub profile: Option<DataProfile>,
        /// What speaks against these columns, or should be known.
        pub issues: Vec<Issue>,
        /// A recipe for every way in which these columns can be learned from, in the order in which
        /// they are offered; empty until suggested.
        pub drafts: Vec<Recipe>,
        /// The recipes as they were suggested.
        pub defaults: Vec<Recipe>,
        /// What the kept run was told that the next one begins with, until it is in a draft.
        pub resumed: Option<Recipe>,
        /// The way that is chosen.
        pub way: Way,
        /// Whether a person chose it; else it is the suggested one.
        pub is_way_chosen: bool,
        /// Whether every setting is shown at first, since some were taken from a run.
        pub is_unfolded: bool,
        /// Whether it was closed. It leaves with the next action: what has shown it may read it once
        /// more before it is drawn anew.
        pub is_gone: bool,
    }
}

/// What a table is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TableRole {
    /// A person opened it and sees it.
    #[default]
    Own,
    /// It is the same file as another table's, read otherwise, and takes that one's place.
    InsteadOf(TableId),
    /// Its rows are another table's test.
    TestOf(TableId),
}

/// How far opening a table has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// Bytes so far, and in all where that is known.
    Reading {
        /// So far.
        read: u64,
        /// In all; 0 when not known.
        total: u64,
    },
    /// It is open.
    Open,
    /// It could not be opened.
    Failed(Failure),
}

impl TableView {
    /// A table that the worker is about to open.
    pub fn new(id: TableId, name: String, source: TableSource) -> Self {
        Self {
            id,
            name,
            source,
            role: TableRole::Own,
            options: ReadOptions::default(),
            opening: Opening::Reading { read: 0, total: 0 },
            summary: None,
            reading: ReadingView::default(),
            test_file: None,
            plan: Plan::default(),
            columns: Asked::default(),
            preparation: Asked::default(),
            preparing: None,
            rows: RowsView::default(),
            detail: None,
            text: Vec::new(),
            features: Vec::new(),
            target: None,
            suggests_pending: 0,
            suggest_failure: None,
            profile: None,
            issues: Vec::new(),
            drafts: Vec::new(),
            defaults: Vec::new(),
            resumed: None,
            way: Way::Text(Method::Lora),
            is_way_chosen: false,
            is_unfolded: false,
            is_gone: false,
        }
    }

    /// The recipe of the chosen way.
    pub fn draft(&self) -> Option<&Recipe> {
        self.draft_of(self.way)
    }

    /// The recipe of a way.
    pub fn draft_of(&self, way: Way) -> Option<&Recipe> {
        self.drafts.iter().find(|draft| draft.way() == way)
    }

    /// Id of the task that is proposed; comparing is while the texts are those that belong beside each other.
    pub fn proposed_task(&self) -> Option<&str> {
        let guess = &self.summary.as_ref()?.guess;
        let are_those = self.text.len() == guess.text.len()
            && self.text.iter().all(|name| guess.text.contains(name));
        Some(if are_those {
            &guess.task
        } else {
            task::alone(&guess.task)
        })
    }

    /// Id of the task: what a person chose, or what is proposed.
    pub fn task(&self) -> Option<&str> {
        self.plan.task.as_deref().or_else(|| self.proposed_task())
    }

    /// Columns that are learned from, texts first.
    pub fn inputs(&self) -> impl Iterator<Item = &String> {
        self.text.iter().chain(&self.features)
    }

    /// Learns from a column, or no longer: from its texts where it holds texts.
    pub fn toggle(&mut self, column: &str) {
        if self.inputs().any(|name| name == column) {
            self.leave_out(column);
            return;
        }
        let columns = self.summary.iter().flat_map(|summary| &summary.columns);
        let columns: Vec<(&String, &str)> = columns
            .map(|column| (&column.name, &*column.kind))
            .collect();
        let kind = columns.iter().find(|(name, _)| *name == column);
        // An identifier that is chosen all the same can only be read as words.
        let list = match kind {
            Some((_, "text" | "identifier")) => &mut self.text,
            _ => &mut self.features,
        };
        list.push(column.to_owned());
        list.sort_by_key(|name| columns.iter().position(|(other, _)| *other == name));
    }

    /// Learns from a column no longer.
    pub fn leave_out(&mut self, column: &str) {
        self.text.retain(|name| name != column);
        self.features.retain(|name| name != column);
    }

    /// Everything that was noticed, what blocks first.
    pub fn all_issues(&self) -> Vec<Issue> {
        let noticed = self.summary.iter().flat_map(|summary| &summary.issues);
        let prepared = self.preparation.value.iter();
        let prepared = prepared.flat_map(|preparation| &preparation.issues);
        let mut issues: Vec<Issue> = Vec::new();
        for issue in noticed.chain(&self.issues).chain(prepared) {
            // The reader and the check of the columns may notice the same.
            if !issues.contains(issue) {
                issues.push(issue.clone());
            }
        }
        issues.sort_by_key(|issue| std::cmp::Reverse(issue.severity));
        issues
    }

    /// Rows for training, validation and test as the draft would hold them apart.
    ///
    /// Exact where the worker has counted them; else rounded.
    pub fn parts(&self) -> Option<[u32; 3]> {
        let (profile, draft) = (self.profile.as_ref()?, self.draft()?);
        if let Some(counted) = &self.preparation.value
            && (&counted.recipe.split, counted.recipe.seed) == (&draft.split, draft.seed)
            && counted.recipe.steps == draft.steps
        {
            let [train, valid, test, _] = counted.parts;
            return Some([train, valid, test]);
        }
        let is_counted = self
            .defaults
            .iter()
            .any(|default| default.split == draft.split);
        if is_counted || draft.split.kind != SplitKind::Stratified {
            return Some(profile.parts);
        }
        let rows = f64::from(profile.rows);
        let [valid, test] =
            [draft.split.valid, draft.split.test].map(|share| (rows * share).round() as u32);
        Some([profile.rows.saturating_sub(valid + test), valid, test])
    }
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStatus {
    /// It goes on.
    Running,
    /// It was asked to hold, and holds after the step that is under way.
    Pausing,
    /// It holds.
    Paused,
    /// It was asked to end, and ends after the step that is under way.
    Stopping,
    /// It has ended with a report.
    Finished,
    /// It was stopped before anything was learned.
    Cancelled,
    /// It could not go on.
    Failed(Failure),
}

impl RunStatus {
    /// Whether the worker is busy with it.
    pub fn is_active(&self) -> bool {
        matches!(
            self,
            Self::Running | Self::Pausing | Self::Paused | Self::Stopping
        )
    }
}

fields! {
    RunViewStoreFields:
    /// A run, from its start to long after its end.
    #[derive(Debug, Clone)]
    pub struct RunView {
        /// Its id.
        pub id: RunId,
        /// Of which table.
        pub table: TableId,
        /// What it was told to do.
        pub recipe: Recipe,
        /// Number of labels.
        pub classes: u32,
        /// Where it stands.
        pub status: RunStatus,
        /// Whether the worker holds its weights, so that it can predict.
        pub is_loaded: bool,
        /// Whether the worker is reading them from this device's disk.
        pub is_coming: bool,
        /// What it is doing.
        pub phase: Option<Phase>,
        /// Whether training is over, and what it is doing is for the verdict.
        pub is_judging: bool,
        /// Rows for training, validation and test.
        pub parts: Option<[u32; 3]>,
        /// How many numbers move.
        pub parameters: Option<ParameterCount>,
        /// What simple models reach on the validation rows.
        pub baselines: Vec<Baseline>,
        /// Where training is.
        pub progress: Option<Progress>,
        /// Training loss by step.
        pub losses: Series,
        /// Every epoch so far.
        pub epochs: Vec<EpochReport>,
        /// Steps whose result is on this device's disk.
        pub kept_step: Option<u32>,
        /// What it left, in short.
        pub summary: Option<RunSummary>,
        /// Whether it was forgotten. It leaves with the next action after the worker is done with it.
        pub is_gone: bool,
    }
}

impl RunView {
    /// A run that the worker is about to start.
    pub fn new(id: RunId, table: TableId, recipe: Recipe, classes: u32) -> Self {
        Self {
            id,
            table,
            recipe,
            classes,
            status: RunStatus::Running,
            is_loaded: false,
            is_coming: false,
            phase: None,
            is_judging: false,
            parts: None,
            parameters: None,
            baselines: Vec::new(),
            progress: None,
            losses: Series::default(),
            epochs: Vec::new(),
            kept_step: None,
            summary: None,
            is_gone: false,
        }
    }
}

/// Rows that a run never saw, to try it on.
#[derive(Debug, Clone, PartialEq)]
pub struct Trials {
    /// Of which run.
    pub run: RunId,
    /// The question that the rows will answer.
    pub request: RequestId,
    /// The rows' cells, once read.
    pub rows: Vec<(RowId, Vec<String>)>,
}

/// Predictions as somebody types: one question at a time is under way, and only the newest waits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ask {
    /// The question that is under way.
    pub asked: Option<(RunId, RequestId)>,
    /// The newest row that could not be asked about yet.
    pub waiting: Option<(RunId, Vec<(String, String)>)>,
    /// The newest answer.
    pub answer: Option<Answer>,
}

/// What a run says of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Which run.
    pub run: RunId,
    /// What it says.
    pub prediction: Prediction,
    /// Tokens of the text.
    pub tokens: u32,
    /// Whether the text was longer than the model reads.
    pub is_cut: bool,
}

/// A request that the worker made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The address.
    pub url: String,
    /// Bytes that came over the network; 0 from the browser's cache.
    pub received: u64,
    /// Bytes of the answer's body.
    pub body: u64,
}

/// A message until the person closes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Its id.
    pub id: u32,
    /// What happened, and what to do.
    pub failure: Failure,
}

/// Draws a new id.
fn fresh(state: Store<AppState>) -> u32 {
    state.next_id().update(|next| *next += 1);
    *state.next_id().read_untracked()
}

/// The number of the next run, counted from 1.
pub fn next_run(state: Store<AppState>) -> RunId {
    state.runs_numbered().update(|runs| *runs += 1);
    RunId(*state.runs_numbered().read_untracked())
}

/// Shows a message, once.
pub fn toast(state: Store<AppState>, failure: Failure) {
    let is_shown = state
        .toasts()
        .read_untracked()
        .iter()
        .any(|toast| toast.failure == failure);
    if !is_shown {
        let id = fresh(state);
        state
            .toasts()
            .update(|toasts| toasts.push(Toast { id, failure }));
    }
}

/// Takes out what was closed or forgotten before.
fn sweep(state: Store<AppState>) {
    if state
        .tables()
        .read_untracked()
        .iter()
        .any(|table| table.is_gone)
    {
        state
            .tables()
            .update(|tables| tables.retain(|table| !table.is_gone));
    }
    let is_left = |run: &RunView| !run.is_gone || run.status.is_active();
    if !state.runs().read_untracked().iter().all(is_left) {
        state.runs().update(|runs| runs.retain(is_left));
    }
}

/// Does something with the shown table.
fn with_table(state: Store<AppState>, change: impl FnOnce(TableId)) {
    let shown = *state.table().read_untracked();
    if let Some(table) = shown.filter(|&table| has_table(state, table)) {
        change(table);
    }
}

/// Whether a table is still there.
fn has_table(state: Store<AppState>, id: TableId) -> bool {
    state
        .tables()
        .read_untracked()
        .iter()
        .any(|table| table.id == id && !table.is_gone)
}

/// Whether a run is still there for the person.
fn has_run(state: Store<AppState>, id: RunId) -> bool {
    state
        .runs()
        .read_untracked()
        .iter()
        .any(|run| run.id == id && !run.is_gone)
}

/// Whether a run is still there, if only until the worker is done with it.
fn knows_run(state: Store<AppState>, id: RunId) -> bool {
    state.runs().read_untracked().iter().any(|run| run.id == id)
}

/// The run that keeps the worker busy.
pub fn active_run(runs: &[RunView]) -> Option<&RunView> {
    runs.iter().find(|run| run.status.is_active())
}

/// What happened and what to do, of the given kind.
pub fn failure(kind: FailureKind, what: impl Into<String>, fix: impl Into<String>) -> Failure {
    Failure {
        kind,
        what: what.into(),
        fix: fix.into(),
    }
}
