//! Classes that are too rare to learn.

use std::collections::BTreeMap;

use super::offer::Proposal;
use super::{Stage, Step, StepPlan, StepReport, Work, counted};
use crate::domain::missing::is_missing;
use crate::domain::table::RowId;

pub(super) struct DropRare<'a> {
    pub column: &'a str,
    pub least: u32,
}

impl Step for DropRare<'_> {
    fn name(&self) -> &'static str {
        "Leave rare classes out"
    }

    fn about(&self) -> &'static str {
        "Leaves the rows of classes out that have too few of them to learn from and to judge by."
    }

    fn stage(&self) -> Stage {
        Stage::BeforeSplit
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let column = work.column(self.column)?;
        let rare = rare(work, self.column, self.least)?;
        let is_rare: Vec<bool> = column
            .distinct()
            .iter()
            .map(|cell| rare.contains_key(cell.trim()))
            .collect();
        let codes = column.codes();
        let rows: Vec<RowId> = work
            .rows()
            .filter(|row| is_rare[codes[row.index()] as usize])
            .collect();
        let report = work.drop_rows(&rows, self.column);
        Ok(report.saying(format!(
            "Leaves {} of \"{}\" with fewer than {} out: {}.",
            counted(rare.len(), "class").replace("classs", "classes"),
            self.column,
            counted(self.least as usize, "row"),
            counted(rows.len(), "row"),
        )))
    }
}

/// The classes of a column that have fewer rows, with their rows.
pub(super) fn rare(work: &Work, column: &str, least: u32) -> Result<BTreeMap<String, u32>, String> {
    let column = work.column(column)?;
    let counts = Work::counts(column, work.rows());
    let mut classes = BTreeMap::new();
    for (cell, rows) in column.distinct().iter().zip(counts) {
        if rows > 0 && !is_missing(cell) {
            *classes.entry(cell.trim().to_owned()).or_insert(0) += rows;
        }
    }
    let all = classes.len();
    classes.retain(|_, rows| *rows < least);
    if classes.len() == all && all > 0 {
        return Err(format!(
            "Every class of \"{}\" has fewer than {}.",
            column.name(),
            counted(least as usize, "row")
        ));
    }
    Ok(classes)
}

/// Fewer rows than this cannot be learned from and judged by both.
pub(super) const LEAST_ROWS: u32 = 2;

/// For one class of the target with a single row. Several are offered to be merged.
pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let column = work.recipe.target.clone();
    let rare = rare(work, &column, LEAST_ROWS).ok();
    let Some(rare) = rare.filter(|_| work.learns_classes()) else {
        return Vec::new();
    };
    let Some(class) = rare.keys().next().filter(|_| rare.len() == 1) else {
        return Vec::new();
    };
    vec![Proposal {
        why: format!(
            "\"{class}\" has a single row, which cannot be learned from and judged by both."
        ),
        step: StepPlan::DropRare {
            column,
            least: LEAST_ROWS,
        },
    }]
}
