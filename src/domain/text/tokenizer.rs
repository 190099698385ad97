//! The `tokenizers` crate behind the few calls that Burnish needs.
//!
//! Published `tokenizer.json` files carry the padding and the truncation of whoever saved them
//! (all-MiniLM-L6-v2's pads every text to 128 tokens, which is mostly wasted work on short ones),
//! so both are switched off here: a batch pads to its own longest text, and the recipe says where
//! to cut.
//!
//! Offsets are ranges of *bytes* of the text as the person wrote it, before lower-casing and the
//! removal of accents, so that explanations can slice the text. The crate's `encode` counts bytes;
//! its `encode_char_offsets` counts characters and `encode_fast` keeps none.

/// A text as the encoder reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// Token ids, the special ones included.
    pub ids: Vec<u32>,
    /// For each token the range of bytes of the text that it came from; empty for special ones.
    pub offsets: Vec<(u32, u32)>,
    /// Whether the text was longer than allowed.
    pub is_cut: bool,
}

/// Why a tokenizer could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the tokenizer file cannot be read: {0}")]
pub struct TextError(String);

/// A tokenizer built from a `tokenizer.json`.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    /// What stands before every text.
    prefix: String,
    /// No text has more tokens, whatever is asked for.
    longest: usize,
}

/// A noncharacter (Unicode 16.0, section 23.7): no vocabulary holds it, so encoding it takes the
/// path of the unknown token.
const IN_NO_VOCABULARY: &str = "\u{10ffff}";

impl Tokenizer {
    /// Builds a tokenizer from the bytes of a `tokenizer.json`.
    ///
    /// # Errors
    /// When the bytes are not such a file, or when it could not encode every text.
    pub fn from_bytes(json: &[u8]) -> Result<Self, TextError> {
        let explain = |error: tokenizers::Error| TextError(error.to_string());
        let mut inner = tokenizers::Tokenizer::from_bytes(json).map_err(explain)?;
        inner.with_padding(None);
        inner.with_truncation(None).map_err(explain)?;
        // The crate finds out about a missing unknown token when it first needs one, which would
        // be in the middle of somebody's table.
        inner.encode(IN_NO_VOCABULARY, true).map_err(explain)?;
        Ok(Self {
            inner,
            prefix: String::new(),
            longest: usize::MAX,
        })
    }

    /// Puts a text before every text, as some encoders were trained. Its tokens come from nowhere
    /// in the person's text, as the special ones do.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// Cuts every text to so many tokens, as the encoder has no more positions.
    #[must_use]
    pub fn with_longest(mut self, longest: usize) -> Self {
        self.longest = longest;
        self
    }

    /// The largest token id.
    pub fn last_id(&self) -> u32 {
        let vocabulary = self.inner.get_vocab(true);
        vocabulary.into_values().max().unwrap_or(0)
    }

    /// The token that fills up short texts: it has a vector and no meaning. 0 where the file names
    /// none.
    pub fn padding(&self) -> u32 {
        let named = ["[PAD]", "<pad>"];
        let found = named.iter().find_map(|name| self.inner.token_to_id(name));
        found.unwrap_or_default()
    }

    /// The text of a `tokenizer.json` that neither pads nor cuts.
    pub fn to_json(&self) -> String {
        self.inner
            .to_string(false)
            .expect("what was read from JSON can be written as JSON")
    }

    /// Encodes one text, cut to `max_tokens`, the special tokens included. Never padded.
    ///
    /// A cut keeps the special tokens that close the sequence (BERT's `[SEP]`), so the encoder
    /// always sees a finished one; words are lost from the end.
    pub fn encode(&self, text: &str, max_tokens: usize) -> Encoding {
        let max_tokens = max_tokens.min(self.longest);
        let before = self.prefix.len();
        let prefixed;
        let whole = if before == 0 {
            text
        } else {
            prefixed = format!("{}{text}", self.prefix);
            &prefixed
        };
        let encoding = self
            .inner
            .encode(whole, true)
            .expect("building the tokenizer showed that it encodes any text");
        let mut ids = encoding.get_ids().to_vec();
        // A token that is partly of the prefix begins at the text's first byte.
        let of_text = |at: usize| at.saturating_sub(before) as u32;
        let mut offsets: Vec<(u32, u32)> = encoding
            .get_offsets()
            .iter()
            .map(|&(start, end)| (of_text(start), of_text(end)))
            .collect();

        let is_cut = ids.len() > max_tokens;
        if is_cut {
            let closing = encoding
                .get_special_tokens_mask()
                .iter()
                .rev()
                .take_while(|&&special| special == 1)
                .count();
            let kept = max_tokens.saturating_sub(closing);
            let lost = kept..kept + ids.len() - max_tokens;
            ids.drain(lost.clone());
            offsets.drain(lost);
        }
        Encoding {
            ids,
            offsets,
            is_cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A WordPiece tokenizer of 64 words whose file pads to 16 tokens and cuts at 8.
    fn tiny() -> Tokenizer {
        let json = include_bytes!("../../../tests/fixtures/tiny_tokenizer.json");
        Tokenizer::from_bytes(json).unwrap()
    }

    const CLS: u32 = 2;
    const SEP: u32 = 3;

    /// Encodes a text and checks the slice of it that each token names; special tokens name none.
    #[track_caller]
    fn check(text: &str, pieces: &[&str]) {
        let encoding = tiny().encode(text, 64);
        assert!(!encoding.is_cut);
        assert_eq!(encoding.ids.first(), Some(&CLS));
        assert_eq!(encoding.ids.last(), Some(&SEP));
        let found: Vec<&str> = encoding
            .offsets
            .iter()
            .map(|&(start, end)| &text[start as usize..end as usize])
            .collect();
        let specials_around: Vec<&str> = std::iter::once("")
            .chain(pieces.iter().copied())
            .chain(std::iter::once(""))
            .collect();
        assert_eq!(found, specials_around, "{text:?}");
    }

    macro_rules! slices {
        ($($name:ident, $text:expr, $pieces:expr;)*) => {
            $(#[test] fn $name() { check($text, &$pieces); })*
        };
    }

    slices! {
        empty, "", [];
        only_spaces, " \t\n ", [];
        words_and_punctuation, "The film was good!", ["The", "film", "was", "good", "!"];
        subwords, "playing badly", ["play", "ing", "bad", "ly"];
        accents_composed, "Café bad", ["Café", "bad"];
        // The mark after the last letter is dropped before the word is looked up; one inside counts.
        accents_combining, "cafe\u{301} go\u{301}od", ["cafe", "go\u{301}od"];
        emoji_is_four_bytes, "good 👍 film", ["good", "👍", "film"];
        cjk_splits_by_character, "日本good", ["日", "本", "good"];
        unknown_word_stays_whole, "good qqq", ["good", "qqq"];
        control_character_is_dropped, "go\u{7}od", ["go\u{7}od"];
    }

    #[test]
    fn the_files_padding_and_truncation_are_off() {
        let tiny = tiny();
        assert_eq!(tiny.encode("good", 64).ids, [CLS, 37, SEP]);
        let ten = tiny.encode("good film good film good film good film", 64);
        assert_eq!(ten.ids.len(), 10);
        assert!(!ten.is_cut);
    }

    #[test]
    fn a_cut_keeps_the_closing_token() {
        let cut = tiny().encode("the film was very good", 5);
        assert_eq!(cut.ids, [CLS, 29, 39, 32, SEP]);
        assert_eq!(cut.offsets, [(0, 0), (0, 3), (4, 8), (9, 12), (0, 0)]);
        assert!(cut.is_cut);
    }

    #[test]
    fn a_text_of_just_the_allowed_length_is_not_cut() {
        let whole = tiny().encode("the film was", 5);
        assert_eq!(whole.ids, [CLS, 29, 39, 32, SEP]);
        assert!(!whole.is_cut);
    }

    #[test]
    fn a_prefix_is_read_and_names_no_bytes() {
        let plain = tiny().encode("good film", 64);
        let prefixed = tiny().with_prefix("the ").encode("good film", 64);
        assert_eq!(prefixed.ids, [&[CLS, 29], &plain.ids[1..]].concat());
        assert_eq!(
            prefixed.offsets,
            [&[(0, 0), (0, 0)], &plain.offsets[1..]].concat()
        );
    }

    #[test]
    fn the_encoders_own_limit_holds() {
        let tiny = tiny().with_longest(4);
        assert_eq!(tiny.encode("the film was very good", 64).ids.len(), 4);
        assert_eq!(tiny.last_id(), 63);
    }

    #[test]
    fn no_limit_is_too_small() {
        for max_tokens in 0..4 {
            let cut = tiny().encode("the film was very good", max_tokens);
            assert_eq!(cut.ids.len(), max_tokens);
            assert_eq!(cut.offsets.len(), max_tokens);
        }
    }

    #[test]
    fn another_file_is_refused() {
        for json in [&b""[..], b"{}", b"\x89PNG", b"{\"version\":\"1.0\"}"] {
            let error = Tokenizer::from_bytes(json).unwrap_err().to_string();
            assert!(error.starts_with("the tokenizer file cannot be read: "));
        }
    }

    #[test]
    fn a_file_without_its_unknown_token_is_refused_at_once() {
        let json = include_str!("../../../tests/fixtures/tiny_tokenizer.json")
            .replace("\"[UNK]\": 1", "\"[GONE]\": 1");
        assert!(Tokenizer::from_bytes(json.as_bytes()).is_err());
    }
}
