//! Text encoders of the BERT family: what tells one from another, one architecture a file, listed
//! in [`ALL`].
//!
//! They share the transformer of Vaswani et al. 2017 with the norm after each residual. What differs
//! is how `config.json` names its sizes, how the weights name their tensors, where positions begin
//! and whether there are segments. So an architecture is data, and one engine reads them all.

mod bert;
mod config;
mod distilbert;
mod misfit;
mod own;
mod read;
mod roberta;

pub use config::{Activation, EncoderConfig, Pooling};
pub use misfit::Misfit;
pub use own::OwnEncoder;
pub use read::{EncoderFiles, read};

/// Names of a layer's tensors in a checkpoint, without `.weight` and `.bias`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TensorNames {
    /// What stands before the layer's number.
    pub layer: &'static str,
    /// Attention queries.
    pub query: &'static str,
    /// Attention keys.
    pub key: &'static str,
    /// Attention values.
    pub value: &'static str,
    /// Attention output.
    pub output: &'static str,
    /// Norm after attention.
    pub attention_norm: &'static str,
    /// First feed-forward layer.
    pub up: &'static str,
    /// Second feed-forward layer.
    pub down: &'static str,
    /// Norm after the feed-forward layers.
    pub output_norm: &'static str,
}

/// Names of the sizes in a `config.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldNames {
    /// Width of the hidden states.
    pub hidden_size: &'static str,
    /// Number of layers.
    pub layers: &'static str,
    /// Attention heads in each layer.
    pub heads: &'static str,
    /// Width of the feed-forward layer.
    pub intermediate_size: &'static str,
    /// The feed-forward layer's activation.
    pub activation: &'static str,
}

/// One architecture of the family.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Architecture {
    /// Stable id.
    pub id: &'static str,
    /// Name as people know it.
    pub name: &'static str,
    /// What `config.json` calls it in `model_type`.
    pub model_types: &'static [&'static str],
    /// How `config.json` names its sizes.
    pub fields: FieldNames,
    /// How a checkpoint names its tensors.
    pub tensors: TensorNames,
    /// Whether a segment vector is added to every token.
    pub has_segments: bool,
    /// Whether positions count from the one after the padding token's id, as in fairseq.
    pub counts_from_padding: bool,
    /// Added to the variance in layer normalisation where `config.json` does not say.
    pub layer_norm_eps: f64,
}

/// Every architecture that is read.
pub const ALL: &[&Architecture] = &[
    &bert::ARCHITECTURE,
    &distilbert::ARCHITECTURE,
    &roberta::ARCHITECTURE,
];

/// An architecture by what `config.json` calls it.
pub fn find(model_type: &str) -> Option<&'static Architecture> {
    ALL.iter()
        .copied()
        .find(|architecture| architecture.model_types.contains(&model_type))
}
