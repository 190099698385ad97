//! What would tell a model the answer in training and not in use.
//!
//! Every sort of leak is one file with a function that looks for it, listed in `ALL`. All figures
//! come from training rows; of held-out rows it is only looked at which are alike to others.

mod copy_of_target;
mod future_dates;
mod identifier;
mod look;
mod parts_of_target;
mod predicts_target;
mod repeated_rows;
mod shared_group;

use serde::{Deserialize, Serialize};

use self::look::Look;
use super::recipe::Recipe;
use super::split::Split;
use super::table::{RowId, Table};

/// Every check.
const ALL: &[fn(&Look) -> Vec<Suspect>] = &[
    copy_of_target::find,
    parts_of_target::find,
    predicts_target::find,
    future_dates::find,
    shared_group::find,
    repeated_rows::find,
    identifier::find,
];

/// What may leak in a table that is held apart as a recipe says, columns in use before others and
/// the surest first.
///
/// Every column that could be learned from is looked at, chosen or not. A column that repeats the
/// target, or names whose row it is, is not named a second time because it predicts the target.
pub fn suspects(table: &Table, recipe: &Recipe, split: &Split) -> Vec<Suspect> {
    let look = Look::at(table, recipe, split);
    let mut found: Vec<Suspect> = ALL.iter().flat_map(|check| check(&look)).collect();
    let explained: Vec<String> = found
        .iter()
        .filter(|suspect| matches!(suspect.kind, LeakKind::CopyOfTarget | LeakKind::SharedGroup))
        .flat_map(|suspect| suspect.columns.clone())
        .collect();
    found.retain(|suspect| {
        suspect.kind != LeakKind::PredictsTarget
            || !suspect
                .columns
                .iter()
                .all(|column| explained.contains(column))
    });
    let inputs = recipe.inputs();
    let is_in_use = |suspect: &Suspect| {
        suspect
            .columns
            .iter()
            .any(|column| inputs.contains(&column.as_str()))
    };
    found.sort_by(|a, b| {
        is_in_use(b)
            .cmp(&is_in_use(a))
            .then(b.strength.total_cmp(&a.strength))
    });
    found
}

/// Sorts of leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakKind {
    /// A column that names rows.
    Identifier,
    /// A column that predicts the target nearly alone.
    PredictsTarget,
    /// A column that repeats the target in other words.
    CopyOfTarget,
    /// Rows that are alike and would stand on both sides of the split.
    RepeatedRows,
    /// Dates later than the others, or than today where it is known.
    FutureDates,
    /// One entity (customer, patient, machine) has rows on both sides of the split.
    SharedGroup,
}

/// What can be done about a suspect by one click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakFix {
    /// Leave these columns out.
    DropColumns(Vec<String>),
    /// Keep the rows of one entity on one side.
    GroupBy(String),
    /// Keep rows that are alike on one side.
    KeepTogether,
    /// Leave repeated rows out.
    DropDuplicates,
}

/// Something that may leak, with evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// What sort.
    pub kind: LeakKind,
    /// The columns that it is about.
    pub columns: Vec<String>,
    /// What was found, as a sentence with its figures.
    pub what: String,
    /// Why it matters, as a sentence.
    pub why: String,
    /// How sure, 0 to 1.
    pub strength: f64,
    /// A few rows that show it.
    pub rows: Vec<RowId>,
    /// What can be done, the best first.
    pub fixes: Vec<LeakFix>,
}

#[cfg(test)]
mod tests;
