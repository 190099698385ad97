//! Files of the app from a folder.

use std::path::PathBuf;

use super::{AssetError, Requested, verify};
use crate::domain::base_model::ModelFile;

/// Where the app's files are.
#[derive(Debug, Clone)]
pub struct Assets {
    folder: PathBuf,
}

impl Assets {
    /// Files below a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Address of the page: natively there is none.
    pub fn page(&self) -> &'static str {
        ""
    }

    /// Requests since the last call: none, files are read.
    pub fn requests(&self) -> Vec<Requested> {
        Vec::new()
    }

    /// One of the app's files.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn fetch(
        &self,
        path: &str,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Vec<u8>, AssetError> {
        let bytes =
            std::fs::read(self.folder.join(path)).map_err(|error| AssetError::Unreachable {
                path: path.to_owned(),
                why: error.to_string(),
            })?;
        progress(bytes.len() as u64, bytes.len() as u64);
        Ok(bytes)
    }

    /// The same, refused once it has more than `most` bytes.
    ///
    /// # Errors
    /// When it is not there, or larger.
    pub async fn fetch_up_to(
        &self,
        path: &str,
        most: u64,
        progress: impl FnMut(u64, u64),
    ) -> Result<Vec<u8>, AssetError> {
        let bytes = self.fetch(path, progress).await?;
        if bytes.len() as u64 > most {
            let path = path.to_owned();
            return Err(AssetError::TooLarge { path, most });
        }
        Ok(bytes)
    }

    /// A pinned file from below `models`, checked against its hash.
    ///
    /// # Errors
    /// When it is not there or not the pinned one.
    pub async fn model_file(
        &self,
        model: &str,
        file: &ModelFile,
        progress: impl FnMut(u64, u64),
    ) -> Result<Vec<u8>, AssetError> {
        let bytes = self
            .fetch(&format!("models/{model}/{}", file.path), progress)
            .await?;
        verify(&bytes, file)?;
        Ok(bytes)
    }
}
