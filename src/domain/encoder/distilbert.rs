//! DistilBERT (Sanh et al. 2019): BERT without segments, under names of its own.

use super::{Architecture, FieldNames, TensorNames};

pub(super) const ARCHITECTURE: Architecture = Architecture {
    id: "distilbert",
    name: "DistilBERT",
    model_types: &["distilbert"],
    fields: FieldNames {
        hidden_size: "dim",
        layers: "n_layers",
        heads: "n_heads",
        intermediate_size: "hidden_dim",
        activation: "activation",
    },
    tensors: TensorNames {
        layer: "transformer.layer",
        query: "attention.q_lin",
        key: "attention.k_lin",
        value: "attention.v_lin",
        output: "attention.out_lin",
        attention_norm: "sa_layer_norm",
        up: "ffn.lin1",
        down: "ffn.lin2",
        output_norm: "output_layer_norm",
    },
    has_segments: false,
    counts_from_padding: false,
    layer_norm_eps: 1e-12,
};
