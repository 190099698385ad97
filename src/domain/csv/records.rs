//! Cuts text into records, and takes back a record that a stray quote has made too long.
//!
//! A quote at the start of a cell that nobody closes makes every RFC 4180 reader swallow the lines
//! below it, up to the next quote or the end of the file, without a word. So a record of several
//! lines is judged before it is given: where its quotes do not close as quotes do, only its first
//! line is read, by itself, and reading goes on with the second. One line is affected, not the
//! rest of the file.

use super::ahead::{Ahead, Fate, Lines};
use super::cut::{Cells, Cut, Cutter, after_line_end, count_lines, line_end};
use super::dialect::Dialect;

/// A cell of more lines than this is looked at even if its quotes close well.
const LONG_CELL_LINES: u64 = 50;

/// A quote that is open for so many bytes is not waited for any longer.
const LONGEST_RECORD_BYTES: usize = 16 << 20;

/// After so many quotes that were open for too long, quotes are text in the rest of the file.
const MOST_OPEN_QUOTES: u32 = 8;

/// A record of fewer bytes is cut anew whenever more text arrives; a longer one when its text has
/// doubled, so that small chunks do not make the work grow with the square of its length.
const SHORT_RECORD_BYTES: usize = 4096;

/// One record of the file.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// Line of the file on which it begins, from 1.
    pub(super) line: u64,
    /// Whether it was taken back and read without the lines below it.
    pub(super) is_repaired: bool,
    /// Where its quotes are, and how they close.
    pub(super) cut: Cut,
    text: &'a str,
    cells: &'a Cells,
}

impl<'a> Record<'a> {
    /// Its cells, left to right.
    pub(super) fn cells(&self) -> impl ExactSizeIterator<Item = &'a str> + DoubleEndedIterator {
        self.cells.iter(self.text)
    }

    /// Whether it holds nothing. White space is nothing, and so are separators of another program
    /// at the end of a line; a quoted cell is something, be it empty.
    pub(super) fn is_blank(&self) -> bool {
        let mut cells = self.cells();
        let (len, last) = (cells.len(), cells.next_back().unwrap_or_default());
        !self.cut.has_quotes()
            && (is_blank(last) || (len > 2 && is_stray(last)))
            && cells.all(is_blank)
    }
}

/// Whether a cell holds no more than white space.
pub(super) fn is_blank(cell: &str) -> bool {
    cell.trim_start().is_empty()
}

/// Whether a cell holds no more than white space and separators.
pub(super) fn is_stray(cell: &str) -> bool {
    cell.chars()
        .all(|c| matches!(c, ',' | ';' | '|') || c.is_whitespace())
}

/// Cuts text into records.
#[derive(Debug)]
pub(super) struct Records {
    dialect: Dialect,
    cutter: Cutter,
    /// The same with quotes as text.
    plain: Cutter,
    /// Cuts the cells out of a cell, where every line is one.
    inner: Option<Cutter>,
    /// Text that is not yet cut.
    text: String,
    /// Where in `text` the next record begins.
    start: usize,
    cells: Cells,
    inner_cells: Cells,
    spare: Cells,
    ahead: Ahead,
    /// Whether the file goes on after the text that ends.
    is_start: bool,
    /// Line ends before `start`.
    lines: u64,
    /// Lines of the preamble that are still to be skipped.
    preamble_lines: u64,
    /// Lines that were left out as comments, and the first of them.
    comments: Option<(u64, u64, String)>,
    open_quotes: u32,
    /// Bytes of text that are waited for before the record under way is tried again.
    wanted: usize,
}

impl Records {
    pub(super) fn new(dialect: &Dialect) -> Self {
        let outer = dialect.outer();
        Self {
            dialect: *dialect,
            cutter: Cutter::new(&outer),
            plain: Cutter::new(&outer.without_quotes()),
            inner: dialect.is_nested.then(|| Cutter::new(dialect)),
            text: String::new(),
            start: 0,
            cells: Cells::default(),
            inner_cells: Cells::default(),
            spare: Cells::default(),
            ahead: Ahead::default(),
            is_start: false,
            lines: 0,
            preamble_lines: dialect.preamble_lines.into(),
            comments: None,
            open_quotes: 0,
            wanted: 0,
        }
    }

    /// To append more text to.
    pub(super) fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// Says that the file goes on after the text that ends.
    pub(super) fn end_at_a_start(&mut self) {
        self.is_start = true;
    }

    /// How many lines were left out as comments; line and text of the first.
    pub(super) fn comments(&self) -> Option<&(u64, u64, String)> {
        self.comments.as_ref()
    }

    /// The next record that is not an empty line. `None` when more text is needed for one, or at
    /// the end when there is none left; the text before it is then forgotten.
    pub(super) fn next(&mut self, is_end: bool) -> Option<Record<'_>> {
        let found = self.find(is_end);
        if found.is_none() {
            if self.ahead.is_counted(self.start) {
                self.lines_ahead();
            }
            self.text.drain(..self.start);
            self.ahead.forget(self.start);
            self.start = 0;
        }
        let (from, cut, is_repaired) = found?;
        let line = self.lines + 1;
        let passed = &self.text.as_bytes()[from..cut.next];
        // A record of quotes that close well has as many lines as its cells, and its own.
        self.lines += if cut.has_quotes() || is_repaired {
            count_lines(passed)
        } else {
            u64::from(
                passed
                    .last()
                    .is_some_and(|last| matches!(last, b'\r' | b'\n')),
            )
        };
        self.start = cut.next;
        self.wanted = 0;

        let outer = Record {
            line,
            is_repaired,
            cut,
            text: &self.text,
            cells: &self.cells,
        };
        let Some(inner) = &self.inner else {
            return Some(outer);
        };
        let mut cells = outer.cells();
        let text = match (cells.next(), cells.next()) {
            (Some(only), None) => only,
            _ => self.text[from..cut.next].trim_end_matches(['\r', '\n']),
        };
        let cut = inner.cut(text, 0, true, &mut self.inner_cells);
        Some(Record {
            line,
            is_repaired: is_repaired || cut.is_ok_and(|cut| cut.is_open),
            cut: cut.unwrap_or_default(),
            text,
            cells: &self.inner_cells,
        })
    }

    /// Cuts the next record: where it begins, its cut, and whether it was taken back.
    fn find(&mut self, is_end: bool) -> Option<(usize, Cut, bool)> {
        loop {
            if !self.skip_line(is_end)? {
                break;
            }
        }
        if self.start == self.text.len() || (!is_end && self.text.len() < self.wanted) {
            return None;
        }
        let fate = self
            .ahead
            .fate(&self.cutter, &self.text, self.start, &mut self.spare)
            .map(|(fate, _)| fate);
        let is_to_be_split = match fate {
            Some(Fate::Open) => true,
            Some(Fate::Stray) => self.is_first_line_whole(is_end),
            Some(Fate::Counted) => {
                let lines = self.lines_ahead();
                self.are_rows(lines) && self.is_first_line_whole(is_end)
            }
            None => false,
        };
        if is_to_be_split {
            return Some(self.cut_first_line(is_end));
        }
        let mut cut = self
            .cutter
            .cut_warily(&self.text, self.start, is_end, &mut self.cells);
        if let Ok(stray) = cut
            && stray.is_stray
        {
            self.ahead.note(&stray);
            if self.is_first_line_whole(is_end) {
                return Some(self.cut_first_line(is_end));
            }
            cut = self
                .cutter
                .cut(&self.text, self.start, is_end, &mut self.cells);
        }
        match cut {
            Ok(cut) if self.has_swallowed(&cut, is_end) => {
                self.ahead.note(&cut);
                Some(self.cut_first_line(is_end))
            }
            Ok(cut) => Some((self.start, cut, false)),
            Err(unfinished) => {
                let waiting = self.text.len() - self.start;
                if unfinished.is_quote_open && waiting > LONGEST_RECORD_BYTES {
                    self.open_quotes += 1;
                    let found = self.cut_first_line(is_end);
                    if self.open_quotes == MOST_OPEN_QUOTES {
                        self.cutter = self.plain.clone();
                    }
                    return Some(found);
                }
                if waiting > SHORT_RECORD_BYTES {
                    // After the drain of what is done with, the record begins at 0.
                    self.wanted = 2 * waiting;
                }
                None
            }
        }
    }

    /// Skips a line of the preamble, an empty one or a comment, and says whether there was one.
    /// `None` when that cannot be known without more text.
    fn skip_line(&mut self, is_end: bool) -> Option<bool> {
        let bytes = self.text.as_bytes();
        let is_preamble = self.preamble_lines > 0;
        let is_empty = matches!(bytes.get(self.start), Some(b'\r' | b'\n'));
        let is_comment = self
            .dialect
            .comment
            .is_some_and(|comment| self.text[self.start..].starts_with(comment));
        if !is_preamble && !is_empty && !is_comment {
            return Some(false);
        }
        let end = match line_end(bytes, self.start) {
            Some(end) => end,
            None if is_end && self.start < bytes.len() => bytes.len(),
            None => return None,
        };
        let next = after_line_end(bytes, end, is_end)?;
        if is_preamble {
            self.preamble_lines -= 1;
        } else if is_comment {
            let line = &self.text[self.start..end];
            if !self.dialect.comment_is_chosen
                && count_cells(&self.cutter, line, &mut self.spare) == self.dialect.columns
            {
                return Some(false);
            }
            let first = self.lines + 1;
            let comments = self
                .comments
                .get_or_insert_with(|| (0, first, line.to_owned()));
            comments.0 += 1;
        }
        self.lines += u64::from(next > end);
        self.start = next;
        Some(true)
    }

    /// Whether the record holds lines that were meant to be records of their own.
    fn has_swallowed(&mut self, cut: &Cut, is_end: bool) -> bool {
        if !cut.has_quotes() {
            return false;
        }
        if cut.is_open {
            // What is fed of a longer file ends anywhere: be it in a cell of many lines.
            return !self.is_start || self.count(self.start, cut.next).are_mostly_whole();
        }
        if cut.inner_lines == 0 {
            return false;
        }
        if cut.inner_lines < LONG_CELL_LINES {
            return false;
        }
        let lines = self.count(self.start, cut.next);
        self.ahead.note_lines(self.start, cut.next, lines);
        self.are_rows(lines) && self.is_first_line_whole(is_end)
    }

    /// Counts the lines of a piece of the text that ends with one.
    fn count(&mut self, from: usize, until: usize) -> Lines {
        let columns = self.dialect.outer().columns;
        let (mut lines, mut rest) = (Lines::default(), &self.text[from..until]);
        while !rest.is_empty() {
            let (line, next) = first_line(rest, true);
            lines.all += 1;
            lines.whole += u64::from(count_cells(&self.plain, line, &mut self.spare) == columns);
            rest = &rest[next..];
        }
        lines
    }

    /// The lines from `start` to the end of the record that was counted.
    fn lines_ahead(&mut self) -> Lines {
        let passed = self.count(self.ahead.counted_from(), self.start);
        self.ahead.pass_lines(self.start, passed)
    }

    /// Whether the lines of a record are rather rows than lines of a cell.
    fn are_rows(&self, lines: Lines) -> bool {
        self.dialect.outer().columns > 1 && lines.all > LONG_CELL_LINES && lines.are_mostly_whole()
    }

    /// Whether the line at `start` is a record by itself: then its neighbours are likely to be so.
    fn is_first_line_whole(&mut self, is_end: bool) -> bool {
        let columns = self.dialect.outer().columns;
        let (line, _) = first_line(&self.text[self.start..], is_end);
        count_cells(&self.cutter, line, &mut self.spare) == columns
            || count_cells(&self.plain, line, &mut self.spare) == columns
    }

    /// Cuts the record's first line alone. Quotes are text in it, unless it has the right number
    /// of cells only with them.
    fn cut_first_line(&mut self, is_end: bool) -> (usize, Cut, bool) {
        let (line, next) = first_line(&self.text[self.start..], is_end);
        let columns = self.dialect.outer().columns;
        let needs_quotes = count_cells(&self.cutter, line, &mut self.spare) == columns
            && count_cells(&self.plain, line, &mut self.spare) != columns;
        let odd_column = self
            .cutter
            .cut(line, 0, true, &mut self.spare)
            .ok()
            .and_then(|cut| cut.odd_column);
        let cutter = if needs_quotes {
            &self.cutter
        } else {
            &self.plain
        };
        let end = self.start + line.len();
        // The line's end is the text's end here; what comes after it is unread.
        let cut = cutter
            .cut(&self.text[..end], self.start, true, &mut self.cells)
            .unwrap_or_default();
        let cut = Cut {
            next: self.start + next,
            odd_column,
            ..cut
        };
        (self.start, cut, true)
    }
}

fn count_cells(cutter: &Cutter, line: &str, cells: &mut Cells) -> usize {
    match cutter.cut(line, 0, true, cells) {
        Ok(_) => cells.len(),
        Err(_) => 0,
    }
}

/// The first line of a text without its end, and where the second begins.
fn first_line(text: &str, is_end: bool) -> (&str, usize) {
    let bytes = text.as_bytes();
    let end = line_end(bytes, 0).unwrap_or(bytes.len());
    let next = after_line_end(bytes, end, is_end).unwrap_or(bytes.len());
    (&text[..end], next)
}
