//! The part of a recipe that says how a table's columns are learned from.

use serde::{Deserialize, Serialize};

use super::super::recipe::{ClassWeights, Method};
use super::network::{Combiner, NetworkOptions};
use super::{FeatureOptions, FeatureSource};

/// Above this, every two rows are mixed half and half, and none is seen as it is.
const MOST_MIXUP: f64 = 10.0;

/// What of the text encoder moves where a row's texts are learned from beside its columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextTuning {
    /// Nothing: what it makes of a text is read once and kept.
    #[default]
    Frozen,
    /// Low-rank updates, together with the network.
    Lora,
    /// Every parameter, together with the network.
    Full,
}

impl TextTuning {
    /// The method for texts alone that moves the same of the encoder.
    pub fn method(self) -> Method {
        match self {
            Self::Frozen => Method::Head,
            Self::Lora => Method::Lora,
            Self::Full => Method::Full,
        }
    }

    /// Whether the encoder stays as it is.
    pub fn is_frozen(&self) -> bool {
        *self == Self::Frozen
    }
}

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
    /// What of the encoder moves where there are texts. Left out of the plan's form where nothing does,
    /// so that plans from before it have the form that they had.
    #[serde(default, skip_serializing_if = "TextTuning::is_frozen")]
    pub texts: TextTuning,
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
            texts: TextTuning::default(),
            coverage: 0.9,
        }
    }

    /// What makes the plan impossible to follow, as sentences; none when it can be followed.
    pub fn faults(&self) -> Vec<String> {
        let Self {
            features, network, ..
        } = self;
        let mut faults = Vec::new();
        let counts = [
            ("bins", features.bins),
            ("the most categories", features.most_categories),
            ("members", network.members),
            ("folds", network.folds),
            ("epochs", network.epochs),
            ("rows in a step", network.batch_size),
        ];
        for (name, count) in counts {
            if count == 0 {
                faults.push(format!("The number of {name} is 0."));
            }
        }
        if network.blocks > 0 && network.width == 0 {
            faults.push("The hidden layers have a width of 0.".to_owned());
        }
        let shares = [
            ("dropout", network.dropout, 0.0..1.0),
            ("the ranges' share", self.coverage, f64::EPSILON..1.0),
            (
                "the learning rate",
                network.learning_rate,
                f64::EPSILON..1.0,
            ),
            ("weight decay", network.weight_decay, 0.0..1.0),
            ("mixup", network.mixup, 0.0..MOST_MIXUP),
            ("label smoothing", network.label_smoothing, 0.0..1.0),
            ("the gradient's norm", network.clip_norm, 0.0..f64::MAX),
        ];
        for (name, share, allowed) in shares {
            if !allowed.contains(&share) {
                faults.push(format!("{share} is no value for {name}."));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_can_be_followed_and_nonsense_cannot() {
        for combiner in [Combiner::TabM, Combiner::Mlp, Combiner::Linear] {
            for rows in [0, 10, 3_000, 100_000] {
                let plan = TablePlan::suggest(Vec::new(), combiner, rows);
                assert_eq!(plan.faults(), Vec::<String>::new());
            }
        }
        let mut plan = TablePlan::suggest(Vec::new(), Combiner::TabM, 10);
        plan.network.dropout = 1.0;
        plan.network.epochs = 0;
        plan.coverage = f64::NAN;
        plan.network.label_smoothing = 1.0;
        assert_eq!(plan.faults().len(), 4, "{:?}", plan.faults());
    }

    #[test]
    fn a_plan_from_before_labels_were_smoothed_is_read_and_keeps_its_form() {
        let plan = TablePlan::suggest(Vec::new(), Combiner::TabM, 10);
        let form = serde_json::to_value(&plan).unwrap();
        assert!(form["network"].get("label_smoothing").is_none());
        assert_eq!(serde_json::from_value::<TablePlan>(form).unwrap(), plan);
        let mut smoothed = plan;
        smoothed.network.label_smoothing = 0.1;
        let form = serde_json::to_value(&smoothed).unwrap();
        assert_eq!(serde_json::from_value::<TablePlan>(form).unwrap(), smoothed);
    }
}
