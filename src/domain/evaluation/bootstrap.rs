//! How much a figure would move with other rows: an interval for any metric, by resampling.
//!
//! The ends are corrected for bias and skewness: of 1,000 simulated folds of 200 rows the corrected
//! intervals held the truth in 95.6 % (accuracy), 94.8 % (log loss) and 93.9 % (mean of exponential
//! errors), plain percentiles in 94.6, 93.8 and 94.1 %.
//!
//! Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapters 13 and 14; the
//! percentiles corrected for bias and skewness (BCa) are Efron 1987, "Better bootstrap confidence
//! intervals".

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::normal;
use crate::domain::metric::{Metric, Prepared, Scored, Taken, Undefined};

/// Intervals hold this share.
pub const LEVEL: f64 = 0.95;

/// The skewness is measured by leaving out rows in this many groups at the most: with one row a
/// group it would take as many evaluations as there are rows, for the same figure.
const MOST_GROUPS: usize = 100;

/// An interval is refused when the figure has no value in more than this share of the resamples.
const MOST_UNDEFINED: f64 = 0.05;

/// How rows are resampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// Resamples.
    pub draws: u32,
    /// Seeds the choice of rows.
    pub seed: u64,
}

impl Bootstrap {
    /// 1,000 resamples: the ends of an interval then move by about a twentieth of its length from
    /// seed to seed.
    pub fn new(seed: u64) -> Self {
        Self { draws: 1_000, seed }
    }
}

/// A figure with what else it might be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Stable id of the metric.
    pub id: String,
    /// The figure on the rows as they are.
    pub value: f64,
    /// 95 % interval; `None` where too few resamples have the figure.
    pub interval: Option<[f64; 2]>,
}

/// A metric with its 95 % interval.
///
/// # Errors
/// When the metric has no value on these rows.
pub fn estimate(
    metric: &dyn Metric,
    scored: &Scored,
    plan: &Bootstrap,
) -> Result<Estimate, Undefined> {
    let value = metric.of(scored)?;
    let mut judge = Resampled::new(&[metric], scored);
    let interval = interval(scored.len(), value, plan, |rows| judge.figures(rows)[0]);
    Ok(Estimate {
        id: metric.id().to_owned(),
        value,
        interval,
    })
}

/// Several metrics with their intervals, in their order; one that has no value on these rows is
/// left out. The rows are chosen once for all of them.
pub fn estimate_all(metrics: &[&dyn Metric], scored: &Scored, plan: &Bootstrap) -> Vec<Estimate> {
    let (defined, values): (Vec<&dyn Metric>, Vec<f64>) = metrics
        .iter()
        .filter_map(|&metric| Some((metric, metric.of(scored).ok()?)))
        .unzip();
    let mut judge = Resampled::new(&defined, scored);
    let intervals = intervals(scored.len(), &values, plan, |rows| judge.figures(rows));
    let estimates = defined.iter().zip(values).zip(intervals);
    estimates
        .map(|((metric, value), interval)| Estimate {
            id: metric.id().to_owned(),
            value,
            interval,
        })
        .collect()
}

/// Metrics of chosen rows: of copies, or by what was prepared once.
pub(super) struct Resampled<'a, 'm> {
    metrics: Vec<(&'m dyn Metric, Option<Prepared<'a>>)>,
    taken: Taken<'a>,
    times: Vec<u32>,
}

impl<'a, 'm> Resampled<'a, 'm> {
    pub(super) fn new(metrics: &[&'m dyn Metric], scored: &Scored<'a>) -> Self {
        let prepared = metrics
            .iter()
            .map(|&metric| (metric, metric.prepared(scored)));
        Self {
            metrics: prepared.collect(),
            taken: Taken::from(scored),
            times: vec![0; scored.len()],
        }
    }

    /// Each metric's figure of these rows, by their indices.
    pub(super) fn figures(&mut self, rows: &[u32]) -> Vec<Option<f64>> {
        self.times.fill(0);
        for &row in rows {
            self.times[row as usize] += 1;
        }
        let needs_copies = self.metrics.iter().any(|(_, prepared)| prepared.is_none());
        let copies = needs_copies.then(|| self.taken.rows(rows));
        let figure = |(metric, prepared): &(&dyn Metric, Option<Prepared>)| match prepared {
            Some(prepared) => prepared(&self.times).ok(),
            None => metric.of(copies.as_ref()?).ok(),
        };
        self.metrics.iter().map(figure).collect()
    }
}

/// The 95 % interval of any figure of rows, by BCa.
///
/// `value` is the figure of all rows; `figure` gives that of chosen ones, by their indices. The
/// same seed and number of rows give the same choices, so that figures can be compared in pairs.
/// `None` without rows, or where too few resamples have the figure.
pub fn interval(
    rows: usize,
    value: f64,
    plan: &Bootstrap,
    mut figure: impl FnMut(&[u32]) -> Option<f64>,
) -> Option<[f64; 2]> {
    intervals(rows, &[value], plan, |rows| vec![figure(rows)])[0]
}

/// The intervals of several figures, as [`interval`] gives them, from one choice of rows.
///
/// `figures` gives as many figures as there are `values`, in their order.
pub fn intervals(
    rows: usize,
    values: &[f64],
    plan: &Bootstrap,
    mut figures: impl FnMut(&[u32]) -> Vec<Option<f64>>,
) -> Vec<Option<[f64; 2]>> {
    if rows == 0 || plan.draws == 0 {
        return vec![None; values.len()];
    }
    let replicates = replicates(rows, values.len(), plan, &mut figures);
    let without = jackknife(rows, values.len(), &mut figures);
    let ends = values.iter().zip(replicates).zip(without);
    ends.map(|((&value, replicates), without)| {
        let undefined = plan.draws as usize - replicates.len();
        if undefined as f64 > MOST_UNDEFINED * f64::from(plan.draws) {
            return None;
        }
        Some(corrected(&replicates, value, acceleration(&without)))
    })
    .collect()
}

/// Each figure's values in the resamples that have it, in ascending order.
fn replicates(
    rows: usize,
    count: usize,
    plan: &Bootstrap,
    mut figures: impl FnMut(&[u32]) -> Vec<Option<f64>>,
) -> Vec<Vec<f64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(plan.seed);
    let mut chosen = vec![0; rows];
    let mut found = vec![Vec::new(); count];
    for _ in 0..plan.draws {
        // 32 bits on every platform, so that the choice is the same in the browser.
        chosen.fill_with(|| rng.random_range(0..rows as u32));
        for (found, figure) in found.iter_mut().zip(figures(&chosen)) {
            found.extend(figure);
        }
    }
    for found in &mut found {
        found.sort_by(f64::total_cmp);
    }
    found
}

/// Each figure's values with each group of rows left out in turn.
fn jackknife(
    rows: usize,
    count: usize,
    mut figures: impl FnMut(&[u32]) -> Vec<Option<f64>>,
) -> Vec<Vec<f64>> {
    let groups = rows.min(MOST_GROUPS);
    let mut kept = Vec::with_capacity(rows);
    let mut found = vec![Vec::new(); count];
    for group in 0..groups {
        kept.clear();
        kept.extend((0..rows as u32).filter(|&row| row as usize % groups != group));
        for (found, figure) in found.iter_mut().zip(figures(&kept)) {
            found.extend(figure);
        }
    }
    found
}

/// A sixth of the skewness of what groups of rows contribute: Efron's acceleration, by jackknife.
fn acceleration(without: &[f64]) -> f64 {
    let mean = without.iter().sum::<f64>() / without.len().max(1) as f64;
    let (mut squares, mut cubes) = (0.0, 0.0);
    for figure in without {
        let contribution = mean - figure;
        squares += contribution.powi(2);
        cubes += contribution.powi(3);
    }
    if squares > 0.0 {
        cubes / (6.0 * squares.powf(1.5))
    } else {
        0.0
    }
}

/// The ends of the interval among sorted replicates (Efron and Tibshirani 1993, section 14.3).
fn corrected(sorted: &[f64], value: f64, acceleration: f64) -> [f64; 2] {
    let below = sorted.partition_point(|&figure| figure < value);
    let equal = sorted.partition_point(|&figure| figure <= value) - below;
    // A figure of counts has many replicates that equal it: half of them are below.
    let share = (below as f64 + 0.5 * equal as f64) / sorted.len() as f64;
    // Where all replicates are on one side the bias cannot be told; the plain percentiles remain.
    let bias = Some(normal::quantile(share)).filter(|bias| bias.is_finite());
    let end = |probability: f64| {
        let z = normal::quantile(probability);
        let at = bias.map_or(z, |bias| {
            let moved = bias + z;
            bias + moved / (1.0 - acceleration * moved)
        });
        percentile(sorted, normal::cumulative(at))
    };
    [end(0.5 * (1.0 - LEVEL)), end(0.5 * (1.0 + LEVEL))]
}

/// The value below which a share of sorted values lies, between neighbours in proportion: the
/// smallest of `n` values has a share of `1 / (n + 1)` below it (Hyndman and Fan 1996, type 6).
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = (share * (sorted.len() + 1) as f64 - 1.0).clamp(0.0, (sorted.len() - 1) as f64);
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::{Accuracy, Classes, LogLoss, Mae, Numbers, RocAuc};

    const WORLDS: u32 = 1_000;
    const ROWS: usize = 200;

    /// The share of simulated worlds whose interval holds the true value, with both ways to take its
    /// ends: corrected (BCa), and plain percentiles.
    fn coverage(
        truth: f64,
        mut world: impl FnMut(&mut ChaCha8Rng, &mut dyn FnMut(&Scored, &dyn Metric)),
    ) -> [f64; 2] {
        let mut held = [0; 2];
        for seed in 0..u64::from(WORLDS) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            world(&mut rng, &mut |scored, metric| {
                let plan = Bootstrap {
                    draws: 400,
                    seed: seed + u64::from(WORLDS),
                };
                let mut taken = Taken::from(scored);
                let mut figures = |rows: &[u32]| vec![metric.of(&taken.rows(rows)).ok()];
                let sorted = &replicates(ROWS, 1, &plan, &mut figures)[0];
                let acceleration = acceleration(&jackknife(ROWS, 1, &mut figures)[0]);
                let value = metric.of(scored).unwrap();
                let ends = [
                    corrected(sorted, value, acceleration),
                    [percentile(sorted, 0.025), percentile(sorted, 0.975)],
                ];
                for (held, [low, high]) in held.iter_mut().zip(ends) {
                    *held += u32::from(low <= truth + 1e-9 && truth - 1e-9 <= high);
                }
            });
        }
        held.map(|held| f64::from(held) / f64::from(WORLDS))
    }

    #[track_caller]
    fn holds_95_percent(found: [f64; 2]) {
        println!("corrected {}, percentiles {}", found[0], found[1]);
        assert!((0.93..=0.97).contains(&found[0]), "{found:?}");
    }

    /// Rows that are right nine times in ten, and said to be so.
    fn nine_of_ten(metric: &dyn Metric, truth: f64) -> [f64; 2] {
        let probabilities = [0.9, 0.1].repeat(ROWS);
        coverage(truth, |rng, judge| {
            let labels: Vec<u32> = (0..ROWS).map(|_| u32::from(rng.random_bool(0.1))).collect();
            judge(
                &Classes::new(2, &labels, &probabilities).unwrap().into(),
                metric,
            );
        })
    }

    #[test]
    fn intervals_of_the_accuracy_hold_the_truth_as_often_as_they_say() {
        holds_95_percent(nine_of_ten(&Accuracy, 0.9));
    }

    #[test]
    fn intervals_of_the_log_loss_hold_the_truth_as_often_as_they_say() {
        let truth = -(0.9 * 0.9_f64.ln() + 0.1 * 0.1_f64.ln());
        holds_95_percent(nine_of_ten(&LogLoss, truth));
    }

    #[test]
    fn intervals_of_skewed_errors_hold_the_truth_as_often_as_they_say() {
        // Exponential errors: their mean is 1 and their skewness 2.
        let zeros = [0.0; ROWS];
        let found = coverage(1.0, |rng, judge| {
            let errors: Vec<f64> = (0..ROWS)
                .map(|_| -(1.0 - rng.random::<f64>()).ln())
                .collect();
            judge(&Numbers::new(&zeros, &errors).unwrap().into(), &Mae);
        });
        holds_95_percent(found);
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let truth: Vec<f64> = (0..40).map(f64::from).collect();
        let scored = Scored::from(Numbers::new(&truth, &[20.0; 40]).unwrap());
        let of = |seed| estimate(&Mae, &scored, &Bootstrap::new(seed)).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1).interval, of(2).interval);
        let [low, high] = of(1).interval.unwrap();
        assert!(low < 10.0 && 10.0 < high, "{low} to {high}");
    }

    #[test]
    fn together_or_alone_the_intervals_are_the_same() {
        let truth: Vec<u32> = (0..60).map(|row| row % 2).collect();
        let probabilities: Vec<f32> = (0..60)
            .flat_map(|row| if row % 7 == 0 { [0.5, 0.5] } else { [0.3, 0.7] })
            .collect();
        let scored = Scored::from(Classes::new(2, &truth, &probabilities).unwrap());
        let plan = Bootstrap::new(6);
        let together = estimate_all(&[&Accuracy, &RocAuc, &LogLoss], &scored, &plan);
        let alone = [&Accuracy as &dyn Metric, &RocAuc, &LogLoss];
        let alone = alone.map(|metric| estimate(metric, &scored, &plan).unwrap());
        assert_eq!(together, alone);
    }

    #[test]
    fn what_was_prepared_gives_the_figures_of_copies() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let truth: Vec<u32> = (0..90).map(|_| rng.random_range(0..3)).collect();
        // Tenths, so that there are ties.
        let tenths = |_| f32::from(rng.random_range(0..=10_u8)) / 10.0;
        let probabilities: Vec<f32> = (0..270).map(tenths).collect();
        let weights: Vec<f64> = (0..90).map(|row| f64::from(row % 4) / 2.0).collect();
        let classes = Classes::new(3, &truth, &probabilities).unwrap();
        for classes in [classes, classes.weighted(&weights).unwrap()] {
            let scored = Scored::from(classes);
            for &metric in crate::domain::metric::ALL {
                let Some(prepared) = metric.prepared(&scored) else {
                    continue;
                };
                let mut taken = Taken::from(&scored);
                for _ in 0..50 {
                    let rows: Vec<u32> = (0..90).map(|_| rng.random_range(0..90)).collect();
                    let mut times = vec![0; 90];
                    rows.iter().for_each(|&row| times[row as usize] += 1);
                    let expected = metric.of(&taken.rows(&rows)).unwrap();
                    let found = prepared(&times).unwrap();
                    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
                }
                let mut one_label = vec![0; 90];
                one_label[0] = 5;
                if ["roc_auc", "average_precision"].contains(&metric.id()) {
                    assert_eq!(prepared(&one_label), Err(Undefined::OneLabel));
                }
            }
        }
    }

    #[test]
    fn what_never_varies_has_an_interval_of_no_length() {
        let scored = Scored::from(Numbers::new(&[1.0; 5], &[3.0; 5]).unwrap());
        let found = estimate(&Mae, &scored, &Bootstrap::new(0)).unwrap();
        assert_eq!(found.interval, Some([2.0, 2.0]));
    }

    #[test]
    fn a_figure_that_resamples_seldom_have_gets_no_interval() {
        // One row of the second label: a third of the resamples miss it.
        let probabilities = [0.9, 0.1, 0.8, 0.2, 0.3, 0.7];
        let scored = Scored::from(Classes::new(2, &[0, 0, 1], &probabilities).unwrap());
        let plan = Bootstrap::new(0);
        let found = estimate(&RocAuc, &scored, &plan).unwrap();
        assert_eq!((found.value, found.interval), (1.0, None));
        assert_eq!(estimate_all(&[&RocAuc, &Mae], &scored, &plan).len(), 1);
    }
}
