//! Rows held apart: train, validation and a sealed test part.

mod alike;
mod apportion;
mod by_column;
mod by_group;
mod by_time;
mod deal;
mod folds;
mod given;
mod groups;
mod random;
mod second_file;
mod strata;
mod stratified;
mod together;
mod units;

pub use alike::alike;
pub(super) use by_time::instants;
pub use folds::{Fold, folds};
pub use groups::Groups;
pub use strata::Strata;
pub(super) use together::repeats_by_nature;
pub use together::together;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use self::units::Units;
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
    /// At random.
    Random,
    /// At random, with every label, or every range of a number, in the same proportion everywhere.
    Stratified,
    /// At random by a column that names customers, patients, machines: rows with the same value are
    /// on one side.
    Group {
        /// The column's name.
        column: String,
    },
    /// By a column of dates or of numbers that grow with time: the earliest rows are learned from,
    /// the latest judge.
    Time {
        /// The column's name.
        column: String,
    },
    /// As a column of the table says: `train`, `valid` or `test`.
    Column {
        /// The column's name.
        column: String,
    },
    /// By file: the rows of a second one judge.
    SecondFile,
}

impl SplitKind {
    /// The column that it goes by.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Group { column } | Self::Time { column } | Self::Column { column } => {
                Some(column)
            }
            Self::Random | Self::Stratified | Self::SecondFile => None,
        }
    }

    /// Whether training rows that are held out at random tell how the model does on new rows: not where
    /// they have others of their group, or later ones, among those that are learned from.
    pub fn lets_any_row_be_held(&self) -> bool {
        !matches!(self, Self::Group { .. } | Self::Time { .. })
    }

    /// Whether the plan's share for the test counts.
    pub fn draws_test(&self) -> bool {
        !matches!(self, Self::Column { .. } | Self::SecondFile)
    }
}

/// How rows are held apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitPlan {
    /// How rows are assigned.
    pub kind: SplitKind,
    /// Share of the rows for validation, 0 to 1. With a split column that names no `valid` rows, or
    /// with a second file: the share of the training rows.
    pub valid: f64,
    /// Share of the rows for the test, 0 to 1. Not used with a split column or a second file.
    pub test: f64,
    /// Folds of a cross-validation over the rows outside the test; 0 for none.
    #[serde(default)]
    pub folds: u32,
    /// Whether rows that are alike stay on one side, see [`Basis::alike`]. Recipes that were written
    /// before this was a choice did not ask for it.
    #[serde(default)]
    pub keep_together: bool,
}

impl Default for SplitPlan {
    fn default() -> Self {
        Self {
            kind: SplitKind::Stratified,
            valid: 0.1,
            test: 0.2,
            folds: 0,
            keep_together: true,
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

    /// Leaves rows out; nobody looks at the others.
    pub fn retain(&mut self, stays: impl FnMut(&RowId) -> bool) {
        self.rows.retain(stays);
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
    /// What should be known about it; none of it blocks.
    pub issues: Vec<Issue>,
}

/// What a split goes by, besides its plan.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// What every row has to predict. Rows without it belong to no part.
    pub strata: &'a Strata,
    /// The column that the plan names.
    pub column: Option<&'a Column>,
    /// Rows that are alike and so stay on one side.
    pub alike: Option<&'a Groups>,
    /// The first row of the second file.
    pub test_from: Option<RowId>,
}

impl<'a> Basis<'a> {
    /// Nothing but what the rows have to predict.
    pub fn of(strata: &'a Strata) -> Self {
        Self {
            strata,
            column: None,
            alike: None,
            test_from: None,
        }
    }
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
            issues: Vec::new(),
        }
    }
}

/// The recipe's seed also orders the batches and fills new weights; a stream of its own keeps the
/// split the same whatever those draw.
const RANDOM_STREAM: u64 = 1;

/// Assigns rows to parts. Rows without a stratum belong to none.
///
/// The same arguments always give the same split, and the rows of a part are in ascending order.
/// Alike rows are on one side: where the split is drawn they are drawn together, and where
/// something else decides it, those that would be learned from are left out.
///
/// [`SplitKind::Stratified`] gives every part its planned number of rows and every class its share
/// of them by largest remainder. Two promises come before the shares: every class keeps a training
/// row, and a class of two rows has its other one in the test. Classes of three rows or more get a
/// test row too wherever the planned number allows.
///
/// [`SplitKind::Group`] deals groups out so that parts and labels come as near their shares as the
/// groups' sizes allow; every class keeps a training row.
///
/// [`SplitKind::Time`] cuts between two instants, so that rows of one instant are on one side.
/// Rows without a date, and those with a label that only the future has, belong to no part; an
/// issue counts them.
///
/// [`SplitKind::Column`] goes by the cells, trimmed and in any case: `train`, `valid` (or
/// `validation`, `val`, `dev`) and `test`. A row with any other cell, or an empty one, belongs to
/// no part, silently: such rows are usually left out on purpose.
///
/// # Errors
/// Blocking issues when a part would be empty or a class would have no training row.
pub fn split(plan: &SplitPlan, basis: Basis, seed: u32) -> Result<Split, Vec<Issue>> {
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(seed));
    rng.set_stream(RANDOM_STREAM);
    let strata = basis.strata;
    let units = || Units::of(strata, basis.alike, |_| true);
    let named = || {
        basis.column.ok_or_else(|| {
            vec![block(
                "split_column_missing",
                Position::Table,
                format!(
                    "There is no column called \"{}\" to split by.",
                    plan.kind.column().unwrap_or_default()
                ),
                "Choose another split column, or split at random.",
            )]
        })
    };
    match &plan.kind {
        SplitKind::Random => random::random(plan, strata, &units(), &mut rng),
        SplitKind::Stratified => stratified::stratified(plan, strata, &units(), &mut rng),
        SplitKind::Group { .. } => by_group::by_group(plan, basis, named()?, &mut rng),
        SplitKind::Time { .. } => by_time::by_time(plan, basis, named()?, &mut rng),
        SplitKind::Column { .. } => by_column::by_column(plan, basis, named()?, &mut rng),
        SplitKind::SecondFile => second_file::second_file(plan, basis, &mut rng),
    }
}

fn too_few_rows(rows: usize, units: usize) -> Issue {
    let alike = if units < rows {
        format!(", of which {units} differ,")
    } else {
        String::new()
    };
    block(
        "too_few_rows",
        Position::Table,
        format!(
            "{rows} labelled rows{alike} are too few to learn from some, check on others and judge by a third part."
        ),
        "Add rows: at least ten of each label is a start.",
    )
}

/// The start of a sentence about some rows.
fn rows_are(rows: usize) -> String {
    match rows {
        1 => "1 row is".to_owned(),
        several => format!("{several} rows are"),
    }
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

    fn split_labels(labels: &[Option<u32>], seed: u32) -> Split {
        let strata = Strata::classes(labels);
        split(&SplitPlan::default(), Basis::of(&strata), seed).unwrap()
    }

    #[test]
    fn plans_from_before_folds_and_alike_rows_mean_what_they_meant() {
        let old = r#"{"kind": "stratified", "valid": 0.1, "test": 0.2}"#;
        let plan: SplitPlan = serde_json::from_str(old).unwrap();
        assert_eq!((plan.folds, plan.keep_together), (0, false));
    }

    #[test]
    fn rows_that_are_all_different_are_split_as_without_groups() {
        let labels = labels(&[120, 60, 7]);
        let strata = Strata::classes(&labels);
        let alone = Groups::alone(labels.len());
        for kind in [SplitKind::Random, SplitKind::Stratified] {
            let plan = SplitPlan {
                kind,
                ..SplitPlan::default()
            };
            let with = Basis {
                alike: Some(&alone),
                ..Basis::of(&strata)
            };
            assert_eq!(split(&plan, Basis::of(&strata), 1), split(&plan, with, 1));
        }
    }

    #[test]
    fn the_seed_decides() {
        let labels = labels(&[60, 40]);
        let of = |seed| split_labels(&labels, seed);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn a_split_stays_the_same_across_releases() {
        let split = split_labels(&labels(&[12, 8]), 1);
        let ids = |rows: &[RowId]| rows.iter().map(|row| row.0).collect::<Vec<_>>();
        assert_eq!(ids(&split.valid), [4, 7]);
        assert_eq!(ids(split.test.clone().open()), [0, 8, 11, 12]);
    }

    #[test]
    fn rows_without_a_label_belong_to_no_part() {
        let mut labels = labels(&[20, 20]);
        labels[3] = None;
        let split = split_labels(&labels, 1);
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
        let issues = split(&plan, Basis::of(&Strata::classes(&[Some(0)])), 1).unwrap_err();
        assert_eq!(issues[0].id, "split_column_missing");
    }
}
