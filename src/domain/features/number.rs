//! A number on a scale that numbers of other columns share.

use serde::{Deserialize, Serialize};

use super::encode::Cells;
use super::normal::quantile;
use super::{Bins, FeatureOptions, Widths};
use crate::domain::column::parse_number;
use crate::domain::table::Column;

/// How numbers are brought to a common scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// By rank, so that training rows look normally distributed whatever their distribution was:
    /// outliers and skew go.
    QuantileNormal,
    /// Mean 0 and standard deviation 1.
    Standard,
}

/// How a column's numbers are scaled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberPlan {
    /// Stands in for gaps: the median of the training rows.
    pub median: f64,
    /// Whether training rows have gaps, which then are a flag of their own.
    pub has_gaps: bool,
    /// Ascending numbers whose scaled values are known; between them lies a straight line.
    pub knots: Vec<f64>,
    /// The scaled value of each knot.
    pub heights: Vec<f32>,
    /// Bins of the scaled values.
    pub bins: Bins,
}

/// So many knots follow any distribution closely.
const MOST_KNOTS: usize = 512;

impl NumberPlan {
    /// `None` without two different numbers.
    pub(super) fn fit(column: &Column, options: &FeatureOptions) -> Option<Self> {
        let parsed: Vec<Option<f64>> = column.distinct().iter().map(parse_number).collect();
        let mut sorted: Vec<f64> = column
            .codes()
            .iter()
            .filter_map(|&code| parsed[code as usize])
            .collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        if first == last {
            return None;
        }
        let (knots, heights) = match options.scaling {
            Scaling::QuantileNormal => rank_knots(&sorted),
            Scaling::Standard => standard_knots(&sorted),
        };
        let mut plan = Self {
            median: median(&sorted),
            has_gaps: sorted.len() < column.codes().len(),
            knots,
            heights,
            bins: Bins { edges: Vec::new() },
        };
        let scaled: Vec<f32> = sorted.iter().map(|&number| plan.scale(number)).collect();
        plan.bins = Bins::fit(&scaled, options.bins);
        Some(plan)
    }

    pub(super) fn widths(&self) -> Widths {
        Widths {
            numbers: 1,
            flags: usize::from(self.has_gaps),
            ..Widths::default()
        }
    }

    pub(super) fn encode(&self, cell: &str, out: &mut Cells) {
        let number = parse_number(cell);
        out.numbers.push(self.scale(number.unwrap_or(self.median)));
        if self.has_gaps {
            out.flags.push(f32::from(number.is_none()));
        }
    }

    /// A number on the common scale; beyond the knots it is that of the outermost one.
    pub fn scale(&self, number: f64) -> f32 {
        let after = self.knots.partition_point(|&knot| knot < number);
        if after == 0 {
            return self.heights[0];
        }
        if after == self.knots.len() {
            return self.heights[after - 1];
        }
        let [low, high] = [self.knots[after - 1], self.knots[after]];
        let share = ((number - low) / (high - low)) as f32;
        self.heights[after - 1] + share * (self.heights[after] - self.heights[after - 1])
    }
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    }
}

/// Different numbers at the normal scores of their mean ranks.
fn rank_knots(sorted: &[f64]) -> (Vec<f64>, Vec<f32>) {
    let mut knots = Vec::new();
    let mut heights = Vec::new();
    let mut below = 0;
    for equal in sorted.chunk_by(|a, b| a == b) {
        let mean_rank = below as f64 + equal.len() as f64 / 2.0;
        below += equal.len();
        knots.push(equal[0]);
        heights.push(quantile(mean_rank / sorted.len() as f64) as f32);
    }
    if knots.len() <= MOST_KNOTS {
        return (knots, heights);
    }
    let last = knots.len() - 1;
    (0..MOST_KNOTS)
        .map(|knot| knot * last / (MOST_KNOTS - 1))
        .map(|at| (knots[at], heights[at]))
        .unzip()
}

/// The two ends of a straight line.
fn standard_knots(sorted: &[f64]) -> (Vec<f64>, Vec<f32>) {
    let rows = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / rows;
    let variance = sorted.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / rows;
    let ends = [sorted[0], sorted[sorted.len() - 1]];
    let heights = ends.map(|end| ((end - mean) / variance.sqrt()) as f32);
    (ends.into(), heights.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str]) -> Column {
        Column::of("x", cells)
    }

    fn fit(cells: &[&str], scaling: Scaling) -> NumberPlan {
        let options = FeatureOptions {
            scaling,
            ..FeatureOptions::default()
        };
        NumberPlan::fit(&column(cells), &options).unwrap()
    }

    #[test]
    fn the_standard_scale_has_mean_0_and_deviation_1() {
        let plan = fit(&["1", "2", "3", "4"], Scaling::Standard);
        let deviation = 1.25_f32.sqrt();
        assert!((plan.scale(1.0) + 1.5 / deviation).abs() < 1e-6);
        assert!((plan.scale(2.5)).abs() < 1e-6);
        assert_eq!(
            plan.scale(99.0),
            plan.scale(4.0),
            "no further than it was seen"
        );
    }

    #[test]
    fn ranks_do_not_care_for_outliers() {
        let plain = fit(&["1", "2", "3", "4", "5"], Scaling::QuantileNormal);
        let skewed = fit(&["1", "2", "3", "4", "1e9"], Scaling::QuantileNormal);
        assert_eq!(plain.heights, skewed.heights);
        assert_eq!(plain.scale(3.0), 0.0);
        assert_eq!(plain.scale(1.0), -plain.scale(5.0));
    }

    #[test]
    fn gaps_are_filled_by_the_median_and_flagged() {
        let plan = fit(&["1", "", "2", "9"], Scaling::QuantileNormal);
        assert_eq!(plan.median, 2.0);
        let mut out = Cells::default();
        plan.encode("", &mut out);
        plan.encode(" 9 ", &mut out);
        assert_eq!(out.numbers, [plan.scale(2.0), plan.scale(9.0)]);
        assert_eq!(out.flags, [1.0, 0.0]);
    }

    #[test]
    fn many_numbers_share_few_knots() {
        let cells: Vec<String> = (0..5000).map(|x| format!("{}", x * x)).collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let plan = fit(&cells, Scaling::QuantileNormal);
        assert_eq!(plan.knots.len(), MOST_KNOTS);
        assert!((plan.scale(2500.0 * 2500.0)).abs() < 1e-3);
        assert_eq!(plan.bins.count(), 32);
    }

    #[test]
    fn one_number_is_nothing_to_learn_from() {
        let options = FeatureOptions::default();
        assert!(NumberPlan::fit(&column(&["1", "", "1.0"]), &options).is_none());
        assert!(NumberPlan::fit(&column(&["a"]), &options).is_none());
    }
}
