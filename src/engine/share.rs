//! From a tuned model to a demo that fits in a link, and back.

use std::collections::BTreeMap;

use super::checkpoint::Checkpoint;
use super::export::TextWeights;
use super::export::names::field_of;
use super::named::HostTensor;
use super::run::{Base, Tuned};
use crate::domain::base_model::{self, BaseModel};
use crate::domain::clean::Fitted;
use crate::domain::recipe::{DataProfile, Method, Projection, Recipe};
use crate::domain::share::{Bits, Demo, Lora, Packed, reduced};

/// How much of a model goes into a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packing {
    /// How the head is kept.
    pub head: Bits,
    /// Rank of the low-rank updates and how they are kept; none for a head alone.
    pub lora: Option<(u32, Bits)>,
}

/// What of a finished run goes into a link.
pub struct Source<'a> {
    /// How it was made.
    pub recipe: &'a Recipe,
    /// The labels, by index.
    pub labels: &'a [String],
    /// How cells are prepared.
    pub fitted: &'a [Fitted],
    /// What was learned.
    pub weights: &'a TextWeights,
    /// Share of the test rows that it gets right, and how many rows there are.
    pub accuracy: Option<(f32, u32)>,
}

/// What the maker of a link says.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// What it is called.
    pub title: String,
    /// What it does.
    pub about: String,
    /// By whom.
    pub by: String,
    /// Texts to try: one cell a text column.
    pub examples: Vec<Vec<String>>,
}

/// Why a model cannot be shared by a link, or a link not be opened.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ShareError {
    /// A model that is no head and low-rank updates.
    #[error("{0}")]
    Unfit(&'static str),
    /// The base model is not known here.
    #[error("this link was tuned on a base model that is not known here")]
    OtherBase,
    /// The weights are not those of the base model.
    #[error("this link does not fit its base model: {0}")]
    Misfit(String),
}

impl Packing {
    /// What it is, as a person reads it.
    pub fn name(&self) -> String {
        match self.lora {
            None => format!("head, {}", self.head.name()),
            Some((rank, bits)) => format!("LoRA of rank {rank}, {}", bits.name()),
        }
    }

    /// Every packing of a model, from the one that keeps most to the one that keeps least.
    pub fn all(weights: &TextWeights) -> Vec<Self> {
        let Some(update) = weights.updates.first() else {
            return [Bits::F16, Bits::Int8]
                .map(|head| Self { head, lora: None })
                .into();
        };
        let rank = update.b.shape[0] as u32;
        let mut ranks = vec![rank, 8, 4, 2, 1];
        ranks.retain(|&own| own <= rank);
        ranks.dedup();
        let mut all = Vec::new();
        for rank in ranks {
            for bits in [Bits::Int8, Bits::Int4] {
                all.push(Self {
                    head: Bits::Int8,
                    lora: Some((rank, bits)),
                });
            }
        }
        all
    }

    /// The demo of a model, packed so.
    ///
    /// # Errors
    /// When the model is no head on the bundled encoder that moved by low-rank updates at the most.
    pub fn demo(&self, source: &Source<'_>, words: &Words) -> Result<Demo, ShareError> {
        let Source {
            recipe, weights, ..
        } = source;
        if recipe.tuning.method != Method::Head && !recipe.tuning.has_updates() {
            return Err(ShareError::Unfit(
                "Every parameter moved, which fits into no link; take it along as a file, or tune by LoRA.",
            ));
        }
        let base = base_model::find(&recipe.base_model).ok_or(ShareError::Unfit(
            "A link holds no encoder, so it can only be made of a model on the bundled one.",
        ))?;
        let [hidden, _] = weights.weight.shape[..] else {
            return Err(ShareError::Unfit("The head is no matrix."));
        };
        let lora = self.lora.map(|(keep, bits)| {
            let options = &recipe.tuning.lora;
            let mut targets: Vec<Projection> =
                weights.updates.iter().map(|own| own.projection).collect();
            targets.sort_unstable();
            targets.dedup();
            let pairs = weights.updates.iter().map(|update| {
                let [inputs, rank] = [update.a.shape[0], update.a.shape[1]];
                let outputs = update.b.shape[1];
                let keep = (keep as usize).min(rank);
                let (a, b) = reduced(&update.a.values, &update.b.values, rank, keep);
                let a = HostTensor::new(&[inputs, keep], a).transposed();
                [
                    Packed::pack(&a.values, inputs, bits),
                    Packed::pack(&b, outputs, bits),
                ]
            });
            Lora {
                scale: (options.alpha / f64::from(options.rank)) as f32,
                targets,
                pairs: pairs.collect(),
            }
        });
        Ok(Demo {
            title: words.title.clone(),
            about: words.about.clone(),
            by: words.by.clone(),
            base: hash_of(base),
            target: recipe.target.clone(),
            text: recipe.text.clone(),
            max_tokens: recipe.max_tokens,
            fitted: source.fitted.to_vec(),
            labels: source.labels.to_vec(),
            accuracy: source.accuracy,
            weight: Packed::pack(&weights.weight.transposed().values, hidden, self.head),
            bias: weights.bias.values.clone(),
            lora,
            examples: words.examples.clone(),
        })
    }
}

/// The base model of a demo.
///
/// # Errors
/// When it is not known here.
pub fn base_of(demo: &Demo) -> Result<&'static BaseModel, ShareError> {
    base_model::ALL
        .iter()
        .find(|base| hash_of(base) == demo.base)
        .ok_or(ShareError::OtherBase)
}

/// The model in a demo, and the recipe that it could have been made by.
///
/// # Errors
/// When the weights are not those of the base model.
pub fn open(demo: &Demo, base: &Base) -> Result<(Tuned, Recipe), ShareError> {
    let known = base_of(demo)?;
    let shape = base.shape();
    let mut recipe = Recipe::suggest(
        demo.text.clone(),
        demo.target.clone(),
        &DataProfile::empty(),
    );
    recipe.base_model = known.id.to_owned();
    recipe.max_tokens = demo.max_tokens.min(shape.max_position_embeddings as u32);
    recipe.tuning.method = Method::Head;
    if demo.weight.width() != shape.hidden_size {
        let wide = demo.weight.width();
        return Err(ShareError::Misfit(format!("its head is {wide} wide")));
    }
    let labels = demo.labels.len();
    let weight = HostTensor::new(&[labels, shape.hidden_size], demo.weight.values()).transposed();
    let bias = HostTensor::new(&[labels], demo.bias.clone());
    let mut parameters = BTreeMap::new();
    let place = match &demo.lora {
        None => "",
        Some(lora) => {
            adapt(lora, &mut recipe, &mut parameters);
            "head."
        }
    };
    parameters.insert(format!("{place}linear.weight"), weight);
    parameters.insert(format!("{place}linear.bias"), bias);
    if let Some(lora) = &demo.lora
        && lora.pairs.len() != lora.targets.len() * shape.num_hidden_layers
    {
        return Err(ShareError::Misfit("it has other layers".to_owned()));
    }
    let learned = Checkpoint::of(parameters);
    let tuned = Tuned::restore(base, demo.labels.clone(), &recipe, &learned);
    match tuned.misfit(&learned) {
        None => Ok((tuned, recipe)),
        Some(what) => Err(ShareError::Misfit(what)),
    }
}

fn adapt(lora: &Lora, recipe: &mut Recipe, parameters: &mut BTreeMap<String, HostTensor>) {
    let rank = lora.pairs[0][0].rows();
    recipe.tuning.method = Method::Lora;
    recipe.tuning.lora.rank = rank as u32;
    recipe.tuning.lora.alpha = f64::from(lora.scale) * rank as f64;
    recipe.tuning.lora.targets.clone_from(&lora.targets);
    for (layer, pairs) in lora.pairs.chunks_exact(lora.targets.len()).enumerate() {
        for (target, [a, b]) in lora.targets.iter().zip(pairs) {
            let path = format!("encoder.layers.{layer}.{}.update", field_of(*target));
            let a = HostTensor::new(&[rank, a.width()], a.values()).transposed();
            let b = HostTensor::new(&[rank, b.width()], b.values());
            parameters.insert(format!("{path}.a"), a);
            parameters.insert(format!("{path}.b"), b);
        }
    }
}

/// SHA-256 of a base model's weights, in bytes.
fn hash_of(base: &BaseModel) -> [u8; 32] {
    let digits = base.weights.sha256.as_bytes();
    std::array::from_fn(|at| {
        let digit = |at: usize| (digits[at] as char).to_digit(16).unwrap_or(0) as u8;
        digit(2 * at) << 4 | digit(2 * at + 1)
    })
}
