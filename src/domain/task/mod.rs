//! What a model is asked to do: one file a task, listed in [`ALL`].

mod classify;
mod label_sets;
mod pairs;
mod rank;
mod regress;
mod similarity;
mod target;

pub use classify::Classify;
pub use label_sets::LabelSets;
pub use pairs::Pairs;
pub use rank::Rank;
pub use regress::Regress;
pub use similarity::Similarity;
pub use target::{SetsOfLabels, Target};

use super::issue::Issue;
use super::metric::Metric;
use super::table::{Column, Table};

/// A task.
pub trait Task: Sync {
    /// Stable id, as in recipes.
    fn id(&self) -> &'static str;

    /// Name as people read it.
    fn name(&self) -> &'static str;

    /// What the model learns, as a sentence.
    fn about(&self) -> &'static str;

    /// What it is judged by, the headline first.
    fn metrics(&self) -> &'static [&'static dyn Metric];

    /// Reads what a column says that each row should be.
    fn target(&self, column: &Column) -> Target;

    /// Reads the labels of a column; none when the task's answer is not one label out of several.
    fn labels(&self, column: &Column) -> Labels {
        match self.target(column) {
            Target::Labels(labels) | Target::Ranks(labels) => labels,
            Target::Numbers(_) | Target::LabelSets(_) => Labels::default(),
        }
    }

    /// What speaks against learning `target` from `text`, or should be known before.
    ///
    /// An issue that blocks comes before all others. `text` is in the order of the recipe.
    fn check(&self, table: &Table, text: &[&Column], target: &Column) -> Vec<Issue>;
}

/// The labels of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// The labels, by index. The order depends on nothing but the labels themselves, so that an
    /// index means the same after the rows were shuffled.
    pub names: Vec<String>,
    /// Index of each row's label; `None` where the cell is missing.
    pub of_row: Vec<Option<u32>>,
}

impl Labels {
    /// The same with the labels as a person would sort them: numbers by value, then the others.
    #[must_use]
    pub fn in_natural_order(self) -> Self {
        let mut order = self.names.clone();
        order.sort_by(|a, b| classify::natural_order(a, b));
        self.in_order(&order)
    }

    /// The same with the labels in another order. Those that `order` does not name come after the
    /// others, in their own order.
    #[must_use]
    pub fn in_order(self, order: &[String]) -> Self {
        let place = |name: &String| order.iter().position(|one| one == name);
        let mut by_place: Vec<usize> = (0..self.names.len()).collect();
        by_place.sort_by_key(|&label| place(&self.names[label]).unwrap_or(order.len()));
        let mut now = vec![0; self.names.len()];
        for (place, &label) in by_place.iter().enumerate() {
            now[label] = place as u32;
        }
        Self {
            names: by_place
                .iter()
                .map(|&label| self.names[label].clone())
                .collect(),
            of_row: (self.of_row.into_iter())
                .map(|label| label.map(|label| now[label as usize]))
                .collect(),
        }
    }
}

/// Every task. The first one is the default.
pub const ALL: &[&dyn Task] = &[&Classify, &Regress, &Rank, &LabelSets, &Pairs, &Similarity];

/// The ids of [`ALL`], in its order.
///
/// Apart, for the page: whoever asks [`find`] takes along how every task reads and is judged.
pub const IDS: &[&str] = &[
    "classify",
    "regress",
    "rank",
    "label_sets",
    "pairs",
    "similarity",
];

/// What a task answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    /// One label out of several.
    Label,
    /// One label out of several that have an order.
    Rank,
    /// Any of several labels.
    Labels,
    /// A number.
    Number,
}

/// What a task answers with, by its id; a label where there is no such task. Apart, as [`IDS`].
pub fn answer(id: &str) -> AnswerKind {
    match id {
        "regress" | "similarity" => AnswerKind::Number,
        "rank" => AnswerKind::Rank,
        "label_sets" => AnswerKind::Labels,
        _ => AnswerKind::Label,
    }
}

/// Whether a task compares two texts, by its id. Apart, as [`IDS`].
pub fn compares(id: &str) -> bool {
    alone(id) != id
}

/// What is left of a task that compares two texts where there are not two, by its id; any other task is as it
/// is. Apart, as [`IDS`].
pub fn alone(id: &str) -> &str {
    match id {
        "pairs" => "classify",
        "similarity" => "regress",
        other => other,
    }
}

/// A task by its id.
pub fn find(id: &str) -> Option<&'static dyn Task> {
    ALL.iter().copied().find(|task| task.id() == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_are_those_of_all_tasks() {
        let ids: Vec<&str> = ALL.iter().map(|task| task.id()).collect();
        assert_eq!(ids, IDS);
    }

    #[test]
    fn the_answers_are_of_the_kind_that_the_id_tells() {
        let column = Column::of("y", ["1", "2", "1"]);
        for task in ALL {
            let kind = match task.target(&column) {
                Target::Labels(_) => AnswerKind::Label,
                Target::Ranks(_) => AnswerKind::Rank,
                Target::LabelSets(_) => AnswerKind::Labels,
                Target::Numbers(_) => AnswerKind::Number,
            };
            assert_eq!(answer(task.id()), kind, "{}", task.id());
        }
    }
}
