//! The network that reads a table's rows: TabM, with an MLP and a linear model as its small cases.

use burn::module::{Module, ParamId};
use burn::nn::{Dropout, DropoutConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use rand::Rng;

use super::input::TableBatch;
use super::layer::{CategoryEmbedding, EnsembleLinear, MemberLinear, NumberEmbedding};
use super::objective::Level;
use crate::domain::features::network::NetworkOptions;
use crate::domain::features::{EntryMatch, FeaturePlan};
use crate::engine::error::EngineError;

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

/// A network that reads rows of a table, as the training loop needs it.
pub trait RowNet: Module {
    /// Rows in a batch when nothing is learned.
    const AT_ONCE: usize;

    /// Training rows that are judged after an epoch, at the most.
    const SAMPLE: usize;

    /// The columns' vectors, one after the other, shape `[rows, input]`.
    fn vectors(&self, batch: TableBatch) -> Tensor<2>;

    /// What follows from them, shape `[members, rows, outputs]`.
    fn judge(&self, vectors: Tensor<2>) -> Tensor<3>;

    /// Where the parameters are.
    fn home(&self) -> Device;
}

impl RowNet for TableNet {
    const AT_ONCE: usize = 1024;
    const SAMPLE: usize = 1024;

    fn vectors(&self, batch: TableBatch) -> Tensor<2> {
        self.embed(batch)
    }

    fn judge(&self, vectors: Tensor<2>) -> Tensor<3> {
        self.judge(vectors)
    }

    fn home(&self) -> Device {
        self.device()
    }
}

/// Widest input that numbers take up together; with more of them each vector is shorter.
const NUMBERS_WIDTH: usize = 384;

/// Longest vector of a number.
const NUMBER_WIDTH: usize = 16;

/// How much smaller than other columns the entries of a text's vector begin to count: there are hundreds
/// of them, and together they would drown the rest.
const TEXT_SCALE: f32 = 0.3;

/// Length of a category's vector.
const CATEGORY_WIDTH: usize = 8;

/// Where what a network reads and says was in an earlier one.
pub struct NetMatch {
    /// The columns' entries.
    pub entries: EntryMatch,
    /// How many columns of codes the earlier plan has.
    pub columns_of_codes: usize,
    /// How many flags it has; those of texts follow.
    pub flags: usize,
    /// Of each flag of texts its place among the earlier ones.
    pub text: Vec<Option<usize>>,
    /// Of each output its earlier place.
    pub outputs: Vec<Option<usize>>,
    /// What an earlier output is taken times, and what is added then.
    pub rescale: [f32; 2],
}

impl TableNet {
    /// This fresh network with what an earlier one learned: its columns' vectors, and where both have
    /// one shape all that follows.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn carried(self, earlier: &Self, at: &NetMatch) -> Result<Self, EngineError> {
        let mut inputs = self.inputs_from(earlier, at);
        let is_alike = self.has_shape_of(earlier);
        let Self {
            numbers,
            categories,
            blocks,
            heads,
            dropout,
        } = self;
        let numbers = match (numbers, &earlier.numbers) {
            (Some(own), Some(theirs)) => Some(own.carried(theirs, &at.entries.numbers).await?),
            (own, _) => own,
        };
        let categories = match (categories, &earlier.categories) {
            (Some(own), Some(theirs)) => {
                Some(own.carried(theirs, &at.entries.rows_of_codes).await?)
            }
            (own, _) => own,
        };
        let mut carried = Self {
            numbers,
            categories,
            blocks: Vec::new(),
            heads,
            dropout,
        };
        if !is_alike {
            carried.blocks = blocks;
            return Ok(carried);
        }
        for (own, theirs) in blocks.into_iter().zip(&earlier.blocks) {
            carried.blocks.push(own.carried(theirs, &inputs).await?);
            let [_, width] = theirs.shape();
            inputs = (0..width).map(Some).collect();
        }
        let heads = carried
            .heads
            .carried(&earlier.heads, &inputs, &at.outputs, at.rescale);
        carried.heads = heads.await?;
        Ok(carried)
    }

    /// What it says, brought to another level.
    #[must_use]
    pub fn levelled(mut self, level: &Level) -> Self {
        self.heads = self.heads.rescaled(level.slope, &level.shifts);
        self
    }

    /// Whether hidden layers and members are as many and as wide.
    pub fn has_shape_of(&self, other: &Self) -> bool {
        let shapes = |net: &Self| -> Vec<[usize; 2]> {
            net.blocks.iter().map(EnsembleLinear::shape).collect()
        };
        shapes(self) == shapes(other) && self.heads.members() == other.heads.members()
    }

    /// Of each entry of the columns' vectors its place in those of an earlier network.
    fn inputs_from(&self, earlier: &Self, at: &NetMatch) -> Vec<Option<usize>> {
        let width_of = |net: &Self| net.numbers.as_ref().map_or(0, NumberEmbedding::width);
        let [own, theirs] = [width_of(self), width_of(earlier)];
        let entries = &at.entries;
        let mut from = Vec::new();
        for number in &entries.numbers {
            from.extend((0..own).map(|entry| {
                let (number, _) = (*number)?;
                (entry < theirs).then_some(number * theirs + entry)
            }));
        }
        let their_numbers = earlier.numbers.as_ref().map_or(0, NumberEmbedding::count);
        let first = their_numbers * theirs;
        for code in &entries.codes {
            from.extend(
                (0..CATEGORY_WIDTH).map(|entry| Some(first + (*code)? * CATEGORY_WIDTH + entry)),
            );
        }
        let their_codes = at.columns_of_codes;
        let first = first + their_codes * CATEGORY_WIDTH;
        from.extend(entries.flags.iter().map(|flag| Some(first + (*flag)?)));
        let first = first + at.flags;
        from.extend(at.text.iter().map(|entry| Some(first + (*entry)?)));
        from
    }

    /// A fresh network. `text` is the length of a text's vector and of what linear models say of the text.
    ///
    /// # Panics
    /// When the plan has no feature and there is no text.
    pub fn draw(
        plan: &FeaturePlan,
        text: [usize; 2],
        outputs: usize,
        options: &NetworkOptions,
        rng: &mut impl Rng,
        device: &Device,
    ) -> Self {
        let chunks = chunks(plan, text.iter().sum());
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
            let mut scales = if block == 0 && members > 1 {
                signs(&chunks, members, rng)
            } else {
                vec![1.0; members * last]
            };
            if block == 0 {
                let [vector, probe] = text;
                for member in scales.chunks_exact_mut(input) {
                    let of_text = &mut member[input - vector - probe..][..vector];
                    of_text.iter_mut().for_each(|scale| *scale *= TEXT_SCALE);
                }
            }
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

    /// The same beside so many flags more, which change nothing of what it says.
    #[must_use]
    pub fn deaf_to(mut self, flags: usize) -> Self {
        match self.blocks.first_mut() {
            Some(first) => *first = first.deaf_to(flags),
            None => self.heads = self.heads.deaf_to(flags),
        }
        self
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

    /// Of each layer the parameters that weight decay pulls at, and those that it spares: biases,
    /// scales and embeddings. The heads come first, the columns' vectors last.
    pub fn learned(&self) -> Vec<(Vec<ParamId>, Vec<ParamId>)> {
        let (weight, bias) = self.heads.learned();
        let mut layers = vec![(weight.to_vec(), bias.to_vec())];
        for block in self.blocks.iter().rev() {
            let (weight, others) = block.learned();
            layers.push((weight.to_vec(), others.to_vec()));
        }
        let numbers = self.numbers.iter().flat_map(NumberEmbedding::learned);
        let categories = self.categories.iter().flat_map(CategoryEmbedding::learned);
        layers.push((Vec::new(), numbers.chain(categories).collect()));
        layers
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

#[cfg(test)]
mod tests {
    use super::super::input::TableInput;
    use super::*;
    use crate::domain::features::network::Combiner;
    use crate::domain::features::{FeatureOptions, FeatureSource};
    use crate::domain::table::{Column, RowId, Table};
    use crate::engine::device::cpu;
    use crate::engine::train::rng_for;

    fn source(column: &str) -> FeatureSource {
        FeatureSource {
            column: column.to_owned(),
            kind: None,
        }
    }

    /// What an earlier network says of rows, a network that took it over says as well, whatever the order of the columns, and of two outputs that changed places.
    #[test]
    fn what_is_carried_over_says_what_it_said() {
        let rows = 0..60_usize;
        let table = Table::new(
            "t.csv",
            vec![
                Column::of("size", rows.clone().map(|row| format!("{}", row * 37 % 61))),
                Column::of("colour", rows.clone().map(|row| ["a", "b", "c"][row % 3])),
                Column::of("sold", rows.clone().map(|row| ["yes", "no"][row / 2 % 2])),
                Column::of(
                    "age",
                    rows.clone().map(|row| format!("{}.5", row * 11 % 59)),
                ),
            ],
        );
        let all: Vec<RowId> = (0..60).map(RowId).collect();
        let fit = |names: &[&str]| {
            let sources: Vec<FeatureSource> = names.iter().map(|name| source(name)).collect();
            let plan = FeaturePlan::fit(&table, &sources, &all, &FeatureOptions::default());
            (plan, sources)
        };
        let (earlier_plan, _) = fit(&["size", "colour", "sold", "age"]);
        let (own, sources) = fit(&["sold", "age", "colour", "size"]);
        let carried = own.carried(&earlier_plan, &table, &sources, &all);
        let device = cpu();
        for combiner in [Combiner::TabM, Combiner::Mlp, Combiner::Linear] {
            let options = NetworkOptions {
                dropout: 0.0,
                width: 8,
                ..NetworkOptions::suggest(combiner, 60)
            };
            let draw = |plan: &FeaturePlan, seed: u32| {
                TableNet::draw(plan, [0, 0], 2, &options, &mut rng_for(seed, 0), &device)
            };
            let earlier = draw(&earlier_plan, 1);
            let widths = earlier_plan.widths();
            let at = NetMatch {
                entries: carried.entries(&earlier_plan),
                columns_of_codes: widths.codes.len(),
                flags: widths.flags,
                text: Vec::new(),
                outputs: vec![Some(1), Some(0)],
                rescale: [1.0, 0.0],
            };
            let fresh = draw(&carried.plan, 2);
            let later = futures::executor::block_on(fresh.carried(&earlier, &at)).unwrap();
            let says = |net: &TableNet, plan: &FeaturePlan| -> Vec<f32> {
                let input = TableInput::new(&plan.encode(&table, &all), plan, &device);
                let rows: Vec<usize> = (0..60).collect();
                let found = net.forward(input.batch(&rows));
                found.into_data().try_into_vec().unwrap()
            };
            let then = says(&earlier, &earlier_plan);
            let now = says(&later, &carried.plan);
            for (then, now) in then.chunks_exact(2).zip(now.chunks_exact(2)) {
                for (then, now) in [(then[0], now[1]), (then[1], now[0])] {
                    // Columns in another order are summed in another order.
                    assert!((then - now).abs() < 1e-5, "{combiner:?}: {then} and {now}");
                }
            }
        }
    }
}
