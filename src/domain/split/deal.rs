//! Dealing units out to hands of wanted sizes so that each gets its share of every stratum.
//!
//! Units of one row can be counted out class by class; customers with many rows of several classes
//! cannot, so they are dealt one at a time, the largest first, to the hand whose distance from its
//! wanted counts shrinks most (as scikit-learn's `StratifiedGroupKFold` does for equal hands).

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::{Strata, units::Units};

/// The hand of every unit; `shares` are the hands' shares of the rows.
///
/// The distance is that of Pearson's chi-squared statistic: squared differences of counts in
/// relation to the wanted count, over strata and over all rows.
pub(super) fn deal(
    units: &Units,
    strata: &Strata,
    shares: &[f64],
    rng: &mut ChaCha8Rng,
) -> Vec<usize> {
    let counts: Vec<Vec<(u32, u32)>> = (0..units.len())
        .map(|unit| units.counts(unit, strata))
        .collect();
    let mut of_stratum = vec![0.0; strata.count()];
    for &(stratum, rows) in counts.iter().flatten() {
        of_stratum[stratum as usize] += f64::from(rows);
    }
    let all = units.all_rows() as f64;
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.shuffle(rng);
    order.sort_by_key(|&unit| std::cmp::Reverse(units.size(unit)));

    let mut hand_of = vec![0; units.len()];
    let mut held = vec![vec![0.0; strata.count()]; shares.len()];
    let mut held_rows = vec![0.0; shares.len()];
    // What the distance changes by when a hand that holds `held` of `wanted` gets `more`.
    let change = |held: f64, wanted: f64, more: f64| {
        if wanted > 0.0 {
            more * (2.0 * (held - wanted) + more) / wanted
        } else {
            f64::INFINITY
        }
    };
    for unit in order {
        let size = units.size(unit) as f64;
        let cost = |hand: usize| {
            let of_rows = change(held_rows[hand], shares[hand] * all, size);
            let of_strata: f64 = counts[unit]
                .iter()
                .map(|&(stratum, rows)| {
                    let at = stratum as usize;
                    change(
                        held[hand][at],
                        shares[hand] * of_stratum[at],
                        f64::from(rows),
                    )
                })
                .sum();
            of_rows + of_strata
        };
        let costs: Vec<f64> = (0..shares.len()).map(cost).collect();
        let hand = (0..shares.len())
            .min_by(|&a, &b| costs[a].total_cmp(&costs[b]))
            .expect("there is a hand");
        hand_of[unit] = hand;
        held_rows[hand] += size;
        for &(stratum, rows) in &counts[unit] {
            held[hand][stratum as usize] += f64::from(rows);
        }
    }
    hand_of
}
