//! The loss by which an encoder learns which texts belong together.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::batch::TokenBatch;
use super::classifier::features;
use super::encoder::BertEncoder;
use crate::domain::pairs::Pair;

/// Mean squared difference between the cosine of two texts' vectors and what it should be: 1 where
/// they have one label, 0 where they have two. Shape `[1]`.
///
/// Source: Reimers and Gurevych 2019, "Sentence-BERT", section 3 (regression objective); Tunstall et
/// al. 2022, "Efficient Few-Shot Learning Without Prompts", section 3.1.
///
/// A text that is in several pairs of the batch is read once: with few rows that halves the work.
///
/// # Panics
/// When there is no pair, or one names no text.
pub fn pair_loss(
    encoder: &BertEncoder,
    tokens: &[Vec<u32>],
    pairs: &[Pair],
    device: &Device,
) -> Tensor<1> {
    let mut rows: Vec<usize> = pairs
        .iter()
        .flat_map(|pair| [pair.left, pair.right])
        .collect();
    rows.sort_unstable();
    rows.dedup();
    let batch = TokenBatch::new(rows.iter().map(|&row| tokens[row].as_slice()), device);
    let vectors = features(encoder, batch); // [texts, hidden], of length sqrt(hidden)
    let [_, hidden] = vectors.dims();
    let side = |of: fn(&Pair) -> usize| {
        let at = pairs.iter().map(|pair| {
            let at = rows.binary_search(&of(pair));
            at.expect("the rows of all pairs were read") as i32
        });
        let at = TensorData::new(at.collect::<Vec<_>>(), [pairs.len()]);
        vectors
            .clone()
            .select(0, Tensor::<1, Int>::from_data(at, device))
    };
    let product = side(|pair| pair.left) * side(|pair| pair.right); // [pairs, hidden]
    let cosine = product.sum_dim(1) / hidden as f64; // [pairs, 1]
    let wanted: Vec<f32> = pairs.iter().map(|pair| f32::from(pair.is_same)).collect();
    let apart = cosine - Tensor::from_data(TensorData::new(wanted, [pairs.len(), 1]), device);
    (apart.clone() * apart).mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::base_model::BertShape;
    use crate::engine::device::cpu;
    use crate::engine::encoder::{BertEncoderConfig, Weights, random_checkpoint};

    const TINY: BertShape = BertShape {
        vocab_size: 30,
        hidden_size: 16,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 32,
        max_position_embeddings: 12,
        type_vocab_size: 2,
        layer_norm_eps: 1e-12,
    };

    #[test]
    fn it_is_the_mean_of_the_cosines_squared_differences() {
        let device = cpu();
        let checkpoint = random_checkpoint(TINY, 0.5, 3);
        let encoder = BertEncoderConfig::new(TINY)
            .load(&Weights::open(&checkpoint).unwrap(), &device)
            .unwrap();
        let tokens = [
            vec![1, 5, 2],
            vec![1, 9, 12, 2],
            vec![1, 5, 2],
            vec![1, 20, 2],
        ];
        let vectors: Vec<Vec<f32>> = tokens
            .iter()
            .map(|text| {
                let batch = TokenBatch::new(std::iter::once(text.as_slice()), &device);
                let vector = encoder.pooled(batch.ids, batch.mask);
                vector.into_data().try_into_vec().unwrap()
            })
            .collect();
        let cosine = |a: usize, b: usize| {
            let product = |a: &[f32], b: &[f32]| -> f64 {
                let products = a.iter().zip(b).map(|(a, b)| f64::from(a * b));
                products.sum()
            };
            let (a, b) = (&vectors[a], &vectors[b]);
            product(a, b) / (product(a, a) * product(b, b)).sqrt()
        };
        let pair = |left, right, is_same| Pair {
            left,
            right,
            is_same,
        };
        let pairs = [pair(0, 2, true), pair(3, 1, false), pair(1, 0, true)];
        let expected = (0.0 + cosine(3, 1).powi(2) + (cosine(1, 0) - 1.0).powi(2)) / 3.0;
        let loss = pair_loss(&encoder, &tokens, &pairs, &device).into_scalar::<f32>();
        assert!(
            (f64::from(loss) - expected).abs() < 1e-6,
            "{loss} {expected}"
        );
    }
}
