//! Rows without a value to learn.

use super::offer::Proposal;
use super::{Stage, Step, StepPlan, StepReport, Work, counted};
use crate::domain::missing::is_missing;
use crate::domain::table::RowId;

pub(super) struct DropMissingTarget;

impl Step for DropMissingTarget {
    fn name(&self) -> &'static str {
        "Leave out rows without a target"
    }

    fn about(&self) -> &'static str {
        "Leaves rows without a value to learn out of training; a trained model can predict them."
    }

    fn stage(&self) -> Stage {
        Stage::BeforeSplit
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let target = work.recipe.target.clone();
        let rows = unlabeled(work)?;
        let report = work.drop_rows(&rows, &target);
        let what = format!(
            "Leaves {} without a value in \"{target}\" out of training.",
            counted(rows.len(), "row")
        );
        work.unlabeled.extend(rows);
        Ok(report.saying(what))
    }
}

/// The rows that are still there and have no target.
pub(super) fn unlabeled(work: &Work) -> Result<Vec<RowId>, String> {
    let column = work.column(&work.recipe.target)?;
    let is_gap: Vec<bool> = column.distinct().iter().map(is_missing).collect();
    let codes = column.codes();
    Ok(work
        .rows()
        .filter(|row| is_gap[codes[row.index()] as usize])
        .collect())
}

pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let rows = unlabeled(work).map_or(0, |rows| rows.len());
    if rows == 0 {
        return Vec::new();
    }
    let verb = if rows == 1 { "has" } else { "have" };
    vec![Proposal {
        step: StepPlan::DropMissingTarget,
        why: format!(
            "{} {verb} no value in \"{}\", so nothing can be learned from them. The trained model can predict what is missing there.",
            counted(rows, "row"),
            work.recipe.target
        ),
    }]
}
