//! What a run learns from its rows, on the base model or on what an earlier run left.

use super::contrastive::tune_contrastive;
use super::start::{Earlier, Footing, Old, carried};
use super::{Base, Model, PURPOSE_LORA, Quiet, Seen, Tuned, fresh_head, metrics, state_after};
use crate::domain::examples::Examples;
use crate::domain::metric::Classes;
use crate::domain::recipe::{DataProfile, Method, Recipe, Training};
use crate::domain::report::{Baseline, Ended, ParameterCount, Phase};
use crate::domain::start::Carried;
use crate::engine::classifier::{Classifier, Features};
use crate::engine::encoder::BertEncoder;
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::head::Head;
use crate::engine::head_solver::fit_head;
use crate::engine::train::{Notice, Path, Watcher, fit, rng_for, score};
use crate::engine::tuning::{count, head_groups, prepare};

/// Rows that are read, and what learning from them begins with.
pub(super) struct Begun {
    /// The rows.
    pub seen: Seen,
    /// The base model, or what an earlier run made of it.
    pub footing: Footing,
    /// What an earlier run left; none where there is none.
    pub carried: Option<Carried>,
}

/// What [`Begun::learn`] leaves.
pub(super) struct Learned {
    /// The model.
    pub tuned: Tuned,
    /// A head on the base model's vectors, to compare with; none where nothing else was learned.
    pub probe: Option<Head>,
    /// How it got there.
    pub path: Path,
    /// How many numbers moved.
    pub parameters: ParameterCount,
    /// Seconds for the probe.
    pub probe_secs: f64,
}

impl Begun {
    /// Reads a run's rows, with those of an earlier run to learn from again where the recipe wants some.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn of(
        base: &Base,
        earlier: Option<&Earlier<'_>>,
        examples: &Examples,
        recipe: &Recipe,
    ) -> Result<Self, EngineError> {
        let mut begun = Self::afresh(base, Seen::read(base, examples, recipe));
        if let Some(earlier) = earlier {
            let footing = Footing::of(base, earlier.tuned, recipe, &examples.labels).await?;
            let old = (earlier.rows.as_deref())
                .map(|rows| Old::read(base, rows, &footing.labels, examples, recipe));
            begun.carried = Some(carried(earlier, &footing, &old));
            begun
                .seen
                .rehearse(old.map_or_else(Vec::new, |old| old.rehearsed));
            begun.footing = footing;
        }
        Ok(begun)
    }

    /// On the base model alone.
    pub fn afresh(base: &Base, seen: Seen) -> Self {
        Self {
            seen,
            footing: Footing::base(base),
            carried: None,
        }
    }

    /// Whether the base model reads the rows: an earlier encoder does where the head alone learns on it.
    pub fn needs_base(&self, recipe: &Recipe) -> bool {
        self.footing.is_base() || recipe.tuning.method != Method::Head
    }

    /// Vectors of the rows. `store` holds what the base model has read, `own` what an earlier encoder has.
    ///
    /// # Errors
    /// When the device fails, or the watcher stops.
    pub async fn read<W: Watcher>(
        &self,
        base: &Base,
        recipe: &Recipe,
        store: &mut FeatureStore,
        own: &mut FeatureStore,
        watcher: &mut W,
    ) -> Result<Features, EngineError> {
        let texts = self.seen.texts();
        match self.needs_base(recipe) {
            true => base.frozen(store, &texts, watcher).await,
            false => self.footing.read(base, &texts, own, watcher).await,
        }
    }

    /// Learns as a recipe says. `frozen` is what [`Self::read`] gave, `own` as there.
    ///
    /// # Errors
    /// When training diverges, the device fails, or the watcher stops before anything was learned.
    pub async fn learn<W: Watcher>(
        &mut self,
        base: &Base,
        frozen: &Features,
        own: &mut FeatureStore,
        examples: &Examples,
        recipe: &Recipe,
        watcher: &mut W,
    ) -> Result<Learned, EngineError> {
        let Self {
            seen,
            footing,
            carried,
        } = self;
        if recipe.tuning.method == Method::Head {
            let head = footing.head.clone();
            let head = head.unwrap_or_else(|| fresh_head(base, seen));
            let made = tune_head(base, seen, frozen, head, recipe, watcher);
            let (head, path, parameters) = made.await?;
            let model = if footing.is_base() {
                Model::Head(Box::new(head))
            } else {
                let head = head.on(&base.device).await?;
                let encoder = footing.encoder.clone();
                Model::Whole(Box::new(Classifier { encoder, head }))
            };
            return Ok(Learned {
                tuned: tuned(model, footing, examples, recipe),
                probe: None,
                path,
                parameters,
                probe_secs: 0.0,
            });
        }
        let began = watcher.now();
        let fresh = fresh_head(base, seen);
        let probe = fit_probe(examples, seen, frozen, fresh, recipe, watcher).await?;
        let head = match &footing.head {
            None => probe.clone(),
            // It is solved anew on what the pairs make of the encoder.
            Some(_) if recipe.tuning.method == Method::Contrastive => probe.clone(),
            Some(head) if footing.labels.is_complete() => head.clone(),
            // A label that scores 0 for every text would drag the encoder along while it
            // learns what the head alone can learn (Kumar et al. 2022).
            Some(head) => {
                let read = footing.read(base, &seen.texts(), own, watcher).await?;
                if let Some(carried) = carried {
                    carried.is_head_solved = true;
                }
                solve(examples, seen, &read, head.clone(), recipe, watcher).await?
            }
        };
        let probe_secs = watcher.now() - began;
        let encoder = footing.encoder.clone();
        let made = tune_whole(base, encoder, examples, seen, head, recipe, watcher);
        let (classifier, path, parameters) = made.await?;
        let model = Model::Whole(Box::new(classifier));
        Ok(Learned {
            tuned: tuned(model, footing, examples, recipe),
            probe: Some(probe),
            path,
            parameters,
            probe_secs,
        })
    }
}

/// What a method made on a footing, with what else it takes to use it.
fn tuned(model: Model, footing: &Footing, examples: &Examples, recipe: &Recipe) -> Tuned {
    Tuned {
        model,
        state: state_after(footing.state.clone(), &recipe.tuning),
        labels: examples.labels.clone(),
        max_tokens: recipe.max_tokens as usize,
    }
}

/// Learns as a recipe says, from an earlier run if there is one, and is judged on the validation rows
/// alone: the test rows stay sealed. What was learned is dropped. The stores are as in [`Begun::read`].
///
/// # Errors
/// As [`super::tune`].
pub(in crate::engine) async fn try_texts<W: Watcher>(
    base: &Base,
    earlier: Option<&Earlier<'_>>,
    examples: &Examples,
    recipe: &Recipe,
    [store, own]: [&mut FeatureStore; 2],
    watcher: &mut W,
) -> Result<Path, EngineError> {
    let mut begun = Begun::of(base, earlier, examples, recipe).await?;
    let frozen = begun.read(base, recipe, store, own, watcher).await?;
    let watcher = &mut Quiet(watcher);
    let learned = begun.learn(base, &frozen, own, examples, recipe, watcher);
    Ok(learned.await?.path)
}

/// Trains the head alone: the method's whole work.
async fn tune_head<W: Watcher>(
    base: &Base,
    seen: &Seen,
    frozen: &Features,
    head: Head,
    recipe: &Recipe,
    watcher: &mut W,
) -> Result<(Head, Path, ParameterCount), EngineError> {
    let mut parameters = count(&head, &head_groups(&head, &recipe.training));
    parameters.total += count(&base.encoder, &[]).total;
    watcher.notice(Notice::Prepared {
        parts: seen.parts,
        parameters,
    });
    watcher.notice(Notice::Baselines(seen.baselines.clone()));
    watcher.notice(Notice::Phase(Phase::Train));
    let lesson = seen.lesson(frozen);
    let (head, path) = fit_head(head, &recipe.training, &lesson, watcher)
        .await?
        .split();
    Ok((head, path, parameters))
}

/// Trains a head on the frozen features: the baseline of longer training, and its start (Kumar et
/// al. 2022, "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution").
async fn fit_probe<W: Watcher>(
    examples: &Examples,
    seen: &Seen,
    frozen: &Features,
    head: Head,
    recipe: &Recipe,
    watcher: &mut W,
) -> Result<Head, EngineError> {
    watcher.notice(Notice::Phase(Phase::Probe));
    let head = solve(examples, seen, frozen, head, recipe, watcher).await?;
    let probabilities = score(&head, frozen, &seen.valid, watcher).await?;
    let truth = seen.valid_truth();
    let scored = Classes::new(seen.classes, &truth, &probabilities)?;
    let probe = Baseline::probe(&scored.into(), metrics(recipe));
    let mut baselines = seen.baselines.clone();
    baselines.push(probe);
    watcher.notice(Notice::Baselines(baselines));
    Ok(head)
}

/// Moves a head to its optimum on these features, as the head method does by default.
async fn solve<W: Watcher>(
    examples: &Examples,
    seen: &Seen,
    features: &Features,
    head: Head,
    recipe: &Recipe,
    watcher: &mut W,
) -> Result<Head, EngineError> {
    let training = solving(examples, seen, recipe);
    let lesson = seen.lesson(features);
    let (head, path) = fit_head(head, &training, &lesson, &mut Quiet(watcher))
        .await?
        .split();
    if path.ended == Ended::Stopped {
        return Err(EngineError::Stopped);
    }
    Ok(head)
}

/// How a head beside a method that moves the encoder is solved.
fn solving(examples: &Examples, seen: &Seen, recipe: &Recipe) -> Training {
    let lengths: Vec<u32> = seen
        .tokens
        .iter()
        .map(|tokens| tokens.len() as u32)
        .collect();
    let profile = DataProfile::of(examples, &lengths);
    let suggested = Training::suggest(Method::Head, &profile);
    Training {
        class_weights: recipe.training.class_weights,
        label_smoothing: recipe.training.label_smoothing,
        head_c: match recipe.tuning.method {
            Method::Contrastive => recipe.training.head_c,
            _ => suggested.head_c,
        },
        ..suggested
    }
}

/// Tunes an encoder by the method that the recipe names, with the head on top.
async fn tune_whole<W: Watcher>(
    base: &Base,
    encoder: BertEncoder,
    examples: &Examples,
    seen: &Seen,
    head: Head,
    recipe: &Recipe,
    watcher: &mut W,
) -> Result<(Classifier, Path, ParameterCount), EngineError> {
    match recipe.tuning.method {
        Method::Contrastive => {
            let solving = solving(examples, seen, recipe);
            let start = (encoder, head);
            tune_contrastive(base, start, seen, &solving, recipe, watcher).await
        }
        _ => tune_encoder(base, encoder, seen, head, recipe, watcher).await,
    }
}

/// Trains low-rank updates or the whole encoder, with the head on top.
async fn tune_encoder<W: Watcher>(
    base: &Base,
    encoder: BertEncoder,
    seen: &Seen,
    head: Head,
    recipe: &Recipe,
    watcher: &mut W,
) -> Result<(Classifier, Path, ParameterCount), EngineError> {
    let mut rng = rng_for(recipe.seed, PURPOSE_LORA);
    let Recipe {
        tuning, training, ..
    } = recipe;
    let head = head.on(&base.device).await?;
    let (classifier, groups) = prepare(encoder, head, tuning, training, &mut rng, &base.device);
    let parameters = count(&classifier, &groups);
    watcher.notice(Notice::Prepared {
        parts: seen.parts,
        parameters,
    });
    watcher.notice(Notice::Phase(Phase::Train));
    let lesson = seen.lesson(seen.tokens.as_slice());
    let (classifier, path) = fit(classifier, groups, training, &lesson, recipe.seed, watcher)
        .await?
        .split();
    Ok((classifier, path, parameters))
}
