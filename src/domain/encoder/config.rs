//! What an encoder is, besides its weights.

use super::{ALL, Architecture};
use crate::domain::base_model::BertShape;

/// The function between the two feed-forward layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Gaussian error linear unit, exact (Hendrycks and Gimpel 2016, section 2).
    Gelu,
    /// The same paper's approximation by tanh.
    GeluTanh,
    /// The positive part.
    Relu,
}

impl Activation {
    /// By its name in a `config.json`.
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "gelu" => Some(Self::Gelu),
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Some(Self::GeluTanh),
            "relu" => Some(Self::Relu),
            _ => None,
        }
    }
}

/// How one vector a token becomes one vector a text (Reimers and Gurevych 2019, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// The mean over the tokens.
    Mean,
    /// The first token's vector.
    Cls,
    /// The largest value over the tokens, entry by entry.
    Max,
}

impl Pooling {
    /// By its name in the files of sentence-transformers.
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "mean" | "pooling_mode_mean_tokens" => Some(Self::Mean),
            "cls" | "pooling_mode_cls_token" => Some(Self::Cls),
            "max" | "pooling_mode_max_tokens" => Some(Self::Max),
            _ => None,
        }
    }
}

/// All that building and feeding an encoder takes, besides its weights and its tokenizer.
#[derive(Debug, Clone, PartialEq)]
pub struct EncoderConfig {
    /// Of which architecture it is.
    pub architecture: &'static Architecture,
    /// Its sizes.
    pub shape: BertShape,
    /// Between the two feed-forward layers.
    pub activation: Activation,
    /// Row of the position embedding that belongs to the first token.
    pub first_position: usize,
    /// From tokens to a text.
    pub pooling: Pooling,
    /// What stands before every text, as the encoder was trained; may be empty.
    pub prefix: String,
    /// Longest input, in tokens.
    pub max_tokens: usize,
}

impl From<BertShape> for EncoderConfig {
    /// A BERT of this shape that pools by the mean.
    fn from(shape: BertShape) -> Self {
        Self {
            architecture: ALL[0],
            shape,
            activation: Activation::Gelu,
            first_position: 0,
            pooling: Pooling::Mean,
            prefix: String::new(),
            max_tokens: shape.max_position_embeddings,
        }
    }
}
