//! An interval for a share of rows, without resampling.

/// The 97.5 % point of the normal distribution: 95 % lie between it and its negative.
const Z_95: f64 = 1.959_963_984_540_054;

/// A 95 % interval for a share of which `right` of `rows` were seen.
///
/// It stays within 0 and 1 and is honest for few rows and for shares near the ends, where the
/// usual "plus or minus two standard errors" is not.
///
/// Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference",
/// in the form of Brown, Cai and DasGupta 2001, section 3.1.1.
pub fn wilson(right: u32, rows: u32) -> [f64; 2] {
    if rows == 0 {
        return [0.0, 1.0];
    }
    let ends = (right == 0, right == rows);
    let (right, rows) = (f64::from(right), f64::from(rows));
    let share = right / rows;
    let z2 = Z_95 * Z_95;
    let centre = (share + z2 / (2.0 * rows)) / (1.0 + z2 / rows);
    let half =
        Z_95 / (1.0 + z2 / rows) * (share * (1.0 - share) / rows + z2 / (4.0 * rows * rows)).sqrt();
    // Of none and of all it ends there, which rounding would miss.
    let low = if ends.0 { 0.0 } else { centre - half };
    let high = if ends.1 { 1.0 } else { centre + half };
    [low.max(0.0), high.min(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_wilson(right: u32, rows: u32, expected: [f64; 2]) {
        let found = wilson(right, rows);
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected).abs() < 5e-5,
                "{found} instead of {expected}"
            );
        }
    }

    /// Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I,
    /// method 3.
    #[test]
    fn the_interval_equals_published_ones() {
        check_wilson(81, 263, [0.2553, 0.3662]);
        assert_eq!(wilson(0, 14)[0], 0.0);
        assert_eq!(wilson(25, 25)[1], 1.0);
        check_wilson(15, 148, [0.0624, 0.1605]);
        check_wilson(0, 20, [0.0, 0.1611]);
        check_wilson(1, 29, [0.0061, 0.1718]);
    }

    #[test]
    fn without_rows_anything_is_possible() {
        assert_eq!(wilson(0, 0), [0.0, 1.0]);
    }
}
