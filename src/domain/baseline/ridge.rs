//! Ridge regression on dense rows in closed form, and what it says of rows that it has not seen.

/// Strengths of the penalty that are tried, on rows of length 1.
const STRENGTHS: [f64; 6] = [0.03, 0.125, 0.5, 2.0, 8.0, 32.0];

/// Folds by whose rows the strength is chosen.
const CHOOSING: usize = 2;

/// A linear model of several numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Ridge {
    /// Shape `[width, outputs]`, row-major.
    pub weight: Vec<f32>,
    /// Shape `[outputs]`.
    pub bias: Vec<f32>,
}

/// What [`cross_fit`] leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossFit {
    /// Fitted on all rows.
    pub ridge: Ridge,
    /// Of each row what a model says that was fitted without the row's fold; shape `[rows, outputs]`.
    pub unseen: Vec<f32>,
    /// The strength of the penalty: of those that were tried the one whose models erred least on rows that
    /// they had not seen, of two folds.
    pub strength: f64,
}

impl Ridge {
    /// How many numbers it tells of a row.
    pub fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// What it says of rows, row-major.
    pub fn tell<'a>(
        &'a self,
        rows: &'a [f32],
        width: usize,
    ) -> impl Iterator<Item = Vec<f32>> + 'a {
        rows.chunks_exact(width.max(1)).map(|row| {
            let mut told = self.bias.clone();
            for (x, weights) in row.iter().zip(self.weight.chunks_exact(self.outputs())) {
                for (told, weight) in told.iter_mut().zip(weights) {
                    *told += x * weight;
                }
            }
            told
        })
    }

    /// What it says of a row that is mostly zero, of the places and values of the rest.
    pub fn tell_sparse(&self, row: impl Iterator<Item = (usize, f64)>) -> Vec<f32> {
        let outputs = self.outputs();
        let mut told: Vec<f64> = self.bias.iter().map(|&bias| bias.into()).collect();
        for (place, x) in row {
            let weights = &self.weight[place * outputs..][..outputs];
            for (told, &weight) in told.iter_mut().zip(weights) {
                *told += x * f64::from(weight);
            }
        }
        told.into_iter().map(|told| told as f32).collect()
    }
}

/// Fits a linear model, and for each fold one without it. The penalty, half the squared weights, is one
/// for all; constants are not penalised.
///
/// Source: Hoerl and Kennard 1970, "Ridge Regression"; what is told of rows that a model has not seen as
/// in Wolpert 1992, "Stacked Generalization", section 3.
///
/// # Shapes
/// - rows: `[n, width]`, row-major
/// - wanted: `[n, outputs]`, row-major
/// - `fold_of`: `[n]`, from 0; a row without one is not learned from, and is told of by the model of all
///   folds
///
/// # Panics
/// When there are fewer than two folds with rows.
pub fn cross_fit(
    rows: &[f32],
    width: usize,
    wanted: &[f32],
    outputs: usize,
    fold_of: &[Option<usize>],
) -> CrossFit {
    let mut of_fold: Vec<Moments> = (0..folds_of(fold_of))
        .map(|_| Moments::new(width, outputs))
        .collect();
    let each = rows
        .chunks_exact(width)
        .zip(wanted.chunks_exact(outputs))
        .zip(fold_of);
    for ((row, wanted), fold) in each {
        if let Some(fold) = fold {
            of_fold[*fold].add(row, wanted);
        }
    }
    let mut all = Moments::new(width, outputs);
    for moments in &of_fold {
        all.take_in(moments, 1.0);
    }
    let square = all.mean_square();
    let others: Vec<Moments> = (of_fold.iter())
        .map(|own| {
            let mut others = all.clone();
            others.take_in(own, -1.0);
            others
        })
        .collect();
    crossed(
        wanted,
        outputs,
        fold_of,
        &STRENGTHS,
        &|left_out, strength| {
            let moments = left_out.map_or(&all, |fold| &others[fold]);
            moments.solve(strength * square)
        },
        &|ridge, row| {
            let row = &rows[row * width..][..width];
            ridge.tell(row, width).next().unwrap_or_default()
        },
    )
}

/// How many folds there are.
pub(super) fn folds_of(fold_of: &[Option<usize>]) -> usize {
    fold_of.iter().flatten().max().map_or(0, |last| last + 1)
}

/// Chooses the strength of the penalty, and says of each row what a model without its fold does.
/// `solve` fits a model at a strength without a fold, or to all; `tell` says what it makes of a row.
///
/// # Panics
/// When there are fewer than two folds with rows.
pub(super) fn crossed(
    wanted: &[f32],
    outputs: usize,
    fold_of: &[Option<usize>],
    strengths: &[f64],
    solve: &dyn Fn(Option<usize>, f64) -> Ridge,
    tell: &dyn Fn(&Ridge, usize) -> Vec<f32>,
) -> CrossFit {
    let folds = folds_of(fold_of);
    let has_rows = |fold: &usize| fold_of.contains(&Some(*fold));
    assert!(
        (0..folds).filter(has_rows).count() > 1,
        "rows to fit by and rows to tell of"
    );
    let lost = |fold: usize, ridge: &Ridge| -> f64 {
        let own = wanted.chunks_exact(outputs).zip(fold_of).enumerate();
        let own = own.filter(|(_, (_, of))| **of == Some(fold));
        own.map(|(row, (wanted, _))| {
            let told = tell(ridge, row);
            let errors = told
                .iter()
                .zip(wanted)
                .map(|(told, wanted)| f64::from(told - wanted));
            errors.map(|error| error * error).sum::<f64>()
        })
        .sum()
    };
    let tried = strengths.iter().map(|&strength| {
        let ridges = (0..folds.min(CHOOSING)).map(|fold| {
            let ridge = solve(Some(fold), strength);
            (lost(fold, &ridge), ridge)
        });
        let (losses, ridges): (Vec<f64>, Vec<Ridge>) = ridges.unzip();
        (losses.iter().sum::<f64>(), strength, ridges)
    });
    let best = tried.min_by(|one, other| one.0.total_cmp(&other.0));
    let (_, strength, mut ridges) = best.expect("a strength was tried");
    ridges.extend((CHOOSING..folds).map(|fold| solve(Some(fold), strength)));
    let ridge = solve(None, strength);
    let unseen = fold_of.iter().enumerate().flat_map(|(row, fold)| {
        let own = fold.map_or(&ridge, |fold| &ridges[fold]);
        tell(own, row)
    });
    CrossFit {
        unseen: unseen.collect(),
        ridge,
        strength,
    }
}

/// Sums over rows, from which a model follows.
#[derive(Clone)]
pub(super) struct Moments {
    rows: f64,
    /// Of the rows, and of what is wanted.
    sums: [Vec<f64>; 2],
    /// Lower triangle of the rows' products, by rows: `[width * (width + 1) / 2]`.
    products: Vec<f64>,
    /// Products with what is wanted, `[width, outputs]`.
    with_wanted: Vec<f64>,
}

impl Moments {
    pub(super) fn new(width: usize, outputs: usize) -> Self {
        Self {
            rows: 0.0,
            sums: [vec![0.0; width], vec![0.0; outputs]],
            products: vec![0.0; width * (width + 1) / 2],
            with_wanted: vec![0.0; width * outputs],
        }
    }

    pub(super) fn add(&mut self, row: &[f32], wanted: &[f32]) {
        self.rows += 1.0;
        for (sums, values) in self.sums.iter_mut().zip([row, wanted]) {
            for (sum, &value) in sums.iter_mut().zip(values) {
                *sum += f64::from(value);
            }
        }
        let mut first = 0;
        let outputs = wanted.len();
        for (at, &x) in row.iter().enumerate() {
            let x = f64::from(x);
            for (product, &y) in self.products[first..].iter_mut().zip(&row[..=at]) {
                *product += x * f64::from(y);
            }
            first += at + 1;
            let own = &mut self.with_wanted[at * outputs..];
            for (product, &y) in own.iter_mut().zip(wanted) {
                *product += x * f64::from(y);
            }
        }
    }

    fn take_in(&mut self, other: &Self, times: f64) {
        self.rows += times * other.rows;
        let add = |own: &mut [f64], other: &[f64]| {
            for (own, other) in own.iter_mut().zip(other) {
                *own += times * other;
            }
        };
        for (own, other) in self.sums.iter_mut().zip(&other.sums) {
            add(own, other);
        }
        add(&mut self.products, &other.products);
        add(&mut self.with_wanted, &other.with_wanted);
    }

    /// Mean of the rows' squared lengths.
    fn mean_square(&self) -> f64 {
        let width = self.sums[0].len();
        let diagonal = (0..width).map(|at| self.products[at * (at + 3) / 2]);
        (diagonal.sum::<f64>() / self.rows).max(f64::MIN_POSITIVE)
    }

    /// The model of the least squared error plus `penalty` times the squared weights: with rows and
    /// wanted numbers taken about their means, `(X'X + penalty) W = X'Y`, by Cholesky's decomposition.
    pub(super) fn solve(&self, penalty: f64) -> Ridge {
        let [sums, wanted] = &self.sums;
        let (width, outputs) = (sums.len(), wanted.len());
        let rows = self.rows.max(1.0);
        let mut lower = self.products.clone();
        let mut solved = self.with_wanted.clone();
        let starts: Vec<usize> = (0..width).map(|at| at * (at + 1) / 2).collect();
        for at in 0..width {
            for (product, sum) in lower[starts[at]..].iter_mut().zip(&sums[..=at]) {
                *product -= sums[at] * sum / rows;
            }
            lower[starts[at] + at] += penalty;
            for (product, sum) in solved[at * outputs..].iter_mut().zip(wanted) {
                *product -= sums[at] * sum / rows;
            }
        }
        for at in 0..width {
            let (above, own) = lower.split_at_mut(starts[at]);
            for column in 0..at {
                let theirs = &above[starts[column]..][..=column];
                let known = dot(&own[..column], theirs);
                own[column] = (own[column] - known) / theirs[column];
            }
            let square = own[at] - dot(&own[..at], &own[..at]);
            own[at] = square.max(f64::MIN_POSITIVE).sqrt();
        }
        for at in 0..width {
            let row = &lower[starts[at]..][..=at];
            let (before, own) = solved.split_at_mut(at * outputs);
            for (&known, before) in row.iter().zip(before.chunks_exact(outputs)) {
                for (own, before) in own.iter_mut().zip(before) {
                    *own -= known * before;
                }
            }
            own[..outputs].iter_mut().for_each(|own| *own /= row[at]);
        }
        for at in (0..width).rev() {
            let (before, own) = solved.split_at_mut(at * outputs);
            let row = &lower[starts[at]..][..=at];
            own[..outputs].iter_mut().for_each(|own| *own /= row[at]);
            for (&known, before) in row.iter().zip(before.chunks_exact_mut(outputs)) {
                for (before, own) in before.iter_mut().zip(&*own) {
                    *before -= known * own;
                }
            }
        }
        let bias = (0..outputs).map(|output| {
            let at_mean = sums.iter().zip(solved.iter().skip(output).step_by(outputs));
            let at_mean: f64 = at_mean.map(|(sum, weight)| sum * weight).sum();
            ((wanted[output] - at_mean) / rows) as f32
        });
        Ridge {
            bias: bias.collect(),
            weight: solved.iter().map(|&weight| weight as f32).collect(),
        }
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows whose numbers follow from them, and from something that does not show.
    fn rows(count: usize) -> (Vec<f32>, Vec<f32>, Vec<Option<usize>>) {
        let hash = |at: usize| ((at * 2_654_435_761) % 1_000) as f32 / 500.0 - 1.0;
        let rows: Vec<f32> = (0..count * 3).map(|at| hash(at + 7)).collect();
        let wanted = rows.chunks_exact(3).enumerate().flat_map(|(at, row)| {
            let noise = hash(at * 31 + 5) / 10.0;
            [2.0 * row[0] - row[2] + 4.0 + noise, row[1]]
        });
        (
            rows.clone(),
            wanted.collect(),
            (0..count).map(|at| Some(at % 4)).collect(),
        )
    }

    #[test]
    fn finds_the_line_and_the_plain_formula() {
        let (rows, wanted, fold_of) = rows(200);
        let found = cross_fit(&rows, 3, &wanted, 2, &fold_of);
        for (found, wanted) in found
            .ridge
            .weight
            .iter()
            .zip([2.0, 0.0, 0.0, 1.0, -1.0, 0.0])
        {
            assert!((found - wanted).abs() < 0.05, "{found} and {wanted}");
        }
        assert!((found.ridge.bias[0] - 4.0).abs() < 0.05);
        assert!(found.strength < 1.0, "there is no need to hold it back");
        let own: Vec<f32> = found.ridge.tell(&rows, 3).flatten().collect();
        let error =
            |told: &[f32]| -> f32 { told.iter().zip(&wanted).map(|(a, b)| (a - b).powi(2)).sum() };
        assert!(error(&own) < error(&found.unseen), "it has seen those");
    }

    /// One column: the slope is the covariance over the variance plus the penalty.
    #[test]
    fn one_column_shrinks_as_the_formula_says() {
        let mut moments = Moments::new(1, 1);
        for (x, y) in [(1.0, 1.0), (2.0, 3.0), (3.0, 2.0)] {
            moments.add(&[x], &[y]);
        }
        let ridge = moments.solve(2.0);
        assert!((ridge.weight[0] - 1.0 / 4.0).abs() < 1e-6);
        assert!((ridge.bias[0] - 1.5).abs() < 1e-6);
    }

    #[test]
    fn a_row_says_nothing_to_itself() {
        let (rows, mut wanted, fold_of) = rows(40);
        let before = cross_fit(&rows, 3, &wanted, 2, &fold_of);
        wanted[0] += 0.01;
        wanted[1] -= 0.01;
        let after = cross_fit(&rows, 3, &wanted, 2, &fold_of);
        assert_eq!(before.strength, after.strength);
        let same_fold = |cross: &CrossFit| -> Vec<f32> {
            let told = cross.unseen.chunks_exact(2).step_by(4);
            told.flatten().copied().collect()
        };
        for (a, b) in same_fold(&before).iter().zip(same_fold(&after)) {
            assert!((a - b).abs() < 1e-5, "{a} and {b}");
        }
        assert_ne!(
            before.unseen[2..],
            after.unseen[2..],
            "the others heard of it"
        );
    }

    #[test]
    fn what_nothing_follows_from_is_held_back() {
        let (rows, _, fold_of) = rows(30);
        let wanted: Vec<f32> = (0..30).map(|at| f32::from(u8::from(at % 3 == 0))).collect();
        let found = cross_fit(&rows, 3, &wanted, 1, &fold_of);
        assert!(found.strength > 1.0, "{}", found.strength);
        assert!(found.unseen.iter().all(|told| told.is_finite()));
    }
}
