//! The training loss by step, short enough to draw.
//!
//! Ten values arrive a second, and a run may take an hour, while a chart is a few hundred pixels
//! wide. When the series is full, neighbours are averaged in pairs and each later point stands
//! for twice as many steps: the curve keeps its shape and never costs more to draw.

/// Points at which the series halves itself.
const MOST_POINTS: usize = 512;

/// A curve of bounded length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    points: Vec<(f32, f32)>,
    /// Values that one point stands for; 0 means 1, before the first halving.
    stride: u32,
    /// Sum of steps, sum of values and their number, on the way to the next point.
    pending: (f32, f32, u32),
}

impl Series {
    /// Appends a value.
    pub fn push(&mut self, step: u32, value: f32) {
        self.pending.0 += step as f32;
        self.pending.1 += value;
        self.pending.2 += 1;
        if self.pending.2 < self.stride.max(1) {
            return;
        }
        let count = self.pending.2 as f32;
        self.points
            .push((self.pending.0 / count, self.pending.1 / count));
        self.pending = (0.0, 0.0, 0);
        if self.points.len() == MOST_POINTS {
            self.points = self
                .points
                .chunks_exact(2)
                .map(|pair| ((pair[0].0 + pair[1].0) / 2.0, (pair[0].1 + pair[1].1) / 2.0))
                .collect();
            self.stride = self.stride.max(1) * 2;
        }
    }

    /// The points, by step.
    pub fn points(&self) -> &[(f32, f32)] {
        &self.points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_keeps_its_shape_in_few_points() {
        let mut series = Series::default();
        for step in 0..10_000 {
            series.push(step, 10_000.0 - step as f32);
        }
        assert!(series.points().len() < MOST_POINTS);
        assert!(series.points().len() >= MOST_POINTS / 4);
        for window in series.points().windows(2) {
            assert!(window[0].0 < window[1].0, "steps rise");
        }
        for (step, value) in series.points() {
            assert!(
                (step + value - 10_000.0).abs() < 1e-2,
                "a line stays a line"
            );
        }
    }

    #[test]
    fn few_values_are_kept_as_they_are() {
        let mut series = Series::default();
        series.push(1, 0.5);
        series.push(2, 0.25);
        assert_eq!(series.points(), [(1.0, 0.5), (2.0, 0.25)]);
    }
}
