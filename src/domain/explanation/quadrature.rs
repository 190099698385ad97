//! Where to look along a path so that few looks give its integral.

/// Rounds of Newton's method; three give every digit from this start.
const ROUNDS: usize = 8;

/// Places between 0 and 1 and their weights, which sum to 1: the Gauss-Legendre rule, exact for
/// polynomials up to degree `2 steps - 1`.
///
/// Source: Press et al. 2007, "Numerical Recipes", section 4.6.1.
pub fn gauss_legendre(steps: usize) -> Vec<(f64, f64)> {
    let count = steps as f64;
    let root = |at: usize| {
        let mut x = (std::f64::consts::PI * (at as f64 + 0.75) / (count + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..ROUNDS {
            let (mut value, mut before) = (1.0, 0.0);
            for degree in 1..=steps {
                let degree = degree as f64;
                let next = ((2.0 * degree - 1.0) * x * value - (degree - 1.0) * before) / degree;
                (before, value) = (value, next);
            }
            slope = count * (x * value - before) / (x * x - 1.0);
            x -= value / slope;
        }
        (0.5 * (1.0 - x), 1.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..steps).map(root).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_integrated_exactly() {
        for steps in [1, 2, 5, 16, 64] {
            let rule = gauss_legendre(steps);
            for degree in 0..2 * steps.min(12) {
                let found: f64 = rule.iter().map(|(x, w)| w * x.powi(degree as i32)).sum();
                let exact = 1.0 / (degree as f64 + 1.0);
                assert!((found - exact).abs() < 1e-12, "{steps} {degree}: {found}");
            }
            assert!(rule.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
