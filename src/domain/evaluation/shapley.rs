//! What each column of a row adds to its prediction, shared out fairly among them.
//!
//! A coalition is a set of columns whose cells are the row's own; the others are those of background
//! rows, and its value is the mean prediction of such mixtures. What is asked of the model is known
//! before it answers: a plan lists coalitions, and is solved once all their values are there, so that
//! a model that answers in batches, or later, can be explained as well.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::EvaluationError;

/// A weight that is left to share out is taken for none below this.
const NO_WEIGHT: f64 = 1e-8;

/// A pivot below this means that the coalitions do not determine the columns.
const SINGULAR: f64 = 1e-12;

/// The 97.5 % point of the normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// One prediction, shared out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// The mean prediction of the background rows.
    pub base: f64,
    /// What each column adds; with `base` they sum to the row's prediction.
    pub values: Vec<f64>,
    /// 95 % half width of each value, where sampling leaves a doubt that can be measured.
    pub half_widths: Option<Vec<f64>>,
}

/// The rows to predict for a coalition: the background's, with the row's own cells where `mask` says.
pub fn mixtures<T: Clone>(row: &[T], background: &[Vec<T>], mask: &[bool]) -> Vec<Vec<T>> {
    let mix = |other: &Vec<T>| {
        let cells = mask.iter().zip(row.iter().zip(other));
        let cells = cells.map(|(&own, (mine, theirs))| if own { mine } else { theirs });
        cells.cloned().collect()
    };
    background.iter().map(mix).collect()
}

/// Kernel SHAP: a weighted linear regression over coalitions.
///
/// Source: Lundberg and Lee 2017, "A unified approach to interpreting model predictions", section
/// 4.1. Sizes of coalitions are enumerated from the ends as far as the budget reaches and drawn in
/// pairs of complements beyond, as in the `shap` package.
#[derive(Debug, Clone, PartialEq)]
pub struct KernelShap {
    columns: usize,
    masks: Vec<Vec<bool>>,
    weights: Vec<f64>,
}

impl KernelShap {
    /// The number of coalitions that `shap` takes by default.
    pub fn default_budget(columns: usize) -> usize {
        2 * columns + 2_048
    }

    /// Chooses coalitions: all of them when the budget reaches, so that the values are exact.
    ///
    /// # Errors
    /// Without columns, or with a budget below twice their number.
    pub fn new(columns: usize, budget: usize, seed: u64) -> Result<Self, EvaluationError> {
        EvaluationError::check_least("columns", columns, 1)?;
        EvaluationError::check_least("coalitions", budget, 2 * columns)?;
        let mut plan = Self {
            columns,
            masks: vec![vec![false; columns], vec![true; columns]],
            weights: vec![0.0, 0.0],
        };
        // The weight of all coalitions of a size and of its complement.
        let mut shares: Vec<f64> = (1..=columns / 2)
            .map(|size| {
                let share = (columns as f64 - 1.0) / (size * (columns - size)) as f64;
                if 2 * size == columns {
                    share
                } else {
                    2.0 * share
                }
            })
            .collect();
        let whole: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= whole);

        let mut left = budget as f64;
        let mut size = 1;
        while size <= shares.len() {
            let is_middle = 2 * size == columns;
            let subsets = choose(columns, size) * if is_middle { 1.0 } else { 2.0 };
            let rest: f64 = shares[size - 1..].iter().sum();
            // The last or a well-funded size is taken whole.
            if left * shares[size - 1] / rest < subsets * (1.0 - NO_WEIGHT) && size > 1 {
                break;
            }
            plan.enumerate(size, shares[size - 1] / subsets);
            left -= subsets;
            size += 1;
        }
        if size <= shares.len() && left >= 2.0 {
            plan.draw(size, &shares[size - 1..], left as usize, seed);
        }
        Ok(plan)
    }

    /// The coalitions whose values are needed: first that of no column, then that of all.
    pub fn masks(&self) -> &[Vec<bool>] {
        &self.masks
    }

    /// Shares out, from the values of the coalitions in the order of [`Self::masks`].
    ///
    /// # Errors
    /// When there are not as many values, one is not finite, or too few coalitions were drawn.
    pub fn solve(&self, values: &[f64]) -> Result<Attribution, EvaluationError> {
        EvaluationError::check_rows(self.masks.len(), values.len())?;
        EvaluationError::check_finite(values)?;
        let (base, full) = (values[0], values[1]);
        // The values sum to what all columns add: the last one is what the others leave.
        let unknown = self.columns - 1;
        let mut matrix = vec![vec![0.0; unknown + 1]; unknown];
        for ((mask, &weight), &value) in self.masks.iter().zip(&self.weights).zip(values) {
            if weight == 0.0 {
                continue;
            }
            let last = f64::from(u8::from(mask[unknown]));
            let row: Vec<f64> = mask[..unknown]
                .iter()
                .map(|&own| f64::from(u8::from(own)) - last)
                .collect();
            let goal = value - base - last * (full - base);
            for (at, equation) in matrix.iter_mut().enumerate() {
                let factor = weight * row[at];
                if factor != 0.0 {
                    for (cell, other) in equation.iter_mut().zip(&row) {
                        *cell += factor * other;
                    }
                    equation[unknown] += factor * goal;
                }
            }
        }
        let mut shares = eliminate(matrix).ok_or(EvaluationError::TooFew {
            what: "coalitions",
            found: self.masks.len(),
            least: Self::default_budget(self.columns),
        })?;
        shares.push(full - base - shares.iter().sum::<f64>());
        Ok(Attribution {
            base,
            values: shares,
            half_widths: None,
        })
    }

    /// Adds every coalition of a size, and its complement.
    fn enumerate(&mut self, size: usize, weight: f64) {
        let mut chosen: Vec<usize> = (0..size).collect();
        loop {
            let mut mask = vec![false; self.columns];
            chosen.iter().for_each(|&column| mask[column] = true);
            if 2 * size != self.columns {
                self.push(mask.iter().map(|own| !own).collect(), weight);
            }
            self.push(mask, weight);
            // The next choice in the order of a dictionary.
            let movable = |&at: &usize| chosen[at] < self.columns - size + at;
            let Some(at) = (0..size).rev().find(movable) else {
                return;
            };
            chosen[at] += 1;
            for later in at + 1..size {
                chosen[later] = chosen[later - 1] + 1;
            }
        }
    }

    fn push(&mut self, mask: Vec<bool>, weight: f64) {
        self.masks.push(mask);
        self.weights.push(weight);
    }

    /// Draws pairs of complements of the sizes from `first` on, in proportion to their shares.
    fn draw(&mut self, first: usize, shares: &[f64], budget: usize, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let whole: f64 = shares.iter().sum();
        let weight = whole / (budget / 2 * 2) as f64;
        let mut columns: Vec<usize> = (0..self.columns).collect();
        for _ in 0..budget / 2 {
            let mut point = rng.random::<f64>() * whole;
            let mut size = first;
            for share in &shares[..shares.len() - 1] {
                if point < *share {
                    break;
                }
                point -= share;
                size += 1;
            }
            let mut mask = vec![false; self.columns];
            let (chosen, _) = columns.partial_shuffle(&mut rng, size);
            for &mut column in chosen {
                mask[column] = true;
            }
            self.push(mask.iter().map(|own| !own).collect(), weight);
            self.push(mask, weight);
        }
    }
}

/// Permutation SHAP: columns join in random orders, forwards and backwards.
///
/// Source: Castro, Gómez and Tejada 2009, "Polynomial calculation of the Shapley value based on
/// sampling"; each order is taken with its reverse (Mitchell et al. 2022, "Sampling permutations for
/// Shapley value estimation", section 3), which is exact where no more than two columns interact.
#[derive(Debug, Clone, PartialEq)]
pub struct PermutationShap {
    columns: usize,
    orders: Vec<Vec<usize>>,
    masks: Vec<Vec<bool>>,
    /// Whether the orders are all there are.
    is_exact: bool,
}

impl PermutationShap {
    /// Draws orders; takes all there are when the number reaches, so that the values are exact.
    ///
    /// # Errors
    /// Without columns or orders.
    pub fn new(columns: usize, orders: usize, seed: u64) -> Result<Self, EvaluationError> {
        EvaluationError::check_least("columns", columns, 1)?;
        EvaluationError::check_least("orders", orders, 1)?;
        let every = (1..=columns).try_fold(1, |orders: usize, at| orders.checked_mul(at));
        let is_exact = every.is_some_and(|every| every <= orders);
        let orders = if is_exact {
            every_order(columns)
        } else {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let draw = |_| {
                let mut order: Vec<usize> = (0..columns).collect();
                order.shuffle(&mut rng);
                order
            };
            (0..orders).map(draw).collect()
        };
        let mut masks = vec![vec![false; columns], vec![true; columns]];
        for order in &orders {
            let mut mask = vec![false; columns];
            for &column in &order[..columns - 1] {
                mask[column] = true;
                masks.push(mask.clone());
                masks.push(mask.iter().map(|own| !own).collect());
            }
        }
        Ok(Self {
            columns,
            orders,
            masks,
            is_exact,
        })
    }

    /// The coalitions whose values are needed: first that of no column, then that of all.
    pub fn masks(&self) -> &[Vec<bool>] {
        &self.masks
    }

    /// Shares out, from the values of the coalitions in the order of [`Self::masks`].
    ///
    /// # Errors
    /// When there are not as many values, or one is not finite.
    pub fn solve(&self, values: &[f64]) -> Result<Attribution, EvaluationError> {
        EvaluationError::check_rows(self.masks.len(), values.len())?;
        EvaluationError::check_finite(values)?;
        let (base, full) = (values[0], values[1]);
        let count = self.orders.len() as f64;
        let mut sums = vec![0.0; self.columns];
        let mut squares = vec![0.0; self.columns];
        let walks = self.orders.iter().enumerate();
        for (walk, order) in walks {
            let steps = &values[2 + 2 * walk * (self.columns - 1)..][..2 * (self.columns - 1)];
            // With the first columns of the order, and without them.
            let (mut with, mut without) = (base, full);
            for (at, &column) in order.iter().enumerate() {
                let next = match steps.get(2 * at..2 * at + 2) {
                    Some(next) => [next[0], next[1]],
                    None => [full, base],
                };
                let share = 0.5 * ((next[0] - with) + (without - next[1]));
                sums[column] += share;
                squares[column] += share * share;
                (with, without) = (next[0], next[1]);
            }
        }
        let half_width = |(sum, square): (&f64, &f64)| {
            let mean = sum / count;
            let variance = (square / count - mean * mean).max(0.0) * count / (count - 1.0);
            Z_95 * (variance / count).sqrt()
        };
        let doubts = sums.iter().zip(&squares).map(half_width).collect();
        Ok(Attribution {
            base,
            values: sums.iter().map(|sum| sum / count).collect(),
            half_widths: (self.orders.len() > 1 && !self.is_exact).then_some(doubts),
        })
    }
}

/// Every order of so many columns, in the order of a dictionary.
fn every_order(columns: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![(0..columns).collect::<Vec<usize>>()];
    loop {
        let mut next = orders[orders.len() - 1].clone();
        // The last column that a larger one follows; all from there on are turned round.
        let Some(at) = (1..columns).rev().find(|&at| next[at - 1] < next[at]) else {
            return orders;
        };
        let larger = (at..columns)
            .rev()
            .find(|&later| next[later] > next[at - 1]);
        next.swap(at - 1, larger.unwrap_or(at));
        next[at..].reverse();
        orders.push(next);
    }
}

/// How many sets of `k` of `n` there are; huge numbers are not exact.
fn choose(n: usize, k: usize) -> f64 {
    (1..=k).fold(1.0, |sets, at| sets * (n - k + at) as f64 / at as f64)
}

/// Solves `[A | b]` by elimination with the largest pivot; `None` where it has no single solution.
fn eliminate(mut matrix: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let size = matrix.len();
    for column in 0..size {
        let pivot = (column..size)
            .max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))?;
        if matrix[pivot][column].abs() < SINGULAR {
            return None;
        }
        matrix.swap(column, pivot);
        let (above, below) = matrix.split_at_mut(column + 1);
        let pivot = &above[column];
        for row in below {
            let factor = row[column] / pivot[column];
            for (cell, other) in row[column..].iter_mut().zip(&pivot[column..]) {
                *cell -= factor * other;
            }
        }
    }
    let mut solution = vec![0.0; size];
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size)
            .map(|column| matrix[row][column] * solution[column])
            .sum();
        solution[row] = (matrix[row][size] - known) / matrix[row][row];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A game in which pairs of columns next to each other add something together.
    fn game(mask: &[bool]) -> f64 {
        let alone: f64 = (0..mask.len())
            .filter(|&at| mask[at])
            .map(|at| at as f64)
            .sum();
        let pairs = mask.windows(2).filter(|pair| pair[0] && pair[1]).count();
        1.0 + alone + 0.5 * pairs as f64
    }

    /// Each column has its own share and half of each pair it is in.
    fn fair(columns: usize) -> Vec<f64> {
        let neighbours = |at: usize| f64::from(u8::from(at > 0) + u8::from(at + 1 < columns));
        (0..columns)
            .map(|at| at as f64 + 0.25 * neighbours(at))
            .collect()
    }

    #[track_caller]
    fn check(found: &Attribution, columns: usize, within: f64) {
        assert_eq!(found.base, 1.0);
        for (found, fair) in found.values.iter().zip(fair(columns)) {
            assert!((found - fair).abs() < within, "{found} instead of {fair}");
        }
    }

    #[test]
    fn all_coalitions_give_the_fair_shares() {
        for columns in 1..=9 {
            let plan = KernelShap::new(columns, KernelShap::default_budget(columns), 0).unwrap();
            assert_eq!(plan.masks().len(), 1 << columns, "{columns}");
            let values: Vec<f64> = plan.masks().iter().map(|mask| game(mask)).collect();
            check(&plan.solve(&values).unwrap(), columns, 1e-9);
        }
    }

    #[test]
    fn drawn_coalitions_come_close() {
        for columns in [14, 30] {
            let plan = KernelShap::new(columns, 1_500, 7).unwrap();
            assert!(plan.masks().len() <= 1_502);
            let values: Vec<f64> = plan.masks().iter().map(|mask| game(mask)).collect();
            check(&plan.solve(&values).unwrap(), columns, 0.1);
        }
    }

    #[test]
    fn one_order_and_its_reverse_are_exact_for_pairs() {
        for columns in [2, 3, 7] {
            let plan = PermutationShap::new(columns, 1, 3).unwrap();
            let values: Vec<f64> = plan.masks().iter().map(|mask| game(mask)).collect();
            let found = plan.solve(&values).unwrap();
            check(&found, columns, 1e-9);
            assert_eq!(found.half_widths, None);
        }
    }

    #[test]
    fn all_orders_are_taken_when_they_fit() {
        assert_eq!(every_order(3).len(), 6);
        let distinct: std::collections::BTreeSet<Vec<usize>> = every_order(5).into_iter().collect();
        assert_eq!(distinct.len(), 120);
        let plan = PermutationShap::new(3, 6, 0).unwrap();
        let together = |mask: &Vec<bool>| f64::from(u8::from(mask.iter().all(|&own| own)));
        let values: Vec<f64> = plan.masks().iter().map(together).collect();
        let found = plan.solve(&values).unwrap();
        assert!(
            found
                .values
                .iter()
                .all(|value| (value - 1.0 / 3.0).abs() < 1e-12)
        );
        assert_eq!(found.half_widths, None);
    }

    #[test]
    fn the_doubt_of_drawn_orders_holds_the_truth() {
        // All three of the first columns together add 3: a third order game.
        let together = |mask: &Vec<bool>| 3.0 * f64::from(u8::from(mask[0] && mask[1] && mask[2]));
        let plan = PermutationShap::new(6, 40, 5).unwrap();
        let values: Vec<f64> = plan.masks().iter().map(together).collect();
        let found = plan.solve(&values).unwrap();
        for (column, half_width) in found.half_widths.unwrap().into_iter().enumerate() {
            let fair = if column < 3 { 1.0 } else { 0.0 };
            let apart = (found.values[column] - fair).abs();
            assert!(
                apart <= half_width + 1e-12 && half_width < 0.5,
                "{apart} {half_width}"
            );
        }
    }

    #[test]
    fn what_cannot_be_explained_is_refused() {
        assert!(KernelShap::new(0, 10, 0).is_err());
        assert!(KernelShap::new(10, 19, 0).is_err());
        assert!(PermutationShap::new(3, 0, 0).is_err());
        let plan = KernelShap::new(2, 10, 0).unwrap();
        assert!(plan.solve(&[1.0]).is_err());
        assert!(plan.solve(&[1.0, 2.0, f64::NAN, 0.0]).is_err());
    }

    #[test]
    fn mixtures_have_their_own_cells_where_the_mask_says() {
        let background = [vec!["a", "b"], vec!["c", "d"]];
        let found = mixtures(&["x", "y"], &background, &[false, true]);
        assert_eq!(found, [["a", "y"], ["c", "y"]]);
    }
}
