//! AdamW over parameter groups, with the gradient clipped by its global norm.
//!
//! The update is burn's; its state is kept here, one entry a parameter, because burn writes and
//! reads its own with calls that wait for the device, which a browser cannot do on WebGPU.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::{
    AdamW, AdamWConfig, AdamWState, AdaptiveMomentumState, GradientsParams, Optimizer as _,
};
use burn::tensor::{Gradients, Tensor};

use super::anchor::Anchor;
use super::tuning::ParameterGroup;
use crate::domain::recipe::Training;

/// Decay of the squared gradient's average, and what keeps the division finite: PyTorch's values.
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// What AdamW remembers of one parameter.
#[derive(Debug, Clone)]
pub struct Moments {
    /// Steps so far.
    pub time: usize,
    /// Running mean of the gradient, flattened.
    pub first: Tensor<1>,
    /// Running mean of its square, flattened.
    pub second: Tensor<1>,
}

/// AdamW (Loshchilov and Hutter 2017, algorithm 2) with one learning rate a group.
pub struct Optimizer {
    groups: Vec<(ParameterGroup, AdamW)>,
    moments: HashMap<ParamId, Moments>,
    clip_norm: f64,
    anchor: Option<Anchor>,
}

impl Optimizer {
    /// An optimizer of these groups.
    pub fn new(groups: Vec<ParameterGroup>, training: &Training) -> Self {
        let groups = groups
            .into_iter()
            .map(|group| {
                let adamw = AdamWConfig::new()
                    .with_beta_2(BETA_2)
                    .with_epsilon(EPSILON)
                    .with_weight_decay(group.weight_decay as f32)
                    .build();
                (group, adamw)
            })
            .collect();
        Self {
            groups,
            moments: HashMap::new(),
            clip_norm: training.clip_norm,
            anchor: None,
        }
    }

    /// The same with a pull towards where parameters started.
    #[must_use]
    pub fn with_anchor(mut self, anchor: Option<Anchor>) -> Self {
        self.anchor = anchor;
        self
    }

    /// One step down the gradient; `rate_share` is the share of every group's highest rate.
    pub fn step<M: Module>(&mut self, model: M, mut gradients: Gradients, rate_share: f64) -> M {
        if let Some(anchor) = &self.anchor {
            anchor.pull(&model, &mut gradients);
        }
        let scale = (self.clip_norm > 0.0)
            .then(|| clip_scale(&model, &gradients, self.clip_norm))
            .flatten();
        let moments = &mut self.moments;
        self.groups.iter().fold(model, |model, (group, adamw)| {
            let mut own = GradientsParams::from_params(&mut gradients, &model, &group.ids);
            if let Some(scale) = &scale {
                scale_all(&model, &mut own, scale);
            }
            model.map(&mut Stepper {
                gradients: own,
                adamw,
                rate: group.peak_rate * rate_share,
                moments,
            })
        })
    }

    /// What is remembered of a parameter; `None` before its first step.
    pub fn moments(&self, parameter: ParamId) -> Option<&Moments> {
        self.moments.get(&parameter)
    }

    /// Goes on from what was remembered of a parameter.
    pub fn remember(&mut self, parameter: ParamId, moments: Moments) {
        self.moments.insert(parameter, moments);
    }
}

/// Moves the parameters that have a gradient.
struct Stepper<'a> {
    gradients: GradientsParams,
    adamw: &'a AdamW,
    rate: f64,
    moments: &'a mut HashMap<ParamId, Moments>,
}

impl ModuleMapper for Stepper<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return param;
        };
        let (id, tensor, mapper) = param.consume();
        let shape = tensor.shape();
        let count = shape.num_elements();
        let known = self.moments.remove(&id).map(|known| {
            AdamWState::new(AdaptiveMomentumState {
                time: known.time,
                moment_1: known.first.reshape(shape.clone()),
                moment_2: known.second.reshape(shape.clone()),
                max_moment_2: None,
            })
        });
        let (moved, state) = self.adamw.step(self.rate, tensor.inner(), gradient, known);
        if let Some(AdamWState { momentum }) = state {
            let moments = Moments {
                time: momentum.time,
                first: momentum.moment_1.reshape([count]),
                second: momentum.moment_2.reshape([count]),
            };
            self.moments.insert(id, moments);
        }
        let moved = Tensor::from_inner(moved).require_grad();
        Param::from_mapped_value(id, moved, mapper)
    }
}

/// The factor, at most 1, that brings the gradient's global L2 norm down to `max_norm`.
///
/// Source: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks",
/// algorithm 1, over all parameters together as in PyTorch's `clip_grad_norm_`; burn's own
/// clipping looks at one tensor at a time. Stays on the device: no readback.
fn clip_scale<M: Module>(model: &M, gradients: &Gradients, max_norm: f64) -> Option<Tensor<1>> {
    struct Squares<'a> {
        gradients: &'a Gradients,
        sum: Option<Tensor<1>>,
    }
    impl ModuleVisitor for Squares<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if !param.is_require_grad() {
                return;
            }
            if let Some(gradient) = param.val().grad(self.gradients) {
                let squares = (gradient.clone() * gradient).sum();
                self.sum = Some(match self.sum.take() {
                    Some(sum) => sum + squares,
                    None => squares,
                });
            }
        }
    }
    let mut squares = Squares {
        gradients,
        sum: None,
    };
    model.visit(&mut squares);
    squares
        .sum
        .map(|sum| ((sum.sqrt() + 1e-6).recip() * max_norm).clamp_max(1.0))
}

/// Multiplies every gradient by one number that is on the device.
fn scale_all<M: Module>(model: &M, gradients: &mut GradientsParams, scale: &Tensor<1>) {
    struct Scaler<'a> {
        gradients: &'a mut GradientsParams,
        scale: &'a Tensor<1>,
    }
    impl Scaler<'_> {
        fn scale<const D: usize>(&mut self, id: ParamId) {
            if let Some(gradient) = self.gradients.remove::<D>(id) {
                let scale = self.scale.clone().reshape([1; D]);
                self.gradients.register(id, gradient * scale);
            }
        }
    }
    impl ModuleVisitor for Scaler<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.scale::<D>(param.id);
        }
    }
    model.visit(&mut Scaler { gradients, scale });
}
