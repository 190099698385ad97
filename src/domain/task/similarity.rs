//! How alike two texts are, as a number.

use super::{Regress, Target, Task};
use crate::domain::issue::Issue;
use crate::domain::metric::{Mae, Metric, Pearson, R2, Rmse, Spearman};
use crate::domain::table::{Column, Table};

/// How alike two texts are, as a number.
#[derive(Debug, Clone, Copy)]
pub struct Similarity;

impl Task for Similarity {
    fn id(&self) -> &'static str {
        "similarity"
    }

    fn name(&self) -> &'static str {
        "Score two texts"
    }

    fn about(&self) -> &'static str {
        "Learns to predict a number for two texts beside each other, such as how alike they are."
    }

    fn metrics(&self) -> &'static [&'static dyn Metric] {
        &[&Rmse, &Mae, &R2, &Pearson, &Spearman]
    }

    fn target(&self, column: &Column) -> Target {
        Regress.target(column)
    }

    fn check(&self, table: &Table, text: &[&Column], target: &Column) -> Vec<Issue> {
        Regress.check(table, text, target)
    }
}
