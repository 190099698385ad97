//! Words that speak for a label over many rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A word in fewer rows tells of those rows rather than of the model.
const LEAST_ROWS: u32 = 2;

/// A word and what it adds to a label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TellingWord {
    /// The word in lower case.
    pub word: String,
    /// Mean of what it adds to the log-odds of the label, over the rows that have it.
    pub share: f64,
    /// Rows that have it.
    pub rows: u32,
}

/// Collects what words add to labels, row by row.
#[derive(Debug, Clone, Default)]
pub struct TellingWords {
    sums: BTreeMap<(usize, String), (f64, u32)>,
}

impl TellingWords {
    /// Takes in a row that was explained for a label. A word that comes twice in a row counts with
    /// the sum of both, and as one row.
    pub fn add<'a>(&mut self, label: usize, words: impl IntoIterator<Item = (&'a str, f64)>) {
        let mut own: BTreeMap<String, f64> = BTreeMap::new();
        for (word, share) in words {
            // Punctuation is read by the model as well, but tells a person nothing alone.
            if word.chars().any(char::is_alphanumeric) {
                *own.entry(word.to_lowercase()).or_default() += share;
            }
        }
        for (word, share) in own {
            let sum = self.sums.entry((label, word)).or_default();
            sum.0 += share;
            sum.1 += 1;
        }
    }

    /// The words that add most to a label, the strongest first.
    pub fn of(&self, label: usize, count: usize) -> Vec<TellingWord> {
        let own = self.sums.iter().filter(|((of, _), _)| *of == label);
        let mut found: Vec<TellingWord> = own
            .filter(|(_, (sum, rows))| *rows >= LEAST_ROWS && *sum > 0.0)
            .map(|((_, word), &(sum, rows))| TellingWord {
                word: word.clone(),
                share: sum / f64::from(rows),
                rows,
            })
            .collect();
        found.sort_by(|a, b| b.share.total_cmp(&a.share));
        found.truncate(count);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_come_back_are_ranked_by_their_mean() {
        let mut words = TellingWords::default();
        words.add(0, [("Free", 2.0), ("call", 0.5), ("free", 1.0), ("!", 9.0)]);
        words.add(
            0,
            [("free", 1.0), ("call", 1.5), ("once", 8.0), ("bad", -1.0)],
        );
        words.add(0, [("bad", -2.0)]);
        words.add(1, [("later", 1.0)]);
        let found = words.of(0, 5);
        let read: Vec<(&str, f64, u32)> = found
            .iter()
            .map(|word| (word.word.as_str(), word.share, word.rows))
            .collect();
        assert_eq!(read, [("free", 2.0, 2), ("call", 1.0, 2)]);
        assert_eq!(words.of(0, 1).len(), 1);
        assert_eq!(words.of(1, 5), []);
    }
}
