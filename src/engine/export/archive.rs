//! A folder in one file.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::ExportError;

/// A zip archive that grows. Files are not packed: weights hardly get smaller by it, and other
/// programs can read them in place. All of them bear the same date, so that the same model gives
/// the same bytes.
pub struct Archive {
    writer: ZipWriter<Cursor<Vec<u8>>>,
}

impl Archive {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            writer: ZipWriter::new(Cursor::new(Vec::new())),
        }
    }

    /// Adds a file under a path.
    ///
    /// # Errors
    /// When the archive would be larger than its form allows.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), ExportError> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        self.writer.start_file(path, options)?;
        self.writer.write_all(bytes)?;
        Ok(())
    }

    /// The archive's bytes.
    ///
    /// # Errors
    /// When the archive would be larger than its form allows.
    pub fn finish(self) -> Result<Vec<u8>, ExportError> {
        Ok(self.writer.finish()?.into_inner())
    }
}
