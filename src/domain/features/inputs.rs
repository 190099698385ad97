//! What a person is asked for when a model is tried on a row of their own.

use std::collections::BTreeMap;

use super::{ColumnPlan, TableExamples};
use crate::domain::column::number::read as read_number;
use crate::domain::missing::is_missing;
use crate::domain::recipe::Recipe;
use crate::domain::report::{Input, InputKind};
use crate::domain::table::Column;

impl TableExamples {
    /// One field for each column that is learned from, the texts first. Values and examples are
    /// taken from training rows only.
    pub fn inputs(&self, recipe: &Recipe) -> Vec<Input> {
        let mut inputs = Input::texts(&recipe.text);
        inputs.retain(|input| self.table.column(&input.column).is_some());
        for feature in &self.plan.features {
            let Some(column) = self.table.column(&feature.column) else {
                continue;
            };
            let seen = Seen::of(column, self);
            let (kind, values, example) = match &feature.plan {
                ColumnPlan::Number(plan) => {
                    let distance = |cell: &str| {
                        let number = read_number(cell.trim(), plan.format);
                        number.map(|number| (number - plan.scale.median).abs())
                    };
                    let of_median = seen.rows_of.keys().filter_map(|&cell| {
                        let distance = distance(cell)?;
                        Some((distance, cell))
                    });
                    let of_median = of_median.min_by(|a, b| a.0.total_cmp(&b.0));
                    let example = of_median.map_or("", |(_, cell)| cell);
                    (InputKind::Number, Vec::new(), example.to_owned())
                }
                ColumnPlan::Category(plan) => {
                    (InputKind::Choice, plan.values.clone(), seen.usual())
                }
                ColumnPlan::Boolean(_) => (InputKind::Choice, seen.spellings(), seen.usual()),
                ColumnPlan::Date(_) => (InputKind::Date, Vec::new(), seen.usual()),
                ColumnPlan::Tokens(plan) => (InputKind::List, plan.tokens.clone(), seen.usual()),
            };
            inputs.push(Input {
                column: feature.column.clone(),
                kind,
                values,
                example,
            });
        }
        inputs
    }
}

/// Cells of the training rows with how often they occur.
struct Seen<'a> {
    rows_of: BTreeMap<&'a str, u32>,
}

impl<'a> Seen<'a> {
    fn of(column: &'a Column, examples: &TableExamples) -> Self {
        let mut rows_of = BTreeMap::new();
        for &row in &examples.split.train {
            let cell = column.cell(row);
            if !is_missing(cell) {
                *rows_of.entry(cell.trim()).or_default() += 1;
            }
        }
        Self { rows_of }
    }

    /// The most frequent cell; the first of equals by alphabet.
    fn usual(&self) -> String {
        let most = self.rows_of.iter().rev().max_by_key(|(_, rows)| **rows);
        most.map_or_else(String::new, |(cell, _)| (*cell).to_owned())
    }

    /// The most frequent spelling of each cell that differs by more than case, by alphabet.
    fn spellings(&self) -> Vec<String> {
        let mut of_lower: BTreeMap<String, (u32, &str)> = BTreeMap::new();
        for (&cell, &rows) in &self.rows_of {
            let best = of_lower.entry(cell.to_lowercase()).or_default();
            if rows > best.0 {
                *best = (rows, cell);
            }
        }
        let spellings = of_lower.into_values();
        spellings.map(|(_, cell)| cell.to_owned()).collect()
    }
}
