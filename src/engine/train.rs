//! The training loop: async, yields between steps, reads the loss late.
//!
//! To whoever edits this: nothing here may wait for the device except [`read`], and `read` is
//! called at the end of an epoch and when a progress report is due, never in every step. On WebGPU
//! a readback stalls the queue, and in a browser `onmessage` cannot run while we do not yield.

use std::future::Future;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::anchor::Anchor;
use super::checkpoint::{Checkpoint, Standing};
use super::classifier::Learner;
use super::error::EngineError;
use super::loss::TargetMaker;
use super::optimizer::Optimizer;
use super::schedule::rate_share;
use super::tuning::{ParameterGroup, freeze_others};
use crate::domain::evaluation::Temperature;
use crate::domain::metric::{Classes, most_probable};
use crate::domain::recipe::Training;
use crate::domain::report::{Baseline, Ended, EpochReport, ParameterCount, Phase, Progress};
use crate::domain::text::bucketed;

/// What the watcher wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// The next step.
    Go,
    /// The end, with the best checkpoint kept.
    Stop,
}

/// What training tells while it runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// Something else began, or got further.
    Phase(Phase),
    /// The rows are apart and the model is built.
    Prepared {
        /// Rows for training, validation and test.
        parts: [u32; 3],
        /// How many numbers move.
        parameters: ParameterCount,
    },
    /// What simple models reach on the validation rows.
    Baselines(Vec<Baseline>),
    /// Training got further.
    Progress(Progress),
    /// An epoch ended.
    Epoch(EpochReport),
}

/// The world as training sees it.
pub trait Watcher {
    /// Seconds since some fixed moment.
    fn now(&self) -> f64;

    /// Hears of something. Must not block.
    fn notice(&mut self, notice: Notice);

    /// Called between steps: yields to whatever else wants to run, waits while paused, and says
    /// whether to go on.
    fn breathe(&mut self) -> impl Future<Output = Control>;

    /// The checkpoint to go on from, asked for once, before the first step.
    fn resume(&mut self) -> Option<Checkpoint> {
        None
    }

    /// Whether what was learned so far should be kept now.
    fn is_checkpoint_due(&self) -> bool {
        false
    }

    /// Takes in a checkpoint, to keep where it outlives a crash.
    fn keep(&mut self, checkpoint: Checkpoint) -> impl Future<Output = ()> {
        async { drop(checkpoint) }
    }

    /// Takes in vectors of texts, as [`super::features::FeatureStore::absorb`] reads them: a minute
    /// of work on the CPU that need not be done twice.
    fn keep_features(&mut self, part: Vec<u8>) -> impl Future<Output = ()> {
        async { drop(part) }
    }
}

/// Seconds between two progress reports, each of which reads the loss from the device.
const PROGRESS_INTERVAL: f64 = 0.1;

/// Rows per batch when nothing is learned: no graph is kept, so more fit.
pub const SCORING_BATCH: usize = 32;

/// Batches whose answers wait on the device until they are read together.
const BATCHES_READ_AT_ONCE: usize = 32;

/// Rows to learn from and rows to stop by.
pub struct Lesson<'a, D: ?Sized> {
    /// What the model reads.
    pub data: &'a D,
    /// Index of every row's true label.
    pub labels: &'a [u32],
    /// Rows of `data` to learn from.
    pub train: &'a [usize],
    /// Rows of `data` to stop by.
    pub valid: &'a [usize],
    /// Number of labels.
    pub classes: usize,
}

/// What [`fit`] leaves.
pub struct Fitted<M> {
    /// The best checkpoint, without a graph.
    pub model: M,
    /// How it got there.
    pub path: Path,
}

impl<M> Fitted<M> {
    /// Model and path apart.
    pub fn split(self) -> (M, Path) {
        (self.model, self.path)
    }
}

/// How training went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Every epoch, in order.
    pub epochs: Vec<EpochReport>,
    /// The epoch whose weights were kept, from 1; 0 when no epoch was completed, or none was better than
    /// what was learned before.
    pub best_epoch: u32,
    /// Loss and score on the validation rows of what was learned before, where that may be kept as it is.
    #[serde(default)]
    pub before: Option<[f32; 2]>,
    /// Why it ended.
    pub ended: Ended,
}

impl Path {
    /// Loss and score on the validation rows of what was kept; none where no epoch was completed.
    pub(super) fn kept(&self) -> Option<[f32; 2]> {
        match self.best_epoch.checked_sub(1) {
            Some(at) => {
                (self.epochs.get(at as usize)).map(|epoch| [epoch.valid_loss, epoch.valid_accuracy])
            }
            None => self.before,
        }
    }

    /// How many epochs and steps there were.
    pub(super) fn end(&self) -> (u32, u32) {
        (
            self.epochs.len() as u32,
            self.epochs.last().map_or(0, |last| last.step),
        )
    }

    /// This and what came after it, which began with the best of this.
    pub(super) fn followed_by(mut self, next: Self) -> Self {
        let (epochs, steps) = self.end();
        if next.best_epoch > 0 {
            self.best_epoch = epochs + next.best_epoch;
        }
        let next_epochs = next.epochs.iter().map(|epoch| epoch.after(epochs, steps));
        self.epochs.extend(next_epochs);
        self.ended = next.ended;
        self
    }
}

/// Derives a seed for one purpose, so that no two purposes share a stream of random numbers.
///
/// SplitMix64's finaliser (Steele et al. 2014, "Fast splittable pseudorandom number generators").
pub fn seed_for(seed: u32, purpose: u64) -> u64 {
    let mut z = (u64::from(seed) << 32 ^ purpose).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Moves the groups' parameters until the validation loss no longer falls, the epochs are done or
/// the watcher wants to stop, and restores the best checkpoint.
///
/// An encoder that learns grows too sure long before it knows no more, so an epoch is judged, and kept, as
/// sure as the validation rows say that it may be; see [`Temperature::refine`].
///
/// # Errors
/// When the loss is no longer a number, or the device fails.
pub async fn fit<M: Learner, W: Watcher>(
    model: M,
    groups: Vec<ParameterGroup>,
    training: &Training,
    lesson: &Lesson<'_, M::Data>,
    seed: u32,
    watcher: &mut W,
) -> Result<Fitted<M>, EngineError> {
    let mut model = freeze_others(model, &groups).train();
    let device = model.device();
    let anchor = Anchor::of(&model, training.transfer.l2_sp);
    let mut optimizer = Optimizer::new(groups.clone(), training).with_anchor(anchor);
    let mut counts = vec![0; lesson.classes];
    for &row in lesson.train {
        counts[lesson.labels[row] as usize] += 1;
    }
    let targets = TargetMaker::new(&counts, training.class_weights, training.label_smoothing);
    let all_lengths = M::lengths(lesson.data);
    let lengths: Vec<u32> = lesson.train.iter().map(|&row| all_lengths[row]).collect();
    let batch_size = training.batch_size as usize;
    let steps = (lesson.train.len().div_ceil(batch_size) as u32) * training.epochs;

    let mut order = ChaCha8Rng::seed_from_u64(seed_for(seed, 1));
    let mut best = (f32::INFINITY, 0, model.valid());
    let stood = take_up(watcher, &mut model, &mut best, &mut optimizer, &device);
    let mut epochs = stood.epochs;
    let mut ended = Ended::Complete;
    let mut step = stood.step;
    let mut under_way = ReadSums::from(stood.under_way);
    let done = (epochs.len() as u32, step);
    let mut speed = Speedometer::start(watcher.now());

    'epochs: for epoch in 1..=training.epochs {
        let batches = bucketed(&lengths, batch_size, Some(&mut order));
        if epoch <= done.0 {
            continue;
        }
        model = thaw(model, &groups, epoch);
        let first = (epoch - 1) * batches.len() as u32;
        let mut sums = Sums {
            total: std::mem::take(&mut under_way),
            ..Sums::default()
        };
        let mut fresh = Sums::default();
        for (at, batch) in (first..).zip(batches) {
            if at < done.1 {
                continue;
            }
            if watcher.breathe().await == Control::Stop {
                ended = Ended::Stopped;
                break 'epochs;
            }
            // Each step has a seed of its own, so that a run resumed at a step draws the same
            // dropout as one that was never interrupted.
            device.seed(seed_for(seed, 1 << 32 | u64::from(step)));
            let rows: Vec<usize> = batch.iter().map(|&at| lesson.train[at]).collect();
            let truth = rows.iter().map(|&row| lesson.labels[row]).collect();
            let targets = targets.targets(truth, &device);
            let logits = model.logits(lesson.data, &rows);
            let loss = targets.cross_entropy(logits.clone());
            let gradients = loss.backward();
            fresh.add(loss.inner(), targets.hits(logits.inner()), rows.len());
            let share = rate_share(training.schedule, training.warmup, step, steps);
            model = optimizer.step(model, gradients, share);
            step += 1;
            speed.add(rows.len(), watcher.now());

            if speed.is_due() {
                let read = fresh.take().read(step).await?;
                sums.absorb(read);
                watcher.notice(Notice::Progress(Progress {
                    step,
                    steps,
                    epoch,
                    epochs: training.epochs,
                    loss: Some(read.loss / read.rows.max(1) as f32),
                    rows_per_second: speed.rows_per_second(),
                    seconds_left: speed.seconds_per_step() * (steps - step) as f32,
                }));
                speed.reported(watcher.now());
            }
            if watcher.is_checkpoint_due() {
                sums.absorb(fresh.take().read(step).await?);
                let standing = standing(step, &epochs, &best, sums.total);
                let kept = (best.1 > 0).then_some(&best.2);
                let taken =
                    Checkpoint::take(standing, &groups, &model.valid(), &optimizer, kept).await?;
                watcher.keep(taken).await;
                speed.skip_to(watcher.now());
            }
        }
        sums.absorb(fresh.take().read(step).await?);

        let snapshot = model.valid();
        let judged = refined(&snapshot, lesson, &targets, watcher).await?;
        let (temperature, [valid_loss, valid_accuracy]) = judged;
        speed.skip_to(watcher.now());
        let is_best = valid_loss < best.0;
        if is_best {
            best = (valid_loss, epoch, snapshot.at_temperature(temperature));
        }
        let report = EpochReport {
            epoch,
            step,
            train_loss: sums.total.loss / sums.total.rows.max(1) as f32,
            train_accuracy: sums.total.hits / sums.total.rows.max(1) as f32,
            valid_loss,
            valid_accuracy,
            is_best,
        };
        epochs.push(report);
        watcher.notice(Notice::Epoch(report));
        if training.patience > 0 && epoch - best.1 >= training.patience {
            ended = if epoch < training.epochs {
                Ended::Early
            } else {
                Ended::Complete
            };
            break;
        }
        if watcher.is_checkpoint_due() && epoch < training.epochs {
            let standing = standing(step, &epochs, &best, ReadSums::default());
            let taken =
                Checkpoint::take(standing, &groups, &model.valid(), &optimizer, Some(&best.2))
                    .await?;
            watcher.keep(taken).await;
            speed.skip_to(watcher.now());
        }
    }
    // A run that is stopped within its first epoch has no checkpoint that validation chose; what
    // it learned so far is what the person asked to keep.
    let (best_epoch, model) = if best.1 == 0 && step > 0 {
        (0, model.valid())
    } else {
        (best.1, best.2)
    };
    Ok(Fitted {
        model,
        path: Path {
            epochs,
            best_epoch,
            before: None,
            ended,
        },
    })
}

/// Takes up a run where a checkpoint left it, if there is one, and gives where that was: the model, the
/// optimizer's moments, and with its loss and its epoch the best model so far. Whoever watches sees the
/// whole path, not only what is still to come.
pub(super) fn take_up<M: Module, W: Watcher>(
    watcher: &mut W,
    model: &mut M,
    best: &mut (f32, u32, M),
    optimizer: &mut Optimizer,
    device: &Device,
) -> Standing {
    let Some(checkpoint) = watcher.resume() else {
        return Standing::default();
    };
    *model = checkpoint.restore(model.clone());
    checkpoint.remind(optimizer, model, &device.clone().inner());
    let standing = checkpoint.standing.clone();
    if let Some((loss, epoch)) = standing.best {
        *best = (loss, epoch, checkpoint.restore_best(model.valid()));
    }
    for &epoch in &standing.epochs {
        watcher.notice(Notice::Epoch(epoch));
    }
    standing
}

/// Lets those groups move whose time has come, where some are to wait.
pub(super) fn thaw<M: Module>(model: M, groups: &[ParameterGroup], epoch: u32) -> M {
    if groups.iter().all(|group| group.frozen_epochs == 0) {
        return model;
    }
    let moving = groups.iter().filter(|group| group.frozen_epochs < epoch);
    freeze_others(model, &moving.cloned().collect::<Vec<_>>())
}

/// Where a run is.
fn standing<M>(
    step: u32,
    epochs: &[EpochReport],
    best: &(f32, u32, M),
    under_way: ReadSums,
) -> Standing {
    Standing {
        step,
        epochs: epochs.to_vec(),
        best: (best.1 > 0).then_some((best.0, best.1)),
        under_way: (under_way.loss, under_way.hits, under_way.rows as u64),
        ..Standing::default()
    }
}

/// Probabilities of the chosen rows, in their order, row-major, shape `[rows, classes]`.
///
/// # Errors
/// When the device fails.
pub async fn score<M: Learner, W: Watcher>(
    model: &M,
    data: &M::Data,
    rows: &[usize],
    watcher: &mut W,
) -> Result<Vec<f32>, EngineError> {
    let all_lengths = M::lengths(data);
    let lengths: Vec<u32> = rows.iter().map(|&row| all_lengths[row]).collect();
    let mut probabilities = Vec::new();
    for batches in bucketed(&lengths, SCORING_BATCH, None).chunks(BATCHES_READ_AT_ONCE) {
        let mut shares = Vec::new();
        for batch in batches {
            watcher.breathe().await;
            let chosen: Vec<usize> = batch.iter().map(|&at| rows[at]).collect();
            let logits = model.logits(data, &chosen);
            shares.push(burn::tensor::activation::softmax(logits, 1));
        }
        let shares = Tensor::cat(shares, 0);
        let [_, classes] = shares.dims();
        probabilities.resize(rows.len() * classes, 0.0);
        let shares = read(shares).await?;
        for (&at, share) in batches.iter().flatten().zip(shares.chunks_exact(classes)) {
            probabilities[at * classes..][..classes].copy_from_slice(share);
        }
    }
    Ok(probabilities)
}

/// Reads a tensor from its device.
///
/// # Errors
/// When the device fails.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, EngineError> {
    let data = tensor.into_data_async().await?;
    Ok(data
        .try_into_vec::<f32>()
        .expect("the engine computes in f32"))
}

/// Mean loss and share of right answers on the validation rows.
pub(super) async fn judge<M: Learner, W: Watcher>(
    model: &M,
    lesson: &Lesson<'_, M::Data>,
    targets: &TargetMaker,
    watcher: &mut W,
) -> Result<(f32, f32), EngineError> {
    let all_lengths = M::lengths(lesson.data);
    let lengths: Vec<u32> = lesson.valid.iter().map(|&row| all_lengths[row]).collect();
    let device = model.device();
    let mut sums: Option<(Tensor<1>, Tensor<1>)> = None;
    let mut weight = 0.0;
    for batch in bucketed(&lengths, SCORING_BATCH, None) {
        watcher.breathe().await;
        let rows: Vec<usize> = batch.iter().map(|&at| lesson.valid[at]).collect();
        let targets = targets.targets(
            rows.iter().map(|&row| lesson.labels[row]).collect(),
            &device,
        );
        let logits = model.logits(lesson.data, &rows);
        let loss = targets.cross_entropy(logits.clone()) * f64::from(targets.weight());
        let hits = targets.hits(logits);
        weight += targets.weight();
        sums = Some(match sums {
            Some((losses, all_hits)) => (losses + loss, all_hits + hits),
            None => (loss, hits),
        });
    }
    let Some((loss, hits)) = sums else {
        return Ok((f32::NAN, f32::NAN));
    };
    let both = read(Tensor::cat(vec![loss, hits], 0)).await?;
    Ok((both[0] / weight, both[1] / lesson.valid.len() as f32))
}

/// The temperature that suits the validation rows, and loss and accuracy there at that temperature; not a
/// number where the scores are none.
async fn refined<M: Learner, W: Watcher>(
    model: &M,
    lesson: &Lesson<'_, M::Data>,
    targets: &TargetMaker,
    watcher: &mut W,
) -> Result<(f64, [f32; 2]), EngineError> {
    let found = score(model, lesson.data, lesson.valid, watcher).await?;
    let truth: Vec<u32> = lesson.valid.iter().map(|&row| lesson.labels[row]).collect();
    let weights: Vec<f64> = truth.iter().map(|&label| targets.weight(label)).collect();
    let unknown = (1.0, [f32::NAN; 2]);
    let classes =
        Classes::new(lesson.classes, &truth, &found).and_then(|own| own.weighted(&weights));
    let Ok(classes) = classes else {
        return Ok(unknown);
    };
    let Ok((temperature, loss)) = Temperature::refine(&classes) else {
        return Ok(unknown);
    };
    let hits = classes
        .rows()
        .filter(|(truth, own)| most_probable(own) == *truth);
    let accuracy = hits.count() as f32 / truth.len() as f32;
    Ok((temperature.0, [loss as f32, accuracy]))
}

/// Loss and hits that are still on the device.
#[derive(Default)]
struct Sums {
    waiting: Option<(Tensor<1>, Tensor<1>)>,
    rows: usize,
    total: ReadSums,
}

#[derive(Debug, Default, Clone, Copy)]
struct ReadSums {
    loss: f32,
    hits: f32,
    rows: usize,
}

impl From<(f32, f32, u64)> for ReadSums {
    fn from((loss, hits, rows): (f32, f32, u64)) -> Self {
        Self {
            loss,
            hits,
            rows: rows as usize,
        }
    }
}

impl Sums {
    fn add(&mut self, mean_loss: Tensor<1>, hits: Tensor<1>, rows: usize) {
        let loss = mean_loss * rows as f64;
        self.waiting = Some(match self.waiting.take() {
            Some((losses, all_hits)) => (losses + loss, all_hits + hits),
            None => (loss, hits),
        });
        self.rows += rows;
    }

    fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    async fn read(self, step: u32) -> Result<ReadSums, EngineError> {
        let Some((loss, hits)) = self.waiting else {
            return Ok(ReadSums::default());
        };
        let both = read(Tensor::cat(vec![loss, hits], 0)).await?;
        if !both[0].is_finite() {
            return Err(EngineError::Diverged { step });
        }
        Ok(ReadSums {
            loss: both[0],
            hits: both[1],
            rows: self.rows,
        })
    }

    fn absorb(&mut self, read: ReadSums) {
        self.total.loss += read.loss;
        self.total.hits += read.hits;
        self.total.rows += read.rows;
    }
}

/// How fast it goes, over the last steps.
struct Speedometer {
    last_report: f64,
    now: f64,
    rows: usize,
    steps: u32,
    since: f64,
    per_step: f32,
    rate: f32,
}

/// Seconds over which the speed is measured: long enough to be calm, short enough to be true.
const SPEED_WINDOW: f64 = 2.0;

impl Speedometer {
    fn start(now: f64) -> Self {
        Self {
            last_report: now,
            now,
            rows: 0,
            steps: 0,
            since: now,
            per_step: 0.0,
            rate: 0.0,
        }
    }

    fn add(&mut self, rows: usize, now: f64) {
        self.rows += rows;
        self.steps += 1;
        self.now = now;
        let elapsed = now - self.since;
        if elapsed > 0.0 && (self.per_step == 0.0 || elapsed >= SPEED_WINDOW) {
            self.rate = (self.rows as f64 / elapsed) as f32;
            self.per_step = (elapsed / f64::from(self.steps)) as f32;
            if elapsed >= SPEED_WINDOW {
                self.skip_to(now);
            }
        }
    }

    /// Leaves out time that was not spent on steps.
    fn skip_to(&mut self, now: f64) {
        self.since = now;
        self.rows = 0;
        self.steps = 0;
    }

    fn is_due(&self) -> bool {
        self.now - self.last_report >= PROGRESS_INTERVAL
    }

    fn reported(&mut self, now: f64) {
        self.last_report = now;
    }

    fn rows_per_second(&self) -> f32 {
        self.rate
    }

    fn seconds_per_step(&self) -> f32 {
        self.per_step
    }
}

/// A fresh generator for one purpose of a run.
pub fn rng_for(seed: u32, purpose: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed_for(seed, purpose))
}

/// The same device, able to keep a graph.
pub fn learning(device: &Device) -> Device {
    device.clone().autodiff()
}
