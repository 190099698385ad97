//! A text encoder that learns together with a table's network: what it makes of a text becomes what the
//! columns leave to be told.

use std::rc::Rc;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::fit::{Pace, TableLesson, fit_rows, groups_of};
use super::input::{TableBatch, TableInput};
use super::net::{RowNet, TableNet};
use super::texts::{TextVectors, row_tokens};
use crate::domain::features::TextTuning;
use crate::domain::features::network::NetworkOptions;
use crate::domain::recipe::{DataProfile, Recipe, Training};
use crate::domain::report::ParameterCount;
use crate::engine::checkpoint::EncoderState;
use crate::engine::classifier::features;
use crate::engine::encoder::BertEncoder;
use crate::engine::error::EngineError;
use crate::engine::run::{Base, ready, state_after};
use crate::engine::train::{Path, Watcher, rng_for};
use crate::engine::tuning::{ParameterGroup, count, encoder_groups, freeze_others};

/// Purpose of random numbers, see [`rng_for`].
const PURPOSE_LORA: u64 = 27;

/// Added to the seed, so that the rows come in another order than before.
const SECOND_STAGE: u32 = 1 << 16;

/// An encoder other than the base model's, with all that it takes to read texts.
pub(in crate::engine) struct OwnReader {
    pub base: Base,
    /// What it is besides the base model.
    pub state: EncoderState,
}

impl Clone for OwnReader {
    fn clone(&self) -> Self {
        Self::of(&self.base, self.base.encoder().clone(), self.state.clone())
    }
}

impl OwnReader {
    /// An encoder in a base model's place.
    pub fn of(base: &Base, encoder: BertEncoder, state: EncoderState) -> Self {
        Self {
            base: base.with_encoder(encoder),
            state,
        }
    }

    /// What its low-rank updates are taken times, where there are some.
    pub fn scale(&self) -> Option<f32> {
        let updates = self.state.updates.as_ref()?;
        Some((updates.alpha / f64::from(updates.rank)) as f32)
    }

    /// The same, made ready for what a recipe moves of it.
    pub fn made_ready(&self, recipe: &Recipe) -> Self {
        let tuning = recipe.text_tuning();
        let (encoder, state, _) = ready(self.base.encoder().clone(), self.state.clone(), &tuning);
        Self::of(&self.base, encoder, state)
    }
}

/// Encoder and network, of which the encoder's vectors are among the last flags.
#[derive(Module, Debug)]
struct Joined {
    text: BertEncoder,
    net: TableNet,
    /// Whether a row has two texts, which are compared.
    is_pair: bool,
}

impl RowNet for Joined {
    const AT_ONCE: usize = 32;
    const SAMPLE: usize = 256;

    fn vectors(&self, mut batch: TableBatch) -> Tensor<2> {
        let texts = batch.texts.take().expect("each row has texts");
        let mut vectors = features(&self.text, texts); // [rows * texts, hidden]
        if self.is_pair {
            vectors = compared(vectors);
        }
        let parts = [batch.flags.take(), Some(vectors), batch.behind_texts.take()];
        batch.flags = Some(Tensor::cat(parts.into_iter().flatten().collect(), 1));
        self.net.embed(batch)
    }

    fn judge(&self, vectors: Tensor<2>) -> Tensor<3> {
        self.net.judge(vectors)
    }

    fn home(&self) -> Device {
        self.net.device()
    }
}

/// What [`super::texts`] says of two texts, of vectors on the device.
///
/// # Shapes
/// - vectors: `[rows * 2, hidden]`
/// - output: `[rows, 2 * hidden + 1]`
fn compared(vectors: Tensor<2>) -> Tensor<2> {
    let [texts, hidden] = vectors.dims();
    let pairs: Tensor<3> = vectors.reshape([texts / 2, 2, hidden]);
    let [u, v] = [0, 1].map(|at| pairs.clone().narrow(1, at, 1).squeeze_dim::<2>(1));
    let product = u.clone() * v.clone();
    let cosine = product.clone().sum_dim(1) / hidden as f64;
    Tensor::cat(vec![(u - v).abs(), product, cosine], 1)
}

/// An encoder that is ready to learn along.
pub(super) struct Along {
    base: Base,
    encoder: BertEncoder,
    groups: Vec<ParameterGroup>,
    state: EncoderState,
    training: Training,
}

impl Along {
    /// Makes the encoder that reads a table's texts ready; `rows` are those to learn from. `None` where
    /// it stays as it is.
    pub fn new(base: &Base, state: &EncoderState, recipe: &Recipe, rows: usize) -> Option<Self> {
        let plan = recipe.table.as_ref()?;
        if recipe.text.is_empty() || plan.texts == TextTuning::Frozen {
            return None;
        }
        let tuning = recipe.text_tuning();
        let profile = DataProfile {
            parts: [rows as u32, 0, 0],
            ..DataProfile::empty()
        };
        let training = Training {
            transfer: recipe.training.transfer,
            ..Training::suggest(tuning.method, &profile)
        };
        let encoder = base.encoder().clone().with_dropout(training.dropout);
        let encoder = match tuning.has_updates() {
            false => encoder,
            // Updates of the same form go on.
            true if encoder.has_updates() => encoder.with_update_dropout(tuning.lora.dropout),
            true => {
                let mut rng = rng_for(recipe.seed, PURPOSE_LORA);
                encoder.with_lora(&tuning.lora, &mut rng, base.device())
            }
        };
        let groups = encoder_groups(&encoder, &tuning, &training);
        Some(Self {
            base: base.with_encoder(base.encoder().clone()),
            encoder,
            groups,
            state: state_after(state.clone(), &tuning),
            training,
        })
    }

    /// How many of its numbers move.
    pub fn parameters(&self) -> ParameterCount {
        count(&self.encoder, &self.groups)
    }

    /// Rows with the tokens of their texts in place of the encoder's vectors, and what is told of them.
    pub fn with_tokens(
        &self,
        input: TableInput,
        recipe: &Recipe,
        texts: &[Vec<String>],
        told: TextVectors,
    ) -> TableInput {
        let tokens: Rc<[Vec<Vec<u32>>]> = (texts.iter())
            .map(|row| row_tokens(&self.base, recipe, row))
            .collect();
        input.with_texts(tokens, told)
    }

    /// Trains it together with a network that has learned from the vectors of the encoder as it was, the
    /// network more slowly from step to step (Kumar et al. 2022, "Fine-Tuning can Distort Pretrained
    /// Features and Underperform Out-of-Distribution": first what is new, then all). Where that does not
    /// lower the validation loss, both stay as they were.
    ///
    /// `lesson` reads rows without vectors of texts.
    ///
    /// # Errors
    /// When the loss is no longer a number, or the device fails.
    pub async fn fit<W: Watcher>(
        self,
        net: TableNet,
        lesson: &TableLesson<'_>,
        options: &NetworkOptions,
        seed: u32,
        watcher: &mut W,
    ) -> Result<(Learned, Path), EngineError> {
        let mut groups = self.groups;
        groups.extend(groups_of(&net, options, &self.training.transfer));
        let is_pair = lesson.input.texts_of_a_row() == 2;
        let joined = Joined {
            text: self.encoder,
            net,
            is_pair,
        };
        let pace = Pace {
            training: self.training,
            mixup: options.mixup,
        };
        let seed = seed.wrapping_add(SECOND_STAGE);
        let (joined, path) = fit_rows(joined, groups, lesson, &pace, seed, watcher)
            .await?
            .split();
        let joined = freeze_others(joined, &[]).valid();
        let learned = Learned {
            reader: OwnReader::of(
                &self.base,
                joined.text.clone().without_dropout(),
                self.state,
            ),
            joined,
        };
        Ok((learned, path))
    }
}

/// What [`Along::fit`] leaves.
pub(super) struct Learned {
    joined: Joined,
    /// What reads texts from now on.
    pub reader: OwnReader,
}

impl Learned {
    /// The network.
    pub fn net(&self) -> TableNet {
        self.joined.net.clone()
    }

    /// As [`super::fit::predict`].
    ///
    /// # Errors
    /// When the device fails.
    pub async fn predict<W: Watcher>(
        &self,
        lesson: &TableLesson<'_>,
        rows: &[usize],
        watcher: &mut W,
    ) -> Result<Vec<f32>, EngineError> {
        super::fit::predict(&self.joined, lesson.objective, lesson.input, rows, watcher).await
    }
}
