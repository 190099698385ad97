//! Named tensors as a safetensors file of f32.

use std::borrow::Cow;
use std::collections::HashMap;

use safetensors::tensor::{Dtype, View};

use crate::engine::named::HostTensor;

/// One tensor, whose bytes are made when they are written, so that a large model is not in memory
/// a third time.
struct Lazy<'a>(&'a HostTensor);

impl View for Lazy<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.0
            .values
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect::<Vec<u8>>()
            .into()
    }

    fn data_len(&self) -> usize {
        self.0.values.len() * 4
    }
}

/// The bytes of a file that PyTorch's libraries read.
pub fn safetensors<'a>(tensors: impl IntoIterator<Item = (String, &'a HostTensor)>) -> Vec<u8> {
    let tensors = tensors
        .into_iter()
        .map(|(name, tensor)| (name, Lazy(tensor)));
    // transformers refuses files that do not say for which library they are laid out.
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    safetensors::serialize(tensors, Some(metadata)).expect("names and shapes are sound")
}
