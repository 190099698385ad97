//! One label out of several that have an order, such as grades.

use super::{Classify, Target, Task};
use crate::domain::issue::Issue;
use crate::domain::metric::Metric;
use crate::domain::table::{Column, Table};

/// One label out of several that have an order.
#[derive(Debug, Clone, Copy)]
pub struct Rank;

impl Task for Rank {
    fn id(&self) -> &'static str {
        "rank"
    }

    fn name(&self) -> &'static str {
        "Choose a rank"
    }

    fn about(&self) -> &'static str {
        "Learns to choose one of several labels that have an order: numbers by value, words by alphabet."
    }

    fn metrics(&self) -> &'static [&'static dyn Metric] {
        Classify.metrics()
    }

    /// The labels' order is the one in which [`Classify`] lists them.
    fn target(&self, column: &Column) -> Target {
        Target::Ranks(Classify.labels(column))
    }

    fn check(&self, table: &Table, text: &[&Column], target: &Column) -> Vec<Issue> {
        Classify.check(table, text, target)
    }
}
