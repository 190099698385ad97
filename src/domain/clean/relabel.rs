//! Labels that a person mended, or gave to rows that had none.
//!
//! Taken after rows are held apart: a mended label moves no row from one part to another, so that
//! a run that starts from an earlier one is judged by rows that neither has learned from. A row
//! that had no label belongs to no part; it joins training, as it was chosen for what the model
//! does not know, and so cannot judge.

use std::collections::HashSet;

use super::offer::Proposal;
use super::{Change, EXAMPLES, Pin, Stage, Step, StepReport, Work, counted, pin};
use crate::domain::examples::is_empty_text;
use crate::domain::missing::is_missing;
use crate::domain::split::{Groups, SplitKind, alike};
use crate::domain::table::{Column, RowId};

pub(super) struct Relabel<'a> {
    pub column: &'a str,
    pub rows: &'a [(Pin, String)],
}

impl Step for Relabel<'_> {
    fn name(&self) -> &'static str {
        "Mend labels"
    }

    fn about(&self) -> &'static str {
        "Gives single rows another label, or one where they had none. Rows that had none join training."
    }

    fn stage(&self) -> Stage {
        Stage::Mended
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let column = work.column(self.column)?.clone();
        let pins: Vec<&Pin> = self.rows.iter().map(|(pin, _)| pin).collect();
        let found = pin::find(work.read, &pins);
        let lost = found.iter().filter(|row| row.is_none()).count();
        let mut report = StepReport::default();
        let mut cells: Vec<&str> = column.cells().collect();
        let (mut newly, mut kept) = (Vec::new(), 0);
        for (row, (_, label)) in found.iter().zip(self.rows) {
            let Some(row) = *row else { continue };
            let before = std::mem::replace(&mut cells[row.index()], label.as_str());
            if before.trim() == label {
                cells[row.index()] = before;
                kept += 1;
                continue;
            }
            report.cells += 1;
            report.rows += 1;
            if is_missing(before) && !is_missing(label) {
                newly.push(row);
            }
            if report.examples.len() < EXAMPLES {
                report.examples.push(Change {
                    row,
                    column: self.column.to_owned(),
                    before: before.to_owned(),
                    after: Some(label.clone()),
                });
            }
        }
        let mended = Column::of(self.column, &cells);
        work.table = work.table.replace(self.column, mended);
        let mut what = format!(
            "Mends {} of \"{}\".",
            counted(report.cells as usize, "label"),
            self.column
        );
        if kept > 0 {
            what += &format!(" {} confirmed.", counted(kept, "label"));
        }
        if !newly.is_empty() && self.column == work.recipe.target {
            let joined = join_training(work, &newly);
            what += &format!(
                " {} had none; {} of them can be learned from.",
                counted(newly.len(), "row"),
                joined
            );
        }
        if lost > 0 {
            what += &format!(" {} no longer in the file.", are(lost));
        }
        Ok(report.saying(what))
    }
}

/// `1 row is`, `2 rows are`.
pub(super) fn are(rows: usize) -> String {
    let verb = if rows == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(rows, "row"))
}

/// Puts rows that have a label now among the training rows of the split and of its folds, but for
/// those without a text and those that are alike to rows that judge. Gives how many.
fn join_training(work: &mut Work, rows: &[RowId]) -> usize {
    let Some(Ok(split)) = &work.split else {
        return 0;
    };
    let recipe = work.recipe;
    let text: Vec<&Column> = recipe
        .text
        .iter()
        .filter_map(|name| work.table.column(name))
        .collect();
    let inputs = recipe.inputs().into_iter();
    let inputs: Vec<&Column> = inputs.filter_map(|name| work.table.column(name)).collect();
    let mut kin = alike(&inputs, true);
    let by = recipe
        .split
        .kind
        .column()
        .and_then(|name| work.read.column(name));
    if let (SplitKind::Group { .. }, Some(column)) = (&recipe.split.kind, by) {
        kin = kin.joined(&Groups::of_column(column));
    }
    let mut sealed = split.test.clone();
    let judging: HashSet<RowId> = split
        .valid
        .iter()
        .chain(sealed.open())
        .map(|&row| kin.of(row))
        .collect();
    let is_allowed = |row: RowId| match &recipe.split.kind {
        SplitKind::Random | SplitKind::Stratified | SplitKind::Group { .. } => true,
        SplitKind::SecondFile => work.read.test_from().is_none_or(|from| row < from),
        SplitKind::Column { .. } => {
            by.is_some_and(|column| column.cell(row).trim().eq_ignore_ascii_case("train"))
        }
        // Whether a row is earlier than those that judge would have to be read from its date.
        SplitKind::Time { .. } => false,
    };
    let was_dropped: HashSet<RowId> = work.unlabeled.iter().copied().collect();
    let joining: Vec<RowId> = rows
        .iter()
        .copied()
        .filter(|row| work.kept[row.index()] || was_dropped.contains(row))
        .filter(|row| recipe.table.is_some() || !is_empty_text(&text, *row))
        .filter(|&row| is_allowed(row) && !judging.contains(&kin.of(row)))
        .collect();
    for row in &joining {
        work.kept[row.index()] = true;
    }
    work.unlabeled.retain(|row| !rows.contains(row));
    let join = |train: &mut Vec<RowId>| {
        train.extend(&joining);
        train.sort_unstable();
        train.dedup();
    };
    if let Some(Ok(split)) = &mut work.split {
        join(&mut split.train);
    }
    for (train, _) in &mut work.folds {
        join(train);
    }
    joining.len()
}

/// Which labels are wrong is a person's decision, made where the model's doubts are shown.
pub(super) fn offers(_: &Work) -> Vec<Proposal> {
    Vec::new()
}
