//! A table on its way through the steps.

use std::collections::BTreeMap;

use super::{Change, EXAMPLES, Fitted, StepReport};
use crate::domain::column::{ColumnKind, Number, summarize_with};
use crate::domain::missing::Spellings;
use crate::domain::recipe::Recipe;
use crate::domain::split::{Fold, Split};
use crate::domain::table::{Column, RowId, Table};
use crate::domain::task;

/// A table on its way through the steps.
#[derive(Clone)]
pub(super) struct Work<'a> {
    pub recipe: &'a Recipe,
    /// The table as it was read.
    pub read: &'a Table,
    /// The table as it is now, with all rows of the file.
    pub table: Table,
    /// Whether a row is still there.
    pub kept: Vec<bool>,
    /// Rows that were left out for having no target, and nothing else.
    pub unlabeled: Vec<RowId>,
    /// Who may see which row, once that is known; or why it cannot be.
    pub split: Option<Result<Split, String>>,
    /// Training and validation rows of every fold.
    pub folds: Vec<Fold>,
    /// What was done to cells so far, in that order.
    pub fitted: Vec<Fitted>,
}

impl<'a> Work<'a> {
    /// A table before the first step.
    pub fn new(table: &'a Table, recipe: &'a Recipe) -> Self {
        let mut work = Self {
            recipe,
            read: table,
            table: table.clone(),
            kept: vec![true; table.rows()],
            unlabeled: Vec::new(),
            split: None,
            folds: Vec::new(),
            fitted: Vec::new(),
        };
        work.empty_missing();
        work
    }

    /// What a person says is a missing value becomes an empty cell, which is one for everybody
    /// downstream: the task, the encoding of columns, and a row that is typed in later.
    fn empty_missing(&mut self) {
        if self.recipe.schema.missing.is_none() {
            return;
        }
        let spellings = Spellings::of(&self.recipe.schema);
        for name in self.in_use() {
            let column = self.table.column(&name).expect("it is in use");
            let is_spelled = |cell: &&str| !cell.is_empty() && spellings.is_missing(cell);
            let spelled = column.distinct().iter().filter(is_spelled);
            let into: BTreeMap<String, String> = spelled
                .map(|cell| (cell.to_owned(), String::new()))
                .collect();
            if into.is_empty() {
                continue;
            }
            let emptied = column.mapped(|cell| match into.contains_key(cell) {
                true => String::new(),
                false => cell.to_owned(),
            });
            self.table = self.table.replace(&name, emptied);
            self.fitted.push(Fitted::Replace { column: name, into });
        }
    }

    /// A column that a step names.
    pub fn column(&self, name: &str) -> Result<&Column, String> {
        self.table
            .column(name)
            .ok_or_else(|| format!("The table has no column called \"{name}\"."))
    }

    /// The columns that a step names, or all where it names none.
    pub fn columns(&self, names: &[String]) -> Result<Vec<String>, String> {
        if names.is_empty() {
            let all = self.table.columns().iter();
            return Ok(all.map(|column| column.name().to_owned()).collect());
        }
        for name in names {
            self.column(name)?;
        }
        Ok(names.to_vec())
    }

    /// The columns that the recipe learns from or learns.
    pub fn in_use(&self) -> Vec<String> {
        let mut names = self.recipe.text.clone();
        names.push(self.recipe.target.clone());
        names.extend(self.features());
        names.retain(|name| self.table.column(name).is_some());
        names
    }

    /// Whether what is learned is one label out of several.
    pub fn learns_classes(&self) -> bool {
        let target = self.table.column(&self.recipe.target);
        let task = task::find(&self.recipe.task);
        task.zip(target)
            .is_some_and(|(task, target)| !task.labels(target).names.is_empty())
    }

    /// The columns besides texts that the recipe learns from.
    pub fn features(&self) -> Vec<String> {
        let plan = self.recipe.table.as_ref();
        let columns = plan.map_or(&[][..], |plan| &plan.columns);
        let names = columns.iter().map(|source| source.column.clone());
        let is_there = |name: &String| self.table.column(name).is_some();
        names.filter(is_there).collect()
    }

    /// Those of them that hold numbers.
    pub fn number_features(&self) -> Vec<String> {
        let mut names = self.features();
        names.retain(|name| {
            let column = self.column(name).expect("features are there");
            summarize_with(column, &self.recipe.schema).kind == Number.id()
        });
        names
    }

    /// The rows to learn from.
    pub fn train(&self) -> Result<&[RowId], String> {
        match &self.split {
            Some(Ok(split)) => Ok(&split.train),
            Some(Err(why)) => Err(format!("The rows cannot be held apart: {why}")),
            None => unreachable!("steps that look at training rows come after the split"),
        }
    }

    /// The rows that are still there.
    pub fn rows(&self) -> impl Iterator<Item = RowId> {
        let rows = (0..self.kept.len() as u32).map(RowId);
        rows.filter(|row| self.kept[row.index()])
    }

    /// How many of these rows hold each of a column's distinct cells.
    pub fn counts(column: &Column, rows: impl IntoIterator<Item = RowId>) -> Vec<u32> {
        let mut counts = vec![0; column.distinct().len()];
        for row in rows {
            counts[column.codes()[row.index()] as usize] += 1;
        }
        counts
    }

    /// What counts as missing in a column, as far as its rows that are still there show. A column
    /// to learn is read without any guess, as the tasks read it.
    pub fn missing(&self, column: &Column) -> Spellings {
        self.missing_in(column, &self.kept)
    }

    fn missing_in(&self, column: &Column, rows: &[bool]) -> Spellings {
        let schema = &self.recipe.schema;
        if column.name() == self.recipe.target {
            Spellings::usual()
        } else if schema.missing.is_some() || !rows.contains(&false) {
            Spellings::of_column(column, schema)
        } else {
            Spellings::of_column(&column.only(rows), schema)
        }
    }

    /// What the training rows say of a column: its cells that are not missing with their numbers
    /// of rows, in order of first appearance in the table, and what counts as missing.
    pub fn learn(&self, column: &Column) -> Result<(Vec<(String, u32)>, Spellings), String> {
        let train = self.train()?;
        let mut is_train = vec![false; self.kept.len()];
        for row in train {
            is_train[row.index()] = true;
        }
        let missing = self.missing_in(column, &is_train);
        let counts = Self::counts(column, train.iter().copied());
        let cells = column.distinct().iter().zip(counts);
        let cells = cells
            .filter(|(cell, rows)| *rows > 0 && !missing.is_missing(cell))
            .map(|(cell, rows)| (cell.to_owned(), rows))
            .collect();
        Ok((cells, missing))
    }

    /// Does to the cells what a fitted step says, and counts it.
    pub fn change(&mut self, step: Fitted) -> StepReport {
        let mut report = StepReport::default();
        let mut is_changed = vec![false; self.kept.len()];
        let mut columns: Vec<Column> = Vec::new();
        let mut is_other = false;
        for column in self.table.columns() {
            if !step.columns().iter().any(|name| name == column.name()) {
                columns.push(column.clone());
                continue;
            }
            let after: Vec<Option<String>> = column
                .distinct()
                .iter()
                .map(|cell| step.cell(cell))
                .collect();
            let is_far = |code: u32| {
                let after = after[code as usize].as_deref();
                match step.adds() {
                    Some(_) => after == Some("yes"),
                    None => after.is_some(),
                }
            };
            for row in self.rows() {
                let code = column.codes()[row.index()];
                if !is_far(code) {
                    continue;
                }
                report.cells += 1;
                is_changed[row.index()] = true;
                if report.examples.len() < EXAMPLES {
                    report.examples.push(Change {
                        row,
                        column: step.adds().unwrap_or(column.name()).to_owned(),
                        before: column.cell(row).to_owned(),
                        after: after[code as usize].clone(),
                    });
                }
            }
            match step.adds() {
                Some(flag) => {
                    columns.push(column.clone());
                    columns.push(recoded(column, &after).renamed(flag));
                    is_other = true;
                }
                None if after.iter().any(Option::is_some) => {
                    columns.push(recoded(column, &after));
                    is_other = true;
                }
                None => columns.push(column.clone()),
            }
        }
        if is_other {
            self.table = self.table.with_columns(columns);
        }
        report.rows = is_changed.iter().filter(|is_changed| **is_changed).count() as u32;
        self.fitted.push(step);
        report
    }

    /// Leaves rows out. Each example shows the cell of the row in one column.
    pub fn drop_rows(&mut self, rows: &[RowId], shown: &str) -> StepReport {
        let column = self.table.column(shown);
        let example = |row: &RowId| Change {
            row: *row,
            column: shown.to_owned(),
            before: column.map_or_else(String::new, |column| column.cell(*row).to_owned()),
            after: None,
        };
        let report = StepReport {
            dropped_rows: rows.len() as u32,
            examples: rows.iter().take(EXAMPLES).map(example).collect(),
            ..StepReport::default()
        };
        for row in rows {
            self.kept[row.index()] = false;
        }
        report
    }

    /// Leaves columns out.
    pub fn drop_columns(&mut self, names: &[String]) -> StepReport {
        self.table = self.table.without(names);
        self.fitted.push(Fitted::Drop {
            columns: names.to_vec(),
        });
        StepReport {
            dropped_columns: names.to_vec(),
            ..StepReport::default()
        }
    }
}

/// A column with other cells: for each of its distinct cells the new one, `None` where it stays.
fn recoded(column: &Column, after: &[Option<String>]) -> Column {
    let mut after = after.iter();
    column.mapped(|before| match after.next() {
        Some(Some(after)) => after.clone(),
        _ => before.to_owned(),
    })
}
