//! The layer that names the labels.

use burn::module::{Module, Param};
use burn::nn::{Dropout, DropoutConfig, Linear};
use burn::tensor::{Device, Tensor, TensorData};

use super::error::EngineError;
use super::train::read;

/// A linear layer behind dropout, from a text's vector to one score a label.
#[derive(Module, Debug)]
pub struct Head {
    dropout: Dropout,
    /// `[hidden, classes]` and `[classes]`.
    pub linear: Linear,
}

/// How to build a [`Head`].
#[derive(Debug, Clone, Copy)]
pub struct HeadConfig {
    /// Width of a text's vector.
    pub hidden: usize,
    /// Number of labels.
    pub classes: usize,
    /// Share of the vector's entries dropped while training, 0 to 1.
    pub dropout: f64,
}

impl HeadConfig {
    /// A head that gives every label the same score: it needs no luck, and the penalty that holds a head
    /// near its start is then a plain L2 penalty.
    pub fn init(&self, device: &Device) -> Head {
        let weight = TensorData::zeros::<f32, _>([self.hidden, self.classes]);
        let bias = TensorData::zeros::<f32, _>([self.classes]);
        Head {
            dropout: DropoutConfig::new(self.dropout).init(),
            linear: Linear {
                weight: Param::from_data(weight, device),
                bias: Some(Param::from_data(bias, device)),
            },
        }
    }
}

impl Head {
    /// # Shapes
    /// - features: `[batch, hidden]`
    /// - output: `[batch, classes]`, before softmax
    pub fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        self.linear.forward(self.dropout.forward(features))
    }

    /// A copy of this head on another device, with new parameters.
    ///
    /// Goes through the host and awaits it: a browser cannot wait for a graphics processor.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn on(&self, device: &Device) -> Result<Self, EngineError> {
        let [hidden, classes] = self.linear.weight.dims();
        let weight = TensorData::new(read(self.linear.weight.val()).await?, [hidden, classes]);
        let bias = self.linear.bias.as_ref().expect("a head has a bias").val();
        let bias = TensorData::new(read(bias).await?, [classes]);
        let linear = Linear {
            weight: Param::from_data(weight, device),
            bias: Some(Param::from_data(bias, device)),
        };
        Ok(Self {
            dropout: self.dropout.clone(),
            linear,
        })
    }

    /// A new head on a device whose labels are some of this one's and some fresh: `earlier` has for
    /// each label its index here. A fresh label scores 0 for every text.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn carried(
        &self,
        earlier: &[Option<usize>],
        device: &Device,
    ) -> Result<Self, EngineError> {
        let [hidden, classes] = self.linear.weight.dims();
        let weight = read(self.linear.weight.val()).await?;
        let bias = read(self.linear.bias.as_ref().expect("a head has a bias").val()).await?;
        let pick = |row: &[f32]| -> Vec<f32> {
            let of = |label: &Option<usize>| label.map_or(0.0, |label| row[label]);
            earlier.iter().map(of).collect()
        };
        let weight: Vec<f32> = weight.chunks_exact(classes).flat_map(pick).collect();
        let weight = TensorData::new(weight, [hidden, earlier.len()]);
        let bias = TensorData::new(pick(&bias), [earlier.len()]);
        Ok(Self {
            dropout: self.dropout.clone(),
            linear: Linear {
                weight: Param::from_data(weight, device),
                bias: Some(Param::from_data(bias, device)),
            },
        })
    }

    /// The same with its scores divided.
    #[must_use]
    pub fn divided_by(self, divisor: f64) -> Self {
        let Linear { weight, bias } = self.linear;
        let linear = Linear {
            weight: weight.map(|own| own / divisor),
            bias: bias.map(|bias| bias.map(|own| own / divisor)),
        };
        Self { linear, ..self }
    }

    /// Sets the share of the vector's entries dropped while training, 0 to 1.
    #[must_use]
    pub fn with_dropout(mut self, share: f64) -> Self {
        self.dropout = DropoutConfig::new(share).init();
        self
    }
}
