//! Rows that are there more than once.

use std::collections::HashMap;

use super::offer::Proposal;
use super::{Stage, Step, StepPlan, StepReport, Work, counted, listed};
use crate::domain::split::alike;
use crate::domain::table::{Column, RowId};

pub(super) struct DropDuplicates<'a> {
    pub columns: &'a [String],
    pub near: bool,
}

impl Step for DropDuplicates<'_> {
    fn name(&self) -> &'static str {
        "Drop duplicates"
    }

    fn about(&self) -> &'static str {
        "Of rows that are alike, or nearly, the first stays."
    }

    fn stage(&self) -> Stage {
        Stage::BeforeSplit
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let columns = work.columns(self.columns)?;
        let rows = if self.near {
            nearly_repeated(work, &columns)
        } else {
            repeated(work, &columns)
        };
        let shown = shown(work, &columns);
        let report = work.drop_rows(&rows, &shown);
        let alike = if self.columns.is_empty() {
            "every column".to_owned()
        } else {
            listed(&columns)
        };
        let repeat = match (rows.len(), self.near) {
            (1, false) => "repeats",
            (1, true) => "nearly repeats",
            (_, false) => "repeat",
            (_, true) => "nearly repeat",
        };
        let what = format!(
            "Leaves {} out that {repeat} an earlier one in {alike}.",
            counted(rows.len(), "row")
        );
        Ok(report.saying(what))
    }
}

/// The column whose cells show which rows are meant: a text, if there is one.
fn shown(work: &Work, columns: &[String]) -> String {
    let text = work.recipe.text.iter().find(|name| columns.contains(name));
    text.or(columns.first()).cloned().unwrap_or_default()
}

/// Rows that repeat an earlier one, cell by cell.
///
/// Rows are put into ever smaller groups, one column after the other, until none is left that
/// shares its group.
fn repeated(work: &Work, columns: &[String]) -> Vec<RowId> {
    let mut rows: Vec<(RowId, u32)> = work.rows().map(|row| (row, 0)).collect();
    for name in columns {
        let Ok(column) = work.column(name) else {
            continue;
        };
        let mut groups: HashMap<(u32, u32), (u32, u32)> = HashMap::new();
        for (row, group) in &mut rows {
            let key = (*group, column.codes()[row.index()]);
            let next = groups.len() as u32;
            let (place, size) = groups.entry(key).or_insert((next, 0));
            *size += 1;
            *group = *place;
        }
        let mut sizes = vec![0; groups.len()];
        for (group, size) in groups.into_values() {
            sizes[group as usize] = size;
        }
        rows.retain(|(_, group)| sizes[*group as usize] > 1);
        if rows.is_empty() {
            return Vec::new();
        }
    }
    let mut is_seen = vec![false; work.kept.len()];
    rows.into_iter()
        .filter(|(_, group)| std::mem::replace(&mut is_seen[*group as usize], true))
        .map(|(row, _)| row)
        .collect()
}

/// Rows that nearly repeat an earlier one, see [`alike`].
fn nearly_repeated(work: &Work, columns: &[String]) -> Vec<RowId> {
    let columns: Vec<&Column> = columns
        .iter()
        .filter_map(|name| work.column(name).ok())
        .collect();
    let mut rows: Vec<RowId> = alike(&columns, true)
        .several()
        .into_iter()
        .flat_map(|group| {
            let kept = group.into_iter().filter(|row| work.kept[row.index()]);
            kept.skip(1).collect::<Vec<_>>()
        })
        .collect();
    rows.sort_unstable();
    rows
}

/// Rows that are alike in every column, or else in every column in use.
pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let all = work.columns(&[]).unwrap_or_default();
    let columns = [Vec::new(), work.in_use()].into_iter().find(|columns| {
        let of = if columns.is_empty() { &all } else { columns };
        !of.is_empty() && !repeated(work, of).is_empty()
    });
    let Some(columns) = columns else {
        return Vec::new();
    };
    vec![Proposal {
        step: StepPlan::DropDuplicates {
            columns,
            near: false,
        },
        why: "Rows that repeat others weigh more than one row each, and the test would hold rows that were learned by heart.".to_owned(),
    }]
}
