//! Which parameters move, and how fast: head, LoRA and full behind one mechanism.
//!
//! A [`ParameterGroup`] is a list of parameters with a highest learning rate and a weight decay.
//! A method is a choice of groups; everything outside them is frozen, which burn honours by not
//! keeping their graph: a frozen layer below the lowest moving one costs its forward pass only.

use std::collections::HashSet;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Tensor};
use rand::Rng;

use super::classifier::Classifier;
use super::encoder::BertEncoder;
use super::head::Head;
use crate::domain::recipe::{Method, Training, Tuning};
use crate::domain::report::ParameterCount;

/// Parameters that move alike.
#[derive(Debug, Clone)]
pub struct ParameterGroup {
    /// What a person would call it.
    pub name: &'static str,
    /// The parameters.
    pub ids: Vec<ParamId>,
    /// Highest learning rate.
    pub peak_rate: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
}

/// One parameter as the grouping sees it.
pub(super) struct Seen {
    pub(super) id: ParamId,
    /// Names of the fields that lead to it, joined by dots.
    pub(super) path: String,
    rank: usize,
    size: u64,
}

#[derive(Default)]
struct Collector {
    path: Vec<String>,
    seen: Vec<Seen>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.seen.push(Seen {
            id: param.id,
            path: self.path.join("."),
            rank: D,
            size: param.lazy_shape().num_elements() as u64,
        });
    }
}

/// Every parameter of a module.
pub(super) fn parameters(module: &impl Module) -> Vec<Seen> {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    collector.seen
}

/// Whether weight decay pulls at a parameter: matrices of projections, and nothing else. Biases,
/// norms and embeddings are spared, as in BERT's own optimizer.
fn decays(seen: &Seen) -> bool {
    seen.rank == 2 && !seen.path.contains("embeddings")
}

/// Parameters of one learning rate, apart by whether weight decay pulls at them.
fn groups(
    name: &'static str,
    seen: Vec<Seen>,
    peak_rate: f64,
    weight_decay: f64,
) -> Vec<ParameterGroup> {
    let (pulled, spared): (Vec<Seen>, Vec<Seen>) = seen.into_iter().partition(decays);
    [(pulled, weight_decay), (spared, 0.0)]
        .into_iter()
        .filter(|(seen, _)| !seen.is_empty())
        .map(|(seen, weight_decay)| ParameterGroup {
            name,
            ids: seen.iter().map(|seen| seen.id).collect(),
            peak_rate,
            weight_decay,
        })
        .collect()
}

/// The groups of a head that learns alone.
pub fn head_groups(head: &Head, training: &Training) -> Vec<ParameterGroup> {
    groups(
        "head",
        parameters(head),
        training.head_learning_rate,
        training.weight_decay,
    )
}

/// Freezes everything outside the groups.
struct Freezer {
    moving: HashSet<ParamId>,
}

impl ModuleMapper for Freezer {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let moves = self.moving.contains(&param.id);
        param.set_require_grad(moves)
    }
}

/// Lets the parameters of these groups move and no others.
pub fn freeze_others<M: Module>(module: M, groups: &[ParameterGroup]) -> M {
    let moving = groups
        .iter()
        .flat_map(|group| group.ids.iter().copied())
        .collect();
    module.map(&mut Freezer { moving })
}

/// A classifier made ready for a method, and the groups that it moves.
///
/// # Panics
/// When the method is [`Method::Head`], whose head learns on cached features without an encoder.
pub fn prepare(
    encoder: BertEncoder,
    head: Head,
    tuning: &Tuning,
    training: &Training,
    rng: &mut impl Rng,
    device: &Device,
) -> (Classifier, Vec<ParameterGroup>) {
    let encoder = encoder.with_dropout(training.dropout);
    let head = head.with_dropout(training.dropout);
    assert!(
        tuning.method != Method::Head,
        "the head learns on cached features"
    );
    let encoder = match tuning.has_updates() {
        true => encoder.with_lora(&tuning.lora, rng, device),
        false => encoder,
    };
    let classifier = Classifier { encoder, head };
    let chosen = moving(&classifier, tuning, training);
    (freeze_others(classifier, &chosen), chosen)
}

/// The groups that a method moves in a classifier that is ready for it.
pub fn moving(
    classifier: &Classifier,
    tuning: &Tuning,
    training: &Training,
) -> Vec<ParameterGroup> {
    let mut chosen = encoder_groups(&classifier.encoder, tuning, training);
    chosen.extend(head_groups(&classifier.head, training));
    chosen
}

/// The groups that a method moves in an encoder that is ready for it.
pub fn encoder_groups(
    encoder: &BertEncoder,
    tuning: &Tuning,
    training: &Training,
) -> Vec<ParameterGroup> {
    let moving = parameters(encoder)
        .into_iter()
        .filter(|seen| !tuning.has_updates() || seen.path.contains(".update."))
        .collect();
    groups(
        "encoder",
        moving,
        training.learning_rate,
        training.weight_decay,
    )
}

/// How many numbers the groups move, out of how many.
pub fn count(module: &impl Module, groups: &[ParameterGroup]) -> ParameterCount {
    let moving: HashSet<ParamId> = groups
        .iter()
        .flat_map(|group| group.ids.iter().copied())
        .collect();
    let seen = parameters(module);
    ParameterCount {
        trainable: seen
            .iter()
            .filter(|seen| moving.contains(&seen.id))
            .map(|seen| seen.size)
            .sum(),
        total: seen.iter().map(|seen| seen.size).sum(),
    }
}
