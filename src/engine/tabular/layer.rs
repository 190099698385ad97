//! The layers of the network: numbers and categories as vectors, and the ensemble's linear layer.

use burn::module::{Module, Param};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::Rng;

use crate::domain::features::Bins;
use crate::engine::error::EngineError;
use crate::engine::train::read;

/// Numbers as vectors: a straight line plus a piecewise-linear curve over quantile bins, one of
/// each a column.
///
/// Source: Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning",
/// section 3.2; the straight line beside it, with the curve zero at the start, is the version of
/// Gorishniy et al. 2024, "TabM", appendix.
#[derive(Module, Debug)]
pub struct NumberEmbedding {
    /// `[numbers, 1, width]`.
    line: Param<Tensor<3>>,
    /// `[numbers, 1, width]`.
    bias: Param<Tensor<3>>,
    /// `[numbers, bins, width]`.
    curve: Param<Tensor<3>>,
    /// Lower edge of each bin, `[numbers, 1, bins]`; not learned.
    low: Param<Tensor<3>>,
    /// One over the width of each bin, 0 for a bin that a column does not have; not learned.
    steepness: Param<Tensor<3>>,
}

impl NumberEmbedding {
    /// Lines and biases are uniform within 1: a number is one input.
    pub fn draw(bins: &[&Bins], width: usize, rng: &mut impl Rng, device: &Device) -> Self {
        let numbers = bins.len();
        let most = bins.iter().map(|bins| bins.count()).max().unwrap_or(1);
        let mut low = vec![0.0; numbers * most];
        let mut steepness = vec![0.0; numbers * most];
        for (number, bins) in bins.iter().enumerate() {
            for (bin, edges) in bins.edges.windows(2).enumerate() {
                low[number * most + bin] = edges[0];
                steepness[number * most + bin] = 1.0 / (edges[1] - edges[0]);
            }
        }
        let shape = [numbers, 1, width];
        Self {
            line: uniform(shape, 1.0, rng, device),
            bias: uniform(shape, 1.0, rng, device),
            curve: Param::from_tensor(Tensor::zeros([numbers, most, width], device)),
            low: constant(low, [numbers, 1, most], device),
            steepness: constant(steepness, [numbers, 1, most], device),
        }
    }

    /// # Shapes
    /// - numbers: `[rows, numbers]`
    /// - output: `[rows, numbers * width]`
    pub fn forward(&self, numbers: Tensor<2>) -> Tensor<2> {
        let [rows, count] = numbers.dims();
        let x: Tensor<3> = numbers.swap_dims(0, 1).unsqueeze_dim(2); // [numbers, rows, 1]
        let filled = ((x.clone() - self.low.val()) * self.steepness.val()).clamp(0.0, 1.0);
        let vectors = x * self.line.val() + self.bias.val() + filled.matmul(self.curve.val());
        let width = vectors.dims()[2];
        vectors.swap_dims(0, 1).reshape([rows, count * width])
    }

    /// The parameters that learn.
    pub fn learned(&self) -> [burn::module::ParamId; 3] {
        [self.line.id, self.bias.id, self.curve.id]
    }

    /// The same with the curves of an earlier one: for each number its earlier place, and how many
    /// bins it has below the earlier ones. Longer vectors keep the rest of their own.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn carried(
        self,
        earlier: &Self,
        from: &[Option<(usize, usize)>],
    ) -> Result<Self, EngineError> {
        let whole = |[number, one, entry]: [usize; 3]| Some([from[number]?.0, one, entry]);
        let bin = |[number, bin, entry]: [usize; 3]| {
            let (from, below) = from[number]?;
            Some([from, bin.checked_sub(below)?, entry])
        };
        Ok(Self {
            line: overlaid(self.line, &earlier.line, whole).await?,
            bias: overlaid(self.bias, &earlier.bias, whole).await?,
            curve: overlaid(self.curve, &earlier.curve, bin).await?,
            low: self.low,
            steepness: self.steepness,
        })
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        self.line.dims()[0]
    }

    /// Length of a number's vector.
    pub fn width(&self) -> usize {
        self.line.dims()[2]
    }
}

/// Codes of all columns as vectors of one table.
#[derive(Module, Debug)]
pub struct CategoryEmbedding {
    /// `[all codes, width]`.
    table: Param<Tensor<2>>,
}

impl CategoryEmbedding {
    /// Uniform within `1 / sqrt(width)`; the vector of unseen values starts at zero, which favours
    /// none of the others, and stays there in columns whose training rows have no rare value.
    pub fn draw(codes: &[u32], width: usize, rng: &mut impl Rng, device: &Device) -> Self {
        let bound = 1.0 / (width as f32).sqrt();
        let mut values = Vec::new();
        for &count in codes {
            values.resize(values.len() + width, 0.0);
            values.extend((width..count as usize * width).map(|_| rng.random_range(-bound..bound)));
        }
        let all: u32 = codes.iter().sum();
        Self {
            table: Param::from_data(TensorData::new(values, [all as usize, width]), device),
        }
    }

    /// # Shapes
    /// - codes: `[rows, columns]`
    /// - output: `[rows, columns * width]`
    pub fn forward(&self, codes: Tensor<2, Int>) -> Tensor<2> {
        let [rows, columns] = codes.dims();
        let width = self.table.dims()[1];
        self.table
            .val()
            .select(0, codes.reshape([rows * columns]))
            .reshape([rows, columns * width])
    }

    /// The parameters that learn.
    pub fn learned(&self) -> [burn::module::ParamId; 1] {
        [self.table.id]
    }

    /// The same with the vectors of an earlier one, whose place `from` says for each code.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn carried(
        self,
        earlier: &Self,
        from: &[Option<usize>],
    ) -> Result<Self, EngineError> {
        let at = |[code, entry]: [usize; 2]| Some([from[code]?, entry]);
        Ok(Self {
            table: overlaid(self.table, &earlier.table, at).await?,
        })
    }
}

/// One linear layer shared by all members of an ensemble, whose inputs and outputs each member
/// scales its own way.
///
/// Source: Wen et al. 2020, "BatchEnsemble", section 3.1, as Gorishniy et al. 2024, "TabM",
/// section 3.3 use it.
#[derive(Module, Debug)]
pub struct EnsembleLinear {
    /// `[input, output]`.
    weight: Param<Tensor<2>>,
    /// `[members, 1, input]`.
    scale_in: Param<Tensor<3>>,
    /// `[members, 1, output]`.
    scale_out: Param<Tensor<3>>,
    /// `[members, 1, output]`.
    bias: Param<Tensor<3>>,
}

impl EnsembleLinear {
    /// Weight and bias uniform within `1 / sqrt(input)`, the bias the same for every member.
    /// `scale_in` is what makes the members differ: the first layer gets a random one, the others
    /// start at 1.
    pub fn draw(
        [input, output]: [usize; 2],
        scale_in: Vec<f32>,
        rng: &mut impl Rng,
        device: &Device,
    ) -> Self {
        let members = scale_in.len() / input;
        let bound = 1.0 / (input as f32).sqrt();
        let weight = uniform([input, output], bound, rng, device);
        let bias: Vec<f32> = (0..output)
            .map(|_| rng.random_range(-bound..bound))
            .collect();
        let tensor =
            |values, shape: [usize; 3]| Param::from_data(TensorData::new(values, shape), device);
        Self {
            weight,
            scale_in: tensor(scale_in, [members, 1, input]),
            scale_out: tensor(vec![1.0; members * output], [members, 1, output]),
            bias: tensor(bias.repeat(members), [members, 1, output]),
        }
    }

    /// # Shapes
    /// - input: `[members or 1, rows, input]`
    /// - output: `[members, rows, output]`
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        let scaled = input * self.scale_in.val();
        let [members, rows, width] = scaled.dims();
        let output = self.weight.dims()[1];
        scaled
            .reshape([members * rows, width])
            .matmul(self.weight.val())
            .reshape([members, rows, output])
            * self.scale_out.val()
            + self.bias.val()
    }

    /// The parameter that weight decay pulls at, and the others.
    pub fn learned(&self) -> ([burn::module::ParamId; 1], [burn::module::ParamId; 3]) {
        (
            [self.weight.id],
            [self.scale_in.id, self.scale_out.id, self.bias.id],
        )
    }

    /// The same with the weights of an earlier one of as many members and outputs, whose place
    /// `from` says for each input.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn carried(
        self,
        earlier: &Self,
        from: &[Option<usize>],
    ) -> Result<Self, EngineError> {
        let row = |[input, output]: [usize; 2]| Some([from[input]?, output]);
        let scale = |[member, one, input]: [usize; 3]| Some([member, one, from[input]?]);
        Ok(Self {
            weight: overlaid(self.weight, &earlier.weight, row).await?,
            scale_in: overlaid(self.scale_in, &earlier.scale_in, scale).await?,
            scale_out: overlaid(self.scale_out, &earlier.scale_out, Some).await?,
            bias: overlaid(self.bias, &earlier.bias, Some).await?,
        })
    }

    /// The same with inputs more that count nothing.
    #[must_use]
    pub fn deaf_to(&self, inputs: usize) -> Self {
        Self {
            weight: with_zeros(&self.weight, 0, inputs),
            scale_in: with_zeros(&self.scale_in, 2, inputs),
            scale_out: self.scale_out.clone(),
            bias: self.bias.clone(),
        }
    }

    /// Members and outputs.
    pub fn shape(&self) -> [usize; 2] {
        let [members, _, outputs] = self.bias.dims();
        [members, outputs]
    }
}

/// One linear layer a member: the ensemble's heads.
#[derive(Module, Debug)]
pub struct MemberLinear {
    /// `[members, input, output]`.
    weight: Param<Tensor<3>>,
    /// `[members, 1, output]`.
    bias: Param<Tensor<3>>,
}

impl MemberLinear {
    /// Uniform within `1 / sqrt(input)`.
    pub fn draw(
        members: usize,
        [input, output]: [usize; 2],
        rng: &mut impl Rng,
        device: &Device,
    ) -> Self {
        let bound = 1.0 / (input as f32).sqrt();
        Self {
            weight: uniform([members, input, output], bound, rng, device),
            bias: uniform([members, 1, output], bound, rng, device),
        }
    }

    /// # Shapes
    /// - input: `[members, rows, input]`
    /// - output: `[members, rows, output]`
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        input.matmul(self.weight.val()) + self.bias.val()
    }

    /// The parameter that weight decay pulls at, and the other.
    pub fn learned(&self) -> ([burn::module::ParamId; 1], [burn::module::ParamId; 1]) {
        ([self.weight.id], [self.bias.id])
    }

    /// The same with the weights of an earlier one of as many members, whose place is said for each
    /// input and for each output. What the earlier one says is brought to another scale: times
    /// `slope`, plus `shift`.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn carried(
        self,
        earlier: &Self,
        inputs: &[Option<usize>],
        outputs: &[Option<usize>],
        [slope, shift]: [f32; 2],
    ) -> Result<Self, EngineError> {
        let shifts = vec![shift; earlier.bias.dims()[2]];
        let rescaled = earlier.rescaled(slope, &shifts);
        let weight =
            |[member, input, output]: [usize; 3]| Some([member, inputs[input]?, outputs[output]?]);
        let bias = |[member, one, output]: [usize; 3]| Some([member, one, outputs[output]?]);
        Ok(Self {
            weight: overlaid(self.weight, &rescaled.weight, weight).await?,
            bias: overlaid(self.bias, &rescaled.bias, bias).await?,
        })
    }

    /// What it says times a slope, plus a shift of each output.
    #[must_use]
    pub fn rescaled(&self, slope: f32, shifts: &[f32]) -> Self {
        let weight = self.weight.val();
        let shifts = TensorData::new(shifts.to_vec(), [1, 1, shifts.len()]);
        let shifts = Tensor::from_data(shifts, &weight.device());
        Self {
            // Where it learns from now on begins here, not with this product.
            weight: Param::from_tensor((weight * slope).detach()),
            bias: Param::from_tensor((self.bias.val() * slope + shifts).detach()),
        }
    }

    /// The same with inputs more that count nothing.
    #[must_use]
    pub fn deaf_to(&self, inputs: usize) -> Self {
        Self {
            weight: with_zeros(&self.weight, 1, inputs),
            bias: self.bias.clone(),
        }
    }

    /// How many members there are.
    pub fn members(&self) -> usize {
        self.weight.dims()[0]
    }

    /// Where the parameters are.
    pub fn device(&self) -> Device {
        self.weight.val().device()
    }
}

/// Drawn on the host, so that every device starts from the same numbers.
fn uniform<const D: usize>(
    shape: [usize; D],
    bound: f32,
    rng: &mut impl Rng,
    device: &Device,
) -> Param<Tensor<D>> {
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count)
        .map(|_| rng.random_range(-bound..bound))
        .collect();
    Param::from_data(TensorData::new(values, shape), device)
}

/// A parameter with those of its numbers replaced that an earlier one has: `at` says where, if it
/// does. Places that the earlier one does not have keep their own.
async fn overlaid<const D: usize>(
    own: Param<Tensor<D>>,
    earlier: &Param<Tensor<D>>,
    at: impl Fn([usize; D]) -> Option<[usize; D]>,
) -> Result<Param<Tensor<D>>, EngineError> {
    let (shape, theirs) = (own.dims(), earlier.dims());
    let device = own.val().device();
    let mut values = read(own.val().reshape([-1])).await?;
    let known = read(earlier.val().reshape([-1])).await?;
    let mut place = [0; D];
    for value in &mut values {
        let from = at(place).filter(|from| from.iter().zip(theirs).all(|(at, count)| *at < count));
        if let Some(from) = from {
            let flat = from
                .iter()
                .zip(theirs)
                .fold(0, |flat, (at, count)| flat * count + at);
            *value = known[flat];
        }
        // The next place: the last axis goes first.
        for axis in (0..D).rev() {
            place[axis] += 1;
            if place[axis] < shape[axis] {
                break;
            }
            place[axis] = 0;
        }
    }
    Ok(Param::from_data(TensorData::new(values, shape), &device))
}

/// A parameter with zeros behind it along an axis.
fn with_zeros<const D: usize>(
    own: &Param<Tensor<D>>,
    axis: usize,
    count: usize,
) -> Param<Tensor<D>> {
    let mut shape = own.dims();
    shape[axis] = count;
    let own = own.val();
    let zeros = Tensor::zeros(shape, &own.device());
    Param::from_tensor(Tensor::cat(vec![own, zeros], axis))
}

fn constant(values: Vec<f32>, shape: [usize; 3], device: &Device) -> Param<Tensor<3>> {
    Param::from_data(TensorData::new(values, shape), device).set_require_grad(false)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec().unwrap()
    }

    #[test]
    fn bins_fill_up_from_the_left() {
        let device = Device::flex();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let three = Bins {
            edges: vec![0.0, 1.0, 3.0, 4.0],
        };
        let one = Bins {
            edges: vec![-1.0, 1.0],
        };
        let mut embedding = NumberEmbedding::draw(&[&three, &one], 1, &mut rng, &device);
        // With the straight line away and a curve of 1, 10 and 100, the digits are what the bins
        // of section 3.2 hold.
        embedding.line = constant(vec![0.0; 2], [2, 1, 1], &device);
        embedding.bias = constant(vec![0.0; 2], [2, 1, 1], &device);
        embedding.curve = constant(vec![1.0, 10.0, 100.0, 1.0, 10.0, 100.0], [2, 3, 1], &device);
        let numbers = Tensor::from_floats([[2.0, 0.5], [9.0, -3.0], [-9.0, 3.0]], &device);
        let found = read(embedding.forward(numbers));
        assert_eq!(found, [6.0, 0.75, 111.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn every_member_scales_its_own_way() {
        let device = Device::flex();
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let scales = vec![1.0, 0.0, 0.0, 1.0, -1.0, 0.0];
        let layer = EnsembleLinear::draw([2, 1], scales, &mut rng, &device);
        let weight = read(layer.weight.val());
        let bias = read(layer.bias.val())[0];
        let input = Tensor::from_floats([[[2.0, 3.0]]], &device);
        let found = read(layer.forward(input));
        let expected = [2.0 * weight[0], 3.0 * weight[1], -2.0 * weight[0]].map(|x| x + bias);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn the_vector_of_unseen_values_favours_none() {
        let device = Device::flex();
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let embedding = CategoryEmbedding::draw(&[3, 4], 2, &mut rng, &device);
        let codes = Tensor::from_ints([[0, 3], [1, 5]], &device);
        let found = read(embedding.forward(codes));
        assert_eq!(found[..4], [0.0; 4]);
        assert!(found[4..].iter().all(|&x| x != 0.0));
    }
}
