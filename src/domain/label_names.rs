//! A first classifier from the labels' names alone: the floor that tuning has to beat.
//!
//! An encoder that was trained for similarity puts a text near the words that name it. So each label
//! has a vector before there is any row: the mean of what the encoder makes of its name in a few
//! [`TEMPLATES`] (Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
//! Supervision", section 3.1.4), and a text has the label whose vector is nearest (Yin et al. 2019,
//! "Benchmarking Zero-shot Text Classification").

/// What a label's name is read in; `{}` stands for the name. One bare, two as sentences, of which
/// the last is MNLI's for topics in Yin et al. 2019.
pub const TEMPLATES: [&str; 3] = ["{}", "This is {}.", "This text is about {}."];

/// Cosines are multiplied by this before softmax: what the sentence encoders were trained with
/// (sentence-transformers' `MultipleNegativesRankingLoss`, `scale`).
const SCALE: f32 = 20.0;

/// Keeps a division finite for a vector of zero length.
const SMALLEST_NORM: f32 = 1e-12;

/// A label as words: `card_arrival` and `CardArrival` become `card arrival`.
///
/// `None` where it holds no letter, as in a column of `0` and `1`: such names say nothing.
pub fn words_of(label: &str) -> Option<String> {
    let mut words = String::new();
    let mut before = ' ';
    for letter in label.chars() {
        let is_break = letter.is_whitespace() || matches!(letter, '_' | '-' | '.' | '/' | '|');
        let is_hump = letter.is_uppercase() && (before.is_lowercase() || before.is_numeric());
        if (is_break || is_hump) && !words.ends_with(' ') && !words.is_empty() {
            words.push(' ');
        }
        if !is_break {
            words.extend(letter.to_lowercase());
        }
        before = letter;
    }
    let words = words.trim().to_owned();
    words.chars().any(char::is_alphabetic).then_some(words)
}

/// The texts that stand for the labels, [`TEMPLATES`] a label, one label after the other.
///
/// `None` where a label has no words, or two have the same.
pub fn texts(labels: &[String]) -> Option<Vec<String>> {
    let words: Vec<String> = labels
        .iter()
        .map(|label| words_of(label))
        .collect::<Option<_>>()?;
    let mut sorted = words.clone();
    sorted.sort_unstable();
    sorted.dedup();
    let fill = |words: &String| TEMPLATES.map(|template| template.replace("{}", words));
    (sorted.len() == words.len()).then(|| words.iter().flat_map(fill).collect())
}

/// A vector of length 1 for every label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelNames {
    hidden: usize,
    /// Shape `[labels, hidden]`.
    vectors: Vec<f32>,
}

impl LabelNames {
    /// From the vectors of [`texts`], shape `[labels * templates, hidden]`, row-major.
    pub fn of(hidden: usize, vectors: &[f32]) -> Self {
        let labels = vectors.chunks_exact(hidden * TEMPLATES.len());
        let vectors = labels.flat_map(|templates| {
            let mut sum = vec![0.0; hidden];
            for vector in templates.chunks_exact(hidden) {
                let length = norm(vector);
                for (sum, value) in sum.iter_mut().zip(vector) {
                    *sum += value / length;
                }
            }
            let length = norm(&sum);
            sum.into_iter().map(move |value| value / length)
        });
        Self {
            hidden,
            vectors: vectors.collect(),
        }
    }

    /// Probabilities of texts with these vectors, shape `[texts, hidden]`: row-major, shape `[texts,
    /// labels]`.
    pub fn probabilities(&self, texts: &[f32]) -> Vec<f32> {
        texts
            .chunks_exact(self.hidden)
            .flat_map(|text| {
                let length = norm(text);
                let cosines = self.vectors.chunks_exact(self.hidden).map(|label| {
                    let product: f32 = label.iter().zip(text).map(|(a, b)| a * b).sum();
                    product / length
                });
                softmax(cosines.map(|cosine| cosine * SCALE).collect())
            })
            .collect()
    }
}

fn norm(vector: &[f32]) -> f32 {
    let squares: f32 = vector.iter().map(|value| value * value).sum();
    squares.sqrt().max(SMALLEST_NORM)
}

fn softmax(mut scores: Vec<f32>) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for score in &mut scores {
        *score = (*score - most).exp();
    }
    let sum: f32 = scores.iter().sum();
    for score in &mut scores {
        *score /= sum;
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        for (label, words) in [
            ("card_arrival", Some("card arrival")),
            ("SearchScreeningEvent", Some("search screening event")),
            ("SPAM", Some("spam")),
            ("  Très-bien ", Some("très bien")),
            ("top10Lists", Some("top10 lists")),
            ("0", None),
            ("3.5", None),
            ("", None),
        ] {
            assert_eq!(words_of(label).as_deref(), words, "{label:?}");
        }
    }

    #[test]
    fn names_that_tell_nothing_apart_give_no_classifier() {
        let of = |labels: &[&str]| {
            let labels: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
            texts(&labels)
        };
        assert_eq!(of(&["ham", "1"]), None);
        assert_eq!(of(&["not_spam", "NotSpam"]), None);
        let texts = of(&["ham", "spam"]).unwrap();
        assert_eq!(texts.len(), 2 * TEMPLATES.len());
        assert_eq!(texts[0], "ham");
        assert_eq!(texts[5], "This text is about spam.");
    }

    #[test]
    fn the_nearest_name_is_the_most_probable() {
        // Label a points along the first axis, label b along the second, at lengths that must not
        // matter.
        let names = LabelNames::of(
            2,
            &[3.0, 0.0, 5.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 9.0, 0.0, 2.0],
        );
        let found = names.probabilities(&[10.0, 0.0, 0.1, 0.1, 0.6, 0.8]);
        assert!((found[0] - 1.0 / (1.0 + (-20.0_f32).exp())).abs() < 1e-6);
        assert_eq!(found[2], 0.5);
        let expected = 1.0 / (1.0 + (20.0_f32 * (0.6 - 0.8)).exp().recip());
        assert!(
            (found[4] - expected).abs() < 1e-6,
            "{} {expected}",
            found[4]
        );
        assert!((found[4] + found[5] - 1.0).abs() < 1e-6);
    }
}
