//! Rows that are alike and stand on both sides of the split.

use super::look::{Look, percent};
use super::{LeakFix, LeakKind, Suspect};
use crate::domain::split::{alike, repeats_by_nature};
use crate::domain::table::{Column, RowId};

/// Fewer rows of a hundred that are held out make no difference to the figures.
const LEAST_SHARE: f64 = 0.005;

/// Nor does a single one.
const LEAST_ROWS: usize = 2;

pub(super) fn find(look: &Look) -> Vec<Suspect> {
    let names = look.recipe.inputs();
    let columns: Vec<&Column> = names
        .iter()
        .filter_map(|name| look.table.column(name))
        .collect();
    if columns.is_empty() {
        return Vec::new();
    }
    let groups = alike(&columns, true);
    let largest = groups.several().iter().map(Vec::len).max().unwrap_or(0);
    if repeats_by_nature(largest, look.table.rows()) {
        return Vec::new();
    }
    let mut learned_from = vec![None; look.table.rows()];
    for row in &look.split.train {
        learned_from[groups.of(*row).index()].get_or_insert(*row);
    }
    let mut sealed = look.split.test.clone();
    let held_out: Vec<RowId> = look
        .split
        .valid
        .iter()
        .chain(sealed.open())
        .copied()
        .collect();
    let repeated: Vec<(RowId, RowId)> = held_out
        .iter()
        .filter_map(|row| Some((learned_from[groups.of(*row).index()]?, *row)))
        .collect();
    let share = repeated.len() as f64 / held_out.len().max(1) as f64;
    if repeated.len() < LEAST_ROWS || share < LEAST_SHARE {
        return Vec::new();
    }
    let mut fixes = vec![LeakFix::DropDuplicates];
    if !look.recipe.split.keep_together {
        fixes.insert(0, LeakFix::KeepTogether);
    }
    vec![Suspect {
        kind: LeakKind::RepeatedRows,
        columns: names.iter().map(|name| (*name).to_owned()).collect(),
        what: format!(
            "{} of {} rows that are held out ({}) are alike to a training row.",
            repeated.len(),
            held_out.len(),
            percent(share)
        ),
        why: "The model is judged by what it has learned by heart, and looks better than it is."
            .to_owned(),
        strength: (0.5 + share).min(1.0),
        rows: repeated.iter().take(2).flat_map(|&(a, b)| [a, b]).collect(),
        fixes,
    }]
}
