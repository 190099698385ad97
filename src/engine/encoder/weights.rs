//! Named tensors from a safetensors file, whatever their precision, as f32 on a device.

use std::rc::Rc;

use burn::module::Param;
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear};
use burn::tensor::{Device, Tensor, TensorData};
use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors};

/// Why weights do not fit.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WeightsError {
    /// Not a safetensors file.
    #[error("the file is not in safetensors form: {0}")]
    NotSafetensors(String),
    /// A tensor is missing.
    #[error("the file has no tensor \"{0}\"")]
    Missing(String),
    /// A tensor has another shape.
    #[error("tensor \"{name}\" has shape {found:?}, the model needs {expected:?}")]
    Shape {
        /// The tensor's name.
        name: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// The shape that the model needs.
        expected: Vec<usize>,
    },
    /// A tensor holds numbers of a kind that is not read.
    #[error("tensor \"{name}\" holds {found}; f32, f16 and bf16 are read")]
    Precision {
        /// The tensor's name.
        name: String,
        /// Its kind of number in the file.
        found: String,
    },
}

/// A safetensors file, open.
pub struct Weights<'a> {
    file: Rc<SafeTensors<'a>>,
    /// What stands before the names of all tensors that are asked for.
    below: String,
}

impl<'a> Weights<'a> {
    /// Reads the file's table of contents.
    ///
    /// # Errors
    /// When the bytes are not a safetensors file.
    pub fn open(bytes: &'a [u8]) -> Result<Self, WeightsError> {
        let file = SafeTensors::deserialize(bytes)
            .map_err(|error| WeightsError::NotSafetensors(error.to_string()))?;
        Ok(Self {
            file: Rc::new(file),
            below: String::new(),
        })
    }

    /// The tensors beside the one of this name, wherever it is: checkpoints of whole models keep
    /// the encoder below a name such as `bert.`.
    #[must_use]
    pub fn below_the_one_of(&self, name: &str) -> Self {
        let below = self
            .file
            .names()
            .into_iter()
            .filter_map(|found| found.strip_suffix(name))
            .filter(|before| before.is_empty() || before.ends_with('.'))
            .min_by_key(|before| before.len())
            .unwrap_or_default()
            .to_owned();
        Self {
            file: Rc::clone(&self.file),
            below,
        }
    }

    /// Whether there is a tensor of this name.
    fn has(&self, name: &str) -> bool {
        self.file.tensor(&format!("{}{name}", self.below)).is_ok()
    }

    /// One tensor's numbers, row-major, as f32.
    fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let name = &format!("{}{name}", self.below);
        let view = self
            .file
            .tensor(name)
            .map_err(|_| WeightsError::Missing(name.to_owned()))?;
        if view.shape() != shape {
            return Err(WeightsError::Shape {
                name: name.to_owned(),
                found: view.shape().to_vec(),
                expected: shape.to_vec(),
            });
        }
        let bytes = view.data();
        let pairs = || bytes.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
        match view.dtype() {
            Dtype::F32 => Ok(bytes
                .chunks_exact(4)
                .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
                .collect()),
            Dtype::F16 => Ok(pairs()
                .map(|pair| f16::from_le_bytes(pair).to_f32())
                .collect()),
            Dtype::BF16 => Ok(pairs()
                .map(|pair| bf16::from_le_bytes(pair).to_f32())
                .collect()),
            other => Err(WeightsError::Precision {
                name: name.to_owned(),
                found: format!("{other:?}"),
            }),
        }
    }

    /// One tensor, as the file has it.
    ///
    /// # Errors
    /// When it is missing, or of another shape or precision.
    pub fn tensor<const D: usize>(
        &self,
        name: &str,
        shape: [usize; D],
        device: &Device,
    ) -> Result<Tensor<D>, WeightsError> {
        Ok(Tensor::from_data(
            TensorData::new(self.numbers(name, &shape)?, shape),
            device,
        ))
    }

    /// A linear layer. PyTorch keeps `[d_output, d_input]`, burn `[d_input, d_output]`.
    ///
    /// # Errors
    /// When a tensor is missing, or of another shape or precision.
    pub fn linear(
        &self,
        name: &str,
        d_input: usize,
        d_output: usize,
        device: &Device,
    ) -> Result<Linear, WeightsError> {
        let rows = self.numbers(&format!("{name}.weight"), &[d_output, d_input])?;
        let mut columns = vec![0.0; rows.len()];
        for (output, row) in rows.chunks_exact(d_input).enumerate() {
            for (input, &weight) in row.iter().enumerate() {
                columns[input * d_output + output] = weight;
            }
        }
        let bias = self.numbers(&format!("{name}.bias"), &[d_output])?;
        Ok(Linear {
            weight: Param::from_data(TensorData::new(columns, [d_input, d_output]), device),
            bias: Some(Param::from_data(TensorData::new(bias, [d_output]), device)),
        })
    }

    /// A layer normalisation.
    ///
    /// # Errors
    /// When a tensor is missing, or of another shape or precision.
    pub fn layer_norm(
        &self,
        name: &str,
        width: usize,
        epsilon: f64,
        device: &Device,
    ) -> Result<LayerNorm, WeightsError> {
        let mut norm = LayerNormConfig::new(width)
            .with_epsilon(epsilon)
            .init(device);
        // Checkpoints that were converted from TensorFlow kept its names.
        let is_old = !self.has(&format!("{name}.weight")) && self.has(&format!("{name}.gamma"));
        let (gamma, beta) = if is_old {
            ("gamma", "beta")
        } else {
            ("weight", "bias")
        };
        let read = |part: &str| self.tensor(&format!("{name}.{part}"), [width], device);
        norm.gamma = Param::from_tensor(read(gamma)?);
        norm.beta = Some(Param::from_tensor(read(beta)?));
        Ok(norm)
    }

    /// An embedding.
    ///
    /// # Errors
    /// When the tensor is missing, or of another shape or precision.
    pub fn embedding(
        &self,
        name: &str,
        rows: usize,
        width: usize,
        device: &Device,
    ) -> Result<Embedding, WeightsError> {
        let numbers = self.numbers(&format!("{name}.weight"), &[rows, width])?;
        let mut embedding = EmbeddingConfig::new(1, 1).init(device);
        embedding.weight = Param::from_data(TensorData::new(numbers, [rows, width]), device);
        Ok(embedding)
    }
}

#[cfg(test)]
mod tests {
    use safetensors::tensor::TensorView;

    use super::*;

    fn file(dtype: Dtype, shape: Vec<usize>, bytes: &[u8]) -> Vec<u8> {
        let view = TensorView::new(dtype, shape, bytes).unwrap();
        safetensors::serialize([("x", view)], None).unwrap()
    }

    #[test]
    fn half_precision_is_widened() {
        let bytes: Vec<u8> = [1.5_f32, -0.25]
            .iter()
            .flat_map(|x| f16::from_f32(*x).to_le_bytes())
            .collect();
        let file = file(Dtype::F16, vec![2], &bytes);
        let tensor = Weights::open(&file)
            .unwrap()
            .tensor("x", [2], &Device::flex())
            .unwrap();
        assert_eq!(
            tensor.into_data().try_into_vec::<f32>().unwrap(),
            [1.5, -0.25]
        );
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let device = Device::flex();
        assert!(matches!(
            Weights::open(b"PK\x03\x04").err(),
            Some(WeightsError::NotSafetensors(_))
        ));
        let file = file(Dtype::I32, vec![1], &[0; 4]);
        let weights = Weights::open(&file).unwrap();
        assert_eq!(
            weights.tensor("y", [1], &device).err(),
            Some(WeightsError::Missing("y".into()))
        );
        let error = weights.tensor("x", [2], &device).unwrap_err();
        assert_eq!(
            error.to_string(),
            "tensor \"x\" has shape [1], the model needs [2]"
        );
        let error = weights.tensor("x", [1], &device).unwrap_err();
        assert_eq!(
            error.to_string(),
            "tensor \"x\" holds I32; f32, f16 and bf16 are read"
        );
    }
}
