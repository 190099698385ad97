//! What stands above the table or around it: a hint, titles, quotes about whole lines.

use super::choice::Delimiter;
use super::cut::{Cells, Cutter, after_line_end, line_end};
use super::dialect::Dialect;
use super::header::Verdict;
use super::survey::{Survey, rows};

/// Begins a comment, in the files that have some.
pub(super) const COMMENT: char = '#';

/// More lines than this are not skipped unasked.
const MOST_RECORDS: usize = 20;

/// So many records show whether a row is the header of those below it.
const RECORDS_BELOW: usize = 200;

/// Lines of a nested file that are one quoted cell; a line without commas may lack the quotes.
const QUOTED_LINES: f64 = 0.9;

/// Fewer lines do not show that a file is nested.
const FEWEST_LINES: usize = 3;

/// Excel's own first line `sep=;`, which names the delimiter, and how long that line is.
pub(super) fn separator_hint(sample: &str) -> (Option<Delimiter>, usize) {
    let end = line_end(sample.as_bytes(), 0).unwrap_or(sample.len());
    let line = sample[..end].trim_start_matches(' ');
    let (Some(head), Some(value)) = (line.get(..4), line.get(4..)) else {
        return (None, 0);
    };
    let mut characters = match value.trim_end_matches(' ') {
        "" => value.chars(),
        trimmed => trimmed.chars(),
    };
    match (characters.next(), characters.next()) {
        (Some(delimiter), None) if head.eq_ignore_ascii_case("sep=") => (
            Some(Delimiter::Character(delimiter)),
            after_line_end(sample.as_bytes(), end, true).unwrap_or(sample.len()),
        ),
        _ => (None, 0),
    }
}

/// Where the line after so many begins.
pub(super) fn end_of_lines(sample: &str, lines: u32) -> usize {
    let bytes = sample.as_bytes();
    let mut at = 0;
    for _ in 0..lines {
        let Some(next) = line_end(bytes, at).and_then(|end| after_line_end(bytes, end, true))
        else {
            return sample.len();
        };
        at = next;
    }
    at
}

/// Where the table begins: after titles and other lines that are none of its rows.
pub(super) fn end(sample: &str, survey: &Survey, dialect: &Dialect) -> usize {
    let shapes = &survey.shapes;
    let is_title = |filled: usize| survey.columns > 2 && filled <= 1;
    let mut first = shapes
        .iter()
        .position(|shape| !is_title(shape.filled))
        .unwrap_or(0);
    // Lines with another number of cells are no part of the table if a header stands below them.
    let head = &shapes[first..];
    let fits = head
        .iter()
        .take(MOST_RECORDS)
        .position(|shape| shape.cells == survey.columns);
    if let Some(odd) = fits.filter(|&odd| odd > 0 && survey.columns > 1) {
        let is_shorter = |cells: usize| cells < survey.columns;
        let below = rows(&sample[head[odd].start..], dialect, true, RECORDS_BELOW);
        if head[..odd].iter().all(|shape| is_shorter(shape.cells))
            && Verdict::of(&below).is_surely_header()
        {
            first += odd;
        }
    }
    match first {
        0 => 0,
        _ => shapes[first].start,
    }
}

/// The cells of a file whose lines are one quoted cell each, as lines.
pub(super) fn unwrapped(sample: &str, is_whole: bool) -> Option<String> {
    // The usual file is not cut for this.
    if !sample.trim_start().starts_with('"') {
        return None;
    }
    let cutter = Cutter::new(&Dialect::RFC_4180);
    let mut cells = Cells::default();
    let mut inner = String::with_capacity(sample.len());
    let (mut at, mut lines, mut quoted) = (0, 0, 0);
    while at < sample.len() {
        let Ok(cut) = cutter.cut(sample, at, is_whole, &mut cells) else {
            break;
        };
        let line = &sample[at..cut.next];
        let text = line.trim_end_matches(['\r', '\n']);
        at = cut.next;
        let is_quoted = cells.len() == 1 && cut.well_closed == 1 && cut.inner_lines == 0;
        quoted += usize::from(is_quoted);
        lines += usize::from(!text.is_empty());
        let only = cells.iter(sample).next().unwrap_or_default();
        inner += if is_quoted { only } else { text };
        inner.push('\n');
    }
    let is_nested = lines >= FEWEST_LINES && quoted as f64 >= QUOTED_LINES * lines as f64;
    is_nested.then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_a_delimiter() {
        let semicolon = Some(Delimiter::Character(';'));
        assert_eq!(separator_hint("sep=;\r\na;b\r\n"), (semicolon, 7));
        assert_eq!(separator_hint("SEP=;"), (semicolon, 5));
        let tab = Some(Delimiter::Character('\t'));
        assert_eq!(separator_hint("sep=\t\na\n"), (tab, 6));
        for none in [
            "",
            "sep",
            "sep=",
            "sep=;;\n",
            "separator,b\n",
            "sép=;\n",
            "x=;\n",
        ] {
            assert_eq!(separator_hint(none), (None, 0), "{none}");
        }
    }

    #[test]
    fn lines_are_skipped_whatever_ends_them() {
        assert_eq!(end_of_lines("a\r\nb\nc\rd", 3), 7);
        assert_eq!(end_of_lines("a\nb", 5), 3);
        assert_eq!(end_of_lines("a\nb", 0), 0);
    }
}
