//! Any number of labels for each row, listed in a cell.

use std::collections::{BTreeMap, HashMap};

use super::target::SetsOfLabels;
use super::{Target, Task};
use crate::domain::features::list_entries;
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::metric::{HammingLoss, LabelMacroF1, LabelMicroF1, Metric, SubsetAccuracy};
use crate::domain::table::{Column, Table};

/// Any number of labels.
#[derive(Debug, Clone, Copy)]
pub struct LabelSets;

/// A label of fewer rows cannot be learned from and judged by both.
const LEAST_ROWS_OF_A_LABEL: u32 = 2;

impl Task for LabelSets {
    fn id(&self) -> &'static str {
        "label_sets"
    }

    fn name(&self) -> &'static str {
        "Choose several labels"
    }

    fn about(&self) -> &'static str {
        "Learns which of several labels a row has; it may have several or none."
    }

    fn metrics(&self) -> &'static [&'static dyn Metric] {
        &[&LabelMicroF1, &LabelMacroF1, &SubsetAccuracy, &HammingLoss]
    }

    /// Labels of one row only are left out; the others are in alphabetical order.
    fn target(&self, column: &Column) -> Target {
        let lists = list_entries(column);
        let mut rows_of: BTreeMap<&str, u32> = BTreeMap::new();
        for (list, rows) in lists.iter().zip(column.counts()) {
            for entry in list.iter().flatten() {
                *rows_of.entry(entry).or_default() += rows;
            }
        }
        rows_of.retain(|_, rows| *rows >= LEAST_ROWS_OF_A_LABEL);
        let index_of: HashMap<&str, u32> = rows_of.keys().copied().zip(0..).collect();
        let sets: Vec<Option<Vec<u32>>> = lists
            .iter()
            .map(|list| {
                list.as_ref().map(|list| {
                    let mut set: Vec<u32> = list
                        .iter()
                        .filter_map(|entry| index_of.get(entry).copied())
                        .collect();
                    set.sort_unstable();
                    set.dedup();
                    set
                })
            })
            .collect();
        Target::LabelSets(SetsOfLabels {
            names: rows_of.keys().map(|&name| name.to_owned()).collect(),
            of_row: column
                .codes()
                .iter()
                .map(|&code| sets[code as usize].clone())
                .collect(),
        })
    }

    fn check(&self, _table: &Table, _text: &[&Column], target: &Column) -> Vec<Issue> {
        let found = self.target(target);
        if found.names().is_empty() {
            return vec![Issue::new(
                "no_repeated_labels",
                Severity::Blocks,
                Position::Column {
                    column: target.name().to_owned(),
                },
                format!("No label in \"{}\" occurs in two rows.", target.name()),
                "Choose a column whose lists have entries that repeat.",
            )];
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_become_sets() {
        let column = Column::of("tags", ["b; a", "a", "", "b;a;b", "once;b"]);
        let Target::LabelSets(sets) = LabelSets.target(&column) else {
            panic!("this task reads sets")
        };
        assert_eq!(sets.names, ["a", "b"]);
        let expected: [Option<&[u32]>; 5] =
            [Some(&[0, 1]), Some(&[0]), None, Some(&[0, 1]), Some(&[1])];
        for (found, expected) in sets.of_row.iter().zip(expected) {
            assert_eq!(found.as_deref(), expected);
        }
    }
}
