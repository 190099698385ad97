//! Ranges that hold the true number in a promised share of cases.

/// How far a range reaches to either side of a prediction, so that it holds the truth in at least
/// `coverage` of the cases: the quantile of the errors on rows that were not learned from.
///
/// Rows to come have to be like those that gave the errors; no more is assumed of them or of the
/// model. Infinite when there are too few errors for the promise.
///
/// Source: Lei et al. 2018, "Distribution-Free Predictive Inference for Regression", algorithm 2
/// (split conformal prediction).
pub fn reach(errors: &[f64], coverage: f64) -> f64 {
    let mut sorted: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let rank = ((sorted.len() + 1) as f64 * coverage).ceil() as usize;
    match sorted.get(rank.saturating_sub(1)) {
        Some(&reach) => reach,
        None => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_counts_the_row_to_come() {
        let errors: Vec<f64> = (1..=9).map(f64::from).collect();
        assert_eq!(reach(&errors, 0.9), 9.0);
        assert_eq!(reach(&errors, 0.5), 5.0);
        assert_eq!(reach(&errors[..8], 0.9), f64::INFINITY);
        assert_eq!(reach(&[-3.0, 1.0, 2.0], 0.75), 3.0);
    }
}
