//! How a run learns, as a person chooses it.

use serde::Serialize;

use super::{Method, Recipe};
use crate::domain::features::network::Combiner;

/// How a run learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// From texts alone, by the pretrained encoder.
    Text(Method),
    /// From columns, and where there are some from texts, whose encoder stays as it is or learns along.
    Table(Combiner),
}

impl Way {
    /// Every way, texts first.
    pub const ALL: [Self; 7] = [
        Self::Text(Method::Head),
        Self::Text(Method::Lora),
        Self::Text(Method::Full),
        Self::Text(Method::Contrastive),
        Self::Table(Combiner::TabM),
        Self::Table(Combiner::Mlp),
        Self::Table(Combiner::Linear),
    ];

    /// Stable id, as on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Text(method) => method.id(),
            Self::Table(combiner) => combiner.id(),
        }
    }

    /// A way by its id.
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.id() == id)
    }
}

impl Recipe {
    /// How a run of this recipe learns.
    pub fn way(&self) -> Way {
        match &self.table {
            Some(plan) => Way::Table(plan.combiner),
            None => Way::Text(self.tuning.method),
        }
    }
}
