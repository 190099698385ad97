//! Models that are saved, runs that go on from them, and labels in doubt.

use std::fmt::Write as _;
use std::path::Path;

use burnish::domain::csv::write_row;
use burnish::domain::evaluation::{LabelQuality, find_label_errors, label_quality};
use burnish::domain::examples::Examples;
use burnish::domain::features::TableExamples;
use burnish::domain::metric::Classes;
use burnish::domain::recipe::{DataProfile, Recipe};
use burnish::domain::start::{Carried, Start};
use burnish::domain::table::Table;
use burnish::engine::checkpoint::Checkpoint;
use burnish::engine::device::cpu;
use burnish::engine::features::FeatureStore;
use burnish::engine::run::{Base, Earlier, Outcome, Tuned, doubting, out_of_fold};
use burnish::engine::tabular::EarlierTable;
use burnish::engine::tabular::model::{TableFacts, TunedTable};
use burnish::engine::train::Watcher;
use futures::executor::block_on;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{open_file, sentences};

/// What is saved beside the parameters, in a file of the same name and `.json`.
#[derive(Serialize, Deserialize)]
struct Saved {
    recipe: Recipe,
    labels: Vec<String>,
    /// Of a model that learned from columns.
    #[serde(default)]
    table: Option<TableFacts>,
    /// The file that was learned from.
    file: std::path::PathBuf,
}

/// A file of [`save`] or [`save_table`], read.
struct Opened {
    start: Start,
    saved: Saved,
    learned: Checkpoint,
    /// The table that was learned from, if that is still there.
    table: Option<Table>,
}

impl Opened {
    fn open(path: &Path) -> Result<Self, String> {
        let wrong = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let bytes = std::fs::read(path).map_err(|why| wrong(path, &why))?;
        let beside = path.with_extension("json");
        let text = std::fs::read(&beside).map_err(|why| wrong(&beside, &why))?;
        let saved: Saved = serde_json::from_slice(&text).map_err(|why| wrong(&beside, &why))?;
        let learned = Checkpoint::from_bytes(&bytes).map_err(|why| wrong(path, &why))?;
        let digest = Sha256::digest(&bytes);
        let model = digest.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Ok(Self {
            start: Start {
                model,
                name: path.display().to_string(),
            },
            table: open_file(&saved.file).ok(),
            saved,
            learned,
        })
    }
}

/// An earlier model of columns, from `--from`.
pub struct FromTable {
    pub start: Start,
    tuned: TunedTable,
    recipe: Recipe,
    rows: Option<TableExamples>,
}

impl FromTable {
    /// Opens a model, and the file that it was learned from if that is still there. `base` reads its texts.
    pub fn open(path: &Path, base: Option<&Base>) -> Result<Self, String> {
        let opened = Opened::open(path)?;
        let Saved { recipe, table, .. } = opened.saved;
        let facts = table.ok_or(format!("{}: it did not learn from columns", path.display()))?;
        let rows = opened
            .table
            .map(|table| TableExamples::read(&table, &recipe));
        Ok(Self {
            start: opened.start,
            tuned: TunedTable::restore(&recipe, facts, &opened.learned, base, &cpu()),
            rows: rows.transpose().map_err(|issues| sentences(&issues))?,
            recipe,
        })
    }

    /// As the engine takes it.
    pub fn earlier(&mut self) -> EarlierTable<'_> {
        EarlierTable {
            tuned: &self.tuned,
            recipe: &self.recipe,
            name: &self.start.name,
            rows: self.rows.as_mut(),
        }
    }
}

/// An earlier model, from `--from`.
pub struct FromModel {
    pub start: Start,
    tuned: Tuned,
    rows: Option<Examples>,
}

impl FromModel {
    /// Opens a model, and the file that it was learned from if that is still there.
    pub fn open(path: &Path, base: &Base) -> Result<Self, String> {
        let opened = Opened::open(path)?;
        let Saved { recipe, labels, .. } = opened.saved;
        let rows = opened.table.map(|table| Examples::read(&table, &recipe));
        Ok(Self {
            start: opened.start,
            tuned: Tuned::restore(base, labels, &recipe, &opened.learned),
            rows: rows.transpose().map_err(|issues| sentences(&issues))?,
        })
    }

    /// As the engine takes it.
    pub fn earlier(&mut self) -> Earlier<'_> {
        Earlier {
            tuned: &self.tuned,
            name: &self.start.name,
            rows: self.rows.as_mut(),
        }
    }
}

/// Writes what a run learned, so that another can go on from it.
pub fn save(path: &Path, recipe: &Recipe, file: &Path, outcome: &Outcome) -> Result<(), String> {
    let learned = block_on(outcome.tuned.learned(recipe)).map_err(|error| error.to_string())?;
    let saved = Saved {
        recipe: recipe.clone(),
        labels: outcome.tuned.labels.clone(),
        table: None,
        file: file.to_owned(),
    };
    write_both(path, &saved, &learned)
}

/// The same of a run on columns.
pub fn save_table(
    path: &Path,
    recipe: &Recipe,
    file: &Path,
    tuned: &TunedTable,
) -> Result<(), String> {
    let learned = block_on(tuned.learned(recipe)).map_err(|error| error.to_string())?;
    let saved = Saved {
        recipe: recipe.clone(),
        labels: tuned.facts().answers.names().to_vec(),
        table: Some(tuned.facts().clone()),
        file: file.to_owned(),
    };
    write_both(path, &saved, &learned)
}

fn write_both(path: &Path, saved: &Saved, learned: &Checkpoint) -> Result<(), String> {
    let text = serde_json::to_vec_pretty(saved).expect("plain data");
    let beside = path.with_extension("json");
    for (path, bytes) in [(path, learned.to_bytes()), (&beside, text)] {
        std::fs::write(path, bytes).map_err(|why| format!("{}: {why}", path.display()))?;
    }
    Ok(())
}

/// What was carried over, for `--json`.
pub fn summary(carried: &Carried) -> serde_json::Value {
    serde_json::json!({
        "from": carried.from,
        "fresh_labels": carried.labels.fresh,
        "dropped_labels": carried.labels.dropped,
        "columns": carried.columns,
        "rehearsed": carried.rehearsed,
        "known_test_rows": carried.known_test_rows,
        "forgetting": carried.forgetting,
        "told": carried.sentences(),
    })
}

/// Every row that is not sealed with its label, the label that it probably should have, its rank
/// among the labels in doubt if it is one, and out-of-fold probabilities.
pub fn suspects<W: Watcher>(
    base: &Base,
    table: &Table,
    recipe: &Recipe,
    watcher: &mut W,
) -> Result<String, String> {
    let lengths = [recipe.max_tokens];
    let read = |recipe: &Recipe| Examples::read(table, recipe).map_err(|issues| sentences(&issues));
    let recipe = doubting(recipe, &DataProfile::of(&read(recipe)?, &lengths));
    let examples = read(&recipe)?;
    let mut store = FeatureStore::default();
    let found = block_on(out_of_fold(base, &examples, &recipe, &mut store, watcher));
    let found = found.map_err(|error| error.to_string())?;
    let found = found.ok_or("nobody stops this run")?;
    let labels = &examples.labels;
    let classes = Classes::new(labels.len(), &found.given, &found.probabilities)
        .map_err(|error| error.to_string())?;
    let order = LabelQuality::NormalizedMargin;
    let errors = find_label_errors(&classes, order).map_err(|error| error.to_string())?;
    let quality = label_quality(&classes, order);
    let mut rank = vec![String::new(); found.rows.len()];
    let mut suggested: Vec<u32> = found.given.clone();
    for (place, suspect) in errors.suspects.iter().enumerate() {
        rank[suspect.row as usize] = (place + 1).to_string();
        suggested[suspect.row as usize] = suspect.suggested;
    }
    let mut header = ["row", "given", "suggested", "rank", "quality"]
        .map(str::to_owned)
        .to_vec();
    header.extend(labels.iter().map(|label| format!("p_{label}")));
    let mut csv = String::new();
    let mut push = |cells: &[String]| {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        write_row(&mut csv, &cells);
    };
    push(&header);
    for (at, row) in found.rows.iter().enumerate() {
        let mut cells = vec![
            row.0.to_string(),
            labels[found.given[at] as usize].clone(),
            labels[suggested[at] as usize].clone(),
            rank[at].clone(),
            quality[at].to_string(),
        ];
        let of_row = &found.probabilities[at * labels.len()..][..labels.len()];
        cells.extend(of_row.iter().map(f32::to_string));
        push(&cells);
    }
    Ok(csv)
}
