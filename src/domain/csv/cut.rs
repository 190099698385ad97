//! Cuts one record out of text.
//!
//! The rules are those of RFC 4180 as csv-core reads them (a test holds the two side by side),
//! with more dialects: delimiters of any character, runs of white space, spaces around quoted
//! cells. Cells are slices of the text; only a cell with doubled or escaped quotes is copied.
//!
//! An advice before changing this: `cut` never looks behind `start`, and a record that the text
//! may not hold whole yet is [`Unfinished`], so that chunks of any length give the same records.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};

use super::choice::Delimiter;
use super::dialect::Dialect;

/// One character as UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Needle {
    bytes: [u8; 4],
    len: usize,
}

impl Needle {
    fn new(character: char) -> Self {
        let mut bytes = [0; 4];
        let len = character.encode_utf8(&mut bytes).len();
        Self { bytes, len }
    }

    fn first(&self) -> u8 {
        self.bytes[0]
    }

    fn is_at(&self, text: &[u8], at: usize) -> bool {
        match text.get(at) {
            Some(&byte) if byte == self.bytes[0] => {
                self.len == 1 || text[at..].starts_with(&self.bytes[..self.len])
            }
            _ => false,
        }
    }
}

/// Where a cell is.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    /// In [`Cells::copied`] instead of in the text.
    is_copied: bool,
}

/// The places of a record's cells, kept from record to record for its space.
#[derive(Debug, Default)]
pub(super) struct Cells {
    spans: Vec<Span>,
    copied: String,
}

impl Cells {
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The cells, given the text that they were cut from.
    pub(super) fn iter<'a>(
        &'a self,
        text: &'a str,
    ) -> impl ExactSizeIterator<Item = &'a str> + DoubleEndedIterator {
        self.spans.iter().map(move |span| {
            let source = if span.is_copied { &self.copied } else { text };
            // Text is cut at whole characters, so this never fails.
            source.get(span.start..span.end).unwrap_or_default()
        })
    }

    fn clear(&mut self) {
        self.spans.clear();
        self.copied.clear();
    }

    fn push(&mut self, start: usize, end: usize) {
        self.spans.push(Span {
            start,
            end,
            is_copied: false,
        });
    }

    fn push_copied(&mut self, start: usize) {
        self.spans.push(Span {
            start,
            end: self.copied.len(),
            is_copied: true,
        });
    }
}

/// What became of a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cut {
    /// Where the next record begins.
    pub(super) next: usize,
    /// Quoted cells whose quote closes right before a delimiter or a line's end, spaces aside.
    pub(super) well_closed: usize,
    /// Quoted cells whose quote closes before something else, as a text does that merely begins
    /// with a quotation mark.
    pub(super) ill_closed: usize,
    /// Whether the last quote is still open at the end of the text.
    pub(super) is_open: bool,
    /// Column, from 0, of the first cell that is closed ill or not at all.
    pub(super) odd_column: Option<usize>,
    /// Line ends inside quoted cells.
    pub(super) inner_lines: u64,
    /// Whether the last cell is quoted.
    pub(super) ends_quoted: bool,
}

impl Cut {
    pub(super) fn has_quotes(&self) -> bool {
        self.well_closed + self.ill_closed > 0 || self.is_open
    }
}

/// The text ends before the record does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfinished {
    /// Whether it ends inside quotes.
    pub(super) is_quote_open: bool,
}

const UNFINISHED: Unfinished = Unfinished {
    is_quote_open: false,
};

/// Bytes at which an unquoted cell may end or change.
const TEXT: u8 = 0;
const LINE_END: u8 = 1;
const DELIMITER: u8 = 2;
const ESCAPE: u8 = 3;

/// Cuts records of one dialect.
#[derive(Debug, Clone)]
pub(super) struct Cutter {
    classes: [u8; 256],
    /// `None` for runs of white space.
    delimiter: Option<Needle>,
    quote: Option<Needle>,
    escape: Option<Needle>,
    has_spaces_around_quotes: bool,
}

impl Cutter {
    pub(super) fn new(dialect: &Dialect) -> Self {
        let delimiter = match dialect.delimiter {
            Delimiter::Character(delimiter) => Some(Needle::new(delimiter)),
            Delimiter::Whitespace => None,
        };
        let quote = dialect.quote.map(Needle::new);
        let escape = dialect
            .escape
            .map(Needle::new)
            .filter(|&it| Some(it) != quote);
        let mut classes = [TEXT; 256];
        if let (Some(escape), None) = (escape, quote) {
            classes[usize::from(escape.first())] = ESCAPE;
        }
        match delimiter {
            Some(delimiter) => classes[usize::from(delimiter.first())] = DELIMITER,
            None => {
                classes[usize::from(b' ')] = DELIMITER;
                classes[usize::from(b'\t')] = DELIMITER;
            }
        }
        classes[usize::from(b'\n')] = LINE_END;
        classes[usize::from(b'\r')] = LINE_END;
        Self {
            classes,
            delimiter,
            quote,
            escape,
            has_spaces_around_quotes: dialect.has_spaces_around_quotes,
        }
    }

    /// Cuts the record that begins at `start`, where the text goes on. `is_end` says that nothing
    /// follows the text.
    pub(super) fn cut(
        &self,
        text: &str,
        start: usize,
        is_end: bool,
        cells: &mut Cells,
    ) -> Result<Cut, Unfinished> {
        let bytes = text.as_bytes();
        cells.clear();
        let mut cut = Cut::default();
        let mut at = start;
        if self.delimiter.is_none() {
            at = skip_blanks(bytes, at);
        }
        loop {
            cut.ends_quoted = false;
            at = match self.opening(bytes, at) {
                Some(content) => self.quoted(text, content, is_end, cells, &mut cut)?,
                None => self.unquoted(text, at, cells),
            };
            if self.is_delimiter(bytes, at) {
                match self.delimiter {
                    Some(delimiter) => {
                        at += delimiter.len;
                        continue;
                    }
                    None => at = skip_blanks(bytes, at),
                }
                if at < bytes.len() && !matches!(bytes[at], b'\r' | b'\n') {
                    continue;
                }
            }
            return match after_line_end(bytes, at, is_end) {
                Some(next) => Ok(Cut { next, ..cut }),
                None => Err(UNFINISHED),
            };
        }
    }

    /// Where the content of a quoted cell begins, if one does.
    fn opening(&self, bytes: &[u8], mut at: usize) -> Option<usize> {
        let quote = self.quote?;
        if self.has_spaces_around_quotes {
            at += bytes[at..].iter().take_while(|&&byte| byte == b' ').count();
        }
        quote.is_at(bytes, at).then(|| at + quote.len)
    }

    fn is_delimiter(&self, bytes: &[u8], at: usize) -> bool {
        match self.delimiter {
            Some(delimiter) => delimiter.is_at(bytes, at),
            None => matches!(bytes.get(at), Some(b' ' | b'\t')),
        }
    }

    fn is_mark(&self, bytes: &[u8], at: usize) -> bool {
        self.is_delimiter(bytes, at) || self.escape.is_some_and(|it| it.is_at(bytes, at))
    }

    /// Where an unquoted cell ends: at a delimiter, a line's end or the end of the text.
    fn plain_end(&self, bytes: &[u8], mut at: usize) -> usize {
        loop {
            while at < bytes.len() && self.classes[usize::from(bytes[at])] == TEXT {
                at += 1;
            }
            if at == bytes.len() || bytes[at] < 0x80 || self.is_mark(bytes, at) {
                return at;
            }
            at += 1;
        }
    }

    fn unquoted(&self, text: &str, start: usize, cells: &mut Cells) -> usize {
        let bytes = text.as_bytes();
        let mut end = self.plain_end(bytes, start);
        let (Some(escape), None) = (self.escape, self.quote) else {
            cells.push(start, end);
            return end;
        };
        let (mut copied_from, mut kept) = (None, start);
        while escape.is_at(bytes, end) {
            let after = end + escape.len;
            match self.escaped(bytes, after) {
                Some(len) => {
                    copied_from.get_or_insert(cells.copied.len());
                    cells.copied += text.get(kept..end).unwrap_or_default();
                    kept = after;
                    end = self.plain_end(bytes, after + len);
                }
                None => end = self.plain_end(bytes, after),
            }
        }
        match copied_from {
            Some(from) => {
                cells.copied += text.get(kept..end).unwrap_or_default();
                cells.push_copied(from);
            }
            None => cells.push(start, end),
        }
        end
    }

    /// How long the character is that an escape before it makes plain. Others leave the escape
    /// what it is: text, as in a Windows path.
    fn escaped(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let needles = [self.quote, self.escape, self.delimiter];
        let needle = needles.into_iter().flatten().find(|it| it.is_at(bytes, at));
        match (needle, bytes.get(at)) {
            (Some(needle), _) => Some(needle.len),
            (None, Some(b'\r')) if bytes.get(at + 1) == Some(&b'\n') => Some(2),
            (None, Some(b'\r' | b'\n')) => Some(1),
            (None, Some(b' ' | b'\t')) if self.delimiter.is_none() => Some(1),
            _ => None,
        }
    }

    /// Reads a quoted cell from after its quote to its end, where the text goes on with a
    /// delimiter or a line's end.
    fn quoted(
        &self,
        text: &str,
        content: usize,
        is_end: bool,
        cells: &mut Cells,
        cut: &mut Cut,
    ) -> Result<usize, Unfinished> {
        let bytes = text.as_bytes();
        let Some(quote) = self.quote else {
            return Err(UNFINISHED);
        };
        cut.ends_quoted = true;
        let column = cells.len();
        let (mut at, mut kept, mut copied_from) = (content, content, None);
        let closing = loop {
            let found = match self.escape {
                Some(escape) => memchr2(quote.first(), escape.first(), &bytes[at..]),
                None => memchr(quote.first(), &bytes[at..]),
            };
            let Some(found) = found.map(|found| at + found) else {
                break None;
            };
            if quote.is_at(bytes, found) {
                let after = found + quote.len;
                // The text may go on with the second half of a doubled quote.
                if !is_end && after == bytes.len() {
                    break None;
                }
                if !quote.is_at(bytes, after) {
                    break Some(found);
                }
                copied_from.get_or_insert(cells.copied.len());
                cells.copied += text.get(kept..after).unwrap_or_default();
                at = after + quote.len;
                kept = at;
                continue;
            }
            at = found + 1;
            if let Some(escape) = self.escape.filter(|escape| escape.is_at(bytes, found)) {
                at = found + escape.len;
                if let Some(len) = self.escaped(bytes, at) {
                    copied_from.get_or_insert(cells.copied.len());
                    cells.copied += text.get(kept..found).unwrap_or_default();
                    kept = at;
                    at += len;
                } else if !is_end && at == bytes.len() {
                    break None;
                }
            }
        };
        let content_end = match closing {
            Some(closing) => closing,
            None if is_end => bytes.len(),
            None => {
                return Err(Unfinished {
                    is_quote_open: true,
                });
            }
        };
        cut.inner_lines += count_lines(&bytes[content..content_end]);
        // What stands after the closing quote belongs to the cell, unless it is nothing.
        let (rest, end) = match closing {
            Some(closing) => self.after_closing(bytes, closing + quote.len, cut, column),
            None => {
                cut.is_open = true;
                cut.odd_column.get_or_insert(column);
                (content_end..content_end, content_end)
            }
        };
        if copied_from.is_none() && rest.is_empty() {
            cells.push(content, content_end);
            return Ok(end);
        }
        let from = copied_from.unwrap_or(cells.copied.len());
        cells.copied += text.get(kept..content_end).unwrap_or_default();
        cells.copied += text.get(rest).unwrap_or_default();
        cells.push_copied(from);
        Ok(end)
    }

    /// What of a quoted cell stands after its closing quote, and where the cell ends.
    fn after_closing(
        &self,
        bytes: &[u8],
        start: usize,
        cut: &mut Cut,
        column: usize,
    ) -> (Range<usize>, usize) {
        let is_space = |byte: &&u8| **byte == b' ';
        let blank_end = start + bytes[start..].iter().take_while(is_space).count();
        let is_line_end = matches!(bytes.get(blank_end), None | Some(b'\r' | b'\n'));
        let is_well =
            is_line_end || self.is_delimiter(bytes, blank_end) || self.is_delimiter(bytes, start);
        if is_well {
            cut.well_closed += 1;
        } else {
            cut.ill_closed += 1;
            cut.odd_column.get_or_insert(column);
        }
        let end = self.plain_end(bytes, start);
        if self.has_spaces_around_quotes && end == blank_end {
            (end..end, end)
        } else {
            (start..end, end)
        }
    }
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
    at + bytes[at..].iter().take_while(is_blank).count()
}

/// Where the line after a line's end begins. `None` when that is not known yet: at the end of the
/// text, or after a CR there, which may be half of a CR LF.
pub(super) fn after_line_end(bytes: &[u8], at: usize, is_end: bool) -> Option<usize> {
    match (bytes.get(at), bytes.get(at + 1)) {
        (None, _) => is_end.then_some(at),
        (Some(b'\r'), Some(b'\n')) => Some(at + 2),
        (Some(b'\r'), None) => is_end.then_some(at + 1),
        _ => Some(at + 1),
    }
}

/// The end of the first line of a text that begins at `start`, without its line end.
pub(super) fn line_end(bytes: &[u8], start: usize) -> Option<usize> {
    memchr2(b'\r', b'\n', &bytes[start..]).map(|found| start + found)
}

/// Line ends in a text, be they LF, CR or both.
pub(super) fn count_lines(text: &[u8]) -> u64 {
    let feeds = memchr_iter(b'\n', text).count();
    let lone_returns = memchr_iter(b'\r', text)
        .filter(|&at| text.get(at + 1) != Some(&b'\n'))
        .count();
    (feeds + lone_returns) as u64
}

#[cfg(test)]
mod tests;
