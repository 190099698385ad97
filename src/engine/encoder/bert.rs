//! An encoder of the BERT family, built from a checkpoint.
//!
//! Source: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers for Language
//! Understanding"; Vaswani et al. 2017, "Attention Is All You Need", section 3.2. What differs
//! between the architectures of the family, names of tensors among it, is in
//! [`crate::domain::encoder`].

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Embedding, LayerNorm};
use burn::tensor::{Device, Int, Tensor, activation::softmax};
use rand::Rng;

use super::gelu::activate;
use super::pool::{first_token, max_pool, mean_pool};
use super::projection::{LowRank, Projected};
use super::weights::{Weights, WeightsError};
use crate::domain::base_model::BertShape;
use crate::domain::encoder::{Activation, EncoderConfig, Pooling};
use crate::domain::recipe::{LoraOptions, Projection};

/// Added to the attention score of a padding token: its weight becomes exactly zero, and the sum
/// stays far from f32's limits.
const PADDING_SCORE: f64 = -1e9;

/// How to build a [`BertEncoder`].
#[derive(Debug, Clone)]
pub struct BertEncoderConfig {
    config: EncoderConfig,
}

impl BertEncoderConfig {
    /// An encoder of this configuration, or a BERT of this shape.
    pub fn new(config: impl Into<EncoderConfig>) -> Self {
        Self {
            config: config.into(),
        }
    }

    /// Builds the encoder from a checkpoint, whatever stands before the names of its tensors.
    ///
    /// # Errors
    /// Names the first tensor that does not fit.
    pub fn load(
        &self,
        weights: &Weights<'_>,
        device: &Device,
    ) -> Result<BertEncoder, WeightsError> {
        let config = &self.config;
        let BertShape {
            hidden_size: hidden,
            layer_norm_eps: epsilon,
            ..
        } = config.shape;
        let shape = config.shape;
        let words = "embeddings.word_embeddings";
        let weights = &weights.below_the_one_of(&format!("{words}.weight"));
        let embedding = |name: &str, rows| weights.embedding(name, rows, hidden, device);
        let segments = config
            .architecture
            .has_segments
            .then(|| embedding("embeddings.token_type_embeddings", shape.type_vocab_size));
        let embeddings = Embeddings {
            words: embedding(words, shape.vocab_size)?,
            positions: embedding(
                "embeddings.position_embeddings",
                shape.max_position_embeddings,
            )?,
            segments: segments.transpose()?,
            norm: weights.layer_norm("embeddings.LayerNorm", hidden, epsilon, device)?,
            first_position: config.first_position,
        };
        let layers = (0..shape.num_hidden_layers)
            .map(|at| Layer::load(weights, at, config, device))
            .collect::<Result<_, _>>()?;
        Ok(BertEncoder {
            embeddings,
            layers,
            dropout: DropoutConfig::new(0.0).init(),
            pooling: config.pooling,
        })
    }
}

/// Sums of word, position and segment vectors.
#[derive(Module, Debug)]
struct Embeddings {
    words: Embedding,
    positions: Embedding,
    segments: Option<Embedding>,
    norm: LayerNorm,
    first_position: usize,
}

impl Embeddings {
    /// # Shapes
    /// - words, output: `[batch, tokens, hidden]`
    fn forward(&self, words: Tensor<3>) -> Tensor<3> {
        let [_, tokens, _] = words.dims();
        let positions = self.positions.weight.val();
        let positions = positions.narrow(0, self.first_position, tokens); // [tokens, hidden]
        let places = match &self.segments {
            Some(segments) => positions + segments.weight.val().narrow(0, 0, 1),
            None => positions,
        };
        let places = places.unsqueeze::<3>(); // [1, tokens, hidden]
        self.norm.forward(words + places)
    }
}

/// One transformer layer: attention, then a feed-forward network, each with a residual.
#[derive(Module, Debug)]
struct Layer {
    query: Projected,
    key: Projected,
    value: Projected,
    output: Projected,
    attention_norm: LayerNorm,
    up: Projected,
    down: Projected,
    output_norm: LayerNorm,
    heads: usize,
    #[module(skip)]
    activation: Activation,
}

impl Layer {
    fn load(
        weights: &Weights<'_>,
        at: usize,
        config: &EncoderConfig,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let BertShape {
            hidden_size: hidden,
            intermediate_size: wide,
            layer_norm_eps: epsilon,
            ..
        } = config.shape;
        let names = &config.architecture.tensors;
        let named = |name: &str| format!("{}.{at}.{name}", names.layer);
        let linear = |name: &str, d_input: usize, d_output: usize| {
            weights
                .linear(&named(name), d_input, d_output, device)
                .map(Projected::new)
        };
        let norm = |name: &str| weights.layer_norm(&named(name), hidden, epsilon, device);
        Ok(Self {
            query: linear(names.query, hidden, hidden)?,
            key: linear(names.key, hidden, hidden)?,
            value: linear(names.value, hidden, hidden)?,
            output: linear(names.output, hidden, hidden)?,
            attention_norm: norm(names.attention_norm)?,
            up: linear(names.up, hidden, wide)?,
            down: linear(names.down, wide, hidden)?,
            output_norm: norm(names.output_norm)?,
            heads: config.shape.num_attention_heads,
            activation: config.activation,
        })
    }

    /// # Shapes
    /// - hidden, output: `[batch * tokens, hidden]`
    /// - padding: `[batch, 1, 1, tokens]`, zero for a token and [`PADDING_SCORE`] for padding
    fn forward(&self, hidden: Tensor<2>, padding: Tensor<4>, dropout: &Dropout) -> Tensor<2> {
        let [batch, _, _, tokens] = padding.dims();
        let [_, width] = hidden.dims();
        let head_width = width / self.heads;
        let by_head = |projected: Tensor<2>| {
            projected
                .reshape([batch, tokens, self.heads, head_width])
                .swap_dims(1, 2)
        }; // [batch, heads, tokens, head_width]
        let query = by_head(self.query.forward(hidden.clone()) * (head_width as f64).powf(-0.5));
        let key = by_head(self.key.forward(hidden.clone()));
        let value = by_head(self.value.forward(hidden.clone()));

        let scores = query.matmul(key.swap_dims(2, 3)) + padding; // [batch, heads, tokens, tokens]
        let attention = dropout.forward(softmax(scores, 3));
        let mixed = attention
            .matmul(value)
            .swap_dims(1, 2)
            .reshape([batch * tokens, width]);
        let hidden = self
            .attention_norm
            .forward(dropout.forward(self.output.forward(mixed)) + hidden);

        let wide = activate(self.activation, self.up.forward(hidden.clone())); // [batch * tokens, intermediate]
        self.output_norm
            .forward(dropout.forward(self.down.forward(wide)) + hidden)
    }

    fn projections(&self) -> [&Projected; 6] {
        [
            &self.query,
            &self.key,
            &self.value,
            &self.output,
            &self.up,
            &self.down,
        ]
    }

    fn projections_mut(&mut self) -> [&mut Projected; 6] {
        [
            &mut self.query,
            &mut self.key,
            &mut self.value,
            &mut self.output,
            &mut self.up,
            &mut self.down,
        ]
    }

    fn projection_mut(&mut self, which: Projection) -> &mut Projected {
        match which {
            Projection::Query => &mut self.query,
            Projection::Key => &mut self.key,
            Projection::Value => &mut self.value,
            Projection::Output => &mut self.output,
            Projection::Up => &mut self.up,
            Projection::Down => &mut self.down,
        }
    }
}

/// An encoder of the BERT family: token ids in, one vector a token or a text out.
#[derive(Module, Debug)]
pub struct BertEncoder {
    embeddings: Embeddings,
    layers: Vec<Layer>,
    dropout: Dropout,
    #[module(skip)]
    pooling: Pooling,
}

impl BertEncoder {
    /// # Shapes
    /// - ids: `[batch, tokens]`
    /// - mask: `[batch, tokens]`, 1 for a token and 0 for padding
    /// - output: `[batch, tokens, hidden]`
    pub fn forward(&self, ids: Tensor<2, Int>, mask: Tensor<2>) -> Tensor<3> {
        self.forward_words(self.words(ids), mask)
    }

    /// The vectors of tokens before they know their place: what an explanation moves along a path.
    ///
    /// # Shapes
    /// - ids: `[batch, tokens]`
    /// - output: `[batch, tokens, hidden]`
    pub fn words(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        self.embeddings.words.forward(ids)
    }

    /// All that comes after [`Self::words`].
    ///
    /// # Shapes
    /// - words, output: `[batch, tokens, hidden]`
    /// - mask: `[batch, tokens]`, 1 for a token and 0 for padding
    pub fn forward_words(&self, words: Tensor<3>, mask: Tensor<2>) -> Tensor<3> {
        let [batch, tokens, width] = words.dims();
        let embedded = self.dropout.forward(self.embeddings.forward(words));
        let padding = ((mask - 1.0) * -PADDING_SCORE).reshape([batch, 1, 1, tokens]);
        let flat = self.layers.iter().fold(
            embedded.reshape([batch * tokens, width]),
            |hidden, layer| layer.forward(hidden, padding.clone(), &self.dropout),
        );
        flat.reshape([batch, tokens, width])
    }

    /// One vector a text, pooled as the encoder was trained.
    ///
    /// # Shapes
    /// - ids, mask: as in [`BertEncoder::forward`]
    /// - output: `[batch, hidden]`
    pub fn pooled(&self, ids: Tensor<2, Int>, mask: Tensor<2>) -> Tensor<2> {
        self.pooled_words(self.words(ids), mask)
    }

    /// The same from the vectors of the tokens.
    ///
    /// # Shapes
    /// - words, mask: as in [`BertEncoder::forward_words`]
    /// - output: `[batch, hidden]`
    pub fn pooled_words(&self, words: Tensor<3>, mask: Tensor<2>) -> Tensor<2> {
        let hidden = self.forward_words(words, mask.clone());
        match self.pooling {
            Pooling::Mean => mean_pool(hidden, mask),
            Pooling::Cls => first_token(hidden),
            Pooling::Max => max_pool(hidden, mask),
        }
    }

    /// Sets the share of hidden values that is dropped while training, 0 to 1.
    #[must_use]
    pub fn with_dropout(mut self, share: f64) -> Self {
        self.dropout = DropoutConfig::new(share).init();
        self
    }

    /// The same without any dropout, also where a graph is kept.
    #[must_use]
    pub fn without_dropout(self) -> Self {
        self.with_update_dropout(0.0).with_dropout(0.0)
    }

    /// Puts a fresh low-rank update beside the chosen projections of every layer.
    #[must_use]
    pub fn with_lora(mut self, options: &LoraOptions, rng: &mut impl Rng, device: &Device) -> Self {
        let scale = options.alpha / f64::from(options.rank);
        let mut targets = options.targets.clone();
        targets.sort_unstable();
        targets.dedup();
        for layer in &mut self.layers {
            for &target in &targets {
                let projection = layer.projection_mut(target);
                let shape = projection.base.weight.dims();
                projection.update = Some(LowRank::draw(
                    shape,
                    options.rank as usize,
                    scale,
                    options.dropout,
                    rng,
                    device,
                ));
            }
        }
        self
    }

    /// Number of layers, the embeddings aside.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Whether any projection has a low-rank update beside it.
    pub fn has_updates(&self) -> bool {
        let mut all = self.layers.iter().flat_map(Layer::projections);
        all.any(|projection| projection.update.is_some())
    }

    /// Sets the share of the updates' inputs that is dropped while training, 0 to 1.
    #[must_use]
    pub fn with_update_dropout(mut self, share: f64) -> Self {
        for layer in &mut self.layers {
            for projection in layer.projections_mut() {
                projection.update = projection.update.take().map(|u| u.with_dropout(share));
            }
        }
        self
    }

    /// The same function up to rounding, with every low-rank update added to the weight beside it.
    #[must_use]
    pub fn merged(mut self) -> Self {
        for layer in &mut self.layers {
            for projection in layer.projections_mut() {
                projection.merge();
            }
        }
        self
    }

    /// The low-rank update beside one projection of one layer, if there is one.
    pub fn update_mut(&mut self, layer: usize, which: Projection) -> Option<&mut LowRank> {
        self.layers
            .get_mut(layer)?
            .projection_mut(which)
            .update
            .as_mut()
    }

    /// The layer that turns tokens into vectors, whose rows weight decay spares.
    pub fn word_embedding(&self) -> &Embedding {
        &self.embeddings.words
    }
}
