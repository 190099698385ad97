//! Why a model answers as it does: what an explanation is, and the plain maths around it.
//!
//! A row is taken apart into *parts*: the words of a text, or the columns of a row. An explanation
//! gives each part a share of one figure, the log-odds of a label or the predicted number. The model
//! itself is asked in `engine::explain`.

mod faithfulness;
mod map;
mod neighbours;
mod output;
mod quadrature;
mod reasons;
mod telling;
mod words;

pub use faithfulness::{Curve, Faithfulness, FaithfulnessPlan};
pub use map::{RowMap, principal_components};
pub use neighbours::{Neighbour, nearest};
pub use output::Output;
pub use quadrature::gauss_legendre;
pub use reasons::{column_part, reasons, word_part};
pub use telling::{TellingWord, TellingWords};
pub use words::{Word, words};

use serde::{Deserialize, Serialize};

/// One answer, shared out among the parts of its row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Id of the method.
    pub method: String,
    /// What each part adds, in the unit of [`Output::of`]: above 0 speaks for the label.
    pub shares: Vec<f64>,
    /// 95 % half width of each share, where the method draws at random and can tell.
    pub half_widths: Option<Vec<f64>>,
    /// What is explained, on the row as it is.
    pub value: f64,
    /// The same where every part is gone; where the shares are to sum to the difference.
    pub base: Option<f64>,
    /// How often the model was asked.
    pub asked: u32,
}

impl Explanation {
    /// What the shares should sum to and do not, by what they should sum to; `None` where the
    /// method promises no sum, or nothing is to be shared out.
    ///
    /// Source: Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks", section 3
    /// (completeness).
    pub fn completeness_error(&self) -> Option<f64> {
        let whole = self.value - self.base?;
        let sum: f64 = self.shares.iter().sum();
        (whole != 0.0).then(|| ((sum - whole) / whole).abs())
    }

    /// The parts, the one that speaks most for the answer first; ties in their order.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.shares.len()).collect();
        order.sort_by(|&a, &b| self.shares[b].total_cmp(&self.shares[a]));
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explanation(shares: &[f64], value: f64, base: Option<f64>) -> Explanation {
        Explanation {
            method: "m".to_owned(),
            shares: shares.to_vec(),
            half_widths: None,
            value,
            base,
            asked: 1,
        }
    }

    #[test]
    fn what_is_missing_from_the_sum_is_told_as_a_share() {
        let exact = explanation(&[1.0, -0.5, 1.5], 3.0, Some(1.0));
        assert_eq!(exact.completeness_error(), Some(0.0));
        let off = explanation(&[1.0, 0.0, 1.5], 3.0, Some(1.0));
        assert_eq!(off.completeness_error(), Some(0.25));
        assert_eq!(explanation(&[1.0], 3.0, None).completeness_error(), None);
        assert_eq!(
            explanation(&[0.0], 3.0, Some(3.0)).completeness_error(),
            None
        );
        assert_eq!(exact.order(), [2, 0, 1]);
    }
}
