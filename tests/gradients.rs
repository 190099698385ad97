//! Gradients of the head and of LoRA against central differences: the slope that burn computes is
//! the slope that one measures.

mod support;

use burn::tensor::Tensor;
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
use support::slopes;

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

/// Relative to the largest slope of the parameter.
const TOLERANCE: f32 = 5e-3;

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
    let model = slopes::filled(freeze_others(model, &groups), rng_for(2, 0));

    let compared = slopes::check(&model, loss, expected_parameters, TOLERANCE);
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
