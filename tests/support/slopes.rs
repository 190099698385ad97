//! Gradients against central differences.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Gradients, Tensor, TensorData};
use rand::Rng;

use super::read;

/// Step of the difference: in f32 the error of rounding and that of curvature meet here.
const STEP: f32 = 1e-2;

/// Slopes below this are compared as if they were this large: rounding of a loss near 1 over a step
/// of 0.01 leaves an error of 1e-5, whatever the slope.
const SMALLEST_SCALE: f32 = 1e-2;

struct Fills<R>(R);

impl<R: Rng> ModuleMapper for Fills<R> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if !param.is_require_grad() {
            return param;
        }
        let rng = &mut self.0;
        param.map(|tensor| {
            let shape = tensor.dims();
            let count = shape.iter().product();
            let numbers: Vec<f32> = (0..count).map(|_| rng.random_range(-0.5..0.5)).collect();
            Tensor::from_data(TensorData::new(numbers, shape), &tensor.device()).require_grad()
        })
    }
}

/// Adds to one entry of one parameter.
struct Nudge {
    id: ParamId,
    at: usize,
    by: f32,
}

impl ModuleMapper for Nudge {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if param.id != self.id {
            return param;
        }
        let (at, by) = (self.at, self.by);
        param.map(|tensor| {
            let (shape, device) = (tensor.dims(), tensor.device());
            let mut numbers = read(tensor);
            numbers[at] += by;
            Tensor::from_data(TensorData::new(numbers, shape), &device).require_grad()
        })
    }
}

/// Parameters that move, filled with random numbers, so that no slope is zero by symmetry.
pub fn filled<M: Module>(model: M, rng: impl Rng) -> M {
    model.map(&mut Fills(rng))
}

struct Slopes<'a> {
    gradients: &'a Gradients,
    found: Vec<(ParamId, Vec<f32>)>,
}

impl ModuleVisitor for Slopes<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if param.is_require_grad() {
            let gradient = param
                .val()
                .grad(self.gradients)
                .expect("what moves has a gradient");
            self.found.push((param.id, read(gradient)));
        }
    }
}

/// Compares some slopes of every parameter that moves; gives how many.
///
/// `tolerance` is relative to the largest slope of a parameter.
pub fn check<M: Module>(
    model: &M,
    loss: impl Fn(&M) -> Tensor<1>,
    expected_parameters: usize,
    tolerance: f32,
) -> usize {
    let gradients = loss(model).backward();
    check_gradients(model, &gradients, loss, expected_parameters, tolerance)
}

/// The same for slopes that were computed otherwise.
pub fn check_gradients<M: Module>(
    model: &M,
    gradients: &Gradients,
    loss: impl Fn(&M) -> Tensor<1>,
    expected_parameters: usize,
    tolerance: f32,
) -> usize {
    let mut slopes = Slopes {
        gradients,
        found: Vec::new(),
    };
    model.visit(&mut slopes);
    assert_eq!(slopes.found.len(), expected_parameters);

    let mut compared = 0;
    for (id, slope) in slopes.found {
        let largest = slope
            .iter()
            .fold(SMALLEST_SCALE, |largest, x| largest.max(x.abs()));
        for at in (0..slope.len()).step_by(slope.len().div_ceil(6)) {
            let at_nudge = |by| read(loss(&model.clone().map(&mut Nudge { id, at, by })))[0];
            // Fourth order (Fornberg 1988, table 1): curvature cancels.
            let near = at_nudge(STEP) - at_nudge(-STEP);
            let far = at_nudge(2.0 * STEP) - at_nudge(-2.0 * STEP);
            let measured = (8.0 * near - far) / (12.0 * STEP);
            let apart = (measured - slope[at]).abs() / largest;
            assert!(
                apart < tolerance,
                "parameter {id:?}, entry {at}: computed {}, measured {measured}",
                slope[at]
            );
            compared += 1;
        }
    }
    compared
}
