//! Everything that is needed to repeat a run.
//!
//! A [`Recipe`] is plain data that the page edits and the worker checks: [`Recipe::check`] is the
//! one gate between a form and the engine. Same recipe, same table, same CPU build: the same
//! model, bit for bit.

mod way;

pub use way::Way;

use serde::{Deserialize, Serialize};

use super::base_model;
use super::clean::StepPlan;
use super::column::Schema;
use super::examples::Examples;
use super::features::{FeatureSource, TablePlan};
use super::issue::{Issue, Position, Severity};
use super::options;
use super::split::{Split, SplitPlan};
use super::start::Start;
use super::task::{self, AnswerKind, Target};

/// Version of the recipe's form. Raised when an old recipe would no longer mean the same.
pub const RECIPE_VERSION: u32 = 1;

/// Everything that is needed to repeat a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// [`RECIPE_VERSION`] at the time of writing.
    pub version: u32,
    /// Id of the task, see [`super::task::ALL`].
    pub task: String,
    /// Name of the column to predict.
    pub target: String,
    /// Names of the text columns, joined in this order.
    pub text: Vec<String>,
    /// How columns that are not text are learned from; `None` where only texts are.
    #[serde(default)]
    pub table: Option<Box<TablePlan>>,
    /// What is read in the columns, where a person chose otherwise.
    #[serde(default)]
    pub schema: Schema,
    /// How the table is cleaned and prepared, in this order.
    #[serde(default)]
    pub steps: Vec<StepPlan>,
    /// How the rows are held apart.
    pub split: SplitPlan,
    /// Id of the checkpoint to start from, see [`base_model::is_known`].
    pub base_model: String,
    /// The earlier run to go on from, if not from the base model alone.
    #[serde(default)]
    pub start: Option<Start>,
    /// Texts are cut after so many tokens, the two special ones included.
    pub max_tokens: u32,
    /// Which parameters move.
    pub tuning: Tuning,
    /// How they move.
    pub training: Training,
    /// Seeds the split, the order of the rows, the new weights and dropout.
    pub seed: u32,
}

/// Which parameters a run changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The encoder stays as it is; only the head on top of it learns.
    Head,
    /// Low-rank updates beside chosen projections (Hu et al. 2021, LoRA, section 4).
    Lora,
    /// Every parameter.
    Full,
    /// The encoder learns which rows have one label and which have two, then the head is solved
    /// (Tunstall et al. 2022, SetFit, section 3): for few rows a label.
    Contrastive,
}

impl Method {
    /// Every method, the quickest first; the one for few rows comes last.
    pub const ALL: [Self; 4] = [Self::Head, Self::Lora, Self::Full, Self::Contrastive];

    /// Stable id, as in recipes and on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Lora => "lora",
            Self::Full => "full",
            Self::Contrastive => "contrastive",
        }
    }

    /// A method by its id.
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.id() == id)
    }
}

/// The projections of a transformer layer that LoRA can adapt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Projection {
    /// Attention queries.
    Query,
    /// Attention keys.
    Key,
    /// Attention values.
    Value,
    /// Attention output.
    Output,
    /// First feed-forward layer.
    Up,
    /// Second feed-forward layer.
    Down,
}

/// Settings of the low-rank update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoraOptions {
    /// Rank of the update.
    pub rank: u32,
    /// The update is scaled by `alpha / rank`.
    pub alpha: f64,
    /// Share of the update's inputs that is dropped while training, 0 to 1.
    pub dropout: f64,
    /// Which projections get an update.
    pub targets: Vec<Projection>,
}

/// What of the encoder moves in contrastive tuning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moving {
    /// Every parameter.
    Full,
    /// Low-rank updates.
    Lora,
}

/// Settings of contrastive tuning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContrastiveOptions {
    /// What of the encoder moves.
    pub moving: Moving,
    /// So often is every row paired with one of its label and with one of another.
    pub rounds: u32,
    /// Pairs at the most.
    pub budget: u32,
}

impl Default for ContrastiveOptions {
    /// Rounds as in SetFit's own experiments (Tunstall et al. 2022, section 4.1); a budget of so
    /// many pairs as 100 rows make in them.
    fn default() -> Self {
        Self {
            moving: Moving::Full,
            rounds: 20,
            budget: 4000,
        }
    }
}

/// Which parameters move.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// Head, LoRA, full or contrastive.
    pub method: Method,
    /// Used when low-rank updates move, kept otherwise.
    pub lora: LoraOptions,
    /// Used when the method is [`Method::Contrastive`], kept otherwise.
    #[serde(default)]
    pub contrastive: ContrastiveOptions,
}

impl Tuning {
    /// Whether low-rank updates move instead of the encoder's own weights.
    pub fn has_updates(&self) -> bool {
        match self.method {
            Method::Lora => true,
            Method::Contrastive => self.contrastive.moving == Moving::Lora,
            Method::Head | Method::Full => false,
        }
    }
}

/// How the learning rate falls after the warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// It stays.
    Constant,
    /// Straight down to zero.
    Linear,
    /// Half a cosine down to zero (Loshchilov and Hutter 2016, SGDR, equation 5, without restarts).
    Cosine,
}

/// What a row of a rare class counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeights {
    /// Every row counts the same.
    Equal,
    /// Every class counts the same: a row weighs rows / (classes x rows of its class).
    Balanced,
}

/// How the parameters move.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Passes over the training rows, at the most.
    pub epochs: u32,
    /// Rows in a step.
    pub batch_size: u32,
    /// Highest learning rate of the encoder or its adapters.
    pub learning_rate: f64,
    /// Highest learning rate of the head.
    pub head_learning_rate: f64,
    /// How freely a head that learns alone may fit the training rows: the inverse strength of an L2
    /// penalty on its weights, on features of length 1, as `C` in scikit-learn's
    /// `LogisticRegression`.
    pub head_c: f64,
    /// How the rates fall.
    pub schedule: Schedule,
    /// Share of all steps in which the rates rise from zero, 0 to 1.
    pub warmup: f64,
    /// Decoupled weight decay (Loshchilov and Hutter 2017); biases, norms and embeddings are spared.
    pub weight_decay: f64,
    /// Gradients are scaled down to this global L2 norm; 0 switches it off.
    pub clip_norm: f64,
    /// Share of hidden values dropped while training, 0 to 1.
    pub dropout: f64,
    /// Share of the truth spread evenly over all classes, 0 to 1 (Szegedy et al. 2015, section 7).
    pub label_smoothing: f64,
    /// What a row of a rare class counts for.
    pub class_weights: ClassWeights,
    /// Stop after so many epochs without a lower validation loss; 0 never stops early, and lets a
    /// head that learns alone go to its optimum.
    pub patience: u32,
    /// How what was learned before is spared.
    #[serde(default)]
    pub transfer: Transfer,
}

/// How what was learned before, by the base model or by an earlier run, is spared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Transfer {
    /// The learning rate of each layer is so many times that of the layer above it, 0 to 1; 1 moves
    /// all alike (Howard and Ruder 2018, ULMFiT, section 3.2, "discriminative fine-tuning").
    pub layer_decay: f64,
    /// Epochs between letting one layer more move, from the top: the head first. 0 lets all move
    /// from the beginning (Howard and Ruder 2018, section 3.3, "gradual unfreezing").
    pub unfreeze_epochs: u32,
    /// Strength of a pull of every weight towards where it started: half of it times the squared
    /// distance is added to the loss (Xuhong et al. 2018, L2-SP, equation 2). 0 switches it off.
    pub l2_sp: f64,
    /// Rows of the earlier run that are learned from again, as a share of the new training rows.
    pub rehearsal: f64,
}

impl Default for Transfer {
    fn default() -> Self {
        Self {
            layer_decay: 1.0,
            unfreeze_epochs: 0,
            l2_sp: 0.0,
            rehearsal: 0.0,
        }
    }
}

/// What defaults are chosen from: the size and shape of somebody's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataProfile {
    /// Rows with an answer, and with a text where texts are learned from.
    pub rows: u32,
    /// Rows that training would see, that validation would see, that the test holds apart.
    pub parts: [u32; 3],
    /// Labels with their numbers of rows, most frequent first, ranks in their order; none where numbers
    /// are learned.
    pub classes: Vec<(String, u32)>,
    /// Length of the texts in tokens: median, 95th and 99th percentile, longest.
    pub tokens: [u32; 4],
}

impl DataProfile {
    /// Of no rows: recipes that are suggested from it have the general defaults.
    pub fn empty() -> Self {
        Self {
            rows: 0,
            parts: [0; 3],
            classes: Vec::new(),
            tokens: [0; 4],
        }
    }

    /// Of examples whose texts have these lengths in tokens, in any order.
    pub fn of(examples: &Examples, lengths: &[u32]) -> Self {
        let labels = examples.label_of.iter().flatten().copied();
        Self::counted(&examples.labels, labels, &examples.split, lengths)
    }

    /// Of rows that should be this; `lengths` of their texts in tokens, in any order.
    pub fn of_target(target: &Target, split: &Split, lengths: &[u32]) -> Self {
        let labels: Vec<u32> = match target {
            Target::Labels(labels) | Target::Ranks(labels) => {
                labels.of_row.iter().flatten().copied().collect()
            }
            Target::LabelSets(sets) => sets.of_row.iter().flatten().flatten().copied().collect(),
            Target::Numbers(_) => Vec::new(),
        };
        let mut profile = Self::counted(target.names(), labels.into_iter(), split, lengths);
        if let Target::Ranks(labels) = target {
            let place = |name: &str| labels.names.iter().position(|one| one == name);
            profile.classes.sort_by_key(|(name, _)| place(name));
        }
        profile
    }

    fn counted(
        names: &[String],
        labels: impl Iterator<Item = u32>,
        split: &Split,
        lengths: &[u32],
    ) -> Self {
        let mut counts = vec![0; names.len()];
        for label in labels {
            counts[label as usize] += 1;
        }
        let mut classes: Vec<(String, u32)> = names.iter().cloned().zip(counts).collect();
        classes.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        let mut sorted = lengths.to_vec();
        sorted.sort_unstable();
        let quantile = |share: f64| {
            let at = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
            sorted.get(at).copied().unwrap_or(0)
        };
        let parts =
            [split.train.len(), split.valid.len(), split.test.len()].map(|rows| rows as u32);
        Self {
            rows: parts.iter().sum(),
            parts,
            classes,
            tokens: [quantile(0.5), quantile(0.95), quantile(0.99), quantile(1.0)],
        }
    }

    /// Rows of the largest class divided by rows of the smallest.
    pub fn imbalance(&self) -> f64 {
        let most = self
            .classes
            .iter()
            .map(|(_, rows)| *rows)
            .max()
            .unwrap_or(1);
        let least = self
            .classes
            .iter()
            .map(|(_, rows)| *rows)
            .min()
            .unwrap_or(1);
        f64::from(most) / f64::from(least.max(1))
    }
}

/// Above this ratio of the largest to the smallest class, rare classes are weighted up by default.
const IMBALANCE_TO_WEIGHT: f64 = 10.0;

/// Padding is wasted work, so texts are cut at the length that spares 99 % of them, within these
/// bounds.
const DEFAULT_MAX_TOKENS: std::ops::RangeInclusive<u32> = 16..=128;

impl Recipe {
    /// A recipe for these columns with defaults chosen from the data.
    pub fn suggest(text: Vec<String>, target: String, profile: &DataProfile) -> Self {
        let max_tokens = profile.tokens[2]
            .next_multiple_of(8)
            .clamp(*DEFAULT_MAX_TOKENS.start(), *DEFAULT_MAX_TOKENS.end());
        Self {
            version: RECIPE_VERSION,
            task: "classify".to_owned(),
            target,
            text,
            table: None,
            schema: Schema::default(),
            steps: Vec::new(),
            split: SplitPlan::default(),
            base_model: base_model::ALL[0].id.to_owned(),
            start: None,
            max_tokens,
            tuning: Tuning {
                method: Method::Lora,
                lora: LoraOptions {
                    rank: 8,
                    alpha: 16.0,
                    dropout: 0.0,
                    targets: vec![
                        Projection::Query,
                        Projection::Key,
                        Projection::Value,
                        Projection::Output,
                    ],
                },
                contrastive: ContrastiveOptions::default(),
            },
            training: Training::suggest(Method::Lora, profile),
            seed: 1,
        }
    }

    /// The same recipe for data that are read, cleaned and held apart as another recipe says, for
    /// the same task and from the same start.
    #[must_use]
    pub fn with_data_of(mut self, other: &Self) -> Self {
        self.task.clone_from(&other.task);
        self.schema = other.schema.clone();
        self.steps.clone_from(&other.steps);
        self.split = other.split.clone();
        self.seed = other.seed;
        self.start.clone_from(&other.start);
        self
    }

    /// Whether its task compares two texts.
    pub fn compares(&self) -> bool {
        task::compares(&self.task)
    }

    /// What moves of the text encoder: as the method says, or where columns are learned from as well as
    /// their plan does.
    pub fn text_tuning(&self) -> Tuning {
        let of_plan = self.table.as_ref().map(|plan| plan.texts.method());
        Tuning {
            method: of_plan.unwrap_or(self.tuning.method),
            ..self.tuning.clone()
        }
    }

    /// Whether the text encoder learns.
    pub fn moves_texts(&self) -> bool {
        !self.text.is_empty() && self.text_tuning().method != Method::Head
    }

    /// What a model of it answers, as a question.
    pub fn question(&self) -> String {
        match task::answer(&self.task) {
            AnswerKind::Number => format!("What is the {}?", self.target),
            AnswerKind::Label | AnswerKind::Rank | AnswerKind::Labels => {
                format!("Which {}?", self.target)
            }
        }
    }

    /// Whether a linear model on a text's counted tokens stands beside its vector: not where two texts are
    /// compared, of which no token of one tells, nor where rows of a group would know each other.
    pub fn counts_tokens(&self) -> bool {
        let is_of_table = self.table.is_some() && !self.text.is_empty();
        is_of_table && !self.compares() && self.split.kind.lets_any_row_be_held()
    }

    /// With fewer rows to learn from and to stop by, a linear model on some of them says nothing of the others.
    pub const LEAST_PROBED: usize = 50;

    /// Whether networks that read the columns alone are tried beside those that read texts as well: where
    /// several learn, whose held rows can tell which are needed. What goes on goes on with what it read.
    pub fn tries_columns_alone(&self) -> bool {
        let has_columns = (self.table.as_ref()).is_some_and(|plan| !plan.columns.is_empty());
        let is_fresh = self.start.is_none();
        is_fresh && has_columns && self.holds_several() && !self.text.is_empty()
    }

    /// Whether several networks learn, each held apart from other rows.
    fn holds_several(&self) -> bool {
        let several = (self.table.as_ref()).is_some_and(|plan| plan.network.folds > 1);
        several && self.split.kind.lets_any_row_be_held() && !self.moves_texts()
    }

    /// Up to so many rows to learn from and to stop by, a run that goes on from an earlier one tries networks
    /// that begin from nothing, too. With more, what was learned before weighs less, and time more.
    pub const MOST_BEGUN_ANEW: usize = 1000;

    /// Whether networks that begin from nothing are tried beside those that go on, with so many rows to learn
    /// from and to stop by.
    pub fn begins_anew_too(&self, rows: usize) -> bool {
        self.start.is_some() && self.holds_several() && rows <= Self::MOST_BEGUN_ANEW
    }

    /// Names of the columns that are learned from, each once.
    pub fn inputs(&self) -> Vec<&str> {
        let others = self.table.iter().flat_map(|plan| &plan.columns);
        let mut names: Vec<&str> = self.text.iter().map(String::as_str).collect();
        for source in others {
            if !names.contains(&source.column.as_str()) {
                names.push(&source.column);
            }
        }
        names
    }

    /// The same recipe for another method, with that method's training defaults.
    #[must_use]
    pub fn with_method(mut self, method: Method, profile: &DataProfile) -> Self {
        self.tuning.method = method;
        self.training = Training::suggest(method, profile);
        self
    }

    /// Whether the engine can follow this recipe; empty when it can.
    ///
    /// Every issue blocks and names the setting.
    pub fn check(&self) -> Vec<Issue> {
        let mut issues = self.contradictions();
        issues.extend(options::check(self));
        issues
    }

    /// What does not go together, each setting being within its own range; empty when all does.
    pub fn contradictions(&self) -> Vec<Issue> {
        let mut issues = Vec::new();
        let mut block = |id: &str, what: String, fix: &str| {
            issues.push(Issue::new(id, Severity::Blocks, Position::Table, what, fix));
        };
        if self.version != RECIPE_VERSION {
            block(
                "recipe_version",
                format!(
                    "This recipe has version {}; this page reads version {RECIPE_VERSION}.",
                    self.version
                ),
                "Reload the page, or write the recipe again.",
            );
        }
        if !base_model::is_known(&self.base_model) {
            block(
                "unknown_base_model",
                format!(
                    "There is no base model called \"{}\" here.",
                    self.base_model
                ),
                "Choose one from the list.",
            );
        }
        if !super::task::IDS.contains(&self.task.as_str()) {
            block(
                "unknown_task",
                format!("There is no task called \"{}\" here.", self.task),
                "Choose one from the list.",
            );
        }
        if self.table.is_none() && self.task != "classify" {
            block(
                "task_needs_columns",
                format!(
                    "The task \"{}\" is not learned from texts alone.",
                    self.task
                ),
                "Choose the columns to learn from, or another task.",
            );
        }
        for fault in self.table.iter().flat_map(|table| table.faults()) {
            block(
                "table_plan",
                fault,
                "Change this setting of the table's network.",
            );
        }
        if self.text.is_empty() && self.table.is_none() {
            block(
                "no_text",
                "No text column is chosen.".to_owned(),
                "Choose the column that holds the texts.",
            );
        }
        if self.text.contains(&self.target) {
            block(
                "target_is_text",
                format!("\"{}\" is both the text and the label.", self.target),
                "Choose another column for one of them.",
            );
        }
        let is_target = |source: &FeatureSource| source.column == self.target;
        if (self.table.iter()).any(|table| table.columns.iter().any(is_target)) {
            block(
                "target_is_column",
                format!(
                    "\"{}\" is both learned from and to be predicted.",
                    self.target
                ),
                "Leave it out of the columns to learn from, or predict another one.",
            );
        }
        if self.tuning.has_updates() && self.tuning.lora.targets.is_empty() {
            block(
                "no_lora_targets",
                "LoRA has no projection to adapt.".to_owned(),
                "Choose at least one.",
            );
        }
        if self.training.epochs == 0 && self.start.is_none() {
            block(
                "no_epochs",
                "With 0 epochs nothing is learned.".to_owned(),
                "Choose at least one epoch, or an earlier run to judge as it is.",
            );
        }
        let SplitPlan {
            valid,
            test,
            ref kind,
            folds,
            ..
        } = self.split;
        let test = if kind.draws_test() { test } else { 0.0 };
        if !(valid > 0.0 && (test > 0.0 || !kind.draws_test()) && valid + test < 0.9) {
            block(
                "split_shares",
                format!(
                    "{:.0} % for validation and {:.0} % for the test leave too little to learn from, or nothing to judge by.",
                    valid * 100.0,
                    test * 100.0
                ),
                "Give each more than 0 %, and both together less than 90 %.",
            );
        }
        if kind.column() == Some(self.target.as_str()) {
            block(
                "split_by_target",
                format!(
                    "\"{}\" is both to be predicted and to split by.",
                    self.target
                ),
                "Choose another column to split by, or split at random.",
            );
        }
        if folds == 1 {
            block(
                "one_fold",
                "Cross-validation takes at least two folds.".to_owned(),
                "Choose two or more, or 0 for none.",
            );
        }
        issues
    }
}

/// Highest learning rate of contrastive tuning. No other one was tried yet, and it is neither from
/// SetFit's paper nor a default of its library.
const CONTRASTIVE_RATE: f64 = 5e-5;

/// With at most so many training rows a label, contrastive tuning is worth its time: where SetFit's
/// paper stops (Tunstall et al. 2022, table 2 has 8 and 64).
const FEW_ROWS_A_LABEL: f64 = 32.0;

impl DataProfile {
    /// Whether there are few training rows a label, so that contrastive tuning should be offered.
    pub fn has_few_rows_a_label(&self) -> bool {
        let labels = self.classes.len();
        labels >= 2
            && self.parts[0] > 0
            && f64::from(self.parts[0]) <= FEW_ROWS_A_LABEL * labels as f64
    }
}

impl Training {
    /// Defaults of a method for data of this size.
    ///
    /// The head is a small convex problem on cached embeddings, so it can afford many passes. The
    /// encoder starts from a head that is already trained (Kumar et al. 2022, "Fine-Tuning can
    /// Distort Pretrained Features", section 3), so few passes do.
    pub fn suggest(method: Method, profile: &DataProfile) -> Self {
        let class_weights = if profile.imbalance() > IMBALANCE_TO_WEIGHT {
            ClassWeights::Balanced
        } else {
            ClassWeights::Equal
        };
        let shared = Self {
            epochs: 3,
            batch_size: 16,
            learning_rate: 1e-4,
            head_learning_rate: 1e-3,
            head_c: 10.0,
            schedule: Schedule::Linear,
            warmup: 0.1,
            weight_decay: 0.01,
            clip_norm: 1.0,
            dropout: 0.1,
            label_smoothing: 0.0,
            class_weights,
            patience: 2,
            transfer: Transfer::default(),
        };
        let few_rows = profile.parts[0] < 500;
        match method {
            // The L2 penalty of `head_c` keeps the head from fitting by heart; dropout and decay
            // beside it would only blur the optimum, which is the same wherever one starts.
            Method::Head => Self {
                epochs: 100,
                weight_decay: 0.0,
                dropout: 0.0,
                patience: 0,
                ..shared
            },
            Method::Lora => Self {
                epochs: if few_rows { 8 } else { 4 },
                learning_rate: 1e-3,
                ..shared
            },
            Method::Full => Self {
                epochs: if few_rows { 6 } else { 3 },
                ..shared
            },
            // One pass over the pairs, and no choice among few validation rows.
            Method::Contrastive => Self {
                epochs: 1,
                learning_rate: CONTRASTIVE_RATE,
                patience: 0,
                ..shared
            },
        }
    }
}
