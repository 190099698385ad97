//! How much figures depend on which rows were learned from.

use serde::{Deserialize, Serialize};

use super::report::{MetricValue, RowPrediction};

/// One figure over all folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldedMetric {
    /// Stable id, see [`super::metric::ALL`].
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Arithmetic mean over the folds.
    pub mean: f64,
    /// Standard deviation of a fold, with n - 1 in the denominator; 0 for a single fold. Folds share
    /// training rows, so it is no standard error of the mean (Bengio and Grandvalet 2004).
    pub deviation: f64,
    /// The figure of each fold that has one.
    pub folds: Vec<f64>,
}

/// What a cross-validation found. The test rows had no part in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CrossValidation {
    /// How many models were trained.
    pub folds: u32,
    /// The figures, the headline first.
    pub metrics: Vec<FoldedMetric>,
    /// Predictions for every row that was held out in a fold, by the model that did not see it; in
    /// order of the folds, and ascending within one.
    pub rows: Vec<RowPrediction>,
}

impl CrossValidation {
    /// Gathers the figures of each fold. A metric that has no value in any fold is left out.
    pub fn of(folds: &[Vec<MetricValue>], rows: Vec<RowPrediction>) -> Self {
        let mut metrics: Vec<FoldedMetric> = Vec::new();
        for value in folds.iter().flatten() {
            match metrics.iter_mut().find(|metric| metric.id == value.id) {
                Some(metric) => metric.folds.push(value.value),
                None => metrics.push(FoldedMetric {
                    id: value.id.clone(),
                    name: value.name.clone(),
                    mean: 0.0,
                    deviation: 0.0,
                    folds: vec![value.value],
                }),
            }
        }
        for metric in &mut metrics {
            let count = metric.folds.len() as f64;
            metric.mean = metric.folds.iter().sum::<f64>() / count;
            let squares: f64 = metric
                .folds
                .iter()
                .map(|value| (value - metric.mean).powi(2))
                .sum();
            metric.deviation = (squares / (count - 1.0).max(1.0)).sqrt();
        }
        Self {
            folds: folds.len() as u32,
            metrics,
            rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_gathered_over_folds() {
        let value = |id: &str, value| MetricValue {
            id: id.to_owned(),
            name: id.to_uppercase(),
            value,
        };
        let folds = [
            vec![value("accuracy", 0.75)],
            vec![value("accuracy", 0.5), value("roc_auc", 0.75)],
            vec![value("accuracy", 1.0)],
        ];
        let found = CrossValidation::of(&folds, Vec::new());
        assert_eq!(found.folds, 3);
        assert_eq!(found.metrics[0].mean, 0.75);
        assert_eq!(found.metrics[0].deviation, 0.25);
        assert_eq!(found.metrics[1].folds, [0.75]);
        assert_eq!(found.metrics[1].deviation, 0.0);
    }
}
