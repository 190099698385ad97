//! Dates from after the moment at which the model would be asked.

use super::look::{Look, percent, rows, values};
use super::{LeakFix, LeakKind, Suspect};
use crate::domain::column::date::{self, DateFormat};
use crate::domain::missing::is_missing;
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
        .filter(|looked| looked.kind == "date" || are_dates_but_for_never(looked.column))
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

/// The year that databases write for a date that never comes. It is not read as a date elsewhere,
/// so a column in which it is frequent is no column of dates elsewhere either.
const NEVER: &str = "9999";

/// Columns of dates have so many of a hundred cells that are dates or never come.
const DATES: f64 = 0.9;

/// Longer cells are no dates.
const LONGEST_DATE: usize = 40;

/// Whether a cell is a date in the year that never comes.
fn is_never(cell: &str) -> bool {
    if cell.len() > LONGEST_DATE || !cell.contains(NEVER) {
        return false;
    }
    let runs: Vec<&str> = cell
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .collect();
    match runs[..] {
        [compact] => compact.len() == 8 && (compact.starts_with(NEVER) || compact.ends_with(NEVER)),
        [first, _, third, ..] => first == NEVER || third == NEVER,
        [month, year] => month == NEVER || year == NEVER,
        [] => false,
    }
}

/// Whether a column that is not one of dates would be, were it not for those that never come.
fn are_dates_but_for_never(column: &Column) -> bool {
    let counts = column.counts();
    let rows_where = |is: &dyn Fn(&str) -> bool| -> f64 {
        let cells = column.distinct().iter().zip(&counts);
        let rows = cells.filter(|(cell, _)| is(cell)).map(|(_, rows)| rows);
        f64::from(rows.sum::<u32>())
    };
    let never = rows_where(&is_never);
    if never == 0.0 {
        return false;
    }
    let filled = rows_where(&|cell| !is_missing(cell));
    let ends: Vec<&str> = column
        .distinct()
        .iter()
        .filter(|cell| !is_never(cell))
        .collect();
    let format = DateFormat::detect(ends.iter().copied());
    let dates = rows_where(&|cell| !is_never(cell) && date::read(cell, format).is_some());
    never + dates >= DATES * filled
}

/// Dates that are later than nearly all others by more than their spread, or never come.
fn far_off(column: &Column) -> Option<Suspect> {
    let (mut instants, mut far): (Vec<(f64, RowId)>, Vec<RowId>) = (Vec::new(), Vec::new());
    for (instant, row) in values(column).into_iter().zip((0..).map(RowId)) {
        match instant {
            _ if is_never(column.cell(row)) => far.push(row),
            Some(instant) => instants.push((instant, row)),
            None => {}
        }
    }
    if instants.len() < LEAST_ROWS {
        return None;
    }
    instants.sort_by(|a, b| a.0.total_cmp(&b.0));
    let earliest = instants[0].0;
    let usual = instants[((instants.len() - 1) as f64 * NEARLY_ALL) as usize].0;
    let bound = usual + (usual - earliest).max(YEAR);
    far.extend(
        instants
            .iter()
            .rev()
            .take_while(|(instant, _)| *instant > bound)
            .map(|&(_, row)| row),
    );
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
