//! Steps that clean and prepare a table: chosen one by one, previewed, undone by leaving them out,
//! and part of the recipe. The table that was read is never altered.
//!
//! One file a step. What a step does to cells is a [`Fitted`]: plain data that changes one cell
//! without looking at another, so that a column's dictionary is gone through instead of its rows,
//! and a row that is typed in later passes the very same code.

mod decide;
mod drop_columns;
mod drop_duplicates;
mod drop_missing_target;
mod drop_rare;
mod drop_rows;
mod fill_missing;
mod fitted;
mod merge_rare;
mod normalize_unicode;
mod numbers;
mod offer;
mod outliers;
mod pin;
mod prepare;
mod rebalance;
mod relabel;
mod trim_space;
mod unify_spellings;
mod work;

#[cfg(test)]
mod tests;

pub use decide::{Decision, add_step, decision};
pub use fitted::{Fitted, prepare_row};
pub use numbers::Numbers;
pub use offer::offers;
pub use pin::Pin;
pub use prepare::{Prepared, Preview, prepare, preview};

use serde::{Deserialize, Serialize};

use super::table::RowId;
use offer::Proposal;
use work::Work;

/// What stands in for a missing value. Fitted on training rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// The median of the numbers.
    Median,
    /// The most frequent cell.
    MostFrequent,
    /// A category of its own.
    Category,
    /// This cell.
    Value(String),
    /// Nothing: the row is dropped.
    DropRow,
}

/// What is done to numbers far from the others. Bounds are fitted on training rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outliers {
    /// They become the nearest bound.
    Clip,
    /// A new column says which rows have one.
    Flag,
}

/// How classes of very different size are brought closer. Training rows only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rebalance {
    /// Rows of rare classes are drawn again.
    Oversample,
    /// Rows of frequent classes are left out.
    Undersample,
}

/// One step, as the recipe holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepPlan {
    /// White space at the ends goes, runs of it inside become one space.
    TrimSpace {
        /// In these columns; none means all.
        columns: Vec<String>,
    },
    /// Unicode Normalization Form C; invisible characters go.
    NormalizeUnicode {
        /// In these columns; none means all.
        columns: Vec<String>,
    },
    /// Spellings of one label become one.
    UnifySpellings {
        /// In this column.
        column: String,
        /// From each spelling to the one that stays.
        into: Vec<(String, String)>,
    },
    /// Of rows that are alike the first stays.
    DropDuplicates {
        /// Alike in these columns; none means all.
        columns: Vec<String>,
        /// Whether texts that are nearly alike count.
        near: bool,
    },
    /// These columns are left out.
    DropColumns {
        /// Their names.
        columns: Vec<String>,
    },
    /// Rows without a value to learn are left out of training; they can be predicted later.
    DropMissingTarget,
    /// Missing values get a stand-in.
    FillMissing {
        /// In this column.
        column: String,
        /// Which.
        with: Fill,
    },
    /// Numbers far from the others are bounded or flagged.
    Outliers {
        /// In this column.
        column: String,
        /// How.
        how: Outliers,
    },
    /// Classes or categories of few rows become one.
    MergeRare {
        /// In this column.
        column: String,
        /// Those of fewer training rows than this.
        least: u32,
        /// The name of the one.
        into: String,
    },
    /// Rows of classes that are too rare to learn are left out.
    DropRare {
        /// In this column.
        column: String,
        /// Classes of fewer rows than this.
        least: u32,
    },
    /// Classes of very different size are brought closer.
    Rebalance {
        /// How.
        how: Rebalance,
    },
    /// Single rows get another label.
    Relabel {
        /// In this column.
        column: String,
        /// Which rows, and the label that each gets.
        rows: Vec<(Pin, String)>,
    },
    /// Single rows are left out.
    DropRows {
        /// Which.
        rows: Vec<Pin>,
    },
}

impl StepPlan {
    /// Its name as people read it.
    pub fn name(&self) -> &'static str {
        self.step().name()
    }

    /// What it does, as a sentence.
    pub fn about(&self) -> &'static str {
        self.step().about()
    }

    fn step(&self) -> Box<dyn Step + '_> {
        match self {
            Self::TrimSpace { columns } => Box::new(trim_space::TrimSpace { columns }),
            Self::NormalizeUnicode { columns } => {
                Box::new(normalize_unicode::NormalizeUnicode { columns })
            }
            Self::UnifySpellings { column, into } => {
                Box::new(unify_spellings::UnifySpellings { column, into })
            }
            Self::DropDuplicates { columns, near } => Box::new(drop_duplicates::DropDuplicates {
                columns,
                near: *near,
            }),
            Self::DropColumns { columns } => Box::new(drop_columns::DropColumns { columns }),
            Self::DropMissingTarget => Box::new(drop_missing_target::DropMissingTarget),
            Self::FillMissing { column, with } => {
                Box::new(fill_missing::FillMissing { column, with })
            }
            Self::Outliers { column, how } => Box::new(outliers::FarNumbers { column, how: *how }),
            Self::MergeRare {
                column,
                least,
                into,
            } => Box::new(merge_rare::MergeRare {
                column,
                least: *least,
                into,
            }),
            Self::DropRare { column, least } => Box::new(drop_rare::DropRare {
                column,
                least: *least,
            }),
            Self::Rebalance { how } => Box::new(rebalance::EvenClasses { how: *how }),
            Self::Relabel { column, rows } => Box::new(relabel::Relabel { column, rows }),
            Self::DropRows { rows } => Box::new(drop_rows::DropRows { rows }),
        }
    }
}

/// When a step is taken. Within a stage the order is the recipe's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Before rows are held apart: it learns nothing from the cells.
    BeforeSplit,
    /// Right after: it is about single rows, and moves none from one part to another.
    Mended,
    /// After that: what it learns, it learns from training rows.
    Fitted,
    /// Last: it changes which rows are learned from, and how often.
    TrainingRows,
}

/// One step.
trait Step {
    /// Name as people read it.
    fn name(&self) -> &'static str;

    /// What it does, as a sentence.
    fn about(&self) -> &'static str;

    /// When it is taken.
    fn stage(&self) -> Stage;

    /// Does it and tells what was done.
    ///
    /// # Errors
    /// A sentence on why it cannot be done on this table, which is then left as it was.
    fn apply(&self, work: &mut Work) -> Result<StepReport, String>;
}

/// What each step has to offer for a table, the most important first.
const ALL: &[fn(&Work) -> Vec<Proposal>] = &[
    drop_missing_target::offers,
    unify_spellings::offers,
    drop_rare::offers,
    merge_rare::offers,
    drop_duplicates::offers,
    normalize_unicode::offers,
    trim_space::offers,
    fill_missing::offers,
    outliers::offers,
    drop_columns::offers,
    rebalance::offers,
    relabel::offers,
    drop_rows::offers,
];

/// What a step does to a table, counted. Rows that an earlier step left out do not count.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// What it does, as a sentence with its figures.
    pub what: String,
    /// Cells that change.
    pub cells: u32,
    /// Rows of which a cell changes.
    pub rows: u32,
    /// Rows that are left out.
    pub dropped_rows: u32,
    /// Columns that are left out.
    pub dropped_columns: Vec<String>,
    /// A few changes: row, column, before, after. None after where the row is left out.
    pub examples: Vec<Change>,
    /// Why the step cannot be done on this table, if it cannot.
    pub refused: Option<String>,
}

impl StepReport {
    /// The same report with this sentence.
    fn saying(self, what: String) -> Self {
        Self { what, ..self }
    }

    /// The report of a step that cannot be done.
    fn refusing(why: String) -> Self {
        Self {
            refused: Some(why),
            ..Self::default()
        }
    }

    /// Whether the table is the same without the step.
    pub fn is_idle(&self) -> bool {
        self.cells == 0
            && self.rows == 0
            && self.dropped_rows == 0
            && self.dropped_columns.is_empty()
    }
}

/// So many changes are shown.
const EXAMPLES: usize = 8;

/// `1 row`, `2 rows`.
fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    }
}

/// A list of names as a sentence has it, the first few in full.
fn listed(names: &[String]) -> String {
    const NAMED: usize = 5;
    let quoted = |names: &[String]| {
        let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        quoted.join(", ")
    };
    match names.len() {
        0..=NAMED => quoted(names),
        count => format!("{} and {} more", quoted(&names[..NAMED]), count - NAMED),
    }
}

/// One cell before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The row.
    pub row: RowId,
    /// The column's name.
    pub column: String,
    /// The cell as it was read.
    pub before: String,
    /// The cell after; `None` when the row is left out.
    pub after: Option<String>,
}

/// A step that would do this table good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// The step.
    pub step: StepPlan,
    /// Why, as a sentence.
    pub why: String,
    /// What it would do.
    pub report: StepReport,
}
