//! What the checks look at: the target and the columns as they are on training rows.

use crate::domain::column;
use crate::domain::missing::is_missing;
use crate::domain::recipe::Recipe;
use crate::domain::split::{Split, SplitKind};
use crate::domain::table::{Column, RowId, Table};
use crate::domain::task::{self, Target};

/// So many training rows, spread over all, are enough to tell a leak.
const ROWS: usize = 20_000;

/// What each training row should be.
pub(super) enum Truth {
    /// The label of each looked-at row, and how many there are.
    Classes(Vec<u32>, Vec<String>),
    /// Its number.
    Numbers(Vec<f64>),
    /// Something that no single column gives away in a way that is looked for.
    Other,
}

/// What the checks look at.
pub(super) struct Look<'a> {
    pub table: &'a Table,
    pub recipe: &'a Recipe,
    pub split: &'a Split,
    /// Training rows with something to learn, at most [`ROWS`].
    pub rows: Vec<RowId>,
    /// What each of them should be.
    pub truth: Truth,
    /// The columns that a model could learn from.
    pub columns: Vec<LookedAt<'a>>,
}

/// A column that a model could learn from.
pub(super) struct LookedAt<'a> {
    pub column: &'a Column,
    /// Id of its kind.
    pub kind: String,
}

impl LookedAt<'_> {
    pub fn name(&self) -> &str {
        self.column.name()
    }
}

impl<'a> Look<'a> {
    pub fn at(table: &'a Table, recipe: &'a Recipe, split: &'a Split) -> Self {
        let target = table.column(&recipe.target);
        let target = target.zip(task::find(&recipe.task));
        let target = target.map(|(column, task)| task.target(column));
        let step = split.train.len().div_ceil(ROWS).max(1);
        let sampled = split.train.iter().copied().step_by(step);
        let (rows, truth) = match target {
            Some(Target::Labels(labels) | Target::Ranks(labels)) => {
                let (rows, truth) = sampled
                    .filter_map(|row| Some((row, labels.of_row[row.index()]?)))
                    .unzip();
                (rows, Truth::Classes(truth, labels.names))
            }
            Some(Target::Numbers(numbers)) => {
                let (rows, truth) = sampled
                    .filter_map(|row| Some((row, numbers[row.index()]?)))
                    .unzip();
                (rows, Truth::Numbers(truth))
            }
            _ => (sampled.collect(), Truth::Other),
        };
        let by = match &recipe.split.kind {
            SplitKind::Column { column } | SplitKind::Group { column } => Some(column.as_str()),
            _ => None,
        };
        let columns = table
            .columns()
            .iter()
            .filter(|column| column.name() != recipe.target && Some(column.name()) != by)
            .map(|column| LookedAt {
                kind: column::summarize_with(column, &recipe.schema).kind,
                column,
            })
            .filter(|looked| looked.kind != "constant")
            .collect();
        Self {
            table,
            recipe,
            split,
            rows,
            truth,
            columns,
        }
    }

    /// The cell of every looked-at row as a category: one of its own for missing cells, ranges of
    /// equal numbers of rows for numbers. With the number of categories.
    pub fn categories(&self, looked: &LookedAt) -> (Vec<u32>, usize) {
        if let Some(values) = self.values(looked) {
            let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let bins = (sorted.len() / LEAST_ROWS_OF_A_BIN).clamp(2, BINS);
            let mut bounds: Vec<f64> = (1..bins)
                .map(|bin| sorted[bin * sorted.len() / bins])
                .collect();
            bounds.dedup();
            let of = |value: &Option<f64>| match value {
                Some(value) => 1 + bounds.partition_point(|bound| bound <= value) as u32,
                None => 0,
            };
            return (values.iter().map(of).collect(), bounds.len() + 2);
        }
        let column = looked.column;
        let mut of_code = vec![u32::MAX; column.distinct().len()];
        let mut count = 1;
        let categories = self.rows.iter().map(|row| {
            let code = column.codes()[row.index()] as usize;
            if of_code[code] == u32::MAX {
                of_code[code] = if is_missing(&column.distinct()[code]) {
                    0
                } else {
                    count += 1;
                    count - 1
                };
            }
            of_code[code]
        });
        (categories.collect(), count as usize)
    }

    /// The numbers or instants of the looked-at rows, where the column holds many different ones.
    pub fn values(&self, looked: &LookedAt) -> Option<Vec<Option<f64>>> {
        let is_ordered = !matches!(looked.kind.as_str(), "text" | "multi_value" | "boolean");
        let all = is_ordered.then(|| values(looked.column))?;
        let values: Vec<Option<f64>> = self.rows.iter().map(|row| all[row.index()]).collect();
        let mut different: Vec<u64> = values
            .iter()
            .flatten()
            .map(|value| value.to_bits())
            .collect();
        different.sort_unstable();
        different.dedup();
        let read = values.iter().flatten().count();
        let filled = self
            .rows
            .iter()
            .filter(|row| !is_missing(looked.column.cell(**row)))
            .count();
        (different.len() > BINS && read * 10 >= filled * 9).then_some(values)
    }
}

/// Ranges that numbers are cut into.
const BINS: usize = 20;

/// Fewer rows in a range say little of what is usual there.
const LEAST_ROWS_OF_A_BIN: usize = 20;

/// The number or instant in every row.
pub(super) fn values(column: &Column) -> Vec<Option<f64>> {
    crate::domain::split::instants(column)
}

/// A count with its noun.
pub(super) fn rows(count: usize) -> String {
    match count {
        1 => "1 row".to_owned(),
        several => format!("{several} rows"),
    }
}

/// A share in percent with one decimal.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
