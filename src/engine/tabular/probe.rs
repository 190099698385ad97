//! What linear models say of the target from a row's text: one from the encoder's vector, one from the
//! tokens, counted.
//!
//! Few rows are not enough to find out what a vector of hundreds of numbers says of the target, and a mean
//! over a text's tokens keeps little of a rare name. The networks read what both say beside the vector.

use std::collections::HashMap;

use rand::seq::SliceRandom;

use super::objective::Objective;
use super::texts::{ReadTexts, TextVectors};
use crate::domain::baseline::{Counts, CrossFit, CrossFitting, MOST_WEIGHTS, Ridge, Sparse, TfIdf};
use crate::domain::recipe::Recipe;
use crate::engine::checkpoint::Checkpoint;
use crate::engine::named::HostTensor;
use crate::engine::train::{Watcher, rng_for};

/// Purpose of random numbers, see [`rng_for`].
const PURPOSE_PROBE: u64 = 26;

/// With more, the rest is not needed to know it.
const MOST_ROWS: usize = 20_000;

/// Rows times outputs that the counts are fitted to at the most.
const MOST_COUNTED: usize = 200_000;

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
    /// `moves`, there is none of its vectors. Breathes, and goes on whatever the watcher says.
    pub(super) async fn fit<W: Watcher>(
        read: &ReadTexts,
        moves: bool,
        recipe: &Recipe,
        objective: &dyn Objective,
        watcher: &mut W,
    ) -> Probed {
        if read.width == 0 {
            return Probed::default();
        }
        let (wanted, outputs) = standardised(objective);
        let rows = wanted.len() / outputs.max(1);
        let order = order(rows, recipe, &read.tokens);
        if rows < Recipe::LEAST_PROBED || order.iter().all(|(_, fold)| *fold == order[0].1) {
            return Probed::default();
        }
        let fold_of = |most: usize| {
            let mut fold_of = vec![None; rows];
            for &(row, fold) in order.iter().take(most) {
                fold_of[row] = Some(fold);
            }
            fold_of
        };
        let mut vector = None;
        let mut unseen: Vec<Vec<f32>> = Vec::new();
        if !moves {
            let fold_of = fold_of(MOST_ROWS);
            let (vectors, width) = (&read.vectors, read.width);
            let fitting = CrossFitting::dense(vectors, width, &wanted, outputs, &fold_of);
            let found = fitted(fitting, watcher).await;
            vector = Some(found.ridge);
            unseen.push(found.unseen);
        }
        let mut tokens = None;
        if recipe.counts_tokens()
            && let Some((known, rarity)) = weighed(&read.tokens, outputs)
        {
            let most = (MOST_COUNTED / outputs).clamp(Recipe::LEAST_PROBED, MOST_ROWS);
            let fold_of = fold_of(most);
            let counts = encoded(&known, &rarity, &read.tokens);
            let fitting = CrossFitting::sparse(&counts, &wanted, outputs, &fold_of);
            let found = fitted(fitting, watcher).await;
            tokens = Some(TokenProbe {
                tokens: known,
                rarity,
                ridge: found.ridge,
            });
            unseen.push(found.unseen);
        }
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

    /// The models, of the vector and of the tokens.
    fn ridges(&self) -> [Option<&Ridge>; 2] {
        let tokens = self.tokens.as_ref();
        [self.vector.as_ref(), tokens.map(|own| &own.ridge)]
    }

    /// How many numbers each of them tells.
    pub fn outputs(&self) -> [usize; 2] {
        self.ridges().map(|ridge| ridge.map_or(0, Ridge::outputs))
    }

    /// How many numbers they are.
    pub fn numbers(&self) -> u64 {
        let of_ridge = |ridge: &Ridge| ridge.weight.len() + ridge.bias.len();
        let all: usize = self.ridges().into_iter().flatten().map(of_ridge).sum();
        let rarity = self.tokens.as_ref().map_or(0, |own| own.rarity.len());
        (all + rarity) as u64
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

    /// Why those in somebody else's checkpoint are not of these shapes, or have nothing to tell of, as the
    /// end of a sentence. `width` is the length of a vector, `told` how many numbers each tells.
    pub fn flaw_of(
        learned: &Checkpoint,
        recipe: &Recipe,
        width: usize,
        tokens: &[u32],
        told: [usize; 2],
    ) -> Option<&'static str> {
        if width == 0 && told != [0, 0] {
            return Some("it tells of texts, and reads none");
        }
        if !tokens.is_empty() && !recipe.counts_tokens() {
            return Some("it counts tokens where they tell nothing");
        }
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
    /// What it says of rows.
    fn tell(&self, rows: &[Vec<u32>]) -> Vec<Vec<f32>> {
        let encoded = encoded(&self.tokens, &self.rarity, rows);
        let rows = 0..encoded.rows();
        rows.map(|row| self.ridge.tell_sparse(encoded.row(row)))
            .collect()
    }
}

/// Rows in an order of chance, each with its fold. Where rows are nothing but texts, the split keeps those
/// that are alike on one side, and here those of the same tokens are in one fold: otherwise a model would be
/// believed for what it has seen.
fn order(rows: usize, recipe: &Recipe, tokens: &[Vec<u32>]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut rng_for(recipe.seed, PURPOSE_PROBE));
    let is_alone = (recipe.table.as_ref()).is_some_and(|plan| plan.columns.is_empty());
    let mut fold_of_text: HashMap<&[u32], usize> = HashMap::new();
    let fold = |(at, row): (usize, usize)| match tokens.get(row).filter(|_| is_alone) {
        Some(text) => (row, *fold_of_text.entry(text).or_insert(at % FOLDS)),
        None => (row, at % FOLDS),
    };
    order.into_iter().enumerate().map(fold).collect()
}

/// Fits a model after the other, and breathes between two.
async fn fitted<W: Watcher>(mut fitting: CrossFitting<'_>, watcher: &mut W) -> CrossFit {
    while fitting.step() {
        watcher.breathe().await;
    }
    fitting.finish()
}

/// The tokens that not every text has, as each begins and ends with the same, and what each weighs. None
/// where there are none.
fn weighed(rows: &[Vec<u32>], outputs: usize) -> Option<(Vec<u32>, Vec<f32>)> {
    let mut rows_with: Counts<u32> = Counts::new();
    for token in rows.iter().flat_map(|row| counted(row).into_keys()) {
        *rows_with.entry(token).or_default() += 1;
    }
    let telling = rows.iter().map(|row| {
        let mut counts = counted(row);
        counts.retain(|token, _| (rows_with[token] as usize) < rows.len());
        counts
    });
    let found = TfIdf::of_counts(telling, MOST_WEIGHTS / outputs);
    let (tokens, weights) = found.words();
    let rarity = weights.iter().map(|&own| own as f32).collect();
    (!tokens.is_empty()).then_some((tokens, rarity))
}

/// Rows as counts of these tokens.
fn encoded(tokens: &[u32], rarity: &[f32], rows: &[Vec<u32>]) -> Sparse {
    let weights = rarity.iter().map(|&own| own.into()).collect();
    let tokens = TfIdf::of_words(tokens.iter().copied(), weights);
    tokens.encode_counts(rows.iter().map(|row| counted(row)))
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
    use futures::executor::block_on;

    use super::super::model::Heedless;
    use super::super::objective::Number;
    use super::*;
    use crate::domain::features::network::Combiner;
    use crate::domain::features::{FeatureSource, TablePlan};
    use crate::domain::recipe::DataProfile;

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

    fn fitted(read: &ReadTexts, is_alone: bool, moves: bool, objective: &Number) -> Probed {
        let mut recipe = Recipe::suggest(
            vec!["about".to_owned()],
            "price".to_owned(),
            &DataProfile::empty(),
        );
        recipe.task = "regress".to_owned();
        let size = FeatureSource {
            column: "size".to_owned(),
            kind: None,
        };
        let columns = if is_alone { Vec::new() } else { vec![size] };
        let plan = TablePlan::suggest(columns, Combiner::TabM, 200);
        recipe.table = Some(Box::new(plan));
        block_on(Probes::fit(read, moves, &recipe, objective, &mut Heedless))
    }

    #[test]
    fn tokens_tell_what_a_vector_does_not() {
        let (read, objective) = rows();
        let Probed { probes, told } = fitted(&read, false, false, &objective);
        assert_eq!((told.1, probes.outputs()), (2, [1, 1]));
        assert_eq!(probes.numbers(), 2 + 1 + 43 + 1 + 43);
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
        let moved = fitted(&read, false, true, &objective);
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
        let Probed { told, .. } = fitted(&read, false, false, &objective);
        assert_eq!(told.1, 1, "of the vector alone");
        let Probed { told, .. } = fitted(&read, true, false, &objective);
        assert_eq!(told.1, 0, "one text is in one fold");
        for (at, row) in read.tokens.iter_mut().enumerate() {
            *row = vec![1 + at as u32 % 2; 3];
        }
        let Probed { told, .. } = fitted(&read, true, false, &objective);
        assert_eq!(
            told.1, 2,
            "two texts, of which each is told of by a model of the other"
        );
        let of_tokens = |row: usize| told.0[row * 2 + 1];
        assert_eq!(of_tokens(0), of_tokens(2), "the same text is told the same");
    }
}
