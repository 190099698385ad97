//! The rows of a table as learning from its columns sees them.

use super::{FeaturePlan, FeatureSource, TablePlan};
use crate::domain::clean::{Fitted, Preview, preview};
use crate::domain::examples::{self, blocking, check, join_texts, too_many_rows};
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::recipe::Recipe;
use crate::domain::split::{Fold, Split};
use crate::domain::table::{Column, RowId, Table};
use crate::domain::task::{self, Target};
use crate::domain::text::Tokenizer;

/// What the engine learns from: what each row should be, how its cells become numbers, and who may
/// see which row.
#[derive(Debug, Clone)]
pub struct TableExamples {
    /// The table as the recipe's steps prepared it.
    pub table: Table,
    /// What each row of the table should be.
    pub target: Target,
    /// The columns to learn from, with the kinds that a person chose.
    pub sources: Vec<FeatureSource>,
    /// How cells become numbers, fitted on the training rows.
    pub plan: FeaturePlan,
    /// Who may see which row.
    pub split: Split,
    /// Training and validation rows of every fold; none without cross-validation.
    pub folds: Vec<Fold>,
    /// What should be known about the data; none of it blocks.
    pub issues: Vec<Issue>,
    /// Rows without an answer: nothing to learn from, and something to predict.
    pub unlabeled: Vec<RowId>,
    /// What the steps did to cells; a row that comes later is prepared in the same way.
    pub fitted: Vec<Fitted>,
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
        if let Some(issue) = too_many_rows(table) {
            return Err(vec![issue]);
        }
        Self::of(preview(table, recipe), recipe)
    }

    /// Reads a table that was prepared by the same recipe.
    ///
    /// # Errors
    /// The issues that block, at least one.
    ///
    /// # Panics
    /// When the recipe has no table plan.
    pub fn of(preview: Preview, recipe: &Recipe) -> Result<Self, Vec<Issue>> {
        let plan: &TablePlan = recipe
            .table
            .as_ref()
            .expect("the recipe learns from columns");
        blocking(recipe.check())?;
        let missing = preview.split.as_ref().err();
        if let Some(issues) = missing.filter(|issues| issues[0].id == "no_such_column") {
            return Err(issues.clone());
        }
        let table = preview.table.clone();
        let texts = recipe
            .text
            .iter()
            .filter(|name| table.column(name).is_some());
        let texts = texts.count();
        if recipe.compares() && texts != 2 {
            return Err(vec![Issue::new(
                "not_two_texts",
                Severity::Blocks,
                Position::Table,
                match texts {
                    0 => "Comparing takes two columns of texts; none is chosen.".to_owned(),
                    1 => "Comparing takes two columns of texts; one is chosen.".to_owned(),
                    _ => format!("Comparing takes two columns of texts; {texts} are chosen."),
                },
                "Choose the two columns that hold the texts, or another task.",
            )]);
        }
        let has_text = texts > 0;
        let answers = table.column(&recipe.target).expect("no step drops it");
        let task = task::find(&recipe.task).expect("the recipe was checked");
        let mut issues = blocking(check(task, &preview, &[], answers))?;
        let target = examples::target(task, answers, &preview.kept, &recipe.schema);
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
        let split = preview.split?;
        issues.extend(split.issues.iter().cloned());
        let sources: Vec<FeatureSource> = plan
            .columns
            .iter()
            .map(|source| FeatureSource {
                column: source.column.clone(),
                kind: (source.kind.clone())
                    .or_else(|| recipe.schema.kinds.get(&source.column).cloned()),
            })
            .collect();
        let fitted = FeaturePlan::fit(&table, &sources, &split.train, &plan.features);
        if fitted.features.is_empty() && !has_text {
            let reasons: Vec<String> = fitted
                .left_out
                .iter()
                .map(|left| format!("\"{}\": {}", left.column, left.reason))
                .collect();
            return Err(vec![Issue::new(
                "no_features",
                Severity::Blocks,
                Position::Table,
                match &reasons[..] {
                    [] => "No column is chosen to learn from.".to_owned(),
                    _ => format!("No column can be learned from. {}", reasons.join(" ")),
                },
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
            table,
            target,
            sources,
            plan: fitted,
            split,
            folds: preview.folds,
            issues,
            unlabeled: preview.unlabeled,
            fitted: preview.fitted,
        })
    }
}

impl TableExamples {
    /// Lengths in tokens of the texts that training may see, up to `longest`. The sealed ones stay
    /// sealed.
    pub fn text_lengths(&self, recipe: &Recipe, tokenizer: &Tokenizer, longest: usize) -> Vec<u32> {
        let seen: Vec<RowId> = (self.split.train.iter())
            .chain(&self.split.valid)
            .copied()
            .collect();
        texts(&self.table, recipe, &seen)
            .iter()
            .flatten()
            .map(|text| tokenizer.encode(text, longest).ids.len() as u32)
            .collect()
    }
}

/// What is read of a row's texts, in the order of the recipe: one text of all of them, empty where
/// there is none, or each of them where they are compared.
pub fn row_texts<'a>(recipe: &Recipe, cells: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    if recipe.compares() {
        cells
            .into_iter()
            .map(|cell| cell.trim().to_owned())
            .collect()
    } else {
        vec![join_texts(cells)]
    }
}

/// Texts of some rows, see [`row_texts`]. A column that a step left out is not among them.
pub fn texts(table: &Table, recipe: &Recipe, rows: &[RowId]) -> Vec<Vec<String>> {
    let columns: Vec<&Column> = recipe
        .text
        .iter()
        .filter_map(|name| table.column(name))
        .collect();
    rows.iter()
        .map(|&row| row_texts(recipe, columns.iter().map(|column| column.cell(row))))
        .collect()
}
