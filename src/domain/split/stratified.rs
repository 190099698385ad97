//! At random, with every label in the same proportion everywhere.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::apportion::{apportion, planned_rows};
use super::units::{Units, fill, some_valid};
use super::{Part, Split, SplitPlan, Strata};
use crate::domain::issue::Issue;

pub(super) fn stratified(
    plan: &SplitPlan,
    strata: &Strata,
    units: &Units,
    rng: &mut ChaCha8Rng,
) -> Result<Split, Vec<Issue>> {
    let mut classes = units.by_stratum(strata);
    let counts: Vec<usize> = classes.iter().map(|class| units.total(class)).collect();
    let rows: usize = counts.iter().sum();

    let spare: Vec<usize> = counts.iter().map(|count| count.saturating_sub(1)).collect();
    let one_each: Vec<usize> = spare.iter().map(|&spare| spare.min(1)).collect();
    let planned = planned_rows(rows, plan.test);
    let least = if one_each.iter().sum::<usize>() <= planned {
        one_each
    } else {
        counts
            .iter()
            .map(|&count| usize::from(count == 2))
            .collect()
    };
    let tests = apportion(&counts, plan.test, &least, &spare);

    let spare: Vec<usize> = spare.iter().zip(&tests).map(|(s, t)| s - t).collect();
    let valids = apportion(&counts, plan.valid, &vec![0; counts.len()], &spare);

    let mut parts = vec![Part::Train; units.len()];
    for (class, (&tests, &valids)) in classes.iter_mut().zip(tests.iter().zip(&valids)) {
        class.shuffle(rng);
        fill(units, class, [tests, valids], &mut parts);
    }
    some_valid(units, &classes, &mut parts);
    units.split(strata, parts)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::super::Groups;
    use super::super::tests::labels;
    use super::*;
    use crate::domain::table::Column;

    fn of(plan: &SplitPlan, labels: &[Option<u32>]) -> Result<Split, Vec<Issue>> {
        let strata = Strata::classes(labels);
        let units = Units::of(&strata, None, |_| true);
        stratified(plan, &strata, &units, &mut ChaCha8Rng::seed_from_u64(5))
    }

    /// Rows of each class in train, valid and test.
    fn shares(split: &Split, labels: &[Option<u32>]) -> Vec<[usize; 3]> {
        let mut shares = vec![[0; 3]; Strata::classes(labels).count()];
        let test = split.test.clone().open().to_vec();
        for (part, rows) in [&split.train, &split.valid, &test].into_iter().enumerate() {
            assert!(rows.is_sorted());
            for row in rows {
                shares[labels[row.index()].unwrap() as usize][part] += 1;
            }
        }
        shares
    }

    /// Splits with the default plan and compares the numbers of rows in train, valid and test.
    #[track_caller]
    fn check(counts: &[usize], expected: &[[usize; 3]]) {
        let labels = labels(counts);
        let split = of(&SplitPlan::default(), &labels).unwrap();
        assert_eq!(shares(&split, &labels), expected);
    }

    macro_rules! splits {
        ($($name:ident, $counts:expr, $expected:expr;)*) => {
            $(#[test] fn $name() { check(&$counts, &$expected); })*
        };
    }

    splits! {
        round_numbers, [70, 30], [[49, 7, 14], [21, 3, 6]];
        // 13.4 and 6.6 test rows of 100: the remainder goes to the second.
        largest_remainder, [67, 33], [[47, 7, 13], [23, 3, 7]];
        two_rows_are_one_and_one, [98, 2], [[69, 10, 19], [1, 0, 1]];
        three_rows_are_tested, [97, 3], [[68, 10, 19], [2, 0, 1]];
        a_single_row_is_learned_from, [99, 1], [[69, 10, 20], [1, 0, 0]];
        // The promise to classes of two outweighs the planned two test rows.
        many_classes_of_two, [2, 2, 2, 5], [[1, 0, 1], [1, 0, 1], [1, 0, 1], [4, 1, 0]];
        a_label_that_no_row_has, [50, 0, 50], [[35, 5, 10], [0, 0, 0], [35, 5, 10]];
    }

    #[test]
    fn the_parts_have_their_planned_totals() {
        let plan = SplitPlan {
            valid: 0.15,
            test: 0.25,
            ..SplitPlan::default()
        };
        for classes in 2..40 {
            let counts: Vec<usize> = (0..classes).map(|class| 4 + 7 * class).collect();
            let rows: usize = counts.iter().sum();
            let split = of(&plan, &labels(&counts)).unwrap();
            assert_eq!(split.test.len(), planned_rows(rows, 0.25));
            assert_eq!(split.valid.len(), planned_rows(rows, 0.15));
            assert_eq!(
                split.train.len() + split.valid.len() + split.test.len(),
                rows
            );
        }
    }

    #[test]
    fn too_few_rows_are_refused() {
        for counts in [vec![], vec![1], vec![1, 1], vec![2, 2]] {
            let issues = of(&SplitPlan::default(), &labels(&counts)).unwrap_err();
            assert_eq!(issues[0].id, "too_few_rows");
            assert!(issues[0].blocks());
        }
    }

    #[test]
    fn alike_rows_stay_together_and_the_shares_hold() {
        // Every text three times, as after an export that was appended to itself.
        let labels: Vec<Option<u32>> = (0..900).map(|row| Some(row / 3 % 2)).collect();
        let column = Column::of("text", (0..900).map(|row| format!("text {}", row / 3)));
        let groups = Groups::of_column(&column);
        let strata = Strata::classes(&labels);
        let units = Units::of(&strata, Some(&groups), |_| true);
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let split = stratified(&SplitPlan::default(), &strata, &units, &mut rng).unwrap();
        assert_eq!(shares(&split, &labels), [[315, 45, 90], [315, 45, 90]]);
        let test = split.test.clone().open().to_vec();
        for rows in test.chunks(3) {
            assert!(rows.iter().all(|row| groups.of(*row) == groups.of(rows[0])));
        }
    }

    #[test]
    fn units_too_large_for_a_share_still_give_every_part_rows() {
        let labels: Vec<Option<u32>> = (0..24).map(|row| Some(row / 12)).collect();
        let column = Column::of("text", (0..24).map(|row| format!("text {}", row / 4)));
        let strata = Strata::classes(&labels);
        let units = Units::of(&strata, Some(&Groups::of_column(&column)), |_| true);
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let split = stratified(&SplitPlan::default(), &strata, &units, &mut rng).unwrap();
        assert_eq!(
            (split.train.len(), split.valid.len(), split.test.len()),
            (12, 4, 8)
        );
    }
}
