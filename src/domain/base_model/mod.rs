//! The pretrained checkpoints that a run can start from: one file each, listed in [`ALL`].

mod all_minilm_l6_v2;

use serde::{Deserialize, Serialize};

use super::encoder::EncoderConfig;

/// The shape of a BERT encoder.
///
/// Source: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers for
/// Language Understanding", section 3; the names follow Hugging Face's `config.json`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BertShape {
    /// Rows of the word embedding.
    pub vocab_size: usize,
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Number of transformer layers.
    pub num_hidden_layers: usize,
    /// Attention heads in each layer.
    pub num_attention_heads: usize,
    /// Width of the feed-forward layer.
    pub intermediate_size: usize,
    /// Longest sequence, in tokens.
    pub max_position_embeddings: usize,
    /// Rows of the segment embedding.
    pub type_vocab_size: usize,
    /// Added to the variance in layer normalisation.
    pub layer_norm_eps: f64,
}

/// One file of a checkpoint, as the app serves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ModelFile {
    /// Path below the checkpoint's folder.
    pub path: &'static str,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: &'static str,
}

/// A pretrained checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BaseModel {
    /// Stable id, as stored in recipes.
    pub id: &'static str,
    /// Name as people know it.
    pub name: &'static str,
    /// What it is good for, as a sentence.
    pub about: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// SPDX id of its licence.
    pub licence: &'static str,
    /// The encoder's shape.
    pub shape: BertShape,
    /// Longest input it was trained for, in tokens.
    pub max_tokens: usize,
    /// Weights in safetensors form.
    pub weights: ModelFile,
    /// The tokenizer's `tokenizer.json`.
    pub tokenizer: ModelFile,
}

impl BaseModel {
    /// All that building its encoder takes, besides its weights and its tokenizer.
    pub fn config(&self) -> EncoderConfig {
        EncoderConfig {
            max_tokens: self.max_tokens,
            ..self.shape.into()
        }
    }
}

/// Every checkpoint the app knows. The first one is the default.
pub const ALL: &[BaseModel] = &[all_minilm_l6_v2::MODEL];

/// What the id of a person's own encoder begins with; the SHA-256 of its files follows.
pub const OWN: &str = "sha256:";

/// Whether an id names a checkpoint that the app knows, or is made like that of a person's own.
pub fn is_known(id: &str) -> bool {
    let is_own = |id: &str| {
        id.strip_prefix(OWN).is_some_and(|hash| {
            hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    find(id).is_some() || is_own(id)
}

/// A checkpoint by its id.
pub fn find(id: &str) -> Option<&'static BaseModel> {
    ALL.iter().find(|model| model.id == id)
}
