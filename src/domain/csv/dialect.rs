//! What separates the cells, whether quotes are quotes, and where the table begins.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::quotes::Quotes;

/// How a file writes its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Stands between cells.
    pub delimiter: u8,
    /// Stands around cells that hold delimiters or line breaks; `None` when quotes are text.
    pub quote: Option<u8>,
    /// Stands before a quote inside a quoted cell, where quotes are not doubled.
    pub escape: Option<u8>,
    /// Whether the first record names the columns.
    pub header: bool,
    /// Lines above the header that are no part of the table.
    pub preamble_lines: u32,
    /// Cells in most records; 0 when that is not known.
    pub columns: usize,
}

/// Candidates, the likelier first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Scores closer than this are equal, and the delimiter that cuts finer wins.
const SCORE_TIE: f64 = 0.02;

/// Records of a file that is taken for a table without its first record fitting agree so far.
const LEAST_AGREEMENT: f64 = 0.8;

impl Dialect {
    /// RFC 4180 with a header.
    pub const RFC_4180: Self = Self {
        delimiter: b',',
        quote: Some(b'"'),
        escape: None,
        header: true,
        preamble_lines: 0,
        columns: 0,
    };

    /// Chooses the dialect that explains the start of a file best, which is UTF-8.
    ///
    /// The right delimiter cuts most records into the same number of cells, and the header too.
    /// `is_whole` says that the sample is the file, so its last record is not cut off.
    ///
    /// The header is assumed to be there.
    pub fn detect(sample: &[u8], is_whole: bool) -> Self {
        let (hint, hint_bytes) = separator_hint(sample);
        let sample = &sample[hint_bytes..];
        let delimiter = hint.unwrap_or_else(|| delimiter(sample, is_whole));
        let (quote, escape) = quoting(sample, delimiter);
        let dialect = Self {
            delimiter,
            quote,
            escape,
            ..Self::RFC_4180
        };

        let shapes = shapes(sample, &dialect, is_whole);
        let columns = most_frequent(&shapes);
        let above = match preamble(&shapes, |shape| {
            shape.is_comment(sample, columns) || shape.is_title(columns)
        }) {
            0 => 0,
            records => count_lines(&sample[..shapes[records].start]),
        };
        Self {
            preamble_lines: u32::from(hint.is_some()) + above,
            columns,
            ..dialect
        }
    }

    /// A parser of this dialect.
    pub(super) fn parser(&self) -> Reader {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(self.delimiter).escape(self.escape);
        match self.quote {
            Some(quote) => builder.quote(quote),
            None => builder.quoting(false),
        };
        builder.build()
    }
}

/// Excel's own first line `sep=;`, which names the delimiter, and how long that line is.
fn separator_hint(sample: &[u8]) -> (Option<u8>, usize) {
    let line_end = sample
        .iter()
        .position(|byte| matches!(byte, b'\r' | b'\n'))
        .unwrap_or(sample.len());
    let line = sample[..line_end].trim_ascii_end();
    match line.trim_ascii_start() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] if delimiter.is_ascii() => {
            let terminator = match &sample[line_end..] {
                [b'\r', b'\n', ..] => 2,
                [_, ..] => 1,
                [] => 0,
            };
            (Some(*delimiter), line_end + terminator)
        }
        _ => (None, 0),
    }
}

fn delimiter(sample: &[u8], is_whole: bool) -> u8 {
    let mut best = (b',', 0, 0.0);
    for delimiter in DELIMITERS {
        for quote in [Some(b'"'), None] {
            let dialect = Dialect {
                delimiter,
                quote,
                ..Dialect::RFC_4180
            };
            let shapes = shapes(sample, &dialect, is_whole);
            let columns = most_frequent(&shapes);
            // Only comments: a title and a header that the wrong delimiter leaves whole look alike.
            let comments = preamble(&shapes, |shape| shape.is_comment(sample, columns));
            let score = score(&shapes[comments..], columns);
            let is_better = score > best.2 + SCORE_TIE
                || (score > best.2 - SCORE_TIE && score > 0.0 && columns > best.1);
            if is_better {
                best = (delimiter, columns, score);
            }
        }
    }
    best.0
}

/// How many records at the start stand above the table, never all.
fn preamble(shapes: &[Shape], is_above: impl Fn(&Shape) -> bool) -> usize {
    shapes
        .iter()
        .position(|shape| !is_above(shape))
        .unwrap_or(0)
}

/// How well a delimiter explains a file, 0 to 1.
fn score(shapes: &[Shape], columns: usize) -> f64 {
    let Some(first) = shapes.first() else {
        return 0.0;
    };
    let agreeing = shapes.iter().filter(|shape| shape.cells == columns).count();
    let agreement = agreeing as f64 / shapes.len() as f64;
    if columns < 2 && first.cells < 2 {
        // One column explains every file a little, and best where the delimiter never occurs.
        0.1 * agreement
    } else if first.cells == columns {
        agreement
    } else if columns >= 2 && agreement >= LEAST_AGREEMENT {
        0.8 * agreement
    } else if first.cells >= 2 {
        0.3 * agreement
    } else {
        0.0
    }
}

/// The quote and the escape that explain the sample's quotes best. Quotes that mostly do not close
/// where cells end are text.
fn quoting(sample: &[u8], delimiter: u8) -> (Option<u8>, Option<u8>) {
    let doubled = Quotes::of(sample, delimiter, b'"', None);
    let escaped = Quotes::of(sample, delimiter, b'"', Some(b'\\'));
    let (quotes, escape) = if escaped.ill_closed < doubled.ill_closed && !escaped.is_open {
        (escaped, Some(b'\\'))
    } else {
        (doubled, None)
    };
    if quotes.ill_closed > quotes.well_closed {
        (None, None)
    } else {
        (Some(b'"'), escape)
    }
}

/// What matters of a record here.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Where its first cell begins.
    start: usize,
    cells: usize,
    /// Cells that are not blank.
    filled: usize,
}

impl Shape {
    fn is_comment(&self, sample: &[u8], columns: usize) -> bool {
        self.cells != columns && sample[self.start] == b'#'
    }

    fn is_title(&self, columns: usize) -> bool {
        columns > 2 && self.filled <= 1
    }
}

/// The shapes of the records that are not blank. The last one of a sample that goes on is left out.
fn shapes(sample: &[u8], dialect: &Dialect, is_whole: bool) -> Vec<Shape> {
    let mut parser = dialect.parser();
    let mut shapes = Vec::new();
    let (mut cells, mut ends) = (vec![0; sample.len() + 1], vec![0; sample.len() + 1]);
    let (mut at, mut start, mut cells_len, mut ends_len) = (0, 0, 0, 0);
    loop {
        let (result, read, written, ended) = parser.read_record(
            &sample[at..],
            &mut cells[cells_len..],
            &mut ends[ends_len..],
        );
        at += read;
        cells_len += written;
        ends_len += ended;
        match result {
            ReadRecordResult::Record => {
                let line_ends = |byte: &&u8| matches!(byte, b'\r' | b'\n');
                start += sample[start..at].iter().take_while(line_ends).count();
                let mut cell_start = 0;
                let filled = ends[..ends_len]
                    .iter()
                    .filter(|&&end| {
                        let cell = &cells[cell_start..end];
                        cell_start = end;
                        !cell.trim_ascii().is_empty()
                    })
                    .count();
                if filled > 0 {
                    shapes.push(Shape {
                        start,
                        cells: ends_len,
                        filled,
                    });
                }
                (start, cells_len, ends_len) = (at, 0, 0);
            }
            // The buffers hold any record of the sample; the next round tells that it has ended.
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::End
            | ReadRecordResult::OutputFull
            | ReadRecordResult::OutputEndsFull => break,
        }
    }
    if !is_whole && shapes.len() > 1 {
        shapes.pop();
    }
    shapes
}

/// The number of cells that most records have; the larger one of two that are as frequent.
fn most_frequent(shapes: &[Shape]) -> usize {
    let mut cells: Vec<usize> = shapes.iter().map(|shape| shape.cells).collect();
    cells.sort_unstable();
    cells
        .chunk_by(|a, b| a == b)
        .max_by_key(|run| run.len())
        .map_or(0, |run| run[0])
}

/// Line ends in a text, be they LF, CR or both.
pub(super) fn count_lines(text: &[u8]) -> u32 {
    let feeds = text.iter().filter(|&&byte| byte == b'\n').count();
    let returns = text.iter().filter(|&&byte| byte == b'\r').count();
    let both = text.windows(2).filter(|pair| pair == b"\r\n").count();
    (feeds + returns - both) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Detects and compares delimiter, quote, preamble lines and columns.
    #[track_caller]
    fn check(sample: &str, delimiter: u8, quote: Option<u8>, preamble: u32, columns: usize) {
        let found = Dialect::detect(sample.as_bytes(), true);
        assert_eq!(char::from(found.delimiter), char::from(delimiter));
        assert_eq!(found.quote, quote);
        assert_eq!(found.preamble_lines, preamble);
        assert_eq!(found.columns, columns);
    }

    const Q: Option<u8> = Some(b'"');

    macro_rules! detects {
        ($($name:ident, $sample:expr, $delimiter:expr, $quote:expr, $preamble:expr, $columns:expr;)*) => {
            $(#[test] fn $name() { check($sample, $delimiter, $quote, $preamble, $columns); })*
        };
    }

    detects! {
        nothing, "", b',', Q, 0, 0;
        comma, "a,b\n1,2\n", b',', Q, 0, 2;
        semicolon, "a;b\n1,5;2\n2,5;3\n", b';', Q, 0, 2;
        semicolon_with_decimal_commas_everywhere, "a;b;c\n1,5;2,5;1\n3,5;4,5;1\n", b';', Q, 0, 3;
        tab, "a\tb\nhello, you\t1\nhello, we\t2\n", b'\t', Q, 0, 2;
        pipe, "a|b\n1|2\n", b'|', Q, 0, 2;
        one_column, "text\nhello\nyou\n", b',', Q, 0, 1;
        one_column_of_prose, "text\nwell, well\nno\na, b, c\nyes\n", b';', Q, 0, 1;
        delimiters_inside_quotes, "a,b\n\"x;y;z\",1\n\"x;y;z\",2\n", b',', Q, 0, 2;
        line_breaks_inside_quotes, "a,b\n\"x\ny\",1\n\"x\n\ny\",2\n", b',', Q, 0, 2;
        unquoted_commas_in_texts, "label\ttext\n1\ta, b\n0\tc\n1\td, e, f\n", b'\t', Q, 0, 2;
        some_ragged_rows, "a,b,c\n1,2,3\n1,2\n1,2,3\n1,2,3,4\n", b',', Q, 0, 3;
        quotes_that_are_text, "t\tl\n\"Wow\" he said\t1\n\"No\" said I\t0\n", b'\t', None, 0, 2;
        excel_hint, "sep=;\na;b\n1;2\n", b';', Q, 1, 2;
        excel_hint_against_appearance, "SEP=|\r\na,b|c\r\n1,2|3\r\n", b'|', Q, 1, 2;
        comment_lines, "# by me\n# today\na,b\n1,2\n3,4\n5,6\n", b',', Q, 2, 2;
        a_header_that_begins_like_a_comment, "#,b\n1,2\n", b',', Q, 0, 2;
        titles_without_delimiters, &format!("Penguins\n2024\n\na,b,c\n{}", "1,2,3\n".repeat(9)), b',', Q, 3, 3;
        title_rows, "Penguins,,\n\n,,\na,b,c\n1,2,3\n", b',', Q, 3, 3;
        carriage_returns, "a;b\r1;2\r", b';', Q, 0, 2;
    }

    #[test]
    fn backslashes_are_escapes_where_they_explain_the_quotes() {
        let found = Dialect::detect(b"t,l\n\"the \\\"US\\\" way, yes\",1\n\"b\",2\n", true);
        assert_eq!(found.escape, Some(b'\\'));
        let found = Dialect::detect(b"t,l\n\"C:\\\",1\n\"b\",2\n", true);
        assert_eq!(found.escape, None);
    }

    #[test]
    fn a_record_that_the_sample_cuts_does_not_count() {
        let found = Dialect::detect(b"a,b,c\n1,2,3\n4", false);
        assert_eq!(found.columns, 3);
    }
}
