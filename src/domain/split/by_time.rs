//! By time: the past predicts the future.

use rand_chacha::ChaCha8Rng;

use super::apportion::planned_rows;
use super::given::Given;
use super::{Basis, Split, SplitPlan, block, rows_are};
use crate::domain::column::{DateFormat, NumberFormat, date, number};
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::missing::is_missing;
use crate::domain::table::{Column, RowId};

pub(super) fn by_time(
    plan: &SplitPlan,
    basis: Basis,
    column: &Column,
    rng: &mut ChaCha8Rng,
) -> Result<Split, Vec<Issue>> {
    let strata = basis.strata;
    let at = || Position::Column {
        column: column.name().to_owned(),
    };
    let instants = instants(column);
    let labelled: Vec<RowId> = (0..strata.rows().len())
        .filter(|&row| strata.of(row).is_some())
        .map(|row| RowId(row as u32))
        .collect();
    let dated = in_time(&labelled, &instants);
    let dateless = labelled.len() - dated.len();
    if dated.is_empty() {
        return Err(vec![block(
            "split_no_dates",
            at(),
            format!(
                "Column \"{}\" holds no date that can be read.",
                column.name()
            ),
            "Choose a column of dates or of numbers that grow with time, or split at random.",
        )]);
    }
    let test = planned_rows(dated.len(), plan.test);
    let valid = planned_rows(dated.len(), plan.valid);
    let Some([first, second]) = cuts(
        &dated,
        [
            dated.len().saturating_sub(test + valid),
            dated.len().saturating_sub(test),
        ],
    ) else {
        return Err(vec![block(
            "split_too_few_dates",
            at(),
            format!(
                "The dates in column \"{}\" differ too little to put training, validation and test one after the other.",
                column.name()
            ),
            "Choose a column with at least three different dates, or split at random.",
        )]);
    };
    let rows = |range: std::ops::Range<usize>| {
        let mut rows: Vec<RowId> = dated[range].iter().map(|&(_, row)| row).collect();
        rows.sort_unstable();
        rows
    };
    let given = Given {
        train: rows(0..first),
        valid: rows(first..second),
        test: rows(second..dated.len()),
    };
    let (given, new_labels) = given.apart(basis.alike).without_untrained(strata, at());
    let mut split = given.split(plan, basis, at(), rng)?;
    if split.test.is_empty() {
        return Err(vec![block(
            "split_no_test",
            at(),
            "The latest rows have only labels that no earlier row has.".to_owned(),
            "Choose a larger share for the test, or split at random.",
        )]);
    }
    if dateless > 0 {
        split.issues.push(Issue::new(
            "split_dateless",
            Severity::Warning,
            at(),
            format!(
                "{} without a date that can be read in column \"{}\", and so in no part.",
                rows_are(dateless),
                column.name()
            ),
            "Mend these dates, or split at random.",
        ));
    }
    split.issues.extend(new_labels);
    Ok(split)
}

/// Rows that have an instant, the earliest first; rows of one instant by their number.
pub(super) fn in_time(rows: &[RowId], instants: &[Option<f64>]) -> Vec<(f64, RowId)> {
    let mut dated: Vec<(f64, RowId)> = rows
        .iter()
        .filter_map(|&row| instants[row.index()].map(|instant| (instant, row)))
        .collect();
    dated.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    dated
}

/// Places to cut a list in time: near the wanted ones, never between rows of one instant, and
/// with something before, between and after them. `None` when the instants are too few.
pub(super) fn cuts<const N: usize>(
    dated: &[(f64, RowId)],
    wanted: [usize; N],
) -> Option<[usize; N]> {
    let borders: Vec<usize> = (1..dated.len())
        .filter(|&at| dated[at - 1].0 < dated[at].0)
        .collect();
    if borders.len() < N {
        return None;
    }
    let mut found = [0; N];
    let mut from = 0;
    for (at, &wanted) in wanted.iter().enumerate() {
        // Enough borders stay for the cuts to come.
        let free = &borders[from..borders.len() - (N - 1 - at)];
        let nearest = (0..free.len()).min_by_key(|&border| free[border].abs_diff(wanted))?;
        found[at] = free[nearest];
        from += nearest + 1;
    }
    Some(found)
}

/// The instant of every row on a common scale: Unix seconds where most cells are dates, the numbers
/// themselves elsewhere; `None` where there is none to read.
pub(in crate::domain) fn instants(column: &Column) -> Vec<Option<f64>> {
    let filled: Vec<&str> = column
        .distinct()
        .iter()
        .filter(|cell| !is_missing(cell))
        .collect();
    let dates = DateFormat::detect(filled.iter().copied());
    let numbers = NumberFormat::detect(filled.iter().copied()).with_decimal(column.decimal());
    let are_dates = filled
        .iter()
        .filter(|cell| date::read(cell, dates).is_some())
        .count()
        * 2
        > filled.len();
    let of_code: Vec<Option<f64>> = column
        .distinct()
        .iter()
        .map(|cell| match is_missing(cell) {
            true => None,
            false if are_dates => date::read(cell, dates).map(|seconds| seconds as f64),
            false => number::read(cell, numbers).filter(|number| number.is_finite()),
        })
        .collect();
    let codes = column.codes().iter();
    codes.map(|&code| of_code[code as usize]).collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::super::{Groups, Strata};
    use super::*;

    fn of(basis: Basis, column: &Column) -> Result<Split, Vec<Issue>> {
        by_time(
            &SplitPlan::default(),
            basis,
            column,
            &mut ChaCha8Rng::seed_from_u64(1),
        )
    }

    /// A day of the year 2024 for each of 100 rows, in no order.
    fn days() -> Vec<u32> {
        (0..100).map(|row| row * 37 % 100).collect()
    }

    fn dates(days: &[u32]) -> Column {
        let cell = |day: &u32| format!("2024-{:02}-{:02}", 1 + day / 28, 1 + day % 28);
        Column::of("sent", days.iter().map(cell))
    }

    fn labels(rows: usize) -> Vec<Option<u32>> {
        (0..rows as u32).map(|row| Some(row % 2)).collect()
    }

    #[test]
    fn the_past_predicts_the_future() {
        let strata = Strata::classes(&labels(100));
        let split = of(Basis::of(&strata), &dates(&days())).unwrap();
        let test = split.test.clone().open().to_vec();
        let days_of = |rows: &[RowId]| -> Vec<u32> {
            let mut days: Vec<u32> = rows.iter().map(|row| days()[row.index()]).collect();
            days.sort_unstable();
            days
        };
        assert_eq!(days_of(&split.train), (0..70).collect::<Vec<_>>());
        assert_eq!(days_of(&split.valid), (70..80).collect::<Vec<_>>());
        assert_eq!(days_of(&test), (80..100).collect::<Vec<_>>());
    }

    #[test]
    fn rows_of_one_day_stay_together() {
        let days: Vec<u32> = (0..100).map(|row| row / 13).collect();
        let strata = Strata::classes(&labels(100));
        let split = of(Basis::of(&strata), &dates(&days)).unwrap();
        assert_eq!(
            (split.train.len(), split.valid.len(), split.test.len()),
            (65, 13, 22)
        );
    }

    #[test]
    fn rows_without_a_date_are_told() {
        let mut cells: Vec<String> = (0..50)
            .map(|row| format!("2024-01-{:02}", 1 + row % 28))
            .collect();
        cells[7] = "soon".to_owned();
        cells[9].clear();
        let strata = Strata::classes(&labels(50));
        let split = of(Basis::of(&strata), &Column::of("sent", cells)).unwrap();
        assert_eq!(split.issues[0].id, "split_dateless");
        assert_eq!(
            split.issues[0].what,
            "2 rows are without a date that can be read in column \"sent\", and so in no part."
        );
    }

    #[test]
    fn a_later_copy_is_not_learned_from_before() {
        let labels = labels(100);
        let strata = Strata::classes(&labels);
        let days = days();
        // The earliest and the latest row have the same text.
        let text = Column::of(
            "text",
            days.iter().map(|day| match day {
                0 | 99 => "the same".to_owned(),
                day => format!("text {day}"),
            }),
        );
        let groups = Groups::of_column(&text);
        let basis = Basis {
            alike: Some(&groups),
            ..Basis::of(&strata)
        };
        let split = of(basis, &dates(&days)).unwrap();
        assert_eq!((split.train.len(), split.test.len()), (69, 20));
        assert_eq!(split.issues[0].id, "alike_left_out");
    }

    #[test]
    fn labels_of_the_future_are_told() {
        let days = days();
        let labels: Vec<Option<u32>> = days
            .iter()
            .map(|day| Some(u32::from(*day >= 95) * 2 + day % 2))
            .collect();
        let strata = Strata::classes(&labels);
        let split = of(Basis::of(&strata), &dates(&days)).unwrap();
        assert_eq!(split.test.len(), 15);
        assert_eq!(
            split.issues[0].what,
            "5 rows are of 2 labels that no training row has; they are left out."
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let strata = Strata::classes(&labels(6));
        let words = Column::of("word", ["a", "b", "c", "d", "e", "f"]);
        assert_eq!(
            of(Basis::of(&strata), &words).unwrap_err()[0].id,
            "split_no_dates"
        );
        let same = Column::of("day", ["2024-01-01"; 6]);
        assert_eq!(
            of(Basis::of(&strata), &same).unwrap_err()[0].id,
            "split_too_few_dates"
        );
    }

    #[test]
    fn cuts_keep_something_on_every_side() {
        let dated: Vec<(f64, RowId)> = [1.0, 1.0, 1.0, 1.0, 2.0, 3.0]
            .into_iter()
            .zip((0..).map(RowId))
            .collect();
        assert_eq!(cuts(&dated, [0, 6]), Some([4, 5]));
        assert_eq!(cuts(&dated, [5, 5]), Some([4, 5]));
        assert_eq!(cuts(&dated, [1, 2, 3]), None);
    }
}
