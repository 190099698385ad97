//! What was said of rows, as bytes: the outputs are most of it and stand as they are in memory.
//!
//! The length of a header in 64 bits, the header as JSON, and all outputs one after the other in 32
//! bits, little-endian.

use serde::{Deserialize, Serialize};

use crate::domain::report::{RunScores, Scores, Truth};

#[derive(Serialize, Deserialize)]
struct Header {
    /// Everything but the outputs.
    scores: RunScores,
    /// How many outputs each part has, in the order of [`outputs`].
    lengths: Vec<usize>,
}

/// Every list of outputs: validation, test, folds, baselines; and what is told of texts, which older files
/// have not.
fn outputs(scores: &mut RunScores) -> Vec<&mut Vec<f32>> {
    let parts = [&mut scores.valid, &mut scores.test];
    let parts = parts.into_iter().chain(&mut scores.folds);
    let baselines = scores.baselines.iter_mut();
    parts
        .map(|part| &mut part.outputs)
        .chain(baselines.map(|baseline| &mut baseline.outputs))
        .chain([&mut scores.told])
        .collect()
}

/// Nothing was said of no rows.
pub(in crate::worker) fn none() -> RunScores {
    let part = || Scores {
        rows: Vec::new(),
        truth: Truth::Labels(Vec::new()),
        outputs: Vec::new(),
    };
    RunScores {
        valid: part(),
        test: part(),
        folds: None,
        baselines: Vec::new(),
        train_rows: Vec::new(),
        told: Vec::new(),
    }
}

/// As bytes.
pub(super) fn write(scores: &RunScores) -> Vec<u8> {
    let mut scores = scores.clone();
    let lists: Vec<Vec<f32>> = outputs(&mut scores)
        .into_iter()
        .map(std::mem::take)
        .collect();
    let header = Header {
        scores,
        lengths: lists.iter().map(Vec::len).collect(),
    };
    joined(&header, &lists)
}

fn joined(header: &Header, lists: &[Vec<f32>]) -> Vec<u8> {
    let header = serde_json::to_vec(header).expect("plain data");
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header);
    bytes.extend(lists.iter().flatten().flat_map(|x| x.to_le_bytes()));
    bytes
}

/// From bytes; none where they make no sense.
pub(super) fn read(bytes: &[u8]) -> Option<RunScores> {
    let (length, rest) = bytes.split_at_checked(8)?;
    let length = u64::from_le_bytes(length.try_into().ok()?);
    let (header, rest) = rest.split_at_checked(length.try_into().ok()?)?;
    let Header {
        mut scores,
        lengths,
    } = serde_json::from_slice(header).ok()?;
    let (words, left) = rest.as_chunks::<4>();
    if !left.is_empty() || lengths.iter().sum::<usize>() != words.len() {
        return None;
    }
    let mut numbers = words.iter().map(|word| f32::from_le_bytes(*word));
    let lists = outputs(&mut scores);
    if ![lists.len() - 1, lists.len()].contains(&lengths.len()) {
        return None;
    }
    for (list, length) in lists.into_iter().zip(lengths) {
        list.extend(numbers.by_ref().take(length));
    }
    Some(scores)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::BaselineOutputs;
    use crate::domain::table::RowId;

    #[test]
    fn scores_come_back_bit_for_bit_or_not_at_all() {
        let part = |rows: u32, by: f32| Scores {
            rows: (0..rows).map(RowId).collect(),
            truth: Truth::Labels((0..rows).map(|row| row % 2).collect()),
            outputs: (0..2 * rows).map(|at| at as f32 * by).collect(),
        };
        let scores = RunScores {
            valid: part(3, 0.1),
            test: part(2, 1e-30),
            folds: Some(part(4, 0.7)),
            baselines: vec![BaselineOutputs {
                id: "majority".into(),
                outputs: vec![0.25, 0.75],
            }],
            train_rows: vec![5, 7],
            told: vec![-0.5, 1e-30, 2.0],
        };
        let bytes = write(&scores);
        assert_eq!(read(&bytes).as_ref(), Some(&scores));
        for length in 0..bytes.len() {
            assert_eq!(read(&bytes[..length]), None);
        }
        // As they were written before there was anything told.
        let mut before = RunScores {
            told: Vec::new(),
            ..scores
        };
        let after = before.clone();
        let mut lists: Vec<Vec<f32>> = outputs(&mut before)
            .into_iter()
            .map(std::mem::take)
            .collect();
        assert_eq!(lists.pop(), Some(Vec::new()));
        let lengths = lists.iter().map(Vec::len).collect();
        let header = Header {
            scores: before,
            lengths,
        };
        let bytes = joined(&header, &lists);
        assert_eq!(read(&bytes), Some(after));
    }
}
