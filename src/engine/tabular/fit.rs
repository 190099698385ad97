//! Trains a network on a table's rows, stops by the validation rows, keeps the best checkpoint.

use burn::module::ParamId;
use burn::tensor::{Tensor, TensorData};
use rand::seq::SliceRandom;

use super::input::{TableInput, indices};
use super::mixup::Mix;
use super::net::{RowNet, TableNet};
use super::objective::Objective;
use crate::domain::features::network::NetworkOptions;
use crate::domain::recipe::{ClassWeights, Schedule, Training, Transfer};
use crate::domain::report::{Ended, EpochReport, Progress};
use crate::engine::anchor::Anchor;
use crate::engine::checkpoint::{Checkpoint, Standing};
use crate::engine::error::EngineError;
use crate::engine::optimizer::Optimizer;
use crate::engine::schedule::rate_share;
use crate::engine::train::{
    Control, Fitted, Notice, Path, Watcher, read, rng_for, seed_for, take_up, thaw,
};
use crate::engine::tuning::{ParameterGroup, freeze_others, pull_to_zero};

/// Seconds between two progress reports.
const PROGRESS_INTERVAL: f64 = 0.1;

/// The stream that orders the rows.
const PURPOSE_ORDER: u64 = 21;

/// The stream that mixes rows.
const PURPOSE_MIXUP: u64 = 24;

/// Which rows to learn from, and which to stop by.
pub struct TableLesson<'a> {
    /// All rows, on the device of the network.
    pub input: &'a TableInput,
    /// What the outputs should be, for all rows of `input`.
    pub objective: &'a dyn Objective,
    /// Rows to learn from.
    pub train: &'a [usize],
    /// Rows to stop by.
    pub valid: &'a [usize],
    /// Whether the network has learned the same before: then it may be best as it is.
    pub knows: bool,
    /// Whether it is taken to be best as it is until an epoch is better by more than one standard error:
    /// where few rows stop it, one of many epochs is better by chance (Breiman et al. 1984, section 3.4.3,
    /// the one-standard-error rule).
    pub is_wary: bool,
}

/// The groups that learn: one that weight decay pulls at, and one that it spares.
pub fn groups(net: &TableNet, options: &NetworkOptions) -> Vec<ParameterGroup> {
    groups_of(net, options, &Transfer::default())
}

/// The same where what was learned before is spared: a pair of groups a layer, the heads first, where
/// layers do not all move alike (Howard and Ruder 2018, sections 3.2 and 3.3).
pub(super) fn groups_of(
    net: &TableNet,
    options: &NetworkOptions,
    transfer: &Transfer,
) -> Vec<ParameterGroup> {
    let decay = pull_to_zero(&training(options, transfer));
    let pair = |(pulled, spared): (Vec<ParamId>, Vec<ParamId>), above: u32| {
        [(pulled, decay), (spared, 0.0)].map(|(ids, weight_decay)| ParameterGroup {
            name: "table",
            ids,
            peak_rate: options.learning_rate * transfer.layer_decay.powi(above as i32),
            weight_decay,
            frozen_epochs: transfer.unfreeze_epochs * above,
        })
    };
    let layers = net.learned();
    if transfer.layer_decay >= 1.0 && transfer.unfreeze_epochs == 0 {
        let (mut pulled, mut spared) = (Vec::new(), Vec::new());
        for (more_pulled, more_spared) in layers.into_iter().rev() {
            pulled.extend(more_pulled);
            spared.extend(more_spared);
        }
        return pair((pulled, spared), 0).into();
    }
    let with_depth = layers.into_iter().zip(0..);
    with_depth
        .flat_map(|(layer, above)| pair(layer, above))
        .collect()
}

/// Trains until the validation loss no longer falls, the epochs are done or the watcher wants to
/// stop. The network has to be on a device that keeps a graph.
///
/// # Errors
/// When the loss is no longer a number, or the device fails.
pub async fn fit_table<W: Watcher>(
    net: TableNet,
    lesson: &TableLesson<'_>,
    options: &NetworkOptions,
    transfer: &Transfer,
    seed: u32,
    watcher: &mut W,
) -> Result<Fitted<TableNet>, EngineError> {
    let groups = groups_of(&net, options, transfer);
    let pace = Pace {
        training: training(options, transfer),
        mixup: options.mixup,
    };
    fit_rows(net, groups, lesson, &pace, seed, watcher).await
}

/// How a network that reads rows learns.
pub(super) struct Pace {
    /// Epochs, rates and regularization.
    pub training: Training,
    /// See [`NetworkOptions::mixup`].
    pub mixup: f64,
}

/// [`fit_table`] for any network that reads rows.
pub(super) async fn fit_rows<N: RowNet, W: Watcher>(
    net: N,
    groups: Vec<ParameterGroup>,
    lesson: &TableLesson<'_>,
    pace: &Pace,
    seed: u32,
    watcher: &mut W,
) -> Result<Fitted<N>, EngineError> {
    let Pace { training, mixup } = pace;
    let mut net = freeze_others(net, &groups).train();
    let device = net.home();
    let anchor = Anchor::of(&net, training.transfer.l2_sp);
    let mut optimizer = Optimizer::new(groups.clone(), training).with_anchor(anchor);
    let (targets, width) = lesson.objective.targets();
    let targets = Tensor::<2>::from_data(
        TensorData::new(targets, [lesson.input.rows(), width]),
        lesson.input.device(),
    );
    let mut rng = rng_for(seed, PURPOSE_ORDER);
    let mut order = lesson.train.to_vec();
    let batch_size = training.batch_size as usize;
    let steps = order.len().div_ceil(batch_size) as u32 * training.epochs;
    let mut best = (f32::INFINITY, 0, net.valid());
    let mut before = None;
    let mut as_it_was = Vec::new();
    if lesson.knows {
        let (input, valid) = (lesson.input, lesson.valid);
        let found = predict(&best.2, lesson.objective, input, valid, watcher).await?;
        let judged = lesson.objective.judge(&found, valid);
        best.0 = judged[0] as f32;
        before = Some(judged.map(|figure| figure as f32));
        if lesson.is_wary {
            as_it_was = by_row(lesson.objective, &found, valid);
        }
    }
    let mut done = take_up(watcher, &mut net, &mut best, &mut optimizer, &device);
    let mut epochs: Vec<EpochReport> = done.epochs.clone();
    let mut ended = Ended::Complete;
    let mut step = 0;
    let started = watcher.now();
    let mut told = started;

    'epochs: for epoch in 1..=training.epochs {
        order.shuffle(&mut rng);
        net = thaw(net, &groups, epoch);
        let is_told = epoch <= epochs.len() as u32;
        // The sum over those of this epoch's steps that were before a checkpoint.
        let told_before = if is_told {
            0.0
        } else {
            std::mem::take(&mut done.under_way.0)
        };
        let mut losses: Option<Tensor<1>> = None;
        for batch in order.chunks(batch_size) {
            let seeded = u64::from(step);
            step += 1;
            if step <= done.step {
                continue;
            }
            if watcher.breathe().await == Control::Stop {
                ended = Ended::Stopped;
                break 'epochs;
            }
            // Each step has seeds of its own, so that a network that goes on from a checkpoint draws
            // what it would have drawn.
            device.seed(seed_for(seed, 1 << 32 | seeded));
            let at = indices(batch, lesson.input.device());
            let wanted = Tensor::from_inner(targets.clone().select(0, at));
            let vectors = net.vectors(lesson.input.batch(batch).learning());
            let loss = if *mixup > 0.0 {
                let mut rng = rng_for(seed, PURPOSE_MIXUP << 32 | seeded);
                let mix = Mix::draw(*mixup, batch.len(), &mut rng, &device);
                mix.loss(lesson.objective, net.judge(mix.mix(vectors)), wanted)
            } else {
                lesson.objective.loss(net.judge(vectors), wanted)
            };
            let gradients = loss.backward();
            let sum = loss.inner() * batch.len() as f64;
            losses = Some(match losses {
                Some(losses) => losses + sum,
                None => sum,
            });
            let share = rate_share(training.schedule, training.warmup, step - 1, steps);
            net = optimizer.step(net, gradients, share);
            let now = watcher.now();
            if now - told >= PROGRESS_INTERVAL {
                told = now;
                let per_step = (now - started) / f64::from(step - done.step);
                watcher.notice(Notice::Progress(Progress {
                    step,
                    steps,
                    epoch,
                    epochs: training.epochs,
                    loss: None,
                    rows_per_second: (batch_size as f64 / per_step) as f32,
                    seconds_left: (per_step * f64::from(steps - step)) as f32,
                }));
            }
            if watcher.is_checkpoint_due() {
                let under_way = told_before + sum_of(losses.as_ref()).await?;
                let standing = Standing {
                    step,
                    epochs: epochs.clone(),
                    best: (best.1 > 0).then_some((best.0, best.1)),
                    under_way: (under_way, 0.0, 0),
                    ..Standing::default()
                };
                let kept = (best.1 > 0).then_some(&best.2);
                let taken =
                    Checkpoint::take(standing, &groups, &net.valid(), &optimizer, kept).await?;
                watcher.keep(taken).await;
            }
        }
        if is_told {
            continue;
        }
        let train_loss = (told_before + sum_of(losses.as_ref()).await?) / order.len() as f32;
        if !train_loss.is_finite() {
            return Err(EngineError::Diverged { step });
        }
        let snapshot = net.valid();
        let found = predict(
            &snapshot,
            lesson.objective,
            lesson.input,
            lesson.valid,
            watcher,
        )
        .await?;
        let [valid_loss, valid_score] = lesson.objective.judge(&found, lesson.valid);
        // The rows are in random order, so the first are a sample of them.
        let sample = &order[..order.len().min(N::SAMPLE)];
        let learned = predict(&snapshot, lesson.objective, lesson.input, sample, watcher).await?;
        let [_, train_score] = lesson.objective.judge(&learned, sample);
        let valid_loss = valid_loss as f32;
        let is_surely = best.1 > 0
            || as_it_was.is_empty()
            || is_surely_less(&by_row(lesson.objective, &found, lesson.valid), &as_it_was);
        let is_best = valid_loss < best.0 && is_surely;
        if is_best {
            best = (valid_loss, epoch, snapshot);
        }
        let report = EpochReport {
            epoch,
            step,
            train_loss,
            train_accuracy: train_score as f32,
            valid_loss,
            valid_accuracy: valid_score as f32,
            is_best,
        };
        epochs.push(report);
        watcher.notice(Notice::Epoch(report));
        if training.patience > 0 && epoch - best.1 >= training.patience {
            ended = Ended::Early;
            break;
        }
    }
    let (best_epoch, model) = if best.1 == 0 && step > 0 && !lesson.knows {
        (0, net.valid())
    } else {
        (best.1, best.2)
    };
    Ok(Fitted {
        model,
        path: Path {
            epochs,
            best_epoch,
            before,
            ended,
        },
    })
}

/// The loss of each row by itself.
pub(super) fn by_row(objective: &dyn Objective, found: &[f32], rows: &[usize]) -> Vec<f64> {
    let width = found.len() / rows.len().max(1);
    let with_row = rows.iter().zip(found.chunks_exact(width.max(1)));
    with_row
        .map(|(row, found)| objective.judge(found, &[*row])[0])
        .collect()
}

/// Whether losses are smaller than others of the same rows by more than one standard error of the mean
/// difference.
pub(super) fn is_surely_less(one: &[f64], other: &[f64]) -> bool {
    let rows = one.len() as f64;
    let gains: Vec<f64> = other
        .iter()
        .zip(one)
        .map(|(other, one)| other - one)
        .collect();
    let mean = gains.iter().sum::<f64>() / rows;
    let square: f64 = gains.iter().map(|gain| (gain - mean).powi(2)).sum();
    let error = (square / (rows - 1.0).max(1.0) / rows).sqrt();
    mean > error
}

async fn sum_of(losses: Option<&Tensor<1>>) -> Result<f32, EngineError> {
    Ok(match losses {
        Some(losses) => read(losses.clone()).await?[0],
        None => 0.0,
    })
}

/// The ensemble's predictions for some rows, row-major, shape `[rows, predictions]`.
///
/// # Errors
/// When the device fails.
pub async fn predict<N: RowNet, W: Watcher>(
    net: &N,
    objective: &dyn Objective,
    input: &TableInput,
    rows: &[usize],
    watcher: &mut W,
) -> Result<Vec<f32>, EngineError> {
    let mut parts = Vec::new();
    for batch in rows.chunks(N::AT_ONCE) {
        watcher.breathe().await;
        let vectors = net.vectors(input.batch(batch));
        parts.push(objective.predict(net.judge(vectors)));
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    read(Tensor::cat(parts, 0)).await
}

/// The optimizer's view of the options.
fn training(options: &NetworkOptions, transfer: &Transfer) -> Training {
    Training {
        epochs: options.epochs,
        batch_size: options.batch_size,
        learning_rate: options.learning_rate,
        head_learning_rate: options.learning_rate,
        head_c: 1.0,
        schedule: Schedule::Constant,
        warmup: 0.0,
        weight_decay: options.weight_decay,
        clip_norm: options.clip_norm,
        dropout: options.dropout,
        label_smoothing: 0.0,
        class_weights: ClassWeights::Equal,
        patience: options.patience,
        transfer: *transfer,
    }
}

#[cfg(test)]
mod tests {
    use super::is_surely_less;

    #[test]
    fn what_chance_does_is_not_sure() {
        let before = [1.0, 2.0, 3.0, 4.0];
        assert!(is_surely_less(&[0.5, 1.6, 2.4, 3.5], &before));
        // One row that is told better by luck, and three that are told a little worse.
        assert!(!is_surely_less(&[0.0, 2.1, 3.1, 4.1], &before));
        assert!(!is_surely_less(&before, &before));
        assert!(!is_surely_less(&[], &[]));
    }
}
