//! What models say of rows that they did not learn from, for a person to mend labels by.

use burn::tensor::activation::softmax;

use super::cross_validate::cross_validate;
use super::{Base, Model, Tuned};
use crate::domain::examples::Examples;
use crate::domain::recipe::{DataProfile, Method, Recipe};
use crate::domain::table::RowId;
use crate::domain::text::bucketed;
use crate::engine::batch::TokenBatch;
use crate::engine::classifier::{Learner, features};
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::train::{Control, SCORING_BATCH, Watcher, read};

/// Folds of the cross-validation, as in cleanlab.
const FOLDS: u32 = 5;

/// A recipe by which labels are doubted: a head on the base model's embeddings, whatever the run
/// itself moved. An encoder that was tuned on a wrong label knows it by heart, and would vouch for
/// it in every fold.
pub fn doubting(recipe: &Recipe, profile: &DataProfile) -> Recipe {
    let mut recipe = recipe.clone().with_method(Method::Head, profile);
    recipe.start = None;
    recipe.split.folds = FOLDS;
    recipe
}

/// Rows that are not sealed, and what a model that did not learn from them says of each.
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfFoldRows {
    /// The rows.
    pub rows: Vec<RowId>,
    /// Indices of the labels that they have.
    pub given: Vec<u32>,
    /// Shape `[rows, labels]`, row-major.
    pub probabilities: Vec<f32>,
}

/// Trains and asks a model a fold of the examples, which were read by a [`doubting`] recipe.
/// `None` when somebody stopped it on the way. The sealed rows stay sealed.
///
/// # Errors
/// When training diverges or the device fails.
pub async fn out_of_fold<W: Watcher>(
    base: &Base,
    examples: &Examples,
    recipe: &Recipe,
    store: &mut FeatureStore,
    watcher: &mut W,
) -> Result<Option<OutOfFoldRows>, EngineError> {
    let found = cross_validate(base, examples, recipe, store, watcher).await?;
    Ok(found.map(|found| {
        let rows = &found.report.rows;
        OutOfFoldRows {
            rows: rows.iter().map(|row| row.row).collect(),
            given: rows.iter().map(|row| row.truth).collect(),
            probabilities: found.probabilities,
        }
    }))
}

impl Tuned {
    /// Probabilities of some texts, shape `[texts, labels]`, and the vectors that they were read
    /// from, shape `[texts, hidden]`, both row-major. `None` when the watcher stops.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn read<W: Watcher>(
        &self,
        base: &Base,
        texts: &[&str],
        watcher: &mut W,
    ) -> Result<Option<(Vec<f32>, Vec<f32>)>, EngineError> {
        let tokens: Vec<Vec<u32>> = texts
            .iter()
            .map(|text| base.tokenizer.encode(text, self.max_tokens).ids)
            .collect();
        let lengths: Vec<u32> = tokens.iter().map(|tokens| tokens.len() as u32).collect();
        let classes = self.labels.len();
        let mut probabilities = vec![0.0; texts.len() * classes];
        let mut vectors = vec![0.0; texts.len() * base.hidden];
        for batch in bucketed(&lengths, SCORING_BATCH, None) {
            if watcher.breathe().await == Control::Stop {
                return Ok(None);
            }
            let chosen: Vec<&[u32]> = batch.iter().map(|&at| tokens[at].as_slice()).collect();
            let rows: Vec<usize> = (0..chosen.len()).collect();
            let (logits, read_from) = match &self.model {
                Model::Head(head) => {
                    let features = base.embed(&chosen).await?;
                    (head.logits(&features, &rows), features.values)
                }
                Model::Whole(whole) => {
                    let batch = TokenBatch::new(chosen.iter().copied(), &base.device);
                    let vectors = features(&whole.encoder, batch);
                    let logits = whole.head.forward(vectors.clone());
                    (logits, read(vectors).await?)
                }
            };
            let shares = read(softmax(logits, 1)).await?;
            for (place, &at) in batch.iter().enumerate() {
                probabilities[at * classes..][..classes]
                    .copy_from_slice(&shares[place * classes..][..classes]);
                vectors[at * base.hidden..][..base.hidden]
                    .copy_from_slice(&read_from[place * base.hidden..][..base.hidden]);
            }
        }
        Ok(Some((probabilities, vectors)))
    }
}
