//! Burnish's own file: what was learned, to open again.
//!
//! A zip archive. The base model is named by its hash and not inside, so that a model that moved
//! its head alone is a few kilobytes. An encoder that a person brought is nobody else's: its own files
//! lie in the archive as they are, and their hash is what the recipe calls it. So the file opens
//! anywhere, and a run that goes on from it starts from the same encoder. One that is too large is
//! named like a base model, and whoever opens the file needs its files as well.

use std::io::{Cursor, Read};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use super::archive::Archive;
use super::model::{Facts, Learned, Model, TableWeights, TextWeights};
use super::model_card::card;
use super::safetensors_file::safetensors;
use super::{A_TEXT, ExportError, Exporter};
use crate::domain::base_model;
use crate::domain::clean::Fitted;
use crate::domain::encoder::OwnEncoder;
use crate::domain::recipe::Recipe;
use crate::domain::report::{Input, ParameterCount, RunReport};
use crate::domain::task::{AnswerKind, answer};
use crate::engine::checkpoint::Checkpoint;
use crate::engine::run::{Base, Tuned};
use crate::engine::tabular::model::{TableFacts, TunedTable};

/// Version of the file's form. Files of every version up to this one are opened. Form 2 tells how good
/// the model is and what to ask a person for, and holds models of columns. Form 3 names an encoder that
/// a person brought, and may hold its files.
const VERSION: u32 = 3;

/// Version of a file without such an encoder, which pages of that version open as well.
const WITHOUT_ENCODER: u32 = 2;

/// An encoder's files and what was learned on it are in one file up to so many bytes: encoders of the
/// base size take 440 MB, and to open one a tab holds the file, the encoder and what was learned.
pub const MOST_INSIDE_BYTES: u64 = 512 << 20;

/// A file that says to hold more in one part is refused.
const MOST_BYTES: u64 = MOST_INSIDE_BYTES;

/// A larger file is not read: beside the encoder and what was learned there are the manifest, the card
/// and the head once more.
pub const MOST_FILE_BYTES: u64 = MOST_INSIDE_BYTES + (32 << 20);

/// Where the files of an encoder are.
const ENCODER: &str = "encoder/";

/// A manifest is a few kilobytes, or as many as there are labels and steps.
const MOST_MANIFEST_BYTES: u64 = 16 << 20;

/// Burnish's own file.
#[derive(Debug, Clone, Copy)]
pub struct Burnish;

#[derive(Serialize, Deserialize)]
struct Manifest {
    version: u32,
    recipe: Recipe,
    labels: Vec<String>,
    fitted: Vec<Fitted>,
    /// SHA-256 of the base model's weights.
    base_sha256: Option<String>,
    /// What there is to tell about it; none in form 1.
    #[serde(default)]
    facts: Option<Facts>,
    /// What a model of columns is besides its parameters.
    #[serde(default)]
    table: Option<TableFacts>,
    /// The encoder that a person brought, and whether its files are inside; none before form 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoder: Option<OwnEncoder>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_encoder_inside: bool,
}

/// What is read before anything else.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// What is in such a file.
#[derive(Debug)]
pub struct BurnishFile {
    /// How the model was made.
    pub recipe: Recipe,
    /// The labels, by index; none of a number.
    pub labels: Vec<String>,
    /// How cells are prepared.
    pub fitted: Vec<Fitted>,
    /// What training changed.
    pub learned: Checkpoint,
    /// What there is to tell about it.
    pub facts: Facts,
    /// What a model of columns is besides its parameters; none of a model of texts alone.
    pub table: Option<TableFacts>,
    /// The encoder that a person brought, where it was tuned on one.
    pub encoder: Option<OwnEncoder>,
    is_encoder_inside: bool,
    /// Its card, in Markdown; empty where the file has none.
    pub card: String,
}

/// A model that came out of a file.
#[allow(
    clippy::large_enum_variant,
    reason = "there is one a file, and it is never copied"
)]
pub enum Restored {
    /// From texts alone.
    Text(Tuned),
    /// From columns.
    Table(TunedTable),
}

/// Why a file cannot be opened.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BurnishError {
    /// Not such a file, or damaged.
    #[error("this is no model of Burnish, or it is damaged: {0}")]
    Damaged(String),
    /// A newer version wrote it.
    #[error("a newer version of Burnish wrote this file (form {0}); this one reads form {own}", own = VERSION)]
    Newer(u32),
    /// It was tuned on other weights.
    #[error("this model was tuned on another base model, \"{0}\", which is not known here")]
    OtherBase(String),
    /// It holds more than any model here.
    #[error("this file says to hold {0} bytes in one part, more than any model here")]
    TooLarge(u64),
}

impl Exporter for Burnish {
    fn id(&self) -> &'static str {
        "burnish"
    }

    fn name(&self) -> &'static str {
        "Burnish model"
    }

    fn about(&self) -> &'static str {
        "What was learned, the recipe, the card and how cells are prepared. Drop it on this page to predict, explain and tune on from it. No row of your data is in it, but labels and the values that steps and columns know are."
    }

    fn ending(&self) -> &'static str {
        "model.burnish"
    }

    fn refusal(&self, _recipe: &Recipe) -> Option<&'static str> {
        None
    }

    fn size(&self, count: ParameterCount) -> u64 {
        count.trainable * 4 + A_TEXT
    }

    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError> {
        let (Learned::Text(TextWeights { checkpoint, .. })
        | Learned::Table(TableWeights { checkpoint, .. })) = &model.learned;
        let learned = checkpoint.to_bytes();
        let size = learned.len() as u64;
        if size > MOST_BYTES {
            return Err(ExportError::TooLarge(size));
        }
        let own = model.own.as_ref();
        let inside = own.and_then(|own| Some((&own.encoder, own.files.as_deref()?)));
        let inside = inside.filter(|(_, files)| goes_along(files.len() as u64, size));
        let mut archive = Archive::new();
        let manifest = Manifest {
            version: match own {
                Some(_) => VERSION,
                None => WITHOUT_ENCODER,
            },
            recipe: model.recipe.clone(),
            labels: model.labels.clone(),
            fitted: model.fitted.clone(),
            base_sha256: model.base.map(|base| base.weights.sha256.to_owned()),
            facts: Some(model.facts.clone()),
            table: match &model.learned {
                Learned::Text(_) => None,
                Learned::Table(weights) => Some(weights.facts.clone()),
            },
            encoder: own.map(|own| own.encoder.clone()),
            is_encoder_inside: inside.is_some(),
        };
        let manifest = serde_json::to_vec_pretty(&manifest).expect("plain data");
        archive.add("manifest.json", &manifest)?;
        archive.add("learned.safetensors", &learned)?;
        if let Learned::Text(weights) = &model.learned {
            // For programs that look in: the head as it stands in memory.
            let head = [
                ("weight".to_owned(), &weights.weight),
                ("bias".to_owned(), &weights.bias),
            ];
            archive.add("head.safetensors", &safetensors(head))?;
        }
        archive.add("README.md", card(model).as_bytes())?;
        if let Some((encoder, joined)) = inside {
            let files = encoder.files(joined).expect("they are as long as it says");
            for (path, bytes) in files.parts() {
                archive.add(&format!("{ENCODER}{path}"), bytes)?;
            }
        }
        archive.finish()
    }
}

/// Whether an encoder of so many bytes lies in the file beside what was learned on it.
pub fn goes_along(encoder: u64, learned: u64) -> bool {
    encoder.saturating_add(learned) <= MOST_INSIDE_BYTES
}

/// Opens such a file. Nothing is allocated by what it says of itself before that was checked.
///
/// # Errors
/// When it is no such file, damaged, of a newer form, or tuned on an unknown base model.
pub fn open(bytes: &[u8]) -> Result<BurnishFile, BurnishError> {
    let damaged = |what: &dyn std::fmt::Display| BurnishError::Damaged(what.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|why| damaged(&why))?;
    let manifest = read(&mut archive, "manifest.json", MOST_MANIFEST_BYTES)?;
    let Version { version } = serde_json::from_slice(&manifest).map_err(|why| damaged(&why))?;
    if version > VERSION {
        return Err(BurnishError::Newer(version));
    }
    let manifest: Manifest = serde_json::from_slice(&manifest).map_err(|why| damaged(&why))?;
    let Manifest {
        recipe,
        labels,
        fitted,
        base_sha256,
        facts,
        table,
        encoder,
        is_encoder_inside,
        ..
    } = manifest;
    let known = base_model::find(&recipe.base_model);
    if !recipe.text.is_empty() && known.map(|base| base.weights.sha256) != base_sha256.as_deref() {
        return Err(BurnishError::OtherBase(recipe.base_model));
    }
    if let Some(issue) = recipe.check().first() {
        return Err(damaged(&issue.what));
    }
    if recipe.table.is_some() != table.is_some() {
        return Err(damaged(&"it does not say how its columns are read"));
    }
    if labels.len() < 2 && answer(&recipe.task) != AnswerKind::Number {
        return Err(damaged(&"it has fewer than two labels"));
    }
    let is_own = known.is_none() && !recipe.text.is_empty();
    let flaw = match &encoder {
        Some(own) if own.id == recipe.base_model => own.flaw(),
        Some(_) => Some("it was tuned on another encoder than it says"),
        None => is_own.then_some("it does not say which encoder it was tuned on"),
    };
    if let Some(flaw) = flaw {
        return Err(damaged(&flaw));
    }
    let learned = read(&mut archive, "learned.safetensors", MOST_BYTES)?;
    let learned = Checkpoint::from_bytes(&learned).map_err(|why| damaged(&why))?;
    // A card is for people: a model without one answers as well.
    let card = read(&mut archive, "README.md", MOST_MANIFEST_BYTES).unwrap_or_default();
    let facts = facts.unwrap_or_else(|| Facts {
        inputs: Input::texts(&recipe.text),
        ..Facts::default()
    });
    Ok(BurnishFile {
        recipe,
        labels,
        fitted,
        learned,
        facts,
        table,
        encoder,
        is_encoder_inside,
        card: String::from_utf8_lossy(&card).into_owned(),
    })
}

impl BurnishFile {
    /// The model. `base` is what reads its texts; none where it has none.
    ///
    /// # Errors
    /// When its numbers do not fit what it says of itself. Nothing large is allocated before that was
    /// looked at.
    pub fn restore(&self, base: Option<&Base>, device: &Device) -> Result<Restored, BurnishError> {
        let damaged = |what: &str| BurnishError::Damaged(what.to_owned());
        if let Some(facts) = &self.table {
            if facts.answers.names() != self.labels {
                return Err(damaged("its labels are not those of its networks"));
            }
            let tuned = TunedTable::open(&self.recipe, facts, base, &self.learned, device);
            return tuned.map(Restored::Table).map_err(BurnishError::Damaged);
        }
        let base = base.ok_or_else(|| damaged("it reads no texts"))?;
        let tuned = Tuned::open(base, &self.labels, &self.recipe, &self.learned);
        tuned.map(Restored::Text).map_err(BurnishError::Damaged)
    }

    /// The files of its encoder, one after the other as [`Self::encoder`] lists them; `None` where they
    /// are not inside. `file` is what it was opened from.
    ///
    /// # Errors
    /// When they are not those that the recipe names by their hash.
    pub fn encoder_files(&self, file: &[u8]) -> Result<Option<Vec<u8>>, BurnishError> {
        let Some(own) = self.encoder.as_ref().filter(|_| self.is_encoder_inside) else {
            return Ok(None);
        };
        let damaged = |what: &dyn std::fmt::Display| BurnishError::Damaged(what.to_string());
        if own.bytes() > MOST_INSIDE_BYTES {
            return Err(BurnishError::TooLarge(own.bytes()));
        }
        let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|why| damaged(&why))?;
        let mut joined = Vec::new();
        for (path, bytes) in &own.parts {
            joined.extend(read(&mut archive, &format!("{ENCODER}{path}"), *bytes)?);
        }
        let is_whole = own
            .files(&joined)
            .is_some_and(|files| files.id() == own.id && files.parts().len() == own.parts.len());
        match is_whole {
            true => Ok(Some(joined)),
            false => Err(damaged(
                &"the files of its encoder are not those that it was tuned on",
            )),
        }
    }

    /// What a run would tell of it, without a row.
    pub fn report(&self) -> RunReport {
        self.facts.report(&self.recipe.task, &self.labels)
    }
}

/// One file of the archive, as large as it says and no larger than `most`.
fn read(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    most: u64,
) -> Result<Vec<u8>, BurnishError> {
    let damaged = |what: &dyn std::fmt::Display| BurnishError::Damaged(what.to_string());
    let file = archive.by_name(name).map_err(|why| damaged(&why))?;
    if file.size() > most {
        return Err(BurnishError::TooLarge(file.size()));
    }
    let mut bytes = Vec::new();
    file.take(most)
        .read_to_end(&mut bytes)
        .map_err(|why| damaged(&why))?;
    Ok(bytes)
}
