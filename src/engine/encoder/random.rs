//! Checkpoints of random weights: for the self-check of a device, and for tests that need an
//! encoder of any size in a moment.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::tensor::{Dtype, TensorView};

use crate::domain::base_model::BertShape;

/// A safetensors file with the tensors that [`super::BertEncoderConfig::load`] reads, uniform
/// within `scale`; norms start at one and zero. Same seed, same bytes.
pub fn random_checkpoint(shape: BertShape, scale: f32, seed: u64) -> Vec<u8> {
    let BertShape {
        hidden_size: hidden,
        intermediate_size: wide,
        ..
    } = shape;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    let mut push = |name: String, shape: &[usize], mut number: Box<dyn FnMut() -> f32 + '_>| {
        let count: usize = shape.iter().product();
        let bytes = (0..count).flat_map(|_| number().to_le_bytes()).collect();
        tensors.push((name, shape.to_vec(), bytes));
    };
    let mut names = vec![
        (
            "embeddings.word_embeddings.weight".to_owned(),
            vec![shape.vocab_size, hidden],
        ),
        (
            "embeddings.position_embeddings.weight".to_owned(),
            vec![shape.max_position_embeddings, hidden],
        ),
        (
            "embeddings.token_type_embeddings.weight".to_owned(),
            vec![shape.type_vocab_size, hidden],
        ),
    ];
    let mut norms = vec!["embeddings.LayerNorm".to_owned()];
    for at in 0..shape.num_hidden_layers {
        let layer = format!("encoder.layer.{at}");
        for (name, d_input, d_output) in [
            ("attention.self.query", hidden, hidden),
            ("attention.self.key", hidden, hidden),
            ("attention.self.value", hidden, hidden),
            ("attention.output.dense", hidden, hidden),
            ("intermediate.dense", hidden, wide),
            ("output.dense", wide, hidden),
        ] {
            names.push((format!("{layer}.{name}.weight"), vec![d_output, d_input]));
            names.push((format!("{layer}.{name}.bias"), vec![d_output]));
        }
        norms.push(format!("{layer}.attention.output.LayerNorm"));
        norms.push(format!("{layer}.output.LayerNorm"));
    }
    for (name, shape) in names {
        push(name, &shape, Box::new(|| rng.random_range(-scale..scale)));
    }
    for name in norms {
        push(format!("{name}.weight"), &[hidden], Box::new(|| 1.0));
        push(format!("{name}.bias"), &[hidden], Box::new(|| 0.0));
    }
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view =
            TensorView::new(Dtype::F32, shape.clone(), bytes).expect("the bytes fill the shape");
        (name, view)
    });
    safetensors::serialize(views, None).expect("plain tensors serialise")
}
