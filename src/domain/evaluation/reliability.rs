//! Whether a probability means what it says: of the rows called with 80 %, are 80 % right?

use serde::{Deserialize, Serialize};

use super::share::wilson;
use crate::domain::metric::{Classes, most_probable};

/// Bins of equal width (Guo et al. 2017, section 2, use as many).
pub const BINS: usize = 15;

/// Rows whose largest probability is in a range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Lower end of the range; the bin holds what is above it.
    pub low: f64,
    /// Upper end of the range, which the bin holds.
    pub high: f64,
    /// Rows in the bin.
    pub rows: u32,
    /// Mean of their largest probabilities; 0 without rows.
    pub confidence: f64,
    /// Share of them that are right; 0 without rows.
    pub accuracy: f64,
    /// 95 % interval of that share.
    pub interval: [f64; 2],
}

/// How far confidence and accuracy are apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// Every bin, from 0 to 1, those without rows included.
    pub bins: Vec<ReliabilityBin>,
    /// Expected calibration error: mean over the rows of their bin's distance, 0 to 1.
    pub expected_error: f64,
    /// The largest distance of a bin.
    pub largest_error: f64,
    /// Confidence minus accuracy over all rows: above 0 the model is too sure of itself.
    pub overconfidence: f64,
}

/// Sorts rows by the largest probability into `bins` bins of equal width.
///
/// Source: Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using
/// Bayesian binning", in the form for several labels of Guo et al. 2017, "On calibration of modern
/// neural networks", equations 2 and 3. Weights are not used.
///
/// # Panics
/// When `bins` is 0.
pub fn reliability(classes: &Classes, bins: usize) -> Reliability {
    assert!(bins > 0, "one bin at least");
    let mut rows = vec![0_u32; bins];
    let mut right = vec![0_u32; bins];
    let mut confidence = vec![0.0; bins];
    for (truth, probabilities) in classes.rows() {
        let predicted = most_probable(probabilities);
        let sure = f64::from(probabilities[predicted as usize]);
        // The upper end belongs to a bin, so that exactly 1 has one.
        let bin = ((sure * bins as f64).ceil() as usize).clamp(1, bins) - 1;
        rows[bin] += 1;
        right[bin] += u32::from(predicted == truth);
        confidence[bin] += sure;
    }
    let all = f64::from(rows.iter().sum::<u32>()).max(1.0);
    let (mut expected_error, mut largest_error, mut overconfidence) = (0.0, 0.0_f64, 0.0);
    let bins = (0..bins)
        .map(|bin| {
            let count = f64::from(rows[bin]);
            let apart = confidence[bin] - f64::from(right[bin]);
            expected_error += apart.abs() / all;
            overconfidence += apart / all;
            largest_error = largest_error.max(apart.abs() / count.max(1.0));
            ReliabilityBin {
                low: bin as f64 / bins as f64,
                high: (bin + 1) as f64 / bins as f64,
                rows: rows[bin],
                confidence: confidence[bin] / count.max(1.0),
                accuracy: f64::from(right[bin]) / count.max(1.0),
                interval: wilson(right[bin], rows[bin]),
            }
        })
        .collect();
    Reliability {
        bins,
        expected_error,
        largest_error,
        overconfidence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sure_and_half_right_is_half_off() {
        let probabilities = [0.0, 1.0, 0.0, 1.0, 0.75, 0.25, 0.75, 0.25];
        let classes = Classes::new(2, &[1, 0, 0, 0], &probabilities).unwrap();
        let found = reliability(&classes, 4);
        let rows: Vec<u32> = found.bins.iter().map(|bin| bin.rows).collect();
        // 0.75 is the upper end of its bin, 1 of the last.
        assert_eq!(rows, [0, 0, 2, 2]);
        assert_eq!(
            (found.bins[3].confidence, found.bins[3].accuracy),
            (1.0, 0.5)
        );
        assert_eq!(found.expected_error, 0.5 * 0.5 + 0.5 * 0.25);
        assert_eq!(found.largest_error, 0.5);
        assert_eq!(found.overconfidence, 0.5 * 0.5 - 0.5 * 0.25);
    }

    #[test]
    fn without_rows_nothing_is_off() {
        let found = reliability(&Classes::new(2, &[], &[]).unwrap(), BINS);
        assert_eq!((found.bins.len(), found.expected_error), (BINS, 0.0));
    }
}
