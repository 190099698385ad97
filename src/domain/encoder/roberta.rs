//! RoBERTa (Liu et al. 2019) and XLM-RoBERTa (Conneau et al. 2020): BERT whose positions count from
//! the one after the padding token's id.

use super::Architecture;
use super::bert::{FIELDS, TENSORS};

pub(super) const ARCHITECTURE: Architecture = Architecture {
    id: "roberta",
    name: "RoBERTa",
    model_types: &["roberta", "xlm-roberta", "camembert"],
    fields: FIELDS,
    tensors: TENSORS,
    has_segments: true,
    counts_from_padding: true,
    layer_norm_eps: 1e-5,
};
