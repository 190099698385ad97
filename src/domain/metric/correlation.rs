//! How two lists of numbers go together, in proportion or in order.

use super::Undefined;

/// Pearson's correlation of true values and predictions, -1 to 1.
pub(super) fn correlation(truth: &[f64], predicted: &[f64]) -> Result<f64, Undefined> {
    if truth.len() < 2 {
        return Err(Undefined::TooFewRows {
            rows: truth.len(),
            least: 2,
        });
    }
    let truth = standardised(truth).ok_or_else(|| Undefined::NoSpread {
        of: "true values".to_owned(),
    })?;
    let predicted = standardised(predicted).ok_or_else(|| Undefined::NoSpread {
        of: "predictions".to_owned(),
    })?;
    let product: f64 = truth.iter().zip(&predicted).map(|(a, b)| a * b).sum();
    Ok(product.clamp(-1.0, 1.0))
}

/// Values around 0 of length 1; `None` where all are the same.
fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    // Compared before the mean is taken, whose rounding would give equal values a spread.
    if values.iter().all(|&value| value == values[0]) {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    // By the largest one first, so that huge or tiny values do not leave the range of squares.
    let largest = centred.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    let length = centred
        .iter()
        .map(|x| (x / largest).powi(2))
        .sum::<f64>()
        .sqrt()
        * largest;
    Some(centred.into_iter().map(|value| value / length).collect())
}

/// Ranks from 1; equal values share the mean of theirs.
pub(super) fn mean_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    // By `==`, which holds -0 and 0 for the same; they are neighbours in the order.
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        for &row in tied {
            ranks[row] = before as f64 + (tied.len() as f64 + 1.0) / 2.0;
        }
        before += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_the_mean_of_their_ranks() {
        assert_eq!(mean_ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(mean_ranks(&[0.0, -0.0]), [1.5, 1.5]);
        assert_eq!(mean_ranks(&[]), [] as [f64; 0]);
    }

    #[test]
    fn huge_and_tiny_values_do_not_overflow() {
        for unit in [1e300, 1e-300] {
            let truth = [unit, -unit, 0.5 * unit];
            assert!((correlation(&truth, &truth).unwrap() - 1.0).abs() < 1e-12);
        }
    }
}
