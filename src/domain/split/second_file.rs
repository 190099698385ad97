//! By file: the rows of a second one judge.

use rand_chacha::ChaCha8Rng;

use super::given::Given;
use super::{Basis, Split, SplitPlan, block};
use crate::domain::issue::{Issue, Position};
use crate::domain::table::RowId;

pub(super) fn second_file(
    plan: &SplitPlan,
    basis: Basis,
    rng: &mut ChaCha8Rng,
) -> Result<Split, Vec<Issue>> {
    let strata = basis.strata;
    let rows = (0..strata.rows().len() as u32).map(RowId);
    let (test, train): (Vec<RowId>, Vec<RowId>) = rows
        .filter(|row| strata.of(row.index()).is_some())
        .partition(|row| basis.test_from.is_some_and(|from| *row >= from));
    let refuse = |id, what: &str, fix| Err(vec![block(id, Position::Table, what.to_owned(), fix)]);
    if basis.test_from.is_none() {
        return refuse(
            "split_no_second_file",
            "There is no second file to judge by.",
            "Add one under the table, or split at random.",
        );
    }
    if test.is_empty() {
        return refuse(
            "split_no_test",
            "No row of the second file has something to judge by.",
            "Choose a file whose rows have a label, or split at random.",
        );
    }
    let valid = Vec::new();
    let given = Given { train, valid, test }.apart(basis.alike);
    let (given, issue) = given.without_untrained(strata, Position::Table);
    let mut split = given.split(plan, basis, Position::Table, rng)?;
    if split.test.is_empty() {
        return refuse(
            "split_no_test",
            "The second file has no label that the first one has.",
            "Choose a file with the same labels, or split at random.",
        );
    }
    split.issues.extend(issue);
    Ok(split)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::super::{Groups, Strata};
    use super::*;
    use crate::domain::table::Column;

    fn of(labels: &[Option<u32>], from: Option<u32>, texts: &[&str]) -> Result<Split, Vec<Issue>> {
        let column = Column::of("text", texts);
        let groups = Groups::of_column(&column);
        let strata = Strata::classes(labels);
        let basis = Basis {
            test_from: from.map(RowId),
            alike: (!texts.is_empty()).then_some(&groups),
            ..Basis::of(&strata)
        };
        second_file(
            &SplitPlan::default(),
            basis,
            &mut ChaCha8Rng::seed_from_u64(1),
        )
    }

    #[test]
    fn the_second_file_is_the_test() {
        let labels: Vec<Option<u32>> = (0..25).map(|row| Some(row % 2)).collect();
        let split = of(&labels, Some(20), &[]).unwrap();
        let test = split.test.clone().open().to_vec();
        assert_eq!(test, [20, 21, 22, 23, 24].map(RowId));
        assert_eq!((split.train.len(), split.valid.len()), (18, 2));
        assert!(split.issues.is_empty());
    }

    #[test]
    fn what_the_second_file_repeats_is_not_learned_from() {
        let labels: Vec<Option<u32>> = (0..12).map(|row| Some(row % 2)).collect();
        let texts = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "a", "x"];
        let split = of(&labels, Some(10), &texts).unwrap();
        assert!(!split.train.contains(&RowId(0)) && !split.valid.contains(&RowId(0)));
        assert_eq!(split.issues[0].id, "alike_left_out");
        assert_eq!(
            split.issues[0].what,
            "1 row is alike to one that is held out, and so left out of training."
        );
    }

    #[test]
    fn labels_that_only_the_second_file_has_are_told() {
        let mut labels: Vec<Option<u32>> = (0..12).map(|row| Some(row % 2)).collect();
        labels[11] = Some(2);
        let split = of(&labels, Some(10), &[]).unwrap();
        assert_eq!(split.test.len(), 1);
        assert_eq!(
            split.issues[0].what,
            "1 row is of a label that no training row has; it is left out."
        );
    }

    #[test]
    fn without_a_second_file_the_way_on_is_told() {
        let labels = [Some(0), Some(1), Some(0), Some(1)];
        assert_eq!(
            of(&labels, None, &[]).unwrap_err()[0].id,
            "split_no_second_file"
        );
        let unlabelled = [Some(0), Some(1), None, None];
        assert_eq!(
            of(&unlabelled, Some(2), &[]).unwrap_err()[0].id,
            "split_no_test"
        );
    }
}
