//! From values to places in a chart: axes with round ticks, and the path of a curve.
//!
//! Places are shares of the plot's width and height, so a chart is drawn once and stretches with
//! the page.

/// An axis from a lowest to a highest value, with ticks at round values.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Value at the start.
    pub low: f64,
    /// Value at the end.
    pub high: f64,
    /// Where to draw a tick.
    pub ticks: Vec<f64>,
    /// Digits after the point that tell the ticks apart.
    digits: usize,
}

impl Axis {
    /// An axis that holds all values and ends at round ones, with about `wanted` ticks.
    pub fn around(low: f64, high: f64, wanted: usize) -> Self {
        let (low, high) = if high - low > f64::EPSILON * high.abs().max(1.0) {
            (low, high)
        } else {
            (low - 0.5, high + 0.5)
        };
        let step = round_step((high - low) / wanted.max(1) as f64);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let ticks = (0..=(last - first) as usize)
            .map(|at| (first + at as f64) * step)
            .collect();
        Self {
            low: first * step,
            high: last * step,
            ticks,
            digits: digits_of(step),
        }
    }

    /// An axis of whole numbers from `low` to `high`, which are kept as they are.
    pub fn whole(low: u32, high: u32, wanted: usize) -> Self {
        let (low, high) = (f64::from(low), f64::from(high.max(low + 1)));
        let step = round_step((high - low) / wanted.max(1) as f64).max(1.0);
        let first = (low / step).ceil() as u64;
        let last = (high / step).floor() as u64;
        let ticks = (first..=last).map(|at| at as f64 * step).collect();
        Self {
            low,
            high,
            ticks,
            digits: 0,
        }
    }

    /// An axis for shares, which ends at 1: it holds the curve and whatever rival is near it.
    ///
    /// A rival far below would press the curve to the upper edge, where nobody sees it move.
    pub fn shares(curve: &[f64], rivals: &[f64]) -> Self {
        let lowest = |values: &[f64]| values.iter().copied().reduce(f64::min);
        let Some(low) = lowest(curve).or_else(|| lowest(rivals)) else {
            return Self::around(0.0, 1.0, 4);
        };
        let reach = low - 2.0 * (1.0 - low).max(0.01);
        let near = rivals.iter().copied().filter(|&rival| rival >= reach);
        let low = near.fold(low, f64::min);
        let mut axis = Self::around(low, 1.0, 4);
        axis.ticks
            .retain(|tick| (-1e-9..=1.0 + 1e-9).contains(tick));
        axis.low = axis.low.max(0.0);
        axis.high = 1.0;
        axis
    }

    /// Place of a value, 0 at the start and 1 at the end.
    pub fn place(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// A tick's value in words.
    pub fn label(&self, tick: f64) -> String {
        format!("{tick:.*}", self.digits)
    }
}

/// The next larger of 1, 2, 2.5, 5 and their tenfolds.
fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let lead = rough / power;
    let rounded = [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .find(|&step| lead <= step + 1e-9)
        .unwrap_or(10.0);
    rounded * power
}

fn digits_of(step: f64) -> usize {
    (0..9)
        .find(|&digits| {
            let scaled = step * 10f64.powi(digits);
            (scaled - scaled.round()).abs() < 1e-6
        })
        .unwrap_or(9) as usize
}

/// The `d` of an SVG path through places, in a box of 1000 by 1000 with y growing downwards.
pub fn path(places: impl IntoIterator<Item = (f64, f64)>) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for (x, y) in places {
        let command = if out.is_empty() { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(out, "{command}{:.1} {:.1}", x * 1000.0, (1.0 - y) * 1000.0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(low: f64, high: f64, wanted: usize, expected: &[&str]) {
        let axis = Axis::around(low, high, wanted);
        let labels: Vec<String> = axis.ticks.iter().map(|&tick| axis.label(tick)).collect();
        assert_eq!(labels, expected);
        assert!(axis.low <= low && high <= axis.high, "{axis:?}");
    }

    #[test]
    fn ticks_are_round() {
        check(0.0, 0.69, 4, &["0.0", "0.2", "0.4", "0.6", "0.8"]);
        check(0.825, 1.0, 4, &["0.80", "0.85", "0.90", "0.95", "1.00"]);
        check(0.0, 2.7, 4, &["0", "1", "2", "3"]);
        check(3.0, 3.0, 2, &["2.5", "3.0", "3.5"]);
        check(
            0.0,
            0.01,
            4,
            &["0.0000", "0.0025", "0.0050", "0.0075", "0.0100"],
        );
    }

    #[test]
    fn a_rival_far_below_does_not_press_the_curve_to_the_edge() {
        let axis = Axis::shares(&[0.96, 0.98], &[0.825, 0.955]);
        assert!(axis.low > 0.9 && axis.low <= 0.955, "{axis:?}");
        assert_eq!(axis.high, 1.0);
        assert!(Axis::shares(&[0.8, 0.9], &[0.6]).low <= 0.6);
        assert_eq!(Axis::shares(&[], &[]).low, 0.0);
        assert!(Axis::shares(&[1.0], &[]).low < 1.0);
    }

    #[test]
    fn whole_axes_keep_their_ends() {
        let axis = Axis::whole(0, 420, 5);
        assert_eq!(axis.ticks, [0.0, 100.0, 200.0, 300.0, 400.0]);
        assert_eq!(axis.place(420.0), 1.0);
        assert_eq!(Axis::whole(1, 4, 6).ticks, [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(Axis::whole(0, 0, 5).place(0.0), 0.0);
    }

    #[test]
    fn a_path_goes_from_point_to_point() {
        assert_eq!(path([(0.0, 0.0), (0.5, 1.0)]), "M0.0 1000.0L500.0 0.0");
        assert_eq!(path([]), "");
    }
}
