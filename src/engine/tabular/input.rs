//! Encoded rows on the device, and batches of them.

use std::rc::Rc;

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::domain::features::{FeaturePlan, FeatureRows};
use crate::engine::batch::TokenBatch;

/// Rows of a table on the device, without a graph. Uploaded once: a step sends nothing but the
/// numbers of its rows.
#[derive(Debug, Clone)]
pub struct TableInput {
    rows: usize,
    numbers: Option<Tensor<2>>,
    flags: Option<Tensor<2>>,
    codes: Option<Tensor<2, Int>>,
    /// Tokens of each row's texts, on the host, where an encoder learns along.
    texts: Option<Rc<[Vec<Vec<u32>>]>>,
    /// What stands behind what it makes of them, shape `[rows, more]`.
    behind_texts: Option<Tensor<2>>,
    device: Device,
}

/// Some rows as the network reads them.
#[derive(Debug, Clone)]
pub struct TableBatch {
    /// How many.
    pub rows: usize,
    /// Scaled numbers, shape `[rows, numbers]`.
    pub numbers: Option<Tensor<2>>,
    /// Flags, shape `[rows, flags]`.
    pub flags: Option<Tensor<2>>,
    /// Rows of the embedding table that all columns share, shape `[rows, codes]`.
    pub codes: Option<Tensor<2, Int>>,
    /// Texts, those of a row one after the other, where an encoder learns along.
    pub texts: Option<TokenBatch>,
    /// Flags that stand behind what it makes of them, shape `[rows, more]`.
    pub behind_texts: Option<Tensor<2>>,
}

impl TableInput {
    /// Uploads rows that `plan` encoded.
    ///
    /// Codes of all columns count on from each other here, so that one table holds them all and
    /// one gather reads them.
    ///
    /// # Panics
    /// When the rows are not the plan's.
    pub fn new(rows: &FeatureRows, plan: &FeaturePlan, device: &Device) -> Self {
        let widths = plan.widths();
        assert!(rows.fits(&widths), "rows are encoded by their own plan");
        let mut first = 0;
        let offsets: Vec<u32> = widths
            .codes
            .iter()
            .map(|count| {
                first += count;
                first - count
            })
            .collect();
        let floats = |values: &[f32], width: usize| {
            (width > 0).then(|| {
                Tensor::from_data(TensorData::new(values.to_vec(), [rows.rows, width]), device)
            })
        };
        let codes = (!offsets.is_empty()).then(|| {
            let codes: Vec<i32> = rows
                .codes
                .iter()
                .zip(offsets.iter().cycle())
                .map(|(code, offset)| (code + offset) as i32)
                .collect();
            Tensor::from_data(TensorData::new(codes, [rows.rows, offsets.len()]), device)
        });
        Self {
            rows: rows.rows,
            numbers: floats(&rows.numbers, widths.numbers),
            flags: floats(&rows.flags, widths.flags),
            codes,
            texts: None,
            behind_texts: None,
            device: device.clone(),
        }
    }

    /// The same rows with more flags, such as the vector of their text: shape `[rows, more]`,
    /// row-major.
    ///
    /// # Panics
    /// When `values` are not of as many rows.
    #[must_use]
    pub fn with_flags(mut self, values: Vec<f32>, width: usize) -> Self {
        let parts = [self.flags.take(), self.upload(values, width)];
        let parts: Vec<Tensor<2>> = parts.into_iter().flatten().collect();
        self.flags = (!parts.is_empty()).then(|| Tensor::cat(parts, 1));
        self
    }

    /// The same rows with the tokens of their texts, as many in each row, and with flags that stand
    /// behind what an encoder makes of them: shape `[rows, width]`, row-major.
    ///
    /// # Panics
    /// When they are not of as many rows.
    #[must_use]
    pub fn with_texts(
        mut self,
        texts: Rc<[Vec<Vec<u32>>]>,
        (behind, width): (Vec<f32>, usize),
    ) -> Self {
        assert_eq!(texts.len(), self.rows, "each row has texts");
        self.texts = Some(texts);
        self.behind_texts = self.upload(behind, width);
        self
    }

    fn upload(&self, values: Vec<f32>, width: usize) -> Option<Tensor<2>> {
        let data = || TensorData::new(values, [self.rows, width]);
        (width > 0).then(|| Tensor::from_data(data(), &self.device))
    }

    /// How many texts a row has whose tokens are at hand.
    pub fn texts_of_a_row(&self) -> usize {
        let texts = self.texts.as_ref().and_then(|texts| texts.first());
        texts.map_or(0, Vec::len)
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Where they are.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Gathers some rows.
    pub fn batch(&self, rows: &[usize]) -> TableBatch {
        let at = indices(rows, &self.device);
        let pick = |values: &Option<Tensor<2>>| {
            values
                .as_ref()
                .map(|values| values.clone().select(0, at.clone()))
        };
        TableBatch {
            rows: rows.len(),
            numbers: pick(&self.numbers),
            flags: pick(&self.flags),
            codes: self
                .codes
                .as_ref()
                .map(|codes| codes.clone().select(0, at.clone())),
            texts: self.texts.as_ref().map(|texts| {
                let chosen: Vec<&[u32]> = (rows.iter())
                    .flat_map(|&row| texts[row].iter().map(Vec::as_slice))
                    .collect();
                TokenBatch::new(chosen.iter().copied(), &self.device)
            }),
            behind_texts: pick(&self.behind_texts),
        }
    }
}

impl TableBatch {
    /// The same batch for a network that keeps a graph.
    #[must_use]
    pub fn learning(self) -> Self {
        Self {
            rows: self.rows,
            numbers: self.numbers.map(Tensor::from_inner),
            flags: self.flags.map(Tensor::from_inner),
            codes: self.codes.map(Tensor::from_inner),
            texts: self.texts.map(TokenBatch::learning),
            behind_texts: self.behind_texts.map(Tensor::from_inner),
        }
    }
}

/// Row numbers as an index tensor, shape `[rows]`.
pub(super) fn indices(rows: &[usize], device: &Device) -> Tensor<1, Int> {
    let rows: Vec<i32> = rows.iter().map(|&row| row as i32).collect();
    let count = rows.len();
    Tensor::from_data(TensorData::new(rows, [count]), device)
}
