//! The encoder computes what PyTorch computes: on the real checkpoint, and on a tiny one whose
//! gradients and optimizer steps were recorded too.
//!
//! The references were made by `tests/fixtures/make_fixtures.py`.

mod support;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use burnish::domain::base_model::{self, BertShape};
use burnish::domain::recipe::{
    ClassWeights, ContrastiveOptions, LoraOptions, Method, Projection, Schedule, Training,
    Transfer, Tuning,
};
use burnish::domain::text::Tokenizer;
use burnish::engine::batch::TokenBatch;
use burnish::engine::classifier::Classifier;
use burnish::engine::device::cpu;
use burnish::engine::encoder::{BertEncoderConfig, Weights, mean_pool};
use burnish::engine::head::HeadConfig;
use burnish::engine::loss::TargetMaker;
use burnish::engine::optimizer::Optimizer;
use burnish::engine::train::{learning, rng_for};
use burnish::engine::tuning::{freeze_others, prepare};
use support::{Reference, fixture, model_file, read};

/// Bound on the difference of any entry of an embedding of length 1.
const F32_BOUND: f32 = 1e-5;
const F16_BOUND: f32 = 2e-3;

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

fn on_unit_sphere(rows: &[f32], width: usize) -> Vec<f32> {
    rows.chunks_exact(width)
        .flat_map(|row| {
            let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            row.iter().map(move |x| x / norm)
        })
        .collect()
}

/// The 64 texts of `parity_texts.json`, embedded in batches of different lengths.
fn embed_all(weights: &str) -> Vec<f32> {
    let device = cpu();
    let shape = base_model::ALL[0].shape;
    let bytes = model_file(weights);
    let encoder = BertEncoderConfig::new(shape)
        .load(&Weights::open(&bytes).unwrap(), &device)
        .unwrap()
        .valid();
    let tokenizer = Tokenizer::from_bytes(&model_file("tokenizer.json")).unwrap();
    let texts: serde_json::Value = serde_json::from_slice(&fixture("parity_texts.json")).unwrap();
    let ids: Vec<Vec<u32>> = texts["texts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|text| tokenizer.encode(text["text"].as_str().unwrap(), 256).ids)
        .collect();
    assert_eq!(ids.len(), 64);
    ids.chunks(16)
        .flat_map(|chunk| {
            let batch = TokenBatch::new(chunk.iter().map(Vec::as_slice), &device);
            read(mean_pool(
                encoder.forward(batch.ids, batch.mask.clone()),
                batch.mask,
            ))
        })
        .collect()
}

#[test]
fn real_weights_give_the_reference_embeddings() {
    let reference = Reference::open("parity_embeddings.safetensors");
    let expected = on_unit_sphere(&reference.numbers("pooled"), 384);
    for (weights, bound) in [
        ("model-f32.safetensors", F32_BOUND),
        ("model.safetensors", F16_BOUND),
    ] {
        let found = on_unit_sphere(&embed_all(weights), 384);
        let difference = largest_difference(&found, &expected);
        println!("{weights}: largest difference {difference:.2e}, allowed {bound:.0e}");
        assert!(difference <= bound, "{weights}: {difference:.2e}");
    }
    let of_f16 = on_unit_sphere(&reference.numbers("pooled_f16_weights"), 384);
    let difference = largest_difference(
        &on_unit_sphere(&embed_all("model.safetensors"), 384),
        &of_f16,
    );
    assert!(
        difference <= F32_BOUND,
        "f16 weights against the reference with f16 weights: {difference:.2e}"
    );
}

struct Tiny {
    reference: Reference,
    values: serde_json::Value,
    device: Device,
    checkpoint: Vec<u8>,
}

const TINY: BertShape = BertShape {
    vocab_size: 64,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 32,
    max_position_embeddings: 32,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
};

impl Tiny {
    fn open() -> Self {
        Self {
            reference: Reference::open("tiny_bert/reference.safetensors"),
            values: serde_json::from_slice(&fixture("tiny_bert/reference.json")).unwrap(),
            device: learning(&cpu()),
            checkpoint: fixture("tiny_bert/model.safetensors"),
        }
    }

    fn number(&self, path: &str) -> f64 {
        self.values
            .pointer(path)
            .unwrap_or_else(|| panic!("{path}"))
            .as_f64()
            .unwrap()
    }

    fn tokens(&self) -> Vec<Vec<u32>> {
        let ids = self.reference.integers("batch.ids");
        let mask = self.reference.integers("batch.mask");
        ids.chunks_exact(12)
            .zip(mask.chunks_exact(12))
            .map(|(ids, mask)| {
                ids.iter()
                    .zip(mask)
                    .filter(|(_, kept)| **kept == 1)
                    .map(|(id, _)| *id as u32)
                    .collect()
            })
            .collect()
    }

    fn labels(&self) -> Vec<u32> {
        self.reference
            .integers("batch.labels")
            .iter()
            .map(|label| *label as u32)
            .collect()
    }

    /// Encoder and head with the reference's weights, ready for a method. The reference's head
    /// reads plain mean-pooled vectors, so logits are built here from the same parts.
    fn classifier(
        &self,
        method: Method,
    ) -> (Classifier, Vec<burnish::engine::tuning::ParameterGroup>) {
        let encoder = BertEncoderConfig::new(TINY)
            .load(&Weights::open(&self.checkpoint).unwrap(), &self.device)
            .unwrap();
        let mut head = HeadConfig {
            hidden: 16,
            classes: 3,
            dropout: 0.0,
        }
        .init(&self.device);
        let weight = transpose(&self.reference.numbers("head.weight"), 3, 16);
        head.linear.weight = Param::from_data(TensorData::new(weight, [16, 3]), &self.device);
        let bias = self.reference.numbers("head.bias");
        head.linear.bias = Some(Param::from_data(TensorData::new(bias, [3]), &self.device));
        let tuning = Tuning {
            method,
            contrastive: ContrastiveOptions::default(),
            lora: LoraOptions {
                rank: 2,
                alpha: 4.0,
                dropout: 0.0,
                targets: vec![Projection::Query, Projection::Value],
            },
        };
        let (mut classifier, groups) = prepare(
            encoder,
            head,
            &tuning,
            &training(),
            &mut rng_for(0, 0),
            &self.device,
        );
        if method == Method::Lora {
            for layer in 0..2 {
                for (which, name) in [(Projection::Query, "query"), (Projection::Value, "value")] {
                    let name = format!("encoder.layer.{layer}.attention.self.{name}.weight");
                    let update = classifier.encoder.update_mut(layer, which).unwrap();
                    let a = transpose(&self.reference.numbers(&format!("lora.a.{name}")), 2, 16);
                    let b = transpose(&self.reference.numbers(&format!("lora.b.{name}")), 16, 2);
                    let set = |param: &Param<Tensor<2>>, values: Vec<f32>, shape: [usize; 2]| {
                        param.clone().map(|_| {
                            Tensor::from_data(TensorData::new(values, shape), &self.device)
                                .require_grad()
                        })
                    };
                    update.a = set(&update.a, a, [16, 2]);
                    update.b = set(&update.b, b, [2, 16]);
                }
            }
        }
        (freeze_others(classifier, &groups), groups)
    }

    fn logits(&self, classifier: &Classifier) -> Tensor<2> {
        let tokens = self.tokens();
        let batch = TokenBatch::new(tokens.iter().map(Vec::as_slice), &self.device);
        let hidden = classifier.encoder.forward(batch.ids, batch.mask.clone());
        classifier.head.forward(mean_pool(hidden, batch.mask))
    }

    fn loss(&self, classifier: &Classifier) -> Tensor<1> {
        let targets = TargetMaker::new(&[2, 1, 2], ClassWeights::Equal, 0.0);
        targets
            .targets(self.labels(), &self.device)
            .cross_entropy(self.logits(classifier))
    }
}

fn training() -> Training {
    Training {
        epochs: 1,
        batch_size: 5,
        learning_rate: 1e-2,
        head_learning_rate: 1e-2,
        head_c: 10.0,
        schedule: Schedule::Constant,
        warmup: 0.0,
        weight_decay: 0.01,
        clip_norm: 1.0,
        dropout: 0.0,
        label_smoothing: 0.0,
        class_weights: ClassWeights::Equal,
        patience: 0,
        transfer: Transfer::default(),
    }
}

/// `[rows, columns]` row-major to `[columns, rows]`.
fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| values[row * columns + column]))
        .collect()
}

/// The reference's name of a parameter, and whether its matrix is stored the other way round.
fn hugging_face_name(path: &str) -> (String, bool) {
    let name = path
        .replace("encoder.embeddings.words", "embeddings.word_embeddings")
        .replace(
            "encoder.embeddings.positions",
            "embeddings.position_embeddings",
        )
        .replace(
            "encoder.embeddings.segments",
            "embeddings.token_type_embeddings",
        )
        .replace("encoder.embeddings.norm", "embeddings.LayerNorm")
        .replace("encoder.layers.", "encoder.layer.")
        .replace(".attention_norm", ".attention.output.LayerNorm")
        .replace(".output_norm", ".output.LayerNorm")
        .replace(".query.base", ".attention.self.query")
        .replace(".key.base", ".attention.self.key")
        .replace(".value.base", ".attention.self.value")
        .replace(".output.base", ".attention.output.dense")
        .replace(".up.base", ".intermediate.dense")
        .replace(".down.base", ".output.dense")
        .replace("head.linear", "head")
        .replace(".gamma", ".weight")
        .replace(".beta", ".bias");
    let is_transposed =
        name.ends_with(".weight") && !name.contains("embeddings") && !name.contains("LayerNorm");
    (name, is_transposed)
}

/// All gradients with their paths, in the layout of the model.
fn gradients(model: &Classifier, gradients: &Gradients) -> Vec<(String, Vec<usize>, Vec<f32>)> {
    struct Walk<'a> {
        path: Vec<String>,
        gradients: &'a Gradients,
        found: Vec<(String, Vec<usize>, Vec<f32>)>,
    }
    impl ModuleVisitor for Walk<'_> {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.is_require_grad()
                && let Some(gradient) = param.val().grad(self.gradients)
            {
                let shape = gradient.dims().to_vec();
                self.found
                    .push((self.path.join("."), shape, read(gradient)));
            }
        }
    }
    let mut walk = Walk {
        path: Vec::new(),
        gradients,
        found: Vec::new(),
    };
    model.visit(&mut walk);
    walk.found
}

#[test]
fn full_tuning_has_pytorchs_loss_and_gradients() {
    let tiny = Tiny::open();
    let (classifier, _) = tiny.classifier(Method::Full);
    let loss = tiny.loss(&classifier);
    let all = gradients(&classifier, &loss.backward());
    let loss = f64::from(read(loss)[0]);
    assert!(
        (loss - tiny.number("/base.loss")).abs() < 1e-5,
        "loss {loss}"
    );
    assert_eq!(
        all.len(),
        39,
        "every tensor of the encoder and the head has a gradient"
    );
    for (path, shape, gradient) in all {
        let (name, is_transposed) = hugging_face_name(&path);
        let mut expected = tiny.reference.numbers(&format!("base.grad.{name}"));
        if is_transposed {
            expected = transpose(&expected, shape[1], shape[0]);
        }
        let difference = largest_difference(&gradient, &expected);
        assert!(difference < 2e-5, "{name}: {difference:.1e}");
    }
}

#[test]
fn lora_has_pytorchs_loss_and_gradients_and_freezes_the_base() {
    let tiny = Tiny::open();
    let (classifier, _) = tiny.classifier(Method::Lora);
    let loss = tiny.loss(&classifier);
    let all = gradients(&classifier, &loss.backward());
    let loss = f64::from(read(loss)[0]);
    assert!(
        (loss - tiny.number("/lora.loss")).abs() < 1e-5,
        "loss {loss}"
    );
    assert_eq!(
        all.len(),
        10,
        "two factors for query and value in two layers, and the head"
    );
    for (path, shape, gradient) in all {
        let name = match path.split_once(".update.") {
            Some((projection, factor)) => {
                let (name, _) = hugging_face_name(&format!("{projection}.base.weight"));
                format!("lora.grad.{factor}.{name}")
            }
            None => format!("lora.grad.{}", hugging_face_name(&path).0),
        };
        let mut expected = tiny.reference.numbers(&name);
        if shape.len() == 2 {
            expected = transpose(&expected, shape[1], shape[0]);
        }
        let difference = largest_difference(&gradient, &expected);
        assert!(difference < 2e-5, "{name}: {difference:.1e}");
    }
}

#[test]
fn five_steps_of_adamw_follow_pytorchs_losses() {
    let tiny = Tiny::open();
    let (mut classifier, groups) = tiny.classifier(Method::Full);
    let mut optimizer = Optimizer::new(groups, &training());
    for step in 0..=5 {
        let loss = tiny.loss(&classifier);
        let gradients = loss.backward();
        let loss = f64::from(read(loss)[0]);
        let expected = tiny.number(&format!("/adamw.losses/{step}"));
        assert!(
            (loss - expected).abs() < 1e-4 * expected.max(1.0),
            "step {step}: {loss}, PyTorch {expected}"
        );
        classifier = optimizer.step(classifier, gradients, 1.0);
    }
}
