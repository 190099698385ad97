//! Burnish's own file: what was learned, to open again.
//!
//! A zip archive. The base model is named by its hash and not inside, so that a model that moved
//! its head alone is a few kilobytes.

use std::io::{Cursor, Read};

use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use super::archive::Archive;
use super::model::{Learned, Model};
use super::model_card::card;
use super::safetensors_file::safetensors;
use super::{A_TEXT, ExportError, Exporter};
use crate::domain::clean::Fitted;
use crate::domain::recipe::Recipe;
use crate::domain::report::ParameterCount;
use crate::engine::checkpoint::Checkpoint;

/// Version of the file's form. Files of every version up to this one are opened.
const VERSION: u32 = 1;

/// A file that says to be larger inside is refused: the largest model here has 22.7 million
/// parameters of four bytes.
const MOST_BYTES: u64 = 256 << 20;

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
    /// The labels, by index.
    pub labels: Vec<String>,
    /// How cells are prepared.
    pub fitted: Vec<Fitted>,
    /// What training changed.
    pub learned: Checkpoint,
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
    #[error("this file says to hold {0} bytes, more than any model here")]
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
        "What was learned, the recipe and how cells are prepared, as Burnish itself keeps them. The command line and this page cannot open it yet. No row of your data is in it, but labels and values that the steps name are."
    }

    fn ending(&self) -> &'static str {
        "model.burnish"
    }

    fn refusal(&self, recipe: &Recipe) -> Option<&'static str> {
        recipe.table.is_some().then_some(
            "A model on a table's columns cannot be opened again yet; take it along as ONNX.",
        )
    }

    fn size(&self, count: ParameterCount) -> u64 {
        count.trainable * 4 + A_TEXT
    }

    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError> {
        let mut archive = Archive::new();
        let manifest = Manifest {
            version: VERSION,
            recipe: model.recipe.clone(),
            labels: model.labels.clone(),
            fitted: model.fitted.clone(),
            base_sha256: model.base.map(|base| base.weights.sha256.to_owned()),
        };
        let manifest = serde_json::to_vec_pretty(&manifest).expect("plain data");
        archive.add("manifest.json", &manifest)?;
        if let Learned::Text(weights) = &model.learned {
            archive.add("learned.safetensors", &weights.checkpoint.to_bytes())?;
            // For programs that look in: the head as it stands in memory.
            let head = [
                ("weight".to_owned(), &weights.weight),
                ("bias".to_owned(), &weights.bias),
            ];
            archive.add("head.safetensors", &safetensors(head))?;
        }
        archive.add("README.md", card(model).as_bytes())?;
        archive.finish()
    }
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
        ..
    } = manifest;
    let known = crate::domain::base_model::find(&recipe.base_model);
    if known.map(|base| base.weights.sha256) != base_sha256.as_deref() {
        return Err(BurnishError::OtherBase(recipe.base_model));
    }
    if let Some(issue) = recipe.check().first() {
        return Err(damaged(&issue.what));
    }
    if labels.len() < 2 {
        return Err(damaged(&"it has fewer than two labels"));
    }
    let learned = read(&mut archive, "learned.safetensors", MOST_BYTES)?;
    let learned = Checkpoint::from_bytes(&learned).map_err(|why| damaged(&why))?;
    Ok(BurnishFile {
        recipe,
        labels,
        fitted,
        learned,
    })
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
