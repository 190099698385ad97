//! Batches of texts of similar length.
//!
//! A batch is a rectangle: every text is padded to the longest one, and the encoder works on the
//! padding too. Rows in random order waste half of the work on texts as uneven as messages are;
//! rows sorted by length waste nearly none but come in the same order in every epoch, which
//! training must not see. Sorting within large random chunks keeps both losses small.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// How many batches are sorted together. More waste less padding and mix the rows less.
const BATCHES_IN_A_CHUNK: usize = 32;

/// Groups rows into batches of similar length. Every row is in exactly one of them, and all but
/// one hold `batch_size` rows.
///
/// `lengths` holds each row's number of tokens. With `order` the rows are in random order, as
/// training wants it; without, the shortest come first, as scoring wants it.
///
/// # Panics
/// When `batch_size` is 0.
pub fn bucketed(
    lengths: &[u32],
    batch_size: usize,
    order: Option<&mut ChaCha8Rng>,
) -> Vec<Vec<usize>> {
    let mut rows: Vec<usize> = (0..lengths.len()).collect();
    let Some(rng) = order else {
        rows.sort_by_key(|&row| lengths[row]);
        return rows.chunks(batch_size).map(<[usize]>::to_vec).collect();
    };

    rows.shuffle(rng);
    for chunk in rows.chunks_mut(batch_size.saturating_mul(BATCHES_IN_A_CHUNK)) {
        chunk.sort_by_key(|&row| lengths[row]);
    }
    let mut batches: Vec<Vec<usize>> = rows.chunks(batch_size).map(<[usize]>::to_vec).collect();
    batches.shuffle(rng);
    batches
}

#[cfg(test)]
mod tests {
    use rand::Rng;
    use rand::SeedableRng;

    use super::*;

    const NO_ORDER: Option<&mut ChaCha8Rng> = None;

    /// Lengths as uneven as those of messages: half below 20 tokens, one in a hundred above 90.
    /// The sum of twelve uniform numbers stands in for a normal one, so this is log-normal.
    fn uneven(rows: usize) -> Vec<u32> {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        (0..rows)
            .map(|_| {
                let normal = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
                2 + (2.9 + 0.7 * normal).exp() as u32
            })
            .collect()
    }

    /// Padded tokens by tokens that mean something.
    fn waste(lengths: &[u32], batches: &[Vec<usize>]) -> f64 {
        let padded: u32 = batches
            .iter()
            .map(|batch| batch.len() as u32 * batch.iter().map(|&row| lengths[row]).max().unwrap())
            .sum();
        f64::from(padded) / f64::from(lengths.iter().sum::<u32>()) - 1.0
    }

    #[test]
    fn every_row_is_in_exactly_one_batch() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for rows in [0, 1, 15, 16, 17, 511, 512, 513, 2000] {
            let lengths = uneven(rows);
            for batches in [
                bucketed(&lengths, 16, NO_ORDER),
                bucketed(&lengths, 16, Some(&mut rng)),
            ] {
                let mut all: Vec<usize> = batches.concat();
                all.sort_unstable();
                assert_eq!(all, (0..rows).collect::<Vec<_>>());
                assert_eq!(batches.len(), rows.div_ceil(16));
                let short = batches.iter().filter(|batch| batch.len() < 16).count();
                assert_eq!(short, usize::from(!rows.is_multiple_of(16)));
            }
        }
    }

    #[test]
    fn without_an_order_rows_are_sorted_and_equal_ones_stay_in_place() {
        let batches = bucketed(&[5, 2, 5, 2, 9], 2, NO_ORDER);
        assert_eq!(batches, [vec![1, 3], vec![0, 2], vec![4]]);
    }

    #[test]
    fn the_same_seed_gives_the_same_batches_and_the_next_epoch_others() {
        let lengths = uneven(300);
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let first = bucketed(&lengths, 16, Some(&mut rng));
        let second = bucketed(&lengths, 16, Some(&mut rng));
        assert_ne!(first, second);
        let mut again = ChaCha8Rng::seed_from_u64(3);
        assert_eq!(bucketed(&lengths, 16, Some(&mut again)), first);
        assert_eq!(bucketed(&lengths, 16, Some(&mut again)), second);
    }

    #[test]
    fn little_is_padded() {
        let lengths = uneven(4000);
        let rows: Vec<usize> = (0..lengths.len()).collect();
        let unsorted: Vec<Vec<usize>> = rows.chunks(16).map(<[usize]>::to_vec).collect();
        assert!(waste(&lengths, &unsorted) > 1.0, "the test has a point");

        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let shuffled = waste(&lengths, &bucketed(&lengths, 16, Some(&mut rng)));
        assert!(shuffled < 0.15, "{shuffled}");
        let sorted = waste(&lengths, &bucketed(&lengths, 16, NO_ORDER));
        assert!(sorted < 0.02, "{sorted}");
    }
}
