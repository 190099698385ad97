//! Numbers on a scale that numbers of other columns share.

use serde::{Deserialize, Serialize};

use super::normal::quantile;
use super::{Bins, FeatureOptions};

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

/// The way from numbers to the common scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Stands in for gaps: the median of the training rows.
    pub median: f64,
    /// Ascending numbers whose scaled values are known; between them lies a straight line.
    pub knots: Vec<f64>,
    /// The scaled value of each knot.
    pub heights: Vec<f32>,
    /// Bins of the scaled values.
    pub bins: Bins,
}

/// So many knots follow any distribution closely.
const MOST_KNOTS: usize = 512;

impl Scale {
    /// Fits the numbers of the training rows; `None` without two different ones.
    pub(super) fn fit(mut numbers: Vec<f64>, options: &FeatureOptions) -> Option<Self> {
        numbers.sort_unstable_by(f64::total_cmp);
        if numbers.first()? == numbers.last()? {
            return None;
        }
        let (knots, heights) = match options.scaling {
            Scaling::QuantileNormal => rank_knots(&numbers),
            Scaling::Standard => standard_knots(&numbers),
        };
        let mut scale = Self {
            median: median(&numbers),
            knots,
            heights,
            bins: Bins { edges: Vec::new() },
        };
        let scaled: Vec<f32> = numbers.iter().map(|&number| scale.of(number)).collect();
        scale.bins = Bins::fit(&scaled, options.bins);
        Some(scale)
    }

    /// Whether knots, heights and edges fit each other and ascend.
    pub(super) fn is_sound(&self) -> bool {
        let ascends = |pair: &[f64]| pair[0] < pair[1];
        let edges: Vec<f64> = self.bins.edges.iter().map(|&edge| edge.into()).collect();
        let all = self.knots.iter().chain(&edges).copied();
        let heights = self.heights.iter().map(|&height| f64::from(height));
        !self.knots.is_empty()
            && self.knots.len() == self.heights.len()
            && edges.len() >= 2
            && all.chain(heights).chain([self.median]).all(f64::is_finite)
            && self.knots.windows(2).all(ascends)
            && edges.windows(2).all(ascends)
    }

    /// A number on the common scale; beyond the knots it is that of the outermost one.
    pub fn of(&self, number: f64) -> f32 {
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

    fn fit(numbers: &[f64], scaling: Scaling) -> Scale {
        let options = FeatureOptions {
            scaling,
            ..FeatureOptions::default()
        };
        Scale::fit(numbers.to_vec(), &options).unwrap()
    }

    #[test]
    fn the_standard_scale_has_mean_0_and_deviation_1() {
        let scale = fit(&[1.0, 2.0, 3.0, 4.0], Scaling::Standard);
        let deviation = 1.25_f32.sqrt();
        assert!((scale.of(1.0) + 1.5 / deviation).abs() < 1e-6);
        assert!(scale.of(2.5).abs() < 1e-6);
        assert_eq!(scale.of(99.0), scale.of(4.0), "no further than it was seen");
    }

    #[test]
    fn ranks_do_not_care_for_outliers() {
        let plain = fit(&[1.0, 2.0, 3.0, 4.0, 5.0], Scaling::QuantileNormal);
        let skewed = fit(&[1e9, 2.0, 3.0, 4.0, 1.0], Scaling::QuantileNormal);
        assert_eq!(plain.heights, skewed.heights);
        assert_eq!(plain.of(3.0), 0.0);
        assert!((plain.of(1.0) + plain.of(5.0)).abs() < 1e-6);
    }

    #[test]
    fn many_numbers_share_few_knots() {
        let numbers: Vec<f64> = (0..5000).map(|x| f64::from(x * x)).collect();
        let scale = fit(&numbers, Scaling::QuantileNormal);
        assert_eq!(scale.knots.len(), MOST_KNOTS);
        assert!(scale.of(2500.0 * 2500.0).abs() < 1e-3);
        assert_eq!(scale.bins.count(), 32);
    }

    #[test]
    fn one_number_is_nothing_to_learn_from() {
        let options = FeatureOptions::default();
        assert_eq!(Scale::fit(vec![1.0, 1.0], &options), None);
        assert_eq!(Scale::fit(Vec::new(), &options), None);
    }
}
