//! Which rows of a table a plan keeps on one side, and what there is to say about them.

use super::{Groups, SplitPlan, Strata, alike};
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::table::{Column, RowId};

/// Rows that repeat so often that one group has more than this share of them are no copies: a
/// table of three yes-or-no columns has eight different rows.
const LARGEST_GROUP: f64 = 0.1;

/// A group of so few rows can be put on one side even in a small table, unless it is most of it.
const FEW: usize = 20;

/// The groups of alike rows that a plan asks for, by the columns that are learned from; `None` when
/// the plan asks for none, when no row is repeated, or when rows repeat by nature. Issues tell of
/// rows that repeat by nature and of alike rows with different labels.
pub fn together(
    plan: &SplitPlan,
    columns: &[&Column],
    strata: &Strata,
) -> (Option<Groups>, Vec<Issue>) {
    if !plan.keep_together {
        return (None, Vec::new());
    }
    let groups = alike(columns, true);
    let labelled = |group: Vec<RowId>| -> Vec<RowId> {
        let has_stratum = |row: &RowId| strata.of(row.index()).is_some();
        group.into_iter().filter(has_stratum).collect()
    };
    let several: Vec<Vec<RowId>> = groups
        .several()
        .into_iter()
        .map(labelled)
        .filter(|group| group.len() > 1)
        .collect();
    let rows = strata.rows().iter().flatten().count();
    let largest = several.iter().map(Vec::len).max().unwrap_or(0);
    if largest == 0 {
        return (None, Vec::new());
    }
    if repeats_by_nature(largest, rows) {
        let issue = Issue::new(
            "alike_by_nature",
            Severity::Note,
            Position::Table,
            format!(
                "{largest} of {rows} rows are the same in what is learned from, so rows that are alike are not kept on one side."
            ),
            "Nothing to do where few different rows are possible; else leave the duplicates out.",
        );
        return (None, vec![issue]);
    }
    let issue = strata
        .are_classes()
        .then(|| conflicts(&several, strata))
        .flatten();
    (Some(groups), issue.into_iter().collect())
}

/// Whether rows are alike because few different ones are possible, by the largest group of them.
pub(in crate::domain) fn repeats_by_nature(largest: usize, rows: usize) -> bool {
    let share = largest as f64 / rows.max(1) as f64;
    (share > LARGEST_GROUP && largest > FEW) || (share > 0.5 && largest > 2)
}

/// Tells of alike rows that have different labels.
fn conflicts(several: &[Vec<RowId>], strata: &Strata) -> Option<Issue> {
    let other = |group: &[RowId]| {
        let label = strata.of(group[0].index());
        group
            .iter()
            .copied()
            .find(|row| strata.of(row.index()) != label)
    };
    let mut found = several
        .iter()
        .filter_map(|group| Some((group[0], other(group)?)));
    let (first, second) = found.next()?;
    let groups = 1 + found.count();
    Some(Issue::new(
        "alike_conflict",
        Severity::Warning,
        Position::Table,
        format!(
            "{} of alike rows {} different labels; the first are rows {} and {}.",
            match groups {
                1 => "1 group".to_owned(),
                several => format!("{several} groups"),
            },
            if groups == 1 { "has" } else { "have" },
            first.0 + 1,
            second.0 + 1,
        ),
        "Look at these rows: a model can learn only one label of the two.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str], labels: &[u32]) -> (Option<Groups>, Vec<Issue>) {
        let labels: Vec<Option<u32>> = labels.iter().copied().map(Some).collect();
        let column = Column::of("text", texts);
        together(&SplitPlan::default(), &[&column], &Strata::classes(&labels))
    }

    #[test]
    fn rows_without_duplicates_need_no_groups() {
        assert_eq!(of(&["a", "b", "c"], &[0, 1, 0]), (None, Vec::new()));
    }

    #[test]
    fn alike_rows_with_different_labels_are_told() {
        let (groups, issues) = of(&["a", "b", "A!", "c", "C", "c?"], &[0, 1, 1, 0, 0, 0]);
        assert_eq!(groups.unwrap().of(RowId(2)), RowId(0));
        assert_eq!(
            issues[0].what,
            "1 group of alike rows has different labels; the first are rows 1 and 3."
        );
    }

    #[test]
    fn few_possible_rows_are_no_copies() {
        let texts: Vec<&str> = (0..100)
            .map(|row| ["yes", "no", "maybe"][row % 3])
            .collect();
        let (groups, issues) = of(&texts, &[0; 100]);
        assert_eq!(groups, None);
        assert_eq!(issues[0].id, "alike_by_nature");
    }

    #[test]
    fn a_plan_may_ask_for_none() {
        let plan = SplitPlan {
            keep_together: false,
            ..SplitPlan::default()
        };
        let column = Column::of("text", ["a", "a"]);
        let strata = Strata::classes(&[Some(0), Some(0)]);
        assert_eq!(together(&plan, &[&column], &strata), (None, Vec::new()));
    }
}
