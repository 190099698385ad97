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
    /// Texts that were read since the last part was handed to the watcher.
    fresh: Vec<Vec<u32>>,
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
                self.fresh.push(unknown[at].to_vec());
            }
            done += batch.len() as u32;
            if watcher.is_checkpoint_due() {
                watcher.keep_features(self.part()).await;
            }
        }
        if !self.fresh.is_empty() {
            watcher.keep_features(self.part()).await;
        }
        let values = texts
            .iter()
            .flat_map(|&tokens| self.by_tokens[tokens].iter().copied())
            .collect();
        Ok(Features { hidden, values })
    }

    /// Takes in what another one has read.
    pub fn join(&mut self, mut other: Self) {
        if other.by_tokens.len() > self.by_tokens.len() {
            std::mem::swap(self, &mut other);
        }
        self.by_tokens.extend(other.by_tokens);
        self.fresh.extend(other.fresh);
    }

    /// The vectors that are in no part yet: for each text the number of its tokens, the tokens,
    /// the number of values and the values, little-endian, 32 bits each.
    fn part(&mut self) -> Vec<u8> {
        let mut part = Vec::new();
        for tokens in std::mem::take(&mut self.fresh) {
            let vector = &self.by_tokens[&tokens];
            part.extend((tokens.len() as u32).to_le_bytes());
            part.extend(tokens.iter().flat_map(|token| token.to_le_bytes()));
            part.extend((vector.len() as u32).to_le_bytes());
            part.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
        }
        part
    }

    /// Takes in a part that a watcher kept. Stops where the bytes make no sense: what is missing
    /// is read again.
    pub fn absorb(&mut self, part: &[u8]) {
        let (mut words, _) = part.as_chunks::<4>();
        while let Some((tokens, rest)) = counted(words)
            && let Some((vector, rest)) = counted(rest)
        {
            let tokens = tokens.iter().copied().map(u32::from_le_bytes).collect();
            let vector = vector.iter().copied().map(f32::from_le_bytes).collect();
            self.by_tokens.insert(tokens, vector);
            words = rest;
        }
    }
}

/// 32 bits, little-endian.
type Word = [u8; 4];

/// As many words as the first one says, and the words after them.
fn counted(words: &[Word]) -> Option<(&[Word], &[Word])> {
    let (count, rest) = words.split_first()?;
    rest.split_at_checked(u32::from_le_bytes(*count) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_as_they_were_written() {
        let mut store = FeatureStore::default();
        for (tokens, vector) in [(vec![1, 2], vec![0.5, -1.0]), (vec![3], vec![2.0, 0.25])] {
            store.by_tokens.insert(tokens.clone(), vector);
            store.fresh.push(tokens);
        }
        let part = store.part();
        assert!(store.part().is_empty(), "nothing is handed over twice");
        let mut next = FeatureStore::default();
        next.absorb(&part);
        assert_eq!(next.by_tokens, store.by_tokens);

        let mut cut = FeatureStore::default();
        cut.absorb(&part[..part.len() - 3]);
        assert_eq!(cut.by_tokens.len(), 1);
        cut.absorb(&[255; 40]);
        assert_eq!(cut.by_tokens.len(), 1);
    }
}
