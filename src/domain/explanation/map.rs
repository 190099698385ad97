//! Rows on a plane: the two directions along which their vectors differ most.
//!
//! Principal components and nothing bent: distances on the plane are shadows of true ones, a new row
//! has a place at once, and the same rows give the same map.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Rounds of the iteration at the most.
const MOST_ROUNDS: usize = 100;

/// It has settled when no direction turns by more than this between two rounds.
const SETTLED: f64 = 1e-9;

/// Rows on a plane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowMap {
    /// Where each row is, along the two directions.
    pub points: Vec<[f64; 2]>,
    /// Share of all that the vectors differ by which each direction shows, 0 to 1.
    pub shown: [f64; 2],
    /// The mean vector.
    pub mean: Vec<f64>,
    /// The directions, of length 1.
    pub directions: [Vec<f64>; 2],
}

impl RowMap {
    /// Where another row falls.
    pub fn place(&self, vector: &[f32]) -> [f64; 2] {
        [0, 1].map(|which| {
            let along = self.directions[which].iter();
            let from_mean = vector.iter().zip(&self.mean);
            along
                .zip(from_mean)
                .map(|(along, (&x, mean))| along * (f64::from(x) - mean))
                .sum()
        })
    }
}

/// The first two principal components of `vectors`, row-major, of so many columns.
///
/// Source: orthogonal iteration, Golub and Van Loan 2013, "Matrix Computations", section 8.2.4; the
/// covariance is never formed. Fewer than two rows, or all alike, are all at the origin.
pub fn principal_components(vectors: &[f32], columns: usize, seed: u64) -> RowMap {
    let columns = columns.max(1);
    let rows = vectors.len() / columns;
    let mut mean = vec![0.0; columns];
    for vector in vectors.chunks_exact(columns) {
        for (mean, &x) in mean.iter_mut().zip(vector) {
            *mean += f64::from(x) / rows as f64;
        }
    }
    let centred: Vec<f64> = vectors
        .chunks_exact(columns)
        .flat_map(|vector| {
            vector
                .iter()
                .zip(&mean)
                .map(|(&x, mean)| f64::from(x) - mean)
        })
        .collect();
    let whole: f64 = centred.iter().map(|x| x * x).sum();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut directions: [Vec<f64>; 2] =
        [0, 1].map(|_| (0..columns).map(|_| rng.random_range(-1.0..1.0)).collect());
    orthonormalize(&mut directions);
    for _ in 0..MOST_ROUNDS {
        let mut next = [vec![0.0; columns], vec![0.0; columns]];
        for row in centred.chunks_exact(columns) {
            for (next, direction) in next.iter_mut().zip(&directions) {
                let along = dot(row, direction);
                next.iter_mut()
                    .zip(row)
                    .for_each(|(sum, x)| *sum += along * x);
            }
        }
        orthonormalize(&mut next);
        let turned = next.iter().zip(&directions);
        let turned = turned.map(|(new, old)| 1.0 - dot(new, old).abs());
        let is_settled = turned.fold(0.0, f64::max) < SETTLED;
        directions = next;
        if is_settled {
            break;
        }
    }
    // A direction and its reverse are as good; the larger entry points up, so that maps are alike.
    for direction in &mut directions {
        let largest = direction.iter().copied().fold(0.0_f64, |largest, x| {
            if x.abs() > largest.abs() { x } else { largest }
        });
        if largest < 0.0 {
            direction.iter_mut().for_each(|x| *x = -*x);
        }
    }
    let points: Vec<[f64; 2]> = centred
        .chunks_exact(columns)
        .map(|row| [dot(row, &directions[0]), dot(row, &directions[1])])
        .collect();
    let shown = [0, 1].map(|which| {
        let along: f64 = points.iter().map(|point| point[which].powi(2)).sum();
        if whole > 0.0 { along / whole } else { 0.0 }
    });
    RowMap {
        points,
        shown,
        mean,
        directions,
    }
}

/// Makes the second direction stand on the first, and both of length 1 (or 0).
fn orthonormalize(directions: &mut [Vec<f64>; 2]) {
    let [first, second] = directions;
    scale_to_one(first);
    let along = dot(first, second);
    let before = dot(second, second).sqrt();
    for (x, y) in second.iter_mut().zip(first.iter()) {
        *x -= along * y;
    }
    // What is left of a direction that lay along the first is rounding.
    if dot(second, second).sqrt() <= 1e-12 * before {
        second.fill(0.0);
    }
    scale_to_one(second);
}

fn scale_to_one(vector: &mut [f64]) {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x /= length);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_of_a_stretched_cloud_are_found() {
        // 300 rows: 4 wide along (3, 4, 0) / 5, 1 wide along the third axis, nearly flat otherwise.
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut vectors = Vec::new();
        for _ in 0..300 {
            let (a, b): (f64, f64) = (rng.random_range(-4.0..4.0), rng.random_range(-1.0..1.0));
            let c: f64 = rng.random_range(-0.01..0.01);
            let row = [0.6 * a - 0.8 * c + 7.0, 0.8 * a + 0.6 * c, b];
            vectors.extend(row.map(|x| x as f32));
        }
        let map = principal_components(&vectors, 3, 1);
        let [first, second] = &map.directions;
        assert!(
            (first[0] - 0.6).abs() < 0.01 && (first[1] - 0.8).abs() < 0.01,
            "{first:?}"
        );
        assert!((second[2] - 1.0).abs() < 0.01, "{second:?}");
        assert!(map.shown[0] > 0.9 && map.shown[0] + map.shown[1] > 0.9999);
        for (vector, point) in vectors.chunks_exact(3).zip(&map.points) {
            let placed = map.place(vector);
            assert!((placed[0] - point[0]).abs() < 1e-9 && (placed[1] - point[1]).abs() < 1e-9);
        }
        assert_eq!(map, principal_components(&vectors, 3, 1));
    }

    #[test]
    fn rows_that_do_not_differ_are_at_the_origin() {
        let map = principal_components(&[1.0, 2.0, 1.0, 2.0], 2, 0);
        assert_eq!(map.points, [[0.0, 0.0]; 2]);
        assert_eq!(map.shown, [0.0, 0.0]);
        assert!(principal_components(&[], 4, 0).points.is_empty());
    }
}
