//! A linear layer that can carry a low-rank update beside its own weight.

use burn::module::{Module, Param};
use burn::nn::{Dropout, DropoutConfig, Linear};
use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;

/// The low-rank update of one projection: `scale * dropout(x) A B`.
///
/// Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", section 4.1.
///
/// Kept apart from the base weight, where burn's `apply_lora` adds `A B` to it: that way a step
/// never forms the dense gradient of the frozen weight, which costs as much as a third of a full
/// step, and dropout can fall on the update's input alone.
#[derive(Module, Debug)]
pub struct LowRank {
    /// `[d_input, rank]`, drawn uniformly.
    pub a: Param<Tensor<2>>,
    /// `[rank, d_output]`, zero at the start, so that tuning begins at the pretrained model.
    pub b: Param<Tensor<2>>,
    dropout: Dropout,
    scale: f64,
}

impl LowRank {
    /// A fresh update, drawn on the host so that every device starts from the same numbers.
    ///
    /// `A` is uniform within `1 / sqrt(d_input)`, as in the reference implementation.
    pub fn draw(
        [d_input, d_output]: [usize; 2],
        rank: usize,
        scale: f64,
        dropout: f64,
        rng: &mut impl Rng,
        device: &Device,
    ) -> Self {
        let bound = 1.0 / (d_input as f32).sqrt();
        let a: Vec<f32> = (0..d_input * rank)
            .map(|_| rng.random_range(-bound..bound))
            .collect();
        Self {
            a: Param::from_data(TensorData::new(a, [d_input, rank]), device),
            b: Param::from_tensor(Tensor::zeros([rank, d_output], device)),
            dropout: DropoutConfig::new(dropout).init(),
            scale,
        }
    }

    /// What the update adds.
    ///
    /// # Shapes
    /// - input: `[rows, d_input]`
    /// - output: `[rows, d_output]`
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let narrow = self.dropout.forward(input).matmul(self.a.val()); // [rows, rank]
        (narrow * self.scale).matmul(self.b.val())
    }

    /// Sets the share of the update's inputs that is dropped while training, 0 to 1.
    #[must_use]
    pub fn with_dropout(mut self, share: f64) -> Self {
        self.dropout = DropoutConfig::new(share).init();
        self
    }

    /// `scale * A B`: what merging adds to the base weight, shape `[d_input, d_output]`.
    pub fn delta(&self) -> Tensor<2> {
        self.a.val().matmul(self.b.val()) * self.scale
    }
}

/// A linear layer with an optional low-rank update.
#[derive(Module, Debug)]
pub struct Projected {
    /// The pretrained layer.
    pub base: Linear,
    /// The update, when this projection is adapted.
    pub update: Option<LowRank>,
}

impl Projected {
    /// A layer without an update.
    pub fn new(base: Linear) -> Self {
        Self { base, update: None }
    }

    /// Adds the update to the weight and drops it.
    pub fn merge(&mut self) {
        if let Some(update) = self.update.take() {
            let weight = self.base.weight.val() + update.delta();
            self.base.weight = Param::from_tensor(weight);
        }
    }

    /// # Shapes
    /// - input: `[rows, d_input]`
    /// - output: `[rows, d_output]`
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        match &self.update {
            None => self.base.forward(input),
            Some(update) => self.base.forward(input.clone()) + update.forward(input),
        }
    }
}
