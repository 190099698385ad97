//! Which rows the model sees as most alike: an answer "because of these".

use serde::{Deserialize, Serialize};

/// A row near another one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Neighbour {
    /// Which of the vectors.
    pub at: u32,
    /// Cosine of the angle to it, -1 to 1.
    pub likeness: f64,
}

/// The `count` vectors with the smallest angle to `of`, nearest first; ties in their order.
///
/// `vectors` are row-major, shape `[rows, of.len()]`. A vector without length is like none.
pub fn nearest(of: &[f32], vectors: &[f32], count: usize) -> Vec<Neighbour> {
    let length = |vector: &[f32]| dot(vector, vector).sqrt();
    let own = length(of);
    let rows = vectors.chunks_exact(of.len().max(1));
    let mut found: Vec<Neighbour> = (0..)
        .zip(rows)
        .map(|(at, vector)| {
            let lengths = own * length(vector);
            let likeness = if lengths > 0.0 {
                dot(of, vector) / lengths
            } else {
                0.0
            };
            Neighbour { at, likeness }
        })
        .collect();
    found.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    found.truncate(count);
    found
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(&x, &y)| f64::from(x) * f64::from(y))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_whatever_their_length() {
        let vectors = [0.0, 1.0, 5.0, 0.1, -1.0, 0.0, 0.0, 0.0];
        let found = nearest(&[1.0, 0.0], &vectors, 3);
        let rows: Vec<u32> = found.iter().map(|near| near.at).collect();
        assert_eq!(rows, [1, 0, 3]);
        assert!(found[0].likeness > 0.99 && found[1].likeness == 0.0);
    }
}
