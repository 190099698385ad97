//! Mixup: learning from what lies between two rows, so that the network stays calm between those it
//! has seen.
//!
//! Source: Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization", section 2. Categories have
//! nothing between them, so the columns' vectors are mixed and not their cells (Verma et al. 2019,
//! "Manifold Mixup", section 2.1, at the first layer).

use burn::tensor::{Int, Tensor};
use rand::Rng;
use rand::seq::SliceRandom;

use super::input::indices;
use super::objective::Objective;

/// Which rows of a batch are mixed, and how much of each is its own.
pub struct Mix {
    own: f64,
    partners: Tensor<1, Int>,
}

impl Mix {
    /// One share for the batch, from a beta distribution with both parameters `alpha`, and a partner
    /// for every row.
    pub fn draw(
        alpha: f64,
        rows: usize,
        rng: &mut impl Rng,
        device: &burn::tensor::Device,
    ) -> Self {
        let mut partners: Vec<usize> = (0..rows).collect();
        partners.shuffle(rng);
        Self {
            own: beta(alpha, rng),
            partners: indices(&partners, device),
        }
    }

    /// Mixed rows, shape `[rows, width]`.
    pub fn mix(&self, rows: Tensor<2>) -> Tensor<2> {
        let partners = rows.clone().select(0, self.partners.clone());
        rows * self.own + partners * (1.0 - self.own)
    }

    /// The loss of outputs for mixed rows: each row's own target and its partner's, by their shares.
    pub fn loss(
        &self,
        objective: &dyn Objective,
        outputs: Tensor<3>,
        targets: Tensor<2>,
    ) -> Tensor<1> {
        let others = targets.clone().select(0, self.partners.clone());
        objective.loss(outputs.clone(), targets) * self.own
            + objective.loss(outputs, others) * (1.0 - self.own)
    }
}

/// From the beta distribution with both parameters `alpha`, 0 to 1.
///
/// Source: Jöhnk 1964, "Erzeugung von betaverteilten und gammaverteilten Zufallszahlen"; compared in
/// logarithms, as small parameters underflow.
fn beta(alpha: f64, rng: &mut impl Rng) -> f64 {
    loop {
        // 1 - u is above 0, of which there is a logarithm.
        let mut power = || (1.0 - rng.random::<f64>()).ln() / alpha;
        let (x, y) = (power(), power());
        let largest = x.max(y);
        let sum = largest + ((x - largest).exp() + (y - largest).exp()).ln();
        if sum <= 0.0 {
            return (x - sum).exp();
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::engine::device::cpu;

    #[test]
    fn shares_have_the_mean_and_spread_of_their_distribution() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        for alpha in [0.01, 0.2, 1.0, 4.0] {
            let drawn: Vec<f64> = (0..4000).map(|_| beta(alpha, &mut rng)).collect();
            assert!(drawn.iter().all(|share| (0.0..=1.0).contains(share)));
            let mean = drawn.iter().sum::<f64>() / 4000.0;
            let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4000.0;
            let expected = 1.0 / (4.0 * (2.0 * alpha + 1.0));
            assert!((mean - 0.5).abs() < 0.03, "{alpha}: mean {mean}");
            assert!(
                (variance / expected - 1.0).abs() < 0.1,
                "{alpha}: variance {variance}, expected {expected}"
            );
        }
    }

    #[test]
    fn rows_are_mixed_with_their_partners() {
        let device = cpu();
        let mix = Mix {
            own: 0.75,
            partners: indices(&[1, 0], &device),
        };
        let rows = Tensor::from_data(
            TensorData::new(vec![4.0_f32, 0.0, 8.0, 4.0], [2, 2]),
            &device,
        );
        let mixed = mix.mix(rows).into_data().try_into_vec::<f32>().unwrap();
        assert_eq!(mixed, [5.0, 1.0, 7.0, 3.0]);
    }
}
