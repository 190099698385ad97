//! By group: the rows of one customer, patient or machine are never on both sides.

use rand_chacha::ChaCha8Rng;

use super::deal::deal;
use super::units::Units;
use super::{Basis, Groups, Part, Split, SplitPlan, block, rows_are};
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::missing::is_missing;
use crate::domain::table::Column;

/// Fewer groups than parts cannot be held apart.
const LEAST_GROUPS: usize = 3;

pub(super) fn by_group(
    plan: &SplitPlan,
    basis: Basis,
    column: &Column,
    rng: &mut ChaCha8Rng,
) -> Result<Split, Vec<Issue>> {
    let strata = basis.strata;
    let groups = Groups::of_column(column);
    let units = units(basis, &groups, |_| true);
    let at = || Position::Column {
        column: column.name().to_owned(),
    };
    if units.len() < LEAST_GROUPS {
        return Err(vec![block(
            "too_few_groups",
            at(),
            format!(
                "Column \"{}\" makes {} of the rows: too few to learn from some, check on others and judge by a third.",
                column.name(),
                match units.len() {
                    1 => "a single group".to_owned(),
                    several => format!("{several} groups"),
                }
            ),
            "Choose a column with more different values, or split at random.",
        )]);
    }
    let shares = [1.0 - plan.valid - plan.test, plan.valid, plan.test];
    let mut hands = deal(&units, strata, &shares, rng);
    // A part whose share is smaller than every group gets the smallest one all the same.
    for part in 0..3 {
        if hands.contains(&part) {
            continue;
        }
        let rows_of = |of: usize| (0..units.len()).filter(|&unit| hands[unit] == of).count();
        let richest = (0..3).max_by_key(|&of| rows_of(of)).expect("three parts");
        let smallest = (0..units.len())
            .filter(|&unit| hands[unit] == richest)
            .min_by_key(|&unit| units.size(unit));
        if let Some(unit) = smallest {
            hands[unit] = part;
        }
    }
    let parts = hands
        .into_iter()
        .map(|hand| [Part::Train, Part::Valid, Part::Test][hand])
        .collect();
    let mut split = units.split(strata, parts).map_err(|_| {
        vec![block(
            "too_few_groups",
            at(),
            format!(
                "The labels lie so unevenly over the groups of column \"{}\" that no group is left to judge by.",
                column.name()
            ),
            "Choose another column, merge rare labels, or split at random.",
        )]
    })?;
    let nameless = (0..strata.rows().len())
        .filter(|&row| strata.of(row).is_some())
        .filter(|&row| is_missing(&column.distinct()[column.codes()[row] as usize]))
        .count();
    if nameless > 0 {
        split.issues.push(Issue::new(
            "group_missing",
            Severity::Warning,
            at(),
            format!(
                "{} without a value in column \"{}\"; each is taken for a group of its own.",
                rows_are(nameless),
                column.name()
            ),
            "Fill the column, or know that such rows may belong to a group on the other side.",
        ));
    }
    Ok(split)
}

/// Groups joined with rows that are alike, unless that would chain most of them together: a
/// greeting that every customer sends does not make them one customer. Then the groups alone.
pub(super) fn units(basis: Basis, groups: &Groups, keep: impl Fn(usize) -> bool) -> Units {
    let alone = Units::of(basis.strata, Some(groups), &keep);
    let Some(alike) = basis.alike else {
        return alone;
    };
    let joined = Units::of(basis.strata, Some(&groups.joined(alike)), &keep);
    let is_chained = joined.largest() > alone.largest().max(joined.all_rows() / LARGEST_CHAIN);
    if is_chained { alone } else { joined }
}

/// A chain of groups may hold one of so many rows.
const LARGEST_CHAIN: usize = 10;

#[cfg(test)]
mod tests {
    use rand::Rng;
    use rand::SeedableRng;

    use super::super::Strata;
    use super::*;

    /// Customers with 1 to 20 rows of three labels, of which each has a favourite.
    fn customers() -> (Column, Vec<Option<u32>>) {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let (mut cells, mut labels) = (Vec::new(), Vec::new());
        for customer in 0..120 {
            let favourite = rng.random_range(0..3);
            for _ in 0..rng.random_range(1..=20) {
                cells.push(format!("c{customer}"));
                let is_other = rng.random_range(0..10) < 3;
                let label = if is_other {
                    rng.random_range(0..3)
                } else {
                    favourite
                };
                labels.push(Some(label));
            }
        }
        (Column::of("customer", cells), labels)
    }

    fn of(column: &Column, labels: &[Option<u32>]) -> Result<Split, Vec<Issue>> {
        let strata = Strata::classes(labels);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        by_group(&SplitPlan::default(), Basis::of(&strata), column, &mut rng)
    }

    #[test]
    fn no_customer_is_on_two_sides_and_labels_keep_their_shares() {
        let (column, labels) = customers();
        let split = of(&column, &labels).unwrap();
        let test = split.test.clone().open().to_vec();
        let groups = Groups::of_column(&column);
        let mut side = vec![None; labels.len()];
        for (part, rows) in [&split.train, &split.valid, &test].into_iter().enumerate() {
            for row in rows {
                let side = &mut side[groups.of(*row).index()];
                assert!(side.is_none_or(|side| side == part));
                *side = Some(part);
            }
        }
        let all = labels.len() as f64;
        for (rows, share) in [(&split.train, 0.7), (&split.valid, 0.1), (&test, 0.2)] {
            let found = rows.len() as f64 / all;
            assert!(
                (found - share).abs() < 0.01,
                "{found} of the rows, not {share}"
            );
            for label in 0..3 {
                let share_of = |rows: &mut dyn Iterator<Item = usize>| {
                    let (mut those, mut all) = (0.0, 0.0);
                    for row in rows {
                        all += 1.0;
                        those += f64::from(u8::from(labels[row] == Some(label)));
                    }
                    those / all
                };
                let here = share_of(&mut rows.iter().map(|row| row.index()));
                let everywhere = share_of(&mut (0..labels.len()));
                assert!(
                    (here - everywhere).abs() < 0.03,
                    "{here} of label {label}, not {everywhere}"
                );
            }
        }
    }

    #[test]
    fn few_groups_are_refused_with_the_column() {
        let column = Column::of("site", (0..30).map(|row| ["a", "b"][row % 2]));
        let issues = of(&column, &[Some(0); 30]).unwrap_err();
        assert_eq!(issues[0].id, "too_few_groups");
        assert!(
            issues[0]
                .what
                .starts_with("Column \"site\" makes 2 groups of the rows")
        );
    }

    #[test]
    fn three_groups_are_enough() {
        let column = Column::of("site", (0..30).map(|row| ["a", "b", "c"][row % 3]));
        let labels: Vec<Option<u32>> = (0..30).map(|row| Some(row / 3 % 2)).collect();
        let split = of(&column, &labels).unwrap();
        assert_eq!(
            (split.train.len(), split.valid.len(), split.test.len()),
            (10, 10, 10)
        );
    }

    #[test]
    fn rows_of_nobody_are_told() {
        let (_, labels) = customers();
        let cells = (0..labels.len()).map(|row| match row {
            5 => String::new(),
            row => format!("c{}", row / 4),
        });
        let column = Column::of("customer", cells);
        let split = of(&column, &labels).unwrap();
        assert_eq!(split.issues[0].id, "group_missing");
        assert!(
            split.issues[0]
                .what
                .starts_with("1 row is without a value in column \"customer\"")
        );
    }
}
