//! Tokens joined to the words that a person reads, with the bytes of the text that each is.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::text::Encoding;

/// A word of a text and the tokens that it became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// Its bytes in the text.
    pub bytes: Range<usize>,
    /// Its tokens, by their place in the encoding.
    pub tokens: Range<usize>,
}

/// The words that the encoder read, in their order; special tokens belong to none, and neither do
/// words behind the cut.
///
/// Words are those of Unicode (UAX 29, section 4), so that "don't" and "3.50" are one and each
/// ideograph is one; a token that reaches over several joins them.
pub fn words(text: &str, encoding: &Encoding) -> Vec<Word> {
    let segments: Vec<Range<usize>> = text
        .split_word_bound_indices()
        .filter(|(_, piece)| !piece.trim().is_empty())
        .map(|(start, piece)| start..start + piece.len())
        .collect();
    let mut found: Vec<Word> = Vec::new();
    for (at, &(start, end)) in encoding.offsets.iter().enumerate() {
        let (mut start, end) = (start as usize, end as usize);
        // Some tokenizers count the space before a word as the token's own.
        let Some(slice) = text.get(start..end) else {
            continue;
        };
        start += slice.len() - slice.trim_start().len();
        if start >= end {
            continue;
        }
        let next = segments.partition_point(|segment| segment.end <= start);
        let touched = segments[next..]
            .iter()
            .take_while(|segment| segment.start < end);
        let bytes = touched.fold(start..end, |bytes, segment| {
            bytes.start.min(segment.start)..bytes.end.max(segment.end)
        });
        match found.last_mut() {
            Some(last) if bytes.start < last.bytes.end => {
                last.bytes.end = last.bytes.end.max(bytes.end);
                last.tokens.end = at + 1;
            }
            _ => found.push(Word {
                bytes,
                tokens: at..at + 1,
            }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Tokenizer;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, usize)]) {
        let json = include_bytes!("../../../tests/fixtures/tiny_tokenizer.json");
        let tokenizer = Tokenizer::from_bytes(json).unwrap();
        let encoding = tokenizer.encode(text, 64);
        let found = words(text, &encoding);
        let read: Vec<(&str, usize)> = found
            .iter()
            .map(|word| (&text[word.bytes.clone()], word.tokens.len()))
            .collect();
        assert_eq!(read, expected);
        // Every token but the special ones is in exactly one word, in order.
        let tokens: Vec<usize> = found.iter().flat_map(|word| word.tokens.clone()).collect();
        let own: Vec<usize> = (0..encoding.ids.len())
            .filter(|&at| encoding.offsets[at].0 < encoding.offsets[at].1)
            .collect();
        assert_eq!(tokens, own, "{text:?}");
    }

    macro_rules! words_are {
        ($($name:ident, $text:expr, $words:expr;)*) => {
            $(#[test] fn $name() { check($text, &$words); })*
        };
    }

    words_are! {
        nothing, "", [];
        spaces, "  \n ", [];
        plain, "The film was good!", [("The", 1), ("film", 1), ("was", 1), ("good", 1), ("!", 1)];
        pieces_are_joined, "playing badly", [("playing", 2), ("badly", 2)];
        apostrophes_stay_inside, "don't play", [("don't", 3), ("play", 1)];
        ideographs_stand_alone, "日本good", [("日", 1), ("本", 1), ("good", 1)];
        // The mark is dropped before the vocabulary is asked, and belongs to the word all the same.
        marks_belong_to_their_word, "cafe\u{301} good", [("cafe\u{301}", 1), ("good", 1)];
        emoji, "good 👍 film", [("good", 1), ("👍", 1), ("film", 1)];
    }

    #[test]
    fn leading_spaces_are_no_part_and_long_tokens_join_words() {
        let encoding = Encoding {
            ids: vec![0, 5, 6, 1],
            offsets: vec![(0, 0), (0, 8), (8, 11), (0, 0)],
            is_cut: false,
        };
        let found = words("new york is", &encoding);
        let bytes: Vec<(usize, usize)> = found
            .iter()
            .map(|word| (word.bytes.start, word.bytes.end))
            .collect();
        assert_eq!(bytes, [(0, 8), (9, 11)]);
    }
}
