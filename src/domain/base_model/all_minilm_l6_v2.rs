//! all-MiniLM-L6-v2: six layers, 22.7 million parameters, trained for sentence similarity.

use super::{BaseModel, BertShape, ModelFile};

pub(super) const MODEL: BaseModel = BaseModel {
    id: "all-MiniLM-L6-v2",
    name: "MiniLM L6 v2",
    about: "A small English sentence encoder: quick to tune, good on short texts.",
    source: "sentence-transformers/all-MiniLM-L6-v2",
    licence: "Apache-2.0",
    shape: BertShape {
        vocab_size: 30_522,
        hidden_size: 384,
        num_hidden_layers: 6,
        num_attention_heads: 12,
        intermediate_size: 1_536,
        max_position_embeddings: 512,
        type_vocab_size: 2,
        layer_norm_eps: 1e-12,
    },
    max_tokens: 256,
    weights: ModelFile {
        path: "model.safetensors",
        bytes: 45_141_872,
        sha256: "ef4f66adbac55a55f9d5a2d865d84a17f42e2f202b49d0235c77d3cdd5b19ce9",
    },
    tokenizer: ModelFile {
        path: "tokenizer.json",
        bytes: 466_247,
        sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    },
};
