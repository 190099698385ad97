//! A run on a table: encode, train, judge on the sealed rows.

use burn::module::Module;
use burn::tensor::Device;
use rand::seq::SliceRandom;

use super::conformal::reach;
use super::fit::{TableLesson, fit_table, groups, predict};
use super::input::TableInput;
use super::net::TableNet;
use super::objective::{Classes, LabelSets, Number, Objective, Ordered};
use crate::domain::features::{FeaturePlan, TableExamples, TablePlan, texts};
use crate::domain::metric::{self, Metric};
use crate::domain::recipe::{ClassWeights, Recipe};
use crate::domain::report::{
    Baseline, Evaluation, MetricValue, NumberEvaluation, NumberPrediction, ParameterCount, Phase,
    Seconds,
};
use crate::domain::split::{Part, SplitKind};
use crate::domain::table::RowId;
use crate::domain::task::{self, Labels, SetsOfLabels, Target};
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::run::{Base, Quiet, Steadfast, Stopwatch};
use crate::engine::train::{Notice, Path, Watcher, learning, rng_for};
use crate::engine::tuning::count;

/// Streams of random numbers: the networks' weights, and which rows a fold stops by.
const PURPOSE_WEIGHTS: u64 = 22;
const PURPOSE_FOLDS: u64 = 23;

/// What reads the text columns of mixed rows.
pub struct TextReader<'a> {
    /// The encoder, which stays as it is.
    pub base: &'a Base,
    /// What it has read before.
    pub store: &'a mut FeatureStore,
}

/// A model that a run on a table made.
pub struct TunedTable {
    nets: Vec<TableNet>,
    plan: FeaturePlan,
    scale: Option<NumberScale>,
    objective: Box<dyn Objective>,
}

/// From a number to the scale on which it is learned, and back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberScale {
    /// Mean of the training rows' numbers, or of their logarithms.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// Whether the logarithm of one more than the number is learned.
    pub is_log: bool,
}

/// How good the model is on the sealed rows, in the shape of its task.
#[derive(Debug, Clone, PartialEq)]
pub enum TableEvaluation {
    /// One label out of several, ordered or not.
    Labels(Evaluation),
    /// A number with a range.
    Numbers(NumberEvaluation),
    /// Any number of labels, each for itself.
    LabelSets {
        /// The figures, the headline first.
        metrics: Vec<MetricValue>,
        /// Whether each row has each label, shape `[rows, labels]`.
        truth: Vec<bool>,
    },
}

impl TableEvaluation {
    /// The figures, the headline first.
    pub fn metrics(&self) -> &[MetricValue] {
        match self {
            Self::Labels(evaluation) => &evaluation.metrics,
            Self::Numbers(evaluation) => &evaluation.metrics,
            Self::LabelSets { metrics, .. } => metrics,
        }
    }
}

/// What [`tune_table`] leaves.
pub struct TableOutcome {
    /// The model.
    pub tuned: TunedTable,
    /// How many numbers moved.
    pub parameters: ParameterCount,
    /// How the first network got there.
    pub path: Path,
    /// Mean over the networks of the lowest loss on the rows that each stopped by.
    pub valid_loss: f64,
    /// The test rows, in the order of the predictions.
    pub rows: Vec<RowId>,
    /// How good the model is on them.
    pub evaluation: TableEvaluation,
    /// Probabilities of the labels on them, shape `[rows, labels]`; empty of numbers.
    pub probabilities: Vec<f32>,
    /// Where the time went.
    pub seconds: Seconds,
}

impl NumberScale {
    /// Mean 0 and deviation 1 on these numbers or their logarithms.
    fn fit(numbers: impl Iterator<Item = f64> + Clone, is_log: bool) -> Self {
        let unit = Self {
            mean: 0.0,
            deviation: 1.0,
            is_log,
        };
        let rows = numbers.clone().count().max(1) as f64;
        let mean = numbers.clone().map(|x| unit.forward(x)).sum::<f64>() / rows;
        let square = numbers
            .map(|x| (unit.forward(x) - mean).powi(2))
            .sum::<f64>()
            / rows;
        Self {
            mean,
            deviation: if square > 0.0 { square.sqrt() } else { 1.0 },
            is_log,
        }
    }

    fn forward(self, number: f64) -> f64 {
        let number = if self.is_log { number.ln_1p() } else { number };
        (number - self.mean) / self.deviation
    }

    fn backward(self, scaled: f64) -> f64 {
        let number = scaled * self.deviation + self.mean;
        if self.is_log { number.exp_m1() } else { number }
    }
}

/// Learns a table's target from its columns, and from its texts where `text` can read them.
///
/// Several networks each stop by other rows, the first of them by the validation rows, and
/// predict together. The test rows are opened once, after the last parameter has moved.
///
/// # Errors
/// When training diverges, the device fails, or the watcher stops the run before anything was
/// learned.
///
/// # Panics
/// When the recipe has no table plan, or has texts and there is nobody to read them.
pub async fn tune_table<W: Watcher>(
    examples: &mut TableExamples,
    recipe: &Recipe,
    mut text: Option<TextReader<'_>>,
    device: &Device,
    watcher: &mut W,
) -> Result<TableOutcome, EngineError> {
    let options = recipe
        .table
        .as_deref()
        .expect("the recipe learns from columns");
    let mut seconds = Seconds::default();
    let mut watch = Stopwatch::start(watcher);

    watcher.notice(Notice::Phase(Phase::Tokenize));
    let split = &examples.split;
    let seen: Vec<RowId> = split.train.iter().chain(&split.valid).copied().collect();
    let (input, text_width) =
        read_rows(&seen, examples, recipe, &mut text, device, watcher).await?;
    seconds.embed = watch.lap(watcher);

    let train = split.train.len();
    let scale = number_scale(&examples.target, &split.train, options);
    let objective = objective(&examples.target, &seen, train, options, scale);
    let most = match recipe.split.kind {
        // Training rows at random would know what the validation rows of these must not.
        SplitKind::Group { .. } | SplitKind::Time { .. } => 1,
        _ => options.network.folds,
    };
    let folds = folds(train, split.valid.len(), most, recipe.seed);
    let draw = |fold: usize| {
        TableNet::draw(
            &examples.plan,
            text_width,
            objective.outputs(),
            &options.network,
            &mut rng_for(recipe.seed.wrapping_add(fold as u32), PURPOSE_WEIGHTS),
            &learning(device),
        )
    };
    let first = draw(0);
    let one = count(&first, &groups(&first, &options.network));
    let parameters = ParameterCount {
        trainable: one.trainable * folds.len() as u64,
        total: one.total * folds.len() as u64,
    };
    watcher.notice(Notice::Prepared {
        parts: [train, split.valid.len(), split.test.len()].map(|rows| rows as u32),
        parameters,
    });
    watcher.notice(Notice::Phase(Phase::Train));

    let mut nets = Vec::new();
    let mut path = None;
    let mut errors = Vec::new();
    let mut valid_loss = 0.0;
    for (fold, (learned, held)) in folds.iter().enumerate() {
        let lesson = TableLesson {
            input: &input,
            objective: &*objective,
            train: learned,
            valid: held,
        };
        let seed = recipe.seed.wrapping_add(fold as u32);
        let net = if fold == 0 { first.clone() } else { draw(fold) };
        let (net, own) = if fold == 0 {
            fit_table(net, &lesson, &options.network, seed, watcher)
                .await?
                .split()
        } else {
            fit_table(net, &lesson, &options.network, seed, &mut Quiet(watcher))
                .await?
                .split()
        };
        if let (Some(scale), Target::Numbers(numbers)) = (scale, &examples.target) {
            let found = predict(&net, &*objective, &input, held, watcher).await?;
            errors.extend(held.iter().zip(found).map(|(&row, found)| {
                let truth = numbers[seen[row].index()].expect("rows of a split have a number");
                scale.forward(truth) - f64::from(found)
            }));
        }
        let losses = own.epochs.iter().map(|epoch| f64::from(epoch.valid_loss));
        valid_loss += losses.fold(f64::INFINITY, f64::min) / folds.len() as f64;
        path.get_or_insert(own);
        nets.push(net.valid());
    }
    seconds.train = watch.lap(watcher);

    watcher.notice(Notice::Phase(Phase::Evaluate));
    let tuned = TunedTable {
        nets,
        plan: examples.plan.clone(),
        scale,
        objective,
    };
    let watcher = &mut Steadfast(watcher);
    let rows = examples.split.test.open().to_vec();
    let (input, _) = read_rows(&rows, examples, recipe, &mut text, device, watcher).await?;
    let found = tuned.predict(&input, watcher).await?;
    let reach = reach(&errors, options.coverage);
    let metrics = task::find(&recipe.task)
        .expect("a checked recipe names a task")
        .metrics();
    let (evaluation, probabilities) =
        tuned.judged(examples, &rows, found, reach, options.coverage, metrics)?;
    seconds.evaluate = watch.lap(watcher);
    Ok(TableOutcome {
        tuned,
        parameters,
        path: path.expect("there is a first fold"),
        valid_loss,
        rows,
        evaluation,
        probabilities,
        seconds,
    })
}

impl TunedTable {
    /// How cells become numbers.
    pub fn plan(&self) -> &FeaturePlan {
        &self.plan
    }

    /// The networks, whose predictions are averaged.
    pub(in crate::engine) fn nets(&self) -> &[TableNet] {
        &self.nets
    }

    /// The scale on which a number was learned; none of other answers.
    pub(in crate::engine) fn scale(&self) -> Option<NumberScale> {
        self.scale
    }

    /// The mean of the networks' predictions, on the scale on which they learned; row-major.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn predict<W: Watcher>(
        &self,
        input: &TableInput,
        watcher: &mut W,
    ) -> Result<Vec<f32>, EngineError> {
        let rows: Vec<usize> = (0..input.rows()).collect();
        let mut mean: Vec<f32> = Vec::new();
        for net in &self.nets {
            let own = predict(net, &*self.objective, input, &rows, watcher).await?;
            mean.resize(own.len(), 0.0);
            for (mean, own) in mean.iter_mut().zip(own) {
                *mean += own / self.nets.len() as f32;
            }
        }
        Ok(mean)
    }

    fn judged(
        &self,
        examples: &TableExamples,
        rows: &[RowId],
        found: Vec<f32>,
        reach: f64,
        promised: f64,
        metrics: &[&dyn Metric],
    ) -> Result<(TableEvaluation, Vec<f32>), EngineError> {
        let train = &examples.split.train;
        Ok(match &examples.target {
            Target::Labels(labels) | Target::Ranks(labels) => {
                let truth = labels_of(labels, rows);
                let scored = metric::Classes::new(labels.names.len(), &truth, &found)?;
                let mut counts = vec![0; labels.names.len()];
                for label in labels_of(labels, train) {
                    counts[label as usize] += 1;
                }
                let majority = Baseline::majority(&counts, &truth, metrics);
                let evaluation = Evaluation::of(
                    Part::Test,
                    &labels.names,
                    rows,
                    &scored,
                    metrics,
                    vec![majority],
                );
                (TableEvaluation::Labels(evaluation), found)
            }
            Target::LabelSets(sets) => {
                let truth = has_labels(sets, rows);
                let scored = metric::LabelSets::new(sets.names.len(), &truth, &found)?.into();
                let metrics = MetricValue::all(metrics, &scored);
                (TableEvaluation::LabelSets { metrics, truth }, found)
            }
            Target::Numbers(numbers) => {
                let scale = self.scale.expect("numbers have a scale");
                let known = |rows: &[RowId]| -> Vec<f64> {
                    rows.iter()
                        .map(|row| numbers[row.index()].expect("rows of a split have a number"))
                        .collect()
                };
                let truth = known(rows);
                let mean = Baseline::mean(&known(train), &truth, metrics)?;
                let predictions = rows.iter().zip(truth).zip(found).map(|((&row, truth), x)| {
                    let x = f64::from(x);
                    NumberPrediction {
                        row,
                        truth,
                        predicted: scale.backward(x),
                        range: reach
                            .is_finite()
                            .then(|| [scale.backward(x - reach), scale.backward(x + reach)]),
                    }
                });
                let evaluation = NumberEvaluation::of(
                    Part::Test,
                    predictions.collect(),
                    promised,
                    metrics,
                    vec![mean],
                )?;
                (TableEvaluation::Numbers(evaluation), Vec::new())
            }
        })
    }
}

/// Encodes rows, with the vectors of their texts where there are some; gives those vectors' width.
async fn read_rows<W: Watcher>(
    rows: &[RowId],
    examples: &TableExamples,
    recipe: &Recipe,
    text: &mut Option<TextReader<'_>>,
    device: &Device,
    watcher: &mut W,
) -> Result<(TableInput, usize), EngineError> {
    let encoded = examples.plan.encode(&examples.table, rows);
    let input = TableInput::new(&encoded, &examples.plan, device);
    if recipe.text.is_empty() {
        return Ok((input, 0));
    }
    let TextReader { base, store } = text.as_mut().expect("texts need an encoder");
    let tokens: Vec<Vec<u32>> = texts(&examples.table, recipe, rows)
        .iter()
        .map(|text| {
            base.tokenizer()
                .encode(text, recipe.max_tokens as usize)
                .ids
        })
        .collect();
    let tokens: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
    let vectors = base.frozen(store, &tokens, watcher).await?;
    Ok((
        input.with_flags(vectors.values, vectors.hidden),
        vectors.hidden,
    ))
}

fn number_scale(target: &Target, train: &[RowId], options: &TablePlan) -> Option<NumberScale> {
    let Target::Numbers(numbers) = target else {
        return None;
    };
    let seen = train.iter().filter_map(|row| numbers[row.index()]);
    Some(NumberScale::fit(seen, options.is_log))
}

fn labels_of(labels: &Labels, rows: &[RowId]) -> Vec<u32> {
    rows.iter()
        .map(|row| labels.of_row[row.index()].expect("rows of a split have a label"))
        .collect()
}

fn has_labels(sets: &SetsOfLabels, rows: &[RowId]) -> Vec<bool> {
    rows.iter()
        .flat_map(|row| {
            let set = sets.of_row[row.index()].as_deref().unwrap_or_default();
            (0..sets.names.len() as u32).map(|label| set.contains(&label))
        })
        .collect()
}

/// What the rows should be; the first `train` of them are learned from.
fn objective(
    target: &Target,
    rows: &[RowId],
    train: usize,
    options: &TablePlan,
    scale: Option<NumberScale>,
) -> Box<dyn Objective> {
    match target {
        Target::Numbers(numbers) => {
            let scale = scale.expect("numbers have a scale");
            let truth = rows
                .iter()
                .map(|row| numbers[row.index()].expect("rows of a split have a number"))
                .map(|number| scale.forward(number) as f32)
                .collect();
            Box::new(Number { truth })
        }
        Target::LabelSets(sets) => Box::new(LabelSets {
            truth: has_labels(sets, rows),
            labels: sets.names.len(),
        }),
        Target::Ranks(labels) => Box::new(Ordered {
            truth: labels_of(labels, rows),
            classes: labels.names.len(),
        }),
        Target::Labels(labels) => {
            let truth = labels_of(labels, rows);
            let mut counts = vec![0_u32; labels.names.len()];
            for &label in &truth[..train] {
                counts[label as usize] += 1;
            }
            let weights = counts
                .iter()
                .map(|&rows| match options.class_weights {
                    ClassWeights::Equal => 1.0,
                    ClassWeights::Balanced => {
                        train as f32 / (counts.len() as f32 * rows.max(1) as f32)
                    }
                })
                .collect();
            Box::new(Classes {
                truth,
                weights,
                smoothing: 0.0,
            })
        }
    }
}

/// Rows to learn from and rows to stop by, for each network. The first stops by the validation
/// rows; each of the others by as many training rows, and learns from the validation rows.
fn folds(train: usize, valid: usize, most: u32, seed: u32) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut shuffled: Vec<usize> = (0..train).collect();
    shuffled.shuffle(&mut rng_for(seed, PURPOSE_FOLDS));
    let held = std::iter::once((train..train + valid).collect())
        .chain(shuffled.chunks_exact(valid.max(1)).map(<[usize]>::to_vec))
        .take(most.max(1) as usize);
    held.map(|held: Vec<usize>| {
        let mut is_held = vec![false; train + valid];
        for &row in &held {
            is_held[row] = true;
        }
        let learned = (0..train + valid).filter(|&row| !is_held[row]).collect();
        (learned, held)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_hold_different_rows() {
        let folds = folds(30, 8, 4, 1);
        assert_eq!(folds.len(), 4);
        assert_eq!(folds[0].1, (30..38).collect::<Vec<_>>());
        let mut held: Vec<usize> = folds.iter().flat_map(|fold| fold.1.clone()).collect();
        held.sort_unstable();
        held.dedup();
        assert_eq!(held.len(), 32, "no row is held twice");
        for (learned, held) in &folds {
            assert_eq!(learned.len() + held.len(), 38);
            assert!(held.iter().all(|row| !learned.contains(row)));
        }
    }

    #[test]
    fn a_scale_goes_there_and_back() {
        for is_log in [false, true] {
            let scale = NumberScale::fit([0.0, 1.0, 30.0].into_iter(), is_log);
            for number in [0.0, 0.5, 12.0, 400.0] {
                assert!((scale.backward(scale.forward(number)) - number).abs() < 1e-9);
            }
        }
    }
}
