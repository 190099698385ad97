//! Pairs of rows for contrastive tuning, drawn within a budget.
//!
//! From few rows come many pairs: 8 rows of 2 labels give 64 of different labels and 56 of one. What
//! helps with few rows would never end with many, so pairs are drawn, as many as the recipe says.
//!
//! Source: Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts", section 3.1: in each
//! round every row is paired with one of its own label and with one of another.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Two rows, and whether they have one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Place of one row.
    pub left: usize,
    /// Place of the other.
    pub right: usize,
    /// Whether they have one label.
    pub is_same: bool,
}

/// Pairs of rows with these labels: at most `budget`, and at most two a row and round.
///
/// Pairs of one label and of two take turns, and so do the labels, so that a budget that ends within
/// a round has treated them alike. A label with one row gives no pair of its own; with one label
/// there is none of two.
pub fn draw(labels: &[u32], rounds: u32, budget: usize, rng: &mut ChaCha8Rng) -> Vec<Pair> {
    let classes = labels.iter().max().map_or(0, |last| *last as usize + 1);
    let mut rows_of: Vec<Vec<usize>> = vec![Vec::new(); classes];
    for (row, &label) in labels.iter().enumerate() {
        rows_of[label as usize].push(row);
    }
    let mut pairs = Vec::new();
    for _ in 0..rounds {
        let before = pairs.len();
        for left in taking_turns(&rows_of, rng) {
            let own = &rows_of[labels[left] as usize];
            if own.len() > 1 {
                // Any of the others: the drawn place jumps over the row itself.
                let place = rng.random_range(0..own.len() - 1);
                let right = if own[place] < left {
                    own[place]
                } else {
                    own[place + 1]
                };
                pairs.push(Pair {
                    left,
                    right,
                    is_same: true,
                });
            }
            if own.len() < labels.len() {
                let right = loop {
                    let row = rng.random_range(0..labels.len());
                    if labels[row] != labels[left] {
                        break row;
                    }
                };
                pairs.push(Pair {
                    left,
                    right,
                    is_same: false,
                });
            }
            if pairs.len() >= budget {
                pairs.truncate(budget);
                return pairs;
            }
        }
        if pairs.len() == before {
            break;
        }
    }
    pairs
}

/// All rows, one of each label after the other, in random order.
fn taking_turns(rows_of: &[Vec<usize>], rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut turns: Vec<(usize, usize)> = Vec::new();
    for rows in rows_of {
        let mut rows = rows.clone();
        rows.shuffle(rng);
        turns.extend(rows.into_iter().enumerate());
    }
    turns.shuffle(rng);
    turns.sort_by_key(|&(turn, _)| turn);
    turns.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn of(labels: &[u32], rounds: u32, budget: usize) -> Vec<Pair> {
        draw(labels, rounds, budget, &mut ChaCha8Rng::seed_from_u64(5))
    }

    #[test]
    fn every_row_meets_its_own_label_and_another_in_every_round() {
        let labels = [0, 0, 0, 1, 1, 2, 2, 2, 2];
        let pairs = of(&labels, 4, 1000);
        assert_eq!(pairs.len(), 4 * 2 * labels.len());
        for pair in &pairs {
            assert_ne!(pair.left, pair.right);
            assert_eq!(pair.is_same, labels[pair.left] == labels[pair.right]);
        }
        for row in 0..labels.len() {
            let own = pairs.iter().filter(|pair| pair.left == row);
            assert_eq!(own.clone().filter(|pair| pair.is_same).count(), 4);
            assert_eq!(own.filter(|pair| !pair.is_same).count(), 4);
        }
        // Over many rounds every partner comes up, the first and the last of a label among them.
        let many = of(&labels, 200, 100_000);
        for (left, right) in [(5, 8), (8, 5), (6, 5), (0, 2), (4, 3)] {
            assert!(
                many.iter()
                    .any(|pair| pair.left == left && pair.right == right)
            );
        }
    }

    #[test]
    fn many_labels_stay_within_the_budget_and_are_treated_alike() {
        let labels: Vec<u32> = (0..3000).map(|row| row % 150).collect();
        let pairs = of(&labels, 20, 600);
        assert_eq!(pairs.len(), 600);
        let mut counts = [0; 150];
        for pair in &pairs {
            counts[labels[pair.left] as usize] += 1;
        }
        assert!(counts.iter().all(|&count| count == 4), "{counts:?}");
        assert_eq!(pairs.iter().filter(|pair| pair.is_same).count(), 300);
    }

    #[test]
    fn single_rows_and_single_labels_give_what_pairs_there_are() {
        assert!(of(&[0, 1], 3, 100).iter().all(|pair| !pair.is_same));
        assert!(of(&[0, 0, 0], 3, 100).iter().all(|pair| pair.is_same));
        assert_eq!(of(&[0], 3, 100), []);
        assert_eq!(of(&[], 3, 100), []);
    }

    #[test]
    fn the_same_seed_draws_the_same_pairs() {
        let labels = [0, 1, 0, 1, 1, 0];
        assert_eq!(of(&labels, 5, 40), of(&labels, 5, 40));
    }
}
