//! Texts as counts of their words, each weighed by how few texts have it.

use std::collections::HashMap;
use std::hash::Hash;

/// Rows that are mostly zero: for each the places of the other values, and the values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sparse {
    /// Number of columns.
    pub width: usize,
    /// Where each row begins in the two lists below, and where the last one ends.
    starts: Vec<usize>,
    places: Vec<u32>,
    values: Vec<f32>,
}

impl Sparse {
    /// No rows of so many columns.
    pub fn new(width: usize) -> Self {
        Self {
            width,
            starts: vec![0],
            ..Self::default()
        }
    }

    /// Adds a row: places in ascending order, each with its value.
    pub fn push(&mut self, row: impl IntoIterator<Item = (u32, f32)>) {
        for (place, value) in row {
            self.places.push(place);
            self.values.push(value);
        }
        self.starts.push(self.places.len());
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Places and values of a row that are not zero.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (usize, f64)> {
        let within = self.starts[row]..self.starts[row + 1];
        let places = self.places[within.clone()].iter();
        let values = self.values[within].iter();
        places
            .zip(values)
            .map(|(&place, &value)| (place as usize, value.into()))
    }
}

/// Words of training texts with their weights.
///
/// A word weighs `ln((1 + texts) / (1 + texts that have it)) + 1` a time, and each text has length 1: as
/// scikit-learn's `TfidfVectorizer` by default. Words are runs of two or more letters, digits and
/// underscores in lower case, or whatever else is counted.
///
/// Source: Spärck Jones 1972, "A statistical interpretation of term specificity and its application
/// in retrieval".
#[derive(Debug, Clone, PartialEq)]
pub struct TfIdf<W: Eq + Hash = String> {
    place_of: HashMap<W, u32>,
    weights: Vec<f64>,
}

/// How often words occur in a text.
pub type Counts<W> = HashMap<W, u32>;

impl<W: Eq + Hash + Ord + Clone> TfIdf<W> {
    /// Learns the words of training texts; of more than `most_words` those that most texts have.
    pub fn of_counts(texts: impl IntoIterator<Item = Counts<W>>, most_words: usize) -> Self {
        let mut texts_with: Counts<W> = HashMap::new();
        let mut count = 0_u32;
        for text in texts {
            count += 1;
            for word in text.into_keys() {
                *texts_with.entry(word).or_default() += 1;
            }
        }
        let mut words: Vec<(W, u32)> = texts_with.into_iter().collect();
        words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        words.truncate(most_words);
        let weight =
            |&(_, texts): &(W, u32)| (f64::from(1 + count) / f64::from(1 + texts)).ln() + 1.0;
        let weights = words.iter().map(weight).collect();
        Self::of_words(words.into_iter().map(|(word, _)| word), weights)
    }

    /// These words, each with its weight.
    pub fn of_words(words: impl IntoIterator<Item = W>, weights: Vec<f64>) -> Self {
        Self {
            place_of: words.into_iter().zip(0..).collect(),
            weights,
        }
    }

    /// The words in their order, and what each weighs.
    pub fn words(&self) -> (Vec<W>, &[f64]) {
        let mut words: Vec<(&W, &u32)> = self.place_of.iter().collect();
        words.sort_unstable_by_key(|(_, place)| **place);
        let words = words.into_iter().map(|(word, _)| word.clone());
        (words.collect(), &self.weights)
    }

    /// Number of words.
    pub fn width(&self) -> usize {
        self.weights.len()
    }

    /// Texts as rows of words. Words that training did not have are left out.
    pub fn encode_counts(&self, texts: impl IntoIterator<Item = Counts<W>>) -> Sparse {
        let mut rows = Sparse::new(self.width());
        for text in texts {
            let mut row: Vec<(u32, f64)> = text
                .into_iter()
                .filter_map(|(word, times)| {
                    let place = *self.place_of.get(&word)?;
                    Some((place, f64::from(times) * self.weights[place as usize]))
                })
                .collect();
            row.sort_unstable_by_key(|(place, _)| *place);
            let length = row
                .iter()
                .map(|(_, value)| value * value)
                .sum::<f64>()
                .sqrt();
            let length = if length > 0.0 { length } else { 1.0 };
            rows.push(
                row.into_iter()
                    .map(|(place, value)| (place, (value / length) as f32)),
            );
        }
        rows
    }
}

impl TfIdf {
    /// As [`TfIdf::of_counts`], of texts.
    pub fn fit<'a>(texts: impl IntoIterator<Item = &'a str>, most_words: usize) -> Self {
        Self::of_counts(texts.into_iter().map(counted), most_words)
    }

    /// As [`TfIdf::encode_counts`], of texts.
    pub fn encode<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Sparse {
        self.encode_counts(texts.into_iter().map(counted))
    }
}

/// The words of a text with how often they occur.
fn counted(text: &str) -> Counts<String> {
    let mut words = HashMap::new();
    let lower = text.to_lowercase();
    for word in lower.split(|c: char| !c.is_alphanumeric() && c != '_') {
        if word.chars().nth(1).is_some() {
            *words.entry(word.to_owned()).or_default() += 1;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures follow from the formula: `free` occurs twice in one text of three, `prize` in two.
    #[test]
    fn words_weigh_as_in_scikit_learn() {
        let texts = ["Free prize, free!", "see you at home", "a prize at home"];
        let words = TfIdf::fit(texts, 100);
        assert_eq!(words.width(), 6, "a single letter is no word");
        let rows = words.encode(texts);
        let value = |row: usize, word: &str| {
            let place = words.place_of[word] as usize;
            rows.row(row).find(|(at, _)| *at == place).unwrap().1
        };
        assert!((value(0, "free") - 0.934_701_96).abs() < 1e-6);
        assert!((value(0, "prize") - 0.355_432_47).abs() < 1e-6);
        assert!((value(1, "see") - 0.562_829_10).abs() < 1e-6);
        assert!((value(2, "home") - 1.0 / 3.0_f64.sqrt()).abs() < 1e-6);
        assert_eq!(words.encode(["nothing known"]).row(0).count(), 0);
    }

    #[test]
    fn of_too_many_words_the_common_ones_stay() {
        let words = TfIdf::fit(["aa bb", "aa cc", "aa bb"], 2);
        assert_eq!(words.width(), 2);
        assert_eq!(words.encode(["cc"]).row(0).count(), 0);
    }
}
