//! Single rows that a person left out.
//!
//! Taken after rows are held apart, so that leaving one out moves no other from part to part.

use std::collections::HashSet;

use super::offer::Proposal;
use super::relabel::are;
use super::{Pin, Stage, Step, StepReport, Work, counted, pin};
use crate::domain::table::RowId;

pub(super) struct DropRows<'a> {
    pub rows: &'a [Pin],
}

impl Step for DropRows<'_> {
    fn name(&self) -> &'static str {
        "Leave single rows out"
    }

    fn about(&self) -> &'static str {
        "Leaves single rows out of training and of judging."
    }

    fn stage(&self) -> Stage {
        Stage::Mended
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let pins: Vec<&Pin> = self.rows.iter().collect();
        let found = pin::find(work.read, &pins);
        let lost = found.iter().filter(|row| row.is_none()).count();
        let dropped: Vec<RowId> = found
            .into_iter()
            .flatten()
            .filter(|row| work.kept[row.index()])
            .collect();
        let target = work.recipe.target.clone();
        let report = work.drop_rows(&dropped, &target);
        let dropped: HashSet<RowId> = dropped.into_iter().collect();
        let stays = |row: &RowId| !dropped.contains(row);
        if let Some(Ok(split)) = &mut work.split {
            split.train.retain(stays);
            split.valid.retain(stays);
            split.test.retain(stays);
        }
        for (train, valid) in &mut work.folds {
            train.retain(stays);
            valid.retain(stays);
        }
        let mut what = format!("Leaves {} out.", counted(dropped.len(), "row"));
        if lost > 0 {
            what += &format!(" {} no longer in the file.", are(lost));
        }
        Ok(report.saying(what))
    }
}

/// Which rows are of no use is a person's decision.
pub(super) fn offers(_: &Work) -> Vec<Proposal> {
    Vec::new()
}
