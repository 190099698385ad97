//! Which parameters move, and how fast: head, LoRA and full behind one mechanism.
//!
//! A [`ParameterGroup`] is a list of parameters with a highest learning rate and a weight decay.
//! A method is a choice of groups; everything outside them is frozen, which burn honours by not
//! keeping their graph: a frozen layer below the lowest moving one costs its forward pass only.

use std::collections::{BTreeMap, HashSet};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Tensor};
use rand::Rng;

use super::classifier::Classifier;
use super::encoder::BertEncoder;
use super::head::Head;
use crate::domain::recipe::{Method, Training, Transfer, Tuning};
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
    /// It stays frozen for so many epochs first.
    pub frozen_epochs: u32,
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
            frozen_epochs: 0,
        })
        .collect()
}

/// How many layers lie above a parameter of an encoder: 0 for the top one, all for the embeddings.
fn layers_above(seen: &Seen, layers: usize) -> u32 {
    let below = seen.path.strip_prefix("layers.").and_then(|rest| {
        let (number, _) = rest.split_once('.')?;
        number.parse::<usize>().ok()
    });
    below.map_or(layers, |at| layers - 1 - at) as u32
}

/// The groups of an encoder. Where layers do not all move alike (Howard and Ruder 2018, sections
/// 3.2 and 3.3), each has its own.
fn by_layer(seen: Vec<Seen>, layers: usize, training: &Training) -> Vec<ParameterGroup> {
    let Transfer {
        layer_decay,
        unfreeze_epochs,
        ..
    } = training.transfer;
    let (rate, decay) = (training.learning_rate, pull_to_zero(training));
    if layer_decay >= 1.0 && unfreeze_epochs == 0 {
        return groups("encoder", seen, rate, decay);
    }
    let mut of_layer: BTreeMap<u32, Vec<Seen>> = BTreeMap::new();
    for seen in seen {
        let above = layers_above(&seen, layers);
        of_layer.entry(above).or_default().push(seen);
    }
    let of_layer = of_layer.into_iter().flat_map(|(above, seen)| {
        let rate = rate * layer_decay.powi(above as i32);
        let mut groups = groups("encoder", seen, rate, decay);
        for group in &mut groups {
            group.frozen_epochs = unfreeze_epochs * (above + 1);
        }
        groups
    });
    of_layer.collect()
}

/// Weight decay pulls towards zero, L2-SP towards the start in its place.
pub(super) fn pull_to_zero(training: &Training) -> f64 {
    if training.transfer.l2_sp > 0.0 {
        0.0
    } else {
        training.weight_decay
    }
}

/// The groups of a head that learns alone.
pub fn head_groups(head: &Head, training: &Training) -> Vec<ParameterGroup> {
    groups(
        "head",
        parameters(head),
        training.head_learning_rate,
        pull_to_zero(training),
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
    let encoder = match tuning.method {
        Method::Head => panic!("the head learns on cached features"),
        _ if !tuning.has_updates() => encoder,
        // An earlier run's updates of the same form go on.
        _ if encoder.has_updates() => encoder.with_update_dropout(tuning.lora.dropout),
        _ => encoder.with_lora(&tuning.lora, rng, device),
    };
    let classifier = Classifier { encoder, head };
    let chosen = moving(&classifier, tuning, training);
    (freeze_others(classifier, &chosen), chosen)
}

/// Every parameter of a module as one group that nothing moves: for what is kept of a model.
pub fn everything(module: &impl Module) -> ParameterGroup {
    kept(module, |_| true)
}

/// The head and the low-rank updates of a classifier, in the same way.
pub fn of_updates(classifier: &Classifier) -> ParameterGroup {
    kept(classifier, |seen| {
        seen.path.starts_with("head.") || seen.path.contains(".update.")
    })
}

/// The low-rank updates of an encoder, in the same way.
pub fn updates_of(encoder: &BertEncoder) -> ParameterGroup {
    kept(encoder, |seen| seen.path.contains(".update."))
}

fn kept(module: &impl Module, is_kept: impl Fn(&Seen) -> bool) -> ParameterGroup {
    let seen = parameters(module).into_iter();
    ParameterGroup {
        name: "kept",
        ids: seen
            .filter(|seen| is_kept(seen))
            .map(|seen| seen.id)
            .collect(),
        peak_rate: 0.0,
        weight_decay: 0.0,
        frozen_epochs: 0,
    }
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
    by_layer(moving, encoder.depth(), training)
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
