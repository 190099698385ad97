//! Issues of a sort are told one by one at first, and counted from then on.

use crate::domain::issue::{Issue, Position, Severity};

/// So many issues of a sort are told one by one.
const TOLD: usize = 20;

/// So many characters of a cell are shown in an issue.
const SHOWN_CHARS: usize = 40;

/// How often something went wrong.
#[derive(Debug)]
pub(super) struct Tally {
    id: &'static str,
    count: usize,
}

impl Tally {
    pub(super) fn new(id: &'static str) -> Self {
        Self { id, count: 0 }
    }

    /// Adds one more, if that is still to be told.
    pub(super) fn tell(&mut self, issues: &mut Vec<Issue>, issue: impl FnOnce() -> Issue) {
        self.count += 1;
        if self.count <= TOLD {
            issues.push(issue());
        }
    }

    /// Tells how many there are besides those that were told.
    pub(super) fn sum_up(&self, issues: &mut Vec<Issue>) {
        if self.count <= TOLD {
            return;
        }
        let last = issues.iter().rposition(|issue| issue.id == self.id);
        issues.insert(
            last.map_or(0, |last| last + 1),
            Issue::new(
                self.id,
                Severity::Warning,
                Position::Table,
                match self.count - TOLD {
                    1 => "1 more line is like these.".to_owned(),
                    more => format!("{more} more lines are like these."),
                },
                "Check what separates the cells: so many lines rarely go wrong one by one.",
            ),
        );
    }
}

pub(super) fn cells_of(count: usize) -> String {
    if count == 1 {
        "1 cell".to_owned()
    } else {
        format!("{count} cells")
    }
}

/// A cell as an issue shows it.
pub(super) fn shortened(cell: &str) -> String {
    match cell.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell.to_owned(),
    }
}
