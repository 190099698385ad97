//! Rows held apart: train, validation and a sealed test part.

mod apportion;
mod by_column;
mod stratified;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::issue::{Issue, Position, Severity};
use super::table::{Column, RowId};

/// What a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The model learns from it.
    Train,
    /// It decides when to stop and which checkpoint is best.
    Valid,
    /// It is sealed until the end, to judge by.
    Test,
}

/// How rows are assigned to parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitKind {
    /// At random, with every label in the same proportion everywhere.
    Stratified,
    /// As a column of the table says: `train`, `valid` or `test`.
    Column {
        /// The column's name.
        column: String,
    },
}

/// How rows are held apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitPlan {
    /// How rows are assigned.
    pub kind: SplitKind,
    /// Share of the rows for validation, 0 to 1. With a split column that names no `valid` rows:
    /// the share of its training rows.
    pub valid: f64,
    /// Share of the rows for the test, 0 to 1. Not used with a split column.
    pub test: f64,
}

impl Default for SplitPlan {
    fn default() -> Self {
        Self {
            kind: SplitKind::Stratified,
            valid: 0.1,
            test: 0.2,
        }
    }
}

/// Test rows that nothing can read by accident: [`Sealed::open`] is the only way in, and it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    rows: Vec<RowId>,
    looks: u32,
}

impl Sealed {
    /// Seals rows.
    pub fn new(rows: Vec<RowId>) -> Self {
        Self { rows, looks: 0 }
    }

    /// How many rows are sealed, which is no secret.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, and one look more on the count.
    pub fn open(&mut self) -> &[RowId] {
        self.looks += 1;
        &self.rows
    }

    /// How often the rows were looked at.
    pub fn looks(&self) -> u32 {
        self.looks
    }
}

/// Rows held apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The model learns from these.
    pub train: Vec<RowId>,
    /// These decide when to stop.
    pub valid: Vec<RowId>,
    /// These judge.
    pub test: Sealed,
}

impl Split {
    /// A split whose parts list their rows in ascending order.
    fn sorted(mut train: Vec<RowId>, mut valid: Vec<RowId>, mut test: Vec<RowId>) -> Self {
        train.sort_unstable();
        valid.sort_unstable();
        test.sort_unstable();
        Self {
            train,
            valid,
            test: Sealed::new(test),
        }
    }
}

/// The recipe's seed also orders the batches and fills new weights; a stream of its own keeps the
/// split the same whatever those draw.
const RANDOM_STREAM: u64 = 1;

/// Assigns rows to parts. Rows without a label belong to none.
///
/// `labels` holds each row's label index; `column` is the split column when the plan names one.
/// The same arguments always give the same split, and the rows of a part are in ascending order.
///
/// [`SplitKind::Stratified`] gives every part its planned number of rows and every class its share
/// of them by largest remainder. Two promises come before the shares: every class keeps a training
/// row, and a class of two rows has its other one in the test. Classes of three rows or more get a
/// test row too wherever the planned number allows.
///
/// [`SplitKind::Column`] goes by the cells, trimmed and in any case: `train`, `valid` (or
/// `validation`, `val`, `dev`) and `test`. A row with any other cell, or an empty one, belongs to
/// no part, silently: such rows are usually left out on purpose.
///
/// # Errors
/// Blocking issues when a part would be empty or a class would have no training row.
pub fn split(
    plan: &SplitPlan,
    labels: &[Option<u32>],
    column: Option<&Column>,
    seed: u32,
) -> Result<Split, Vec<Issue>> {
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(seed));
    rng.set_stream(RANDOM_STREAM);
    match &plan.kind {
        SplitKind::Stratified => stratified::stratified(plan, labels, &mut rng),
        SplitKind::Column { column: name } => match column {
            Some(column) => by_column::by_column(plan, labels, column, &mut rng),
            None => Err(vec![block(
                "split_column_missing",
                Position::Table,
                format!("There is no column called \"{name}\" to split by."),
                "Choose another split column, or split at random.",
            )]),
        },
    }
}

/// The largest label index and one.
fn class_count(labels: &[Option<u32>]) -> usize {
    labels
        .iter()
        .flatten()
        .max()
        .map_or(0, |&last| last as usize + 1)
}

/// The rows of every class, by class, that pass a test.
fn by_class(labels: &[Option<u32>], keep: impl Fn(usize) -> bool) -> Vec<Vec<RowId>> {
    let mut classes = vec![Vec::new(); class_count(labels)];
    for (row, label) in labels.iter().enumerate() {
        if let Some(class) = label
            && keep(row)
        {
            classes[*class as usize].push(RowId(row as u32));
        }
    }
    classes
}

fn block(id: &str, at: Position, what: String, fix: &str) -> Issue {
    Issue::new(id, Severity::Blocks, at, what, fix)
}

#[cfg(test)]
mod tests {
    use rand::seq::SliceRandom;

    use super::*;

    /// Labels with the given numbers of rows, interleaved as in a real table.
    pub(super) fn labels(counts: &[usize]) -> Vec<Option<u32>> {
        let mut labels: Vec<Option<u32>> = counts
            .iter()
            .enumerate()
            .flat_map(|(class, &count)| std::iter::repeat_n(Some(class as u32), count))
            .collect();
        labels.shuffle(&mut ChaCha8Rng::seed_from_u64(9));
        labels
    }

    #[test]
    fn the_seed_decides() {
        let labels = labels(&[60, 40]);
        let of = |seed| split(&SplitPlan::default(), &labels, None, seed).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn a_split_stays_the_same_across_releases() {
        let split = split(&SplitPlan::default(), &labels(&[12, 8]), None, 1).unwrap();
        let ids = |rows: &[RowId]| rows.iter().map(|row| row.0).collect::<Vec<_>>();
        assert_eq!(ids(&split.valid), [4, 7]);
        assert_eq!(ids(split.test.clone().open()), [0, 8, 11, 12]);
    }

    #[test]
    fn rows_without_a_label_belong_to_no_part() {
        let mut labels = labels(&[20, 20]);
        labels[3] = None;
        let split = split(&SplitPlan::default(), &labels, None, 1).unwrap();
        let all = [split.train, split.valid, split.test.clone().open().to_vec()].concat();
        assert_eq!(all.len(), 39);
        assert!(!all.contains(&RowId(3)));
    }

    #[test]
    fn a_column_that_is_not_there_is_refused() {
        let plan = SplitPlan {
            kind: SplitKind::Column {
                column: "fold".to_owned(),
            },
            ..SplitPlan::default()
        };
        let issues = split(&plan, &[Some(0)], None, 1).unwrap_err();
        assert_eq!(issues[0].id, "split_column_missing");
    }
}
