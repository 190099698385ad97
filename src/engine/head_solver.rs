//! A head on frozen features, solved instead of descended.
//!
//! Softmax regression with an L2 penalty is convex: it has one optimum, which L-BFGS reaches in a
//! few dozen passes without a learning rate. AdamW on the same problem stopped short of it along
//! the features' weak directions, and cost six of 480 test rows on the SMS sample.

use burn::module::Module;
use burn::optim::{GradientsParams, LBFGSConfig, LineSearchFn};
use burn::tensor::{Tensor, TensorData};

use super::classifier::Features;
use super::error::EngineError;
use super::head::Head;
use super::loss::{TargetMaker, Targets};
use super::train::{Control, Fitted, Lesson, Notice, Path, Watcher, judge};
use crate::domain::recipe::Training;
use crate::domain::report::{Ended, EpochReport, Progress};

/// Iterations between two looks at the validation rows: one epoch of the report.
const ITERATIONS: usize = 4;

/// Directions that are remembered (Liu and Nocedal 1989, section 4: 3 to 20 suffice).
const HISTORY: usize = 10;

/// The optimum is reached when an epoch lowers the objective by less than this share.
const TOLERANCE: f64 = 1e-5;

/// Moves a head to the optimum of the penalised loss, or until the epochs are done, the validation
/// loss no longer falls (with patience), or the watcher wants to stop.
///
/// The penalty is half the squared distance of the weights from where they started, which is zero for a
/// fresh head, by `1 / (C rows)`, on features of length 1; they have length `sqrt(hidden)` here, so it is
/// larger by `hidden`. L2-SP has a strength of its own.
///
/// The head has to be on the CPU: the solver reads the loss in every pass, which a browser cannot
/// await within burn's closure.
///
/// # Errors
/// When the loss is no longer a number.
pub async fn fit_head<W: Watcher>(
    head: Head,
    training: &Training,
    lesson: &Lesson<'_, Features>,
    watcher: &mut W,
) -> Result<Fitted<Head>, EngineError> {
    let mut head = head.train();
    let device = head.linear.weight.val().device();
    let Features { hidden, values } = lesson.data;
    let rows: Vec<f32> = lesson
        .train
        .iter()
        .flat_map(|&row| &values[row * hidden..][..*hidden])
        .copied()
        .collect();
    let features = Tensor::<2>::from_data(
        TensorData::new(rows, [lesson.train.len(), *hidden]),
        &device,
    );
    let truth: Vec<u32> = lesson.train.iter().map(|&row| lesson.labels[row]).collect();
    let mut counts = vec![0; lesson.classes];
    for &label in &truth {
        counts[label as usize] += 1;
    }
    let maker = TargetMaker::new(&counts, training.class_weights, training.label_smoothing);
    let targets = maker.targets(truth, &device);
    let plain = maker.without_smoothing();
    let penalty = Penalty::of(&head, training, lesson.train.len());

    let mut solver = LBFGSConfig::new()
        .with_max_iter(ITERATIONS)
        .with_history_size(HISTORY)
        .with_line_search_fn(LineSearchFn::StrongWolfe)
        .init();
    let mut epochs: Vec<EpochReport> = Vec::new();
    let mut best = (f32::INFINITY, 0, head.valid());
    let mut ended = Ended::Complete;
    let mut before = f64::INFINITY;
    let started = watcher.now();
    for epoch in 1..=training.epochs {
        if watcher.breathe().await == Control::Stop {
            ended = Ended::Stopped;
            break;
        }
        let (moved, objective) = solver.step(1.0, head, |head: Head| {
            slope(&head, &features, &targets, &penalty)
        });
        head = moved;
        if !objective.is_finite() {
            return Err(EngineError::Diverged { step: epoch });
        }
        let report = report(
            &head,
            epoch,
            &features,
            &targets,
            lesson,
            &plain,
            &best,
            training.patience == 0,
            watcher,
        )
        .await?;
        if report.is_best {
            best = (report.valid_loss, epoch, head.valid());
        }
        epochs.push(report);
        watcher.notice(Notice::Progress(progress(
            epoch,
            training,
            lesson,
            watcher.now() - started,
        )));
        watcher.notice(Notice::Epoch(report));
        if training.patience > 0 && epoch - best.1 >= training.patience {
            ended = Ended::Early;
            break;
        }
        let is_reached = before - objective <= TOLERANCE * objective.abs();
        before = objective;
        if is_reached {
            break;
        }
    }
    let (best_epoch, model) = if training.patience == 0 {
        (epochs.len() as u32, head.valid())
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

/// What keeps a head from fitting by heart: it is held near where it started. That is at zero weights
/// where it is fresh, as an L2 penalty is meant; an earlier head that goes on is the prior of a model
/// that sees more rows.
struct Penalty {
    strength: f64,
    weights: Tensor<2>,
    /// With L2-SP, biases are held as well.
    biases: Option<Tensor<1>>,
}

impl Penalty {
    /// Of the strength that the recipe says for L2-SP, or else for a head.
    fn of(head: &Head, training: &Training, rows: usize) -> Self {
        let l2_sp = training.transfer.l2_sp;
        let [hidden, _] = head.linear.weight.dims();
        let is_held = l2_sp > 0.0;
        Self {
            strength: match is_held {
                true => l2_sp,
                false => hidden as f64 / (training.head_c * rows as f64),
            },
            weights: Tensor::from_inner(head.linear.weight.val().inner()),
            biases: is_held.then(|| Tensor::from_inner(bias(head).inner())),
        }
    }

    fn at(&self, head: &Head) -> Tensor<1> {
        let weight = head.linear.weight.val() - self.weights.clone();
        let mut squares = (weight.clone() * weight).sum();
        if let Some(biases) = &self.biases {
            let bias = bias(head) - biases.clone();
            squares = squares + (bias.clone() * bias).sum();
        }
        squares * (self.strength / 2.0)
    }
}

fn bias(head: &Head) -> Tensor<1> {
    head.linear.bias.as_ref().expect("a head has a bias").val()
}

/// Objective and gradients of a head.
fn slope(
    head: &Head,
    features: &Tensor<2>,
    targets: &Targets,
    penalty: &Penalty,
) -> (f64, GradientsParams) {
    let loss = targets.cross_entropy(head.linear.forward(features.clone()));
    let objective = loss + penalty.at(head);
    let gradients = GradientsParams::from_grads(objective.backward(), head);
    (f64::from(objective.into_scalar::<f32>()), gradients)
}

#[expect(
    clippy::too_many_arguments,
    reason = "a part of the loop above, apart for its length"
)]
async fn report<W: Watcher>(
    head: &Head,
    epoch: u32,
    features: &Tensor<2>,
    targets: &Targets,
    lesson: &Lesson<'_, Features>,
    plain: &TargetMaker,
    best: &(f32, u32, Head),
    is_last_kept: bool,
    watcher: &mut W,
) -> Result<EpochReport, EngineError> {
    let snapshot = head.valid();
    let logits = snapshot.linear.forward(features.clone().inner());
    let train_loss = Targets::clone(targets)
        .inner()
        .cross_entropy(logits.clone())
        .into_scalar::<f32>();
    let hits = targets.hits(logits).into_scalar::<f32>();
    let (valid_loss, valid_accuracy) = judge(&snapshot, lesson, plain, watcher).await?;
    Ok(EpochReport {
        epoch,
        step: epoch * ITERATIONS as u32,
        train_loss,
        train_accuracy: hits / lesson.train.len() as f32,
        valid_loss,
        valid_accuracy,
        // Without patience the optimum is what is kept, and every epoch is nearer to it.
        is_best: is_last_kept || valid_loss < best.0,
    })
}

fn progress(
    epoch: u32,
    training: &Training,
    lesson: &Lesson<'_, Features>,
    elapsed: f64,
) -> Progress {
    let per_epoch = (elapsed / f64::from(epoch)).max(f64::MIN_POSITIVE);
    Progress {
        step: epoch * ITERATIONS as u32,
        steps: training.epochs * ITERATIONS as u32,
        epoch,
        epochs: training.epochs,
        loss: None,
        rows_per_second: ((lesson.train.len() * ITERATIONS) as f64 / per_epoch) as f32,
        seconds_left: (per_epoch * f64::from(training.epochs - epoch)) as f32,
    }
}
