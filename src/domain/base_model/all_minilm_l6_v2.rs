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
        bytes: 0,
        sha256: "",
    },
    tokenizer: ModelFile {
        path: "tokenizer.json",
        bytes: 0,
        sha256: "",
    },
};
