//! Ridge regression on rows that are mostly zero, and what it says of rows that it has not seen.

use super::ridge::{CrossFit, Ridge, crossed};
use super::tf_idf::Sparse;

/// Strengths of the penalty that are tried, on rows of length 1.
const STRENGTHS: [f64; 6] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

/// Steps at the most.
const MOST_STEPS: u32 = 60;

/// The residual is no larger than this share of what it was.
const TOLERANCE: f64 = 1e-4;

/// As [`super::cross_fit`], of rows that are mostly zero.
///
/// # Shapes
/// - wanted: `[n, outputs]`, row-major
/// - `fold_of`: `[n]`
///
/// # Panics
/// When there are fewer than two folds with rows.
pub fn cross_fit_sparse(
    rows: &Sparse,
    wanted: &[f32],
    outputs: usize,
    fold_of: &[Option<usize>],
) -> CrossFit {
    crossed(
        wanted,
        outputs,
        fold_of,
        &STRENGTHS,
        &|left_out, strength| {
            let of = |fold: &Option<usize>| fold.is_some() && *fold != left_out;
            let learned: Vec<usize> = (0..rows.rows()).filter(|&row| of(&fold_of[row])).collect();
            solve(rows, &learned, wanted, outputs, strength)
        },
        &|ridge, row| ridge.tell_sparse(rows.row(row)),
    )
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
        let step: Vec<f64> = (square.iter().zip(&curvature))
            .map(|(square, curvature)| ratio(*square, *curvature))
            .collect();
        for (at, (weight, direction)) in weight.iter_mut().zip(&direction).enumerate() {
            let step = step[at % outputs];
            *weight += step * direction;
            residual[at] -= step * image[at];
        }
        let now = dots(&residual, &residual, outputs);
        for (at, direction) in direction.iter_mut().enumerate() {
            let output = at % outputs;
            *direction = residual[at] + ratio(now[output], square[output]) * *direction;
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

/// 0 where there is nothing left to divide by.
fn ratio(one: f64, other: f64) -> f64 {
    if other > 0.0 { one / other } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::TfIdf;
    use super::super::ridge::Moments;
    use super::*;

    /// What is told of rows, and of rows that were not seen, is what the closed form says.
    #[test]
    fn says_what_the_closed_form_says() {
        let words = ["free", "prize", "home", "tonight", "money", "see", "you"];
        let hash = |at: usize| (at * 2_654_435_761) % 1_009;
        let texts: Vec<String> = (0..60)
            .map(|row| {
                let own = (0..4).map(|at| words[hash(row * 7 + at * 3 + 1) % words.len()]);
                own.collect::<Vec<_>>().join(" ")
            })
            .collect();
        let texts = || texts.iter().map(String::as_str);
        let counted = TfIdf::fit(texts(), 100);
        let rows = counted.encode(texts());
        let width = counted.width();
        let mut dense = vec![0.0_f32; rows.rows() * width];
        for row in 0..rows.rows() {
            for (place, x) in rows.row(row) {
                dense[row * width + place] = x as f32;
            }
        }
        let wanted: Vec<f32> = (0..rows.rows())
            .flat_map(|row| {
                let noise = hash(row * 31 + 5) as f32 / 1e4;
                [
                    2.0 * dense[row * width] - dense[row * width + 2] + noise,
                    noise,
                ]
            })
            .collect();
        let fold_of: Vec<Option<usize>> = (0..rows.rows())
            .map(|row| (row % 7 != 6).then_some(row % 3))
            .collect();
        let found = cross_fit_sparse(&rows, &wanted, 2, &fold_of);
        let expected = crossed(
            &wanted,
            2,
            &fold_of,
            &[found.strength],
            &|left_out, strength| {
                let mut moments = Moments::new(width, 2);
                let each = dense.chunks_exact(width).zip(wanted.chunks_exact(2));
                for ((row, wanted), fold) in each.zip(&fold_of) {
                    if fold.is_some() && *fold != left_out {
                        moments.add(row, wanted);
                    }
                }
                moments.solve(strength)
            },
            &|ridge, row| {
                let row = &dense[row * width..][..width];
                ridge.tell(row, width).next().unwrap()
            },
        );
        let pairs = found.unseen.iter().zip(&expected.unseen);
        let furthest = pairs
            .map(|(one, other)| (one - other).abs())
            .fold(0.0, f32::max);
        assert!(furthest < 1e-3, "{furthest}");
        let told = |ridge: &Ridge| ridge.tell_sparse(rows.row(6));
        for (one, other) in told(&found.ridge).into_iter().zip(told(&expected.ridge)) {
            assert!((one - other).abs() < 1e-3, "{one} and {other}");
        }
    }
}
