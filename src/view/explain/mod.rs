//! The parts of the screen that says why a model answers as it does.
//!
//! What speaks for an answer and what against it is told by colour, by the kind of line below it
//! (whole or dashed) and by a sign, so that none of them is needed to see it.

pub mod change;
pub mod controls;
pub mod curves;
pub mod map;
pub mod near;
pub mod shares;
pub mod sums;
pub mod telling;
pub mod words;

/// Strengths that a share is drawn in.
const STRENGTHS: f64 = 4.0;

/// The class of a share: `for-1` to `for-4`, `against-1` to `against-4`, or `neutral`, by its size
/// beside the largest one.
pub(crate) fn strength(share: f64, largest: f64) -> String {
    let level = (share.abs() / largest.max(f64::MIN_POSITIVE) * STRENGTHS).round();
    if level < 1.0 || !share.is_finite() {
        return "neutral".to_owned();
    }
    let side = if share > 0.0 { "for" } else { "against" };
    format!("{side}-{}", level.min(STRENGTHS))
}

/// The largest size of some shares.
pub(crate) fn largest(shares: &[f64]) -> f64 {
    shares
        .iter()
        .fold(0.0, |largest, share| share.abs().max(largest))
}

/// `+1.23`, `−0.40`: a share with its sign.
pub(crate) fn signed(share: f64) -> String {
    let digits = if share.abs() >= 100.0 { 0 } else { 2 };
    let size = format!("{:.digits$}", share.abs());
    if size.chars().all(|c| matches!(c, '0' | '.')) {
        size
    } else if share > 0.0 {
        format!("+{size}")
    } else {
        format!("−{size}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_go_by_the_largest_share() {
        assert_eq!(strength(2.0, 2.0), "for-4");
        assert_eq!(strength(-1.0, 2.0), "against-2");
        assert_eq!(strength(0.1, 2.0), "neutral");
        assert_eq!(strength(0.0, 0.0), "neutral");
        assert_eq!(signed(1.234), "+1.23");
        assert_eq!(signed(-0.4), "−0.40");
        assert_eq!(signed(-0.001), "0.00");
        assert_eq!(largest(&[0.5, -2.0]), 2.0);
    }
}
