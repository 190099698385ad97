//! BERT (Devlin et al. 2019): all-MiniLM, bge, e5 and gte of the small sizes are of its shape.

use super::{Architecture, FieldNames, TensorNames};

/// How `config.json` names sizes, and checkpoints their tensors; RoBERTa took both over.
pub(super) const FIELDS: FieldNames = FieldNames {
    hidden_size: "hidden_size",
    layers: "num_hidden_layers",
    heads: "num_attention_heads",
    intermediate_size: "intermediate_size",
    activation: "hidden_act",
};

/// See [`FIELDS`].
pub(super) const TENSORS: TensorNames = TensorNames {
    layer: "encoder.layer",
    query: "attention.self.query",
    key: "attention.self.key",
    value: "attention.self.value",
    output: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    up: "intermediate.dense",
    down: "output.dense",
    output_norm: "output.LayerNorm",
};

pub(super) const ARCHITECTURE: Architecture = Architecture {
    id: "bert",
    name: "BERT",
    model_types: &["bert"],
    fields: FIELDS,
    tensors: TENSORS,
    has_segments: true,
    counts_from_padding: false,
    layer_norm_eps: 1e-12,
};
