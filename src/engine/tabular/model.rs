//! A model that a run on a table made: what it says of rows, and what is kept of it.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::fit::{groups, predict};
use super::input::TableInput;
use super::joined::OwnReader;
use super::net::TableNet;
use super::objective::{Classes, LabelSets, Number, Objective, Ordered};
use super::probe::{IN_CHECKPOINTS, Probes};
use super::run::PURPOSE_WEIGHTS;
use super::run::ReadRows;
use super::texts::{ReadTexts, TextVectors, row_vector, text_width, vectors_by};
use crate::domain::clean::{Fitted, prepare_row};
use crate::domain::features::{FeaturePlan, FeatureRows, row_texts};
use crate::domain::recipe::Recipe;
use crate::domain::report::Prediction;
use crate::domain::task::Target;
use crate::domain::text::Encoding;
use crate::engine::checkpoint::{Checkpoint, Standing};
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::optimizer::Optimizer;
use crate::engine::run::Base;
use crate::engine::train::{Control, Notice, SCORING_BATCH, Watcher, read, rng_for};
use crate::engine::tuning::{everything, freeze_others, updates_of};

/// Before the parameters of an encoder of the model's own.
const TEXT: &str = "text";

/// A model that a run on a table made.
pub struct TunedTable {
    nets: Vec<TableNet>,
    facts: TableFacts,
    /// What joins the vectors of texts.
    probes: Probes,
    /// What reads texts in the base model's place.
    reader: Option<OwnReader>,
    objective: Box<dyn Objective>,
    device: Device,
}

/// What a table's model is besides its parameters; plain data that a file can carry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableFacts {
    /// How cells become numbers.
    pub plan: FeaturePlan,
    /// Length of a text's vector; 0 without texts.
    pub text_width: usize,
    /// How many numbers a linear probe says of that vector; 0 without one.
    #[serde(default)]
    pub probe: usize,
    /// The tokens that another counts; none without one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<u32>,
    /// How many networks predict together.
    pub networks: usize,
    /// How many of them read no texts.
    #[serde(default)]
    pub of_columns: usize,
    /// What their outputs mean.
    pub answers: Answers,
}

/// What the networks' outputs mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// One of these labels.
    Labels(Vec<String>),
    /// One of these labels, the lowest first.
    Ranks(Vec<String>),
    /// Any number of these labels.
    LabelSets(Vec<String>),
    /// A number.
    Number {
        /// The scale on which it is learned.
        scale: NumberScale,
        /// How far the range reaches to either side on that scale; `None` where the rows to measure
        /// by were too few.
        reach: Option<f64>,
    },
}

/// From a number to the scale on which it is learned, and back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NumberScale {
    /// Mean of the training rows' numbers, or of their logarithms.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// Whether the logarithm of one more than the number is learned.
    pub is_log: bool,
}

impl TableFacts {
    /// How many numbers a network reads of a row's texts.
    pub fn text_inputs(&self) -> usize {
        self.text_width + self.told().iter().sum::<usize>()
    }

    /// How many numbers linear models say of a row's text: of its vector, and of its tokens.
    pub fn told(&self) -> [usize; 2] {
        match self.tokens.is_empty() {
            true => [self.probe, 0],
            false => [self.probe, self.answers.objective().outputs()],
        }
    }
}

impl NumberScale {
    /// Mean 0 and deviation 1 on these numbers or their logarithms.
    pub(super) fn fit(numbers: impl Iterator<Item = f64> + Clone, is_log: bool) -> Self {
        let unit = Self {
            mean: 0.0,
            deviation: 1.0,
            is_log,
        };
        let rows = numbers.clone().count().max(1) as f64;
        let mean = numbers.clone().map(|x| unit.forward(x)).sum::<f64>() / rows;
        let square = numbers
            .map(|x| (unit.forward(x) - mean).powi(2))
            .sum::<f64>()
            / rows;
        Self {
            mean,
            deviation: if square > 0.0 { square.sqrt() } else { 1.0 },
            is_log,
        }
    }

    /// From a number to its place on the scale.
    pub fn forward(self, number: f64) -> f64 {
        let number = if self.is_log { number.ln_1p() } else { number };
        (number - self.mean) / self.deviation
    }

    /// From a place on the scale to the number.
    pub fn backward(self, scaled: f64) -> f64 {
        let number = scaled * self.deviation + self.mean;
        if self.is_log { number.exp_m1() } else { number }
    }
}

impl Answers {
    /// What a target's answers mean. `scale` is that of numbers.
    pub(super) fn of(target: &Target, scale: Option<NumberScale>) -> Self {
        match target {
            Target::Labels(labels) => Self::Labels(labels.names.clone()),
            Target::Ranks(labels) => Self::Ranks(labels.names.clone()),
            Target::LabelSets(sets) => Self::LabelSets(sets.names.clone()),
            Target::Numbers(_) => Self::Number {
                scale: scale.expect("numbers have a scale"),
                reach: None,
            },
        }
    }

    /// The labels, by index; none of a number.
    pub fn names(&self) -> &[String] {
        match self {
            Self::Labels(names) | Self::Ranks(names) | Self::LabelSets(names) => names,
            Self::Number { .. } => &[],
        }
    }

    /// Whether there is something to choose from, or a scale to read a number from.
    fn is_sound(&self) -> bool {
        match self {
            Self::Labels(names) | Self::Ranks(names) | Self::LabelSets(names) => names.len() >= 2,
            Self::Number { scale, reach } => {
                let reach = reach.unwrap_or_default();
                [scale.mean, scale.deviation, reach]
                    .iter()
                    .all(|own| own.is_finite())
            }
        }
    }

    /// How outputs become predictions. It knows no row's truth, so it cannot train.
    fn objective(&self) -> Box<dyn Objective> {
        match self {
            Self::Labels(names) => Box::new(Classes {
                truth: Vec::new(),
                weights: vec![1.0; names.len()],
                smoothing: 0.0,
            }),
            Self::Ranks(names) => Box::new(Ordered {
                truth: Vec::new(),
                classes: names.len(),
                smoothing: 0.0,
            }),
            Self::LabelSets(names) => Box::new(LabelSets {
                truth: Vec::new(),
                labels: names.len(),
                smoothing: 0.0,
            }),
            Self::Number { .. } => Box::new(Number { truth: Vec::new() }),
        }
    }

    /// One row's predictions in the person's terms.
    fn say(&self, found: &[f32]) -> Prediction {
        match self {
            Self::Labels(_) | Self::Ranks(_) => Prediction::Labels(found.to_vec()),
            Self::LabelSets(_) => Prediction::LabelSet(found.to_vec()),
            Self::Number { .. } => {
                let (value, range) = self.number(found[0]);
                Prediction::Number { value, range }
            }
        }
    }

    /// The number that an output means, and its range.
    ///
    /// # Panics
    /// When the answers are labels.
    pub(super) fn number(&self, output: f32) -> (f64, Option<[f64; 2]>) {
        let Self::Number { scale, reach } = self else {
            panic!("labels are no numbers")
        };
        let at = f64::from(output);
        let range = reach.map(|reach| [at - reach, at + reach].map(|x| scale.backward(x)));
        (scale.backward(at), range)
    }
}

impl TunedTable {
    /// Networks that are done learning.
    pub(super) fn new(
        nets: Vec<TableNet>,
        facts: TableFacts,
        probes: Probes,
        reader: Option<OwnReader>,
        device: &Device,
    ) -> Self {
        let objective = facts.answers.objective();
        Self {
            nets,
            facts,
            probes,
            reader,
            objective,
            device: device.clone(),
        }
    }

    /// What it is besides its parameters.
    pub fn facts(&self) -> &TableFacts {
        &self.facts
    }

    /// How cells become numbers.
    pub fn plan(&self) -> &FeaturePlan {
        &self.facts.plan
    }

    /// Where the parameters are.
    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    /// The networks, whose predictions are averaged.
    pub(in crate::engine) fn nets(&self) -> &[TableNet] {
        &self.nets
    }

    /// The same, those that read texts before those of the columns alone.
    pub(super) fn nets_by_kind(&self) -> Vec<&TableNet> {
        let kinds = match self.facts.of_columns {
            own if own > 0 && own < self.nets.len() => 2,
            _ => 1,
        };
        let of_kind = |kind| self.nets.iter().skip(kind).step_by(kinds);
        (0..kinds).flat_map(of_kind).collect()
    }

    /// What joins the vectors of texts; nothing without texts, or where there were too few.
    pub(in crate::engine) fn probes(&self) -> &Probes {
        &self.probes
    }

    /// What reads its texts, where that is not the base model as it is.
    pub(in crate::engine) fn reader(&self) -> Option<&OwnReader> {
        self.reader.as_ref()
    }

    /// Rows with what their networks read of their texts.
    pub(super) fn input(&self, (input, texts): ReadRows) -> TableInput {
        let (values, width) = self.text_inputs(texts);
        input.with_flags(values, width)
    }

    /// What the networks read of rows' texts.
    pub(in crate::engine) fn text_inputs(&self, read: ReadTexts) -> TextVectors {
        self.probes.beside(read)
    }

    /// The scale on which a number was learned; none of other answers.
    pub(in crate::engine) fn scale(&self) -> Option<NumberScale> {
        match self.facts.answers {
            Answers::Number { scale, .. } => Some(scale),
            _ => None,
        }
    }

    /// The networks' parameters.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn learned(&self, recipe: &Recipe) -> Result<Checkpoint, EngineError> {
        let idle = Optimizer::new(Vec::new(), &recipe.training);
        let options = &recipe.table.as_ref().expect("it learned a table").network;
        let groups: Vec<_> = (self.nets.iter())
            .flat_map(|net| groups(net, options))
            .collect();
        let mut learned =
            Checkpoint::take(Standing::default(), &groups, &self.nets, &idle, None).await?;
        self.probes.keep(&mut learned);
        if let Some(reader) = &self.reader {
            let kept = match reader.state.has_moved {
                true => everything(reader.base.encoder()),
                false => updates_of(reader.base.encoder()),
            };
            let (encoder, standing) = (reader.base.encoder(), Standing::default());
            let own = Checkpoint::take(standing, &[kept], encoder, &idle, None).await?;
            for (path, tensor) in own.parameters() {
                learned.put(&format!("{TEXT}.{path}"), tensor.clone());
            }
            learned.standing.encoder = Some(reader.state.clone());
        }
        Ok(learned)
    }

    /// The model that a recipe made, from what was kept of it. `base` reads its texts.
    pub fn restore(
        recipe: &Recipe,
        facts: TableFacts,
        learned: &Checkpoint,
        base: Option<&Base>,
        device: &Device,
    ) -> Self {
        let options = &recipe.table.as_ref().expect("it learned a table").network;
        let outputs = facts.answers.objective().outputs();
        let told = facts.told().iter().sum();
        let draw = |at: usize| {
            TableNet::draw(
                &facts.plan,
                [facts.text_width, told],
                outputs,
                options,
                &mut rng_for(recipe.seed.wrapping_add(at as u32), PURPOSE_WEIGHTS),
                device,
            )
        };
        let fresh: Vec<TableNet> = (0..facts.networks).map(draw).collect();
        let probes = Probes::in_checkpoint(learned, &facts.tokens);
        let reader = base.and_then(|base| reader_in(learned, base, recipe));
        Self::new(learned.restore(fresh), facts, probes, reader, device)
    }

    /// The same from somebody else's file.
    /// What would be allocated is looked at before it is.
    ///
    /// # Errors
    /// When the numbers do not fit the rest, as the end of a sentence.
    pub fn open(
        recipe: &Recipe,
        facts: &TableFacts,
        base: Option<&Base>,
        learned: &Checkpoint,
        device: &Device,
    ) -> Result<Self, String> {
        if let Some(flaw) = facts.plan.flaw() {
            return Err(flaw);
        }
        let hidden = base.map_or(0, |base| base.shape().hidden_size);
        if facts.text_width != text_width(recipe, hidden) {
            return Err(format!("it reads texts as {} numbers", facts.text_width));
        }
        if !facts.answers.is_sound() {
            return Err("it does not say what its answers mean".to_owned());
        }
        let (width, told) = (facts.text_width, facts.told());
        if let Some(flaw) = Probes::flaw_of(learned, recipe, width, &facts.tokens, told) {
            return Err(flaw.to_owned());
        }
        let plan = recipe.table.as_ref().ok_or("it learned no table")?;
        let options = &plan.network;
        let input = TableNet::input_width(&facts.plan, facts.text_inputs());
        let outputs = facts.answers.objective().outputs();
        let all: usize = learned.parameters().map(|(_, own)| own.values.len()).sum();
        // Each of these matrices is in every network, and so in the file.
        let [input, outputs, networks] = [input, outputs, facts.networks].map(|own| own as u64);
        let [members, width] = [options.members, options.width].map(u64::from);
        let first = match options.blocks {
            0 => input * outputs * members,
            _ => input * width,
        };
        let needed = networks.saturating_mul(first.max(members * outputs));
        if input == 0 || networks == 0 || needed > all as u64 {
            return Err("it says to be larger than the numbers in it".to_owned());
        }
        if let Some(state) = &learned.standing.encoder
            && let Some(flaw) = learned.flaw_of_updates(state)
        {
            return Err(flaw);
        }
        let tuned = Self::restore(recipe, facts.clone(), learned, base, device);
        let groups: Vec<_> = (tuned.nets.iter())
            .flat_map(|net| groups(net, options))
            .collect();
        let encoder = tuned.reader.as_ref().map(|reader| reader.base.encoder());
        match learned.misfit_of(
            &tuned.nets,
            &groups,
            &IN_CHECKPOINTS,
            encoder.map(|own| (TEXT, own)),
        ) {
            Some(what) => Err(what),
            None => Ok(tuned),
        }
    }

    /// The mean of the networks' predictions, on the scale on which they learned; row-major.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn predict<W: Watcher>(
        &self,
        input: &TableInput,
        watcher: &mut W,
    ) -> Result<Vec<f32>, EngineError> {
        let rows: Vec<usize> = (0..input.rows()).collect();
        let mut mean: Vec<f32> = Vec::new();
        for net in &self.nets {
            let own = predict(net, &*self.objective, input, &rows, watcher).await?;
            mean.resize(own.len(), 0.0);
            for (mean, own) in mean.iter_mut().zip(own) {
                *mean += own / self.nets.len() as f32;
            }
        }
        Ok(mean)
    }

    /// Answers as people read them: a probability a label, or the number in its own unit.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn answers<W: Watcher>(
        &self,
        input: &TableInput,
        watcher: &mut W,
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let found = self.predict(input, watcher).await?;
        Ok(self.read_as_people_do(&found, input.rows()))
    }

    /// The same by one of the networks alone.
    ///
    /// # Errors
    /// When the device fails.
    ///
    /// # Panics
    /// When there is no such network.
    pub async fn answers_of<W: Watcher>(
        &self,
        network: usize,
        input: &TableInput,
        watcher: &mut W,
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let rows: Vec<usize> = (0..input.rows()).collect();
        let net = &self.nets[network];
        let found = predict(net, &*self.objective, input, &rows, watcher).await?;
        Ok(self.read_as_people_do(&found, input.rows()))
    }

    fn read_as_people_do(&self, found: &[f32], rows: usize) -> Vec<Vec<f32>> {
        let rows = found.chunks_exact((found.len() / rows.max(1)).max(1));
        rows.map(|row| match &self.facts.answers {
            Answers::Number { scale, .. } => vec![scale.backward(f64::from(row[0])) as f32],
            _ => row.to_vec(),
        })
        .collect()
    }

    /// What the model says of many rows, in their order.
    ///
    /// Each row holds names of columns with their cells as they stand in the file; a column that is
    /// not among them reads as empty. `fitted` prepares them as the training rows were; `base` reads
    /// texts, whose vectors `store` holds.
    ///
    /// # Errors
    /// When the device fails, or the watcher stops.
    ///
    /// # Panics
    /// When the recipe has texts and `base` is none.
    pub async fn answer_all<W: Watcher>(
        &self,
        recipe: &Recipe,
        fitted: &[Fitted],
        base: Option<&Base>,
        rows: Vec<Vec<(String, String)>>,
        store: &mut FeatureStore,
        watcher: &mut W,
    ) -> Result<Vec<Prediction>, EngineError> {
        let plan = &self.facts.plan;
        let mut encoded = FeatureRows::default();
        let mut texts = Vec::with_capacity(rows.len());
        for mut row in rows {
            prepare_row(fitted, &mut row);
            let cells: BTreeMap<&str, &str> = (row.iter())
                .map(|(column, cell)| (column.as_str(), cell.as_str()))
                .collect();
            let cell = |name: &str| cells.get(name).copied().unwrap_or_default();
            encoded.extend(&plan.encode_cells(cell));
            texts.push(row_texts(recipe, recipe.text.iter().map(|name| cell(name))));
        }
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let mut input = TableInput::new(&encoded, plan, &self.device);
        if self.facts.text_width > 0 {
            let base = base.map(|base| (base, store));
            let read = vectors_by(self.reader(), base, recipe, &texts, watcher).await?;
            input = self.input((input, read));
        }
        let found = self.predict(&input, watcher).await?;
        let rows = found.chunks_exact(found.len() / input.rows());
        Ok(rows.map(|row| self.facts.answers.say(row)).collect())
    }

    /// What the first network makes of rows before it answers, row-major, and the width of a row.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn embed<W: Watcher>(
        &self,
        input: &TableInput,
        watcher: &mut W,
    ) -> Result<(Vec<f32>, usize), EngineError> {
        let rows: Vec<usize> = (0..input.rows()).collect();
        let (mut vectors, mut width) = (Vec::new(), 0);
        for batch in rows.chunks(SCORING_BATCH) {
            watcher.breathe().await;
            let hidden = self.nets[0].hidden(input.batch(batch)); // [members, rows, width]
            let [members, count, narrow] = hidden.dims();
            width = members * narrow;
            let by_row = hidden.swap_dims(0, 1).reshape([count, width]);
            vectors.extend(read(by_row).await?);
        }
        Ok((vectors, width))
    }

    /// What the model says of one row, and its text as the encoder read it where there is one.
    ///
    /// `row` holds names of columns with their cells, in any order; a column that is not among them
    /// reads as empty. `fitted` prepares the cells as the training rows were; `base` reads texts.
    ///
    /// # Errors
    /// When the device fails.
    ///
    /// # Panics
    /// When the recipe has texts and `base` is none.
    pub async fn answer(
        &self,
        recipe: &Recipe,
        fitted: &[Fitted],
        base: Option<&Base>,
        mut row: Vec<(String, String)>,
    ) -> Result<(Prediction, Option<Encoding>), EngineError> {
        prepare_row(fitted, &mut row);
        let cell = |name: &str| {
            let found = row.iter().find(|(column, _)| column == name);
            found.map_or("", |(_, cell)| cell.as_str())
        };
        let plan = &self.facts.plan;
        let input = TableInput::new(&plan.encode_cells(cell), plan, &self.device);
        let (input, encoding) = if self.facts.text_width == 0 {
            (input, None)
        } else {
            let own = self.reader().map(|own| &own.base);
            let base = own.or(base).expect("texts need an encoder");
            let texts = row_texts(recipe, recipe.text.iter().map(|name| cell(name)));
            let (read, longest) = row_vector(base, recipe, &texts).await?;
            (self.input((input, read)), longest)
        };
        let found = self.predict(&input, &mut Heedless).await?;
        Ok((self.facts.answers.say(&found), encoding))
    }
}

/// The encoder in a checkpoint, of the shape of the base model.
fn reader_in(learned: &Checkpoint, base: &Base, recipe: &Recipe) -> Option<OwnReader> {
    let state = learned.standing.encoder.clone()?;
    let mut encoder = base.encoder().clone();
    if let Some(updates) = &state.updates {
        let mut rng = rng_for(recipe.seed, PURPOSE_WEIGHTS);
        encoder = encoder.with_lora(updates, &mut rng, base.device());
    }
    let encoder = learned.restore_below(TEXT, freeze_others(encoder, &[]));
    let encoder = encoder.without_dropout().valid();
    Some(OwnReader::of(base, encoder, state))
}

/// Heeds nobody: one row is answered before anybody could want something else.
pub(super) struct Heedless;

impl Watcher for Heedless {
    fn now(&self) -> f64 {
        0.0
    }

    fn notice(&mut self, _notice: Notice) {}

    async fn breathe(&mut self) -> Control {
        Control::Go
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_goes_there_and_back() {
        for is_log in [false, true] {
            let scale = NumberScale::fit([0.0, 1.0, 30.0].into_iter(), is_log);
            for number in [0.0, 0.5, 12.0, 400.0] {
                assert!((scale.backward(scale.forward(number)) - number).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_range_lies_around_the_number_on_its_own_scale() {
        let scale = NumberScale::fit([1.0, 10.0, 100.0].into_iter(), true);
        let answers = Answers::Number {
            scale,
            reach: Some(0.5),
        };
        let Prediction::Number { value, range } = answers.say(&[0.0]) else {
            panic!("a number was asked for")
        };
        let [low, high] = range.unwrap();
        assert!(low < value && value < high);
        assert!(high - value > value - low, "ratios, not differences");
    }
}
