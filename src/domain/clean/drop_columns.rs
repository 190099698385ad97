//! Columns that are not to be looked at.

use super::offer::Proposal;
use super::{Stage, Step, StepPlan, StepReport, Work, counted, listed};

pub(super) struct DropColumns<'a> {
    pub columns: &'a [String],
}

impl Step for DropColumns<'_> {
    fn name(&self) -> &'static str {
        "Leave columns out"
    }

    fn about(&self) -> &'static str {
        "Leaves columns out, also where the recipe names them as a text."
    }

    fn stage(&self) -> Stage {
        Stage::BeforeSplit
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        if self.columns.contains(&work.recipe.target) {
            return Err(format!(
                "\"{}\" is the column to learn, so it has to stay.",
                work.recipe.target
            ));
        }
        if self.columns.is_empty() {
            return Err("No column is named.".to_owned());
        }
        let columns = work.columns(self.columns)?;
        let report = work.drop_columns(&columns);
        let what = format!(
            "Leaves {} out: {}.",
            counted(columns.len(), "column"),
            listed(&columns)
        );
        Ok(report.saying(what))
    }
}

/// Columns that hold one cell, or nothing.
pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let holds_one = |cells: &mut dyn Iterator<Item = &str>| {
        let mut cells = cells.map(str::trim);
        let first = cells.next();
        cells.all(|cell| Some(cell) == first)
    };
    let mut columns = Vec::new();
    let mut empty = 0;
    for column in work.table.columns() {
        if column.name() == work.recipe.target || work.kept.is_empty() {
            continue;
        }
        let counts = Work::counts(column, work.rows());
        let cells = column.distinct().iter().zip(counts);
        let cells: Vec<&str> = cells
            .filter(|(_, rows)| *rows > 0)
            .map(|(cell, _)| cell)
            .collect();
        let missing = work.missing(column);
        let gaps = cells.iter().filter(|cell| missing.is_missing(cell)).count();
        // A cell here and a gap there is something to learn from.
        if gaps == cells.len() || (gaps == 0 && holds_one(&mut cells.into_iter())) {
            columns.push(column.name().to_owned());
            empty += usize::from(gaps > 0);
        }
    }
    if columns.is_empty() {
        return Vec::new();
    }
    let why = match (empty, columns.len() - empty) {
        (empty, 0) => format!("{} nothing.", hold(empty)),
        (0, constant) => format!("{} the same in every row.", hold(constant)),
        (empty, constant) => format!(
            "{} nothing, and {} the same in every row.",
            hold(empty),
            hold(constant)
        ),
    };
    vec![Proposal {
        step: StepPlan::DropColumns { columns },
        why: format!("{why} Nothing can be learned from that."),
    }]
}

fn hold(columns: usize) -> String {
    let verb = if columns == 1 { "holds" } else { "hold" };
    format!("{} {verb}", counted(columns, "column"))
}
