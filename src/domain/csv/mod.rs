//! CSV files as people really have them, read in chunks.
//!
//! A file passes through four stages, each of which keeps no more than it must, so that memory
//! grows with the table and not with the file:
//!
//! 1. `decode`: bytes of whatever encoding become UTF-8.
//! 2. [`Dialect`]: the first 64 KB show what separates the cells and whether quotes are quotes.
//! 3. `records`: csv-core cuts records; one that a stray quote has made swallow the lines below
//!    it is taken back and read again.
//! 4. `builder`: the first record names the columns, the others fill them; what does not fit is
//!    mended and told as an [`Issue`].
//!
//! Reading never fails over a bad row. A [`CsvRefusal`] means that there is no table at all.

mod builder;
mod choice;
mod decode;
mod dialect;
mod quotes;
mod records;
mod refusal;
mod writer;

pub use choice::{Delimiter, DialectChoice, DialectReport, Mark};
pub use dialect::Dialect;
pub use refusal::CsvRefusal;
pub use writer::write_row;

use self::builder::TableBuilder;
use self::decode::Decoder;
use self::records::Records;
use super::issue::Issue;
use super::table::Table;

/// The dialect is chosen from so many bytes of text at the start of the file.
const SAMPLE_BYTES: usize = 64 * 1024;

/// Enough of a file's first bytes to know other formats by.
const HEAD_BYTES: usize = 16;

/// Reads a table that arrives in chunks.
#[derive(Debug)]
pub struct CsvReader {
    name: String,
    head: Vec<u8>,
    decoder: Decoder,
    /// Text from before the dialect is known.
    sample: Vec<u8>,
    reading: Option<Reading>,
    refusal: Option<CsvRefusal>,
}

/// Once the dialect is known.
#[derive(Debug)]
struct Reading {
    records: Records,
    builder: TableBuilder,
}

impl CsvReader {
    /// A reader of a table of that name, whose dialect is detected.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            head: Vec::new(),
            decoder: Decoder::default(),
            sample: Vec::new(),
            reading: None,
            refusal: None,
        }
    }

    /// A reader of a table whose dialect is known.
    pub fn with_dialect(name: impl Into<String>, dialect: Dialect) -> Self {
        let mut reader = Self::new(name);
        reader.reading = Some(Reading::new(dialect));
        reader
    }

    /// Takes the next bytes of the file, of any length.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.read(chunk, false);
    }

    /// Whether it is already clear that [`CsvReader::finish`] will refuse, so that the rest of the
    /// file need not be read.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// Ends the file and gives the table, with everything that was noticed on the way.
    ///
    /// # Errors
    /// When there is no table in the file.
    pub fn finish(mut self) -> Result<(Table, Vec<Issue>), CsvRefusal> {
        self.read(&[], true);
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let Some(reading) = self.reading else {
            return Err(CsvRefusal::Empty);
        };
        let (table, issues) = reading.builder.finish(self.name)?;
        Ok((
            table,
            self.decoder.issue().into_iter().chain(issues).collect(),
        ))
    }

    fn read(&mut self, chunk: &[u8], is_last: bool) {
        if self.refusal.is_some() {
            return;
        }
        let missing = HEAD_BYTES - self.head.len();
        self.head.extend(&chunk[..chunk.len().min(missing)]);

        let text = match &mut self.reading {
            Some(reading) => reading.records.text(),
            None => &mut self.sample,
        };
        let before = text.len();
        self.decoder.decode(chunk, is_last, text);
        if text[before..].contains(&0) {
            self.refusal = Some(refusal::by_head(&self.head).unwrap_or(CsvRefusal::ZeroBytes));
            return;
        }

        if self.reading.is_none() && (is_last || self.sample.len() >= SAMPLE_BYTES) {
            let sample = std::mem::take(&mut self.sample);
            self.refusal = refusal::by_head(&self.head).or_else(|| refusal::by_text(&sample));
            if self.refusal.is_some() {
                return;
            }
            let mut reading = Reading::new(Dialect::detect(&sample, is_last));
            *reading.records.text() = sample;
            self.reading = Some(reading);
        }
        if let Some(reading) = &mut self.reading {
            reading.read(is_last);
        }
    }
}

impl Reading {
    fn new(dialect: Dialect) -> Self {
        Self {
            records: Records::new(&dialect),
            builder: TableBuilder::new(dialect),
        }
    }

    fn read(&mut self, is_last: bool) {
        while let Some(record) = self.records.next(is_last) {
            self.builder.push(&record);
        }
    }
}

#[cfg(test)]
mod tests;
