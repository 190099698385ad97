//! Cuts text into records, and takes back a record that a stray quote has made too long.
//!
//! A quote at the start of a cell that nobody closes makes every RFC 4180 reader swallow the lines
//! below it, up to the next quote or the end of the file, without a word. So the raw text of a
//! record is kept until the record is judged: where its quotes do not close as quotes do, only its
//! first line is read, by itself, and reading goes on with the second. One line is affected, not
//! the rest of the file.
//!
//! csv-core keeps its state between chunks, so no byte is parsed twice unless a record is taken
//! back.

use csv_core::{ReadRecordResult, Reader};

use super::dialect::Dialect;
use super::quotes::Quotes;

/// A cell of more lines than this is looked at even if its quotes close well.
const LONG_CELL_LINES: u64 = 50;

/// A quote that is open for so many bytes is not waited for any longer.
const LONGEST_RECORD_BYTES: usize = 16 << 20;

/// After so many quotes that were open for too long, quotes are text in the rest of the file.
const MOST_OPEN_QUOTES: u32 = 8;

/// One record of the file.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// Line of the file on which it begins, from 1.
    pub(super) line: u64,
    /// Whether it was taken back and its quotes were read as text.
    pub(super) is_repaired: bool,
    cells: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Record<'a> {
    /// Its cells, left to right.
    pub(super) fn cells(&self) -> impl ExactSizeIterator<Item = &'a str> {
        let (cells, mut start) = (self.cells, 0);
        self.ends.iter().map(move |&end| {
            let cell = &cells[start..end];
            start = end;
            // Cells are cut out of UTF-8 at ASCII characters, so this never fails.
            std::str::from_utf8(cell).unwrap_or_default()
        })
    }

    /// Whether no cell holds more than white space.
    pub(super) fn is_blank(&self) -> bool {
        self.cells().all(|cell| cell.trim().is_empty())
    }
}

/// Cuts text into records.
#[derive(Debug)]
pub(super) struct Records {
    dialect: Dialect,
    parser: Reader,
    /// Text that is not yet cut. UTF-8.
    text: Vec<u8>,
    /// Where in `text` the record under way begins.
    start: usize,
    /// How far the parser has read.
    parsed: usize,
    cells: Buffer<u8>,
    ends: Buffer<usize>,
    /// Line ends before `start`.
    lines: u64,
    /// Whether the byte before `start` is a CR, of which an LF would be the second half.
    is_after_cr: bool,
    /// Lines of the preamble that are still to be skipped.
    preamble_lines: u64,
    open_quotes: u32,
}

/// Output of csv-core, which wants its space ahead.
#[derive(Debug)]
struct Buffer<T> {
    space: Vec<T>,
    len: usize,
}

impl<T: Clone + Default> Buffer<T> {
    fn new() -> Self {
        Self {
            space: vec![T::default(); 1024],
            len: 0,
        }
    }

    fn free(&mut self) -> &mut [T] {
        &mut self.space[self.len..]
    }

    fn filled(&self) -> &[T] {
        &self.space[..self.len]
    }

    fn grow(&mut self) {
        self.space.resize(self.space.len() * 2, T::default());
    }
}

enum Advance {
    Record,
    /// A quote has been open for too long.
    OpenQuote,
    /// Nothing more without more text, or at the end without any.
    Nothing,
}

impl Records {
    pub(super) fn new(dialect: &Dialect) -> Self {
        Self {
            dialect: *dialect,
            parser: dialect.parser(),
            text: Vec::new(),
            start: 0,
            parsed: 0,
            cells: Buffer::new(),
            ends: Buffer::new(),
            lines: 0,
            is_after_cr: false,
            preamble_lines: dialect.preamble_lines.into(),
            open_quotes: 0,
        }
    }

    /// To append more text to, which must be UTF-8.
    pub(super) fn text(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// The next record that is not an empty line. `None` when more text is needed for one, or at
    /// the end when there is none left; the text before it is then forgotten.
    pub(super) fn next(&mut self, is_end: bool) -> Option<Record<'_>> {
        self.skip_preamble(is_end);
        if self.preamble_lines > 0 {
            return None;
        }
        let advance = self.advance(is_end);
        if matches!(advance, Advance::Nothing) {
            self.text.drain(..self.start);
            self.parsed -= self.start;
            self.start = 0;
            return None;
        }

        let is_line_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let blank = self.text[self.start..self.parsed]
            .iter()
            .take_while(is_line_end)
            .count();
        self.step_to(self.start + blank);
        let line = self.lines + 1;
        let is_repaired = matches!(advance, Advance::OpenQuote) || self.has_swallowed(is_end);
        if is_repaired {
            self.read_first_line_only();
        }
        self.step_to(self.parsed);
        Some(Record {
            line,
            is_repaired,
            cells: self.cells.filled(),
            ends: self.ends.filled(),
        })
    }

    /// Runs the parser to the end of a record.
    fn advance(&mut self, is_end: bool) -> Advance {
        if self.start == self.parsed {
            (self.cells.len, self.ends.len) = (0, 0);
        }
        loop {
            let input = &self.text[self.parsed..];
            if input.is_empty() && !is_end {
                break;
            }
            let (result, read, written, ended) =
                self.parser
                    .read_record(input, self.cells.free(), self.ends.free());
            self.parsed += read;
            self.cells.len += written;
            self.ends.len += ended;
            match result {
                ReadRecordResult::Record => return Advance::Record,
                ReadRecordResult::End => return Advance::Nothing,
                ReadRecordResult::OutputFull => self.cells.grow(),
                ReadRecordResult::OutputEndsFull => self.ends.grow(),
                ReadRecordResult::InputEmpty => {}
            }
        }
        if self.parsed - self.start > LONGEST_RECORD_BYTES && self.quotes().is_open {
            self.open_quotes += 1;
            if self.open_quotes == MOST_OPEN_QUOTES {
                self.dialect.quote = None;
            }
            return Advance::OpenQuote;
        }
        Advance::Nothing
    }

    /// Moves the start, counting the line ends on the way.
    fn step_to(&mut self, to: usize) {
        let passed = &self.text[self.start..to];
        let feeds = passed.iter().filter(|&&byte| byte == b'\n').count();
        self.lines += feeds as u64;
        if passed.contains(&b'\r') || self.is_after_cr {
            let mut is_after_cr = self.is_after_cr;
            for &byte in passed {
                if byte == b'\r' {
                    self.lines += 1;
                } else if byte == b'\n' && is_after_cr {
                    self.lines -= 1;
                }
                is_after_cr = byte == b'\r';
            }
            self.is_after_cr = is_after_cr;
        }
        self.start = to;
    }

    fn skip_preamble(&mut self, is_end: bool) {
        while self.preamble_lines > 0 {
            let Some((_, next)) = first_line(&self.text[self.start..]) else {
                return;
            };
            // A CR at the end of a chunk may be half of a line end.
            if self.start + next == self.text.len() && !is_end {
                return;
            }
            self.step_to(self.start + next);
            self.parsed = self.start;
            self.preamble_lines -= 1;
        }
    }

    /// The quotes of the record under way.
    fn quotes(&self) -> Quotes {
        let Some(quote) = self.dialect.quote else {
            return Quotes::default();
        };
        let raw = &self.text[self.start..self.parsed];
        Quotes::of(raw, self.dialect.delimiter, quote, self.dialect.escape)
    }

    /// Whether the record holds lines that were meant to be records of their own.
    fn has_swallowed(&self, is_end: bool) -> bool {
        if self.dialect.quote.is_none() {
            return false;
        }
        let raw = &self.text[self.start..self.parsed];
        let is_last = is_end && self.parsed == self.text.len();
        if is_last && self.quotes().is_open {
            return true;
        }
        let Some((line, next)) = first_line(raw) else {
            return false;
        };
        if next == raw.len() {
            return false;
        }
        // The first line is whole by itself: then its neighbours are likely to be so too.
        let is_whole = |line: &[u8]| {
            self.count_cells(line, true) == self.dialect.columns
                || self.count_cells(line, false) == self.dialect.columns
        };
        if self.quotes().ill_closed > 0 {
            return is_whole(line);
        }
        let mut lines = 0;
        let mut whole = 0;
        let mut rest = raw;
        while let Some((line, next)) = first_line(rest) {
            lines += 1;
            whole += u64::from(self.count_cells(line, false) == self.dialect.columns);
            rest = &rest[next..];
        }
        lines > LONG_CELL_LINES && self.dialect.columns > 1 && whole > lines / 2 && is_whole(line)
    }

    fn count_cells(&self, line: &[u8], has_quotes: bool) -> usize {
        let (_, ends) = self.read_line(line, has_quotes);
        ends.len
    }

    /// Reads one line by itself. With quotes, one that is open ends with the line.
    fn read_line(&self, line: &[u8], has_quotes: bool) -> (Buffer<u8>, Buffer<usize>) {
        let dialect = Dialect {
            quote: self.dialect.quote.filter(|_| has_quotes),
            ..self.dialect
        };
        let mut parser = dialect.parser();
        let (mut cells, mut ends) = (Buffer::new(), Buffer::new());
        let mut at = 0;
        loop {
            let (result, read, written, ended) =
                parser.read_record(&line[at..], cells.free(), ends.free());
            at += read;
            cells.len += written;
            ends.len += ended;
            match result {
                ReadRecordResult::OutputFull => cells.grow(),
                ReadRecordResult::OutputEndsFull => ends.grow(),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record | ReadRecordResult::End => return (cells, ends),
            }
        }
    }

    /// Takes the record back, all but its first line. Quotes are text in that line, unless it has
    /// the right number of cells only with them.
    fn read_first_line_only(&mut self) {
        let raw = &self.text[self.start..self.parsed];
        let (line, next) = first_line(raw).unwrap_or((raw, raw.len()));
        let with_quotes = self.read_line(line, true);
        let without = self.read_line(line, false);
        let (cells, ends) =
            if with_quotes.1.len == self.dialect.columns && without.1.len != self.dialect.columns {
                with_quotes
            } else {
                without
            };
        (self.cells, self.ends) = (cells, ends);
        self.parsed = self.start + next;
        self.parser = self.dialect.parser();
    }
}

/// The first line of a text, and where the second begins. `None` without a line end.
fn first_line(text: &[u8]) -> Option<(&[u8], usize)> {
    let end = text.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    let terminator = if text[end..].starts_with(b"\r\n") {
        2
    } else {
        1
    };
    Some((&text[..end], end + terminator))
}
