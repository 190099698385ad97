//! What linear models say of the target from a row's text: one from the encoder's vector, one from the
//! tokens, counted.
//!
//! Few rows are not enough to find out what a vector of hundreds of numbers says of the target, and a mean
//! over a text's tokens keeps little of a rare name. The networks read what both say beside the vector.

use rand::seq::SliceRandom;

use super::objective::Objective;
use super::texts::{ReadTexts, TextVectors};
use crate::domain::baseline::{Counts, CrossFit, Ridge, TfIdf, cross_fit, cross_fit_sparse};
use crate::engine::checkpoint::Checkpoint;
use crate::engine::named::HostTensor;
use crate::engine::train::rng_for;

/// Purpose of random numbers, see [`rng_for`].
const PURPOSE_PROBE: u64 = 26;

/// With fewer rows a linear model on some of them says nothing of the others.
const LEAST_ROWS: usize = 50;

/// With more, the rest is not needed to know it.
const MOST_ROWS: usize = 20_000;

/// Rows times outputs that the counts are fitted to at the most: that takes seconds.
const MOST_COUNTED: usize = 200_000;

/// Weights of tokens at the most.
const MOST_WEIGHTS: usize = 400_000;

/// Folds whose rows are told of by a model that has not seen them.
const FOLDS: usize = 5;

/// Where a checkpoint holds a linear model's weight and bias, of the vectors and of the tokens.
const VECTOR: [&str; 2] = ["probe.weight", "probe.bias"];
const TOKENS: [&str; 2] = ["tokens.weight", "tokens.bias"];

/// Where it holds what a token weighs.
const RARITY: &str = "tokens.rarity";

/// All of them.
pub(super) const IN_CHECKPOINTS: [&str; 5] = [VECTOR[0], VECTOR[1], TOKENS[0], TOKENS[1], RARITY];

/// The linear models on a row's text. What they tell is the target's deviation from its mean, in standard
/// deviations.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::engine) struct Probes {
    /// Of the encoder's vector: a linear probe (Alain and Bengio 2016).
    pub vector: Option<Ridge>,
    /// Of the tokens.
    pub tokens: Option<TokenProbe>,
}

/// A linear model on a text's tokens, counted and weighed as [`TfIdf`] does.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine) struct TokenProbe {
    /// Their numbers.
    pub tokens: Vec<u32>,
    /// What each weighs a time.
    pub rarity: Vec<f32>,
    /// The model, on the tokens in this order.
    pub ridge: Ridge,
}

/// What [`Probes::fit`] leaves.
#[derive(Default)]
pub(super) struct Probed {
    pub probes: Probes,
    /// What is told of the rows that the models were fitted to, each by models that have not seen it, so
    /// that the networks see how far they can be believed (Wolpert 1992, "Stacked Generalization").
    pub told: TextVectors,
}

impl Probes {
    /// Fits them to rows whose targets are `objective`'s; none where there are too few. Where the encoder
    /// `moves`, there is none of its vectors.
    pub(super) fn fit(
        read: &ReadTexts,
        moves: bool,
        objective: &dyn Objective,
        seed: u32,
    ) -> Probed {
        let (wanted, outputs) = standardised(objective);
        let rows = wanted.len() / outputs.max(1);
        if rows < LEAST_ROWS || read.width == 0 {
            return Probed::default();
        }
        let mut order: Vec<usize> = (0..rows).collect();
        order.shuffle(&mut rng_for(seed, PURPOSE_PROBE));
        let fold_of = |most: usize| {
            let mut fold_of = vec![None; rows];
            for (at, &row) in order.iter().enumerate() {
                fold_of[row] = (at < most).then_some(at % FOLDS);
            }
            fold_of
        };
        let of_vector = (!moves).then(|| {
            let fold_of = fold_of(MOST_ROWS);
            cross_fit(&read.vectors, read.width, &wanted, outputs, &fold_of)
        });
        let most = (MOST_COUNTED / outputs).clamp(LEAST_ROWS, MOST_ROWS);
        let of_tokens = TokenProbe::fit(&read.tokens, &wanted, outputs, &fold_of(most));
        let (vector, by_vector) = of_vector.map(|own| (own.ridge, own.unseen)).unzip();
        let (tokens, by_tokens) = of_tokens.unzip();
        let unseen: Vec<Vec<f32>> = [by_vector, by_tokens].into_iter().flatten().collect();
        let told = (0..rows).flat_map(|row| {
            let of_row = unseen
                .iter()
                .map(move |told| &told[row * outputs..][..outputs]);
            of_row.flatten().copied()
        });
        Probed {
            told: (told.collect(), unseen.len() * outputs),
            probes: Self { vector, tokens },
        }
    }

    /// Rows' vectors, each with what the models say of it behind it.
    pub fn beside(&self, read: ReadTexts) -> TextVectors {
        let width = read.width;
        let mut rows: Vec<Vec<f32>> = (read.vectors.chunks_exact(width.max(1)))
            .map(<[f32]>::to_vec)
            .collect();
        let by_vector = self.vector.iter();
        let by_vector = by_vector.flat_map(|ridge| ridge.tell(&read.vectors, width));
        for (row, told) in rows.iter_mut().zip(by_vector) {
            row.extend(told);
        }
        let by_tokens = self.tokens.iter();
        let by_tokens = by_tokens.flat_map(|probe| probe.tell(&read.tokens));
        for (row, told) in rows.iter_mut().zip(by_tokens) {
            row.extend(told);
        }
        (rows.concat(), width + self.outputs().iter().sum::<usize>())
    }

    /// How many numbers each of them tells.
    pub fn outputs(&self) -> [usize; 2] {
        let ridges = [
            self.vector.as_ref(),
            self.tokens.as_ref().map(|own| &own.ridge),
        ];
        ridges.map(|ridge| ridge.map_or(0, Ridge::outputs))
    }

    /// Puts their numbers into a checkpoint.
    pub fn keep(&self, learned: &mut Checkpoint) {
        let mut put = |[weight, bias]: [&str; 2], ridge: &Ridge| {
            let outputs = ridge.outputs();
            let shape = [ridge.weight.len() / outputs.max(1), outputs];
            learned.put(weight, HostTensor::new(&shape, ridge.weight.clone()));
            learned.put(bias, HostTensor::new(&[outputs], ridge.bias.clone()));
        };
        if let Some(ridge) = &self.vector {
            put(VECTOR, ridge);
        }
        if let Some(tokens) = &self.tokens {
            put(TOKENS, &tokens.ridge);
            let rarity = HostTensor::new(&[tokens.rarity.len()], tokens.rarity.clone());
            learned.put(RARITY, rarity);
        }
    }

    /// Those in a checkpoint, of which the second counts these tokens.
    pub fn in_checkpoint(learned: &Checkpoint, tokens: &[u32]) -> Self {
        let values = |path: &str| Some(learned.parameter(path)?.values.clone());
        let ridge = |[weight, bias]: [&str; 2]| {
            Some(Ridge {
                weight: values(weight)?,
                bias: values(bias)?,
            })
        };
        let of_tokens = || {
            Some(TokenProbe {
                tokens: tokens.to_vec(),
                rarity: values(RARITY)?,
                ridge: ridge(TOKENS)?,
            })
        };
        Self {
            vector: ridge(VECTOR),
            tokens: of_tokens(),
        }
    }

    /// Why those in somebody else's checkpoint are not of these shapes, as the end of a sentence.
    /// `width` is the length of a vector, `told` how many numbers each tells.
    pub fn flaw_of(
        learned: &Checkpoint,
        width: usize,
        tokens: &[u32],
        told: [usize; 2],
    ) -> Option<&'static str> {
        let shape = |path: &str| Some(learned.parameter(path)?.shape.clone());
        let is_off = |paths: &[&str], wanted: &[Vec<usize>], is_there: bool| {
            let mut pairs = paths.iter().zip(wanted);
            pairs.any(|(path, wanted)| shape(path).as_ref() != is_there.then_some(wanted))
        };
        let [of_vector, of_tokens] = told;
        let shapes = |inputs: usize, outputs: usize| [vec![inputs, outputs], vec![outputs]];
        if is_off(&VECTOR, &shapes(width, of_vector), of_vector > 0) {
            return Some("its linear probe of texts is of another shape");
        }
        let [weight, bias] = shapes(tokens.len(), of_tokens);
        let wanted = [weight, bias, vec![tokens.len()]];
        let paths = [TOKENS[0], TOKENS[1], RARITY];
        if is_off(&paths, &wanted, of_tokens > 0) {
            return Some("its linear model of tokens is of another shape");
        }
        let mut sorted = tokens.to_vec();
        sorted.sort_unstable();
        let is_twice = sorted.windows(2).any(|pair| pair[0] == pair[1]);
        is_twice.then_some("it counts a token twice")
    }
}

impl TokenProbe {
    /// Fits it, and says of each row what one without the row's fold does. None where all texts have the
    /// same tokens.
    fn fit(
        rows: &[Vec<u32>],
        wanted: &[f32],
        outputs: usize,
        fold_of: &[Option<usize>],
    ) -> Option<(Self, Vec<f32>)> {
        let mut rows_with: Counts<u32> = Counts::new();
        for token in rows.iter().flat_map(|row| counted(row).into_keys()) {
            *rows_with.entry(token).or_default() += 1;
        }
        // Every text begins and ends with the same tokens.
        let tells = |token: &u32| (rows_with[token] as usize) < rows.len();
        let telling = rows.iter().map(|row| {
            let mut counts = counted(row);
            counts.retain(|token, _| tells(token));
            counts
        });
        let (tokens, weights) = {
            let found = TfIdf::of_counts(telling, MOST_WEIGHTS / outputs);
            let (tokens, weights) = found.words();
            (tokens, weights.to_vec())
        };
        if tokens.is_empty() {
            return None;
        }
        let rarity: Vec<f32> = weights.iter().map(|&own| own as f32).collect();
        let CrossFit { ridge, unseen, .. } = {
            let encoded =
                weigher(&tokens, &rarity).encode_counts(rows.iter().map(|row| counted(row)));
            cross_fit_sparse(&encoded, wanted, outputs, fold_of)
        };
        let own = Self {
            tokens,
            rarity,
            ridge,
        };
        Some((own, unseen))
    }

    /// What it says of rows.
    fn tell(&self, rows: &[Vec<u32>]) -> Vec<Vec<f32>> {
        let weigher = weigher(&self.tokens, &self.rarity);
        let encoded = weigher.encode_counts(rows.iter().map(|row| counted(row)));
        let rows = 0..encoded.rows();
        rows.map(|row| self.ridge.tell_sparse(encoded.row(row)))
            .collect()
    }
}

/// Tokens with what they weigh.
fn weigher(tokens: &[u32], rarity: &[f32]) -> TfIdf<u32> {
    let weights = rarity.iter().map(|&own| own.into()).collect();
    TfIdf::of_words(tokens.iter().copied(), weights)
}

fn counted(tokens: &[u32]) -> Counts<u32> {
    let mut counts = Counts::new();
    for &token in tokens {
        *counts.entry(token).or_default() += 1;
    }
    counts
}

/// Targets with mean 0 and deviation 1, row-major, and how many a row has.
fn standardised(objective: &dyn Objective) -> (Vec<f32>, usize) {
    let (targets, all) = objective.targets();
    let rows = targets.len() / all.max(1);
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
    (wanted, outputs)
}

#[cfg(test)]
mod tests {
    use super::super::objective::Number;
    use super::*;

    /// Two hundred rows of a vector that says nothing, and of which the price follows from one token.
    fn rows() -> (ReadTexts, Number) {
        let hash = |at: usize| (at * 2_654_435_761) % 1_009;
        let tokens: Vec<Vec<u32>> = (0..200)
            .map(|row| vec![1, 10 + (hash(row) % 40) as u32, 60 + (row % 3) as u32, 2])
            .collect();
        let truth = tokens.iter().map(|row| (row[1] * 7 % 11) as f32).collect();
        let vectors = (0..400).map(|at| hash(at + 3) as f32 / 500.0 - 1.0);
        let read = ReadTexts {
            vectors: vectors.collect(),
            width: 2,
            tokens,
        };
        (read, Number { truth })
    }

    #[test]
    fn tokens_tell_what_a_vector_does_not() {
        let (read, objective) = rows();
        let Probed { probes, told } = Probes::fit(&read, false, &objective, 1);
        assert_eq!((told.1, probes.outputs()), (2, [1, 1]));
        let off = |at: usize| -> f32 {
            let (wanted, _) = standardised(&objective);
            let told = told.0.iter().skip(at).step_by(2);
            told.zip(&wanted)
                .map(|(told, wanted)| (told - wanted).powi(2))
                .sum::<f32>()
                / 200.0
        };
        assert!(off(0) > 0.9, "of the vector: {}", off(0));
        assert!(off(1) < 0.3, "of the tokens: {}", off(1));
        let tokens = &probes.tokens.as_ref().unwrap().tokens;
        assert!(
            !tokens.contains(&1) && !tokens.contains(&2),
            "every text has them"
        );

        // Who has seen the rows knows more of them; one row alone is told the same.
        let (all, width) = probes.beside(read.clone());
        assert_eq!(width, 4);
        let one = ReadTexts {
            vectors: read.vectors[..2].to_vec(),
            width: 2,
            tokens: read.tokens[..1].to_vec(),
        };
        assert_eq!(probes.beside(one).0, all[..4]);
        // Of a text without a known token it tells the constant.
        let unknown = ReadTexts {
            vectors: vec![0.0, 0.0],
            width: 2,
            tokens: vec![vec![1, 999, 2]],
        };
        let bias = probes.tokens.as_ref().unwrap().ridge.bias[0];
        assert_eq!(probes.beside(unknown).0[3], bias);

        // An encoder that learns along leaves the tokens as they are.
        let moved = Probes::fit(&read, true, &objective, 1);
        assert_eq!(moved.probes.vector, None);
        assert_eq!(moved.probes.tokens, probes.tokens);
        let of_tokens: Vec<f32> = told.0.iter().skip(1).step_by(2).copied().collect();
        assert_eq!(moved.told, (of_tokens, 1));
        assert_eq!(moved.probes.beside(read).1, 3);
    }

    #[test]
    fn texts_that_are_all_alike_have_no_tokens_to_tell_by() {
        let (mut read, objective) = rows();
        read.tokens.iter_mut().for_each(|row| *row = vec![1, 5, 2]);
        let Probed { probes, told } = Probes::fit(&read, false, &objective, 1);
        assert_eq!((told.1, probes.outputs()), (1, [1, 0]));
    }
}
