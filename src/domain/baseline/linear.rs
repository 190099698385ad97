//! Penalised linear models on sparse rows: softmax regression for labels, ridge for numbers.

use super::lbfgs::Descent;
use super::tf_idf::Sparse;

/// The objective no longer falls by more than this share of it.
const TOLERANCE: f64 = 1e-7;

/// Iterations at the most: scikit-learn's default.
const MOST_STEPS: u32 = 100;

/// What rows should be.
enum Goal {
    Labels { classes: usize, of_row: Vec<u32> },
    Numbers { of_row: Vec<f64>, mean: f64 },
}

/// A model being fitted, an iteration at a time, so that others can take their turn between two.
pub struct Fitting<'a> {
    rows: &'a Sparse,
    goal: Goal,
    penalty: f64,
    descent: Descent,
    steps: u32,
}

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Linear {
    /// A weight for each column and output, row-major, shape `[columns, outputs]`, then the outputs'
    /// constants.
    weights: Vec<f64>,
    outputs: usize,
    /// Added to a number; none for labels, whose outputs become probabilities.
    mean: Option<f64>,
}

impl<'a> Fitting<'a> {
    /// Softmax regression: the summed log loss plus half the squared weights over `c`, as
    /// scikit-learn's `LogisticRegression(C=c)`; constants are not penalised.
    pub fn labels(rows: &'a Sparse, of_row: Vec<u32>, classes: usize, c: f64) -> Self {
        Self::start(rows, Goal::Labels { classes, of_row }, 1.0 / c)
    }

    /// Ridge regression: the summed squared error plus `alpha` times the squared weights, as
    /// scikit-learn's `Ridge(alpha)`; the constant is not penalised.
    pub fn numbers(rows: &'a Sparse, of_row: Vec<f64>, alpha: f64) -> Self {
        let mean = of_row.iter().sum::<f64>() / of_row.len().max(1) as f64;
        // Half the squared error has the same lowest point as long as the penalty is halved too.
        Self::start(rows, Goal::Numbers { of_row, mean }, alpha)
    }

    fn start(rows: &'a Sparse, goal: Goal, penalty: f64) -> Self {
        let point = vec![0.0; (rows.width + 1) * goal.outputs()];
        let descent = Descent::start(point, &mut |at, slope| {
            objective(rows, &goal, penalty, at, slope)
        });
        Self {
            rows,
            goal,
            penalty,
            descent,
            steps: 0,
        }
    }

    /// One iteration; false once it is done.
    pub fn step(&mut self) -> bool {
        let before = self.descent.value;
        let (rows, goal, penalty) = (self.rows, &self.goal, self.penalty);
        let moved = self
            .descent
            .step(&mut |at, slope| objective(rows, goal, penalty, at, slope));
        self.steps += 1;
        moved && self.steps < MOST_STEPS && before - self.descent.value > TOLERANCE * before.abs()
    }

    /// The model as it stands.
    pub fn finish(self) -> Linear {
        Linear {
            outputs: self.goal.outputs(),
            mean: match self.goal {
                Goal::Numbers { mean, .. } => Some(mean),
                Goal::Labels { .. } => None,
            },
            weights: self.descent.point,
        }
    }
}

impl Linear {
    /// A probability for each label, row-major, shape `[rows, labels]`; or a number a row.
    pub fn predict(&self, rows: &Sparse) -> Vec<f32> {
        let mut out = Vec::with_capacity(rows.rows() * self.outputs);
        let mut scores = vec![0.0; self.outputs];
        for row in 0..rows.rows() {
            score(&self.weights, rows, row, &mut scores);
            match self.mean {
                Some(mean) => out.push((mean + scores[0]) as f32),
                None => {
                    softmax(&mut scores);
                    out.extend(scores.iter().map(|&p| p as f32));
                }
            }
        }
        out
    }
}

impl Goal {
    fn outputs(&self) -> usize {
        match self {
            Self::Labels { classes, .. } => *classes,
            Self::Numbers { .. } => 1,
        }
    }
}

/// Value and slope of the penalised loss.
fn objective(rows: &Sparse, goal: &Goal, penalty: f64, at: &[f64], slope: &mut [f64]) -> f64 {
    let outputs = goal.outputs();
    let constants = rows.width * outputs;
    let mut value = 0.0;
    for (weight, slope) in at[..constants].iter().zip(slope.iter_mut()) {
        value += 0.5 * penalty * weight * weight;
        *slope = penalty * weight;
    }
    slope[constants..].fill(0.0);
    let mut scores = vec![0.0; outputs];
    for row in 0..rows.rows() {
        score(at, rows, row, &mut scores);
        // From here on `scores` holds the slope of this row's loss by each output.
        match goal {
            Goal::Labels { of_row, .. } => {
                let label = of_row[row] as usize;
                softmax(&mut scores);
                value -= scores[label].max(f64::MIN_POSITIVE).ln();
                scores[label] -= 1.0;
            }
            Goal::Numbers { of_row, mean } => {
                scores[0] -= of_row[row] - mean;
                value += 0.5 * scores[0] * scores[0];
            }
        }
        for (place, x) in rows.row(row) {
            let part = &mut slope[place * outputs..][..outputs];
            for (slope, score) in part.iter_mut().zip(&scores) {
                *slope += x * score;
            }
        }
        for (slope, score) in slope[constants..].iter_mut().zip(&scores) {
            *slope += score;
        }
    }
    value
}

/// Outputs of a row before the softmax.
fn score(weights: &[f64], rows: &Sparse, row: usize, scores: &mut [f64]) {
    let outputs = scores.len();
    scores.copy_from_slice(&weights[rows.width * outputs..]);
    for (place, x) in rows.row(row) {
        let part = &weights[place * outputs..][..outputs];
        for (score, weight) in scores.iter_mut().zip(part) {
            *score += x * weight;
        }
    }
}

fn softmax(scores: &mut [f64]) {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - largest).exp();
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
}

#[cfg(test)]
mod tests {
    use super::super::TfIdf;
    use super::*;

    const TEXTS: [&str; 6] = [
        "free prize now",
        "win a free prize",
        "free money now",
        "see you at home",
        "at home tonight",
        "see you tonight",
    ];

    fn fitted(mut fitting: Fitting) -> Linear {
        while fitting.step() {}
        fitting.finish()
    }

    #[test]
    fn words_that_tell_labels_apart_are_found() {
        let words = TfIdf::fit(TEXTS, 100);
        let rows = words.encode(TEXTS);
        let model = fitted(Fitting::labels(&rows, vec![1, 1, 1, 0, 0, 0], 2, 1.0));
        let found = model.predict(&words.encode(["free tonight prize", "you at home"]));
        assert!(found[1] > 0.5 && found[2] > 0.5, "{found:?}");
        assert!((found[0] + found[1] - 1.0).abs() < 1e-6);
    }

    /// At the lowest point each constant's slope is 0: the mean probability of a label is its share.
    #[test]
    fn the_constants_make_the_shares_right() {
        let words = TfIdf::fit(TEXTS, 100);
        let rows = words.encode(TEXTS);
        let model = fitted(Fitting::labels(&rows, vec![1, 1, 0, 0, 0, 0], 2, 1.0));
        let found = model.predict(&rows);
        let mean: f32 = found.iter().skip(1).step_by(2).sum::<f32>() / 6.0;
        assert!((mean - 1.0 / 3.0).abs() < 2e-3, "{mean}");
    }

    /// One word a text, each in one text: ridge shrinks each deviation by `1 / (1 + alpha)`, but for
    /// the constant.
    #[test]
    fn ridge_shrinks_as_its_formula_says() {
        let texts = ["aa", "bb", "cc", "dd"];
        let words = TfIdf::fit(texts, 100);
        let rows = words.encode(texts);
        let model = fitted(Fitting::numbers(&rows, vec![1.0, 2.0, 3.0, 6.0], 1.0));
        let found = model.predict(&rows);
        for (found, truth) in found.iter().zip([1.0, 2.0, 3.0, 6.0]) {
            let expected = 3.0 + (truth - 3.0) / 2.0;
            assert!((f64::from(*found) - expected).abs() < 1e-2, "{found}");
        }
    }
}
