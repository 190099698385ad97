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

/// What [`CrossFitting`] leaves.
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

/// Rows that a linear model is fitted to.
pub(super) trait Rows {
    /// Strengths of the penalty that are tried.
    fn strengths(&self) -> &[f64];

    /// The model at a strength, of all rows that have a fold but this.
    fn solve(&self, left_out: Option<usize>, strength: f64) -> Ridge;

    /// What a model says of a row.
    fn tell(&self, ridge: &Ridge, row: usize) -> Vec<f32>;
}

/// A linear model, and for each fold one without it, being fitted one after the other, so that others can
/// take their turn between two. The penalty, half the squared weights, is one for all; constants are not
/// penalised.
///
/// Source: Hoerl and Kennard 1970, "Ridge Regression"; what is told of rows that a model has not seen as
/// in Wolpert 1992, "Stacked Generalization", section 3.
pub struct CrossFitting<'a> {
    rows: Box<dyn Rows + 'a>,
    /// Shape `[n, outputs]`, row-major.
    wanted: &'a [f32],
    outputs: usize,
    /// Shape `[n]`, from 0; a row without one is not learned from, and is told of by the model of all
    /// folds.
    fold_of: &'a [Option<usize>],
    folds: usize,
    /// The squared error of each strength, of as many as were tried.
    losses: Vec<f64>,
    /// Models without each of the first folds, at the strength that is being tried.
    trying: Vec<Ridge>,
    /// The same at the best strength so far; in the end models without each fold, then that of all.
    ridges: Vec<Ridge>,
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

impl<'a> CrossFitting<'a> {
    /// To dense rows, shape `[n, width]`, row-major.
    ///
    /// # Panics
    /// When there are fewer than two folds with rows.
    pub fn dense(
        rows: &'a [f32],
        width: usize,
        wanted: &'a [f32],
        outputs: usize,
        fold_of: &'a [Option<usize>],
    ) -> Self {
        let rows = Dense::new(rows, width, wanted, outputs, fold_of);
        Self::start(Box::new(rows), wanted, outputs, fold_of)
    }

    /// # Panics
    /// When there are fewer than two folds with rows.
    pub(super) fn start(
        rows: Box<dyn Rows + 'a>,
        wanted: &'a [f32],
        outputs: usize,
        fold_of: &'a [Option<usize>],
    ) -> Self {
        let folds = folds_of(fold_of);
        let has_rows = |fold: &usize| fold_of.contains(&Some(*fold));
        assert!(
            (0..folds).filter(has_rows).count() > 1,
            "rows to fit by and rows to tell of"
        );
        Self {
            rows,
            wanted,
            outputs,
            fold_of,
            folds,
            losses: Vec::new(),
            trying: Vec::new(),
            ridges: Vec::new(),
        }
    }

    /// One model more; false once all are fitted.
    pub fn step(&mut self) -> bool {
        let strengths = self.rows.strengths();
        if let Some(&strength) = strengths.get(self.losses.len()) {
            let fold = self.trying.len();
            self.trying.push(self.rows.solve(Some(fold), strength));
            if self.trying.len() == CHOOSING {
                let tried = std::mem::take(&mut self.trying);
                let lost = tried.iter().enumerate();
                let loss: f64 = lost.map(|(fold, ridge)| self.lost(fold, ridge)).sum();
                if self.losses.iter().all(|&before| loss < before) {
                    self.ridges = tried;
                }
                self.losses.push(loss);
            }
            return true;
        }
        let at = self.ridges.len();
        let left_out = (at < self.folds).then_some(at);
        let next = self.rows.solve(left_out, self.strength());
        self.ridges.push(next);
        left_out.is_some()
    }

    /// The models, once all are fitted.
    ///
    /// # Panics
    /// When they are not.
    pub fn finish(self) -> CrossFit {
        let (ridge, of_folds) = self.ridges.split_last().expect("all are fitted");
        assert_eq!(of_folds.len(), self.folds, "all are fitted");
        let unseen = self.fold_of.iter().enumerate().flat_map(|(row, fold)| {
            let own = fold.map_or(ridge, |fold| &of_folds[fold]);
            self.rows.tell(own, row)
        });
        CrossFit {
            unseen: unseen.collect(),
            ridge: ridge.clone(),
            strength: self.strength(),
        }
    }

    /// The strength that erred least, of those that were tried; the first of equals.
    fn strength(&self) -> f64 {
        let tried = self.losses.iter().zip(self.rows.strengths());
        let best = tried.min_by(|one, other| one.0.total_cmp(other.0));
        *best.expect("a strength was tried").1
    }

    /// The squared error on a fold's rows.
    fn lost(&self, fold: usize, ridge: &Ridge) -> f64 {
        let own = self.wanted.chunks_exact(self.outputs).zip(self.fold_of);
        let own = own.enumerate();
        let own = own.filter(|(_, (_, of))| **of == Some(fold));
        own.map(|(row, (wanted, _))| {
            let told = self.rows.tell(ridge, row);
            let errors = told
                .iter()
                .zip(wanted)
                .map(|(told, wanted)| f64::from(told - wanted));
            errors.map(|error| error * error).sum::<f64>()
        })
        .sum()
    }
}

/// How many folds there are.
fn folds_of(fold_of: &[Option<usize>]) -> usize {
    fold_of.iter().flatten().max().map_or(0, |last| last + 1)
}

/// Dense rows by their sums.
struct Dense<'a> {
    rows: &'a [f32],
    width: usize,
    all: Moments,
    /// Of each fold those of all others.
    others: Vec<Moments>,
    square: f64,
}

impl<'a> Dense<'a> {
    fn new(
        rows: &'a [f32],
        width: usize,
        wanted: &[f32],
        outputs: usize,
        fold_of: &[Option<usize>],
    ) -> Self {
        let mut of_fold = vec![Moments::new(width, outputs); folds_of(fold_of)];
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
        let others = (of_fold.iter())
            .map(|own| {
                let mut others = all.clone();
                others.take_in(own, -1.0);
                others
            })
            .collect();
        Self {
            rows,
            width,
            square: all.mean_square(),
            all,
            others,
        }
    }
}

impl Rows for Dense<'_> {
    fn strengths(&self) -> &[f64] {
        &STRENGTHS
    }

    fn solve(&self, left_out: Option<usize>, strength: f64) -> Ridge {
        let moments = left_out.map_or(&self.all, |fold| &self.others[fold]);
        moments.solve(strength * self.square)
    }

    fn tell(&self, ridge: &Ridge, row: usize) -> Vec<f32> {
        let row = &self.rows[row * self.width..][..self.width];
        ridge.tell(row, self.width).next().unwrap_or_default()
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

    fn cross_fit(
        rows: &[f32],
        width: usize,
        wanted: &[f32],
        outputs: usize,
        fold_of: &[Option<usize>],
    ) -> CrossFit {
        let mut fitting = CrossFitting::dense(rows, width, wanted, outputs, fold_of);
        while fitting.step() {}
        fitting.finish()
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
