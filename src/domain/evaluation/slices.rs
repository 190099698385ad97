//! Where a model fails: the groups of rows on which it is worse than on the others, found by looking
//! at all of them and corrected for having looked.

use serde::{Deserialize, Serialize};

use super::bootstrap::{Bootstrap, interval};
use super::share::wilson;
use super::{EvaluationError, normal};

/// Slices of fewer rows are not looked at: their figures say nothing.
pub const LEAST_ROWS: usize = 10;

/// A number or a length is cut into so many groups of equal size.
const GROUPS: usize = 4;

/// Slices are called worse when less than this share of worlds without a worse slice would show one.
const SIGNIFICANCE: f64 = 0.05;

/// A column to slice by: the group of each row, `None` where it has none.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceColumn {
    name: String,
    groups: Vec<String>,
    of_row: Vec<Option<u32>>,
}

impl SliceColumn {
    /// One group a value.
    pub fn values<'a>(name: &str, values: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let values: Vec<Option<&str>> = values.into_iter().collect();
        let mut groups: Vec<&str> = values.iter().flatten().copied().collect();
        groups.sort_unstable();
        groups.dedup();
        let index = |value: &str| groups.binary_search(&value).ok().map(|at| at as u32);
        Self {
            name: name.to_owned(),
            of_row: values.iter().map(|value| index((*value)?)).collect(),
            groups: groups.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Four groups of about equal size along a number, fewer where many rows have the same; what is
    /// not finite has no group.
    pub fn numbers(name: &str, values: &[f64]) -> Self {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(&lowest), Some(&highest)) = (sorted.first(), sorted.last()) else {
            return Self::values(name, values.iter().map(|_| None));
        };
        // The highest value of each group but the last.
        let mut ends: Vec<f64> = (1..GROUPS)
            .map(|group| sorted[(group * sorted.len() / GROUPS).saturating_sub(1)])
            .filter(|&end| end < highest)
            .collect();
        ends.dedup();
        let starts = std::iter::once(lowest).chain(
            ends.iter()
                .map(|&end| sorted[sorted.partition_point(|&value| value <= end)]),
        );
        let groups = starts
            .zip(ends.iter().copied().chain([highest]))
            .map(|(low, high)| {
                if low == high {
                    format!("{low}")
                } else {
                    format!("{low} to {high}")
                }
            })
            .collect();
        let group = |value: f64| ends.partition_point(|&end| end < value) as u32;
        let of_row = values
            .iter()
            .map(|&value| value.is_finite().then(|| group(value)))
            .collect();
        Self {
            name: name.to_owned(),
            groups,
            of_row,
        }
    }

    /// Four groups along the number of characters of a text.
    pub fn text_length<'a>(name: &str, texts: impl IntoIterator<Item = &'a str>) -> Self {
        let lengths = texts.into_iter().map(|text| text.chars().count() as f64);
        let lengths: Vec<f64> = lengths.collect();
        Self::numbers(name, &lengths)
    }

    /// Four groups along how many training rows have the row's true label.
    pub fn label_rarity(name: &str, truth: &[u32], train_rows: &[u32]) -> Self {
        let rows = truth
            .iter()
            .map(|&label| f64::from(train_rows[label as usize]));
        let rows: Vec<f64> = rows.collect();
        Self::numbers(name, &rows)
    }
}

/// A group of rows beside all the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// Name of the column.
    pub column: String,
    /// The group, such as a value or "10 to 25".
    pub group: String,
    /// Indices of its rows among those judged.
    pub rows: Vec<u32>,
    /// Mean error of its rows.
    pub error: f64,
    /// 95 % interval of that mean.
    pub interval: Option<[f64; 2]>,
    /// Mean error of the other rows.
    pub other_error: f64,
    /// How often as large a mean would come by chance, were the errors dealt out at random.
    pub p_value: f64,
    /// The same after Holm's correction for all slices that were looked at.
    pub corrected_p_value: f64,
    /// Whether it is worse than the others, by the corrected value: below 5 %.
    pub is_worse: bool,
}

/// All slices that were looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SliceReport {
    /// The least likely by chance first.
    pub slices: Vec<Slice>,
    /// Mean error of all rows.
    pub error: f64,
    /// Groups that were left out because they have too few rows, or all but too few.
    pub skipped: u32,
    /// What was done about having looked at many, as a sentence.
    pub correction: String,
}

/// Looks at every group of every column.
///
/// `errors` holds one figure a row, larger being worse: 1 where the answer is wrong and 0 where it is
/// right, or the log loss, or an absolute error. A slice's chance is that of a random choice of as
/// many rows: exactly where errors are 0 and 1 (hypergeometric), by the normal distribution of the
/// choice's mean otherwise. The chances are corrected by Holm 1979, "A simple sequentially rejective
/// multiple test procedure", which holds however slices overlap.
///
/// # Errors
/// Without rows, when a column has another number of rows, or when an error is not finite.
pub fn find_slices(
    errors: &[f64],
    columns: &[SliceColumn],
    plan: &Bootstrap,
) -> Result<SliceReport, EvaluationError> {
    EvaluationError::check_rows(errors.len(), errors.len())?;
    EvaluationError::check_finite(errors)?;
    for column in columns {
        EvaluationError::check_rows(errors.len(), column.of_row.len())?;
    }
    let all = errors.len();
    let sum: f64 = errors.iter().sum();
    let mut skipped = 0;
    let mut slices = Vec::new();
    for column in columns {
        let mut rows_of: Vec<Vec<u32>> = vec![Vec::new(); column.groups.len()];
        for (row, group) in column.of_row.iter().enumerate() {
            if let Some(group) = group {
                rows_of[*group as usize].push(row as u32);
            }
        }
        for (group, rows) in column.groups.iter().zip(rows_of) {
            if rows.len() < LEAST_ROWS || all - rows.len() < LEAST_ROWS {
                skipped += 1;
                continue;
            }
            let inside: Vec<f64> = rows.iter().map(|&row| errors[row as usize]).collect();
            let inside_sum: f64 = inside.iter().sum();
            slices.push(Slice {
                column: column.name.clone(),
                group: group.clone(),
                error: inside_sum / inside.len() as f64,
                interval: mean_interval(&inside, plan),
                other_error: (sum - inside_sum) / (all - inside.len()) as f64,
                p_value: chance(errors, sum, &inside, inside_sum),
                corrected_p_value: 1.0,
                is_worse: false,
                rows,
            });
        }
    }
    slices.sort_by(|a, b| a.p_value.total_cmp(&b.p_value));
    let tested = slices.len();
    let mut highest = 0.0_f64;
    for (at, slice) in slices.iter_mut().enumerate() {
        highest = highest.max((slice.p_value * (tested - at) as f64).min(1.0));
        slice.corrected_p_value = highest;
        slice.is_worse = highest < SIGNIFICANCE;
    }
    Ok(SliceReport {
        slices,
        error: sum / all as f64,
        skipped,
        correction: format!(
            "{tested} slices were looked at; by Holm's correction the chance that any of those called worse is not is below 5 %."
        ),
    })
}

fn are_shares(errors: &[f64]) -> bool {
    errors.iter().all(|&error| error == 0.0 || error == 1.0)
}

fn mean_interval(errors: &[f64], plan: &Bootstrap) -> Option<[f64; 2]> {
    let sum: f64 = errors.iter().sum();
    if are_shares(errors) {
        return Some(wilson(sum as u32, errors.len() as u32));
    }
    let mean = |rows: &[u32]| {
        let sum: f64 = rows.iter().map(|&row| errors[row as usize]).sum();
        Some(sum / rows.len() as f64)
    };
    interval(errors.len(), sum / errors.len() as f64, plan, mean)
}

/// How often a random choice of as many rows has as large a sum.
fn chance(errors: &[f64], sum: f64, inside: &[f64], inside_sum: f64) -> f64 {
    if are_shares(errors) {
        return hypergeometric_tail(
            errors.len(),
            sum as usize,
            inside.len(),
            inside_sum as usize,
        );
    }
    let (all, chosen) = (errors.len() as f64, inside.len() as f64);
    let mean = sum / all;
    let variance = errors
        .iter()
        .map(|error| (error - mean).powi(2))
        .sum::<f64>()
        / (all - 1.0);
    let deviation = (variance / chosen * (1.0 - chosen / all)).sqrt();
    if deviation == 0.0 {
        return 1.0;
    }
    normal::cumulative(-(inside_sum / chosen - mean) / deviation)
}

/// The chance of at least `found` marked rows among `chosen` of `all`, of which `marked` are marked.
fn hypergeometric_tail(all: usize, marked: usize, chosen: usize, found: usize) -> f64 {
    let log_choose = |n: usize, k: usize| {
        let factorial = |n: usize| libm::lgamma(n as f64 + 1.0);
        factorial(n) - factorial(k) - factorial(n - k)
    };
    let whole = log_choose(all, chosen);
    let least = found.max((chosen + marked).saturating_sub(all));
    let tail: f64 = (least..=chosen.min(marked))
        .map(|k| (log_choose(marked, k) + log_choose(all - marked, chosen - k) - whole).exp())
        .sum();
    tail.min(1.0)
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn the_tail_equals_fishers_tea_tasting() {
        // Fisher 1935: 8 cups, 4 with milk first; all 4 found by chance 1 in 70, 3 or more 17 in 70.
        assert!((hypergeometric_tail(8, 4, 4, 4) - 1.0 / 70.0).abs() < 1e-12);
        assert!((hypergeometric_tail(8, 4, 4, 3) - 17.0 / 70.0).abs() < 1e-12);
        assert!((hypergeometric_tail(8, 4, 4, 0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn numbers_are_cut_into_quarters() {
        let values: Vec<f64> = (1..=8).map(f64::from).chain([f64::NAN]).collect();
        let column = SliceColumn::numbers("age", &values);
        assert_eq!(column.groups, ["1 to 2", "3 to 4", "5 to 6", "7 to 8"]);
        assert_eq!(column.of_row[8], None);
        assert_eq!(column.of_row[7], Some(3));
        let ties = SliceColumn::numbers("age", &[1.0, 1.0, 1.0, 1.0, 1.0, 2.0]);
        assert_eq!(ties.groups, ["1", "2"]);
        assert!(SliceColumn::numbers("age", &[f64::NAN]).groups.is_empty());
        let rarity = SliceColumn::label_rarity("rows", &[0, 1, 1, 1], &[3, 90]);
        assert_eq!(rarity.groups, ["3", "90"]);
        let length = SliceColumn::text_length("length", ["é", "ab"]);
        assert_eq!(length.groups, ["1", "2"]);
    }

    /// A column of 20 groups that tell nothing, beside one whose group "bad" is wrong more often.
    fn world(seed: u64, share_in_bad: f64) -> SliceReport {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let names: Vec<String> = (0..20).map(|group| format!("g{group:02}")).collect();
        let noise: Vec<&str> = (0..1_000)
            .map(|_| &*names[rng.random_range(0..20)])
            .collect();
        let planted: Vec<&str> = (0..1_000)
            .map(|row| if row % 10 == 0 { "bad" } else { "good" })
            .collect();
        let errors: Vec<f64> = planted
            .iter()
            .map(|&group| {
                let share = if group == "bad" { share_in_bad } else { 0.1 };
                f64::from(u8::from(rng.random_bool(share)))
            })
            .collect();
        let columns = [
            SliceColumn::values("noise", noise.into_iter().map(Some)),
            SliceColumn::values("planted", planted.into_iter().map(Some)),
        ];
        find_slices(&errors, &columns, &Bootstrap::new(seed)).unwrap()
    }

    #[test]
    fn a_planted_slice_comes_first_and_alone() {
        let report = world(1, 0.4);
        let worst = &report.slices[0];
        assert_eq!((&*worst.column, &*worst.group), ("planted", "bad"));
        assert!(worst.is_worse && worst.rows.len() == 100);
        assert!(worst.error > 0.3 && worst.other_error < 0.15);
        let [low, high] = worst.interval.unwrap();
        assert!(low < worst.error && worst.error < high);
        assert!(report.slices[1..].iter().all(|slice| !slice.is_worse));
        assert!(report.correction.starts_with("22 slices were looked at"));
    }

    #[test]
    fn without_a_worse_slice_one_is_seldom_named() {
        let false_alarms = (0..400)
            .filter(|&seed| world(seed, 0.1).slices.iter().any(|slice| slice.is_worse))
            .count();
        // 5 % of 400 are 20; 32 lie beyond the 99.5 % point of as many fair draws.
        assert!(false_alarms <= 32, "{false_alarms} of 400");
    }

    #[test]
    fn errors_of_any_size_are_compared() {
        let errors: Vec<f64> = (0..200)
            .map(|row| if row < 20 { 3.0 } else { f64::from(row % 3) })
            .collect();
        let group = |row: usize| if row < 20 { "first" } else { "rest" };
        let column = SliceColumn::values("part", (0..200).map(|row| Some(group(row))));
        let report = find_slices(&errors, &[column], &Bootstrap::new(0)).unwrap();
        assert!(report.slices[0].is_worse && report.slices[0].group == "first");
        assert!(!report.slices[1].is_worse);
    }

    #[test]
    fn small_groups_are_left_out_and_counted() {
        let errors = vec![0.5; 30];
        let column = SliceColumn::values("x", (0..30).map(|row| (row < 9).then_some("few")));
        let report = find_slices(&errors, &[column], &Bootstrap::new(0)).unwrap();
        assert_eq!((report.slices.len(), report.skipped), (0, 1));
        let short = SliceColumn::values("x", [Some("a")]);
        assert!(find_slices(&errors, &[short], &Bootstrap::new(0)).is_err());
    }
}
