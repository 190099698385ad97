//! A run from rows to a judged model: tokenize, embed, probe, train, evaluate.

mod contrastive;
mod cross_validate;
mod doubts;
mod learn;
mod learning_curve;
mod start;
mod word_counts;

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Device;

pub(super) use cross_validate::apart;
use cross_validate::{OutOfFold, cross_validate};
pub use doubts::{OutOfFoldRows, doubting, out_of_fold};
pub(super) use learn::try_texts;
use learn::{Begun, Learned};
pub use learning_curve::learning_curve;
pub(in crate::engine) use learning_curve::share_of_each;
pub use start::Earlier;
use start::forgotten;
pub(super) use start::{Forgetful, ready, state_after};
use word_counts::word_counts;

use super::batch::TokenBatch;
use super::checkpoint::{Checkpoint, EncoderState, Standing};
use super::classifier::{Classifier, Features, Learner, features};
use super::device::cpu;
use super::encoder::{BertEncoder, BertEncoderConfig, Weights};
use super::error::EngineError;
use super::features::FeatureStore;
use super::head::{Head, HeadConfig};
use super::head_solver::fit_head;
use super::optimizer::Optimizer;
use super::train::{Control, Lesson, Notice, Path, Watcher, learning, read, rng_for, score};
use super::tuning::{count, everything, freeze_others, head_groups, of_updates, prepare};
use crate::domain::base_model::BertShape;
use crate::domain::encoder::{self, EncoderConfig, EncoderFiles, Misfit};
use crate::domain::examples::Examples;
use crate::domain::label_names::{self, LabelNames};
use crate::domain::metric::{Classes, Metric};
use crate::domain::recipe::Recipe;
use crate::domain::report::{
    Baseline, BaselineOutputs, Ended, Evaluation, Input, Judged, ParameterCount, Phase, RunReport,
    RunScores, Scores, Seconds, Truth,
};
use crate::domain::split::Part;
use crate::domain::table::RowId;
use crate::domain::task;
use crate::domain::text::{Encoding, Tokenizer};

/// Purposes of random numbers, see [`rng_for`].
const PURPOSE_LORA: u64 = 2;

/// A pretrained encoder with its tokenizer, frozen.
pub struct Base {
    encoder: BertEncoder,
    tokenizer: Arc<Tokenizer>,
    shape: BertShape,
    hidden: usize,
    device: Device,
}

impl Base {
    /// Builds a base model from its weights and its tokenizer.
    ///
    /// # Errors
    /// When the weights do not fit the configuration, or the tokenizer has tokens without a vector.
    pub fn load(
        config: impl Into<EncoderConfig>,
        weights: &[u8],
        tokenizer: Tokenizer,
        device: &Device,
    ) -> Result<Self, EngineError> {
        let config = config.into();
        let shape = config.shape;
        let (rows, last) = (config.shape.vocab_size, tokenizer.last_id());
        if last as usize >= rows {
            return Err(Misfit::Vocabulary { last, rows }.into());
        }
        let tokenizer = tokenizer
            .with_prefix(&config.prefix)
            .with_longest(config.max_tokens);
        let hidden = config.shape.hidden_size;
        let encoder = BertEncoderConfig::new(config).load(&Weights::open(weights)?, device)?;
        let encoder = freeze_others(encoder, &[]).valid();
        Ok(Self {
            encoder,
            tokenizer: Arc::new(tokenizer),
            shape,
            hidden,
            device: device.clone(),
        })
    }

    /// Builds a base model from the files that a person has.
    ///
    /// # Errors
    /// Names the first thing that does not fit.
    pub fn from_files(files: &EncoderFiles<'_>, device: &Device) -> Result<Self, EngineError> {
        let config = encoder::read(files)?;
        let tokenizer = Tokenizer::from_bytes(files.get("tokenizer.json")?)?;
        Self::load(config, files.get("model.safetensors")?, tokenizer, device)
    }

    /// The encoder's tokenizer.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The encoder's shape.
    pub fn shape(&self) -> BertShape {
        self.shape
    }

    /// The encoder.
    pub(super) fn encoder(&self) -> &BertEncoder {
        &self.encoder
    }

    /// The same with another encoder of its shape.
    pub(super) fn with_encoder(&self, encoder: BertEncoder) -> Self {
        Self {
            encoder,
            tokenizer: Arc::clone(&self.tokenizer),
            shape: self.shape,
            hidden: self.hidden,
            device: self.device.clone(),
        }
    }

    /// Where the encoder is.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The same through a store of what was read before.
    ///
    /// # Errors
    /// When the device fails, or the watcher stops; what was read so far is kept.
    pub async fn frozen<W: Watcher>(
        &self,
        store: &mut FeatureStore,
        texts: &[&[u32]],
        watcher: &mut W,
    ) -> Result<Features, EngineError> {
        store
            .of(&self.encoder, self.hidden, texts, &self.device, watcher)
            .await
    }

    /// Vectors of some texts by the frozen encoder, scaled to length `sqrt(hidden)`.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn embed(&self, texts: &[&[u32]]) -> Result<Features, EngineError> {
        let batch = TokenBatch::new(texts.iter().copied(), &self.device);
        Ok(Features {
            hidden: self.hidden,
            values: read(features(&self.encoder, batch)).await?,
        })
    }
}

/// A model that a run made.
pub struct Tuned {
    model: Model,
    /// What is in its encoder besides the base model.
    state: EncoderState,
    /// The labels, by index.
    pub labels: Vec<String>,
    max_tokens: usize,
}

enum Model {
    /// The head alone; its vectors come from the frozen base.
    Head(Box<Head>),
    /// Encoder and head.
    Whole(Box<Classifier>),
}

/// What [`tune`] leaves.
pub struct Outcome {
    /// The model.
    pub tuned: Tuned,
    /// What there is to tell about it.
    pub report: RunReport,
    /// What it said of the validation and the test rows, and what simple models said.
    pub scores: RunScores,
}

impl Tuned {
    /// What reads the texts.
    pub(super) fn encoder<'a>(&'a self, base: &'a Base) -> &'a BertEncoder {
        match &self.model {
            Model::Head(_) => &base.encoder,
            Model::Whole(classifier) => &classifier.encoder,
        }
    }

    /// What differs from the base model, whether this run or one before it changed it.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn learned(&self, recipe: &Recipe) -> Result<Checkpoint, EngineError> {
        let idle = Optimizer::new(Vec::new(), &recipe.training);
        let standing = Standing {
            encoder: Some(self.state.clone()),
            ..Standing::default()
        };
        match &self.model {
            Model::Head(head) => {
                let groups = head_groups(head, &recipe.training);
                Checkpoint::take(standing, &groups, &**head, &idle, None).await
            }
            Model::Whole(classifier) => {
                let group = match self.state.has_moved {
                    true => everything(&**classifier),
                    false => of_updates(classifier),
                };
                Checkpoint::take(standing, &[group], &**classifier, &idle, None).await
            }
        }
    }

    /// The model that a recipe made on a base model, from what [`Tuned::learned`] kept.
    pub fn restore(
        base: &Base,
        labels: Vec<String>,
        recipe: &Recipe,
        learned: &Checkpoint,
    ) -> Self {
        let head = |device: &Device| {
            HeadConfig {
                hidden: base.hidden,
                classes: labels.len(),
                dropout: 0.0,
            }
            .init(device)
        };
        let known = learned.standing.encoder.clone();
        let state = known.unwrap_or_else(|| state_after(EncoderState::default(), &recipe.tuning));
        let model = if state == EncoderState::default() {
            Model::Head(Box::new(learned.restore(head(&cpu()))))
        } else {
            let mut encoder = base.encoder.clone();
            if let Some(updates) = &state.updates {
                let mut rng = rng_for(recipe.seed, PURPOSE_LORA);
                encoder = encoder.with_lora(updates, &mut rng, &base.device);
            }
            let head = head(&base.device);
            let fresh = freeze_others(Classifier { encoder, head }, &[]);
            Model::Whole(Box::new(learned.restore(fresh)))
        };
        Self {
            model,
            state,
            labels,
            max_tokens: recipe.max_tokens as usize,
        }
    }

    /// The same from somebody else's file. What would be allocated is looked at before it is.
    ///
    /// # Errors
    /// When the numbers do not fit the rest, as the end of a sentence.
    pub fn open(
        base: &Base,
        labels: &[String],
        recipe: &Recipe,
        learned: &Checkpoint,
    ) -> Result<Self, String> {
        let head = [base.hidden, labels.len()];
        let has_head = learned
            .parameters()
            .any(|(path, tensor)| path.ends_with("linear.weight") && tensor.shape == head);
        if !has_head {
            return Err(format!("it has no head for its {} labels", labels.len()));
        }
        let known = learned.standing.encoder.clone();
        let state = known.unwrap_or_else(|| state_after(EncoderState::default(), &recipe.tuning));
        if let Some(flaw) = learned.flaw_of_updates(&state) {
            return Err(flaw);
        }
        let tuned = Self::restore(base, labels.to_vec(), recipe, learned);
        match tuned.misfit(learned) {
            Some(what) => Err(what),
            None => Ok(tuned),
        }
    }

    /// Encoder and head without dropout, whatever was tuned: what an explanation asks.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn whole(&self, base: &Base) -> Result<Classifier, EngineError> {
        let (encoder, head) = match &self.model {
            Model::Head(head) => (base.encoder.clone(), head.on(&base.device).await?),
            Model::Whole(classifier) => (classifier.encoder.clone(), classifier.head.clone()),
        };
        let classifier = Classifier {
            encoder: encoder.without_dropout(),
            head: head.with_dropout(0.0),
        };
        Ok(freeze_others(classifier, &[]).valid())
    }

    /// Texts are cut after so many tokens.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// What of a checkpoint does not belong into this model, which was restored from it; `None` when
    /// all of it does.
    pub fn misfit(&self, learned: &Checkpoint) -> Option<String> {
        match &self.model {
            Model::Head(head) => learned.misfit(&**head),
            Model::Whole(classifier) => learned.misfit(&**classifier),
        }
    }

    /// Probabilities of texts that are tokens already, in their order, row-major; shape
    /// `[texts, labels]`. `store` holds what the frozen encoder has read.
    ///
    /// # Errors
    /// When the device fails, or the watcher stops.
    pub async fn score<W: Watcher>(
        &self,
        base: &Base,
        tokens: &[Vec<u32>],
        store: &mut FeatureStore,
        watcher: &mut W,
    ) -> Result<Vec<f32>, EngineError> {
        let all: Vec<usize> = (0..tokens.len()).collect();
        match &self.model {
            Model::Head(head) => {
                let texts: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
                let frozen = base.frozen(store, &texts, watcher).await?;
                score(&**head, &frozen, &all, watcher).await
            }
            Model::Whole(classifier) => score(&**classifier, tokens, &all, watcher).await,
        }
    }

    /// One probability a label, and the text as the encoder read it.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn predict(
        &self,
        base: &Base,
        text: &str,
    ) -> Result<(Vec<f32>, Encoding), EngineError> {
        let encoding = base.tokenizer.encode(text, self.max_tokens);
        let logits = match &self.model {
            Model::Head(head) => head.logits(&base.embed(&[&encoding.ids]).await?, &[0]),
            Model::Whole(classifier) => classifier.forward(TokenBatch::new(
                std::iter::once(encoding.ids.as_slice()),
                &base.device,
            )),
        };
        let probabilities = read(burn::tensor::activation::softmax(logits, 1)).await?;
        Ok((probabilities, encoding))
    }
}

/// Hears breathing but tells nothing: for the probe, whose epochs are no news.
pub(super) struct Quiet<'a, W>(pub &'a mut W);

impl<W: Watcher> Watcher for Quiet<'_, W> {
    fn now(&self) -> f64 {
        self.0.now()
    }

    fn notice(&mut self, _notice: Notice) {}

    async fn breathe(&mut self) -> Control {
        self.0.breathe().await
    }
}

/// Yields but goes on: the test rows are read even when somebody stopped the training before.
pub(super) struct Steadfast<'a, W>(pub &'a mut W);

impl<W: Watcher> Watcher for Steadfast<'_, W> {
    fn now(&self) -> f64 {
        self.0.now()
    }

    fn notice(&mut self, notice: Notice) {
        self.0.notice(notice);
    }

    async fn breathe(&mut self) -> Control {
        self.0.breathe().await;
        Control::Go
    }

    async fn keep_features(&mut self, part: Vec<u8>) {
        self.0.keep_features(part).await;
    }
}

/// Measures phases one after the other.
pub(super) struct Stopwatch {
    since: f64,
}

impl Stopwatch {
    /// Starts now.
    pub fn start(watcher: &impl Watcher) -> Self {
        Self {
            since: watcher.now(),
        }
    }

    /// Seconds since the last lap.
    pub fn lap(&mut self, watcher: &impl Watcher) -> f64 {
        let before = std::mem::replace(&mut self.since, watcher.now());
        self.since - before
    }
}

/// Tunes a base model as a recipe says.
///
/// The test rows are opened once, after the last parameter has moved.
///
/// # Errors
/// When the recipe does not fit, training diverges, the device fails, or the watcher stops the
/// run before anything was learned.
pub async fn tune<W: Watcher>(
    base: &Base,
    examples: &mut Examples,
    recipe: &Recipe,
    store: &mut FeatureStore,
    watcher: &mut W,
) -> Result<Outcome, EngineError> {
    tune_from(base, None, examples, recipe, store, watcher).await
}

/// Tunes as a recipe says, from an earlier run on the same base model if there is one.
///
/// Folds are trained from the base model in any case: the earlier run may have learned from the
/// rows that judge a fold.
///
/// # Errors
/// As [`tune`].
pub async fn tune_from<W: Watcher>(
    base: &Base,
    mut earlier: Option<Earlier<'_>>,
    examples: &mut Examples,
    recipe: &Recipe,
    store: &mut FeatureStore,
    watcher: &mut W,
) -> Result<Outcome, EngineError> {
    let issues = recipe.check();
    if !issues.is_empty() {
        return Err(EngineError::Input(issues));
    }
    let mut seconds = Seconds::default();
    let mut watch = Stopwatch::start(watcher);

    watcher.notice(Notice::Phase(Phase::Tokenize));
    let mut begun = Begun::of(base, earlier.as_ref(), examples, recipe).await?;
    seconds.tokenize = watch.lap(watcher);
    let own = &mut FeatureStore::default();
    let frozen = begun.read(base, recipe, store, own, watcher).await?;
    seconds.embed = watch.lap(watcher);

    let named = label_names(base, &examples.labels, recipe, store, watcher).await?;
    let needs_base = begun.needs_base(recipe);
    let seen = &mut begun.seen;
    seen.baselines = vec![seen.majority(recipe)];
    // The names were read by the base model, so only its vectors of rows can be held against them.
    if let Some(named) = named.as_ref().filter(|_| needs_base) {
        let width = frozen.hidden;
        let of_row = |&row: &usize| &frozen.values[row * width..][..width];
        let valid: Vec<f32> = seen.valid.iter().flat_map(of_row).copied().collect();
        let truth = seen.valid_truth();
        seen.baselines
            .push(named_baseline(named, &valid, &truth, recipe)?);
    }

    seconds.embed += watch.lap(watcher);
    let learned = begun.learn(base, &frozen, own, examples, recipe, watcher);
    let Learned {
        tuned,
        probe,
        path,
        parameters,
        probe_secs,
    } = learned.await?;
    // Vectors of an earlier encoder are needed no more.
    *own = FeatureStore::default();
    seconds.probe = probe_secs;
    seconds.train = watch.lap(watcher) - probe_secs;
    let Begun {
        seen, mut carried, ..
    } = begun;

    // Who stopped the training does not want more of it.
    let folded = match path.ended {
        Ended::Stopped => None,
        _ => cross_validate(base, examples, recipe, store, watcher).await?,
    };
    seconds.cross_validate = watch.lap(watcher);
    let (cross_validation, folds) = folded.map(OutOfFold::apart).unzip();

    watcher.notice(Notice::Phase(Phase::Evaluate));
    let train_rows = seen.train_counts();
    let watcher = &mut Steadfast(watcher);
    let valid = Scores {
        rows: examples.split.valid.clone(),
        truth: Truth::Labels(seen.valid_truth()),
        outputs: match &tuned.model {
            Model::Head(head) => score(&**head, &frozen, &seen.valid, watcher).await?,
            Model::Whole(classifier) => {
                score(&**classifier, seen.tokens.as_slice(), &seen.valid, watcher).await?
            }
        },
    };
    let (evaluation, test, baselines) = evaluate(
        base,
        examples,
        recipe,
        &tuned,
        probe.as_ref(),
        named.as_ref(),
        &train_rows,
        store,
        watcher,
    )
    .await?;
    if let (Some(earlier), Some(carried)) = (&mut earlier, &mut carried) {
        let watcher = &mut Forgetful(&mut Steadfast(watcher));
        carried.forgetting = forgotten(
            base,
            earlier,
            &carried.labels,
            &tuned,
            recipe,
            store,
            watcher,
        )
        .await?;
    }
    seconds.evaluate = watch.lap(watcher);
    let Path {
        epochs,
        best_epoch,
        ended,
        ..
    } = path;
    let report = RunReport {
        parameters,
        epochs,
        best_epoch,
        ended,
        evaluation: Judged::Labels(evaluation),
        cross_validation,
        inputs: Input::texts(&recipe.text),
        carried,
        seconds,
    };
    Ok(Outcome {
        tuned,
        report,
        scores: RunScores {
            valid,
            test,
            folds,
            baselines,
            train_rows,
            told: Vec::new(),
        },
    })
}

/// Opens the sealed rows and scores the model and its baselines on them.
#[expect(
    clippy::too_many_arguments,
    reason = "each is a different thing, and there is one caller"
)]
async fn evaluate<W: Watcher>(
    base: &Base,
    examples: &mut Examples,
    recipe: &Recipe,
    tuned: &Tuned,
    probe: Option<&Head>,
    named: Option<&LabelNames>,
    train_counts: &[u32],
    store: &mut FeatureStore,
    watcher: &mut W,
) -> Result<(Evaluation, Scores, Vec<BaselineOutputs>), EngineError> {
    let rows: Vec<RowId> = examples.split.test.open().to_vec();
    let truth: Vec<u32> = rows.iter().map(|&row| examples.label(row)).collect();
    let tokens = tokenize(base, examples, &rows, recipe);
    let texts: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
    let all: Vec<usize> = (0..rows.len()).collect();
    let classes = tuned.labels.len();
    let metrics = metrics(recipe);

    let frozen = store
        .of(&base.encoder, base.hidden, &texts, &base.device, watcher)
        .await?;
    let mut baselines = vec![Baseline::majority(train_counts, &truth, metrics)];
    let mut outputs = vec![BaselineOutputs::majority(train_counts, rows.len())];
    if let Some(named) = named {
        let probabilities = named.probabilities(&frozen.values);
        let scored = Classes::new(classes, &truth, &probabilities)?;
        baselines.push(Baseline::label_names(&scored.into(), metrics));
        outputs.push(BaselineOutputs {
            id: "label_names".to_owned(),
            outputs: probabilities,
        });
    }
    let probabilities = word_counts(examples, &rows, watcher).await;
    let scored = Classes::new(classes, &truth, &probabilities)?;
    baselines.push(Baseline::word_counts(&scored.into(), metrics));
    outputs.push(BaselineOutputs {
        id: "word_counts".to_owned(),
        outputs: probabilities,
    });
    if let Some(probe) = probe {
        let probabilities = score(probe, &frozen, &all, watcher).await?;
        let scored = Classes::new(classes, &truth, &probabilities)?;
        baselines.push(Baseline::probe(&scored.into(), metrics));
        outputs.push(BaselineOutputs {
            id: "probe".to_owned(),
            outputs: probabilities,
        });
    }
    let probabilities = match &tuned.model {
        Model::Head(head) => score(&**head, &frozen, &all, watcher).await?,
        Model::Whole(classifier) => score(&**classifier, tokens.as_slice(), &all, watcher).await?,
    };
    let scored = Classes::new(classes, &truth, &probabilities)?;
    let evaluation = Evaluation::of(
        Part::Test,
        &tuned.labels,
        &rows,
        &scored,
        metrics,
        baselines,
    );
    let scores = Scores {
        rows,
        truth: Truth::Labels(truth),
        outputs: probabilities,
    };
    Ok((evaluation, scores, outputs))
}

/// The classifier that the labels' names alone make, where they say something.
async fn label_names<W: Watcher>(
    base: &Base,
    labels: &[String],
    recipe: &Recipe,
    store: &mut FeatureStore,
    watcher: &mut W,
) -> Result<Option<LabelNames>, EngineError> {
    let Some(texts) = label_names::texts(labels) else {
        return Ok(None);
    };
    let encode = |text: &String| base.tokenizer.encode(text, recipe.max_tokens as usize).ids;
    let tokens: Vec<Vec<u32>> = texts.iter().map(encode).collect();
    let texts: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
    let read = base.frozen(store, &texts, watcher).await?;
    Ok(Some(LabelNames::of(read.hidden, &read.values)))
}

/// What the labels' names alone reach on rows with these vectors.
fn named_baseline(
    named: &LabelNames,
    vectors: &[f32],
    truth: &[u32],
    recipe: &Recipe,
) -> Result<Baseline, EngineError> {
    let probabilities = named.probabilities(vectors);
    let classes = probabilities.len() / truth.len().max(1);
    let scored = Classes::new(classes, truth, &probabilities)?;
    Ok(Baseline::label_names(&scored.into(), metrics(recipe)))
}

fn metrics(recipe: &Recipe) -> &'static [&'static dyn Metric] {
    task::find(&recipe.task)
        .expect("a checked recipe names a task")
        .metrics()
}

/// A new head. It is on the CPU whatever the encoder is on: its steps are so small that launching
/// them on a graphics processor would take longer than computing them.
fn fresh_head(base: &Base, seen: &Seen) -> Head {
    HeadConfig {
        hidden: base.hidden,
        classes: seen.classes,
        dropout: 0.0,
    }
    .init(&learning(&cpu()))
}

fn tokenize(base: &Base, examples: &Examples, rows: &[RowId], recipe: &Recipe) -> Vec<Vec<u32>> {
    rows.iter()
        .map(|row| {
            base.tokenizer
                .encode(&examples.texts[row.index()], recipe.max_tokens as usize)
                .ids
        })
        .collect()
}

/// Rows that training may see, in one list: first those to learn from, then those to stop by.
struct Seen {
    tokens: Vec<Vec<u32>>,
    labels: Vec<u32>,
    train: Vec<usize>,
    valid: Vec<usize>,
    parts: [u32; 3],
    classes: usize,
    /// What is reached on the validation rows without learning from a text.
    baselines: Vec<Baseline>,
}

impl Seen {
    fn read(base: &Base, examples: &Examples, recipe: &Recipe) -> Self {
        let split = &examples.split;
        Self::of(base, examples, recipe, &split.train, &split.valid)
    }

    fn of(
        base: &Base,
        examples: &Examples,
        recipe: &Recipe,
        train: &[RowId],
        valid: &[RowId],
    ) -> Self {
        let rows: Vec<RowId> = train.iter().chain(valid).copied().collect();
        Self {
            tokens: tokenize(base, examples, &rows, recipe),
            labels: rows.iter().map(|&row| examples.label(row)).collect(),
            train: (0..train.len()).collect(),
            valid: (train.len()..rows.len()).collect(),
            parts: [
                train.len() as u32,
                valid.len() as u32,
                examples.split.test.len() as u32,
            ],
            classes: examples.labels.len(),
            baselines: Vec::new(),
        }
    }

    fn lesson<'a, D: ?Sized>(&'a self, data: &'a D) -> Lesson<'a, D> {
        let Self {
            labels,
            train,
            valid,
            classes,
            ..
        } = self;
        Lesson {
            data,
            labels,
            train,
            valid,
            classes: *classes,
        }
    }

    fn valid_truth(&self) -> Vec<u32> {
        self.valid.iter().map(|&row| self.labels[row]).collect()
    }

    fn texts(&self) -> Vec<&[u32]> {
        self.tokens.iter().map(Vec::as_slice).collect()
    }

    fn train_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.classes];
        for &row in &self.train {
            counts[self.labels[row] as usize] += 1;
        }
        counts
    }

    fn majority(&self, recipe: &Recipe) -> Baseline {
        Baseline::majority(&self.train_counts(), &self.valid_truth(), metrics(recipe))
    }
}
