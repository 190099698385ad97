//! Training that is interrupted and goes on as if it had not been.
//!
//! A checkpoint holds what moves: the parameters of the groups, AdamW's moments, the best
//! parameters so far and where in the run it was taken. What does not move comes from the base
//! model again. The order of the rows and the dropout of every step follow from the recipe's seed,
//! so a run that goes on from a checkpoint ends in the same bits on the CPU
//! (`tests/checkpoint.rs`).
//!
//! The bytes are a safetensors file: `model.*`, `first.*`, `second.*`, `best.*` by the parameter's
//! path, `done0.*`, `done1.*`... for networks of a table's model that are done, and the standing as JSON
//! in its metadata.

use std::collections::{BTreeMap, HashMap, HashSet};

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::encoder::BertEncoder;
use super::error::EngineError;
use super::named::{HostTensor, Named, named};
use super::optimizer::{Moments, Optimizer};
use super::train::{self, read};
use super::tuning::{ParameterGroup, Seen, parameters};
use crate::domain::recipe::LoraOptions;
use crate::domain::report::EpochReport;

/// Key of the JSON in the file's metadata.
const STANDING: &str = "standing";

/// Where in a run a checkpoint was taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Steps that are done.
    pub step: u32,
    /// Epochs that are done.
    pub epochs: Vec<EpochReport>,
    /// Validation loss of the best epoch and its number, from 1.
    pub best: Option<(f32, u32)>,
    /// Of the epoch under way: sum of the losses, right rows, rows.
    pub under_way: (f32, f32, u64),
    /// How the networks of a table's model that are done got there; steps and epochs are those of the
    /// next one.
    #[serde(default)]
    pub networks: Vec<train::Path>,
    /// AdamW's own count of steps.
    pub times: BTreeMap<String, u64>,
    /// What is in the encoder of a finished model, where the recipe alone does not tell.
    #[serde(default)]
    pub encoder: Option<EncoderState>,
}

/// What an encoder is besides the base model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EncoderState {
    /// Low-rank updates beside its projections.
    pub updates: Option<LoraOptions>,
    /// Whether its own weights are no longer those of the base model.
    pub has_moved: bool,
}

/// A run as far as it got.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Where it was.
    pub standing: Standing,
    tensors: BTreeMap<String, HostTensor>,
}

/// Why bytes are no checkpoint.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the checkpoint cannot be read: {0}")]
pub struct CheckpointError(String);

impl Checkpoint {
    /// Reads what moves from the device.
    ///
    /// `model` and `best` are without a graph; their parameters are named alike.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn take<M: Module>(
        mut standing: Standing,
        groups: &[ParameterGroup],
        model: &M,
        optimizer: &Optimizer,
        best: Option<&M>,
    ) -> Result<Self, EngineError> {
        let mut tensors = BTreeMap::new();
        for Named {
            path,
            id,
            shape,
            flat,
        } in moving(model, groups)
        {
            if let Some(moments) = optimizer.moments(id) {
                standing.times.insert(path.clone(), moments.time as u64);
                let count = vec![flat.shape().num_elements()];
                for (part, tensor) in [("first", &moments.first), ("second", &moments.second)] {
                    let values = read(tensor.clone()).await?;
                    let shape = count.clone();
                    tensors.insert(format!("{part}.{path}"), HostTensor { shape, values });
                }
            }
            let values = read(flat).await?;
            tensors.insert(format!("model.{path}"), HostTensor { shape, values });
        }
        if let Some(best) = best {
            for Named {
                path, shape, flat, ..
            } in moving(best, groups)
            {
                let values = read(flat).await?;
                tensors.insert(format!("best.{path}"), HostTensor { shape, values });
            }
        }
        Ok(Self { standing, tensors })
    }

    /// Parameters by their paths, of no run.
    pub fn of(parameters: impl IntoIterator<Item = (String, HostTensor)>) -> Self {
        let tensors = parameters
            .into_iter()
            .map(|(path, tensor)| (format!("model.{path}"), tensor));
        Self {
            standing: Standing::default(),
            tensors: tensors.collect(),
        }
    }

    /// Adds a network of a table's model that is done, after those that were added before.
    pub fn add_network(&mut self, path: train::Path, tensors: &BTreeMap<String, HostTensor>) {
        let at = self.standing.networks.len();
        self.standing.networks.push(path);
        for (name, tensor) in tensors {
            self.tensors
                .insert(format!("done{at}.{name}"), tensor.clone());
        }
    }

    /// Puts the parameters of a network that is done into one of the same shape.
    pub fn restore_network<M: Module>(&self, at: usize, network: M) -> M {
        network.map(&mut Restorer::new(self, format!("done{at}")))
    }

    /// Whether its first network has the shapes of this one, as far as both have the same parameters.
    pub fn fits<M: Module>(&self, network: &M) -> bool {
        let part = match self.standing.networks.is_empty() {
            true => "model",
            false => "done0",
        };
        let mut shapes = shapes(network).into_iter();
        shapes.all(|(path, shape)| {
            let kept = self.tensors.get(&format!("{part}.{path}"));
            kept.is_none_or(|kept| kept.shape == shape)
        })
    }

    /// Puts in a parameter more.
    pub fn put(&mut self, path: &str, tensor: HostTensor) {
        self.tensors.insert(format!("model.{path}"), tensor);
    }

    /// A parameter by its path.
    pub fn parameter(&self, path: &str) -> Option<&HostTensor> {
        self.tensors.get(&format!("model.{path}"))
    }

    /// The parameters by their paths.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &HostTensor)> {
        let tensors = self.tensors.iter();
        tensors.filter_map(|(name, tensor)| Some((name.strip_prefix("model.")?, tensor)))
    }

    /// Puts the parameters into a model of the same shape.
    pub fn restore<M: Module>(&self, model: M) -> M {
        model.map(&mut Restorer::new(self, "model".to_owned()))
    }

    /// Puts the parameters that stand below a name into a model of the same shape.
    pub fn restore_below<M: Module>(&self, name: &str, model: M) -> M {
        model.map(&mut Restorer::new(self, format!("model.{name}")))
    }

    /// Why there are no updates as a file says, as the end of a sentence: somebody else's file could ask
    /// for any rank.
    pub fn flaw_of_updates(&self, state: &EncoderState) -> Option<String> {
        let rank = state.updates.as_ref()?.rank as usize;
        let is_there = (self.parameters())
            .any(|(path, tensor)| path.ends_with("update.b") && tensor.shape[0] == rank);
        (!is_there).then(|| format!("it has no updates of rank {rank}"))
    }

    /// Puts the best parameters into a model of the same shape.
    pub fn restore_best<M: Module>(&self, model: M) -> M {
        model.map(&mut Restorer::new(self, "best".to_owned()))
    }

    /// What of the parameters does not belong into a model, as the end of a sentence; `None` when all
    /// of them do. For checkpoints that come from somebody else.
    pub fn misfit<M: Module>(&self, model: &M) -> Option<String> {
        let has = |end: &str| self.tensors.keys().any(|name| name.ends_with(end));
        self.stray(&shapes(model), &[]).or_else(|| {
            let has_head = has("linear.weight") && has("linear.bias");
            (!has_head).then(|| "it has no head".to_owned())
        })
    }

    /// The same of a model of which these groups were learned, none of them spared. Parameters that are
    /// `besides` belong to something else, and have their own shapes; those of an encoder stand below a name.
    pub fn misfit_of<M: Module>(
        &self,
        model: &M,
        groups: &[ParameterGroup],
        besides: &[&str],
        below: Option<(&str, &BertEncoder)>,
    ) -> Option<String> {
        let mut known = shapes(model);
        if let Some((name, encoder)) = below {
            let of_encoder = shapes(encoder).into_iter();
            known.extend(of_encoder.map(|(path, shape)| (format!("{name}.{path}"), shape)));
        }
        self.stray(&known, besides).or_else(|| {
            let mut wanted = moving(model, groups).into_iter();
            let is_missing =
                |own: &Named| !self.tensors.contains_key(&format!("model.{}", own.path));
            let missing = wanted.find(is_missing)?;
            Some(format!("it does not hold \"{}\"", missing.path))
        })
    }

    /// What does not belong among parameters of these shapes.
    fn stray(&self, known: &BTreeMap<String, Vec<usize>>, besides: &[&str]) -> Option<String> {
        for (name, tensor) in &self.tensors {
            let path = name.strip_prefix("model.").unwrap_or(name);
            match known.get(path) {
                None if besides.contains(&path) => {}
                None => return Some(format!("it holds \"{name}\", which the model has not")),
                Some(shape) if *shape != tensor.shape => {
                    return Some(format!("\"{name}\" is {:?}, not {shape:?}", tensor.shape));
                }
                Some(_) => {}
            }
            if tensor.values.iter().any(|x| !x.is_finite()) {
                return Some(format!("\"{name}\" holds something that is no number"));
            }
        }
        None
    }

    /// Gives an optimizer its moments back. `model` is the one that it will move, `device` where
    /// its parameters are, without a graph.
    pub fn remind<M: Module>(&self, optimizer: &mut Optimizer, model: &M, device: &Device) {
        for Seen { id, path, .. } in parameters(model) {
            let part = |part: &str| {
                let tensor = self.tensors.get(&format!("{part}.{path}"))?;
                let data = TensorData::new(tensor.values.clone(), [tensor.values.len()]);
                Some(Tensor::<1>::from_data(data, device))
            };
            if let Some(&time) = self.standing.times.get(&path)
                && let (Some(first), Some(second)) = (part("first"), part("second"))
            {
                let moments = Moments {
                    time: time as usize,
                    first,
                    second,
                };
                optimizer.remember(id, moments);
            }
        }
    }

    /// As a safetensors file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let standing = serde_json::to_string(&self.standing).expect("plain data");
        let bytes: BTreeMap<&String, Vec<u8>> = self
            .tensors
            .iter()
            .map(|(name, tensor)| {
                let bytes = tensor.values.iter().flat_map(|x| x.to_le_bytes()).collect();
                (name, bytes)
            })
            .collect();
        let views = self.tensors.iter().map(|(name, tensor)| {
            let view = TensorView::new(Dtype::F32, tensor.shape.clone(), &bytes[name])
                .expect("as many numbers as the shape says");
            (name, view)
        });
        let metadata = HashMap::from([(STANDING.to_owned(), standing)]);
        safetensors::serialize(views, Some(metadata)).expect("names and shapes are sound")
    }

    /// From a safetensors file.
    ///
    /// # Errors
    /// When the bytes are not a checkpoint.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let error = |what: &dyn std::fmt::Display| CheckpointError(what.to_string());
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|why| error(&why))?;
        let standing = metadata
            .metadata()
            .as_ref()
            .and_then(|metadata| metadata.get(STANDING))
            .ok_or_else(|| error(&"it does not say where the run was"))?;
        let standing = serde_json::from_str(standing).map_err(|why| error(&why))?;
        let file = SafeTensors::deserialize(bytes).map_err(|why| error(&why))?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            if view.dtype() != Dtype::F32 {
                return Err(error(&format!("tensor \"{name}\" is not in f32")));
            }
            let (fours, _) = view.data().as_chunks();
            let tensor = HostTensor {
                shape: view.shape().to_vec(),
                values: fours.iter().copied().map(f32::from_le_bytes).collect(),
            };
            tensors.insert(name, tensor);
        }
        Ok(Self { standing, tensors })
    }
}

/// The shape of each parameter of a module by its path.
fn shapes(module: &impl Module) -> BTreeMap<String, Vec<usize>> {
    let all = named(module, |_| true).into_iter();
    all.map(|parameter| (parameter.path, parameter.shape))
        .collect()
}

/// Where in a module one is, as its fields are named.
#[derive(Debug, Default)]
struct Path(Vec<String>);

/// The parameters of a module that these groups move.
fn moving(module: &impl Module, groups: &[ParameterGroup]) -> Vec<Named> {
    let wanted: HashSet<ParamId> = groups
        .iter()
        .flat_map(|group| group.ids.iter().copied())
        .collect();
    named(module, |id| wanted.contains(&id))
}

/// Replaces the parameters that a checkpoint knows.
struct Restorer<'a> {
    path: Path,
    checkpoint: &'a Checkpoint,
    part: String,
}

impl<'a> Restorer<'a> {
    fn new(checkpoint: &'a Checkpoint, part: String) -> Self {
        Self {
            path: Path::default(),
            checkpoint,
            part,
        }
    }
}

impl ModuleMapper for Restorer<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.0.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.0.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = format!("{}.{}", self.part, self.path.0.join("."));
        let Some(kept) = self.checkpoint.tensors.get(&name) else {
            return param;
        };
        let (id, tensor, mapper) = param.consume();
        if tensor.dims()[..] != kept.shape[..] {
            return Param::from_mapped_value(id, tensor, mapper);
        }
        let moves = tensor.is_require_grad();
        let data = TensorData::new(kept.values.clone(), kept.shape.clone());
        let restored = Tensor::from_data(data, &tensor.device()).set_require_grad(moves);
        Param::from_mapped_value(id, restored, mapper)
    }
}
