//! What the frozen encoder makes of each text, computed once and kept.

use std::collections::HashMap;

use burn::tensor::Device;

use super::batch::TokenBatch;
use super::classifier::{Features, features};
use super::encoder::BertEncoder;
use super::error::EngineError;
use super::train::{Control, Notice, SCORING_BATCH, Watcher, read};
use crate::domain::report::Phase;
use crate::domain::text::bucketed;

/// Vectors of texts by their tokens, for one frozen encoder. Equal texts are read once, and a
/// second run on the same table reads nothing.
#[derive(Debug, Clone, Default)]
pub struct FeatureStore {
    by_tokens: HashMap<Vec<u32>, Vec<f32>>,
}

impl FeatureStore {
    /// Vectors of these texts, in their order; reads those that are not known yet.
    ///
    /// # Errors
    /// When the device fails, or the watcher stops; what was read so far is kept.
    pub async fn of<W: Watcher>(
        &mut self,
        encoder: &BertEncoder,
        hidden: usize,
        texts: &[&[u32]],
        device: &Device,
        watcher: &mut W,
    ) -> Result<Features, EngineError> {
        let mut unknown: Vec<&[u32]> = texts
            .iter()
            .copied()
            .filter(|&tokens| !self.by_tokens.contains_key(tokens))
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        let lengths: Vec<u32> = unknown.iter().map(|tokens| tokens.len() as u32).collect();
        let total = unknown.len() as u32;
        let mut done = 0;
        for batch in bucketed(&lengths, SCORING_BATCH, None) {
            watcher.notice(Notice::Phase(Phase::Embed { done, total }));
            if watcher.breathe().await == Control::Stop {
                return Err(EngineError::Stopped);
            }
            let chosen = batch.iter().map(|&at| unknown[at]);
            let values = read(features(encoder, TokenBatch::new(chosen, device))).await?;
            for (&at, vector) in batch.iter().zip(values.chunks_exact(hidden)) {
                self.by_tokens.insert(unknown[at].to_vec(), vector.to_vec());
            }
            done += batch.len() as u32;
        }
        let values = texts
            .iter()
            .flat_map(|&tokens| self.by_tokens[tokens].iter().copied())
            .collect();
        Ok(Features { hidden, values })
    }
}
