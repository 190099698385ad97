//! A run on a table: encode, train, judge on the sealed rows.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Device;
use rand::seq::SliceRandom;

use super::conformal::reach;
use super::fit::{TableLesson, fit_table, groups, predict};
use super::input::TableInput;
use super::joined::{Along, OwnReader};
use super::judge::{
    baseline, figures, has_labels, judge, labels_of, numbers_of, scores, simple, train_rows,
};
use super::model::{Answers, NumberScale, TableFacts, TunedTable};
use super::net::TableNet;
use super::objective::{Classes, LabelSets, Number, Objective, Ordered};
use super::plain_linear::plain_linear;
use super::probe::{Probed, Probes};
use super::start::{EarlierTable, Footing, forgotten};
use super::texts::{ReadTexts, vectors_by};
use super::vote::{Kind, Voters, deafened, vote};
use crate::domain::cross_validation::CrossValidation;
use crate::domain::features::{FeaturePlan, TableExamples, TablePlan, texts};
use crate::domain::metric::Metric;
use crate::domain::recipe::{ClassWeights, Recipe};
use crate::domain::report::{
    Baseline, Ended, ParameterCount, Phase, Progress, RunReport, RunScores, Seconds,
};
use crate::domain::table::RowId;
use crate::domain::task::{self, Target};
use crate::engine::checkpoint::{Checkpoint, EncoderState};
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::named::{HostTensor, on_host};
use crate::engine::run::{Base, Quiet, Steadfast, Stopwatch, apart};
use crate::engine::train::{Control, Notice, Path, Watcher, learning, rng_for};
use crate::engine::tuning::count;

/// Streams of random numbers: the networks' weights, and which rows a fold stops by.
pub(super) const PURPOSE_WEIGHTS: u64 = 22;
const PURPOSE_FOLDS: u64 = 23;

/// What reads the text columns of mixed rows.
pub struct TextReader<'a> {
    /// The encoder, which stays as it is.
    pub base: &'a Base,
    /// What it has read before.
    pub store: &'a mut FeatureStore,
}

/// What [`tune_table`] leaves.
pub struct TableOutcome {
    /// The model.
    pub tuned: TunedTable,
    /// What there is to tell about it.
    pub report: RunReport,
    /// Mean over the networks of the loss of what was kept on the rows that each stopped by.
    pub valid_loss: f64,
    /// Predictions for the test rows, in the order of the evaluation's rows, row-major: one
    /// probability a label, or one number on the scale on which it was learned.
    pub test_outputs: Vec<f32>,
    /// What is said of rows, for whoever wants to know more than the report tells. Those to choose
    /// thresholds by are rows that a network stopped by and did not learn from, each by that network.
    pub scores: RunScores,
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
    text: Option<TextReader<'_>>,
    device: &Device,
    watcher: &mut W,
) -> Result<TableOutcome, EngineError> {
    tune_table_from(None, examples, recipe, text, device, watcher).await
}

/// The same from an earlier run on columns, if there is one.
///
/// Folds are trained from nothing in any case: the earlier run may have learned from the rows that
/// judge a fold.
///
/// # Errors
/// As [`tune_table`].
///
/// # Panics
/// As [`tune_table`].
pub async fn tune_table_from<W: Watcher>(
    mut earlier: Option<EarlierTable<'_>>,
    examples: &mut TableExamples,
    recipe: &Recipe,
    mut text: Option<TextReader<'_>>,
    device: &Device,
    watcher: &mut W,
) -> Result<TableOutcome, EngineError> {
    let mut seconds = Seconds::default();
    let mut watch = Stopwatch::start(watcher);
    let metrics = task::find(&recipe.task)
        .expect("a checked recipe names a task")
        .metrics();

    let split = &examples.split;
    let before = baseline(&examples.target, &split.train, &split.valid, metrics)?;
    watcher.notice(Notice::Baselines(vec![before]));
    watcher.notice(Notice::Phase(Phase::Tokenize));
    let (mut footing, recalled) = begun(earlier.as_mut(), examples, recipe);
    if let Some(footing) = &footing {
        examples.plan.clone_from(&footing.plan);
    }
    let rows = recalled.as_ref().unwrap_or(examples);
    let learned = learn(
        &Course::with_recalled(rows, examples, &examples.plan),
        rows,
        recipe,
        footing.as_mut(),
        &mut text,
        device,
        watcher,
    )
    .await?;
    seconds.embed = learned.embed_secs;
    seconds.train = watch.lap(watcher) - learned.embed_secs;

    // Who stopped the training does not want more of it.
    let cross_validation = match learned.path.ended {
        Ended::Stopped => None,
        _ => cross_validate(examples, recipe, metrics, &mut text, device, watcher).await?,
    };
    seconds.cross_validate = watch.lap(watcher);

    watcher.notice(Notice::Phase(Phase::Evaluate));
    let watcher = &mut Steadfast(watcher);
    let rows = examples.split.test.open().to_vec();
    let Learned { tuned, .. } = &learned;
    let input = tuned.read(&rows, examples, recipe, &mut text, watcher);
    let found = tuned.predict(&input.await?, watcher).await?;
    let options = plan_of(recipe);
    let answers = &tuned.facts().answers;
    let test = scores(&examples.target, rows.clone(), &found, answers);
    let train = &examples.split.train;
    let mut baselines = vec![baseline(&examples.target, train, &rows, metrics)?];
    let mut simple = vec![simple(&examples.target, train, rows.len())];
    // Who stopped the training does not want to wait for more than its answers.
    let linear = match learned.path.ended {
        Ended::Stopped => None,
        _ => plain_linear(examples, recipe, &rows, watcher).await,
    };
    if let Some(linear) = linear
        && let Ok(scored) = test.paired_with(&linear.outputs).scored()
    {
        baselines.push(Baseline::linear(&scored, metrics));
        simple.push(linear);
    }
    let evaluation = judge(
        &examples.target,
        &rows,
        &found,
        answers,
        options.coverage,
        metrics,
        baselines,
    )?;
    let mut carried = footing.as_ref().map(|footing| footing.carried.clone());
    if let (Some(earlier), Some(footing), Some(carried)) = (&mut earlier, &footing, &mut carried) {
        carried.forgetting = forgotten(
            earlier,
            footing,
            tuned,
            &examples.target,
            recipe,
            &mut text,
            watcher,
        )
        .await?;
    }
    seconds.evaluate = watch.lap(watcher);
    let Learned {
        tuned,
        path,
        parameters,
        valid_loss,
        held,
        told,
        ..
    } = learned;
    let answers = &tuned.facts().answers;
    Ok(TableOutcome {
        report: RunReport {
            carried,
            parameters,
            epochs: path.epochs,
            best_epoch: path.best_epoch,
            ended: path.ended,
            evaluation,
            cross_validation,
            inputs: examples.inputs(recipe),
            seconds,
        },
        valid_loss,
        scores: RunScores {
            valid: scores(&examples.target, held.0, &held.1, answers),
            test,
            folds: None,
            baselines: simple,
            train_rows: train_rows(&examples.target, &examples.split.train),
            told,
        },
        test_outputs: found,
        tuned,
    })
}

/// An earlier run made ready for a recipe and its rows, and these with those of it to learn from again, if
/// there are some.
fn begun<'a>(
    earlier: Option<&mut EarlierTable<'a>>,
    examples: &TableExamples,
    recipe: &Recipe,
) -> (Option<Footing<'a>>, Option<TableExamples>) {
    let Some(earlier) = earlier else {
        return (None, None);
    };
    if let Some(rows) = &mut earlier.rows {
        // Ranks mean what they meant to the model, whatever order a table's column is read in now.
        let order = earlier.tuned.facts().answers.names();
        rows.target = rows.target.clone().ranked(order);
    }
    let mut footing = Footing::of(earlier, examples, recipe);
    let recalled = footing.recall(earlier, examples, recipe);
    (Some(footing), recalled)
}

/// Trains one network as a recipe says, from an earlier run if there is one, and judges it on the
/// validation rows alone: the test rows stay sealed. What was learned is dropped.
///
/// # Errors
/// As [`tune_table`].
///
/// # Panics
/// As [`tune_table`].
pub async fn try_table<W: Watcher>(
    earlier: Option<&mut EarlierTable<'_>>,
    examples: &TableExamples,
    recipe: &Recipe,
    text: &mut Option<TextReader<'_>>,
    device: &Device,
    watcher: &mut W,
) -> Result<Path, EngineError> {
    let mut recipe = recipe.clone();
    if let Some(plan) = &mut recipe.table {
        plan.network.folds = 1;
    }
    let (mut footing, recalled) = begun(earlier, examples, &recipe);
    let rows = recalled.as_ref().unwrap_or(examples);
    let plan = footing.as_ref().map(|footing| footing.plan.clone());
    let plan = plan.as_ref().unwrap_or(&examples.plan);
    let course = Course::with_recalled(rows, examples, plan);
    let earlier = footing.as_mut();
    let learned = learn(&course, rows, &recipe, earlier, text, device, watcher);
    Ok(learned.await?.path)
}

/// Rows to learn from, and how their cells become numbers.
struct Course<'a> {
    train: &'a [RowId],
    valid: &'a [RowId],
    /// How many of the rows to learn from, the last ones, are an earlier run's: nothing stops by them.
    recalled: usize,
    /// Rows that stay sealed, to tell how many.
    test: usize,
    /// Fitted on the training rows.
    plan: &'a FeaturePlan,
}

impl<'a> Course<'a> {
    /// The rows as the split has them; those that are not in `own` were recalled.
    fn with_recalled(rows: &'a TableExamples, own: &TableExamples, plan: &'a FeaturePlan) -> Self {
        Self {
            train: &rows.split.train,
            valid: &rows.split.valid,
            recalled: rows.split.train.len() - own.split.train.len(),
            test: rows.split.test.len(),
            plan,
        }
    }
}

/// What [`learn`] leaves.
struct Learned {
    tuned: TunedTable,
    /// How the first network got there.
    path: Path,
    parameters: ParameterCount,
    valid_loss: f64,
    held: (Vec<RowId>, Vec<f32>),
    /// What linear models say of the texts of the held rows.
    told: Vec<f32>,
    /// Seconds for encoding rows and reading their texts.
    embed_secs: f64,
}

fn plan_of(recipe: &Recipe) -> &TablePlan {
    (recipe.table.as_deref()).expect("the recipe learns from columns")
}

/// Trains the networks, from those of an earlier run where there is one.
async fn learn<W: Watcher>(
    course: &Course<'_>,
    examples: &TableExamples,
    recipe: &Recipe,
    mut footing: Option<&mut Footing<'_>>,
    text: &mut Option<TextReader<'_>>,
    device: &Device,
    watcher: &mut W,
) -> Result<Learned, EngineError> {
    let options = plan_of(recipe);
    let mut watch = Stopwatch::start(watcher);
    let seen: Vec<RowId> = course.train.iter().chain(course.valid).copied().collect();
    let mut own_reader = footing.as_ref().and_then(|footing| footing.reader.clone());
    let reader = own_reader.as_ref();
    let (input, read) = read_rows(
        &seen,
        examples,
        course.plan,
        recipe,
        reader,
        text,
        device,
        watcher,
    )
    .await?;
    let embed_secs = watch.lap(watcher);
    let text_width = read.width;

    let train = course.train.len();
    let scale = number_scale(&examples.target, course.train, options);
    let objective = objective(&examples.target, &seen, train, options, scale);
    let along = text.as_ref().and_then(|text| {
        let before = reader.map(|reader| (&reader.base, &reader.state));
        let (base, state) = before.unwrap_or((text.base, &NOTHING_MOVED));
        Along::new(base, state, recipe, train)
    });
    // One encoder learns along with one network, and what a linear model is fitted on must not move.
    let (most, probed) = match recipe.split.kind.lets_any_row_be_held() {
        true => {
            let moves = along.is_some();
            let probed = Probes::fit(&read, moves, recipe, &*objective, watcher).await;
            (if moves { 1 } else { options.network.folds }, probed)
        }
        false => (1, Probed::default()),
    };
    let Probed { probes, told } = probed;
    let text_inputs = text_width + told.1;
    let without_texts = input.clone();
    let ReadTexts { vectors, .. } = read;
    let input = input.with_flags(vectors, text_width);
    let input = input.with_flags(told.0.clone(), told.1);
    let (recalled, valid) = (course.recalled, course.valid.len());
    let folds = folds([train, recalled, valid], most, recipe.seed);
    let fresh = |at: usize, text: [usize; 2]| {
        TableNet::draw(
            course.plan,
            text,
            objective.outputs(),
            &options.network,
            &mut rng_for(recipe.seed.wrapping_add(at as u32), PURPOSE_WEIGHTS),
            &learning(device),
        )
    };
    let wide = [text_width, text_inputs - text_width];
    let first = fresh(0, wide);
    if let Some(footing) = &mut footing {
        footing.look_at(&first);
    }
    let earlier = footing.as_deref();
    let knows = earlier.is_some_and(Footing::tells_the_same);
    let beside = match earlier {
        _ if folds.len() == 1 => None,
        Some(_) => {
            let own = seen.len() - course.recalled;
            recipe.begins_anew_too(own).then_some(Beside::Fresh)
        }
        // Columns may turn out to hold nothing.
        None => (recipe.tries_columns_alone() && TableNet::input_width(course.plan, 0) > 0)
            .then_some(Beside::Columns),
    };
    let kinds = 1 + usize::from(beside.is_some());
    let moved_texts = along.as_ref().map(Along::parameters);
    let size = |net: &TableNet| count(net, &groups(net, &options.network));
    let wide_size = size(&first);
    let sizes = [
        wide_size,
        match beside {
            Some(Beside::Columns) => size(&fresh(0, [0, 0])),
            _ => wide_size,
        },
    ];
    let parameters_of = |networks: [usize; 2]| {
        let mut all = moved_texts.unwrap_or_default();
        all.trainable += probes.numbers();
        all.total += probes.numbers();
        for (own, one) in networks.into_iter().zip(sizes) {
            all.trainable += one.trainable * own as u64;
            all.total += one.total * own as u64;
        }
        all
    };
    watcher.notice(Notice::Prepared {
        parts: [train, course.valid.len(), course.test].map(|rows| rows as u32),
        parameters: parameters_of([folds.len(), folds.len() * (kinds - 1)]),
    });
    watcher.notice(Notice::Phase(Phase::Train));

    // What an earlier version of the page left half done may read rows otherwise.
    let resumed = watcher.resume().filter(|kept| kept.fits(&first));
    let mut done: Vec<Done> = Vec::new();
    let mut path: Option<Path> = None;
    let mut of_kinds = [Kind::default(), Kind::default()];
    for at in 0..kinds * folds.len() {
        let (kind, (learned, held)) = (at / folds.len(), &folds[at % folds.len()]);
        let (input, text) = match beside {
            Some(Beside::Columns) if kind > 0 => (&without_texts, [0, 0]),
            _ => (&input, wide),
        };
        let earlier = earlier.filter(|_| kind == 0);
        let knows = knows && kind == 0;
        let lesson = TableLesson {
            input,
            objective: &*objective,
            train: learned,
            valid: held,
            knows,
            is_wary: knows && beside == Some(Beside::Fresh),
        };
        let seed = recipe.seed.wrapping_add(at as u32);
        let mut net = if at == 0 {
            first.clone()
        } else {
            fresh(at, text)
        };
        if at > 0 {
            watcher.notice(Notice::Phase(Phase::Fold {
                done: at as u32,
                total: (kinds * folds.len()) as u32,
            }));
        }
        let known = resumed
            .as_ref()
            .filter(|kept| kept.standing.networks.len() > at);
        let (net, own) = match known {
            Some(kept) => {
                let path = kept.standing.networks[at].clone();
                for &epoch in path.epochs.iter().filter(|_| at == 0) {
                    watcher.notice(Notice::Epoch(epoch));
                }
                (kept.restore_network(at, net).valid(), path)
            }
            None => {
                if let Some(earlier) = earlier {
                    net = earlier
                        .under(net, at, (text_width, probes.outputs()), scale)
                        .await?;
                }
                if knows {
                    let watcher = &mut Steadfast(&mut *watcher);
                    let found = predict(&net.valid(), &*objective, input, learned, watcher).await?;
                    if let Some(level) = objective.level(&found, learned) {
                        net = net.levelled(&level);
                    }
                }
                let resumed = resumed.as_ref();
                let mut one = OneOf {
                    is_quiet: at > 0,
                    resumed: resumed.filter(|kept| kept.standing.networks.len() == at),
                    done: &done,
                    watcher: &mut *watcher,
                };
                let transfer = &recipe.training.transfer;
                fit_table(net, &lesson, &options.network, transfer, seed, &mut one)
                    .await?
                    .split()
            }
        };
        let is_stopped = own.ended == Ended::Stopped;
        // A network that never ended an epoch would answer at random beside those that did.
        if is_stopped && own.best_epoch == 0 && !knows {
            match &mut path {
                Some(path) => path.ended = Ended::Stopped,
                None => return Err(EngineError::Stopped),
            }
            break;
        }
        let watcher = &mut Steadfast(watcher);
        let found = predict(&net, &*objective, input, held, watcher).await?;
        if at + 1 < kinds * folds.len() {
            done.push(Done {
                path: own.clone(),
                tensors: on_host(&net).await?,
            });
        }
        let loss = own.kept().map_or(f64::INFINITY, |[loss, _]| loss.into());
        of_kinds[kind].add(net.valid(), found, loss);
        let path = path.get_or_insert(own);
        if is_stopped {
            path.ended = Ended::Stopped;
            break;
        }
    }
    let mut path = path.expect("there is a first fold");
    let held_by = &folds[..of_kinds[0].len()];
    let held_at: Vec<usize> = held_by.iter().flat_map(|(_, held)| held.clone()).collect();
    let held_rows: Vec<RowId> = held_at.iter().map(|&row| seen[row]).collect();
    let are_complete = of_kinds[0].len() == of_kinds[1].len();
    let Voters {
        mut nets,
        held: mut held_outputs,
        mut losses,
        of_second,
    } = vote(
        of_kinds,
        &*objective,
        &held_at,
        beside == Some(Beside::Fresh),
    );
    let mut of_columns = 0;
    match beside {
        Some(Beside::Columns) => {
            nets = deafened(nets, of_second, text_inputs);
            of_columns = of_second;
        }
        Some(Beside::Fresh) => {
            if let Some(footing) = footing.filter(|_| are_complete) {
                footing.tell_of_fresh(of_second, nets.len());
            }
        }
        None => {}
    }
    if let (Some(along), [(learned, held)], true) =
        (along, &folds[..], path.ended != Ended::Stopped)
    {
        let read = texts(&examples.table, recipe, &seen);
        let lesson = TableLesson {
            input: &along.with_tokens(without_texts, recipe, &read, told.clone()),
            objective: &*objective,
            train: learned,
            valid: held,
            knows: true,
            is_wary: false,
        };
        done.push(Done {
            path: path.clone(),
            tensors: on_host(&nets[0]).await?,
        });
        let resumed = resumed.as_ref();
        let mut second = SecondStage {
            before: &path,
            one: OneOf {
                is_quiet: false,
                resumed: resumed.filter(|kept| !kept.standing.networks.is_empty()),
                done: &done,
                watcher: &mut *watcher,
            },
        };
        let net = nets.remove(0);
        let (options, seed) = (&options.network, recipe.seed);
        let (found, own) = along.fit(net, &lesson, options, seed, &mut second).await?;
        held_outputs = found
            .predict(&lesson, held, &mut Steadfast(&mut *watcher))
            .await?;
        if let Some(best) = own.epochs.iter().rev().find(|epoch| epoch.is_best) {
            losses = vec![f64::from(best.valid_loss)];
        }
        path = path.followed_by(own);
        nets.push(found.net());
        own_reader = Some(found.reader);
    }
    let mut answers = Answers::of(&examples.target, scale);
    if let Answers::Number { scale, reach: own } = &mut answers
        && let Target::Numbers(numbers) = &examples.target
    {
        let truth = numbers_of(numbers, &held_rows);
        let errors = truth.iter().zip(&held_outputs);
        let errors: Vec<f64> = errors
            .map(|(&truth, &found)| scale.forward(truth) - f64::from(found))
            .collect();
        let found = reach(&errors, options.coverage);
        *own = found.is_finite().then_some(found);
    }
    let facts = TableFacts {
        plan: course.plan.clone(),
        text_width,
        probe: probes.outputs()[0],
        tokens: (probes.tokens.as_ref()).map_or_else(Vec::new, |own| own.tokens.clone()),
        networks: nets.len(),
        of_columns,
        answers,
    };
    Ok(Learned {
        parameters: parameters_of([nets.len() - of_columns, of_columns]),
        valid_loss: losses.iter().sum::<f64>() / losses.len() as f64,
        tuned: TunedTable::new(nets, facts, probes, own_reader, device),
        path,
        held: (held_rows, held_outputs),
        told: (held_at.iter())
            .flat_map(|&row| &told.0[row * told.1..][..told.1])
            .copied()
            .collect(),
        embed_secs,
    })
}

/// Networks that are tried beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// Those that read no texts.
    Columns,
    /// Those that begin from nothing where the others go on: what was learned before may not help.
    Fresh,
}

/// What an encoder is besides the base model, when nothing moved yet.
const NOTHING_MOVED: EncoderState = EncoderState {
    updates: None,
    has_moved: false,
};

/// A network that is done.
struct Done {
    path: Path,
    tensors: BTreeMap<String, HostTensor>,
}

/// The watcher of one network of several: what is kept of it holds those before it as well. Only the
/// first one's epochs and progress are told.
struct OneOf<'a, W> {
    watcher: &'a mut W,
    is_quiet: bool,
    resumed: Option<&'a Checkpoint>,
    done: &'a [Done],
}

impl<W: Watcher> Watcher for OneOf<'_, W> {
    fn now(&self) -> f64 {
        self.watcher.now()
    }

    fn notice(&mut self, notice: Notice) {
        if !self.is_quiet {
            self.watcher.notice(notice);
        }
    }

    async fn breathe(&mut self) -> Control {
        self.watcher.breathe().await
    }

    fn resume(&mut self) -> Option<Checkpoint> {
        self.resumed.take().cloned()
    }

    fn is_checkpoint_due(&self) -> bool {
        self.watcher.is_checkpoint_due()
    }

    async fn keep(&mut self, mut checkpoint: Checkpoint) {
        for Done { path, tensors } in self.done {
            checkpoint.add_network(path.clone(), tensors);
        }
        self.watcher.keep(checkpoint).await;
    }
}

/// The watcher of what follows after a network has learned: epochs and steps count on from there.
struct SecondStage<'a, W: Watcher> {
    before: &'a Path,
    one: OneOf<'a, W>,
}

impl<W: Watcher> Watcher for SecondStage<'_, W> {
    fn now(&self) -> f64 {
        self.one.now()
    }

    fn notice(&mut self, notice: Notice) {
        let (epochs, steps) = self.before.end();
        self.one.notice(match notice {
            Notice::Epoch(epoch) => Notice::Epoch(epoch.after(epochs, steps)),
            Notice::Progress(progress) => Notice::Progress(Progress {
                step: progress.step + steps,
                steps: progress.steps + steps,
                epoch: progress.epoch + epochs,
                epochs: progress.epochs + epochs,
                ..progress
            }),
            other => other,
        });
    }

    async fn breathe(&mut self) -> Control {
        self.one.breathe().await
    }

    fn resume(&mut self) -> Option<Checkpoint> {
        self.one.resume()
    }

    fn is_checkpoint_due(&self) -> bool {
        self.one.is_checkpoint_due()
    }

    async fn keep(&mut self, checkpoint: Checkpoint) {
        self.one.keep(checkpoint).await;
    }
}

/// Trains and judges a model a fold; `None` without folds, or when somebody stopped it on the way.
async fn cross_validate<W: Watcher>(
    examples: &TableExamples,
    recipe: &Recipe,
    metrics: &[&dyn Metric],
    text: &mut Option<TextReader<'_>>,
    device: &Device,
    watcher: &mut W,
) -> Result<Option<CrossValidation>, EngineError> {
    if examples.folds.is_empty() {
        return Ok(None);
    }
    let mut of_folds = Vec::new();
    for (done, (train, judged)) in examples.folds.iter().enumerate() {
        watcher.notice(Notice::Phase(Phase::Fold {
            done: done as u32,
            total: examples.folds.len() as u32,
        }));
        let watcher = &mut Quiet(watcher);
        let (train, valid) = apart(train, &examples.split.valid);
        let course = Course {
            train: &train,
            valid: &valid,
            recalled: 0,
            test: judged.len(),
            plan: &FeaturePlan::fit(
                &examples.table,
                &examples.sources,
                &train,
                &plan_of(recipe).features,
            ),
        };
        let learned = match learn(&course, examples, recipe, None, text, device, watcher).await {
            Ok(learned) if learned.path.ended != Ended::Stopped => learned,
            Ok(_) | Err(EngineError::Stopped) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Learned { tuned, .. } = learned;
        let input = tuned.read(judged, examples, recipe, text, watcher);
        let found = tuned.predict(&input.await?, watcher).await?;
        let answers = &tuned.facts().answers;
        of_folds.push(figures(&examples.target, judged, &found, answers, metrics)?);
    }
    Ok(Some(CrossValidation::of(&of_folds, Vec::new())))
}

/// Rows on the device, and what is read of their texts.
pub(super) type ReadRows = (TableInput, ReadTexts);

impl TunedTable {
    /// Encodes rows of a table, and reads their texts as its networks do.
    ///
    /// # Errors
    /// When the device fails, or the watcher stops.
    pub(super) async fn read<W: Watcher>(
        &self,
        rows: &[RowId],
        examples: &TableExamples,
        recipe: &Recipe,
        text: &mut Option<TextReader<'_>>,
        watcher: &mut W,
    ) -> Result<TableInput, EngineError> {
        let (plan, reader, device) = (self.plan(), self.reader(), self.device());
        let read = read_rows(rows, examples, plan, recipe, reader, text, device, watcher);
        Ok(self.input(read.await?))
    }
}

/// Encodes rows, and reads their texts where there are some: by `reader`, or else as the base model does.
#[expect(
    clippy::too_many_arguments,
    reason = "each is a different thing, and there are two callers"
)]
async fn read_rows<W: Watcher>(
    rows: &[RowId],
    examples: &TableExamples,
    plan: &FeaturePlan,
    recipe: &Recipe,
    reader: Option<&OwnReader>,
    text: &mut Option<TextReader<'_>>,
    device: &Device,
    watcher: &mut W,
) -> Result<ReadRows, EngineError> {
    let encoded = plan.encode(&examples.table, rows);
    let input = TableInput::new(&encoded, plan, device);
    if recipe.text.is_empty() {
        return Ok((input, ReadTexts::default()));
    }
    let read = texts(&examples.table, recipe, rows);
    let text = text.as_mut().map(|text| (text.base, &mut *text.store));
    let read = vectors_by(reader, text, recipe, &read, watcher).await?;
    Ok((input, read))
}

fn number_scale(target: &Target, train: &[RowId], options: &TablePlan) -> Option<NumberScale> {
    let Target::Numbers(numbers) = target else {
        return None;
    };
    let seen = train.iter().filter_map(|row| numbers[row.index()]);
    Some(NumberScale::fit(seen, options.is_log))
}

/// What the rows should be; the first `train` of them are learned from.
fn objective(
    target: &Target,
    rows: &[RowId],
    train: usize,
    options: &TablePlan,
    scale: Option<NumberScale>,
) -> Box<dyn Objective> {
    let smoothing = options.network.label_smoothing as f32;
    match target {
        Target::Numbers(numbers) => {
            let scale = scale.expect("numbers have a scale");
            let known = numbers_of(numbers, rows).into_iter();
            let truth = known.map(|number| scale.forward(number) as f32).collect();
            Box::new(Number { truth })
        }
        Target::LabelSets(sets) => Box::new(LabelSets {
            truth: has_labels(sets, rows),
            labels: sets.names.len(),
            smoothing,
        }),
        Target::Ranks(labels) => Box::new(Ordered {
            truth: labels_of(labels, rows),
            classes: labels.names.len(),
            smoothing,
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
                smoothing,
            })
        }
    }
}

/// Rows to learn from and rows to stop by, for each network. The first stops by the validation
/// rows; each of the others by as many training rows, and learns from the validation rows. Of the
/// training rows the last, `recalled` of them, stop nothing.
fn folds(
    [train, recalled, valid]: [usize; 3],
    most: u32,
    seed: u32,
) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut shuffled: Vec<usize> = (0..train - recalled).collect();
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
        let folds = folds([35, 5, 8], 4, 1);
        assert_eq!(folds.len(), 4);
        assert_eq!(folds[0].1, (35..43).collect::<Vec<_>>());
        let mut held: Vec<usize> = folds.iter().flat_map(|fold| fold.1.clone()).collect();
        held.sort_unstable();
        held.dedup();
        assert_eq!(held.len(), 32, "no row is held twice");
        for (learned, held) in &folds {
            assert_eq!(learned.len() + held.len(), 43);
            assert!(held.iter().all(|row| !learned.contains(row)));
            assert!(
                (30..35).all(|row| learned.contains(&row)),
                "old rows stop nothing"
            );
        }
    }
}
