//! The network that reads a table's rows: TabM, with an MLP and a linear model as its small cases.

use burn::module::{Module, ParamId};
use burn::nn::{Dropout, DropoutConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use rand::Rng;

use super::input::TableBatch;
use super::layer::{CategoryEmbedding, EnsembleLinear, MemberLinear, NumberEmbedding};
use crate::domain::features::FeaturePlan;
use crate::domain::features::network::NetworkOptions;

/// Vectors of the columns, then an MLP that imitates an ensemble of MLPs.
///
/// Source: Gorishniy et al. 2024, "TabM: Advancing Tabular Deep Learning with Parameter-Efficient
/// Ensembling", section 3.3. One member and no scaling is an MLP; no block either, a linear model.
#[derive(Module, Debug)]
pub struct TableNet {
    numbers: Option<NumberEmbedding>,
    categories: Option<CategoryEmbedding>,
    blocks: Vec<EnsembleLinear>,
    heads: MemberLinear,
    dropout: Dropout,
}

/// Widest input that numbers take up together; with more of them each vector is shorter.
const NUMBERS_WIDTH: usize = 384;

/// Longest vector of a number.
const NUMBER_WIDTH: usize = 16;

/// Length of a category's vector.
const CATEGORY_WIDTH: usize = 8;

impl TableNet {
    /// A fresh network. `more_flags` counts flags that do not come from the plan, such as a text's
    /// vector.
    ///
    /// # Panics
    /// When the plan has no feature and there are no more flags.
    pub fn draw(
        plan: &FeaturePlan,
        more_flags: usize,
        outputs: usize,
        options: &NetworkOptions,
        rng: &mut impl Rng,
        device: &Device,
    ) -> Self {
        let chunks = chunks(plan, more_flags);
        let widths = plan.widths();
        let number_width = number_width(widths.numbers);
        let numbers = (widths.numbers > 0)
            .then(|| NumberEmbedding::draw(&plan.bins(), number_width, rng, device));
        let categories = (!widths.codes.is_empty())
            .then(|| CategoryEmbedding::draw(&widths.codes, CATEGORY_WIDTH, rng, device));
        let input: usize = chunks.iter().sum();
        assert!(input > 0, "there is something to learn from");

        let members = options.members as usize;
        let width = options.width as usize;
        let mut blocks = Vec::new();
        let mut last = input;
        for block in 0..options.blocks {
            let scales = if block == 0 && members > 1 {
                signs(&chunks, members, rng)
            } else {
                vec![1.0; members * last]
            };
            blocks.push(EnsembleLinear::draw([last, width], scales, rng, device));
            last = width;
        }
        Self {
            numbers,
            categories,
            blocks,
            heads: MemberLinear::draw(members, [last, outputs], rng, device),
            dropout: DropoutConfig::new(options.dropout).init(),
        }
    }

    /// Length of the columns' vectors together.
    pub fn input_width(plan: &FeaturePlan, more_flags: usize) -> usize {
        chunks(plan, more_flags).iter().sum()
    }

    /// # Shapes
    /// - output: `[members, rows, outputs]`
    pub fn forward(&self, batch: TableBatch) -> Tensor<3> {
        self.judge(self.embed(batch))
    }

    /// What comes before the outputs.
    ///
    /// # Shapes
    /// - output: `[members, rows, width]`, or `[1, rows, width]` where nothing tells members apart
    pub fn hidden(&self, batch: TableBatch) -> Tensor<3> {
        self.hidden_of(self.embed(batch))
    }

    /// The columns' vectors, one after the other, shape `[rows, input]`.
    pub fn embed(&self, batch: TableBatch) -> Tensor<2> {
        let mut parts: Vec<Tensor<2>> = Vec::new();
        if let (Some(embedding), Some(numbers)) = (&self.numbers, batch.numbers) {
            parts.push(embedding.forward(numbers));
        }
        if let (Some(embedding), Some(codes)) = (&self.categories, batch.codes) {
            parts.push(embedding.forward(codes));
        }
        parts.extend(batch.flags);
        Tensor::cat(parts, 1)
    }

    /// What follows from the columns' vectors.
    ///
    /// # Shapes
    /// - vectors: `[rows, input]`
    /// - output: `[members, rows, outputs]`
    pub fn judge(&self, vectors: Tensor<2>) -> Tensor<3> {
        let hidden = self.hidden_of(vectors);
        let [groups, rows, width] = hidden.dims();
        let members = self.heads.members();
        let hidden = if groups == members {
            hidden
        } else {
            hidden.expand([members, rows, width])
        };
        self.heads.forward(hidden)
    }

    fn hidden_of(&self, vectors: Tensor<2>) -> Tensor<3> {
        let mut hidden: Tensor<3> = vectors.unsqueeze_dim(0); // [1, rows, input]
        for block in &self.blocks {
            hidden = self.drop(relu(block.forward(hidden)));
        }
        hidden
    }

    /// Drops the same hidden values of a row in every member: each member sees plain dropout, and
    /// a step draws as many random numbers as it would for one. Drawing them for all members took
    /// longer on the CPU than everything else.
    fn drop(&self, hidden: Tensor<3>) -> Tensor<3> {
        let device = hidden.device();
        if self.dropout.prob == 0.0 || !device.is_autodiff() {
            return hidden;
        }
        let [_, rows, width] = hidden.dims();
        hidden
            * self
                .dropout
                .forward(Tensor::ones([1, rows, width], &device))
    }

    /// Parameters that weight decay pulls at, and those that it spares: biases, scales and
    /// embeddings.
    pub fn learned(&self) -> (Vec<ParamId>, Vec<ParamId>) {
        let (mut pulled, mut spared) = (Vec::new(), Vec::new());
        if let Some(numbers) = &self.numbers {
            spared.extend(numbers.learned());
        }
        if let Some(categories) = &self.categories {
            spared.extend(categories.learned());
        }
        for block in &self.blocks {
            let (weight, others) = block.learned();
            pulled.extend(weight);
            spared.extend(others);
        }
        let (weight, bias) = self.heads.learned();
        pulled.extend(weight);
        spared.extend(bias);
        (pulled, spared)
    }

    /// Where the parameters are.
    pub fn device(&self) -> Device {
        self.heads.device()
    }
}

/// Lengths of the columns' vectors, which lie one after the other: numbers, categories, flags.
fn chunks(plan: &FeaturePlan, more_flags: usize) -> Vec<usize> {
    let widths = plan.widths();
    std::iter::repeat_n(number_width(widths.numbers), widths.numbers)
        .chain(std::iter::repeat_n(CATEGORY_WIDTH, widths.codes.len()))
        .chain(std::iter::repeat_n(1, widths.flags + more_flags))
        .collect()
}

/// Length of a number's vector, of so many of them.
fn number_width(numbers: usize) -> usize {
    (NUMBERS_WIDTH / numbers.max(1)).clamp(1, NUMBER_WIDTH)
}

/// A random sign for each member and column, the same over a column's vector.
fn signs(chunks: &[usize], members: usize, rng: &mut impl Rng) -> Vec<f32> {
    let mut signs = Vec::new();
    for _ in 0..members {
        for &chunk in chunks {
            let sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
            signs.extend(std::iter::repeat_n(sign, chunk));
        }
    }
    signs
}
