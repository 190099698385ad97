//! How many rows of each class a part gets.

/// How many rows a share comes to: at least one, as a part must not be empty.
pub(super) fn planned_rows(rows: usize, share: f64) -> usize {
    ((rows as f64 * share).round() as usize).max(1)
}

/// Shares rows of a part out to classes by largest remainder (Hamilton's method), with at least
/// `least` and at most `most` rows from each class.
///
/// The bounds come first: the sum is the planned one unless they forbid it.
pub(super) fn apportion(
    counts: &[usize],
    share: f64,
    least: &[usize],
    most: &[usize],
) -> Vec<usize> {
    let planned = planned_rows(counts.iter().sum(), share);
    let quotas: Vec<f64> = counts.iter().map(|&count| count as f64 * share).collect();
    let mut given: Vec<usize> = quotas
        .iter()
        .zip(least.iter().zip(most))
        .map(|(quota, (&least, &most))| (quota.floor() as usize).clamp(least.min(most), most))
        .collect();
    loop {
        let sum: usize = given.iter().sum();
        let mut open: Vec<usize> = (0..given.len())
            .filter(|&class| {
                if sum < planned {
                    given[class] < most[class]
                } else {
                    given[class] > least[class]
                }
            })
            .collect();
        if sum == planned || open.is_empty() {
            return given;
        }
        // Those furthest below their quota first; equal ones in the order of the labels.
        let owed = |class: usize| quotas[class] - given[class] as f64;
        open.sort_by(|&a, &b| owed(b).total_cmp(&owed(a)));
        if sum < planned {
            for class in open.into_iter().take(planned - sum) {
                given[class] += 1;
            }
        } else {
            for class in open.into_iter().rev().take(sum - planned) {
                given[class] -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(counts: &[usize], share: f64, least: &[usize], most: &[usize], expected: &[usize]) {
        assert_eq!(apportion(counts, share, least, most), expected);
    }

    macro_rules! apportions {
        ($($name:ident, $counts:expr, $share:expr, $least:expr, $most:expr, $expected:expr;)*) => {
            $(#[test] fn $name() { check(&$counts, $share, &$least, &$most, &$expected); })*
        };
    }

    apportions! {
        no_class, [], 0.2, [], [], [];
        exact_quotas, [50, 30, 20], 0.1, [0, 0, 0], [49, 29, 19], [5, 3, 2];
        the_largest_remainder_is_rounded_up, [14, 17, 19], 0.1, [0, 0, 0], [9, 9, 9], [1, 2, 2];
        equal_remainders_go_by_order, [5, 5, 5, 5], 0.1, [0; 4], [4; 4], [1, 1, 0, 0];
        a_least_number_is_taken_from_the_others, [90, 5, 5], 0.1, [0, 1, 1], [89, 4, 4], [8, 1, 1];
        what_one_class_may_not_give_another_does, [10, 10], 0.5, [0, 0], [10, 2], [8, 2];
        bounds_come_before_the_sum, [2, 2, 2], 0.1, [1, 1, 1], [1, 1, 1], [1, 1, 1];
        one_row_at_least, [4, 4], 0.01, [0, 0], [3, 3], [1, 0];
    }
}
