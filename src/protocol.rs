//! What the page and the worker say to each other: one closed enum each way.
//!
//! Every command carries all that it needs; none relies on "the current" thing. Bodies travel as
//! plain objects, files beside them as transferables that an [`Attachment`] indexes. The worker
//! speaks first, with [`Event::Ready`]: messages sent before its wasm has loaded are lost, so the
//! page queues until then.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::clean::{Offer, StepReport};
use crate::domain::column::{ColumnDetail, Schema};
use crate::domain::issue::Issue;
use crate::domain::leak::Suspect;
use crate::domain::query::RowQuery;
use crate::domain::read::{ReadOptions, ReadReport};
use crate::domain::recipe::{DataProfile, Method, Recipe};
use crate::domain::report::{
    Baseline, EpochReport, ParameterCount, Phase, Prediction, Progress, RunSummary,
};
use crate::domain::table::RowId;

/// Raised with every change of the messages. A mismatch means that the browser kept an old worker.
pub const PROTOCOL: u32 = 7;

/// Chosen by the page; names a table in all later messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TableId(pub u32);

impl TableId {
    /// A table that is opened beside the others, for a model to predict. The page does not show it.
    pub const BESIDE: Self = Self(u32::MAX);
}

/// Chosen by the page; names a run in all later messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub u32);

/// Chosen by the page; ties an answer to its question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub u32);

/// Index into the list of files that travels beside a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attachment(pub u8);

/// Where a table comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableSource {
    /// A file that the person dropped or picked.
    File {
        /// The `File` beside this message.
        attachment: Attachment,
    },
    /// A file that the app ships, by its path below the app's own address.
    Sample {
        /// E.g. `samples/sms_spam_sample.csv`.
        path: String,
    },
    /// Pasted text.
    Text {
        /// The text.
        text: String,
    },
    /// A table that was kept on this device when a run of it began.
    Kept {
        /// Which: [`KeptTable::key`].
        kept: String,
    },
}

/// What the page can ask about an open table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Which rows fit a query, after some cleaning steps. Answered by [`Answer::Rows`].
    Rows {
        /// Steps that are done before.
        recipe: Option<Box<Recipe>>,
        /// Which rows, and in which order.
        query: RowQuery,
        /// So many of them are skipped.
        offset: u32,
        /// So many are wanted.
        limit: u32,
    },
    /// All about one column. Answered by [`Answer::Column`].
    Column {
        /// Its name.
        column: String,
        /// What is read in the columns.
        schema: Schema,
    },
    /// What the columns are and which task follows, given what a person chose. Answered by
    /// [`Answer::Columns`].
    Columns {
        /// What is read in the columns.
        schema: Schema,
        /// The column to predict, if a person chose it.
        target: Option<String>,
    },
    /// What the steps of a recipe do, what else would do good, how the rows are held apart, and
    /// what may leak. Answered by [`Answer::Preparation`].
    Preparation {
        /// The recipe.
        recipe: Box<Recipe>,
    },
}

/// What the worker answers to a [`Question`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Rows that fit a query.
    Rows {
        /// How many fit in all.
        total: u32,
        /// Names of the columns, left to right: steps leave some out and add others.
        columns: Vec<String>,
        /// Those asked for: their place in the table and their cells, left to right.
        rows: Vec<(RowId, Vec<String>)>,
    },
    /// All about one column.
    Column {
        /// Its figures.
        detail: Box<ColumnDetail>,
        /// Length of its texts in tokens: median, 95th percentile, longest. None where it holds
        /// no texts.
        tokens: Option<[u32; 3]>,
        /// Rows with a text that is longer than the base model reads by default.
        cut: u32,
    },
    /// What the columns are.
    Columns {
        /// Columns, left to right.
        columns: Vec<ColumnSummary>,
        /// Which columns and task the worker would take.
        guess: Guess,
    },
    /// What preparing a table comes to.
    Preparation {
        /// What each step of the recipe does, in its order.
        steps: Vec<StepReport>,
        /// Steps that would do good.
        offers: Vec<Offer>,
        /// What may leak.
        suspects: Vec<Suspect>,
        /// Rows for training, validation and test, and rows that belong to none.
        parts: [u32; 4],
        /// Rows of each label in training, validation and test, most frequent first.
        labels: Vec<(String, [u32; 3])>,
        /// What was noticed.
        issues: Vec<Issue>,
    },
}

/// What a person has set on a screen: names and values of its knobs.
pub type Knobs = BTreeMap<String, String>;

/// What the page can ask about a finished run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunQuestion {
    /// Take a model out of a file: the run of this question is that model from now on. Answered by
    /// [`RunAnswer::View`], where it can be tried.
    Open {
        /// The file's name.
        name: String,
        /// The `File` beside this message.
        model: Attachment,
        /// The table that the page shows, to go on tuning with.
        table: Option<TableId>,
    },
    /// What it says of a row. Answered by [`RunAnswer::Predicted`].
    Predict {
        /// Names of columns with their cells; columns that are not named count as empty.
        row: Vec<(String, String)>,
    },
    /// A part of a screen. Answered by [`RunAnswer::View`].
    View {
        /// Its id.
        view: String,
        /// What a person has set on it.
        knobs: Knobs,
    },
    /// A file to take away. Answered by [`RunAnswer::File`].
    File {
        /// Its id.
        file: String,
        /// What a person has set on the screen that it shows.
        knobs: Knobs,
    },
}

/// What the worker answers to a [`RunQuestion`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunAnswer {
    /// What the run says of a row.
    Predicted {
        /// What it says, in the shape of its task.
        prediction: Prediction,
        /// Tokens of its text, the two special ones included; 0 where it reads none.
        tokens: u32,
        /// Whether the text was longer than the model reads.
        is_cut: bool,
    },
    /// A part of a screen.
    View {
        /// HTML, in which everything that came from outside is escaped.
        markup: String,
    },
    /// A file to take away.
    File {
        /// Its name.
        name: String,
        /// Its media type.
        kind: String,
        /// What is in it, where it is not attached.
        text: String,
        /// Whether its bytes travel beside this message.
        is_attached: bool,
    },
}

/// What the page asks of the worker.
#[allow(
    clippy::large_enum_variant,
    reason = "a message is made once and sent; a box would only hide the recipe"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Read a table. Answered by [`Event::TableOpened`] or [`Event::Failed`] about the table.
    OpenTable {
        /// Its id from now on.
        table: TableId,
        /// The file's name, to show.
        name: String,
        /// Where it comes from.
        source: TableSource,
        /// How to read it.
        options: ReadOptions,
    },
    /// Stop reading a table that is not open yet. Answered by [`Event::TableCancelled`].
    CancelOpening {
        /// Which.
        table: TableId,
    },
    /// Read the start of a file, to see what comes of these options. Answered by
    /// [`Event::Previewed`].
    Preview {
        /// The table that the file is, or is to become.
        table: TableId,
        /// Ties the answer to this question.
        request: RequestId,
        /// The file's name.
        name: String,
        /// Where it comes from.
        source: TableSource,
        /// How to read it.
        options: ReadOptions,
    },
    /// Put the rows of one open table below those of another, matched by column names, as its
    /// test rows. Answered by [`Event::TableOpened`] about the first, or [`Event::Failed`].
    AppendTest {
        /// The table that gets them.
        table: TableId,
        /// The table that gives them; it stays open.
        from: TableId,
    },
    /// Ask something about an open table. Answered by [`Event::Answered`].
    Ask {
        /// Which table.
        table: TableId,
        /// Ties the answer to this question.
        request: RequestId,
        /// What.
        question: Question,
    },
    /// Forget a table.
    CloseTable {
        /// Which.
        table: TableId,
    },
    /// Read some rows. Answered by [`Event::Rows`].
    ReadRows {
        /// Of which table.
        table: TableId,
        /// Ties the answer to this question.
        request: RequestId,
        /// Which rows.
        rows: Vec<RowId>,
    },
    /// Choose defaults for these columns. Answered by [`Event::Suggested`].
    Suggest {
        /// Of which table.
        table: TableId,
        /// Names of the text columns.
        text: Vec<String>,
        /// Names of the columns to learn from besides.
        #[serde(default)]
        columns: Vec<String>,
        /// Name of the column to predict.
        target: String,
        /// What a person decided about the data: of this recipe the task, the schema, the steps,
        /// the split and the seed are taken over.
        #[serde(default)]
        decided: Option<Box<Recipe>>,
        /// Id of the task where nothing else is decided.
        #[serde(default)]
        task: Option<String>,
    },
    /// Start a run. Answered by [`Event::Run`]s until [`RunEvent::Finished`], or by
    /// [`Event::Failed`].
    Train {
        /// Its id from now on.
        run: RunId,
        /// Of which table.
        table: TableId,
        /// What to do.
        recipe: Recipe,
    },
    /// Hold a run after the step that is under way.
    Pause {
        /// Which.
        run: RunId,
    },
    /// Go on with a run that was held.
    Resume {
        /// Which.
        run: RunId,
    },
    /// End a run after the step that is under way and keep its best checkpoint.
    Stop {
        /// Which.
        run: RunId,
    },
    /// Ask something about a finished run. Answered by [`Event::RunAnswered`], and by
    /// [`Event::Working`] until then where it takes long.
    AskRun {
        /// Which.
        run: RunId,
        /// Ties the answer to this question.
        request: RequestId,
        /// What.
        question: RunQuestion,
    },
    /// An answer is not wanted any more. Work on it stops where it next takes a breath, and no
    /// answer comes.
    Cancel {
        /// The question.
        request: RequestId,
    },
    /// Vectors of some texts by a frozen base model. Answered by [`Event::Embedded`].
    Embed {
        /// Ties the answer to this question.
        request: RequestId,
        /// Id of the base model.
        base_model: String,
        /// The texts.
        texts: Vec<String>,
        /// Texts are cut after so many tokens.
        max_tokens: u32,
    },
    /// Take in an encoder of the BERT family that the person has. Answered by
    /// [`Event::EncoderAdded`].
    AddEncoder {
        /// Ties the answer to this question.
        request: RequestId,
        /// Its files by their paths, with the `File`s beside this message.
        files: Vec<(String, Attachment)>,
    },
    /// Train a tiny model by every method, here and on the CPU, and compare. Answered by
    /// [`Event::DeviceChecked`].
    CheckDevice {
        /// Ties the answer to this question.
        request: RequestId,
        /// Steps by each method.
        steps: u32,
    },
    /// Tell what is kept from before the page was loaded. Answered by [`Event::Encoders`] and
    /// [`Event::Kept`].
    Recall,
    /// Load finished runs that were kept. Answered for each that is still there by
    /// [`RunEvent::Finished`]. A run that was interrupted goes on when it is started again with its
    /// recipe.
    Restore {
        /// Of which table: [`KeptTable::key`]; none where the table itself tells.
        kept: Option<String>,
        /// Id of that table, which was opened or is being opened.
        table: TableId,
        /// Recipes of finished runs with their ids from now on.
        runs: Vec<(Recipe, RunId)>,
    },
    /// Remove a kept table with its runs from this device, or everything. Answered by
    /// [`Event::Kept`].
    ForgetKept {
        /// What: [`KeptTable::key`]; none means everything.
        kept: Option<String>,
    },
    /// Forget a run and its weights.
    ForgetRun {
        /// Which.
        run: RunId,
    },
}

/// What trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// The graphics processor, through WebGPU.
    WebGpu,
    /// The processor, with SIMD.
    Cpu,
}

/// What trains, and why it and not another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// What trains.
    pub kind: DeviceKind,
    /// Its name as far as the browser tells, else empty.
    pub name: String,
    /// A sentence: why this one.
    pub reason: String,
}

/// A base model that the worker can start from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseModelInfo {
    /// Stable id, as in recipes.
    pub id: String,
    /// Name as people know it.
    pub name: String,
    /// What it is good for.
    pub about: String,
    /// SPDX id of its licence.
    pub licence: String,
    /// Bytes to fetch the first time.
    pub bytes: u64,
}

/// What the worker can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// [`PROTOCOL`] as the worker knows it.
    pub protocol: u32,
    /// What trains.
    pub device: DeviceInfo,
    /// Base models, the default first.
    pub base_models: Vec<BaseModelInfo>,
    /// Ids and names of the tasks.
    pub tasks: Vec<(String, String)>,
    /// Ids and names of the kinds of columns.
    pub kinds: Vec<(String, String)>,
}

/// One column, as the page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSummary {
    /// Its name, unique in the table.
    pub name: String,
    /// Id of its kind, see [`crate::domain::column::ALL`].
    pub kind: String,
    /// Name of its kind as people read it.
    pub kind_name: String,
    /// Cells that are empty or spell a missing value.
    pub missing: u32,
    /// Different cells, missing ones aside.
    pub distinct: u32,
    /// Mean length of the cells, in characters.
    pub mean_chars: f32,
    /// The most frequent cells with their numbers of rows.
    pub top: Vec<(String, u32)>,
}

/// Which columns the worker would take, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guess {
    /// Names of the text columns.
    pub text: Vec<String>,
    /// Names of the columns to learn from besides.
    pub columns: Vec<String>,
    /// Name of the column to predict.
    pub target: Option<String>,
    /// Id of the task that follows, see [`crate::domain::task::ALL`].
    pub task: String,
    /// A sentence: why these.
    pub reason: String,
}

/// A table, as the page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableSummary {
    /// The file's name.
    pub name: String,
    /// Rows without the header.
    pub rows: u32,
    /// Columns, left to right.
    pub columns: Vec<ColumnSummary>,
    /// The first rows.
    pub preview: Vec<Vec<String>>,
    /// Which columns the worker would take.
    pub guess: Guess,
    /// How it was read.
    pub reading: ReadReport,
    /// From which row on the rows of a second file stand, as test rows.
    pub test_from: Option<RowId>,
    /// What was noticed while reading.
    pub issues: Vec<Issue>,
}

/// A run that is kept on this device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptRun {
    /// Names it.
    pub key: String,
    /// How it was or is to be made.
    pub recipe: Recipe,
    /// Number of labels.
    pub classes: u32,
    /// Steps up to its last checkpoint, where it was interrupted.
    pub step: u32,
    /// What it left, if it was finished.
    pub summary: Option<Box<RunSummary>>,
}

/// A table that is kept on this device, with its runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptTable {
    /// Names it.
    pub key: String,
    /// The file's name.
    pub name: String,
    /// Rows without the header.
    pub rows: u32,
    /// Bytes that it takes here, its runs included.
    pub bytes: u64,
    /// Its runs, oldest first.
    pub runs: Vec<KeptRun>,
}

/// What happens in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunEvent {
    /// It has begun something else, or got further with it.
    Phase {
        /// What it is doing.
        phase: Phase,
    },
    /// The rows are apart and the model is built.
    Prepared {
        /// Rows for training, validation and test.
        parts: [u32; 3],
        /// How many numbers move.
        parameters: ParameterCount,
    },
    /// What simple models reach on the validation rows.
    Baselines {
        /// Majority class and head on frozen embeddings.
        baselines: Vec<Baseline>,
    },
    /// Coalesced to about ten a second.
    Progress {
        /// Where training is.
        progress: Progress,
    },
    /// Never dropped.
    Epoch {
        /// The epoch that has ended.
        epoch: EpochReport,
    },
    /// What it has learned so far is on this device's disk, and outlives a crash.
    Kept {
        /// Steps so far; 0 before the first one, when vectors of texts were kept.
        step: u32,
    },
    /// It goes on, but what it learns does not outlive a crash from here on. Sent once.
    NotKept {
        /// Why, as a sentence.
        why: String,
    },
    /// What it had learned is not on this device's disk any more.
    Gone,
    /// It holds.
    Paused,
    /// It goes on.
    Resumed,
    /// It was stopped before anything was learned, and leaves nothing.
    Cancelled,
    /// The best checkpoint is restored and the test rows were read.
    Finished {
        /// What it leaves, in short.
        summary: Box<RunSummary>,
    },
}

/// What kind of thing went wrong, for the page to choose its next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The data or the settings need a change.
    Input,
    /// The base model could not be had, or did not match its hash.
    Model,
    /// The device failed; a new worker may do better.
    Device,
    /// The message did not fit: an unknown table or run, or a run already under way.
    Protocol,
}

/// Why something could not be done, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of thing went wrong.
    pub kind: FailureKind,
    /// What happened and where, as sentences.
    pub what: String,
    /// What to do next, as a sentence.
    pub fix: String,
}

/// What a failure or a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The worker as a whole.
    Worker,
    /// A table.
    Table(TableId),
    /// A run.
    Run(RunId),
}

/// How a device trains a tiny model by one method, beside the CPU.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceCheck {
    /// The method.
    pub method: Method,
    /// Loss before each step, on this device.
    pub losses: Vec<f32>,
    /// Largest relative difference to the CPU, of any loss and of any step's gradients. None when
    /// something was not a number.
    pub difference: Option<f64>,
}

/// What the worker tells the page.
#[allow(
    clippy::large_enum_variant,
    reason = "an event is made, sent and taken apart; none is kept in a list"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The worker listens.
    Ready {
        /// What it can do.
        capabilities: Capabilities,
    },
    /// Bytes of a table read so far.
    TableProgress {
        /// Which.
        table: TableId,
        /// So far.
        read: u64,
        /// In all.
        total: u64,
    },
    /// The start of a file, read as asked.
    Previewed {
        /// The question.
        request: RequestId,
        /// Names of the columns.
        columns: Vec<String>,
        /// The first rows.
        rows: Vec<Vec<String>>,
        /// How it was read; `None` when there is no table in it.
        reading: Option<ReadReport>,
        /// What was noticed, or the one that says why there is no table.
        issues: Vec<Issue>,
    },
    /// A table is not read any further, as asked.
    TableCancelled {
        /// Which.
        table: TableId,
    },
    /// An answer to a question about a table.
    Answered {
        /// Which table.
        table: TableId,
        /// The question.
        request: RequestId,
        /// The answer; a failure when there is none.
        answer: Result<Answer, Failure>,
    },
    /// A table is open.
    TableOpened {
        /// Which.
        table: TableId,
        /// What is in it.
        summary: TableSummary,
    },
    /// Some rows.
    Rows {
        /// Of which table.
        table: TableId,
        /// The question.
        request: RequestId,
        /// The rows asked for, in the order asked for, cells left to right.
        rows: Vec<(RowId, Vec<String>)>,
    },
    /// Defaults for some columns.
    Suggested {
        /// Of which table.
        table: TableId,
        /// What the data look like. None when an issue blocks.
        profile: Option<DataProfile>,
        /// Defaults for the way that suits these columns best. None when an issue blocks.
        recipe: Option<Recipe>,
        /// Defaults for the other ways in which they can be learned from.
        #[serde(default)]
        others: Vec<Recipe>,
        /// What speaks against these columns, or should be known.
        issues: Vec<Issue>,
    },
    /// Something happened in a run.
    Run {
        /// Which.
        run: RunId,
        /// What.
        event: RunEvent,
    },
    /// An answer to a question about a run.
    RunAnswered {
        /// Which run.
        run: RunId,
        /// The question.
        request: RequestId,
        /// The answer; a failure when there is none.
        answer: Result<RunAnswer, Failure>,
    },
    /// How far the work on an answer has come. Ten times a second at the most.
    Working {
        /// The question.
        request: RequestId,
        /// What is being done, in words.
        what: String,
        /// Share that is done, 0 to 1, where it can be told.
        share: Option<f32>,
    },
    /// Vectors of texts.
    Embedded {
        /// The question.
        request: RequestId,
        /// One vector of length 1 a text.
        vectors: Vec<Vec<f32>>,
    },
    /// What became of an encoder's files.
    EncoderAdded {
        /// The question.
        request: RequestId,
        /// A base model that recipes can name from now on; a failure when the files do not fit.
        encoder: Result<BaseModelInfo, Failure>,
    },
    /// Encoders that a person brought before, and that are kept on this device; or one that came in a
    /// model's file.
    Encoders {
        /// Base models that recipes can name.
        encoders: Vec<BaseModelInfo>,
    },
    /// How this device trains a tiny model, beside the CPU.
    DeviceChecked {
        /// The question.
        request: RequestId,
        /// One entry a method.
        checks: Vec<DeviceCheck>,
    },
    /// What is kept on this device.
    Kept {
        /// Tables with their runs, the latest first.
        tables: Vec<KeptTable>,
    },
    /// The worker fetched something. Sent for every request, as the browser's own record lists
    /// it: the page sees its own requests only, and shows both.
    Fetched {
        /// The address.
        url: String,
        /// Bytes that came over the network; 0 from the browser's cache.
        received: u64,
        /// Bytes of the answer's body.
        body: u64,
    },
    /// Something could not be done.
    Failed {
        /// What it is about.
        about: About,
        /// Why.
        failure: Failure,
    },
}
