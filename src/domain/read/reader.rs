//! From bytes to a table.
//!
//! Bytes are unpacked, decoded and read as they come; none of the stages holds the file:
//!
//! 1. `unpack`: gzip, and the deflate of a zip archive's file.
//! 2. [`Decoder`]: whatever encoding becomes text.
//! 3. The first text shows the [`Format`]; `csv` or `json` make rows of it.
//! 4. [`Rows`]: those of the [`Sample`] are kept.

use super::decode::Decoder;
use super::json::ObjectReader;
use super::keep::{CELL_BYTES, Rows};
use super::refusal::ReadRefusal;
use super::unpack::{GZIP, Unpacker};
use super::values::{LONGEST_BYTES, Layout, Values};
use super::zip::Entry;
use super::{Format, ReadOptions, ReadReport, Sample};
use crate::domain::csv::{self, CsvReader};
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::table::Table;

/// The format is chosen from so many bytes of text.
const SAMPLE_BYTES: usize = 64 * 1024;

/// Enough of a file's first bytes to know other formats by.
const HEAD_BYTES: usize = 16;

/// Reads a table that arrives in chunks.
#[derive(Debug)]
pub struct TableReader {
    /// Whether what arrives is the file itself, which may be a gzip archive.
    may_be_packed: bool,
    packed: Option<&'static str>,
    entries: Vec<String>,
    /// The first bytes as they came, until they show whether they are packed.
    start: Vec<u8>,
    bytes: u64,
    unpacker: Option<Unpacker>,
    text: TextReader,
    refusal: Option<ReadRefusal>,
}

/// What unpacked bytes become.
#[derive(Debug)]
struct TextReader {
    name: String,
    options: ReadOptions,
    budget: usize,
    /// Whether the file goes on after what is fed.
    is_start: bool,
    /// The first bytes, to know other formats by.
    head: Vec<u8>,
    decoder: Decoder,
    /// Text from before the format is known.
    sample: String,
    body: Option<Body>,
    refusal: Option<ReadRefusal>,
}

#[derive(Debug)]
enum Body {
    Delimited(Box<CsvReader>),
    Json {
        format: Format,
        values: Values,
        objects: Box<ObjectReader>,
    },
}

/// A table and how it was read.
#[derive(Debug)]
pub struct ReadTable {
    /// The table.
    pub table: Table,
    /// How it was read.
    pub report: ReadReport,
    /// What was noticed.
    pub issues: Vec<Issue>,
}

impl TableReader {
    /// A reader of the file of that name.
    pub fn new(name: impl Into<String>, options: ReadOptions) -> Self {
        Self {
            may_be_packed: true,
            packed: None,
            entries: Vec::new(),
            start: Vec::new(),
            bytes: 0,
            unpacker: None,
            text: TextReader {
                name: name.into(),
                decoder: Decoder::new(options.encoding.as_deref()),
                options,
                budget: CELL_BYTES,
                is_start: false,
                head: Vec::new(),
                sample: String::new(),
                body: None,
                refusal: None,
            },
            refusal: None,
        }
    }

    /// A reader of a file in a zip archive, chosen by [`super::zip::choose`]: it is fed with the
    /// bytes after the file's header.
    #[must_use]
    pub fn of_entry(mut self, entry: &Entry, entries: Vec<String>) -> Self {
        self.may_be_packed = false;
        self.packed = Some("zip");
        self.entries = entries;
        self.unpacker = Some(if entry.is_deflated() {
            Unpacker::deflate()
        } else {
            Unpacker::none()
        });
        self
    }

    /// Cells may take so many bytes of memory.
    #[must_use]
    pub fn with_budget(mut self, bytes: usize) -> Self {
        self.text.budget = bytes;
        self
    }

    /// Only the start of the file will be fed: a row that it does not hold whole is left out,
    /// unless there is no other.
    #[must_use]
    pub fn of_start(mut self) -> Self {
        self.text.is_start = true;
        self
    }

    /// Takes the next bytes, of any length.
    pub fn feed(&mut self, chunk: &[u8]) {
        if self.is_enough() {
            return;
        }
        self.bytes += chunk.len() as u64;
        if self.unpacker.is_some() {
            return self.unpack(chunk);
        }
        self.start.extend(chunk);
        if self.start.len() >= GZIP.len() {
            self.begin();
        }
    }

    /// The rows since the last call, which are forgotten here, so that a file of any length goes
    /// through little memory. Columns of nothing but empty cells are among them, and all that is to
    /// be told comes at the end, as ever.
    pub fn take_rows(&mut self) -> Table {
        let columns = match &mut self.text.body {
            Some(Body::Delimited(reader)) => reader.take_rows(),
            Some(Body::Json { objects, .. }) => objects.take(),
            None => Vec::new(),
        };
        Table::new(&*self.text.name, columns).with_decimal(self.text.options.decimal)
    }

    /// Whether the rest of the file need not be read: nothing of it can become part of the table,
    /// or [`TableReader::finish`] will refuse anyway.
    pub fn is_enough(&self) -> bool {
        self.refusal.is_some() || self.text.is_enough()
    }

    /// Ends the file and gives the table.
    ///
    /// # Errors
    /// When there is no table in the file.
    pub fn finish(mut self) -> Result<ReadTable, ReadRefusal> {
        if self.unpacker.is_none() {
            self.begin();
        }
        let mut damage = None;
        if let Some(unpacker) = &mut self.unpacker
            && self.refusal.is_none()
            && !self.text.is_enough()
        {
            unpacker.finish(|bytes| self.text.feed(bytes))?;
            damage = unpacker.damage().map(|damage| {
                Issue::new(
                    "damaged_archive",
                    Severity::Warning,
                    Position::Table,
                    format!(
                        "The archive is cut or damaged ({damage}); only what could be unpacked was read."
                    ),
                    "Download or pack it again: rows are missing at the end.",
                )
            });
        }
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let mut read = self.text.finish()?;
        read.issues.splice(0..0, damage);
        read.report.packed = self.packed.map(str::to_owned);
        read.report.entries = self.entries;
        read.report.bytes = self.bytes;
        Ok(read)
    }

    /// Looks whether the file is packed.
    fn begin(&mut self) {
        let is_gzip = self.may_be_packed && self.start.starts_with(&GZIP);
        self.unpacker = Some(if is_gzip {
            self.packed = Some("gzip");
            Unpacker::gzip()
        } else {
            Unpacker::none()
        });
        let start = std::mem::take(&mut self.start);
        self.unpack(&start);
    }

    fn unpack(&mut self, chunk: &[u8]) {
        if let Some(unpacker) = &mut self.unpacker {
            let unpacked = unpacker.feed(chunk, |bytes| self.text.feed(bytes));
            self.refusal = unpacked.err();
        }
    }
}

impl TextReader {
    fn is_enough(&self) -> bool {
        self.refusal.is_some()
            || match &self.body {
                None => false,
                Some(Body::Delimited(reader)) => reader.is_enough() || reader.is_refused(),
                Some(Body::Json { objects, .. }) => objects.rows.is_enough(),
            }
    }

    /// Takes unpacked bytes. Whether more are wanted.
    fn feed(&mut self, bytes: &[u8]) -> bool {
        if self.head.len() < HEAD_BYTES {
            let missing = HEAD_BYTES - self.head.len();
            self.head.extend(&bytes[..bytes.len().min(missing)]);
            if self.head.len() == HEAD_BYTES {
                self.refusal = csv::refusal_by_head(&self.head).map(ReadRefusal::Csv);
            }
        }
        if self.refusal.is_none() {
            self.refusal = self.take(bytes, false).err();
        }
        !self.is_enough()
    }

    fn take(&mut self, bytes: &[u8], is_last: bool) -> Result<(), ReadRefusal> {
        if let Some(body) = &mut self.body {
            let mut text = String::new();
            self.decoder.decode(bytes, is_last, &mut text);
            return body.feed(&text);
        }
        self.decoder.decode(bytes, is_last, &mut self.sample);
        if is_last || self.sample.len() >= SAMPLE_BYTES {
            let sample = std::mem::take(&mut self.sample);
            let mut body = self.body(&sample);
            let fed = body.feed(&sample);
            self.body = Some(body);
            return fed;
        }
        Ok(())
    }

    /// What the text is by its start.
    fn body(&self, sample: &str) -> Body {
        let rows = Rows::new(self.options.sample, self.budget);
        let (format, layout) = match self.options.format {
            Some(Format::Delimited) => (Format::Delimited, Layout::Lines),
            Some(Format::JsonArray) => (Format::JsonArray, Layout::List),
            Some(Format::JsonLines) => (Format::JsonLines, Layout::Lines),
            None => sniff(sample),
        };
        if format == Format::Delimited {
            let choice = self.options.dialect.clone();
            let reader = CsvReader::keeping(&*self.name, choice, rows);
            return Body::Delimited(Box::new(match self.is_start {
                true => reader.of_start(),
                false => reader,
            }));
        }
        Body::Json {
            format,
            values: Values::new(layout),
            objects: Box::new(ObjectReader::new(rows)),
        }
    }

    fn finish(mut self) -> Result<ReadTable, ReadRefusal> {
        // A file shorter than that was not looked at yet.
        if self.head.len() < HEAD_BYTES {
            self.refusal = csv::refusal_by_head(&self.head).map(ReadRefusal::Csv);
        }
        let was_enough = self.is_enough();
        if !was_enough {
            self.take(&[], true)?;
        }
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let Some(body) = self.body else {
            return Err(csv::CsvRefusal::Empty.into());
        };
        let mut report = ReadReport {
            format: Format::Delimited,
            packed: None,
            entries: Vec::new(),
            encoding: self.decoder.encoding().to_owned(),
            encoding_is_sure: self.decoder.is_sure(),
            dialect: None,
            bytes: 0,
            rows_seen: 0,
            rows_kept: 0,
        };
        let mut issues = self.decoder.issues();
        let (table, more) = match body {
            Body::Delimited(reader) => {
                let read = reader.finish_whole()?;
                report.rows_seen = read.rows_seen;
                report.dialect = Some(read.dialect.report());
                (read.table, read.issues)
            }
            Body::Json {
                format,
                mut values,
                mut objects,
            } => {
                if !was_enough {
                    let is_cut = self.is_start && objects.rows.seen() > 0;
                    while !is_cut && let Some((value, line)) = values.next(true) {
                        objects.push(value, line);
                    }
                    objects.unwrap_only(Rows::new(self.options.sample, self.budget));
                }
                report.format = format;
                report.rows_seen = objects.rows.seen();
                let mut more = objects.issues();
                if objects.rows.columns().is_empty() {
                    return Err(ReadRefusal::NoObjects);
                }
                let (columns, full) = objects.rows.finish();
                more.extend(full);
                (Table::new(self.name, columns), more)
            }
        };
        let table = table.with_decimal(self.options.decimal);
        report.rows_kept = table.rows() as u32;
        issues.extend(sample_issue(self.options.sample, &report));
        issues.extend(more);
        Ok(ReadTable {
            table,
            report,
            issues,
        })
    }
}

/// What a person should know of a sample.
fn sample_issue(sample: Sample, report: &ReadReport) -> Option<Issue> {
    let (kept, seen) = (report.rows_kept, report.rows_seen);
    let what = match sample {
        Sample::Random { .. } if u64::from(kept) < seen => {
            format!("{kept} of the file's {seen} rows were drawn at random.")
        }
        Sample::First { rows } if kept == rows => {
            format!("Only the first {kept} rows of the file were read.")
        }
        _ => return None,
    };
    let fix = "Nothing to do. Read all rows if the result should rest on them.";
    Some(Issue::new(
        "sample",
        Severity::Note,
        Position::Table,
        what,
        fix,
    ))
}

impl Body {
    fn feed(&mut self, text: &str) -> Result<(), ReadRefusal> {
        match self {
            Self::Delimited(reader) => reader.feed_text(text),
            Self::Json {
                values, objects, ..
            } => {
                values.feed(text);
                while !objects.rows.is_enough()
                    && let Some((value, line)) = values.next(false)
                {
                    objects.push(value, line);
                }
                if values.waiting() > LONGEST_BYTES {
                    return Err(ReadRefusal::TooLong {
                        what: "The JSON value",
                        line: values.line(),
                        bytes: LONGEST_BYTES,
                    });
                }
            }
        }
        Ok(())
    }
}

/// The format of a file by the start of its text.
fn sniff(sample: &str) -> (Format, Layout) {
    let start = sample.trim_start();
    let after = start.get(1..).unwrap_or_default().trim_start();
    // A header cell in brackets is not followed by what JSON has there.
    match (start.as_bytes().first(), after.as_bytes().first()) {
        (Some(b'['), Some(b'{')) => (Format::JsonArray, Layout::List),
        (Some(b'{'), Some(b'"' | b'}')) => {
            let line = start.lines().next().unwrap_or_default();
            let is_whole = serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok();
            let is_cut = line.len() == start.len();
            match is_whole || is_cut {
                true => (Format::JsonLines, Layout::Lines),
                false => (Format::JsonLines, Layout::Loose),
            }
        }
        _ => (Format::Delimited, Layout::Lines),
    }
}

#[cfg(test)]
mod tests;
