//! Which rows a person should label next: those that the model is unsure of, and not ten of a kind.
//!
//! The most doubtful rows are often near copies of one hard case, and a label for the first tells
//! what the others are. So a few times as many doubtful rows as are wanted are taken, and of them
//! one after the other the one that is most doubtful and farthest from those that were taken.
//!
//! Sources: Zhdanov 2019, "Diverse mini-batch active learning", section 3 (the shortlist by doubt);
//! Sener and Savarese 2018, "Active learning for convolutional neural networks: a core-set
//! approach", algorithm 1 (the greedy choice of the farthest).

use serde::{Deserialize, Serialize};

/// How doubt is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// One minus the lead of the most probable label over the second.
    Margin,
    /// The entropy of the probabilities, as a share of the largest possible one.
    Entropy,
}

impl Doubt {
    /// The doubt about a row, 0 to 1.
    pub fn of(self, probabilities: &[f32]) -> f64 {
        match self {
            Self::Margin => {
                let (mut first, mut second) = (0.0, 0.0);
                for &probability in probabilities {
                    if probability > first {
                        second = first;
                        first = probability;
                    } else if probability > second {
                        second = probability;
                    }
                }
                1.0 - f64::from(first - second)
            }
            Self::Entropy => {
                let of = |&p: &f32| {
                    if p > 0.0 {
                        -f64::from(p) * f64::from(p).ln()
                    } else {
                        0.0
                    }
                };
                let entropy: f64 = probabilities.iter().map(of).sum();
                entropy / (probabilities.len().max(2) as f64).ln()
            }
        }
    }
}

/// So many times as many doubtful rows as are wanted are on the shortlist (Zhdanov: 10).
const SHORTLIST: usize = 10;

/// The rows to label next, at most `wanted`, in the order to ask about them.
///
/// `probabilities` has shape `[rows, classes]`, `vectors` shape `[rows, width]`: rows whose vectors
/// point the same way are alike.
///
/// # Panics
/// When the two are not of the same number of rows.
pub fn rows_to_label(
    probabilities: &[f32],
    classes: usize,
    vectors: &[f32],
    width: usize,
    wanted: usize,
    doubt: Doubt,
) -> Vec<usize> {
    let rows = probabilities.len() / classes.max(1);
    assert_eq!(rows * width, vectors.len(), "one vector a row");
    let doubts: Vec<f64> = probabilities
        .chunks_exact(classes.max(1))
        .map(|of_row| doubt.of(of_row))
        .collect();
    let mut shortlist: Vec<usize> = (0..rows).collect();
    shortlist.sort_by(|&a, &b| doubts[b].total_cmp(&doubts[a]).then(a.cmp(&b)));
    shortlist.truncate(wanted.saturating_mul(SHORTLIST));
    let unit: Vec<Vec<f32>> = shortlist
        .iter()
        .map(|&row| {
            let vector = &vectors[row * width..][..width];
            let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
            vector
                .iter()
                .map(|x| x / length.max(f32::MIN_POSITIVE))
                .collect()
        })
        .collect();
    // Half the squared distance of unit vectors: 0 for the same, 1 for nothing in common.
    let mut nearest = vec![1.0_f64; shortlist.len()];
    let mut is_taken = vec![false; shortlist.len()];
    let mut taken = Vec::new();
    while taken.len() < wanted.min(shortlist.len()) {
        let worth = |at: usize| doubts[shortlist[at]] * nearest[at];
        let left = (0..shortlist.len()).filter(|&at| !is_taken[at]);
        let next = left.max_by(|&a, &b| worth(a).total_cmp(&worth(b)).then(b.cmp(&a)));
        let Some(next) = next else { break };
        is_taken[next] = true;
        taken.push(shortlist[next]);
        for (at, near) in nearest.iter_mut().enumerate() {
            let alike: f32 = unit[at].iter().zip(&unit[next]).map(|(x, y)| x * y).sum();
            *near = near.min(f64::from(1.0 - alike).max(0.0));
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubt_goes_from_certain_to_even() {
        for doubt in [Doubt::Margin, Doubt::Entropy] {
            assert_eq!(doubt.of(&[1.0, 0.0, 0.0]), 0.0);
            let third = 1.0 / 3.0;
            assert!((doubt.of(&[third, third, third]) - 1.0).abs() < 1e-6);
        }
        assert!((Doubt::Margin.of(&[0.5, 0.4, 0.1]) - 0.9).abs() < 1e-6);
    }

    #[test]
    fn ten_of_a_kind_are_asked_about_once() {
        // Rows 0 to 9 are the same and most doubtful; row 10 is another case, row 11 is certain.
        let mut probabilities = [0.5, 0.5].repeat(10);
        probabilities.extend([0.6, 0.4, 0.99, 0.01]);
        let mut vectors = [1.0, 0.0, 0.0].repeat(10);
        vectors.extend([0.0, 2.0, 0.0, 0.0, 0.0, 1.0]);
        let chosen = rows_to_label(&probabilities, 2, &vectors, 3, 3, Doubt::Margin);
        assert_eq!(chosen, [0, 10, 11]);
        let all = rows_to_label(&probabilities, 2, &vectors, 3, 50, Doubt::Entropy);
        assert_eq!(all.len(), 12, "there are no more");
        assert!(rows_to_label(&[], 2, &[], 3, 5, Doubt::Margin).is_empty());
    }
}
