//! What a record that was cut tells about the lines inside it.
//!
//! A quote that is open at a line's end takes the same course wherever its record began. So where
//! a record was taken back and one of its lines is cut anew, and leaves a quote open, that one
//! ends as the first did, and need not be followed again. Without this, lines that each open a
//! quote would be cut to the end of the file one after the other, in the square of its length.

use super::cut::{Cells, Cut, Cutter, line_end};

/// How a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its quote is open at the end of the file.
    Open,
    /// A quote over several lines closes ill in it.
    Stray,
    /// It ends where the one did that was counted.
    Counted,
}

/// The lines of a record of many lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) all: u64,
    /// Those that have as many cells as a row when quotes are text.
    pub(super) whole: u64,
}

impl Lines {
    pub(super) fn are_mostly_whole(self) -> bool {
        self.whole > self.all / 2
    }
}

/// Records that were cut and taken back, by their places in the text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ahead {
    open_until: usize,
    stray_until: usize,
    counted_from: usize,
    counted_until: usize,
    lines: Lines,
}

impl Ahead {
    /// Notes how far a record went that was taken back.
    pub(super) fn note(&mut self, cut: &Cut) {
        if cut.is_stray {
            self.stray_until = cut.next;
        } else if cut.is_open {
            self.open_until = cut.next;
        }
    }

    /// Notes the lines of a record.
    pub(super) fn note_lines(&mut self, from: usize, until: usize, lines: Lines) {
        (self.counted_from, self.counted_until) = (from, until);
        self.lines = lines;
    }

    /// Whether a place is inside the record whose lines are counted.
    pub(super) fn is_counted(&self, place: usize) -> bool {
        place < self.counted_until
    }

    /// From where on its lines are counted.
    pub(super) fn counted_from(&self) -> usize {
        self.counted_from
    }

    /// Takes the lines before `start` from those that are counted, and gives the others.
    pub(super) fn pass_lines(&mut self, start: usize, passed: Lines) -> Lines {
        self.counted_from = start;
        self.lines.all -= passed.all;
        self.lines.whole -= passed.whole;
        self.lines
    }

    /// How the record that begins at `start` ends, where that is known, and the cut of its first
    /// line alone.
    pub(super) fn fate(
        &self,
        cutter: &Cutter,
        text: &str,
        start: usize,
        spare: &mut Cells,
    ) -> Option<(Fate, Cut)> {
        let until = [self.open_until, self.stray_until, self.counted_until];
        if until.iter().all(|&until| until <= start) {
            return None;
        }
        let end = line_end(text.as_bytes(), start)?;
        let fate = match until.map(|until| end < until) {
            [true, ..] => Fate::Open,
            [_, true, _] => Fate::Stray,
            [.., true] => Fate::Counted,
            _ => return None,
        };
        let cut = cutter.cut(&text[..end], start, true, spare).ok()?;
        cut.is_open.then_some((fate, cut))
    }

    /// The text before a place is no longer there.
    pub(super) fn forget(&mut self, before: usize) {
        for place in [
            &mut self.open_until,
            &mut self.stray_until,
            &mut self.counted_from,
            &mut self.counted_until,
        ] {
            *place = place.saturating_sub(before);
        }
    }
}
