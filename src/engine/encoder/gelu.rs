//! Activations, GELU with a gradient that holds everywhere.

use burn::tensor::{Tensor, activation::relu};

use crate::domain::encoder::Activation;

/// Beyond this, `tanh` is 1 in f32; WGSL's may fail for larger arguments.
const TANH_IS_FLAT: f64 = 15.0;

/// The function between two feed-forward layers.
///
/// # Shapes
/// - input, output: `[...]`
pub fn activate<const D: usize>(activation: Activation, x: Tensor<D>) -> Tensor<D> {
    match activation {
        Activation::Gelu => gelu(x),
        Activation::GeluTanh => gelu_tanh(x),
        Activation::Relu => relu(x),
    }
}

/// GELU's approximation by tanh (Hendrycks and Gimpel 2016, section 2), as `gelu_new` in
/// checkpoints.
fn gelu_tanh<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let cubed = x.clone() * x.clone() * x.clone();
    let inner = (x.clone() + cubed * 0.044_715) * (2.0 / std::f64::consts::PI).sqrt();
    let tanh = inner.clamp(-TANH_IS_FLAT, TANH_IS_FLAT).tanh();
    x * (tanh + 1.0) * 0.5
}

/// Gaussian error linear unit, `x * (1 + erf(x / sqrt 2)) / 2`.
///
/// Source: Hendrycks and Gimpel 2016, "Gaussian Error Linear Units", section 2.
///
/// Composed from `erf` instead of taken from burn: burn 0.22.1 pairs an erf forward with the
/// derivative of the tanh approximation, which is off by up to 8.5e-4, and whose `tanh` WGSL allows
/// to fail for large arguments. MiniLM's inputs reach 24, where 65 of 103 gradients became NaN.
///
/// # Shapes
/// - input, output: `[...]`
pub fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let cdf_twice = (x.clone() * std::f64::consts::FRAC_1_SQRT_2).erf() + 1.0;
    x * cdf_twice * 0.5
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::{gelu, gelu_tanh};

    /// Values and slopes from `scipy.special.ndtr` and the normal density in float64.
    const EXPECTED: &[(f32, f32, f32)] = &[
        (-100.0, 0.0, 0.0),
        (-3.0, -0.004_049_694, -0.011_945_647),
        (-1.0, -0.158_655_25, -0.083_315_47),
        (0.0, 0.0, 0.5),
        (0.5, 0.345_731_23, 0.867_494_9),
        (2.0, 1.954_499_7, 1.085_231_8),
        (24.0, 24.0, 1.0),
        (100.0, 100.0, 1.0),
    ];

    #[test]
    fn value_and_slope_are_finite_and_exact_up_to_a_hundred() {
        let device = Device::flex().autodiff();
        let xs: Vec<f32> = EXPECTED.iter().map(|(x, ..)| *x).collect();
        let x = Tensor::<1>::from_floats(xs.as_slice(), &device).require_grad();
        let y = gelu(x.clone());
        let grads = y.clone().sum().backward();
        let slope = x
            .grad(&grads)
            .expect("x asked for a gradient")
            .into_data()
            .try_into_vec::<f32>()
            .unwrap();
        let y = y.into_data().try_into_vec::<f32>().unwrap();
        for (at, &(x, value, expected_slope)) in EXPECTED.iter().enumerate() {
            assert!(
                (y[at] - value).abs() <= 1e-6 * value.abs().max(1.0),
                "gelu({x}) = {}",
                y[at]
            );
            assert!(
                (slope[at] - expected_slope).abs() <= 1e-6,
                "gelu'({x}) = {}",
                slope[at]
            );
        }
    }

    #[test]
    fn the_tanh_form_is_finite_and_near() {
        let device = Device::flex().autodiff();
        let xs: Vec<f32> = EXPECTED.iter().map(|(x, ..)| *x).collect();
        let x = Tensor::<1>::from_floats(xs.as_slice(), &device).require_grad();
        let y = gelu_tanh(x.clone());
        let grads = y.clone().sum().backward();
        let slope = x.grad(&grads).expect("x asked for a gradient");
        let slope = slope.into_data().try_into_vec::<f32>().unwrap();
        let y = y.into_data().try_into_vec::<f32>().unwrap();
        for (at, &(x, value, expected_slope)) in EXPECTED.iter().enumerate() {
            // The paper's approximation is off by less than 1e-3 everywhere.
            assert!((y[at] - value).abs() < 1e-3, "gelu_tanh({x}) = {}", y[at]);
            assert!(
                (slope[at] - expected_slope).abs() < 1e-2,
                "gelu_tanh'({x}) = {}",
                slope[at]
            );
        }
    }
}
