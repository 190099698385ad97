//! Encoder and head together: a text's tokens in, one score a label out.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::batch::TokenBatch;
use super::encoder::{BertEncoder, to_sphere};
use super::head::Head;

/// A model whose training loop is [`super::train::fit`]: it turns some rows of its data into
/// scores.
pub trait Learner: Module {
    /// What it reads.
    type Data: ?Sized;

    /// Scores of the chosen rows, shape `[rows, classes]`, on the model's own device.
    fn logits(&self, data: &Self::Data, rows: &[usize]) -> Tensor<2>;

    /// How much work a row is, in units that only need to be comparable.
    fn lengths(data: &Self::Data) -> Vec<u32>;

    /// Where the parameters are.
    fn device(&self) -> Device;

    /// The same with its scores divided by a temperature: as right, and as sure as that makes it.
    #[must_use]
    fn at_temperature(self, temperature: f64) -> Self;
}

/// Encoder and head.
#[derive(Module, Debug)]
pub struct Classifier {
    /// Tokens to vectors.
    pub encoder: BertEncoder,
    /// Vectors to scores.
    pub head: Head,
}

impl Classifier {
    /// # Shapes
    /// - output: `[batch, classes]`, before softmax
    pub fn forward(&self, batch: TokenBatch) -> Tensor<2> {
        self.head.forward(features(&self.encoder, batch))
    }
}

/// A text's vector as the head reads it: pooled hidden states on a sphere.
///
/// # Shapes
/// - output: `[batch, hidden]`
pub fn features(encoder: &BertEncoder, batch: TokenBatch) -> Tensor<2> {
    features_of_words(encoder, encoder.words(batch.ids), batch.mask)
}

/// The same from the vectors of the tokens.
///
/// # Shapes
/// - words: `[batch, tokens, hidden]`
/// - mask: `[batch, tokens]`, 1 for a token and 0 for padding
/// - output: `[batch, hidden]`
pub fn features_of_words(encoder: &BertEncoder, words: Tensor<3>, mask: Tensor<2>) -> Tensor<2> {
    to_sphere(encoder.pooled_words(words, mask))
}

impl Learner for Classifier {
    type Data = [Vec<u32>];

    fn logits(&self, texts: &[Vec<u32>], rows: &[usize]) -> Tensor<2> {
        self.forward(TokenBatch::new(
            rows.iter().map(|&row| texts[row].as_slice()),
            &self.device(),
        ))
    }

    fn lengths(texts: &[Vec<u32>]) -> Vec<u32> {
        texts.iter().map(|tokens| tokens.len() as u32).collect()
    }

    fn device(&self) -> Device {
        self.head.linear.weight.val().device()
    }

    fn at_temperature(self, temperature: f64) -> Self {
        Self {
            head: self.head.divided_by(temperature),
            ..self
        }
    }
}

/// Vectors of texts that the frozen encoder has read, kept on the host, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// Width of a vector.
    pub hidden: usize,
    /// Shape `[rows, hidden]`.
    pub values: Vec<f32>,
}

impl Features {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.hidden
    }
}

impl Learner for Head {
    type Data = Features;

    fn logits(&self, features: &Features, rows: &[usize]) -> Tensor<2> {
        let hidden = features.hidden;
        let mut values = Vec::with_capacity(rows.len() * hidden);
        for &row in rows {
            values.extend_from_slice(&features.values[row * hidden..][..hidden]);
        }
        self.forward(Tensor::from_data(
            TensorData::new(values, [rows.len(), hidden]),
            &self.device(),
        ))
    }

    fn lengths(features: &Features) -> Vec<u32> {
        vec![1; features.rows()]
    }

    fn device(&self) -> Device {
        self.linear.weight.val().device()
    }

    fn at_temperature(self, temperature: f64) -> Self {
        self.divided_by(temperature)
    }
}
