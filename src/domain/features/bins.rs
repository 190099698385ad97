//! Quantile bins of a scaled number, for its piecewise-linear encoding.

use serde::{Deserialize, Serialize};

/// Edges of bins that hold about the same number of training rows each.
///
/// Source: Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning",
/// section 3.2.1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bins {
    /// Ascending; one more than there are bins.
    pub edges: Vec<f32>,
}

impl Bins {
    /// Bins of some values, `most` of them at the most; fewer where values repeat.
    ///
    /// `sorted` is in ascending order and holds at least two different values.
    pub fn fit(sorted: &[f32], most: u32) -> Self {
        let last = sorted.len() - 1;
        let mut edges: Vec<f32> = (0..=most)
            .map(|edge| sorted[(last as f64 * f64::from(edge) / f64::from(most)).round() as usize])
            .collect();
        edges.dedup();
        Self { edges }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.edges.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_edges() {
        let sorted: Vec<f32> = (0..=100).map(|x| x as f32).collect();
        assert_eq!(Bins::fit(&sorted, 4).edges, [0.0, 25.0, 50.0, 75.0, 100.0]);
    }

    #[test]
    fn repeated_values_share_an_edge() {
        let bins = Bins::fit(&[1.0, 1.0, 1.0, 1.0, 2.0, 3.0], 5);
        assert_eq!(bins.edges, [1.0, 2.0, 3.0]);
        assert_eq!(bins.count(), 2);
    }
}
