//! Token lists of different lengths as one rectangle with a mask.

use burn::tensor::{Device, Int, Tensor, TensorData};

/// A batch as the encoder reads it.
#[derive(Debug, Clone)]
pub struct TokenBatch {
    /// Token ids, shape `[batch, tokens]`; padding is 0.
    pub ids: Tensor<2, Int>,
    /// 1 for a token and 0 for padding, shape `[batch, tokens]`.
    pub mask: Tensor<2>,
}

impl TokenBatch {
    /// Pads to the longest text of the batch, not to a fixed length: padding is wasted work.
    pub fn new<'a>(
        texts: impl ExactSizeIterator<Item = &'a [u32]> + Clone,
        device: &Device,
    ) -> Self {
        let batch = texts.len();
        let tokens = texts.clone().map(<[u32]>::len).max().unwrap_or(0).max(1);
        let mut ids = vec![0_i32; batch * tokens];
        let mut mask = vec![0_f32; batch * tokens];
        for (row, text) in texts.enumerate() {
            for (column, &id) in text.iter().enumerate() {
                ids[row * tokens + column] = id as i32;
                mask[row * tokens + column] = 1.0;
            }
        }
        Self {
            ids: Tensor::from_data(TensorData::new(ids, [batch, tokens]), device),
            mask: Tensor::from_data(TensorData::new(mask, [batch, tokens]), device),
        }
    }

    /// The same batch for a model that keeps a graph.
    #[must_use]
    pub fn learning(self) -> Self {
        Self {
            ids: Tensor::from_inner(self.ids),
            mask: Tensor::from_inner(self.mask),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pads_to_the_longest_of_the_batch() {
        let texts: [&[u32]; 2] = [&[5, 6, 7], &[8]];
        let batch = TokenBatch::new(texts.iter().copied(), &Device::flex());
        assert_eq!(batch.ids.dims(), [2, 3]);
        assert_eq!(
            batch.mask.into_data().try_into_vec::<f32>().unwrap(),
            [1., 1., 1., 1., 0., 0.]
        );
    }
}
