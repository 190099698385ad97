//! What a step does to one cell, with everything that it learned from training rows.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::numbers::Numbers;
use super::{normalize_unicode, trim_space};
use crate::domain::missing::Spellings;

/// A number and the cell that spells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// The number, finite.
    pub number: f64,
    /// A cell of the column with this number.
    pub cell: String,
}

/// What a step does to cells. Part of a trained model: a row that comes later goes through it
/// before it is predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fitted {
    /// White space at the ends goes, runs of it inside become one space.
    TrimSpace {
        /// In these columns.
        columns: Vec<String>,
    },
    /// Unicode Normalization Form C; invisible characters go.
    NormalizeUnicode {
        /// In these columns.
        columns: Vec<String>,
    },
    /// Cells become others.
    Replace {
        /// In this column.
        column: String,
        /// From each cell to the one that stands for it.
        into: BTreeMap<String, String>,
    },
    /// Missing values get a stand-in.
    Fill {
        /// In this column.
        column: String,
        /// The stand-in.
        with: String,
        /// What counts as missing.
        missing: Spellings,
    },
    /// Numbers outside of two bounds become the nearest one.
    Clip {
        /// In this column.
        column: String,
        /// How it spells numbers.
        numbers: Numbers,
        /// The lower bound.
        low: Bound,
        /// The upper bound.
        high: Bound,
    },
    /// A new column says `yes` where a number is outside of two bounds, and `no` elsewhere.
    Flag {
        /// Of this column.
        column: String,
        /// The new column's name.
        flag: String,
        /// How the column spells numbers.
        numbers: Numbers,
        /// Numbers below this are outside.
        low: f64,
        /// Numbers above this are outside.
        high: f64,
    },
    /// All cells but some become one. Missing values stay.
    Merge {
        /// In this column.
        column: String,
        /// Cells that stay, white space at their ends aside.
        keep: BTreeSet<String>,
        /// What the others become.
        into: String,
        /// What counts as missing.
        missing: Spellings,
    },
    /// Columns that are left out.
    Drop {
        /// Their names.
        columns: Vec<String>,
    },
}

impl Fitted {
    /// The columns that are looked at.
    pub fn columns(&self) -> &[String] {
        match self {
            Self::TrimSpace { columns }
            | Self::NormalizeUnicode { columns }
            | Self::Drop { columns } => columns,
            Self::Replace { column, .. }
            | Self::Fill { column, .. }
            | Self::Clip { column, .. }
            | Self::Flag { column, .. }
            | Self::Merge { column, .. } => std::slice::from_ref(column),
        }
    }

    /// The name of the column that is added, if one is.
    pub fn adds(&self) -> Option<&str> {
        match self {
            Self::Flag { flag, .. } => Some(flag),
            _ => None,
        }
    }

    /// What a cell becomes, or the added column's cell beside it. `None` where nothing changes.
    pub fn cell(&self, cell: &str) -> Option<String> {
        let after: Cow<str> = match self {
            Self::TrimSpace { .. } => trim_space::trimmed(cell),
            Self::NormalizeUnicode { .. } => normalize_unicode::normalized(cell),
            Self::Replace { into, .. } => into.get(cell)?.into(),
            Self::Fill { with, missing, .. } => missing.is_missing(cell).then_some(with)?.into(),
            Self::Clip {
                numbers, low, high, ..
            } => match numbers.read(cell)? {
                number if number < low.number => (&low.cell).into(),
                number if number > high.number => (&high.cell).into(),
                _ => return None,
            },
            Self::Flag {
                numbers, low, high, ..
            } => match numbers.read(cell) {
                Some(number) if number < *low || number > *high => "yes".into(),
                _ => "no".into(),
            },
            Self::Merge {
                keep,
                into,
                missing,
                ..
            } => {
                let stays = missing.is_missing(cell) || keep.contains(cell.trim());
                (!stays).then_some(into)?.into()
            }
            Self::Drop { .. } => return None,
        };
        (after != cell).then(|| after.into_owned())
    }

    /// Takes the step on one row: columns' names with their cells.
    fn apply(&self, row: &mut Vec<(String, String)>) {
        if let Self::Drop { columns } = self {
            row.retain(|(name, _)| !columns.contains(name));
            return;
        }
        let mut added = None;
        for (name, cell) in row.iter_mut() {
            if !self.columns().contains(name) {
                continue;
            }
            match (self.adds(), self.cell(cell)) {
                (Some(flag), after) => {
                    added = Some((flag.to_owned(), after.unwrap_or_else(|| cell.clone())));
                }
                (None, Some(after)) => *cell = after,
                (None, None) => {}
            }
        }
        row.extend(added);
    }
}

/// Prepares a row that comes after training as the training rows were prepared.
///
/// The row is names of columns with their cells, as in the file. Columns that it does not have are
/// passed over, as the target is.
pub fn prepare_row(fitted: &[Fitted], row: &mut Vec<(String, String)>) {
    for step in fitted {
        step.apply(row);
    }
}
