//! Which figure of an answer is explained.

use serde::{Deserialize, Serialize};

use crate::domain::metric::most_probable;

/// Probabilities are not taken to be smaller: the log-odds of 0 have no value.
const LEAST: f64 = 1e-9;

/// Which figure of an answer is explained.
///
/// A label is explained by its log-odds, `ln p / (1 - p)`: with two labels that is the difference of
/// their logits, and with more it does not change when all logits are shifted, which softmax does
/// not see either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// The log-odds of one label out of several; its index.
    Label(usize),
    /// The log-odds of one label that stands for itself; its index.
    Has(usize),
    /// The number, in its own unit.
    Number,
}

impl Output {
    /// The figure, from an answer: a probability a label, or one number.
    pub fn of(self, answer: &[f32]) -> f64 {
        match self {
            Self::Label(label) => {
                let others = answer.iter().enumerate().filter(|(at, _)| *at != label);
                // The others' sum keeps its digits where 1 - p has none left.
                let others: f64 = others.map(|(_, &share)| f64::from(share)).sum();
                log_odds(f64::from(answer[label]), others)
            }
            Self::Has(label) => {
                let share = f64::from(answer[label]);
                log_odds(share, 1.0 - share)
            }
            Self::Number => f64::from(answer[0]),
        }
    }

    /// What curves show: the probability, or the number.
    pub fn shown(self, value: f64) -> f64 {
        match self {
            Self::Number => value,
            Self::Label(_) | Self::Has(_) => 1.0 / (1.0 + (-value).exp()),
        }
    }

    /// Whether an answer is another one than `than`: another label is the most probable, a label is
    /// on the other side of one half, a number left the band of `width` around it.
    pub fn is_flipped(self, answer: &[f32], than: &[f32], width: f64) -> bool {
        match self {
            Self::Label(_) => most_probable(answer) != most_probable(than),
            Self::Has(label) => (answer[label] > 0.5) != (than[label] > 0.5),
            Self::Number => (f64::from(answer[0]) - f64::from(than[0])).abs() > width,
        }
    }
}

fn log_odds(yes: f64, no: f64) -> f64 {
    (yes.max(LEAST) / no.max(LEAST)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_odds_are_the_difference_of_two_logits() {
        let (a, b) = (2.0_f64, -1.5_f64);
        let whole = a.exp() + b.exp();
        let answer = [(a.exp() / whole) as f32, (b.exp() / whole) as f32];
        assert!((Output::Label(0).of(&answer) - 3.5).abs() < 1e-5);
        assert!((Output::Label(1).of(&answer) + 3.5).abs() < 1e-5);
        assert!((Output::Has(0).of(&answer) - 3.5).abs() < 1e-4);
        assert_eq!(Output::Number.of(&[4.5]), 4.5);
        assert!((Output::Label(0).shown(3.5) - f64::from(answer[0])).abs() < 1e-6);
        assert!(Output::Label(0).of(&[1.0, 0.0]).is_finite());
    }

    #[test]
    fn a_flip_is_another_answer() {
        let label = Output::Label(0);
        assert!(label.is_flipped(&[0.4, 0.6], &[0.7, 0.3], 0.0));
        assert!(!label.is_flipped(&[0.6, 0.4], &[0.7, 0.3], 0.0));
        assert!(Output::Has(1).is_flipped(&[0.9, 0.2], &[0.9, 0.8], 0.0));
        assert!(Output::Number.is_flipped(&[9.0], &[5.0], 3.0));
        assert!(!Output::Number.is_flipped(&[7.0], &[5.0], 3.0));
    }
}
