//! What a table's networks take of a row's texts: the frozen encoder's vector, or two texts compared, and
//! what a linear model on that says of the target.

use rand::seq::SliceRandom;

use super::joined::OwnReader;
use super::objective::Objective;
use crate::domain::baseline::{CrossFit, Ridge, cross_fit};
use crate::domain::recipe::Recipe;
use crate::domain::text::Encoding;
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::run::{Base, Forgetful};
use crate::engine::train::{Watcher, rng_for};

/// Purpose of random numbers, see [`rng_for`].
const PURPOSE_PROBE: u64 = 26;

/// With fewer rows a linear model on some of them says nothing of the others.
const LEAST_ROWS: usize = 50;

/// With more, the rest is not needed to know it.
const MOST_ROWS: usize = 20_000;

/// Folds whose rows are told of by a model that has not seen them.
const FOLDS: usize = 5;

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
) -> Result<TextVectors, EngineError> {
    let tokens: Vec<Vec<u32>> = (rows.iter())
        .flat_map(|texts| row_tokens(base, recipe, texts))
        .collect();
    let tokens: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
    let found = base.frozen(store, &tokens, watcher).await?;
    Ok(taken(recipe, found.values, found.hidden))
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
) -> Result<TextVectors, EngineError> {
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
) -> Result<(TextVectors, Option<Encoding>), EngineError> {
    let encodings: Vec<Encoding> = texts
        .iter()
        .map(|text| encoding(base, recipe, text))
        .collect();
    let tokens: Vec<&[u32]> = encodings.iter().map(|one| one.ids.as_slice()).collect();
    let found = base.embed(&tokens).await?;
    let longest = encodings.into_iter().max_by_key(|one| one.ids.len());
    Ok((taken(recipe, found.values, found.hidden), longest))
}

fn encoding(base: &Base, recipe: &Recipe, text: &str) -> Encoding {
    base.tokenizer().encode(text, recipe.max_tokens as usize)
}

fn taken(recipe: &Recipe, values: Vec<f32>, hidden: usize) -> TextVectors {
    if recipe.compares() {
        compared(&values, hidden)
    } else {
        (values, hidden)
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

/// What is learned from beside the texts' vectors: what a linear probe (Alain and Bengio 2016) on them
/// says of each row's target, fitted without that row, so that the networks see how far it can be
/// believed (Wolpert 1992, "Stacked Generalization"). Few rows are not enough to find that out from a
/// vector of hundreds of numbers. None where there are too few rows.
///
/// It tells the target's deviation from its mean, in standard deviations.
pub(super) fn probe(
    (values, width): &TextVectors,
    objective: &dyn Objective,
    seed: u32,
) -> Option<CrossFit> {
    let (targets, all) = objective.targets();
    let rows = targets.len() / all.max(1);
    if rows < LEAST_ROWS || *width == 0 {
        return None;
    }
    let outputs = objective.outputs();
    let mut wanted: Vec<f32> = targets
        .chunks_exact(all)
        .flat_map(|row| &row[..outputs])
        .copied()
        .collect();
    for output in 0..outputs {
        let own = || wanted.iter().skip(output).step_by(outputs);
        let mean = own().sum::<f32>() / rows as f32;
        let square = own().map(|x| (x - mean).powi(2)).sum::<f32>() / rows as f32;
        let scale = if square > 0.0 {
            square.sqrt().recip()
        } else {
            1.0
        };
        for x in wanted.iter_mut().skip(output).step_by(outputs) {
            *x = (*x - mean) * scale;
        }
    }
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut rng_for(seed, PURPOSE_PROBE));
    let mut fold_of = vec![None; rows];
    for (at, row) in order.into_iter().enumerate() {
        fold_of[row] = (at < MOST_ROWS).then_some(at % FOLDS);
    }
    Some(cross_fit(values, *width, &wanted, outputs, &fold_of))
}

/// Rows' vectors, each with what a probe says of it behind it.
pub(super) fn beside(vectors: TextVectors, told: impl Iterator<Item = Vec<f32>>) -> TextVectors {
    let (values, width) = vectors;
    let mut joined = Vec::with_capacity(values.len() + values.len() / width.max(1));
    let mut wide = width;
    for (row, told) in values.chunks_exact(width.max(1)).zip(told) {
        joined.extend(row);
        wide = width + told.len();
        joined.extend(told);
    }
    (joined, wide)
}

/// Rows' vectors with what a probe says of them.
pub(super) fn with_probe(vectors: TextVectors, probe: Option<&Ridge>) -> TextVectors {
    let Some(probe) = probe else {
        return vectors;
    };
    let told: Vec<Vec<f32>> = probe.tell(&vectors.0, vectors.1).collect();
    beside(vectors, told.into_iter())
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
