//! A few training steps of a tiny model on a device and on the CPU: do they agree?
//!
//! A WebGPU driver can compute forward passes well and gradients wrong (here: NaN from `tanh`),
//! which a person would see as a model that learns nothing. So no device trains before it has
//! shown on a tiny model that its losses are finite and its gradients are the CPU's.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use rand::Rng;

use super::batch::TokenBatch;
use super::classifier::Classifier;
use super::contrastive::pair_loss;
use super::device::cpu;
use super::encoder::{BertEncoderConfig, Weights, random_checkpoint};
use super::error::EngineError;
use super::head::HeadConfig;
use super::loss::TargetMaker;
use super::optimizer::Optimizer;
use super::train::{learning, read, rng_for};
use super::tuning::{ParameterGroup, freeze_others, head_groups, prepare};
use crate::domain::base_model::BertShape;
use crate::domain::pairs::Pair;
use crate::domain::recipe::{
    ClassWeights, ContrastiveOptions, LoraOptions, Method, Projection, Schedule, Training,
    Transfer, Tuning,
};

/// Largest relative difference between a device's gradients and the CPU's.
pub const TOLERANCE: f64 = 1e-3;

/// Steps of the check: enough for the optimizer's state to matter.
const STEPS: u32 = 3;

const TINY: BertShape = BertShape {
    vocab_size: 50,
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 64,
    max_position_embeddings: 16,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
};

/// Of the texts below, the first and the last of which have one label.
const PAIRS: [Pair; 3] = [
    Pair {
        left: 0,
        right: 3,
        is_same: true,
    },
    Pair {
        left: 0,
        right: 1,
        is_same: false,
    },
    Pair {
        left: 2,
        right: 1,
        is_same: false,
    },
];

/// Large enough for GELU's inputs to reach where a careless gradient breaks.
const WEIGHT_SCALE: f32 = 1.0;

/// What a few steps did: for each step the loss, and every gradient of the parameters that moved.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Loss before each step.
    pub losses: Vec<f32>,
    /// Gradients of each step, all parameters one after the other.
    pub gradients: Vec<Vec<f32>>,
}

impl Trace {
    /// Largest relative difference to another trace: of any loss, and of any step's gradients in
    /// the L2 norm. Infinite when anything is not a number.
    pub fn difference(&self, other: &Self) -> f64 {
        let losses = self
            .losses
            .iter()
            .zip(&other.losses)
            .map(|(a, b)| relative(&[*a], &[*b]));
        let gradients = self
            .gradients
            .iter()
            .zip(&other.gradients)
            .map(|(a, b)| relative(a, b));
        losses.chain(gradients).fold(0.0, f64::max)
    }
}

fn relative(a: &[f32], b: &[f32]) -> f64 {
    if a.len() != b.len() || a.iter().chain(b).any(|x| !x.is_finite()) {
        return f64::INFINITY;
    }
    let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
    let apart = norm(&mut a.iter().zip(b).map(|(a, b)| f64::from(a - b)));
    apart / norm(&mut b.iter().map(|b| f64::from(*b))).max(f64::MIN_POSITIVE)
}

/// Trains a tiny random classifier for some steps, the same on every device.
///
/// # Errors
/// When the device fails.
pub async fn trace(method: Method, steps: u32, device: &Device) -> Result<Trace, EngineError> {
    let training = Training {
        epochs: 1,
        batch_size: 4,
        learning_rate: 1e-3,
        head_learning_rate: 1e-2,
        head_c: 10.0,
        schedule: Schedule::Constant,
        warmup: 0.0,
        weight_decay: 0.01,
        clip_norm: 1.0,
        dropout: 0.0,
        label_smoothing: 0.1,
        class_weights: ClassWeights::Equal,
        patience: 0,
        transfer: Transfer::default(),
    };
    let tuning = Tuning {
        method,
        contrastive: ContrastiveOptions::default(),
        lora: LoraOptions {
            rank: 4,
            alpha: 8.0,
            dropout: 0.0,
            targets: vec![Projection::Query, Projection::Value, Projection::Up],
        },
    };
    let checkpoint = random_checkpoint(TINY, WEIGHT_SCALE, 7);
    let device = learning(device);
    let encoder = BertEncoderConfig::new(TINY).load(&Weights::open(&checkpoint)?, &device)?;
    let mut rng = rng_for(7, 0);
    let mut head = HeadConfig {
        hidden: TINY.hidden_size,
        classes: 3,
        dropout: 0.0,
    }
    .init(&device);
    // From zero, a head sends no gradient into the encoder.
    let numbers: Vec<f32> = (0..TINY.hidden_size * 3)
        .map(|_| rng.random_range(-0.3..0.3))
        .collect();
    head.linear.weight = Param::from_data(TensorData::new(numbers, [TINY.hidden_size, 3]), &device);

    let (model, groups) = match method {
        Method::Head => {
            let groups = head_groups(&head, &training);
            (freeze_others(Classifier { encoder, head }, &groups), groups)
        }
        Method::Lora | Method::Full | Method::Contrastive => {
            prepare(encoder, head, &tuning, &training, &mut rng, &device)
        }
    };
    follow(method, model, groups, &training, steps, &device).await
}

async fn follow(
    method: Method,
    model: Classifier,
    groups: Vec<ParameterGroup>,
    training: &Training,
    steps: u32,
    device: &Device,
) -> Result<Trace, EngineError> {
    let texts: [&[u32]; 4] = [
        &[1, 20, 31, 4, 2],
        &[1, 7, 2],
        &[1, 49, 8, 8, 12, 30, 2],
        &[1, 3, 44, 2],
    ];
    let targets = TargetMaker::new(&[2, 1, 1], training.class_weights, training.label_smoothing);
    let mut model = model.train();
    let mut optimizer = Optimizer::new(groups, training);
    let mut trace = Trace {
        losses: Vec::new(),
        gradients: Vec::new(),
    };
    for _ in 0..steps {
        let loss = if method == Method::Contrastive {
            pair_loss(&model.encoder, &texts.map(<[u32]>::to_vec), &PAIRS, device)
        } else {
            let logits = model.forward(TokenBatch::new(texts.iter().copied(), device));
            targets
                .targets(vec![0, 1, 2, 0], device)
                .cross_entropy(logits)
        };
        let gradients = loss.backward();
        trace.losses.push(read(loss.inner()).await?[0]);
        trace
            .gradients
            .push(read(flatten(&model, &gradients)).await?);
        model = optimizer.step(model, gradients, 1.0);
    }
    Ok(trace)
}

/// All gradients of a model, one after the other, in one tensor: one readback.
fn flatten<M: Module>(model: &M, gradients: &Gradients) -> Tensor<1> {
    struct Flattener<'a> {
        gradients: &'a Gradients,
        parts: Vec<Tensor<1>>,
    }
    impl ModuleVisitor for Flattener<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.is_require_grad()
                && let Some(gradient) = param.val().grad(self.gradients)
            {
                self.parts.push(gradient.flatten::<1>(0, D - 1));
            }
        }
    }
    let mut flattener = Flattener {
        gradients,
        parts: Vec::new(),
    };
    model.visit(&mut flattener);
    Tensor::cat(flattener.parts, 0)
}

/// What a device does in some steps, and its largest relative difference to the CPU.
///
/// # Errors
/// When the device fails.
pub async fn compare(
    method: Method,
    steps: u32,
    device: &Device,
) -> Result<(Trace, f64), EngineError> {
    let here = trace(method, steps, device).await?;
    let there = trace(method, steps, &cpu()).await?;
    let difference = here.difference(&there);
    Ok((here, difference))
}

/// Whether a device trains as the CPU does.
///
/// # Errors
/// A sentence that says how it does not.
pub async fn self_check(device: &Device) -> Result<(), String> {
    for method in [Method::Lora, Method::Full] {
        let (_, difference) = compare(method, STEPS, device)
            .await
            .map_err(|error| error.to_string())?;
        if difference.is_nan() || difference > TOLERANCE {
            return Err(format!(
                "A tiny model trained for {STEPS} steps differs from the CPU's by {difference:.1e}, allowed is {TOLERANCE:.0e}."
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn the_cpu_agrees_with_itself_and_learns() {
        for method in Method::ALL {
            let first = block_on(trace(method, 20, &cpu())).unwrap();
            let second = block_on(trace(method, 20, &cpu())).unwrap();
            assert_eq!(first, second, "{method:?}: same seed, same bits");
            assert!(
                first.losses[19] < 0.9 * first.losses[0],
                "{method:?}: {:?}",
                first.losses
            );
        }
    }

    #[test]
    fn a_device_that_gives_nan_is_found_out() {
        let sound = block_on(trace(Method::Lora, 2, &cpu())).unwrap();
        let mut broken = sound.clone();
        broken.gradients[1][3] = f32::NAN;
        assert_eq!(broken.difference(&sound), f64::INFINITY);
    }
}
