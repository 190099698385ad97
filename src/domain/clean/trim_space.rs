//! White space at the ends of cells, and runs of it inside.

use std::borrow::Cow;

use super::offer::Proposal;
use super::{Fitted, Stage, Step, StepPlan, StepReport, Work, counted};

pub(super) struct TrimSpace<'a> {
    pub columns: &'a [String],
}

impl Step for TrimSpace<'_> {
    fn name(&self) -> &'static str {
        "Trim white space"
    }

    fn about(&self) -> &'static str {
        "Takes white space away at the ends of cells and makes runs of it inside one space."
    }

    fn stage(&self) -> Stage {
        Stage::BeforeSplit
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let columns = work.columns(self.columns)?;
        let report = work.change(Fitted::TrimSpace { columns });
        let what = format!("Trims {}.", counted(report.cells as usize, "cell"));
        Ok(report.saying(what))
    }
}

/// A cell without white space at its ends and with single spaces inside.
pub(super) fn trimmed(cell: &str) -> Cow<'_, str> {
    let ends = cell.trim();
    let mut is_after_space = false;
    let is_tidy = ends.chars().all(|letter| {
        let is_run = letter.is_whitespace() && (is_after_space || letter != ' ');
        is_after_space = letter.is_whitespace();
        !is_run
    });
    if is_tidy {
        return Cow::Borrowed(ends);
    }
    Cow::Owned(ends.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// For the columns in use that have something to trim.
///
/// Runs inside of longer texts are left alone: a tokenizer reads a run as it reads one space.
pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let has_gain = |name: &String| {
        let is_text = work.recipe.text.contains(name);
        let column = work.column(name).expect("columns in use are there");
        let counts = Work::counts(column, work.rows());
        let mut cells = column.distinct().iter().zip(counts);
        cells.any(|(cell, rows)| {
            rows > 0
                && if is_text {
                    cell.trim().len() != cell.len()
                } else {
                    trimmed(cell) != *cell
                }
        })
    };
    let columns: Vec<String> = work.in_use().into_iter().filter(has_gain).collect();
    if columns.is_empty() {
        return Vec::new();
    }
    vec![Proposal {
        step: StepPlan::TrimSpace { columns },
        why: "Cells that differ only by white space count as different.".to_owned(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_of_every_sort_is_trimmed() {
        for (before, after) in [
            ("ham", "ham"),
            (" ham\t", "ham"),
            ("two words", "two words"),
            ("two  words", "two words"),
            ("two\nwords", "two words"),
            ("\u{a0}no\u{a0}break\u{3000}", "no break"),
            ("   ", ""),
            ("", ""),
        ] {
            assert_eq!(trimmed(before), after, "{before:?}");
        }
    }

    #[test]
    fn a_tidy_cell_is_not_copied() {
        assert!(matches!(trimmed("two words"), Cow::Borrowed(_)));
    }
}
