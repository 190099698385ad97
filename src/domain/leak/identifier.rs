//! Columns that name rows.

use super::look::{Look, rows};
use super::{LeakFix, LeakKind, Suspect};

pub(super) fn find(look: &Look) -> Vec<Suspect> {
    look.columns
        .iter()
        .filter(|looked| looked.kind == "identifier")
        .map(|looked| Suspect {
            kind: LeakKind::Identifier,
            columns: vec![looked.name().to_owned()],
            what: format!(
                "Column \"{}\" has {} different values in {}.",
                looked.name(),
                looked.column.distinct().len(),
                rows(look.table.rows()),
            ),
            why: "A model can learn rows by heart from what names them, or from the order in which they were collected; new rows have other names.".to_owned(),
            strength: 0.9,
            rows: Vec::new(),
            fixes: vec![LeakFix::DropColumns(vec![looked.name().to_owned()])],
        })
        .collect()
}
