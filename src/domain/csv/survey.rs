//! What a dialect makes of the start of a file.

use super::ahead::{Ahead, Fate};
use super::cut::{Cells, Cut, Cutter, after_line_end, line_end};
use super::dialect::Dialect;
use super::preamble::COMMENT;
use super::records::is_blank;

/// What matters of a record here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Where it begins in the sample.
    pub(super) start: usize,
    pub(super) cells: usize,
    /// Cells that are not blank.
    pub(super) filled: usize,
    /// Whether it begins as a comment does.
    pub(super) is_comment: bool,
}

/// The records of a sample, as a dialect cuts them.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The records that are not blank. The last one of a sample that goes on is left out.
    pub(super) shapes: Vec<Shape>,
    /// Cells in most of them; the larger number of two that are as frequent.
    pub(super) columns: usize,
    /// Quoted cells by how their quotes close.
    pub(super) well_closed: usize,
    pub(super) ill_closed: usize,
    /// Whether the last quote is open at the end.
    pub(super) is_open: bool,
}

impl Survey {
    /// Looks at a sample. Lines that the dialect calls comments are left out.
    pub(super) fn of(sample: &str, dialect: &Dialect, is_whole: bool) -> Self {
        let mut survey = Self::default();
        each_record(sample, dialect, is_whole, |start, cut, cells| {
            survey.well_closed += cut.well_closed;
            survey.ill_closed += cut.ill_closed;
            survey.is_open |= cut.is_open;
            let filled = cells.iter(sample).filter(|cell| !is_blank(cell)).count();
            if filled > 0 {
                survey.shapes.push(Shape {
                    start,
                    cells: cells.len(),
                    filled,
                    is_comment: sample[start..].starts_with(COMMENT),
                });
            }
            true
        });
        survey.columns = columns_of(&survey.shapes);
        let comment = dialect.comment;
        let columns = survey.columns;
        survey.shapes.retain(|shape| {
            !comment.is_some_and(|comment| {
                sample[shape.start..].starts_with(comment)
                    && (dialect.comment_is_chosen || shape.cells != columns)
            })
        });
        survey.columns = columns_of(&survey.shapes);
        survey
    }

    /// Share of the records that have as many cells as most.
    pub(super) fn agreement(&self) -> f64 {
        let agreeing = self
            .shapes
            .iter()
            .filter(|shape| shape.cells == self.columns)
            .count();
        agreeing as f64 / self.shapes.len().max(1) as f64
    }

    pub(super) fn first_fits(&self) -> bool {
        self.shapes
            .first()
            .is_some_and(|first| first.cells == self.columns)
    }

    /// Whether lines that begin with `#` are comments: they hardly ever have as many cells as a
    /// row, and one stands at the top, or has no separator at all, or there are several.
    pub(super) fn has_comments(&self) -> bool {
        let odd = |shape: &&Shape| shape.is_comment && shape.cells != self.columns;
        let odd_ones = self.shapes.iter().filter(odd).count();
        let fitting = self.shapes.iter().filter(|shape| shape.is_comment).count() - odd_ones;
        let is_at_top = self.shapes.first().is_some_and(|first| odd(&first));
        let is_whole = self
            .shapes
            .iter()
            .any(|shape| odd(&shape) && shape.cells == 1);
        self.columns > 1 && odd_ones > fitting && (is_at_top || is_whole || odd_ones > 1)
    }

    /// The same without comments.
    pub(super) fn without_comments(mut self) -> Self {
        if self.has_comments() {
            let columns = self.columns;
            self.shapes
                .retain(|shape| !shape.is_comment || shape.cells == columns);
        }
        self
    }
}

/// The cells of the first records that are no comments, at most `limit` of them.
pub(super) fn rows(
    sample: &str,
    dialect: &Dialect,
    is_whole: bool,
    limit: usize,
) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    each_record(sample, dialect, is_whole, |start, _, cells| {
        let is_comment = dialect.comment.is_some_and(|comment| {
            sample[start..].starts_with(comment)
                && (dialect.comment_is_chosen || cells.len() != dialect.columns)
        });
        if !is_comment && !cells.iter(sample).all(is_blank) {
            rows.push(cells.iter(sample).map(str::to_owned).collect());
        }
        rows.len() < limit
    });
    rows
}

/// Cuts a sample into records until `see` has seen enough. It gets where one begins, its cut and
/// its cells.
fn each_record(
    sample: &str,
    dialect: &Dialect,
    is_whole: bool,
    mut see: impl FnMut(usize, &Cut, &Cells) -> bool,
) {
    let cutter = Cutter::new(dialect);
    let plain = Cutter::new(&dialect.without_quotes());
    let bytes = sample.as_bytes();
    let (mut cells, mut at, mut is_first) = (Cells::default(), 0, true);
    let mut ahead = Ahead::default();
    while at < bytes.len() {
        if matches!(bytes[at], b'\r' | b'\n') {
            at += 1;
            continue;
        }
        let is_chosen_comment = dialect.comment_is_chosen
            && dialect
                .comment
                .is_some_and(|it| sample[at..].starts_with(it));
        if is_chosen_comment {
            at = line_end(bytes, at)
                .and_then(|end| after_line_end(bytes, end, true))
                .unwrap_or(bytes.len());
            continue;
        }
        let known = ahead.fate(&cutter, sample, at, &mut cells);
        let mut cut = match known {
            // Its cells that close are counted with the lines that they stand in.
            Some((fate, first_line)) => Cut {
                is_open: fate == Fate::Open,
                ill_closed: first_line.ill_closed + usize::from(fate == Fate::Stray),
                ..first_line
            },
            None => match cutter.cut_warily(sample, at, true, &mut cells) {
                Ok(cut) => cut,
                Err(_) => return,
            },
        };
        if known.is_some() || cut.is_stray || (cut.is_open && cut.inner_lines > 0) {
            if known.is_none() {
                ahead.note(&cut);
            }
            // A stray quote has swallowed the lines below. The reader will take them back.
            let end = line_end(bytes, at).unwrap_or(bytes.len());
            let next = after_line_end(bytes, end, true).unwrap_or(bytes.len());
            if plain.cut(&sample[..end], at, true, &mut cells).is_err() {
                return;
            }
            cut.next = next;
        }
        let is_cut_off = cut.next == bytes.len() && !is_whole && !is_first;
        if is_cut_off || !see(at, &cut, &cells) {
            return;
        }
        is_first = false;
        at = cut.next;
    }
}

/// Cells in most records. There may be more comments than rows, so they have no say.
fn columns_of(shapes: &[Shape]) -> usize {
    let rows: Vec<Shape> = shapes
        .iter()
        .copied()
        .filter(|shape| !shape.is_comment)
        .collect();
    most_frequent(if rows.is_empty() { shapes } else { &rows })
}

fn most_frequent(shapes: &[Shape]) -> usize {
    let mut cells: Vec<usize> = shapes.iter().map(|shape| shape.cells).collect();
    cells.sort_unstable();
    let best = cells.chunk_by(|a, b| a == b).max_by_key(|run| run.len());
    match (best, shapes) {
        // No two agree: then the first, which may be a header, is as good as any.
        (Some([_]), [first, _, _, ..]) => first.cells,
        (Some(run), _) => run[0],
        (None, _) => 0,
    }
}
