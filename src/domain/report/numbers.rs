//! How good predicted numbers and their ranges are.

use serde::{Deserialize, Serialize};

use super::{Baseline, MetricValue, wilson};
use crate::domain::metric::{Metric, Numbers, ScoresError};
use crate::domain::split::Part;
use crate::domain::table::RowId;

/// What was predicted for one row whose number is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NumberPrediction {
    /// The row.
    pub row: RowId,
    /// The true number.
    pub truth: f64,
    /// The predicted one.
    pub predicted: f64,
    /// Lower and upper end of the range that should hold the true one; `None` where the rows to
    /// measure by were too few for the promise.
    pub range: Option<[f64; 2]>,
}

/// How good predicted numbers are on rows that the model never saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberEvaluation {
    /// Which rows.
    pub part: Part,
    /// The figures, the headline first.
    pub metrics: Vec<MetricValue>,
    /// How the ranges kept their promise; `None` without ranges.
    pub ranges: Option<RangeReport>,
    /// Every row of the part.
    pub rows: Vec<NumberPrediction>,
    /// What simple models reach on the same rows.
    pub baselines: Vec<Baseline>,
}

/// How ranges kept their promise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RangeReport {
    /// Share of rows that they were to hold, 0 to 1.
    pub promised: f64,
    /// Share of rows that they hold.
    pub held: f64,
    /// 95 % interval of that share (Wilson 1927).
    pub held_interval: [f64; 2],
    /// Mean distance between the ends, in the target's unit.
    pub mean_width: f64,
}

impl NumberEvaluation {
    /// Judges predictions by the truth.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn of(
        part: Part,
        rows: Vec<NumberPrediction>,
        promised: f64,
        metrics: &[&dyn Metric],
        baselines: Vec<Baseline>,
    ) -> Result<Self, ScoresError> {
        let truth: Vec<f64> = rows.iter().map(|row| row.truth).collect();
        let predicted: Vec<f64> = rows.iter().map(|row| row.predicted).collect();
        let scored = Numbers::new(&truth, &predicted)?.into();
        Ok(Self {
            part,
            metrics: MetricValue::all(metrics, &scored),
            ranges: RangeReport::of(&rows, promised),
            rows,
            baselines,
        })
    }
}

impl RangeReport {
    fn of(rows: &[NumberPrediction], promised: f64) -> Option<Self> {
        let (mut held, mut width) = (0, 0.0);
        for row in rows {
            let [low, high] = row.range?;
            held += u32::from((low..=high).contains(&row.truth));
            width += high - low;
        }
        let count = rows.len() as f64;
        (!rows.is_empty()).then(|| Self {
            promised,
            held: f64::from(held) / count,
            held_interval: wilson(held, rows.len() as u32),
            mean_width: width / count,
        })
    }
}

impl Baseline {
    /// What naming the training rows' mean for every row reaches.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn mean(
        train: &[f64],
        truth: &[f64],
        metrics: &[&dyn Metric],
    ) -> Result<Self, ScoresError> {
        let mean = train.iter().sum::<f64>() / train.len().max(1) as f64;
        let predicted = vec![mean; truth.len()];
        let scored = Numbers::new(truth, &predicted)?.into();
        Ok(Self {
            id: "mean".to_owned(),
            name: "Mean of the training rows".to_owned(),
            metrics: MetricValue::all(metrics, &scored),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::{Mae, R2, Rmse};

    fn row(truth: f64, predicted: f64, range: Option<[f64; 2]>) -> NumberPrediction {
        NumberPrediction {
            row: RowId(0),
            truth,
            predicted,
            range,
        }
    }

    #[test]
    fn numbers_and_ranges_are_judged() {
        let rows = vec![
            row(1.0, 2.0, Some([0.0, 4.0])),
            row(5.0, 2.0, Some([0.0, 4.0])),
        ];
        let metrics: &[&dyn Metric] = &[&Rmse, &Mae];
        let found = NumberEvaluation::of(Part::Test, rows, 0.9, metrics, Vec::new()).unwrap();
        assert_eq!(found.metrics[0].value, 5.0_f64.sqrt());
        assert_eq!(found.metrics[1].value, 2.0);
        let ranges = found.ranges.unwrap();
        assert_eq!((ranges.held, ranges.mean_width), (0.5, 4.0));
        let without = vec![row(1.0, 2.0, None)];
        let found = NumberEvaluation::of(Part::Test, without, 0.9, metrics, Vec::new()).unwrap();
        assert_eq!(found.ranges, None);
    }

    #[test]
    fn the_mean_explains_nothing() {
        let baseline = Baseline::mean(&[1.0, 3.0], &[1.0, 3.0], &[&R2]).unwrap();
        assert_eq!(baseline.metrics[0].value, 0.0);
    }
}
