//! Going downhill on a smooth convex function without a learning rate.
//!
//! Source: Nocedal and Wright 2006, "Numerical Optimization", algorithms 7.4 and 7.5; the step is
//! halved until it brings enough (their algorithm 3.1).

use std::collections::VecDeque;

/// Directions that are remembered.
const HISTORY: usize = 8;

/// A step has to bring this share of what the slope promises.
const ENOUGH: f64 = 1e-4;

/// Halvings of a step before giving up: the function is flat to the last digit then.
const HALVINGS: u32 = 40;

/// A step and by how much it changed the slope.
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    product: f64,
}

/// A point on its way down.
pub(super) struct Descent {
    pub point: Vec<f64>,
    pub value: f64,
    slope: Vec<f64>,
    pairs: VecDeque<Pair>,
}

impl Descent {
    /// Starts at a point. `function` gives the value there and writes the slope.
    pub fn start(point: Vec<f64>, function: &mut impl FnMut(&[f64], &mut [f64]) -> f64) -> Self {
        let mut slope = vec![0.0; point.len()];
        let value = function(&point, &mut slope);
        Self {
            point,
            value,
            slope,
            pairs: VecDeque::new(),
        }
    }

    /// Goes a step; false where there is no way down any more.
    pub fn step(&mut self, function: &mut impl FnMut(&[f64], &mut [f64]) -> f64) -> bool {
        let mut direction = self.direction();
        let mut descent = dot(&direction, &self.slope);
        if descent >= 0.0 {
            // What is remembered misleads: the slope itself never does.
            self.pairs.clear();
            direction = self.slope.iter().map(|slope| -slope).collect();
            descent = dot(&direction, &self.slope);
        }
        if descent == 0.0 || !descent.is_finite() {
            return false;
        }
        let first = self.pairs.is_empty();
        let mut length = if first {
            (1.0 / (-descent).sqrt()).min(1.0)
        } else {
            1.0
        };
        let mut slope = vec![0.0; self.point.len()];
        for _ in 0..HALVINGS {
            let point: Vec<f64> = self
                .point
                .iter()
                .zip(&direction)
                .map(|(x, d)| x + length * d)
                .collect();
            let value = function(&point, &mut slope);
            if value <= self.value + ENOUGH * length * descent {
                self.remember(&point, &slope);
                (self.point, self.slope, self.value) = (point, slope, value);
                return true;
            }
            length *= 0.5;
        }
        false
    }

    fn remember(&mut self, point: &[f64], slope: &[f64]) {
        let minus = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        let step: Vec<f64> = minus(point, &self.point);
        let change: Vec<f64> = minus(slope, &self.slope);
        let product = dot(&step, &change);
        // Positive wherever the function is curved upwards; what is not says nothing.
        if product > 1e-12 * dot(&change, &change).max(f64::MIN_POSITIVE) {
            if self.pairs.len() == HISTORY {
                self.pairs.pop_front();
            }
            self.pairs.push_back(Pair {
                step,
                change,
                product,
            });
        }
    }

    /// The slope turned and stretched by what is remembered of the curvature.
    fn direction(&self) -> Vec<f64> {
        let mut way: Vec<f64> = self.slope.iter().map(|slope| -slope).collect();
        let mut shares = Vec::with_capacity(self.pairs.len());
        for pair in self.pairs.iter().rev() {
            let share = dot(&pair.step, &way) / pair.product;
            add(&mut way, -share, &pair.change);
            shares.push(share);
        }
        if let Some(last) = self.pairs.back() {
            let scale = last.product / dot(&last.change, &last.change);
            way.iter_mut().for_each(|x| *x *= scale);
        }
        for (pair, share) in self.pairs.iter().zip(shares.into_iter().rev()) {
            let back = dot(&pair.change, &way) / pair.product;
            add(&mut way, share - back, &pair.step);
        }
        way
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], times: f64, what: &[f64]) {
    for (to, what) in to.iter_mut().zip(what) {
        *to += times * what;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_bowl_is_descended() {
        // Curvatures from 1 to 10,000; the lowest point is at (1, 2, 3).
        let mut bowl = |x: &[f64], slope: &mut [f64]| {
            let mut value = 0.0;
            for (at, (x, slope)) in x.iter().zip(slope).enumerate() {
                let (curve, off) = (100.0_f64.powi(at as i32), x - (at + 1) as f64);
                value += 0.5 * curve * off * off;
                *slope = curve * off;
            }
            value
        };
        let mut descent = Descent::start(vec![0.0; 3], &mut bowl);
        let mut steps = 0;
        while descent.value > 1e-18 && descent.step(&mut bowl) {
            steps += 1;
        }
        assert!(steps < 60, "{steps}");
        for (x, expected) in descent.point.iter().zip([1.0, 2.0, 3.0]) {
            assert!((x - expected).abs() < 1e-7, "{x}");
        }
    }
}
