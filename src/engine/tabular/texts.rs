//! What is read of a row's texts: the encoder's vector, or two texts compared.

use super::joined::OwnReader;
use crate::domain::recipe::Recipe;
use crate::domain::text::Encoding;
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::run::{Base, Forgetful};
use crate::engine::train::Watcher;

/// Tokens of each of a row's texts.
pub(in crate::engine) fn row_tokens(
    base: &Base,
    recipe: &Recipe,
    texts: &[String],
) -> Vec<Vec<u32>> {
    let texts = texts.iter();
    texts.map(|text| encoding(base, recipe, text).ids).collect()
}

/// Numbers of rows' texts, row-major, and how many a row has.
pub(in crate::engine) type TextVectors = (Vec<f32>, usize);

/// What is read of rows' texts.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct ReadTexts {
    /// Row-major.
    pub vectors: Vec<f32>,
    /// Length of a row's vector; 0 without texts.
    pub width: usize,
    /// The tokens of each row; none where two texts are compared, of which no token tells anything.
    pub tokens: Vec<Vec<u32>>,
}

/// Reads the texts of some rows, of which each has as many as
/// [`row_texts`](crate::domain::features::row_texts) gives.
///
/// # Errors
/// When the device fails, or the watcher stops.
async fn text_vectors<W: Watcher>(
    base: &Base,
    recipe: &Recipe,
    rows: &[Vec<String>],
    store: &mut FeatureStore,
    watcher: &mut W,
) -> Result<ReadTexts, EngineError> {
    let tokens: Vec<Vec<u32>> = (rows.iter())
        .flat_map(|texts| row_tokens(base, recipe, texts))
        .collect();
    let each: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
    let found = base.frozen(store, &each, watcher).await?;
    Ok(taken(recipe, found.values, found.hidden, tokens))
}

/// The same by an encoder of the model's own where there is one, whose vectors nobody keeps; else by the
/// base model, with what it has read before.
///
/// # Errors
/// As [`text_vectors`].
///
/// # Panics
/// When there is neither.
pub(in crate::engine) async fn vectors_by<W: Watcher>(
    reader: Option<&OwnReader>,
    base: Option<(&Base, &mut FeatureStore)>,
    recipe: &Recipe,
    rows: &[Vec<String>],
    watcher: &mut W,
) -> Result<ReadTexts, EngineError> {
    match reader {
        Some(own) => {
            let store = &mut FeatureStore::default();
            text_vectors(&own.base, recipe, rows, store, &mut Forgetful(watcher)).await
        }
        None => {
            let (base, store) = base.expect("texts need an encoder");
            text_vectors(base, recipe, rows, store, watcher).await
        }
    }
}

/// The same for one row, and its longest text as the encoder read it.
///
/// # Errors
/// When the device fails.
pub(in crate::engine) async fn row_vector(
    base: &Base,
    recipe: &Recipe,
    texts: &[String],
) -> Result<(ReadTexts, Option<Encoding>), EngineError> {
    let encodings: Vec<Encoding> = texts
        .iter()
        .map(|text| encoding(base, recipe, text))
        .collect();
    let tokens: Vec<Vec<u32>> = encodings.iter().map(|one| one.ids.clone()).collect();
    let each: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
    let found = base.embed(&each).await?;
    let longest = encodings.into_iter().max_by_key(|one| one.ids.len());
    Ok((taken(recipe, found.values, found.hidden, tokens), longest))
}

fn encoding(base: &Base, recipe: &Recipe, text: &str) -> Encoding {
    base.tokenizer().encode(text, recipe.max_tokens as usize)
}

fn taken(recipe: &Recipe, values: Vec<f32>, hidden: usize, tokens: Vec<Vec<u32>>) -> ReadTexts {
    if recipe.compares() {
        let (vectors, width) = compared(&values, hidden);
        return ReadTexts {
            vectors,
            width,
            tokens: Vec::new(),
        };
    }
    ReadTexts {
        vectors: values,
        width: hidden,
        tokens,
    }
}

/// Length of what is taken of a row's texts, of vectors of this length; 0 without texts.
pub(in crate::engine) fn text_width(recipe: &Recipe, hidden: usize) -> usize {
    match (hidden, recipe.compares()) {
        (0, _) => 0,
        (_, true) => 2 * hidden + 1,
        (_, false) => hidden,
    }
}

/// Of every two vectors `u`, `v` of length `sqrt(hidden)`: `|u - v|` and `u * v`, entry by entry, and
/// their cosine. None of it changes when the two change places.
///
/// Source: Conneau et al. 2017, "Supervised Learning of Universal Sentence Representations", section
/// 3.1; for sentence encoders Reimers and Gurevych 2019, section 3.
fn compared(values: &[f32], hidden: usize) -> TextVectors {
    let mut found = Vec::with_capacity(values.len() + values.len() / (2 * hidden.max(1)));
    for pair in values.chunks_exact(2 * hidden) {
        let (u, v) = pair.split_at(hidden);
        found.extend(u.iter().zip(v).map(|(a, b)| (a - b).abs()));
        found.extend(u.iter().zip(v).map(|(a, b)| a * b));
        let product: f32 = u.iter().zip(v).map(|(a, b)| a * b).sum();
        found.push(product / hidden as f32);
    }
    (found, 2 * hidden + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recipe::DataProfile;

    #[test]
    fn two_texts_are_compared_whichever_comes_first() {
        let root = 2.0_f32.sqrt();
        let (one, other) = ([root, 0.0], [0.0, root]);
        let (found, width) = compared(&[one, other, one, one].concat(), 2);
        assert_eq!(width, 5);
        let mut recipe = Recipe::suggest(Vec::new(), String::new(), &DataProfile::empty());
        recipe.task = "pairs".to_owned();
        assert_eq!(text_width(&recipe, 2), width);
        assert_eq!(found[..5], [root, root, 0.0, 0.0, 0.0]);
        assert_eq!(found[5..7], [0.0, 0.0]);
        assert!((found[9] - 1.0).abs() < 1e-6);
        let (turned, _) = compared(&[other, one].concat(), 2);
        assert_eq!(turned, found[..5]);
    }
}
