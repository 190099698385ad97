//! The normal distribution.

use std::f64::consts::SQRT_2;

/// The probability of less than `z` standard deviations above the mean.
pub(super) fn cumulative(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// The inverse of [`cumulative`]; infinite at 0 and 1.
pub(super) fn quantile(probability: f64) -> f64 {
    if probability <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if probability >= 1.0 {
        return f64::INFINITY;
    }
    // Beyond 40 deviations the probability is 0 in 64 bits; 80 halvings reach their precision.
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if cumulative(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points() {
        for (z, probability) in [
            (0.0, 0.5),
            (1.959_963_984_540_054, 0.975),
            (-2.326_347_874_040_841, 0.01),
            (-6.0, 9.865_876_450_376_98e-10),
        ] {
            assert!((cumulative(z) / probability - 1.0).abs() < 1e-12);
            assert!((quantile(probability) - z).abs() < 1e-9, "{z}");
        }
        assert_eq!(quantile(0.0), f64::NEG_INFINITY);
    }
}
