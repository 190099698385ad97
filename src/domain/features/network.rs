//! Settings of the network that reads a table's rows.

use serde::{Deserialize, Serialize};

/// What joins the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combiner {
    /// One MLP that imitates an ensemble (Gorishniy et al. 2024, "TabM").
    TabM,
    /// One MLP.
    Mlp,
    /// A weighted sum of the columns' vectors.
    Linear,
}

impl Combiner {
    /// Stable id, as on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::TabM => "tabm",
            Self::Mlp => "mlp",
            Self::Linear => "linear",
        }
    }
}

/// Shape of the network, and how it learns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkOptions {
    /// Members of the ensemble; 1 for a single network.
    pub members: u32,
    /// Hidden layers.
    pub blocks: u32,
    /// Width of a hidden layer.
    pub width: u32,
    /// Share of hidden values dropped while training, 0 to 1.
    pub dropout: f64,
    /// Networks, each of which stops by other rows; their predictions are averaged.
    pub folds: u32,
    /// Passes over the training rows, at the most.
    pub epochs: u32,
    /// Rows in a step.
    pub batch_size: u32,
    /// Learning rate.
    pub learning_rate: f64,
    /// Decoupled weight decay; biases, scales and embeddings are spared.
    pub weight_decay: f64,
    /// Gradients are scaled down to this global L2 norm; 0 switches it off.
    pub clip_norm: f64,
    /// Stop after so many epochs without a lower validation loss; 0 never stops early.
    pub patience: u32,
    /// How evenly two rows are mixed into one to learn from: both parameters of the beta
    /// distribution that their shares are drawn from. 0 mixes none.
    #[serde(default)]
    pub mixup: f64,
    /// Share of the truth spread evenly over all labels, or over yes and no where a row can have
    /// several, 0 to 1 (Szegedy et al. 2015, section 7). Left out of the form where it is 0, so that
    /// recipes from before it have the form that they had, and the runs on disk that are named by it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub label_smoothing: f64,
}

fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

/// Networks for so many training rows: the fewer there are, the more depends on which of them
/// training stops by, and the cheaper another network is.
fn folds(rows: u32) -> u32 {
    match rows {
        ..2_000 => 4,
        2_000..8_000 => 2,
        _ => 1,
    }
}

impl NetworkOptions {
    /// Defaults for so many training rows.
    pub fn suggest(combiner: Combiner, rows: u32) -> Self {
        let (members, blocks) = match combiner {
            Combiner::TabM => (32, 2),
            Combiner::Mlp => (1, 2),
            Combiner::Linear => (1, 0),
        };
        Self {
            members,
            blocks,
            width: 128,
            dropout: 0.1,
            folds: folds(rows),
            epochs: 200,
            batch_size: match rows {
                ..2000 => 32,
                2000..4000 => 64,
                4000..8000 => 128,
                _ => 256,
            },
            learning_rate: 2e-3,
            weight_decay: 3e-4,
            clip_norm: 1.0,
            patience: 10,
            mixup: 0.0,
            label_smoothing: 0.0,
        }
    }
}
