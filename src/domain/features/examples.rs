//! The rows of a table as learning from its columns sees them.

use super::{FeaturePlan, TablePlan};
use crate::domain::examples::{blocking, join_texts};
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::recipe::Recipe;
use crate::domain::split::{Basis, Split, split};
use crate::domain::table::{Column, RowId, Table};
use crate::domain::task::{self, Target};

/// What the engine learns from: what each row should be, how its cells become numbers, and who may
/// see which row.
#[derive(Debug, Clone)]
pub struct TableExamples {
    /// What each row of the table should be.
    pub target: Target,
    /// How cells become numbers, fitted on the training rows.
    pub plan: FeaturePlan,
    /// Who may see which row.
    pub split: Split,
    /// What should be known about the data; none of it blocks.
    pub issues: Vec<Issue>,
}

impl TableExamples {
    /// Reads a table as a recipe says. Rows without an answer belong to no part.
    ///
    /// # Errors
    /// The issues that block, at least one.
    ///
    /// # Panics
    /// When the recipe has no table plan.
    pub fn read(table: &Table, recipe: &Recipe) -> Result<Self, Vec<Issue>> {
        let plan: &TablePlan = recipe
            .table
            .as_ref()
            .expect("the recipe learns from columns");
        blocking(recipe.check())?;
        let target = find(table, &recipe.target)?;
        let text: Vec<&Column> = recipe
            .text
            .iter()
            .map(|name| find(table, name))
            .collect::<Result<_, _>>()?;
        let by = match recipe.split.kind.column() {
            Some(column) => Some(find(table, column)?),
            None => None,
        };
        let task = task::find(&recipe.task).expect("the recipe was checked");
        let mut issues = blocking(task.check(table, &[], target))?;
        let target = task.target(target);
        if plan.is_log
            && let Target::Numbers(numbers) = &target
            && let Some(number) = numbers.iter().flatten().find(|number| **number < 0.0)
        {
            return Err(vec![Issue::new(
                "negative_log",
                Severity::Blocks,
                Position::Column {
                    column: recipe.target.clone(),
                },
                format!(
                    "\"{}\" holds {number}, which has no logarithm.",
                    recipe.target
                ),
                "Learn the number itself, or leave out rows below 0.",
            )]);
        }
        let strata = target.strata();
        let basis = Basis {
            column: by,
            test_from: table.test_from(),
            ..Basis::of(&strata)
        };
        let split = split(&recipe.split, basis, recipe.seed)?;
        issues.extend(split.issues.iter().cloned());
        let fitted = FeaturePlan::fit(table, &plan.columns, &split.train, &plan.features);
        if fitted.features.is_empty() && text.is_empty() {
            let reasons: Vec<String> = fitted
                .left_out
                .iter()
                .map(|left| format!("\"{}\": {}", left.column, left.reason))
                .collect();
            return Err(vec![Issue::new(
                "no_features",
                Severity::Blocks,
                Position::Table,
                format!("No column can be learned from. {}", reasons.join(" ")),
                "Choose other columns, or change what they are read as.",
            )]);
        }
        issues.extend(fitted.left_out.iter().map(|left| {
            Issue::new(
                "column_left_out",
                Severity::Note,
                Position::Column {
                    column: left.column.clone(),
                },
                format!("\"{}\" is not learned from. {}", left.column, left.reason),
                "Nothing to do, unless it is read as the wrong kind.",
            )
        }));
        Ok(Self {
            target,
            plan: fitted,
            split,
            issues,
        })
    }
}

/// Texts of some rows, joined in the order of the recipe; empty where a row has none.
///
/// # Panics
/// When the table lacks a text column of the recipe, which [`TableExamples::read`] would refuse.
pub fn texts(table: &Table, recipe: &Recipe, rows: &[RowId]) -> Vec<String> {
    let columns: Vec<&Column> = recipe
        .text
        .iter()
        .map(|name| table.column(name).expect("the recipe was checked"))
        .collect();
    rows.iter()
        .map(|&row| join_texts(columns.iter().map(|column| column.cell(row))))
        .collect()
}

fn find<'a>(table: &'a Table, name: &str) -> Result<&'a Column, Vec<Issue>> {
    table.column(name).ok_or_else(|| {
        vec![Issue::new(
            "no_such_column",
            Severity::Blocks,
            Position::Table,
            format!("The table has no column called \"{name}\"."),
            "Choose another column.",
        )]
    })
}
