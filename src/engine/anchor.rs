//! A pull of every moving parameter towards where it started, so that tuning forgets less.
//!
//! The start of a parameter that is new, such as the row of a new label, is where it was drawn, so
//! that the pull is plain weight decay there.
//!
//! Source: Xuhong, Grandvalet and Davoine 2018, "Explicit Inductive Bias for Transfer Learning with
//! Convolutional Networks", equations 1 and 2 (L2-SP).

use std::collections::HashMap;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::{Gradients, Tensor};

/// Where parameters started, and how strongly they are held there.
pub struct Anchor {
    strength: f64,
    /// Flattened, without a graph.
    starts: HashMap<ParamId, Tensor<1>>,
}

impl Anchor {
    /// Holds the parameters that move where they are now; `None` where the strength is 0.
    pub fn of<M: Module>(model: &M, strength: f64) -> Option<Self> {
        struct Starts(HashMap<ParamId, Tensor<1>>);
        impl ModuleVisitor for Starts {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if param.is_require_grad() {
                    let tensor = param.val().inner();
                    let count = tensor.shape().num_elements();
                    self.0.insert(param.id, tensor.reshape([count]));
                }
            }
        }
        if strength <= 0.0 {
            return None;
        }
        let mut starts = Starts(HashMap::new());
        model.visit(&mut starts);
        Some(Self {
            strength,
            starts: starts.0,
        })
    }

    /// What is added to the loss: half the strength times the squared distance from the start.
    pub fn penalty<M: Module>(&self, model: &M) -> Option<Tensor<1>> {
        struct Distances<'a> {
            anchor: &'a Anchor,
            sum: Option<Tensor<1>>,
        }
        impl ModuleVisitor for Distances<'_> {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                let Some(start) = self.anchor.starts.get(&param.id) else {
                    return;
                };
                let tensor = param.val().inner();
                let count = tensor.shape().num_elements();
                let away = tensor.reshape([count]) - start.clone();
                let squares = (away.clone() * away).sum();
                self.sum = Some(match self.sum.take() {
                    Some(sum) => sum + squares,
                    None => squares,
                });
            }
        }
        let mut distances = Distances {
            anchor: self,
            sum: None,
        };
        model.visit(&mut distances);
        distances.sum.map(|sum| sum * (self.strength / 2.0))
    }

    /// Adds the penalty's gradient, strength times the way from the start, to the loss's. Written
    /// down instead of derived: a graph over every parameter would double the memory of a step.
    pub fn pull<M: Module>(&self, model: &M, gradients: &mut Gradients) {
        struct Puller<'a> {
            anchor: &'a Anchor,
            gradients: &'a mut Gradients,
        }
        impl ModuleVisitor for Puller<'_> {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                let Some(start) = self.anchor.starts.get(&param.id) else {
                    return;
                };
                if !param.is_require_grad() {
                    return;
                }
                let tensor = param.val();
                let Some(gradient) = tensor.grad(self.gradients) else {
                    return;
                };
                let away = tensor.clone().inner() - start.clone().reshape(gradient.shape());
                let pulled = gradient + away * self.anchor.strength;
                tensor.grad_replace(self.gradients, pulled);
            }
        }
        model.visit(&mut Puller {
            anchor: self,
            gradients,
        });
    }
}
