//! As a column of the table says, which is how published data sets hand their official split on.

use rand_chacha::ChaCha8Rng;

use super::given::Given;
use super::{Basis, Part, Split, SplitPlan, block};
use crate::domain::issue::{Issue, Position};
use crate::domain::table::{Column, RowId};

pub(super) fn by_column(
    plan: &SplitPlan,
    basis: Basis,
    column: &Column,
    rng: &mut ChaCha8Rng,
) -> Result<Split, Vec<Issue>> {
    let strata = basis.strata;
    let part_of_code: Vec<Option<Part>> = column.distinct().iter().map(named).collect();
    let rows_of = |part| -> Vec<RowId> {
        let is_in = |row: &usize| part_of_code[column.codes()[*row] as usize] == Some(part);
        (0..strata.rows().len())
            .filter(|&row| strata.of(row).is_some())
            .filter(is_in)
            .map(|row| RowId(row as u32))
            .collect()
    };
    let [train, valid, test] = [Part::Train, Part::Valid, Part::Test].map(rows_of);

    let at = || Position::Column {
        column: column.name().to_owned(),
    };
    let mut issues = Vec::new();
    for (part, is_empty) in [("train", train.is_empty()), ("test", test.is_empty())] {
        if is_empty {
            issues.push(block(
                &format!("split_no_{part}"),
                at(),
                format!(
                    "Column \"{}\" names no labelled row \"{part}\".",
                    column.name()
                ),
                "Write train, valid or test into its cells, choose another split column, or split at random.",
            ));
        }
    }
    if !issues.is_empty() {
        return Err(issues);
    }

    let given = Given { train, valid, test }.apart(basis.alike);
    let untrained = given.untrained(strata);
    if let Some(first) = untrained.first() {
        return Err(vec![block(
            "split_untrained_label",
            at(),
            format!(
                "By column \"{}\", {} without a training row; the first is that of row {}.",
                column.name(),
                match untrained.len() {
                    1 => "1 label is".to_owned(),
                    several => format!("{several} labels are"),
                },
                first.0 + 1,
            ),
            "Give every label a training row, or split at random.",
        )]);
    }
    given.split(plan, basis, at(), rng)
}

/// The part that a cell of a split column names.
fn named(cell: &str) -> Option<Part> {
    match cell.trim().to_ascii_lowercase().as_str() {
        "train" => Some(Part::Train),
        "valid" | "validation" | "val" | "dev" => Some(Part::Valid),
        "test" => Some(Part::Test),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::super::Strata;
    use super::super::tests::labels;
    use super::*;

    fn column(cells: &[&str]) -> Column {
        Column::of("part", cells)
    }

    fn of(labels: &[Option<u32>], column: &Column, seed: u64) -> Result<Split, Vec<Issue>> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let strata = Strata::classes(labels);
        by_column(&SplitPlan::default(), Basis::of(&strata), column, &mut rng)
    }

    #[test]
    fn a_column_decides() {
        let cells = [
            "train",
            " Validation",
            "TEST ",
            "dev",
            "",
            "later",
            "train",
            "val",
            "valid",
        ];
        let labels = [Some(0); 9];
        let split = of(&labels, &column(&cells), 1).unwrap();
        assert_eq!(split.train, [RowId(0), RowId(6)]);
        assert_eq!(split.valid, [RowId(1), RowId(3), RowId(7), RowId(8)]);
        assert_eq!(split.test.clone().open(), [RowId(2)]);
    }

    #[test]
    fn a_column_without_valid_rows_gives_a_share_of_its_training_rows() {
        let labels = labels(&[40, 20]);
        let cells: Vec<&str> = (0..60)
            .map(|row| if row % 3 == 0 { "test" } else { "train" })
            .collect();
        let of = |seed| of(&labels, &column(&cells), seed).unwrap();
        let split = of(1);
        assert_eq!((split.train.len(), split.valid.len()), (36, 4));
        assert!(split.valid.iter().all(|row| row.0 % 3 != 0));
        assert_eq!(of(1), split);
        assert_ne!(of(2), split);
    }

    #[test]
    fn a_column_without_test_rows_is_refused_by_name() {
        let cells = ["train", "valid", "train"];
        let issues = of(&[Some(0); 3], &column(&cells), 1).unwrap_err();
        assert_eq!(issues.len(), 1);
        assert_eq!(issues[0].id, "split_no_test");
        assert_eq!(
            issues[0].what,
            "Column \"part\" names no labelled row \"test\"."
        );
    }

    #[test]
    fn a_column_that_says_nothing_is_refused_twice() {
        let issues = of(&[Some(0)], &column(&["x"]), 1).unwrap_err();
        let ids: Vec<&str> = issues.iter().map(|issue| issue.id.as_str()).collect();
        assert_eq!(ids, ["split_no_train", "split_no_test"]);
    }

    #[test]
    fn a_label_that_only_test_rows_have_is_refused() {
        let cells = ["train", "train", "test", "test", "valid"];
        let labels = [Some(0), Some(1), Some(2), Some(0), Some(2)];
        let issues = of(&labels, &column(&cells), 1).unwrap_err();
        assert_eq!(issues[0].id, "split_untrained_label");
        assert_eq!(
            issues[0].what,
            "By column \"part\", 1 label is without a training row; the first is that of row 3."
        );
    }
}
