//! Ridge regression on rows that are mostly zero, and what it says of rows that it has not seen.

use super::ridge::{CrossFitting, Ridge, Rows};
use super::tf_idf::Sparse;

/// Strengths of the penalty that are tried, on rows of length 1.
const STRENGTHS: [f64; 6] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

/// Steps at the most.
const MOST_STEPS: u32 = 60;

/// The residual is no larger than this share of what it was.
const TOLERANCE: f64 = 1e-4;

/// Rows that are mostly zero.
struct Mostly<'a> {
    rows: &'a Sparse,
    wanted: &'a [f32],
    outputs: usize,
    fold_of: &'a [Option<usize>],
}

impl<'a> CrossFitting<'a> {
    /// To rows that are mostly zero.
    ///
    /// # Panics
    /// When there are fewer than two folds with rows.
    pub fn sparse(
        rows: &'a Sparse,
        wanted: &'a [f32],
        outputs: usize,
        fold_of: &'a [Option<usize>],
    ) -> Self {
        let rows = Mostly {
            rows,
            wanted,
            outputs,
            fold_of,
        };
        Self::start(Box::new(rows), wanted, outputs, fold_of)
    }
}

impl Rows for Mostly<'_> {
    fn strengths(&self) -> &[f64] {
        &STRENGTHS
    }

    fn solve(&self, left_out: Option<usize>, strength: f64) -> Ridge {
        let of = |fold: &Option<usize>| fold.is_some() && *fold != left_out;
        let learned: Vec<usize> = (0..self.rows.rows())
            .filter(|&row| of(&self.fold_of[row]))
            .collect();
        solve(self.rows, &learned, self.wanted, self.outputs, strength)
    }

    fn tell(&self, ridge: &Ridge, row: usize) -> Vec<f32> {
        ridge.tell_sparse(self.rows.row(row))
    }
}

/// The model of the least squared error plus `penalty` times the squared weights, of the rows `learned`:
/// with rows and wanted numbers taken about their means, `(X'X + penalty) W = X'Y`, by conjugate
/// gradients, which need no product of columns.
///
/// Source: Hestenes and Stiefel 1952, "Methods of Conjugate Gradients for Solving Linear Systems",
/// section 3.
fn solve(rows: &Sparse, learned: &[usize], wanted: &[f32], outputs: usize, penalty: f64) -> Ridge {
    let count = learned.len().max(1) as f64;
    let mut means = vec![0.0; rows.width];
    let mut wanted_means = vec![0.0; outputs];
    for &row in learned {
        for (place, x) in rows.row(row) {
            means[place] += x / count;
        }
        let wanted = &wanted[row * outputs..][..outputs];
        for (mean, &wanted) in wanted_means.iter_mut().zip(wanted) {
            *mean += f64::from(wanted) / count;
        }
    }
    // What is wanted sums up to 0 about its mean, and so do rows about theirs: the mean row falls out.
    let mut residual = vec![0.0; rows.width * outputs];
    for &row in learned {
        let wanted = &wanted[row * outputs..][..outputs];
        for (place, x) in rows.row(row) {
            let own = &mut residual[place * outputs..][..outputs];
            for ((own, &wanted), mean) in own.iter_mut().zip(wanted).zip(&wanted_means) {
                *own += x * (f64::from(wanted) - mean);
            }
        }
    }
    let mut weight = vec![0.0; residual.len()];
    let mut direction = residual.clone();
    let mut square = dots(&residual, &residual, outputs);
    let enough: Vec<f64> = square.iter().map(|own| own * TOLERANCE.powi(2)).collect();
    let mut told = vec![0.0; outputs];
    for _ in 0..MOST_STEPS {
        if square
            .iter()
            .zip(&enough)
            .all(|(own, enough)| own <= enough)
        {
            break;
        }
        let mut image: Vec<f64> = direction.iter().map(|own| penalty * own).collect();
        let at_mean = products(means.iter().copied().enumerate(), &direction, outputs);
        for &row in learned {
            for (told, at_mean) in told.iter_mut().zip(&at_mean) {
                *told = -at_mean;
            }
            for (place, x) in rows.row(row) {
                let own = &direction[place * outputs..][..outputs];
                for (told, own) in told.iter_mut().zip(own) {
                    *told += x * own;
                }
            }
            for (place, x) in rows.row(row) {
                let own = &mut image[place * outputs..][..outputs];
                for (own, told) in own.iter_mut().zip(&told) {
                    *own += x * told;
                }
            }
        }
        let curvature = dots(&direction, &image, outputs);
        let step = ratios(&square, &curvature);
        add(&mut weight, &step, &direction);
        let back: Vec<f64> = step.iter().map(|step| -step).collect();
        add(&mut residual, &back, &image);
        let now = dots(&residual, &residual, outputs);
        let kept = ratios(&now, &square);
        let rows = direction.chunks_exact_mut(outputs);
        for (direction, residual) in rows.zip(residual.chunks_exact(outputs)) {
            for ((own, residual), kept) in direction.iter_mut().zip(residual).zip(&kept) {
                *own = residual + kept * *own;
            }
        }
        square = now;
    }
    let at_mean = products(means.into_iter().enumerate(), &weight, outputs);
    let bias = wanted_means.iter().zip(at_mean);
    Ridge {
        bias: bias.map(|(wanted, told)| (wanted - told) as f32).collect(),
        weight: weight.into_iter().map(|weight| weight as f32).collect(),
    }
}

/// A row times a matrix of `outputs` columns.
fn products(row: impl Iterator<Item = (usize, f64)>, matrix: &[f64], outputs: usize) -> Vec<f64> {
    let mut found = vec![0.0; outputs];
    for (place, x) in row {
        for (found, own) in found.iter_mut().zip(&matrix[place * outputs..]) {
            *found += x * own;
        }
    }
    found
}

/// Of each column of two matrices the product.
fn dots(one: &[f64], other: &[f64], outputs: usize) -> Vec<f64> {
    let mut found = vec![0.0; outputs];
    let pairs = one.chunks_exact(outputs).zip(other.chunks_exact(outputs));
    for (one, other) in pairs {
        for ((found, one), other) in found.iter_mut().zip(one).zip(other) {
            *found += one * other;
        }
    }
    found
}

/// Adds a matrix, each of its columns taken times a number.
fn add(to: &mut [f64], times: &[f64], other: &[f64]) {
    let rows = to.chunks_exact_mut(times.len());
    for (to, other) in rows.zip(other.chunks_exact(times.len())) {
        for ((to, other), times) in to.iter_mut().zip(other).zip(times) {
            *to += times * other;
        }
    }
}

/// Each over the other; 0 where there is nothing left to divide by.
fn ratios(one: &[f64], other: &[f64]) -> Vec<f64> {
    let pairs = one.iter().zip(other);
    pairs
        .map(|(one, other)| if *other > 0.0 { one / other } else { 0.0 })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::TfIdf;
    use super::super::ridge::Moments;
    use super::*;

    /// The closed form of the same rows, which it solves at the same strengths.
    struct Closed<'a> {
        sparse: &'a Mostly<'a>,
        dense: &'a [f32],
    }

    impl Rows for Closed<'_> {
        fn strengths(&self) -> &[f64] {
            &STRENGTHS
        }

        fn solve(&self, left_out: Option<usize>, strength: f64) -> Ridge {
            let Mostly {
                rows,
                wanted,
                outputs,
                fold_of,
            } = self.sparse;
            let mut moments = Moments::new(rows.width, *outputs);
            let each = (self.dense.chunks_exact(rows.width)).zip(wanted.chunks_exact(*outputs));
            for ((row, wanted), fold) in each.zip(*fold_of) {
                if fold.is_some() && *fold != left_out {
                    moments.add(row, wanted);
                }
            }
            moments.solve(strength)
        }

        fn tell(&self, ridge: &Ridge, row: usize) -> Vec<f32> {
            self.sparse.tell(ridge, row)
        }
    }

    /// Hundreds of words, of which a row has nine and a few tell what is wanted: the strength, the models and
    /// what they say of rows that they have not seen are those of the closed form.
    #[test]
    fn says_what_the_closed_form_says() {
        let hash = |at: usize| (at * 2_654_435_761) % 1_009;
        let texts: Vec<String> = (0..1_500)
            .map(|row| {
                // Squared, so that some words are common and most are rare.
                let words = (0..9).map(|at| {
                    let drawn = hash(row * 13 + at * 7 + 1);
                    format!("word{}", drawn * drawn / 5_000)
                });
                words.collect::<Vec<_>>().join(" ")
            })
            .collect();
        let texts = || texts.iter().map(String::as_str);
        let counted = TfIdf::fit(texts(), 1_000);
        let rows = counted.encode(texts());
        assert!(rows.width > 150, "{} words", rows.width);
        let mut dense = vec![0.0_f32; rows.rows() * rows.width];
        for row in 0..rows.rows() {
            for (place, x) in rows.row(row) {
                dense[row * rows.width + place] = x as f32;
            }
        }
        let of_row = |row: usize| &dense[row * rows.width..][..rows.width];
        let wanted: Vec<f32> = (0..rows.rows())
            .flat_map(|row| {
                let noise = hash(row * 31 + 5) as f32 / 1_009.0 - 0.5;
                [3.0 * of_row(row)[1] - 2.0 * of_row(row)[9] + noise, noise]
            })
            .collect();
        let fold_of: Vec<Option<usize>> = (0..rows.rows())
            .map(|row| (row % 7 != 6).then_some(row % 5))
            .collect();
        let fitted = |mut fitting: CrossFitting| {
            while fitting.step() {}
            fitting.finish()
        };
        let found = fitted(CrossFitting::sparse(&rows, &wanted, 2, &fold_of));
        let sparse = Mostly {
            rows: &rows,
            wanted: &wanted,
            outputs: 2,
            fold_of: &fold_of,
        };
        let closed = Closed {
            sparse: &sparse,
            dense: &dense,
        };
        let closed = CrossFitting::start(Box::new(closed), &wanted, 2, &fold_of);
        let expected = fitted(closed);
        assert_eq!(found.strength, expected.strength);
        let pairs = found.unseen.iter().zip(&expected.unseen);
        let furthest = pairs.map(|(one, other)| (one - other).abs());
        let furthest = furthest.fold(0.0, f32::max);
        assert!(furthest < 1e-3, "{furthest}");
        for row in [6, 13] {
            let told = |ridge: &Ridge| ridge.tell_sparse(rows.row(row));
            for (one, other) in told(&found.ridge).into_iter().zip(told(&expected.ridge)) {
                assert!((one - other).abs() < 1e-3, "{one} and {other}");
            }
        }
    }
}
