//! One label out of several for two texts beside each other: the same or not, entailed or not.

use super::{Classify, Target, Task};
use crate::domain::issue::Issue;
use crate::domain::metric::Metric;
use crate::domain::table::{Column, Table};

/// One label out of several for two texts beside each other.
#[derive(Debug, Clone, Copy)]
pub struct Pairs;

impl Task for Pairs {
    fn id(&self) -> &'static str {
        "pairs"
    }

    fn name(&self) -> &'static str {
        "Compare two texts"
    }

    fn about(&self) -> &'static str {
        "Learns to choose a label for two texts beside each other, such as whether they mean the same."
    }

    fn metrics(&self) -> &'static [&'static dyn Metric] {
        Classify.metrics()
    }

    fn target(&self, column: &Column) -> Target {
        Classify.target(column)
    }

    fn check(&self, table: &Table, text: &[&Column], target: &Column) -> Vec<Issue> {
        Classify.check(table, text, target)
    }
}
