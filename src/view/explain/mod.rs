//! The parts of the screen that says why a model answers as it does.
//!
//! What speaks for an answer and what against it is told by colour, by the kind of line below it
//! (whole or dashed) and by a sign, so that none of them is needed to see it.

pub mod cells;
pub mod change;
pub mod controls;
pub mod curves;
pub mod effects;
pub mod map;
pub mod near;
pub mod shares;
pub mod sums;
pub mod telling;
pub mod words;

use crate::domain::words::count;

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
    signed_beside(share, 1.0)
}

/// The same with as many digits as shares need whose largest one is of this size.
pub(crate) fn signed_beside(share: f64, largest: f64) -> String {
    let digits = match largest {
        _ if share.abs() >= 100.0 => 0,
        size if size >= 0.5 || size <= 0.0 => 2,
        size => (1.7 - size.log10()).floor().clamp(2.0, 8.0) as usize,
    };
    let size = if share.abs() >= 1000.0 {
        count(share.abs().round() as u64)
    } else {
        format!("{:.digits$}", share.abs())
    };
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
        assert_eq!(signed(-12_345.6), "−12,346");
        assert_eq!(signed_beside(0.001_23, 0.04), "+0.001");
        assert_eq!(signed_beside(0.001_23, 0.004), "+0.0012");
        assert_eq!(largest(&[0.5, -2.0]), 2.0);
    }
}
