//! The words of one text.

use std::collections::HashMap;

use burn::module::Module;
use burn::tensor::activation::softmax;
use burn::tensor::{Tensor, TensorData};
use futures::future::LocalBoxFuture;

use super::{Breath, PathPoint, Subject, breathe};
use crate::domain::explanation::{Output, Word, words};
use crate::domain::metric::most_probable;
use crate::domain::text::{Encoding, Tokenizer, bucketed};
use crate::engine::batch::TokenBatch;
use crate::engine::classifier::{Classifier, features, features_of_words};
use crate::engine::error::EngineError;
use crate::engine::run::{Base, Tuned};
use crate::engine::train::{SCORING_BATCH, learning, read};
use crate::engine::tuning::freeze_others;

/// Tokens at once where a graph is kept: more fill the memory of a tab without being faster.
const TOKENS_A_PATH: usize = 1024;

/// A tuned text model laid open for explanations. Nothing in it moves.
pub struct TextModel {
    plain: Classifier,
    learning: Classifier,
    tokenizer: Tokenizer,
    max_tokens: usize,
}

impl TextModel {
    /// Lays a tuned model open.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn of(tuned: &Tuned, base: &Base) -> Result<Self, EngineError> {
        let plain = tuned.whole(base).await?;
        Ok(Self::new(
            plain,
            base.tokenizer().clone(),
            tuned.max_tokens(),
        ))
    }

    /// Lays encoder and head open; both without dropout.
    pub fn new(classifier: Classifier, tokenizer: Tokenizer, max_tokens: usize) -> Self {
        Self {
            learning: freeze_others(classifier.clone(), &[]).train(),
            plain: classifier.valid(),
            tokenizer,
            max_tokens,
        }
    }

    /// Vectors of texts as the tuned encoder makes them, row-major, and their width.
    ///
    /// # Errors
    /// When the device fails, or it was stopped.
    pub async fn embed(
        &self,
        texts: &[&str],
        breath: Breath<'_>,
    ) -> Result<(Vec<f32>, usize), EngineError> {
        let encode = |text: &&str| self.tokenizer.encode(text, self.max_tokens).ids;
        let tokens: Vec<Vec<u32>> = texts.iter().map(encode).collect();
        let rows = self.read(&tokens, breath, false).await?;
        let width = rows.first().map_or(0, Vec::len);
        Ok((rows.concat(), width))
    }

    /// One probability a label for each list of tokens. Equal lists are read once.
    async fn answers(
        &self,
        tokens: &[Vec<u32>],
        breath: Breath<'_>,
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        self.read(tokens, breath, true).await
    }

    async fn read(
        &self,
        tokens: &[Vec<u32>],
        breath: Breath<'_>,
        to_labels: bool,
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let device = self.plain.head.linear.weight.val().device();
        let mut place_of: HashMap<&[u32], usize> = HashMap::new();
        let mut distinct: Vec<&[u32]> = Vec::new();
        let places: Vec<usize> = tokens
            .iter()
            .map(|tokens| {
                *place_of.entry(tokens).or_insert_with(|| {
                    distinct.push(tokens);
                    distinct.len() - 1
                })
            })
            .collect();
        let lengths: Vec<u32> = distinct.iter().map(|tokens| tokens.len() as u32).collect();
        let mut found = vec![Vec::new(); distinct.len()];
        for batch in bucketed(&lengths, SCORING_BATCH, None) {
            breathe(breath).await?;
            let tokens = TokenBatch::new(batch.iter().map(|&at| distinct[at]), &device);
            let vectors = features(&self.plain.encoder, tokens); // [batch, hidden]
            let rows = if to_labels {
                softmax(self.plain.head.forward(vectors), 1)
            } else {
                vectors
            };
            let [_, width] = rows.dims();
            for (&at, row) in batch.iter().zip(read(rows).await?.chunks_exact(width)) {
                found[at] = row.to_vec();
            }
        }
        Ok(places.into_iter().map(|at| found[at].clone()).collect())
    }
}

/// One answer of a text model, by the words of its text.
pub struct WordSubject<'a> {
    model: &'a TextModel,
    breath: Breath<'a>,
    encoding: Encoding,
    words: Vec<Word>,
    /// One probability a label, on the text as it is.
    pub answer: Vec<f32>,
    label: usize,
}

impl<'a> WordSubject<'a> {
    /// Reads a text. What is explained is `label`, or else the most probable one.
    ///
    /// # Errors
    /// When the device fails, or it was stopped.
    pub async fn new(
        model: &'a TextModel,
        text: &str,
        label: Option<usize>,
        breath: Breath<'a>,
    ) -> Result<Self, EngineError> {
        let encoding = model.tokenizer.encode(text, model.max_tokens);
        let answer = model
            .answers(std::slice::from_ref(&encoding.ids), breath)
            .await?;
        let answer = answer.into_iter().next().expect("one text, one answer");
        let label = label.filter(|&label| label < answer.len());
        Ok(Self {
            model,
            breath,
            words: words(text, &encoding),
            label: label.unwrap_or_else(|| most_probable(&answer) as usize),
            encoding,
            answer,
        })
    }

    /// The words that the model read.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// The label that is explained.
    pub fn label(&self) -> usize {
        self.label
    }

    /// Whether the text was longer than the model reads.
    pub fn is_cut(&self) -> bool {
        self.encoding.is_cut
    }

    /// Answers to the text with only the words of a mask, one a mask: a word that is gone leaves no
    /// gap.
    ///
    /// # Errors
    /// When the device fails, or it was stopped.
    pub async fn answers(&self, masks: &[Vec<bool>]) -> Result<Vec<Vec<f32>>, EngineError> {
        let texts: Vec<Vec<u32>> = masks.iter().map(|mask| self.without(mask)).collect();
        self.model.answers(&texts, self.breath).await
    }

    fn without(&self, mask: &[bool]) -> Vec<u32> {
        let mut is_gone = vec![false; self.encoding.ids.len()];
        for (word, &own) in self.words.iter().zip(mask) {
            is_gone[word.tokens.clone()].fill(!own);
        }
        let tokens = self.encoding.ids.iter().zip(is_gone);
        tokens
            .filter(|(_, gone)| !gone)
            .map(|(&id, _)| id)
            .collect()
    }

    /// Values and slopes at some places of the way from padding to the text.
    async fn walk(&self, places: &[f64]) -> Result<Vec<PathPoint>, EngineError> {
        let model = self.model;
        let device = model.plain.head.linear.weight.val().device();
        let ids = &self.encoding.ids;
        let mut blank = ids.clone();
        for word in &self.words {
            blank[word.tokens.clone()].fill(model.tokenizer.padding());
        }
        let vectors = |ids: &[u32]| {
            let batch = TokenBatch::new(std::iter::once(ids), &device);
            model.plain.encoder.words(batch.ids)
        };
        let (start, end) = (vectors(&blank), vectors(ids)); // [1, tokens, hidden]
        let way = end - start.clone();
        let tokens = ids.len();
        let mut points = Vec::with_capacity(places.len());
        for chunk in places.chunks((TOKENS_A_PATH / tokens.max(1)).max(1)) {
            breathe(self.breath).await?;
            let count = chunk.len();
            let places: Vec<f32> = chunk.iter().map(|&place| place as f32).collect();
            let places = Tensor::<3>::from_data(TensorData::new(places, [count, 1, 1]), &device);
            let at = start.clone() + places * way.clone(); // [places, tokens, hidden]
            let at = Tensor::from_inner(at).require_grad();
            let mask = Tensor::ones([count, tokens], &learning(&device));
            let features = features_of_words(&model.learning.encoder, at.clone(), mask);
            let values = log_odds(model.learning.head.forward(features), self.label); // [places, 1]
            let gradients = values.clone().sum().backward();
            let slopes = at.grad(&gradients).expect("the path keeps a graph");
            let slopes = (slopes * way.clone()).sum_dim(2).squeeze_dim::<2>(2); // [places, tokens]
            // One readback for both.
            let both = read(Tensor::cat(vec![values.inner(), slopes], 1)).await?;
            points.extend(both.chunks_exact(tokens + 1).map(|row| {
                PathPoint {
                    value: f64::from(row[0]),
                    slopes: self
                        .words
                        .iter()
                        .map(|word| row[1..][word.tokens.clone()].iter().copied())
                        .map(|slopes| slopes.map(f64::from).sum())
                        .collect(),
                }
            }));
        }
        Ok(points)
    }
}

impl Subject for WordSubject<'_> {
    fn parts(&self) -> usize {
        self.words.len()
    }

    fn output(&self) -> Output {
        Output::Label(self.label)
    }

    fn values<'a>(
        &'a self,
        masks: &'a [Vec<bool>],
    ) -> LocalBoxFuture<'a, Result<Vec<f64>, EngineError>> {
        Box::pin(async move {
            let answers = self.answers(masks).await?;
            let output = self.output();
            Ok(answers.iter().map(|answer| output.of(answer)).collect())
        })
    }

    fn path<'a>(
        &'a self,
        places: &'a [f64],
    ) -> Option<LocalBoxFuture<'a, Result<Vec<PathPoint>, EngineError>>> {
        Some(Box::pin(self.walk(places)))
    }
}

/// The log-odds of a label.
///
/// # Shapes
/// - logits: `[rows, labels]`, two labels at least
/// - output: `[rows, 1]`
fn log_odds(logits: Tensor<2>, label: usize) -> Tensor<2> {
    let [rows, labels] = logits.dims();
    let own = logits.clone().slice([0..rows, label..label + 1]);
    let mut others = Vec::new();
    if label > 0 {
        others.push(logits.clone().slice([0..rows, 0..label]));
    }
    if label + 1 < labels {
        others.push(logits.slice([0..rows, label + 1..labels]));
    }
    let others = Tensor::cat(others, 1);
    // Shifted so that no exponential overflows; the shift itself has no slope.
    let largest = others.clone().max_dim(1).detach();
    let sum = (others - largest.clone()).exp().sum_dim(1).log() + largest;
    own - sum
}
