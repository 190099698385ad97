//! Classes or categories of few rows.

use std::collections::BTreeMap;

use super::drop_rare::{LEAST_ROWS, rare};
use super::offer::Proposal;
use super::{Fitted, Stage, Step, StepPlan, StepReport, Work, counted, listed};

pub(super) struct MergeRare<'a> {
    pub column: &'a str,
    pub least: u32,
    pub into: &'a str,
}

impl Step for MergeRare<'_> {
    fn name(&self) -> &'static str {
        "Merge rare classes"
    }

    fn about(&self) -> &'static str {
        "Makes one class or category of those that have few training rows."
    }

    fn stage(&self) -> Stage {
        Stage::Fitted
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let column = work.column(self.column)?;
        let into = self.into.trim();
        if into.is_empty() {
            return Err("The class that the rare ones become needs a name.".to_owned());
        }
        let mut classes: BTreeMap<String, u32> = BTreeMap::new();
        let (cells, missing) = work.learn(column)?;
        for (cell, rows) in cells {
            *classes.entry(cell.trim().to_owned()).or_insert(0) += rows;
        }
        let (keep, rare): (BTreeMap<_, _>, BTreeMap<_, _>) = classes
            .into_iter()
            .partition(|(class, rows)| *rows >= self.least || class == into);
        if keep.is_empty() {
            return Err(format!(
                "Every class of \"{}\" has fewer than {}.",
                self.column,
                counted(self.least as usize, "training row")
            ));
        }
        let report = work.change(Fitted::Merge {
            column: self.column.to_owned(),
            keep: keep.into_keys().collect(),
            into: into.to_owned(),
            missing,
        });
        let what = match report.cells {
            0 => format!(
                "No class of \"{}\" has fewer than {}.",
                self.column,
                counted(self.least as usize, "training row")
            ),
            cells => format!(
                "Makes \"{into}\" of what has fewer than {} in \"{}\", {}: {}.",
                counted(self.least as usize, "training row"),
                self.column,
                match rare.len() {
                    0 => "seen in no training row".to_owned(),
                    _ => listed(&rare.into_keys().collect::<Vec<_>>()),
                },
                counted(cells as usize, "cell")
            ),
        };
        Ok(report.saying(what))
    }
}

/// What rare classes are called together.
const INTO: &str = "other";

/// For the target, where at least two classes have a single row.
pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let column = work.recipe.target.clone();
    let rare = rare(work, &column, LEAST_ROWS).ok();
    let Some(rare) = rare.filter(|_| work.learns_classes()) else {
        return Vec::new();
    };
    if rare.len() < 2 {
        return Vec::new();
    }
    vec![Proposal {
        why: format!(
            "{} classes have a single row each, which cannot be learned from and judged by both.",
            rare.len()
        ),
        step: StepPlan::MergeRare {
            column,
            least: LEAST_ROWS,
            into: INTO.to_owned(),
        },
    }]
}
