//! CSV files as people really have them, read in chunks.
//!
//! A file passes through four stages, each of which keeps no more than it must, so that memory
//! grows with the table and not with the file:
//!
//! 1. [`Decoder`]: bytes of whatever encoding become UTF-8.
//! 2. [`Dialect`]: the first 64 KB show what separates the cells, whether quotes are quotes, where
//!    the table begins and whether it has a header (`separator`, `preamble`, `header`). What a
//!    person says of it in a [`DialectChoice`] is taken as it is.
//! 3. `records`: `cut` cuts records; one that a stray quote has made swallow the lines below it is
//!    taken back and read again.
//! 4. `builder`: the first record names the columns, the others fill them; what does not fit is
//!    mended and told as an [`Issue`].
//!
//! Reading never fails over a bad row. A [`CsvRefusal`] means that there is no table at all.

mod ahead;
mod builder;
mod choice;
mod cut;
mod dialect;
mod header;
mod names;
mod preamble;
mod records;
mod refusal;
mod separator;
mod survey;
mod tally;
mod writer;

pub use choice::{Delimiter, DialectChoice, DialectReport, Mark};
pub use dialect::Dialect;
pub use header::BelowHeader;
pub use refusal::CsvRefusal;
pub use writer::{CsvWriter, write_row};

pub(in crate::domain) use refusal::by_head as refusal_by_head;

use self::builder::{NUL_PICTURE, TableBuilder};
use self::records::Records;
use super::issue::Issue;
use super::read::{CELL_BYTES, Decoder, Rows, Sample};
use super::table::{Column, Table};

/// The dialect is chosen from so many bytes of text at the start of the file.
const SAMPLE_BYTES: usize = 64 * 1024;

/// Enough of a file's first bytes to know other formats by.
const HEAD_BYTES: usize = 16;

/// A file is binary if more than one of so many characters of its start are control characters,
/// and at least [`FEWEST_CONTROLS`] are.
const CHARS_PER_CONTROL: usize = 20;
const FEWEST_CONTROLS: usize = 8;

/// Reads a table that arrives in chunks.
#[derive(Debug)]
pub struct CsvReader {
    name: String,
    choice: DialectChoice,
    head: Vec<u8>,
    decoder: Decoder,
    /// Goes to the builder once the dialect is known.
    rows: Option<Rows>,
    /// Text from before the dialect is known.
    sample: String,
    has_nuls: bool,
    /// Whether the file goes on after what is fed.
    is_start: bool,
    reading: Option<Reading>,
    refusal: Option<CsvRefusal>,
}

/// A table and how it was read.
#[derive(Debug)]
pub struct ReadCsv {
    /// The table.
    pub table: Table,
    /// How its cells were written.
    pub dialect: Dialect,
    /// Rows that were met, whether kept or not.
    pub rows_seen: u64,
    /// What was noticed.
    pub issues: Vec<Issue>,
}

/// Once the dialect is known.
#[derive(Debug)]
struct Reading {
    dialect: Dialect,
    records: Records,
    builder: TableBuilder,
}

impl CsvReader {
    /// A reader of a table of that name, whose dialect is detected.
    pub fn new(name: impl Into<String>) -> Self {
        Self::with_choice(name, DialectChoice::default())
    }

    /// A reader of a table of which a person says something.
    pub fn with_choice(name: impl Into<String>, choice: DialectChoice) -> Self {
        Self::keeping(name, choice, Rows::new(Sample::All, CELL_BYTES))
    }

    /// The same for a sample of the rows.
    pub fn keeping(name: impl Into<String>, choice: DialectChoice, rows: Rows) -> Self {
        Self {
            name: name.into(),
            choice,
            head: Vec::new(),
            decoder: Decoder::default(),
            rows: Some(rows),
            sample: String::new(),
            has_nuls: false,
            is_start: false,
            reading: None,
            refusal: None,
        }
    }

    /// A reader of a table whose dialect is known.
    pub fn with_dialect(name: impl Into<String>, dialect: Dialect) -> Self {
        let mut reader = Self::new(name);
        reader.begin_as(dialect);
        reader
    }

    /// Only the start of the file will be fed. A record that it does not hold whole is left out,
    /// unless there is no other: what looks odd about it may be the cut alone.
    #[must_use]
    pub fn of_start(mut self) -> Self {
        self.is_start = true;
        self
    }

    /// Takes the next bytes of the file, of any length.
    pub fn feed(&mut self, chunk: &[u8]) {
        if self.refusal.is_some() {
            return;
        }
        let missing = HEAD_BYTES - self.head.len();
        self.head.extend(&chunk[..chunk.len().min(missing)]);
        self.decode(chunk, false);
    }

    /// Takes the next piece of the file's text, of any length.
    pub fn feed_text(&mut self, text: &str) {
        if self.refusal.is_some() {
            return;
        }
        self.take(text);
        self.read(false);
    }

    /// Whether it is already clear that [`CsvReader::finish`] will refuse, so that the rest of the
    /// file need not be read.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// Whether no later row can become part of the table, so that the rest of the file need not be
    /// read.
    pub fn is_enough(&self) -> bool {
        self.reading.as_ref().is_some_and(Reading::is_enough)
    }

    /// The rows so far, which are forgotten here; none before the dialect is known.
    pub fn take_rows(&mut self) -> Vec<Column> {
        let reading = self.reading.as_mut();
        reading.map_or_else(Vec::new, |reading| reading.builder.take())
    }

    /// Rows met so far.
    pub fn seen(&self) -> u64 {
        self.reading
            .as_ref()
            .map_or(0, |reading| reading.builder.seen())
    }

    /// The dialect, once enough of the file has been seen to know it.
    pub fn dialect(&self) -> Option<&Dialect> {
        self.reading.as_ref().map(|reading| &reading.dialect)
    }

    /// Ends the file and gives the table, with everything that was noticed on the way.
    ///
    /// # Errors
    /// When there is no table in the file.
    pub fn finish(self) -> Result<(Table, Vec<Issue>), CsvRefusal> {
        self.finish_whole().map(|read| (read.table, read.issues))
    }

    /// The same, and how the file was read.
    ///
    /// # Errors
    /// When there is no table in the file.
    pub fn finish_with_dialect(self) -> Result<(Table, Dialect, Vec<Issue>), CsvRefusal> {
        self.finish_whole()
            .map(|read| (read.table, read.dialect, read.issues))
    }

    /// The same, and how many rows were met.
    ///
    /// # Errors
    /// When there is no table in the file.
    pub fn finish_whole(mut self) -> Result<ReadCsv, CsvRefusal> {
        if self.refusal.is_none() {
            self.decode(&[], true);
            self.read(true);
        }
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let Some(reading) = self.reading else {
            return Err(CsvRefusal::Empty);
        };
        let comments = reading.records.comments();
        let rows_seen = reading.builder.seen();
        let (table, issues) = reading.builder.finish(self.name, comments)?;
        Ok(ReadCsv {
            table,
            dialect: reading.dialect,
            rows_seen,
            issues: self.decoder.issues().into_iter().chain(issues).collect(),
        })
    }

    fn decode(&mut self, chunk: &[u8], is_last: bool) {
        let mut text = String::new();
        self.decoder.decode(chunk, is_last, &mut text);
        self.take(&text);
        self.read(false);
    }

    /// Appends text to what is to be read.
    fn take(&mut self, text: &str) {
        let place = match &mut self.reading {
            Some(reading) => reading.records.text(),
            None => &mut self.sample,
        };
        if !text.contains(['\0', NUL_PICTURE]) {
            place.push_str(text);
            return;
        }
        let mut buffer = [0; 4];
        place.push_str(&text.replace('\0', NUL_PICTURE.encode_utf8(&mut buffer)));
        // The picture itself counts as one: what stood there cannot be told any more.
        self.has_nuls = true;
        if let Some(reading) = &mut self.reading {
            reading.builder.has_nuls = true;
        }
    }

    fn read(&mut self, is_last: bool) {
        if self.reading.is_none() {
            self.refusal = refusal::by_head(&self.head);
            if self.refusal.is_none() && (is_last || self.sample.len() >= SAMPLE_BYTES) {
                self.begin(is_last && !self.is_start);
            }
        }
        if self.refusal.is_some() {
            return;
        }
        if let Some(reading) = &mut self.reading {
            reading.read(is_last && !self.is_start);
            if is_last && self.is_start && reading.builder.seen() == 0 {
                reading.records.end_at_a_start();
                reading.read(true);
            }
            if reading.builder.is_too_ragged() {
                self.refusal = Some(CsvRefusal::TooRagged);
            }
        }
    }

    /// Chooses the dialect by the sample.
    fn begin(&mut self, is_last: bool) {
        let text = std::mem::take(&mut self.sample);
        // However much has arrived, the same sample decides.
        let sample = &text[..text.floor_char_boundary(SAMPLE_BYTES)];
        let is_whole = is_last && text.len() < SAMPLE_BYTES;
        self.refusal = refusal::by_text(sample.as_bytes())
            .or_else(|| is_binary(sample).then_some(CsvRefusal::Binary));
        if self.refusal.is_some() {
            return;
        }
        self.begin_as(Dialect::detect_with(sample, is_whole, &self.choice));
        if let Some(reading) = &mut self.reading {
            reading.builder.has_nuls = self.has_nuls;
            *reading.records.text() = text;
        }
    }

    fn begin_as(&mut self, dialect: Dialect) {
        self.reading = self.rows.take().map(|rows| Reading::new(dialect, rows));
    }
}

impl Reading {
    fn new(dialect: Dialect, rows: Rows) -> Self {
        Self {
            dialect,
            records: Records::new(&dialect),
            builder: TableBuilder::new(dialect, rows),
        }
    }

    fn is_enough(&self) -> bool {
        self.builder.is_enough() || self.builder.is_too_ragged()
    }

    fn read(&mut self, is_last: bool) {
        while !self.is_enough()
            && let Some(record) = self.records.next(is_last)
        {
            self.builder.push(&record);
        }
    }
}

/// Whether too much of a text is what no text has. The separators of ASCII and of Hive are text.
fn is_binary(sample: &str) -> bool {
    let is_control = |&c: &char| {
        let is_text = matches!(
            c,
            '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}' | '\u{1}' | '\u{2}'
        ) || matches!(c, '\u{1c}'..='\u{1f}' | '\u{85}');
        (c.is_control() && !is_text) || c == NUL_PICTURE || c == char::REPLACEMENT_CHARACTER
    };
    let controls = sample.chars().filter(is_control).count();
    controls >= FEWEST_CONTROLS && controls * CHARS_PER_CONTROL > sample.chars().count()
}

#[cfg(test)]
mod tests;
