//! Dates from after the moment at which the model would be asked.

use super::look::{Look, percent, rows, values};
use super::{LeakFix, LeakKind, Suspect};
use crate::domain::split::SplitKind;
use crate::domain::table::{Column, RowId};

/// So many of a hundred rows have the later date after the earlier one where it is a rule.
const ALWAYS: f64 = 0.99;

/// And some really are later: two names for one date are none.
const SOMETIMES: f64 = 0.5;

/// Fewer rows prove nothing.
const LEAST_ROWS: usize = 20;

/// A date is far off when it is later than nearly all others by more than their whole spread.
const NEARLY_ALL: f64 = 0.99;

/// And by more than a year, in seconds.
const YEAR: f64 = 365.25 * 86_400.0;

pub(super) fn find(look: &Look) -> Vec<Suspect> {
    let dates: Vec<&Column> = look
        .columns
        .iter()
        .filter(|looked| looked.kind == "date")
        .map(|looked| looked.column)
        .collect();
    let reference = match &look.recipe.split.kind {
        SplitKind::Time { column } => look.table.column(column),
        _ => None,
    };
    let mut suspects: Vec<Suspect> = dates.iter().filter_map(|column| far_off(column)).collect();
    if let Some(reference) = reference {
        let later = dates
            .iter()
            .filter(|column| column.name() != reference.name())
            .filter_map(|column| afterwards(look, column, reference));
        suspects.extend(later);
    }
    suspects
}

/// The year that databases write for a date that never comes, and its start in Unix seconds. It is
/// not read as a date elsewhere.
const NEVER: &str = "9999";
const NEVER_SECS: f64 = 253_370_764_800.0;

/// Dates that are later than nearly all others by more than their spread.
fn far_off(column: &Column) -> Option<Suspect> {
    let mut instants: Vec<(f64, RowId)> = values(column)
        .into_iter()
        .zip((0..).map(RowId))
        .filter_map(|(instant, row)| {
            let is_never = column.cell(row).contains(NEVER);
            Some((if is_never { NEVER_SECS } else { instant? }, row))
        })
        .collect();
    if instants.len() < LEAST_ROWS {
        return None;
    }
    instants.sort_by(|a, b| a.0.total_cmp(&b.0));
    let earliest = instants[0].0;
    let usual = instants[((instants.len() - 1) as f64 * NEARLY_ALL) as usize].0;
    let bound = usual + (usual - earliest).max(YEAR);
    let far: Vec<RowId> = instants
        .iter()
        .rev()
        .take_while(|(instant, _)| *instant > bound)
        .map(|&(_, row)| row)
        .collect();
    let latest = *far.first()?;
    Some(Suspect {
        kind: LeakKind::FutureDates,
        columns: vec![column.name().to_owned()],
        what: format!(
            "{} in column \"{}\" {} far later than all others, up to {}.",
            rows(far.len()),
            column.name(),
            if far.len() == 1 { "is" } else { "are" },
            column.cell(latest)
        ),
        why: "Such dates stand for \"never\" or \"not yet\", are typing errors, or were written after the fact.".to_owned(),
        strength: 0.6,
        rows: far.into_iter().take(3).collect(),
        fixes: vec![LeakFix::DropColumns(vec![column.name().to_owned()])],
    })
}

/// A date that follows the one by which the past is told from the future.
fn afterwards(look: &Look, column: &Column, reference: &Column) -> Option<Suspect> {
    let (later, earlier) = (values(column), values(reference));
    let pairs: Vec<(f64, RowId)> = look
        .rows
        .iter()
        .filter_map(|&row| Some((later[row.index()]? - earlier[row.index()]?, row)))
        .collect();
    let all = pairs.len().max(1) as f64;
    let not_before = pairs.iter().filter(|(gap, _)| *gap >= 0.0).count() as f64 / all;
    let after = pairs.iter().filter(|(gap, _)| *gap > 0.0).count() as f64 / all;
    (pairs.len() >= LEAST_ROWS && not_before >= ALWAYS && after >= SOMETIMES).then(|| Suspect {
        kind: LeakKind::FutureDates,
        columns: vec![column.name().to_owned()],
        what: format!(
            "Column \"{}\" is later than \"{}\" in {} of the training rows.",
            column.name(),
            reference.name(),
            percent(after)
        ),
        why: format!(
            "At the time in \"{}\" it was not known yet, and so cannot help to predict.",
            reference.name()
        ),
        strength: 0.8,
        rows: pairs
            .iter()
            .filter(|(gap, _)| *gap > 0.0)
            .take(3)
            .map(|&(_, row)| row)
            .collect(),
        fixes: vec![LeakFix::DropColumns(vec![column.name().to_owned()])],
    })
}
