//! What a run takes over from an earlier model, and what became of what that one knew.
//!
//! An encoder can carry two changes: its own weights have moved, and low-rank updates stand beside
//! them. Updates of the same form go on, so that a round of LoRA after another costs no more to
//! keep than the first. Where the form differs, or the weights themselves are to move, the updates
//! are added to the weights first; where only the head learns, they stay as they are.

use std::collections::HashSet;

use rand::seq::SliceRandom;

use super::{Base, Model, Seen, Tuned, tokenize};
use crate::domain::examples::Examples;
use crate::domain::recipe::{LoraOptions, Method, Recipe, Tuning};
use crate::domain::start::{Carried, Forgetting, LabelMatch};
use crate::domain::table::RowId;
use crate::engine::checkpoint::EncoderState;
use crate::engine::classifier::Features;
use crate::engine::device::cpu;
use crate::engine::encoder::BertEncoder;
use crate::engine::error::EngineError;
use crate::engine::features::FeatureStore;
use crate::engine::head::Head;
use crate::engine::train::{Control, Notice, Watcher, learning, rng_for};

/// Purpose of random numbers, see [`rng_for`].
const PURPOSE_REHEARSAL: u64 = 5;

/// The earlier run that a run goes on from. Both are on the same base model.
pub struct Earlier<'a> {
    /// Its model.
    pub tuned: &'a Tuned,
    /// What a person calls it.
    pub name: &'a str,
    /// Its rows, where they are at hand: to be learned from again, and to see what is forgotten.
    pub rows: Option<&'a mut Examples>,
}

/// What a run's own training begins at.
pub(super) struct Footing {
    pub encoder: BertEncoder,
    pub state: EncoderState,
    /// On the CPU, able to keep a graph; the new run's labels.
    pub head: Option<Head>,
    pub labels: LabelMatch,
    pub told: &'static str,
}

impl Footing {
    /// The base model.
    pub fn base(base: &Base) -> Self {
        Self {
            encoder: base.encoder.clone(),
            state: EncoderState::default(),
            head: None,
            labels: LabelMatch::default(),
            told: "",
        }
    }

    /// An earlier model, made ready for a recipe and its labels.
    pub async fn of(
        base: &Base,
        earlier: &Tuned,
        recipe: &Recipe,
        labels: &[String],
    ) -> Result<Self, EngineError> {
        let labels = LabelMatch::of(&earlier.labels, labels);
        let cpu = learning(&cpu());
        let (encoder, head) = match &earlier.model {
            Model::Head(head) => (base.encoder.clone(), head.carried(&labels.earlier, &cpu)),
            Model::Whole(whole) => (
                whole.encoder.clone(),
                whole.head.carried(&labels.earlier, &cpu),
            ),
        };
        let head = Some(head.await?);
        let (encoder, state, told) = ready(encoder, earlier.state.clone(), &recipe.tuning);
        Ok(Self {
            encoder,
            state,
            head,
            labels,
            told,
        })
    }

    /// Vectors of some texts by this encoder, of which `own` holds what it has read before. Nobody keeps
    /// them longer.
    pub async fn read<W: Watcher>(
        &self,
        base: &Base,
        texts: &[&[u32]],
        own: &mut FeatureStore,
        watcher: &mut W,
    ) -> Result<Features, EngineError> {
        let watcher = &mut Forgetful(watcher);
        own.of(&self.encoder, base.hidden, texts, &base.device, watcher)
            .await
    }

    /// Whether the encoder is the base model's.
    pub fn is_base(&self) -> bool {
        self.state == EncoderState::default()
    }
}

/// An earlier encoder as a method needs it, what is in it then, and a sentence on what was done.
pub(in crate::engine) fn ready(
    encoder: BertEncoder,
    state: EncoderState,
    tuning: &Tuning,
) -> (BertEncoder, EncoderState, &'static str) {
    let merged = EncoderState {
        updates: None,
        has_moved: true,
    };
    let lora = &tuning.lora;
    match (tuning.has_updates(), &state.updates) {
        _ if state == EncoderState::default() => {
            (encoder, state, "Its encoder is the base model's.")
        }
        _ if tuning.method == Method::Head => (encoder, state, "Its encoder stays as it is."),
        (false, None) => (encoder, state, "Its encoder goes on."),
        (false, Some(_)) => (
            encoder.merged(),
            merged,
            "Its low-rank updates were added to the encoder's weights, which go on.",
        ),
        (true, None) => (
            encoder,
            state,
            "Its encoder stays as it is, below new low-rank updates.",
        ),
        (true, Some(updates)) if have_one_form(updates, lora) => {
            (encoder, state, "Its low-rank updates go on.")
        }
        (true, Some(_)) => (
            encoder.merged(),
            merged,
            "Its low-rank updates were added to the encoder's weights, as the new ones have another form.",
        ),
    }
}

/// Whether updates by one choice of options can go on by another.
fn have_one_form(one: &LoraOptions, other: &LoraOptions) -> bool {
    let targets = |options: &LoraOptions| {
        let mut targets = options.targets.clone();
        targets.sort_unstable();
        targets.dedup();
        targets
    };
    one.rank == other.rank && one.alpha == other.alpha && targets(one) == targets(other)
}

/// What is in the encoder of a model that a method made on a footing.
pub(in crate::engine) fn state_after(footing: EncoderState, tuning: &Tuning) -> EncoderState {
    match tuning.method {
        Method::Head => footing,
        _ if tuning.has_updates() => EncoderState {
            updates: Some(tuning.lora.clone()),
            ..footing
        },
        _ => EncoderState {
            updates: None,
            has_moved: true,
        },
    }
}

/// Texts of an earlier run beside those of the new one.
pub(super) struct Old {
    /// Tokens and new label of rows to learn from again.
    pub rehearsed: Vec<(Vec<u32>, u32)>,
    /// Test rows of the new run that the earlier one learned from.
    pub known_test_rows: u32,
}

impl Old {
    /// Reads the earlier run's training rows.
    ///
    /// A row is learned from again when the new run has its label and no part of the new run has
    /// its text. The seal is copied: what is counted and avoided here judges nothing.
    pub fn read(
        base: &Base,
        earlier: &Examples,
        labels: &LabelMatch,
        examples: &Examples,
        recipe: &Recipe,
    ) -> Self {
        let theirs = &earlier.split.train;
        let tokens = tokenize(base, earlier, theirs, recipe);
        let mut sealed = examples.split.test.clone();
        let test = tokenize(base, examples, sealed.open(), recipe);
        let learned: HashSet<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
        let known = test.iter().filter(|row| learned.contains(row.as_slice()));
        let known_test_rows = known.count() as u32;

        let share = recipe.training.transfer.rehearsal;
        let wanted = (share * examples.split.train.len() as f64).ceil() as usize;
        let mut rehearsed = Vec::new();
        if wanted > 0 {
            let now = labels.backwards();
            let split = &examples.split;
            let seen: Vec<RowId> = split.train.iter().chain(&split.valid).copied().collect();
            let mut taken: HashSet<Vec<u32>> = tokenize(base, examples, &seen, recipe)
                .into_iter()
                .collect();
            taken.extend(test);
            for (&row, tokens) in theirs.iter().zip(&tokens) {
                let label = now.get(earlier.label(row) as usize).copied().flatten();
                if let Some(label) = label
                    && taken.insert(tokens.clone())
                {
                    rehearsed.push((tokens.clone(), label));
                }
            }
            rehearsed.shuffle(&mut rng_for(recipe.seed, PURPOSE_REHEARSAL));
            rehearsed.truncate(wanted);
        }
        Self {
            rehearsed,
            known_test_rows,
        }
    }
}

impl Seen {
    /// Adds rows of an earlier run to those to learn from.
    pub(super) fn rehearse(&mut self, rows: Vec<(Vec<u32>, u32)>) {
        self.parts[0] += rows.len() as u32;
        for (tokens, label) in rows {
            self.train.push(self.tokens.len());
            self.tokens.push(tokens);
            self.labels.push(label);
        }
    }
}

/// Judges both models on the earlier run's test rows whose label the new one has. That is a look
/// at them more.
pub(super) async fn forgotten<W: Watcher>(
    base: &Base,
    earlier: &mut Earlier<'_>,
    labels: &LabelMatch,
    tuned: &Tuned,
    recipe: &Recipe,
    store: &mut FeatureStore,
    watcher: &mut W,
) -> Result<Option<Forgetting>, EngineError> {
    let Some(examples) = earlier.rows.as_deref_mut() else {
        return Ok(None);
    };
    let now = labels.backwards();
    let mut rows = examples.split.test.open().to_vec();
    let label = |row: &RowId| now.get(examples.label(*row) as usize).copied().flatten();
    rows.retain(|row| label(row).is_some());
    let truth: Vec<u32> = rows.iter().filter_map(label).collect();
    let tokens = tokenize(base, examples, &rows, recipe);
    let before = earlier.tuned.score(base, &tokens, store, watcher).await?;
    let after = tuned.score(base, &tokens, store, watcher).await?;
    Ok(Forgetting::of(
        labels,
        &truth,
        &before,
        &after,
        recipe.seed.into(),
    )?)
}

/// Hears and tells everything, but keeps no vectors: they are not the base model's.
pub(in crate::engine) struct Forgetful<'a, W>(pub &'a mut W);

impl<W: Watcher> Watcher for Forgetful<'_, W> {
    fn now(&self) -> f64 {
        self.0.now()
    }

    fn notice(&mut self, notice: Notice) {
        self.0.notice(notice);
    }

    async fn breathe(&mut self) -> Control {
        self.0.breathe().await
    }
}

/// What was carried over, but for what is known only in the end.
pub(super) fn carried(earlier: &Earlier<'_>, footing: &Footing, old: &Option<Old>) -> Carried {
    Carried {
        from: earlier.name.to_owned(),
        labels: footing.labels.clone(),
        columns: None,
        encoder: footing.told.to_owned(),
        is_head_solved: false,
        rehearsed: old.as_ref().map_or(0, |old| old.rehearsed.len() as u32),
        known_test_rows: old.as_ref().map_or(0, |old| old.known_test_rows),
        forgetting: None,
    }
}
