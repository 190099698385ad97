//! One label out of several that have an order, such as grades.

use super::{Classify, Target, Task};
use crate::domain::column::order;
use crate::domain::issue::Issue;
use crate::domain::metric::{
    Accuracy, BalancedAccuracy, Brier, LogLoss, MacroF1, Metric, QuadraticKappa, RankError,
    WeightedF1,
};
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
        "Learns to choose one of several labels that have an order, such as low, medium and high."
    }

    fn metrics(&self) -> &'static [&'static dyn Metric] {
        &[
            &Accuracy,
            &RankError,
            &QuadraticKappa,
            &MacroF1,
            &BalancedAccuracy,
            &WeightedF1,
            &LogLoss,
            &Brier,
        ]
    }

    /// Labels are in the order that their words have, see [`crate::domain::column::order`]; where they
    /// have none, as [`Classify`] lists them.
    fn target(&self, column: &Column) -> Target {
        let labels = Classify.labels(column);
        let names: Vec<&str> = labels.names.iter().map(String::as_str).collect();
        let order = order(&names).unwrap_or_default();
        let order: Vec<String> = order.into_iter().map(str::to_owned).collect();
        Target::Ranks(labels.in_order(&order))
    }

    fn check(&self, table: &Table, text: &[&Column], target: &Column) -> Vec<Issue> {
        Classify.check(table, text, target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cells: &[&str], expected: &[&str]) {
        let column = Column::of("y", cells.iter().copied());
        let Target::Ranks(labels) = Rank.target(&column) else {
            panic!("ranks")
        };
        assert_eq!(labels.names, expected);
        for (row, cell) in cells.iter().enumerate() {
            let name = labels.of_row[row].map(|label| labels.names[label as usize].as_str());
            assert_eq!(name.unwrap_or_default(), *cell);
        }
    }

    #[test]
    fn the_order_of_ranks_holds_no_other_rows_apart() {
        let cells = ["low", "high", "medium", "high", "low", ""];
        let target = Rank.target(&Column::of("y", cells));
        let other = ["high", "low", "medium"].map(str::to_owned);
        let turned = target.clone().ranked(&other);
        assert_eq!(turned.names(), other);
        assert_ne!(turned, target);
        assert_eq!(turned.strata(), target.strata());
    }

    #[test]
    fn words_are_ranked_by_what_they_mean() {
        check(
            &["high", "low", "medium", "", "high"],
            &["low", "medium", "high"],
        );
        check(
            &["agree", "disagree", "neutral", "strongly agree"],
            &["disagree", "neutral", "agree", "strongly agree"],
        );
        check(&["10", "9", "2"], &["2", "9", "10"]);
        check(&["c", "a", "b"], &["a", "b", "c"]);
    }
}
