//! Contrastive tuning: the encoder learns from pairs of rows, then the head is solved on what it has
//! become.
//!
//! Source: Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts", section 3.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::seq::SliceRandom;

use super::{
    Base, PURPOSE_LORA, ParameterCount, Quiet, Seen, Steadfast, count, fit_head, freeze_others,
    fresh_head, prepare,
};
use crate::domain::pairs::{self, Pair};
use crate::domain::recipe::{Recipe, Training};
use crate::domain::report::{Ended, EpochReport, Phase, Progress};
use crate::engine::anchor::Anchor;
use crate::engine::checkpoint::{Checkpoint, Standing};
use crate::engine::classifier::{Classifier, Learner};
use crate::engine::contrastive::pair_loss;
use crate::engine::encoder::BertEncoder;
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::head::Head;
use crate::engine::optimizer::Optimizer;
use crate::engine::schedule::rate_share;
use crate::engine::train::{Control, Notice, Path, Watcher, read, rng_for, seed_for, take_up};
use crate::engine::tuning::encoder_groups;

/// The stream that draws pairs.
const PURPOSE_PAIRS: u64 = 6;

/// Seconds between two progress reports, each of which reads the loss from the device.
const PROGRESS_INTERVAL: f64 = 0.1;

/// Tunes the encoder on pairs of training rows, and solves the head on it after every pass.
///
/// Without patience the last pass is kept; with it, the one whose head has the lowest loss on the
/// validation rows.
///
/// # Errors
/// When the loss is no longer a number, or the device fails.
pub(super) async fn tune_contrastive<W: Watcher>(
    base: &Base,
    (encoder, head): (BertEncoder, Head),
    seen: &Seen,
    head_training: &Training,
    recipe: &Recipe,
    watcher: &mut W,
) -> Result<(Classifier, Path, ParameterCount), EngineError> {
    let Recipe {
        tuning,
        training,
        seed,
        ..
    } = recipe;
    let (classifier, groups) = prepare(
        encoder,
        head.on(&base.device).await?,
        tuning,
        training,
        &mut rng_for(*seed, PURPOSE_LORA),
        &base.device,
    );
    let parameters = count(&classifier, &groups);
    watcher.notice(Notice::Prepared {
        parts: seen.parts,
        parameters,
    });
    watcher.notice(Notice::Phase(Phase::Train));
    // The head does not move with the pairs.
    let groups = encoder_groups(&classifier.encoder, tuning, training);
    let mut model = freeze_others(classifier, &groups).train();
    let device = model.device();
    let anchor = Anchor::of(&model, training.transfer.l2_sp);
    let mut optimizer = Optimizer::new(groups.clone(), training).with_anchor(anchor);
    let mut drawing = rng_for(*seed, PURPOSE_PAIRS);
    let labels: Vec<u32> = seen.train.iter().map(|&row| seen.labels[row]).collect();
    let batch_size = training.batch_size as usize;

    let mut best = (f32::INFINITY, 0, model.valid());
    let done = take_up(watcher, &mut model, &mut best, &mut optimizer, &device);
    let (loss, epoch, best) = best;
    let mut kept: Kept = Kept {
        loss,
        epoch,
        model: best,
        is_solved: false,
    };
    let mut epochs: Vec<EpochReport> = done.epochs.clone();
    let mut ended = Ended::Complete;
    let mut step = 0;
    let mut pace = Pace::start(watcher.now());

    'epochs: for epoch in 1..=training.epochs {
        let mut pairs: Vec<Pair> = pairs::draw(
            &labels,
            tuning.contrastive.rounds,
            tuning.contrastive.budget as usize,
            &mut drawing,
        );
        pairs.shuffle(&mut drawing);
        // They name places among the training rows, which need not be the first of all.
        for pair in &mut pairs {
            *pair = Pair {
                left: seen.train[pair.left],
                right: seen.train[pair.right],
                ..*pair
            };
        }
        let steps = pairs.len().div_ceil(batch_size) as u32 * training.epochs;
        for batch in pairs.chunks(batch_size) {
            step += 1;
            if step <= done.step {
                continue;
            }
            if watcher.breathe().await == Control::Stop {
                ended = Ended::Stopped;
                break 'epochs;
            }
            // Each step has a seed of its own, so that a run that goes on from a checkpoint draws
            // the same dropout.
            device.seed(seed_for(*seed, 1 << 32 | u64::from(step - 1)));
            let loss = pair_loss(&model.encoder, &seen.tokens, batch, &device);
            let gradients = loss.backward();
            pace.add(loss.inner(), batch.len());
            let share = rate_share(training.schedule, training.warmup, step - 1, steps);
            model = optimizer.step(model, gradients, share);

            if watcher.now() - pace.told >= PROGRESS_INTERVAL {
                let progress = pace.tell(step, steps, epoch, training.epochs, watcher.now());
                watcher.notice(Notice::Progress(progress.await?));
            }
            if watcher.is_checkpoint_due() {
                let standing = Standing {
                    step,
                    epochs: epochs.clone(),
                    best: (kept.epoch > 0).then_some((kept.loss, kept.epoch)),
                    ..Standing::default()
                };
                let best = (kept.epoch > 0).then_some(&kept.model);
                let taken =
                    Checkpoint::take(standing, &groups, &model.valid(), &optimizer, best).await?;
                watcher.keep(taken).await;
                pace = Pace::start(watcher.now());
            }
        }
        if epoch <= epochs.len() as u32 {
            continue;
        }
        let (snapshot, figures) = solve(base, seen, model.valid(), head_training, watcher).await?;
        let is_best = training.patience == 0 || figures.valid_loss < kept.loss;
        let report = EpochReport {
            epoch,
            step,
            is_best,
            ..figures
        };
        if is_best {
            kept = Kept {
                loss: report.valid_loss,
                epoch,
                model: snapshot,
                is_solved: true,
            };
        }
        epochs.push(report);
        watcher.notice(Notice::Epoch(report));
        if training.patience > 0 && epoch - kept.epoch >= training.patience {
            if epoch < training.epochs {
                ended = Ended::Early;
            }
            break;
        }
        pace = Pace::start(watcher.now());
    }
    // A run that is stopped within its first pass keeps what it learned so far.
    let best_epoch = kept.epoch;
    let classifier = match kept {
        Kept {
            is_solved: true,
            model,
            ..
        } => model,
        Kept { epoch: 0, .. } => {
            solve(base, seen, model.valid(), head_training, watcher)
                .await?
                .0
        }
        Kept { model, .. } => solve(base, seen, model, head_training, watcher).await?.0,
    };
    let path = Path {
        epochs,
        best_epoch,
        before: None,
        ended,
    };
    Ok((classifier, path, parameters))
}

/// The best so far.
struct Kept {
    loss: f32,
    epoch: u32,
    model: Classifier,
    /// Whether its head was solved on its encoder; not so out of a checkpoint.
    is_solved: bool,
}

/// A classifier without a graph, with a head that was solved on its encoder, and how that does; epoch
/// and step are left open.
async fn solve<W: Watcher>(
    base: &Base,
    seen: &Seen,
    mut snapshot: Classifier,
    head_training: &Training,
    watcher: &mut W,
) -> Result<(Classifier, EpochReport), EngineError> {
    // Whoever stops wants what was learned, and that needs a head; vectors of an encoder that moves
    // are not kept for other runs.
    let mut quiet = Quiet(watcher);
    let mut quiet = Steadfast(&mut quiet);
    let texts: Vec<&[u32]> = seen.tokens.iter().map(Vec::as_slice).collect();
    let features = FeatureStore::default()
        .of(
            &snapshot.encoder,
            base.hidden,
            &texts,
            &base.device,
            &mut quiet,
        )
        .await?;
    let lesson = seen.lesson(&features);
    let (head, path) = fit_head(fresh_head(base, seen), head_training, &lesson, &mut quiet)
        .await?
        .split();
    snapshot.head = head.on(&base.device).await?;
    let report = path.epochs.last().copied();
    Ok((
        snapshot,
        report.expect("a head is solved in one epoch or more"),
    ))
}

/// How fast it goes, and the losses since the last report.
struct Pace {
    started: f64,
    told: f64,
    steps: u32,
    pairs: usize,
    waiting: Option<Tensor<1>>,
    fresh: u32,
}

impl Pace {
    fn start(now: f64) -> Self {
        Self {
            started: now,
            told: now,
            steps: 0,
            pairs: 0,
            waiting: None,
            fresh: 0,
        }
    }

    fn add(&mut self, loss: Tensor<1>, pairs: usize) {
        self.waiting = Some(match self.waiting.take() {
            Some(sum) => sum + loss,
            None => loss,
        });
        self.fresh += 1;
        self.steps += 1;
        self.pairs += pairs;
    }

    async fn tell(
        &mut self,
        step: u32,
        steps: u32,
        epoch: u32,
        epochs: u32,
        now: f64,
    ) -> Result<Progress, EngineError> {
        let sum = self.waiting.take().expect("told after a step");
        let loss = read(sum).await?[0] / self.fresh as f32;
        if !loss.is_finite() {
            return Err(EngineError::Diverged { step });
        }
        self.fresh = 0;
        self.told = now;
        let elapsed = (now - self.started).max(f64::MIN_POSITIVE);
        Ok(Progress {
            step,
            steps,
            epoch,
            epochs,
            loss: Some(loss),
            rows_per_second: (self.pairs as f64 / elapsed) as f32,
            seconds_left: (elapsed / f64::from(self.steps) * f64::from(steps - step)) as f32,
        })
    }
}
