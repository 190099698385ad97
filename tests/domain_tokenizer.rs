//! The real tokenizer against token ids and byte offsets that the reference implementation gave
//! (`fixtures/make_fixtures.py`): a token that differs makes every embedding after it differ.

use std::path::PathBuf;

use burnish::domain::text::Tokenizer;
use serde::Deserialize;

#[derive(Deserialize)]
struct Texts {
    max_tokens: usize,
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    name: String,
    text: String,
}

#[derive(Deserialize)]
struct Tokens {
    texts: Vec<Reference>,
}

#[derive(Deserialize)]
struct Reference {
    name: String,
    tokens_untruncated: usize,
    ids: Vec<u32>,
    byte_offsets: Vec<(u32, u32)>,
}

/// Where `./dev setup` puts the base models.
fn models() -> PathBuf {
    let under_cache = || {
        std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
            .map(|cache| cache.join("burnish/models"))
    };
    std::env::var_os("BURNISH_MODELS")
        .map(PathBuf::from)
        .or_else(under_cache)
        .expect("BURNISH_MODELS or HOME says where the base models are")
}

fn all_minilm_l6_v2() -> Tokenizer {
    let path = models().join("all-MiniLM-L6-v2/tokenizer.json");
    let json = std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}. `./dev setup` fetches the base models.",
            path.display()
        )
    });
    Tokenizer::from_bytes(&json).expect("the published file is a tokenizer")
}

#[test]
fn ids_and_byte_offsets_equal_the_reference() {
    let texts: Texts =
        serde_json::from_str(include_str!("fixtures/parity_texts.json")).expect("a fixture");
    let tokens: Tokens =
        serde_json::from_str(include_str!("fixtures/parity_tokens.json")).expect("a fixture");
    assert_eq!(texts.texts.len(), tokens.texts.len());

    let tokenizer = all_minilm_l6_v2();
    for (text, reference) in texts.texts.iter().zip(&tokens.texts) {
        let name = &text.name;
        assert_eq!(*name, reference.name);
        let encoding = tokenizer.encode(&text.text, texts.max_tokens);
        assert_eq!(encoding.ids, reference.ids, "{name}");
        assert_eq!(encoding.offsets, reference.byte_offsets, "{name}");
        assert_eq!(
            encoding.is_cut,
            reference.tokens_untruncated > texts.max_tokens,
            "{name}"
        );
    }
}
