//! Whether an explanation names what the answer rests on: parts are taken away, and put back, in the
//! order that it gives them.
//!
//! Source: Petsiuk, Das and Saenko 2018, "RISE: Randomized Input Sampling for Explanation of
//! Black-box Models", section 4.2 (deletion and insertion).

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Points of a curve at the most, its start aside: long texts lose several words at a time.
const MOST_STEPS: usize = 24;

/// Random orders whose mean an explanation has to beat: one alone may be lucky.
const RANDOM_ORDERS: usize = 4;

/// How the answer moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Shares of the parts that were taken away or put back, 0 to 1, ascending.
    pub shares: Vec<f64>,
    /// The probability or number at each.
    pub values: Vec<f64>,
}

impl Curve {
    /// The area under the curve by the trapezoid rule.
    pub fn area(&self) -> f64 {
        let shares = self.shares.windows(2);
        let values = self.values.windows(2);
        shares
            .zip(values)
            .map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0)
            .sum()
    }
}

/// Curves of an explanation beside those of parts in random order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Faithfulness {
    /// Parts are taken away, the one that speaks most for the answer first: the sooner the answer
    /// falls, the better.
    pub deletion: Curve,
    /// Parts are put into an empty row, the same first: the sooner the answer rises, the better.
    pub insertion: Curve,
    /// The mean deletion curve of random orders.
    pub random_deletion: Curve,
    /// The mean insertion curve of random orders.
    pub random_insertion: Curve,
}

impl Faithfulness {
    /// Whether both areas are on the better side of those in random order.
    pub fn beats_random(&self) -> bool {
        self.deletion.area() < self.random_deletion.area()
            && self.insertion.area() > self.random_insertion.area()
    }
}

/// The rows to ask about for the curves of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct FaithfulnessPlan {
    counts: Vec<usize>,
    parts: usize,
    masks: Vec<Vec<bool>>,
}

impl FaithfulnessPlan {
    /// Plans curves for these parts, best first, and for random orders.
    pub fn new(order: &[usize], seed: u64) -> Self {
        let parts = order.len();
        let steps = parts.clamp(1, MOST_STEPS);
        let counts: Vec<usize> = (0..=steps).map(|step| step * parts / steps).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut orders = vec![order.to_vec()];
        orders.extend((0..RANDOM_ORDERS).map(|_| {
            let mut random: Vec<usize> = (0..parts).collect();
            random.shuffle(&mut rng);
            random
        }));
        let mut masks = Vec::new();
        for order in &orders {
            for is_there in [true, false] {
                for &count in &counts {
                    let mut mask = vec![is_there; parts];
                    order[..count]
                        .iter()
                        .for_each(|&part| mask[part] = !is_there);
                    masks.push(mask);
                }
            }
        }
        Self {
            counts,
            parts,
            masks,
        }
    }

    /// Which parts are there in each row to ask about.
    pub fn masks(&self) -> &[Vec<bool>] {
        &self.masks
    }

    /// The curves, from what is shown of each row in the order of [`Self::masks`].
    ///
    /// # Panics
    /// When there are not as many values.
    pub fn solve(&self, values: &[f64]) -> Faithfulness {
        assert_eq!(values.len(), self.masks.len(), "one value a mask");
        let points = self.counts.len();
        let whole = self.parts.max(1) as f64;
        let shares: Vec<f64> = self
            .counts
            .iter()
            .map(|&count| count as f64 / whole)
            .collect();
        let mut curves = values.chunks_exact(points).map(|values| Curve {
            shares: shares.clone(),
            values: values.to_vec(),
        });
        let mut next = || curves.next().expect("two curves an order");
        let (deletion, insertion) = (next(), next());
        let mean = |which: usize| {
            let own = values.chunks_exact(points).skip(2 + which).step_by(2);
            let mut mean = vec![0.0; points];
            for curve in own {
                for (mean, value) in mean.iter_mut().zip(curve) {
                    *mean += value / RANDOM_ORDERS as f64;
                }
            }
            Curve {
                shares: shares.clone(),
                values: mean,
            }
        };
        Faithfulness {
            deletion,
            insertion,
            random_deletion: mean(0),
            random_insertion: mean(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Part 3 carries the answer alone.
    fn answer(mask: &[bool]) -> f64 {
        if mask[3] { 0.9 } else { 0.1 }
    }

    fn curves(order: &[usize]) -> Faithfulness {
        let plan = FaithfulnessPlan::new(order, 5);
        let values: Vec<f64> = plan.masks().iter().map(|mask| answer(mask)).collect();
        plan.solve(&values)
    }

    #[test]
    fn the_right_order_beats_random_and_the_reverse_does_not() {
        let right = curves(&[3, 0, 1, 2, 4, 5]);
        assert!(right.beats_random(), "{right:?}");
        assert_eq!(right.deletion.values[..2], [0.9, 0.1]);
        assert_eq!(right.insertion.values[..2], [0.1, 0.9]);
        let wrong = curves(&[5, 4, 2, 1, 0, 3]);
        assert!(!wrong.beats_random());
        assert!(wrong.deletion.area() > right.deletion.area());
    }

    #[test]
    fn areas_are_trapezoids() {
        let curve = Curve {
            shares: vec![0.0, 0.5, 1.0],
            values: vec![1.0, 0.0, 0.0],
        };
        assert_eq!(curve.area(), 0.25);
    }

    #[test]
    fn long_texts_lose_several_words_at_a_time() {
        let order: Vec<usize> = (0..301).collect();
        let plan = FaithfulnessPlan::new(&order, 0);
        assert_eq!(plan.masks().len(), 25 * 2 * 5);
        assert!(plan.masks()[0].iter().all(|&own| own));
        assert!(
            plan.masks()[24].iter().all(|&own| !own),
            "all are gone at last"
        );
    }
}
