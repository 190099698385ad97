//! What a run leaves on the disk while it goes on and when it is done, so that a crash, a reload
//! or a lost graphics processor costs at most one interval between two checkpoints.
//!
//! A table is named by the SHA-256 of its contents, a run by that and its recipe. So a run that is
//! started again with the same recipe on the same table finds its own checkpoint, whatever became
//! of the worker or the page in between.

mod encoder_files;
mod scores_file;
mod table_file;

pub(super) use scores_file::none as no_scores;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::clock;
use super::open::Reading;
use super::store::{Files, Store, StoreError};
use crate::domain::base_model;
use crate::domain::clean::Fitted;
use crate::domain::recipe::Recipe;
use crate::domain::report::{RunReport, RunScores, RunSummary};
use crate::domain::search::Search;
use crate::domain::table::{RowId, Table};
use crate::engine::checkpoint::Checkpoint;
use crate::engine::features::FeatureStore;
use crate::engine::tabular::model::TableFacts;
use crate::protocol::{KeptRun, KeptTable};

/// Name of the list of what is kept.
const INDEX: &str = "index";

/// Tables that take more than this are not kept: the disk is the person's, not ours.
const MOST_TABLE_BYTES: usize = 256 << 20;

/// Tables that are kept at once; the oldest one gives way.
const MOST_TABLES: usize = 5;

/// Runs of a table that are kept; the oldest one gives way.
const MOST_RUNS: usize = 12;

/// A checkpoint may take this share of the time between two.
const SHARE_OF_TIME: f64 = 0.05;

/// Version of the form in which things are kept. What an older page has kept is removed.
const KEPT_VERSION: u32 = 2;

/// What is kept, as the list has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Index {
    #[serde(default)]
    version: u32,
    tables: Vec<Entry>,
    #[serde(default)]
    looks: Vec<Looks>,
}

/// How often rows have judged a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Looks {
    /// The table.
    table: String,
    /// The rows, by a digest.
    rows: String,
    count: u32,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            version: KEPT_VERSION,
            tables: Vec::new(),
            looks: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    key: String,
    name: String,
    rows: u32,
    bytes: u64,
    reading: Reading,
    /// Parts of vectors by the bundled base model.
    feature_parts: u32,
    /// The same by other base models.
    #[serde(default)]
    other_parts: BTreeMap<String, u32>,
    runs: Vec<RunEntry>,
}

impl Entry {
    /// How many parts of vectors there are by a base model.
    fn parts(&mut self, model: &str) -> &mut u32 {
        if model == base_model::ALL[0].id {
            return &mut self.feature_parts;
        }
        self.other_parts.entry(model.to_owned()).or_default()
    }

    /// Names of all parts of vectors.
    fn part_names(&self) -> Vec<String> {
        let bundled = (base_model::ALL[0].id, self.feature_parts);
        let others = self
            .other_parts
            .iter()
            .map(|(model, parts)| (model.as_str(), *parts));
        std::iter::once(bundled)
            .chain(others)
            .flat_map(|(model, parts)| (0..parts).map(move |number| (model, number)))
            .map(|(model, number)| part_name(&self.key, model, number))
            .collect()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct RunEntry {
    key: String,
    recipe: Recipe,
    classes: u32,
    step: u32,
    is_finished: bool,
    bytes: u64,
}

/// What a finished run leaves besides its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Finished {
    pub(super) report: RunReport,
    /// How the cells of a row are prepared before they are read.
    pub(super) fitted: Vec<Fitted>,
    /// What a table's model is besides its parameters; none of a model of texts alone.
    #[serde(default)]
    pub(super) table: Option<TableFacts>,
    /// What was said of rows: in a file of its own, as bytes.
    #[serde(skip, default = "scores_file::none")]
    pub(super) scores: RunScores,
}

/// Keeps runs.
pub(super) struct Keeper {
    store: Store,
    index: RefCell<Option<Index>>,
    /// Least seconds between two checkpoints.
    interval: f64,
    last: Cell<f64>,
    /// Seconds that the last checkpoint took.
    took: Cell<f64>,
}

/// Names of one run's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunKey {
    pub(super) table: String,
    pub(super) run: String,
    /// Which base model's vectors of the table's texts it uses.
    base_model: String,
}

impl RunKey {
    /// The name of a run by this recipe on a table of this fingerprint.
    pub(super) fn new(table: &str, recipe: &Recipe) -> Self {
        let base_model = recipe.base_model.clone();
        let recipe = serde_json::to_vec(recipe).expect("plain data");
        Self {
            table: table.to_owned(),
            base_model,
            run: hex(&Sha256::new()
                .chain_update(table)
                .chain_update(recipe)
                .finalize()),
        }
    }

    /// The name of a run in the list.
    pub(super) fn of(table: &str, run: &str) -> Self {
        Self {
            table: table.to_owned(),
            run: run.to_owned(),
            base_model: String::new(),
        }
    }

    fn checkpoint(&self) -> String {
        format!("{}.checkpoint", self.run)
    }

    fn model(&self) -> String {
        format!("{}.model", self.run)
    }

    fn report(&self) -> String {
        format!("{}.report", self.run)
    }

    fn scores(&self) -> String {
        format!("{}.scores", self.run)
    }

    fn search(&self) -> String {
        format!("{}.search", self.run)
    }
}

fn hex(digest: &[u8]) -> String {
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A name for some rows of a table.
fn digest(rows: &[RowId]) -> String {
    let mut hash = Sha256::new();
    for row in rows {
        hash.update(row.0.to_le_bytes());
    }
    hex(&hash.finalize())
}

/// A name for a table by its contents.
pub(super) fn fingerprint(table: &Table) -> String {
    let mut hash = Sha256::new();
    table_file::write(table, &mut |bytes| hash.update(bytes));
    hex(&hash.finalize())
}

impl Keeper {
    pub(super) fn new(files: Files, interval: f64) -> Self {
        Self {
            store: Store::new(files),
            index: RefCell::default(),
            interval,
            last: Cell::new(clock::now()),
            took: Cell::new(0.0),
        }
    }

    /// Whether it is time for a checkpoint.
    pub(super) fn is_due(&self) -> bool {
        clock::now() - self.last.get() >= self.interval.max(self.took.get() / SHARE_OF_TIME)
    }

    /// Remembers a table and that a run of it has begun.
    pub(super) async fn begin(
        &self,
        key: &RunKey,
        table: &Table,
        reading: &Reading,
        recipe: &Recipe,
        classes: u32,
    ) -> Result<(), StoreError> {
        self.last.set(clock::now());
        let mut index = self.index().await;
        let at = index.tables.iter().position(|entry| entry.key == key.table);
        let mut entry = match at {
            Some(at) => index.tables.remove(at),
            None => {
                let mut bytes = Vec::new();
                table_file::write(table, &mut |part| bytes.extend_from_slice(part));
                if bytes.len() > MOST_TABLE_BYTES {
                    return Err(StoreError::Unavailable(format!(
                        "a table of more than {} MB is not kept",
                        MOST_TABLE_BYTES >> 20
                    )));
                }
                self.store.keep(&table_name(&key.table), &bytes).await?;
                Entry {
                    key: key.table.clone(),
                    name: table.name().to_owned(),
                    rows: table.rows() as u32,
                    bytes: bytes.len() as u64,
                    reading: reading.clone(),
                    feature_parts: 0,
                    other_parts: BTreeMap::new(),
                    runs: Vec::new(),
                }
            }
        };
        if !entry.runs.iter().any(|run| run.key == key.run) {
            entry.runs.push(RunEntry {
                key: key.run.clone(),
                recipe: recipe.clone(),
                classes,
                step: 0,
                is_finished: false,
                bytes: 0,
            });
        }
        while entry.runs.len() > MOST_RUNS {
            let run = entry.runs.remove(0);
            self.forget_run(&entry.key, &run).await;
        }
        index.tables.insert(0, entry);
        while index.tables.len() > MOST_TABLES {
            if let Some(entry) = index.tables.pop() {
                self.forget_files(&entry).await;
            }
        }
        self.write(index).await
    }

    /// The checkpoint of a run, if it has one.
    pub(super) async fn checkpoint(&self, key: &RunKey) -> Option<Checkpoint> {
        let bytes = self.store.recall(&key.checkpoint()).await?;
        Checkpoint::from_bytes(&bytes).ok()
    }

    /// Keeps a checkpoint.
    pub(super) async fn keep_checkpoint(
        &self,
        key: &RunKey,
        checkpoint: &Checkpoint,
    ) -> Result<(), StoreError> {
        let began = clock::now();
        let bytes = checkpoint.to_bytes();
        let kept = self.store.keep(&key.checkpoint(), &bytes).await;
        self.rest(began);
        kept?;
        let step = checkpoint.standing.step;
        self.change(key, |_, run| {
            run.step = step;
            run.bytes = bytes.len() as u64;
        })
        .await
    }

    /// Keeps vectors of a table's texts by the run's base model.
    pub(super) async fn keep_features(&self, key: &RunKey, part: &[u8]) -> Result<(), StoreError> {
        let began = clock::now();
        let mut index = self.index().await;
        let number = index
            .tables
            .iter_mut()
            .find(|entry| entry.key == key.table)
            .map_or(0, |entry| *entry.parts(&key.base_model));
        let name = part_name(&key.table, &key.base_model, number);
        let kept = self.store.keep(&name, part).await;
        self.rest(began);
        kept?;
        self.change(key, |entry, _| {
            *entry.parts(&key.base_model) = number + 1;
            entry.bytes += part.len() as u64;
        })
        .await
    }

    /// Gives back the vectors of a table's texts by the run's base model.
    pub(super) async fn recall_features(&self, key: &RunKey, features: &mut FeatureStore) {
        let mut index = self.index().await;
        let entry = index.tables.iter_mut().find(|entry| entry.key == key.table);
        let Some(entry) = entry else {
            return;
        };
        for number in 0..*entry.parts(&key.base_model) {
            let name = part_name(&key.table, &key.base_model, number);
            if let Some(part) = self.store.recall(&name).await {
                features.absorb(&part);
            }
        }
    }

    /// Keeps what a run has learned, in place of its checkpoint.
    pub(super) async fn finish(
        &self,
        key: &RunKey,
        learned: &Checkpoint,
        finished: &Finished,
    ) -> Result<(), StoreError> {
        let model = learned.to_bytes();
        let report = serde_json::to_vec(finished).expect("plain data");
        let scores = scores_file::write(&finished.scores);
        self.store.keep(&key.model(), &model).await?;
        self.store.keep(&key.scores(), &scores).await?;
        self.store.keep(&key.report(), &report).await?;
        self.change(key, |_, run| {
            run.is_finished = true;
            run.bytes = (model.len() + report.len() + scores.len()) as u64;
        })
        .await?;
        self.store.forget(&key.checkpoint()).await;
        Ok(())
    }

    /// Forgets the checkpoint of a run that somebody gave up.
    pub(super) async fn give_up(&self, key: &RunKey) {
        self.store.forget(&key.checkpoint()).await;
        let mut index = self.index().await;
        for entry in &mut index.tables {
            entry
                .runs
                .retain(|run| run.key != key.run || run.is_finished);
        }
        let _ = self.write(index).await;
    }

    /// What is kept.
    pub(super) async fn kept(&self) -> Vec<KeptTable> {
        let mut tables = Vec::new();
        for entry in self.index().await.tables {
            let (mut runs, mut bytes) = (Vec::new(), entry.bytes);
            for run in entry.runs {
                let key = RunKey::of(&entry.key, &run.key);
                let report = match run.is_finished {
                    true => self.store.recall(&key.report()).await,
                    false => None,
                };
                let summary = report
                    .and_then(|bytes| serde_json::from_slice::<Finished>(&bytes).ok())
                    .map(|finished| Box::new(RunSummary::of(&finished.report)));
                // Neither a result nor a checkpoint: there is nothing to come back to.
                if summary.is_none() && (run.is_finished || run.step == 0) {
                    continue;
                }
                bytes += run.bytes;
                runs.push(KeptRun {
                    key: run.key,
                    recipe: run.recipe,
                    classes: run.classes,
                    step: run.step,
                    summary,
                });
            }
            if !runs.is_empty() {
                tables.push(KeptTable {
                    key: entry.key,
                    name: entry.name,
                    rows: entry.rows,
                    bytes,
                    runs,
                });
            }
        }
        tables
    }

    /// A kept table, and how it was read.
    pub(super) async fn table(&self, key: &str) -> Option<(Table, Reading)> {
        let index = self.index().await;
        let entry = index.tables.iter().find(|entry| entry.key == key)?;
        let bytes = self.store.recall(&table_name(key)).await?;
        let table = table_file::read(&entry.name, &bytes)?;
        Some((table, entry.reading.clone()))
    }

    /// A finished run by its own key, whatever its table, with its recipe.
    pub(super) async fn find(&self, run: &str) -> Option<(RunKey, Recipe)> {
        let index = self.index().await;
        let mut all = index
            .tables
            .iter()
            .flat_map(|entry| entry.runs.iter().map(move |run| (entry, run)));
        let (entry, found) = all.find(|(_, known)| known.key == run && known.is_finished)?;
        Some((RunKey::of(&entry.key, run), found.recipe.clone()))
    }

    /// What a finished run has learned, with what else it left.
    pub(super) async fn model(&self, key: &RunKey) -> Option<(Checkpoint, Finished)> {
        let learned = self.store.recall(&key.model()).await?;
        let report = self.store.recall(&key.report()).await?;
        let scores = self.store.recall(&key.scores()).await?;
        let finished: Finished = serde_json::from_slice(&report).ok()?;
        let finished = Finished {
            scores: scores_file::read(&scores)?,
            ..finished
        };
        Some((Checkpoint::from_bytes(&learned).ok()?, finished))
    }

    /// Keeps a search for better settings of a run.
    pub(super) async fn keep_search(
        &self,
        key: &RunKey,
        search: &Search,
    ) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(search).expect("plain data");
        self.store.keep(&key.search(), &bytes).await
    }

    /// The search for better settings of a run, as far as it got.
    pub(super) async fn search(&self, key: &RunKey) -> Option<Search> {
        let bytes = self.store.recall(&key.search()).await?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Notes that rows of a table have judged a run. Counted for as long as this browser keeps
    /// anything of it, whatever becomes of the runs.
    pub(super) async fn look(&self, table: &str, rows: &[RowId]) {
        let mut index = self.index().await;
        let rows = digest(rows);
        let found = index
            .looks
            .iter_mut()
            .find(|looks| looks.table == table && looks.rows == rows);
        match found {
            Some(looks) => looks.count += 1,
            None => index.looks.push(Looks {
                table: table.to_owned(),
                rows,
                count: 1,
            }),
        }
        // On a full disk the count lasts as long as the tab.
        let _ = self.write(index).await;
    }

    /// How many runs these rows of a table have judged.
    pub(super) async fn looks(&self, table: &str, rows: &[RowId]) -> u32 {
        let rows = digest(rows);
        let index = self.index().await;
        let mut looks = index.looks.iter();
        let found = looks.find(|looks| looks.table == table && looks.rows == rows);
        found.map_or(0, |looks| looks.count)
    }

    /// Removes a table with its runs from the disk, or everything.
    pub(super) async fn forget(&self, table: Option<&str>) {
        let mut index = self.index().await;
        let (gone, stays): (Vec<Entry>, Vec<Entry>) = index
            .tables
            .into_iter()
            .partition(|entry| table.is_none_or(|table| entry.key == table));
        for entry in &gone {
            self.forget_files(entry).await;
        }
        index.tables = stays;
        index
            .looks
            .retain(|looks| table.is_some_and(|table| looks.table != table));
        let _ = self.write(index).await;
        if table.is_none() {
            self.forget_encoders().await;
        }
    }

    async fn forget_files(&self, entry: &Entry) {
        self.store.forget(&table_name(&entry.key)).await;
        for name in entry.part_names() {
            self.store.forget(&name).await;
        }
        for run in &entry.runs {
            self.forget_run(&entry.key, run).await;
        }
    }

    async fn forget_run(&self, table: &str, run: &RunEntry) {
        let key = RunKey::of(table, &run.key);
        for name in [
            key.checkpoint(),
            key.model(),
            key.report(),
            key.scores(),
            key.search(),
        ] {
            self.store.forget(&name).await;
        }
    }

    /// The list, read from the disk at the first call.
    async fn index(&self) -> Index {
        if let Some(index) = &*self.index.borrow() {
            return index.clone();
        }
        let mut index: Index = match self.store.recall(INDEX).await {
            Some(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            None => Index::default(),
        };
        if index.version != KEPT_VERSION {
            for entry in &index.tables {
                self.forget_files(entry).await;
            }
            index = Index::default();
        }
        *self.index.borrow_mut() = Some(index.clone());
        index
    }

    async fn write(&self, index: Index) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(&index).expect("plain data");
        *self.index.borrow_mut() = Some(index);
        self.store.keep(INDEX, &bytes).await
    }

    async fn change(
        &self,
        key: &RunKey,
        change: impl FnOnce(&mut Entry, &mut RunEntry),
    ) -> Result<(), StoreError> {
        let mut index = self.index().await;
        let entry = index.tables.iter_mut().find(|entry| entry.key == key.table);
        if let Some(entry) = entry
            && let Some(at) = entry.runs.iter().position(|run| run.key == key.run)
        {
            let mut run = entry.runs[at].clone();
            change(entry, &mut run);
            entry.runs[at] = run;
        }
        self.write(index).await
    }

    fn rest(&self, began: f64) {
        self.last.set(clock::now());
        self.took.set(clock::now() - began);
    }
}

fn table_name(table: &str) -> String {
    format!("{table}.table")
}

fn part_name(table: &str, model: &str, number: u32) -> String {
    if model == base_model::ALL[0].id {
        return format!("{table}.features-{number}");
    }
    // A colon is no part of a file's name everywhere.
    format!("{table}.{}.features-{number}", model.replace(':', "-"))
}
