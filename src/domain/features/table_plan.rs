//! The part of a recipe that says how a table's columns are learned from.

use serde::{Deserialize, Serialize};

use super::super::recipe::ClassWeights;
use super::network::{Combiner, NetworkOptions};
use super::{FeatureOptions, FeatureSource};

/// How columns that are not text are learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TablePlan {
    /// The columns to learn from.
    pub columns: Vec<FeatureSource>,
    /// How their cells become numbers.
    pub features: FeatureOptions,
    /// What joins the columns.
    pub combiner: Combiner,
    /// Its shape, and how it learns.
    pub network: NetworkOptions,
    /// What a row of a rare class counts for.
    pub class_weights: ClassWeights,
    /// Whether a number is learned by its logarithm: for prices, counts and whatever else is
    /// judged by ratios. All numbers have to be 0 or larger.
    pub is_log: bool,
    /// Share of rows whose number the predicted range should hold, 0 to 1.
    pub coverage: f64,
}

impl TablePlan {
    /// Defaults for these columns and so many training rows.
    pub fn suggest(columns: Vec<FeatureSource>, combiner: Combiner, rows: u32) -> Self {
        Self {
            columns,
            features: FeatureOptions::default(),
            combiner,
            network: NetworkOptions::suggest(combiner, rows),
            class_weights: ClassWeights::Equal,
            is_log: false,
            coverage: 0.9,
        }
    }
}
