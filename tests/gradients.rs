//! Gradients of the head and of LoRA against central differences: the slope that burn computes is
//! the slope that one measures.

mod support;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Tensor, TensorData};
use burnish::domain::base_model::BertShape;
use burnish::domain::recipe::{ClassWeights, DataProfile, Method, Projection, Recipe};
use burnish::engine::batch::TokenBatch;
use burnish::engine::classifier::Classifier;
use burnish::engine::device::cpu;
use burnish::engine::encoder::{BertEncoderConfig, Weights, random_checkpoint};
use burnish::engine::head::HeadConfig;
use burnish::engine::loss::TargetMaker;
use burnish::engine::train::{learning, rng_for};
use burnish::engine::tuning::{freeze_others, prepare};
use rand::Rng;
use support::read;

const SHAPE: BertShape = BertShape {
    vocab_size: 20,
    hidden_size: 8,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 16,
    max_position_embeddings: 8,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
};

/// Step of the difference: in f32 the error of rounding and that of curvature meet here.
const STEP: f32 = 1e-2;

/// Relative to the largest slope of the parameter.
const TOLERANCE: f32 = 5e-3;

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

fn loss(model: &Classifier) -> Tensor<1> {
    let texts: [&[u32]; 3] = [&[1, 5, 9, 2], &[1, 13, 2], &[1, 4, 17, 8, 11, 2]];
    let device = learning(&cpu());
    let targets = TargetMaker::new(&[3, 1, 2], ClassWeights::Balanced, 0.1);
    targets
        .targets(vec![0, 2, 1], &device)
        .cross_entropy(model.forward(TokenBatch::new(texts.iter().copied(), &device)))
}

fn check(method: Method, targets: &[Projection], expected_parameters: usize) {
    let nothing = DataProfile {
        rows: 0,
        parts: [0; 3],
        classes: Vec::new(),
        tokens: [0; 4],
    };
    let mut recipe =
        Recipe::suggest(Vec::new(), String::new(), &nothing).with_method(method, &nothing);
    recipe.training.dropout = 0.0;
    recipe.tuning.lora.rank = 2;
    recipe.tuning.lora.alpha = 2.0;
    recipe.tuning.lora.targets = targets.to_vec();
    let device = learning(&cpu());
    let checkpoint = random_checkpoint(SHAPE, 0.5, 3);
    let encoder = BertEncoderConfig::new(SHAPE)
        .load(&Weights::open(&checkpoint).unwrap(), &device)
        .unwrap();
    let head = HeadConfig {
        hidden: 8,
        classes: 3,
        dropout: 0.0,
    }
    .init(&device);
    let (model, groups) = prepare(
        encoder,
        head,
        &recipe.tuning,
        &recipe.training,
        &mut rng_for(1, 0),
        &device,
    );
    let model = freeze_others(model, &groups).map(&mut Fills(rng_for(2, 0)));

    struct Slopes<'a> {
        gradients: &'a burn::tensor::Gradients,
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
    let gradients = loss(&model).backward();
    let mut slopes = Slopes {
        gradients: &gradients,
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
                apart < TOLERANCE,
                "{method:?}, entry {at}: computed {}, measured {measured}",
                slope[at]
            );
            compared += 1;
        }
    }
    println!("{method:?}: {compared} slopes agree with central differences");
}

#[test]
fn lora_and_head_slopes_are_the_measured_ones() {
    use Projection::{Down, Key, Output, Query, Up, Value};
    check(
        Method::Lora,
        &[Query, Key, Value, Output, Up, Down],
        2 * 6 * 2 + 2,
    );
}

#[test]
fn head_slopes_are_the_measured_ones() {
    // LoRA without a target leaves the head as all that moves.
    check(Method::Lora, &[], 2);
}

#[test]
fn full_slopes_are_the_measured_ones() {
    check(Method::Full, &[], 5 + 2 * 16 + 2);
}
