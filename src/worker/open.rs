//! Opens tables: whole files chunk by chunk, their starts to look at, and second files as test
//! rows.
//!
//! Between two chunks the worker hears what else is asked, so that an opening can be cancelled, and
//! several can be under way. Nothing of one that ends early is kept.

use std::cell::Cell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::ask::guessed;
use super::clock;
use super::port::Attached;
use super::session::{BYTES_INTERVAL, Session, asset_failure};
use crate::domain::column::{self, ColumnProfile, Schema};
use crate::domain::issue::{Issue, Position};
use crate::domain::read::{
    CELL_BYTES, ReadOptions, ReadRefusal, ReadReport, ReadTable, Sample, TableReader, zip,
};
use crate::domain::table::{RowId, Table};
use crate::protocol::{
    About, ColumnSummary, Command, Event, Failure, FailureKind, RequestId, TableId, TableSource,
    TableSummary,
};

/// Bytes of a file that are read at once.
const CHUNK: u64 = 1 << 20;

/// The same of a packed file, of which many times as much may come.
const PACKED_CHUNK: u64 = 1 << 16;

/// Rows that a table shows before anybody asks for more.
const SHOWN_ROWS: u32 = 100;

/// Rows of a preview, and bytes of the file's start that it is made of.
const PREVIEW_ROWS: u32 = 200;
const PREVIEW_BYTES: u64 = 256 * 1024;

/// Cells may take at least so much memory, however much the other tables take.
const LEAST_CELL_BYTES: usize = 256 << 20;

/// Whether an opening is still wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Yes,
    /// The page asked to stop.
    Cancelled,
    /// The page asked to open the table anew, which answers in its place.
    Replaced,
}

/// An opening that is under way.
pub(super) type Opening = Rc<Cell<Wanted>>;

/// How a table was read, to tell with every summary of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Reading {
    report: ReadReport,
    issues: Vec<Issue>,
}

/// What a table is read from.
enum Source {
    File(Attached),
    Bytes(Vec<u8>),
}

/// A file of which a model predicts the rows: it is read again for that, and its first rows alone
/// are kept.
#[derive(Debug, Clone)]
pub(super) struct Beside {
    name: String,
    file: Attached,
    options: ReadOptions,
}

/// Rows that are kept of a file beside the tables, to show how it fits.
const BESIDE_ROWS: u32 = 1_000;

/// Why an opening ended without a table.
enum Stop {
    Unwanted,
    Failed(Failure),
    Refused(ReadRefusal),
}

impl From<ReadRefusal> for Stop {
    fn from(refusal: ReadRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Failed(failure) => failure,
            Stop::Refused(refusal) => refused(&refusal),
            Stop::Unwanted => Self {
                kind: FailureKind::Input,
                what: "The file was closed while it was read.".to_owned(),
                fix: "Choose it again.".to_owned(),
            },
        }
    }
}

impl Source {
    fn size(&self) -> u64 {
        match self {
            Self::File(file) => file.size(),
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    async fn read(&self, from: u64, count: u64) -> Result<Vec<u8>, Stop> {
        // What was asked meanwhile is heard here, however fast the bytes come.
        clock::yield_now().await;
        match self {
            Self::File(file) => file.read(from, count).await.map_err(|what| {
                Stop::Failed(Failure {
                    kind: FailureKind::Input,
                    what,
                    fix: "Drop the file again; it may have been moved or changed.".to_owned(),
                })
            }),
            Self::Bytes(bytes) => {
                let from = (from as usize).min(bytes.len());
                let to = bytes.len().min(from + count as usize);
                Ok(bytes[from..to].to_vec())
            }
        }
    }
}

impl Session {
    /// Takes note of an opening before it begins, so that it can be cancelled from then on.
    pub(super) fn expect(&self, command: &Command) -> Opening {
        let opening = Rc::new(Cell::new(Wanted::Yes));
        if let Command::OpenTable { table, .. } = command {
            let mut openings = self.openings.borrow_mut();
            if let Some(earlier) = openings.insert(*table, Rc::clone(&opening)) {
                earlier.set(Wanted::Replaced);
            }
        }
        opening
    }

    pub(super) fn cancel_opening(&self, table: TableId) {
        if let Some(opening) = self.openings.borrow_mut().remove(&table) {
            opening.set(Wanted::Cancelled);
        }
    }

    /// Answers [`crate::protocol::Command::OpenTable`].
    pub(super) async fn open(
        &self,
        table: TableId,
        name: String,
        source: TableSource,
        options: ReadOptions,
        attached: &[Attached],
        opening: &Opening,
    ) {
        let opened = self
            .open_wanted(table, name, source, options, attached, opening)
            .await;
        if opening.get() == Wanted::Yes {
            self.openings.borrow_mut().remove(&table);
        }
        match opened {
            Ok(()) => self.report(About::Table(table), Ok(())),
            Err(Stop::Unwanted) if opening.get() == Wanted::Cancelled => {
                self.sender.send(&Event::TableCancelled { table });
            }
            Err(Stop::Unwanted) => {}
            Err(stop) => self.report(About::Table(table), Err(stop.into())),
        }
    }

    async fn open_wanted(
        &self,
        table: TableId,
        name: String,
        source: TableSource,
        mut options: ReadOptions,
        attached: &[Attached],
        opening: &Opening,
    ) -> Result<(), Stop> {
        if let TableSource::Kept { kept } = &source {
            return self.open_kept(table, kept).await.map_err(Stop::Failed);
        }
        let mut last = clock::now();
        let mut progress = |read: u64, total: u64| {
            if clock::now() - last >= BYTES_INTERVAL {
                last = clock::now();
                self.sender
                    .send(&Event::TableProgress { table, read, total });
            }
        };
        let source = self
            .source(&name, source, &mut options, attached, &mut progress)
            .await?;
        if let (Source::File(file), true) = (&source, table == TableId::BESIDE) {
            *self.beside.borrow_mut() = Some(Beside {
                name: name.clone(),
                file: file.clone(),
                options: options.clone(),
            });
            options.sample = Sample::First { rows: BESIDE_ROWS };
        }
        let budget = CELL_BYTES
            .saturating_sub(self.bytes_beside(table))
            .max(LEAST_CELL_BYTES);
        let read = read(&source, name, options, budget, u64::MAX, |read, total| {
            progress(read, total);
            opening.get() == Wanted::Yes
        })
        .await?;
        let reading = Reading {
            report: read.report,
            issues: read.issues,
        };
        let summary = summarize(&read.table, &reading, Vec::new(), || {
            opening.get() == Wanted::Yes
        })
        .await
        .ok_or(Stop::Unwanted)?;
        self.tables.borrow_mut().insert(table, Rc::new(read.table));
        self.readings.borrow_mut().insert(table, reading);
        self.sender.send(&Event::TableOpened { table, summary });
        Ok(())
    }

    /// Memory that the other tables take.
    fn bytes_beside(&self, table: TableId) -> usize {
        let tables = self.tables.borrow();
        let others = tables.iter().filter(|(id, _)| **id != table);
        others.map(|(_, table)| table.bytes()).sum()
    }

    /// Answers [`crate::protocol::Command::Preview`].
    pub(super) async fn preview(
        &self,
        request: RequestId,
        name: String,
        source: TableSource,
        mut options: ReadOptions,
        attached: &[Attached],
    ) -> Result<(), Failure> {
        options.sample = Sample::First { rows: PREVIEW_ROWS };
        let found = async {
            let source = self
                .source(&name, source, &mut options, attached, &mut |_, _| {})
                .await?;
            let start = read(&source, name, options, CELL_BYTES, PREVIEW_BYTES, |_, _| {
                true
            });
            start.await
        };
        let (columns, rows, reading, issues) = match found.await {
            Ok(read) => {
                let table = read.table;
                let columns = table
                    .columns()
                    .iter()
                    .map(|column| column.name().to_owned());
                let rows = (0..table.rows() as u32).map(|row| table.row(RowId(row)));
                // The start of a file is cut by us, and its rows are few because we said so.
                let is_ours = |id: &str| ["sample", "damaged_archive"].contains(&id);
                let issues = read.issues.into_iter().filter(|issue| !is_ours(&issue.id));
                (
                    columns.collect(),
                    rows.collect(),
                    Some(read.report),
                    issues.collect(),
                )
            }
            Err(Stop::Refused(refusal)) => {
                let issue = Issue::new(
                    refusal.id(),
                    crate::domain::issue::Severity::Blocks,
                    Position::Table,
                    refusal.to_string(),
                    refusal.fix(),
                );
                (Vec::new(), Vec::new(), None, vec![issue])
            }
            Err(Stop::Failed(failure)) => return Err(failure),
            Err(Stop::Unwanted) => return Ok(()),
        };
        self.sender.send(&Event::Previewed {
            request,
            columns,
            rows,
            reading,
            issues,
        });
        Ok(())
    }

    /// Answers [`crate::protocol::Command::AppendTest`].
    pub(super) async fn append_test(&self, table: TableId, from: TableId) -> Result<(), Failure> {
        let (own, other) = (self.table(table)?, self.table(from)?);
        let (appended, issues) = own.append(&other);
        if let Some(issue) = issues.iter().find(|issue| issue.blocks()) {
            return Err(Failure {
                kind: FailureKind::Input,
                what: issue.what.clone(),
                fix: issue.fix.clone(),
            });
        }
        let reading = self.readings.borrow().get(&table).cloned();
        let reading = reading.unwrap_or_else(|| self.readings.borrow()[&from].clone());
        if let Some(summary) = summarize(&appended, &reading, issues, || true).await {
            self.tables.borrow_mut().insert(table, Rc::new(appended));
            self.sender.send(&Event::TableOpened { table, summary });
        }
        Ok(())
    }

    async fn source(
        &self,
        name: &str,
        source: TableSource,
        options: &mut ReadOptions,
        attached: &[Attached],
        progress: &mut impl FnMut(u64, u64),
    ) -> Result<Source, Stop> {
        match source {
            TableSource::File { attachment } => attached
                .get(usize::from(attachment.0))
                .cloned()
                .map(Source::File)
                .ok_or_else(|| {
                    Stop::Failed(Failure {
                        kind: FailureKind::Protocol,
                        what: format!("\"{name}\" did not arrive."),
                        fix: "Drop the file again.".to_owned(),
                    })
                }),
            TableSource::Sample { path } => self
                .assets
                .fetch(&path, progress)
                .await
                .map(Source::Bytes)
                .map_err(|error| Stop::Failed(asset_failure(&error))),
            TableSource::Text { text } => {
                // It is text already, whatever the file was that it was copied from.
                options.encoding = Some("utf-8".to_owned());
                Ok(Source::Bytes(text.into_bytes()))
            }
            TableSource::Kept { .. } => Err(Stop::Failed(Failure {
                kind: FailureKind::Input,
                what: format!("\"{name}\" was kept as a table; its file is not here."),
                fix: "Drop the file again to read it otherwise.".to_owned(),
            })),
        }
    }
}

/// Reads a table, or what its first `limit` bytes hold, as long as `goes_on`.
async fn read(
    source: &Source,
    name: String,
    options: ReadOptions,
    budget: usize,
    limit: u64,
    mut goes_on: impl FnMut(u64, u64) -> bool,
) -> Result<ReadTable, Stop> {
    let mut reading = Pieces::begin(source, name, options, budget, limit).await?;
    loop {
        let (at, size) = reading.place();
        if !goes_on(at, size) {
            return Err(Stop::Unwanted);
        }
        if !reading.step().await? {
            return Ok(reading.reader.finish()?);
        }
    }
}

/// A file that is read chunk by chunk.
struct Pieces<'a> {
    source: &'a Source,
    reader: TableReader,
    /// Where the next chunk begins, where the last one ends, and how long they are, in bytes.
    at: u64,
    end: u64,
    chunk: u64,
    /// Whether the file goes on after the end.
    is_cut: bool,
}

impl<'a> Pieces<'a> {
    async fn begin(
        source: &'a Source,
        name: String,
        options: ReadOptions,
        budget: usize,
        limit: u64,
    ) -> Result<Self, Stop> {
        let size = source.size();
        let start = source.read(0, 4).await?;
        let wanted = options.entry.clone();
        let mut reader = TableReader::new(name, options).with_budget(budget);
        let (mut at, mut end, mut chunk) = (0, size, CHUNK);
        if zip::is_zip(&start) {
            let (entry, entries) = zip_entry(source, wanted.as_deref()).await?;
            let header = source
                .read(entry.header_at, zip::LOCAL_HEADER_BYTES)
                .await?;
            at = entry.bytes_at(&header)?;
            end = at.saturating_add(entry.packed).min(size);
            reader = reader.of_entry(&entry, entries);
            chunk = PACKED_CHUNK;
        } else if start.starts_with(&[0x1f, 0x8b]) {
            chunk = PACKED_CHUNK;
        }
        let is_cut = end.saturating_sub(at) > limit;
        end = end.min(at.saturating_add(limit));
        if is_cut {
            reader = reader.of_start();
        }
        Ok(Self {
            source,
            reader,
            at,
            end,
            chunk,
            is_cut,
        })
    }

    /// Bytes read so far, of how many.
    fn place(&self) -> (u64, u64) {
        (self.at, self.source.size())
    }

    /// Reads the next chunk. Whether there was one, and it was wanted.
    async fn step(&mut self) -> Result<bool, Stop> {
        if self.at >= self.end || self.reader.is_enough() {
            return Ok(false);
        }
        let count = self.chunk.min(self.end - self.at);
        let mut bytes = self.source.read(self.at, count).await?;
        if bytes.is_empty() {
            return Ok(false);
        }
        self.at += bytes.len() as u64;
        if self.is_cut && self.at >= self.end && self.chunk == CHUNK {
            bytes.truncate(whole_lines(&bytes));
        }
        self.reader.feed(&bytes);
        Ok(true)
    }
}

impl Beside {
    /// Its size in bytes.
    pub(super) fn size(&self) -> u64 {
        self.file.size()
    }

    /// Reads all of it, and hands over its rows as they come, with the share that was read.
    ///
    /// # Errors
    /// When it can no longer be read, holds no table, or `take` fails.
    pub(super) async fn stream(
        &self,
        mut take: impl AsyncFnMut(Table, f32) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let source = Source::File(self.file.clone());
        let (name, options) = (self.name.clone(), self.options.clone());
        let mut reading = Pieces::begin(&source, name, options, CELL_BYTES, u64::MAX).await?;
        while reading.step().await? {
            let (at, size) = reading.place();
            let rows = reading.reader.take_rows();
            if rows.rows() > 0 {
                take(rows, at as f32 / size.max(1) as f32).await?;
            }
        }
        let rest = reading.reader.finish().map_err(Stop::from)?;
        take(rest.table, 1.0).await
    }
}

/// How many of some bytes are whole lines; all when there is no line end.
fn whole_lines(bytes: &[u8]) -> usize {
    match bytes.iter().rposition(|&byte| byte == b'\n') {
        // In UTF-16 with its low byte first, the other half follows.
        Some(end) if bytes.get(end + 1) == Some(&0) && end % 2 == 0 => end + 2,
        Some(end) => end + 1,
        None => bytes.len(),
    }
}

async fn zip_entry(
    source: &Source,
    wanted: Option<&str>,
) -> Result<(zip::Entry, Vec<String>), Stop> {
    let size = source.size();
    let tail_at = size.saturating_sub(zip::TAIL_BYTES);
    let tail = source.read(tail_at, zip::TAIL_BYTES).await?;
    let (start, length) = zip::list_place(&tail, size)?;
    let list = source.read(start, length).await?;
    Ok(zip::choose(&zip::entries(&list)?, wanted)?)
}

/// What the page shows of a table. `None` when it is no longer wanted: the figures of a large table
/// take seconds.
pub(super) async fn summarize(
    table: &Table,
    reading: &Reading,
    more: Vec<Issue>,
    is_wanted: impl Fn() -> bool,
) -> Option<TableSummary> {
    let schema = Schema::default();
    let mut profiles = Vec::new();
    for column in table.columns() {
        let mut looking = column::Looking::at(column, &schema);
        let mut is_done = false;
        while !is_done {
            clock::yield_now().await;
            if !is_wanted() {
                return None;
            }
            is_done = looking.go_on();
        }
        profiles.push(looking.finish());
    }
    let guess = column::propose(&profiles, table.rows(), None);
    let rows = table.rows() as u32;
    Some(TableSummary {
        name: table.name().to_owned(),
        rows,
        columns: profiles.into_iter().map(column_summary).collect(),
        preview: (0..rows.min(SHOWN_ROWS))
            .map(|row| table.row(RowId(row)))
            .collect(),
        guess: guessed(guess),
        reading: reading.report.clone(),
        test_from: table.test_from(),
        issues: reading.issues.iter().cloned().chain(more).collect(),
    })
}

/// One column, as the page shows it.
pub(super) fn column_summary(profile: ColumnProfile) -> ColumnSummary {
    ColumnSummary {
        name: profile.name,
        kind: profile.kind.to_owned(),
        kind_name: profile.kind_name.to_owned(),
        missing: profile.missing,
        distinct: profile.distinct,
        mean_chars: profile.mean_chars,
        top: profile.top,
    }
}

fn refused(refusal: &ReadRefusal) -> Failure {
    Failure {
        kind: FailureKind::Input,
        what: refusal.to_string(),
        fix: refusal.fix().to_owned(),
    }
}
