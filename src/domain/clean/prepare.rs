//! A table as a recipe prepares it.

use super::work::Work;
use super::{Fitted, Stage, StepPlan, StepReport, drop_missing_target};
use crate::domain::examples::{is_empty_text, target};
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::recipe::Recipe;
use crate::domain::split::{Basis, Fold, Split, folds, split, together};
use crate::domain::table::{Column, RowId, Table};
use crate::domain::task;

/// A table as a recipe prepares it.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The table with all rows of the file in their places; cells and columns are changed.
    pub table: Table,
    /// Whether a row is still there.
    pub kept: Vec<bool>,
    /// Who may see which row. A row that is drawn again is several times in `train`.
    pub split: Split,
    /// Training and validation rows of every fold; none without cross-validation.
    pub folds: Vec<Fold>,
    /// What each step of the recipe did, in its order.
    pub reports: Vec<StepReport>,
    /// What was done to cells, in the order in which it was done.
    pub fitted: Vec<Fitted>,
    /// Rows without a target and with a text: nothing to learn from, and something to predict.
    pub unlabeled: Vec<RowId>,
}

/// A [`Prepared`] table that may have no split: what there is to show before all is settled.
#[derive(Debug, Clone)]
pub struct Preview {
    /// As in [`Prepared`].
    pub table: Table,
    /// As in [`Prepared`].
    pub kept: Vec<bool>,
    /// As in [`Prepared`], or why the rows cannot be held apart.
    pub split: Result<Split, Vec<Issue>>,
    /// As in [`Prepared`].
    pub folds: Vec<Fold>,
    /// As in [`Prepared`]. Steps that look at training rows are refused without a split.
    pub reports: Vec<StepReport>,
    /// As in [`Prepared`].
    pub fitted: Vec<Fitted>,
    /// As in [`Prepared`].
    pub unlabeled: Vec<RowId>,
}

/// Prepares a table as a recipe says.
///
/// Steps that learn nothing come first, then the rows are held apart, then come steps that learn
/// from training rows and from no others. A step that cannot be done is passed over; its report
/// says why.
///
/// # Errors
/// The issues that keep the rows from being held apart, at least one.
pub fn prepare(table: &Table, recipe: &Recipe) -> Result<Prepared, Vec<Issue>> {
    let preview = preview(table, recipe);
    Ok(Prepared {
        split: preview.split?,
        folds: preview.folds,
        table: preview.table,
        kept: preview.kept,
        reports: preview.reports,
        fitted: preview.fitted,
        unlabeled: preview.unlabeled,
    })
}

/// Does what [`prepare`] does as far as it can be done.
pub fn preview(table: &Table, recipe: &Recipe) -> Preview {
    let (work, followed) = follow(table, recipe);
    let mut unlabeled = work.unlabeled.clone();
    unlabeled.extend(drop_missing_target::unlabeled(&work).unwrap_or_default());
    unlabeled.sort_unstable();
    let text = text(&work);
    unlabeled.retain(|row| !has_nothing(&work, &text, *row));
    let split = match (followed.issues, work.split) {
        (issues, Some(Ok(split))) if issues.is_empty() => Ok(split),
        (issues, _) => Err(issues),
    };
    Preview {
        table: work.table,
        kept: work.kept,
        split,
        folds: work.folds,
        reports: followed.reports,
        fitted: work.fitted,
        unlabeled,
    }
}

/// What came of the steps besides the table.
pub(super) struct Followed {
    pub reports: Vec<StepReport>,
    /// Why there is no split.
    pub issues: Vec<Issue>,
}

/// Takes all steps of a recipe.
pub(super) fn follow<'a>(table: &'a Table, recipe: &'a Recipe) -> (Work<'a>, Followed) {
    let mut work = Work::new(table, recipe);
    let mut reports = vec![StepReport::default(); recipe.steps.len()];
    let mut issues = Vec::new();
    let stages = [
        Stage::BeforeSplit,
        Stage::Mended,
        Stage::Fitted,
        Stage::TrainingRows,
    ];
    for stage in stages {
        if stage == Stage::Mended {
            work.split = Some(match hold_apart(table, &work) {
                Ok((split, folds)) => {
                    work.folds = folds;
                    Ok(split)
                }
                Err(found) => {
                    issues = found;
                    Err(issues
                        .first()
                        .map_or_else(String::new, |issue| issue.what.clone()))
                }
            });
        }
        for (step, report) in recipe.steps.iter().zip(&mut reports) {
            if step.step().stage() == stage {
                *report = take(step, &mut work);
            }
        }
    }
    (work, Followed { reports, issues })
}

/// Takes one step, or tells why it cannot be taken.
pub(super) fn take(step: &StepPlan, work: &mut Work) -> StepReport {
    step.step().apply(work).unwrap_or_else(StepReport::refusing)
}

/// The text columns that the recipe names and no step left out.
fn text<'w>(work: &'w Work) -> Vec<&'w Column> {
    let names = work.recipe.text.iter();
    names.filter_map(|name| work.table.column(name)).collect()
}

/// Whether there is nothing to learn from in a row, where only texts are.
fn has_nothing(work: &Work, text: &[&Column], row: RowId) -> bool {
    work.recipe.table.is_none() && is_empty_text(text, row)
}

/// Splits the rows that have a label and a text.
fn hold_apart(read: &Table, work: &Work) -> Result<(Split, Vec<Fold>), Vec<Issue>> {
    let recipe = work.recipe;
    let find = |name: &str| read.column(name).ok_or_else(|| vec![no_such_column(name)]);
    for name in &recipe.text {
        find(name)?;
    }
    find(&recipe.target)?;
    // A step that leaves the column out, as nothing to learn from, leaves it here to split by.
    let named = recipe.split.kind.column();
    let column = named.map(|name| work.table.column(name).map_or_else(|| find(name), Ok));
    let column = column.transpose()?;
    let target = work.table.column(&recipe.target).expect("no step drops it");
    let Some(task) = task::find(&recipe.task) else {
        return Err(recipe.check());
    };
    let text = text(work);
    let mut target = self::target(task, target, &work.kept, &recipe.schema);
    for row in work.rows() {
        if has_nothing(work, &text, row) {
            target.forget(row.index());
        }
    }
    let strata = target.strata();
    let inputs = recipe.inputs().into_iter();
    let inputs: Vec<&Column> = inputs.filter_map(|name| work.table.column(name)).collect();
    let (alike, told) = together(&recipe.split, &inputs, &strata);
    let basis = Basis {
        column,
        alike: alike.as_ref(),
        test_from: read.test_from(),
        ..Basis::of(&strata)
    };
    let mut split = split(&recipe.split, basis, recipe.seed)?;
    split.issues.extend(told);
    let folds = folds(&recipe.split, basis, &split, recipe.seed)?;
    Ok((split, folds))
}

fn no_such_column(name: &str) -> Issue {
    Issue::new(
        "no_such_column",
        Severity::Blocks,
        Position::Table,
        format!("The table has no column called \"{name}\"."),
        "Choose another column.",
    )
}
