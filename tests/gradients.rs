//! Gradients of the head and of LoRA against central differences: the slope that burn computes is
//! the slope that one measures.

mod support;

use burn::tensor::Tensor;
use burnish::domain::base_model::BertShape;
use burnish::domain::pairs::Pair;
use burnish::domain::recipe::{ClassWeights, DataProfile, Method, Moving, Projection, Recipe};
use burnish::engine::batch::TokenBatch;
use burnish::engine::classifier::Classifier;
use burnish::engine::contrastive::pair_loss;
use burnish::engine::device::cpu;
use burnish::engine::encoder::{BertEncoderConfig, Weights, random_checkpoint};
use burnish::engine::head::HeadConfig;
use burnish::engine::loss::TargetMaker;
use burnish::engine::train::{learning, rng_for};
use burnish::engine::tuning::{encoder_groups, freeze_others, prepare};
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

/// The loss of contrastive tuning: of three texts the first and the last belong together.
fn pairs_loss(model: &Classifier) -> Tensor<1> {
    let texts = [vec![1, 5, 9, 2], vec![1, 13, 2], vec![1, 4, 17, 8, 11, 2]];
    let pairs = [(0, 2, true), (0, 1, false), (2, 1, false)];
    let pairs = pairs.map(|(left, right, is_same)| Pair {
        left,
        right,
        is_same,
    });
    pair_loss(&model.encoder, &texts, &pairs, &learning(&cpu()))
}

fn check(method: Method, targets: &[Projection], expected_parameters: usize) {
    check_moving(method, Moving::Full, targets, expected_parameters);
}

fn check_moving(
    method: Method,
    moving: Moving,
    targets: &[Projection],
    expected_parameters: usize,
) {
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
    recipe.tuning.contrastive.moving = moving;
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
    let is_paired = method == Method::Contrastive;
    let groups = match is_paired {
        true => encoder_groups(&model.encoder, &recipe.tuning, &recipe.training),
        false => groups,
    };
    let model = slopes::filled(freeze_others(model, &groups), rng_for(2, 0));

    let loss = if is_paired { pairs_loss } else { loss };
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

#[test]
fn contrastive_slopes_are_the_measured_ones() {
    check(Method::Contrastive, &[], 5 + 2 * 16);
}

#[test]
fn contrastive_slopes_of_low_rank_updates_are_the_measured_ones() {
    use Projection::{Down, Query, Value};
    let targets = [Query, Value, Down];
    check_moving(Method::Contrastive, Moving::Lora, &targets, 2 * 3 * 2);
}
