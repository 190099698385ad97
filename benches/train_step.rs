//! Milliseconds of a forward pass and of a training step by each method, on this machine's CPU.
//!
//! The real shape with random weights, batch 16 x 64 tokens as in the comparison with peers, and
//! 16 x 24, the length of a short message.

use std::time::Instant;

use burn::module::Module;
use burnish::domain::base_model;
use burnish::domain::recipe::{ClassWeights, DataProfile, Method, Recipe};
use burnish::engine::batch::TokenBatch;
use burnish::engine::device::cpu;
use burnish::engine::encoder::{BertEncoderConfig, Weights, random_checkpoint};
use burnish::engine::head::HeadConfig;
use burnish::engine::loss::TargetMaker;
use burnish::engine::optimizer::Optimizer;
use burnish::engine::train::{learning, rng_for};
use burnish::engine::tuning::{freeze_others, prepare};

const BATCH: usize = 16;
const CLASSES: usize = 4;
const SAMPLES: usize = 7;

fn main() {
    // `cargo test` runs benches too, with `--test`; there is nothing to check.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    for tokens in [24, 64] {
        bench(tokens);
    }
}

fn bench(tokens: usize) {
    let shape = base_model::ALL[0].shape;
    let checkpoint = random_checkpoint(shape, 0.05, 1);
    let weights = Weights::open(&checkpoint).expect("made here");
    let texts: Vec<Vec<u32>> = (0..BATCH)
        .map(|row| {
            (0..tokens)
                .map(|at| ((row * 977 + at * 131) % 30_000) as u32)
                .collect()
        })
        .collect();
    let device = cpu();
    let encoder = BertEncoderConfig::new(shape)
        .load(&weights, &device)
        .expect("fits")
        .valid();
    let mut times = Vec::new();
    for _ in 0..=SAMPLES {
        let start = Instant::now();
        let batch = TokenBatch::new(texts.iter().map(Vec::as_slice), &device);
        std::hint::black_box(encoder.forward(batch.ids, batch.mask).into_data());
        times.push(start.elapsed());
    }
    report(&format!("forward, {BATCH} x {tokens}"), times);

    for method in [Method::Lora, Method::Full] {
        step(method, &texts, &weights);
    }
}

fn step(method: Method, texts: &[Vec<u32>], weights: &Weights<'_>) {
    let profile = DataProfile {
        rows: 0,
        parts: [5000, 0, 0],
        classes: Vec::new(),
        tokens: [0; 4],
    };
    let recipe = Recipe::suggest(Vec::new(), String::new(), &profile).with_method(method, &profile);
    let shape = base_model::ALL[0].shape;
    let device = learning(&cpu());
    let encoder = BertEncoderConfig::new(shape)
        .load(weights, &device)
        .expect("fits");
    let head = HeadConfig {
        hidden: shape.hidden_size,
        classes: CLASSES,
        dropout: 0.1,
    }
    .init(&device);
    let (model, groups) = prepare(
        encoder,
        head,
        &recipe.tuning,
        &recipe.training,
        &mut rng_for(1, 1),
        &device,
    );
    let mut model = freeze_others(model, &groups).train();
    let mut optimizer = Optimizer::new(groups, &recipe.training);
    let targets = TargetMaker::new(&[1; CLASSES], ClassWeights::Equal, 0.0);
    let mut times = Vec::new();
    for _ in 0..=SAMPLES {
        let start = Instant::now();
        let batch = TokenBatch::new(texts.iter().map(Vec::as_slice), &device);
        let truth = (0..BATCH).map(|row| (row % CLASSES) as u32).collect();
        let loss = targets
            .targets(truth, &device)
            .cross_entropy(model.forward(batch));
        let forward = start.elapsed();
        let gradients = loss.backward();
        let backward = start.elapsed();
        model = optimizer.step(model, gradients, 1.0);
        if std::env::var_os("BURNISH_BENCH_PARTS").is_some() {
            eprintln!(
                "  forward {forward:?}, then backward {:?}, then optimizer {:?}",
                backward - forward,
                start.elapsed() - backward
            );
        }
        times.push(start.elapsed());
    }
    report(
        &format!("{} step, {BATCH} x {}", method.id(), texts[0].len()),
        times,
    );
}

/// The first call warms up and is not counted.
fn report(what: &str, mut times: Vec<std::time::Duration>) {
    times.remove(0);
    times.sort();
    println!(
        "{what:24} median {:7.1} ms, best {:7.1} ms",
        ms(times[times.len() / 2]),
        ms(times[0])
    );
}

fn ms(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
