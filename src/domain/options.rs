//! Settings described as data, so that the page draws any form without knowing what it is for.
//!
//! An [`OptionSpec`] names a place inside a serialised [`Recipe`] by a JSON pointer (RFC 6901).
//! Reading and writing go through that pointer, so a new setting is a field of the recipe and one
//! entry in [`ALL`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::features::network::Combiner;
use super::issue::{Issue, Position, Severity};
use super::recipe::{Method, Recipe, Way};
use super::task::{self, AnswerKind};

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OptionKind {
    /// A whole number.
    Int {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number.
    Float {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// One of several.
    Choice {
        /// Ids with the words that people read.
        choices: &'static [(&'static str, &'static str)],
    },
    /// Any number of several.
    Set {
        /// Ids with the words that people read.
        choices: &'static [(&'static str, &'static str)],
    },
    /// Yes or no.
    Flag,
}

/// What settings have in common: a form shows those of a group together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// How a table's cells become numbers.
    Cells,
    /// The shape of a table's network, and what it answers.
    Network,
    /// Which numbers of a text encoder move.
    Moves,
    /// How far and how often numbers move.
    Pace,
    /// What keeps a model from learning rows by heart.
    Overfitting,
    /// Which rows, and how much of them.
    Data,
}

impl Group {
    /// Every group, in the order in which a form shows them.
    pub const ALL: [Self; 6] = [
        Self::Cells,
        Self::Network,
        Self::Moves,
        Self::Pace,
        Self::Overfitting,
        Self::Data,
    ];

    /// What people read above its settings.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cells => "How cells are read",
            Self::Network => "The network",
            Self::Moves => "What moves",
            Self::Pace => "How it moves",
            Self::Overfitting => "Against overfitting",
            Self::Data => "Data",
        }
    }
}

/// One setting of a [`Recipe`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OptionSpec {
    /// JSON pointer into the recipe, which is also the setting's stable id.
    pub pointer: &'static str,
    /// Name as people read it.
    pub label: &'static str,
    /// One sentence on what it does.
    pub help: &'static str,
    /// What it stands with in a form.
    pub group: Group,
    /// What values it takes.
    pub kind: OptionKind,
    /// The ways to learn that it matters to.
    pub methods: &'static [Way],
}

/// A setting's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptionValue {
    /// Of an [`OptionKind::Int`].
    Int(i64),
    /// Of an [`OptionKind::Float`].
    Float(f64),
    /// Of an [`OptionKind::Choice`].
    Choice(String),
    /// Of an [`OptionKind::Set`].
    Set(Vec<String>),
    /// Of an [`OptionKind::Flag`].
    Flag(bool),
}

/// A yes or no as a choice: what is off, then what is on.
pub const FLAG: &[(&str, &str)] = &[("no", "No"), ("yes", "Yes")];

const ALWAYS: &[Way] = &Way::ALL;
const EVERY: &[Way] = &[
    Way::Text(Method::Head),
    Way::Text(Method::Lora),
    Way::Text(Method::Full),
    Way::Text(Method::Contrastive),
];
const ENCODER: &[Way] = &[
    Way::Text(Method::Lora),
    Way::Text(Method::Full),
    Way::Text(Method::Contrastive),
];
const END_TO_END: &[Way] = &[Way::Text(Method::Lora), Way::Text(Method::Full)];
const SOLVED: &[Way] = &[Way::Text(Method::Head), Way::Text(Method::Contrastive)];
const LORA: &[Way] = &[Way::Text(Method::Lora), Way::Text(Method::Contrastive)];
const CONTRASTIVE: &[Way] = &[Way::Text(Method::Contrastive)];
const TABLE: &[Way] = &[
    Way::Table(Combiner::TabM),
    Way::Table(Combiner::Mlp),
    Way::Table(Combiner::Linear),
];
const HIDDEN: &[Way] = &[Way::Table(Combiner::TabM), Way::Table(Combiner::Mlp)];
const LAYERED: &[Way] = &[
    Way::Text(Method::Lora),
    Way::Text(Method::Full),
    Way::Text(Method::Contrastive),
    Way::Table(Combiner::TabM),
    Way::Table(Combiner::Mlp),
];
const UNFREEZING: &[Way] = &[
    Way::Text(Method::Lora),
    Way::Text(Method::Full),
    Way::Table(Combiner::TabM),
    Way::Table(Combiner::Mlp),
];
const TABM: &[Way] = &[Way::Table(Combiner::TabM)];

/// How many rows of an earlier run are learned from again.
pub const REHEARSAL: &str = "/training/transfer/rehearsal";

/// How strongly weights are held where they started.
pub const L2_SP: &str = "/training/transfer/l2_sp";

/// Every setting, in the order in which a form shows them.
pub const ALL: &[OptionSpec] = &[
    OptionSpec {
        pointer: "/training/epochs",
        label: "Epochs",
        help: "Passes over the training rows, at the most; training may end sooner.",
        group: Group::Pace,
        kind: OptionKind::Int { min: 0, max: 500 },
        methods: EVERY,
    },
    OptionSpec {
        pointer: "/training/batch_size",
        label: "Batch size",
        help: "Rows in one step. Larger is steadier and takes more memory.",
        group: Group::Pace,
        kind: OptionKind::Int { min: 1, max: 512 },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/learning_rate",
        label: "Learning rate",
        help: "How far the encoder or its adapters move in a step, at the highest.",
        group: Group::Pace,
        kind: OptionKind::Float {
            min: 1e-7,
            max: 0.1,
        },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/head_learning_rate",
        label: "Learning rate of the head",
        help: "How far the layer that names the labels moves in a step, at the highest.",
        group: Group::Pace,
        kind: OptionKind::Float {
            min: 1e-7,
            max: 1.0,
        },
        methods: END_TO_END,
    },
    OptionSpec {
        pointer: "/training/head_c",
        label: "Freedom of the head (C)",
        help: "How freely the head may fit the training rows; lower is stricter. C in scikit-learn.",
        group: Group::Overfitting,
        kind: OptionKind::Float {
            min: 1e-4,
            max: 1e6,
        },
        methods: SOLVED,
    },
    OptionSpec {
        pointer: "/training/schedule",
        label: "Schedule",
        help: "How the learning rate falls after the warm-up.",
        group: Group::Pace,
        kind: OptionKind::Choice {
            choices: &[
                ("linear", "Linear"),
                ("cosine", "Cosine"),
                ("constant", "Constant"),
            ],
        },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/warmup",
        label: "Warm-up",
        help: "Share of all steps in which the learning rate rises from zero.",
        group: Group::Pace,
        kind: OptionKind::Float { min: 0.0, max: 1.0 },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/weight_decay",
        label: "Weight decay",
        help: "Pulls weights towards zero, which keeps a model from learning rows by heart.",
        group: Group::Overfitting,
        kind: OptionKind::Float { min: 0.0, max: 1.0 },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/dropout",
        label: "Dropout",
        help: "Share of values switched off at random in each step, so that no single one is relied on.",
        group: Group::Overfitting,
        kind: OptionKind::Float { min: 0.0, max: 0.9 },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/label_smoothing",
        label: "Label smoothing",
        help: "Share of each label spread over all others, so that the model is never taught to be certain.",
        group: Group::Overfitting,
        kind: OptionKind::Float { min: 0.0, max: 0.9 },
        methods: EVERY,
    },
    OptionSpec {
        pointer: "/training/clip_norm",
        label: "Gradient clipping",
        help: "Largest length of a step's gradient; 0 switches it off.",
        group: Group::Pace,
        kind: OptionKind::Float {
            min: 0.0,
            max: 1000.0,
        },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/class_weights",
        label: "Class weights",
        help: "Whether every row counts the same, or every label.",
        group: Group::Pace,
        kind: OptionKind::Choice {
            choices: &[
                ("equal", "Every row the same"),
                ("balanced", "Every label the same"),
            ],
        },
        methods: EVERY,
    },
    OptionSpec {
        pointer: "/training/patience",
        label: "Early stopping (patience)",
        help: "Stop after so many epochs without a lower validation loss; 0 never stops early.",
        group: Group::Overfitting,
        kind: OptionKind::Int { min: 0, max: 100 },
        methods: EVERY,
    },
    OptionSpec {
        pointer: "/tuning/contrastive/rounds",
        label: "Rounds of pairs",
        help: "So often is every row paired with one of its own label and with one of another.",
        group: Group::Moves,
        kind: OptionKind::Int { min: 1, max: 1000 },
        methods: CONTRASTIVE,
    },
    OptionSpec {
        pointer: "/tuning/contrastive/budget",
        label: "Pairs at most",
        help: "However many rows and labels there are, no more pairs than this are drawn.",
        group: Group::Moves,
        kind: OptionKind::Int {
            min: 1,
            max: 1_000_000,
        },
        methods: CONTRASTIVE,
    },
    OptionSpec {
        pointer: "/tuning/contrastive/moving",
        label: "What moves",
        help: "Every number of the model, or low-rank updates beside it, which take less memory.",
        group: Group::Moves,
        kind: OptionKind::Choice {
            choices: &[("full", "Every number"), ("lora", "Low-rank updates")],
        },
        methods: CONTRASTIVE,
    },
    OptionSpec {
        pointer: "/training/transfer/layer_decay",
        label: "Learning rate by layer",
        help: "Each layer moves so many times as fast as the one above it; 1 moves all alike.",
        group: Group::Pace,
        kind: OptionKind::Float {
            min: 0.01,
            max: 1.0,
        },
        methods: LAYERED,
    },
    OptionSpec {
        pointer: "/training/transfer/unfreeze_epochs",
        label: "Gradual unfreezing",
        help: "One layer more moves after every so many epochs, from the top; 0 lets all move at once.",
        group: Group::Pace,
        kind: OptionKind::Int { min: 0, max: 100 },
        methods: UNFREEZING,
    },
    OptionSpec {
        pointer: REHEARSAL,
        label: "Old rows mixed in",
        help: "Rows of the earlier run that are learned from again, against forgetting, as a share of the new ones.",
        group: Group::Pace,
        kind: OptionKind::Float {
            min: 0.0,
            max: 10.0,
        },
        methods: ALWAYS,
    },
    OptionSpec {
        pointer: "/tuning/lora/rank",
        label: "LoRA rank",
        help: "Width of the low-rank update: more can learn more, and overfit more.",
        group: Group::Moves,
        kind: OptionKind::Int { min: 1, max: 128 },
        methods: LORA,
    },
    OptionSpec {
        pointer: "/tuning/lora/alpha",
        label: "LoRA alpha",
        help: "The update is scaled by alpha divided by rank.",
        group: Group::Moves,
        kind: OptionKind::Float {
            min: 0.01,
            max: 1024.0,
        },
        methods: LORA,
    },
    OptionSpec {
        pointer: "/tuning/lora/dropout",
        label: "LoRA dropout",
        help: "Share of the update's inputs switched off at random in each step.",
        group: Group::Overfitting,
        kind: OptionKind::Float { min: 0.0, max: 0.9 },
        methods: LORA,
    },
    OptionSpec {
        pointer: "/tuning/lora/targets",
        label: "LoRA targets",
        help: "Which projections of every layer get a low-rank update.",
        group: Group::Moves,
        kind: OptionKind::Set {
            choices: &[
                ("query", "Query"),
                ("key", "Key"),
                ("value", "Value"),
                ("output", "Attention output"),
                ("up", "Feed-forward up"),
                ("down", "Feed-forward down"),
            ],
        },
        methods: LORA,
    },
    OptionSpec {
        pointer: "/table/texts",
        label: "Text encoder",
        help: "Whether what reads the texts learns along with the columns' network: that takes far longer, and helps most where texts speak a language of their own.",
        group: Group::Network,
        kind: OptionKind::Choice {
            choices: &[
                ("frozen", "Stays as it is"),
                ("lora", "Learns by LoRA"),
                ("full", "All of it learns"),
            ],
        },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/network/members",
        label: "Ensemble members",
        help: "Networks in one that share most of their weights and predict together.",
        group: Group::Network,
        kind: OptionKind::Int { min: 2, max: 128 },
        methods: TABM,
    },
    OptionSpec {
        pointer: "/table/network/blocks",
        label: "Hidden layers",
        help: "More can learn more, and overfit more.",
        group: Group::Network,
        kind: OptionKind::Int { min: 0, max: 8 },
        methods: HIDDEN,
    },
    OptionSpec {
        pointer: "/table/network/width",
        label: "Width",
        help: "Values of a hidden layer.",
        group: Group::Network,
        kind: OptionKind::Int { min: 4, max: 1024 },
        methods: HIDDEN,
    },
    OptionSpec {
        pointer: "/table/network/dropout",
        label: "Dropout",
        help: "Share of hidden values switched off at random in each step, so that no single one is relied on.",
        group: Group::Overfitting,
        kind: OptionKind::Float { min: 0.0, max: 0.9 },
        methods: HIDDEN,
    },
    OptionSpec {
        pointer: "/table/network/mixup",
        label: "Mixup",
        help: "Learns from pairs of rows mixed into one, against learning rows by heart: 0 mixes none, 0.2 a little.",
        group: Group::Overfitting,
        kind: OptionKind::Float { min: 0.0, max: 2.0 },
        methods: HIDDEN,
    },
    OptionSpec {
        pointer: "/table/network/label_smoothing",
        label: "Label smoothing",
        help: "Share of each label spread over all others, so that the model is never taught to be certain.",
        group: Group::Overfitting,
        kind: OptionKind::Float { min: 0.0, max: 0.9 },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/network/folds",
        label: "Networks",
        help: "Each stops by other rows, and they predict together; more is steadier and takes longer.",
        group: Group::Network,
        kind: OptionKind::Int { min: 1, max: 10 },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/network/epochs",
        label: "Epochs",
        help: "Passes over the training rows, at the most; training may end sooner.",
        group: Group::Pace,
        kind: OptionKind::Int { min: 1, max: 1000 },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/network/batch_size",
        label: "Batch size",
        help: "Rows in one step. Larger is steadier and quicker.",
        group: Group::Pace,
        kind: OptionKind::Int { min: 1, max: 4096 },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/network/learning_rate",
        label: "Learning rate",
        help: "How far the network moves in a step.",
        group: Group::Pace,
        kind: OptionKind::Float {
            min: 1e-6,
            max: 0.5,
        },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/network/weight_decay",
        label: "Weight decay",
        help: "Pulls weights towards zero, which keeps a model from learning rows by heart.",
        group: Group::Overfitting,
        kind: OptionKind::Float { min: 0.0, max: 0.9 },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/network/clip_norm",
        label: "Gradient clipping",
        help: "Largest length of a step's gradient; 0 switches it off.",
        group: Group::Pace,
        kind: OptionKind::Float {
            min: 0.0,
            max: 1000.0,
        },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/network/patience",
        label: "Early stopping (patience)",
        help: "Stop after so many epochs without a lower validation loss; 0 never stops early.",
        group: Group::Overfitting,
        kind: OptionKind::Int { min: 0, max: 200 },
        methods: TABLE,
    },
    OptionSpec {
        pointer: L2_SP,
        label: "Pull to the start (L2-SP)",
        help: "How strongly weights are held where they started, in place of weight decay, so that what was learned before is kept; 0 lets them go.",
        group: Group::Overfitting,
        kind: OptionKind::Float {
            min: 0.0,
            max: 100.0,
        },
        methods: ALWAYS,
    },
    OptionSpec {
        pointer: "/table/class_weights",
        label: "Class weights",
        help: "Whether every row counts the same, or every label.",
        group: Group::Pace,
        kind: OptionKind::Choice {
            choices: &[
                ("equal", "Every row the same"),
                ("balanced", "Every label the same"),
            ],
        },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/is_log",
        label: "Learn the logarithm",
        help: "For prices, counts and other numbers of 0 or more that are judged by ratios.",
        group: Group::Network,
        kind: OptionKind::Flag,
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/coverage",
        label: "Range",
        help: "Share of rows whose true number the predicted range should hold.",
        group: Group::Network,
        kind: OptionKind::Float {
            min: 0.5,
            max: 0.99,
        },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/features/scaling",
        label: "Scale of numbers",
        help: "By rank, so that far values pull less, or by mean and deviation.",
        group: Group::Cells,
        kind: OptionKind::Choice {
            choices: &[
                ("quantile_normal", "By rank"),
                ("standard", "By mean and deviation"),
            ],
        },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/features/bins",
        label: "Bins of a number",
        help: "Most pieces of the curve that a number can have.",
        group: Group::Cells,
        kind: OptionKind::Int { min: 2, max: 128 },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/table/features/most_categories",
        label: "Most categories",
        help: "Of a column; the rarest are read like one that was never seen.",
        group: Group::Cells,
        kind: OptionKind::Int { min: 2, max: 4096 },
        methods: TABLE,
    },
    OptionSpec {
        pointer: "/max_tokens",
        label: "Longest text",
        help: "Texts are cut after so many tokens; a token is about three quarters of a word.",
        group: Group::Data,
        kind: OptionKind::Int { min: 4, max: 512 },
        methods: ALWAYS,
    },
    OptionSpec {
        pointer: "/split/test",
        label: "Test share",
        help: "Share of the rows that is sealed until the end, to judge by.",
        group: Group::Data,
        kind: OptionKind::Float { min: 0.0, max: 0.8 },
        methods: ALWAYS,
    },
    OptionSpec {
        pointer: "/split/valid",
        label: "Validation share",
        help: "Share of the rows that decides when to stop and which checkpoint is best.",
        group: Group::Data,
        kind: OptionKind::Float { min: 0.0, max: 0.8 },
        methods: ALWAYS,
    },
    OptionSpec {
        pointer: "/split/folds",
        label: "Folds",
        help: "Trains as often on other rows, to tell how much the figures depend on them; 0 does not.",
        group: Group::Data,
        kind: OptionKind::Int { min: 0, max: 20 },
        methods: ALWAYS,
    },
    OptionSpec {
        pointer: "/seed",
        label: "Seed",
        help: "Same seed, same settings, same data: the same result.",
        group: Group::Data,
        kind: OptionKind::Int {
            min: 0,
            max: u32::MAX as i64,
        },
        methods: ALWAYS,
    },
];

/// Whether a setting changes anything about a run of this recipe.
pub fn matters(spec: &OptionSpec, recipe: &Recipe) -> bool {
    let suits = match spec.pointer {
        "/table/is_log" => recipe.task == "regress",
        "/table/coverage" => task::answer(&recipe.task) == AnswerKind::Number,
        "/table/class_weights" => task::answer(&recipe.task) == AnswerKind::Label,
        "/table/network/label_smoothing" => task::answer(&recipe.task) != AnswerKind::Number,
        "/max_tokens" | "/table/texts" => !recipe.text.is_empty(),
        REHEARSAL => recipe.start.is_some(),
        _ => true,
    };
    let moves = (recipe.table.as_ref()).map(|plan| Way::Text(plan.texts.method()));
    let of_updates = spec.pointer.starts_with("/tuning/lora")
        && moves.is_some_and(|way| spec.methods.contains(&way));
    suits && (spec.methods.contains(&recipe.way()) || of_updates)
}

/// Whether a setting of the way does anything beside this recipe's other settings.
pub fn acts(pointer: &str, recipe: &Recipe) -> bool {
    let is_held = recipe.training.transfer.l2_sp > 0.0;
    let is_head = recipe.way() == Way::Text(Method::Head);
    let tuning = recipe.text_tuning();
    match pointer {
        // L2-SP takes their place.
        "/training/weight_decay" | "/table/network/weight_decay" => !is_held,
        "/training/head_c" => !(is_head && is_held),
        // A head is held at its start by C already. What was drawn at random is no place to be held at,
        // nor are updates that begin with nothing.
        L2_SP if !is_held => !is_head && (recipe.start.is_some() || moves_weights(recipe)),
        "/tuning/lora/rank" | "/tuning/lora/dropout" => tuning.has_updates(),
        _ => true,
    }
}

/// Whether the pretrained weights themselves move.
fn moves_weights(recipe: &Recipe) -> bool {
    recipe.moves_texts() && !recipe.text_tuning().has_updates()
}

/// A setting by its pointer.
pub fn find(pointer: &str) -> Option<&'static OptionSpec> {
    ALL.iter().find(|spec| spec.pointer == pointer)
}

/// Reads a setting from a recipe.
///
/// # Panics
/// When the specification does not fit the recipe's form, which a test rules out.
pub fn get(recipe: &Recipe, spec: &OptionSpec) -> OptionValue {
    let recipe = serde_json::to_value(recipe).expect("a recipe is plain data");
    let Some(value) = recipe.pointer(spec.pointer) else {
        return left_out(spec);
    };
    let read = match spec.kind {
        OptionKind::Int { .. } => value.as_i64().map(OptionValue::Int),
        OptionKind::Float { .. } => value.as_f64().map(OptionValue::Float),
        OptionKind::Choice { .. } => value.as_str().map(|id| OptionValue::Choice(id.to_owned())),
        OptionKind::Flag => value.as_bool().map(OptionValue::Flag),
        OptionKind::Set { .. } => value.as_array().map(|ids| {
            OptionValue::Set(
                ids.iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            )
        }),
    };
    read.expect("the field has the kind that its specification names")
}

/// What a setting is that a recipe leaves out: the first of its choices, the smallest number.
///
/// # Panics
/// When it is neither a choice nor a number with fractions.
pub fn left_out(spec: &OptionSpec) -> OptionValue {
    match spec.kind {
        OptionKind::Choice {
            choices: [(id, _), ..],
        } => OptionValue::Choice((*id).to_owned()),
        OptionKind::Float { min, .. } => OptionValue::Float(min),
        _ => panic!(
            "the pointer \"{}\" names a field of the recipe",
            spec.pointer
        ),
    }
}

/// A setting's value as one reads it.
pub fn in_words(spec: &OptionSpec, value: &OptionValue) -> String {
    let name = |choices: &[(&str, &str)], id: &String| {
        choices
            .iter()
            .find(|(known, _)| known == id)
            .map_or_else(|| id.clone(), |(_, name)| (*name).to_owned())
    };
    match (value, spec.kind) {
        (OptionValue::Int(number), _) => number.to_string(),
        (OptionValue::Float(number), _) => number.to_string(),
        (OptionValue::Choice(id), OptionKind::Choice { choices }) => name(choices, id),
        (OptionValue::Set(ids), OptionKind::Set { choices }) => ids
            .iter()
            .map(|id| name(choices, id))
            .collect::<Vec<_>>()
            .join(", "),
        (OptionValue::Flag(is_on), _) => FLAG[usize::from(*is_on)].1.to_owned(),
        _ => String::new(),
    }
}

/// A recipe with one setting changed.
///
/// # Errors
/// A sentence when the value is out of range or of another kind; the recipe stays as it was.
pub fn set(recipe: &Recipe, spec: &OptionSpec, value: &OptionValue) -> Result<Recipe, String> {
    range_error(spec, value).map_or(Ok(()), Err)?;
    let mut draft = serde_json::to_value(recipe).expect("a recipe is plain data");
    let (parent, name) = spec
        .pointer
        .rsplit_once('/')
        .expect("a pointer begins with /");
    let parent = draft.pointer_mut(parent).and_then(Value::as_object_mut);
    let parent = parent.expect("the pointer names a field of the recipe");
    let value = match value {
        OptionValue::Int(number) => (*number).into(),
        OptionValue::Float(number) => (*number).into(),
        OptionValue::Choice(id) => id.as_str().into(),
        OptionValue::Set(ids) => ids.clone().into(),
        OptionValue::Flag(is_on) => (*is_on).into(),
    };
    parent.insert(name.to_owned(), value);
    serde_json::from_value(draft).map_err(|error| format!("{}: {error}.", spec.label))
}

/// Every setting of the recipe that is out of its range.
pub fn check(recipe: &Recipe) -> Vec<Issue> {
    ALL.iter()
        .filter(|spec| matters(spec, recipe))
        .filter_map(|spec| range_error(spec, &get(recipe, spec)))
        .map(|what| {
            Issue::new(
                "setting_out_of_range",
                Severity::Blocks,
                Position::Table,
                what,
                "Change it under \"Every setting\".",
            )
        })
        .collect()
}

/// Why a setting does not take a value, as a sentence; none when it does.
pub fn range_error(spec: &OptionSpec, value: &OptionValue) -> Option<String> {
    let known =
        |id: &String, choices: &[(&str, &str)]| choices.iter().any(|(known, _)| known == id);
    let fits = match (spec.kind, value) {
        (OptionKind::Int { min, max }, OptionValue::Int(number)) => (min..=max).contains(number),
        (OptionKind::Float { min, max }, OptionValue::Float(number)) => {
            (min..=max).contains(number)
        }
        (OptionKind::Choice { choices }, OptionValue::Choice(id)) => known(id, choices),
        (OptionKind::Set { choices }, OptionValue::Set(ids)) => {
            ids.iter().all(|id| known(id, choices))
        }
        (OptionKind::Flag, OptionValue::Flag(_)) => true,
        _ => false,
    };
    let allowed = match spec.kind {
        OptionKind::Int { min, max } => format!("a whole number from {min} to {max}"),
        OptionKind::Float { min, max } => format!("a number from {min} to {max}"),
        OptionKind::Choice { .. } | OptionKind::Set { .. } => {
            "one of the choices in the list".to_owned()
        }
        OptionKind::Flag => "yes or no".to_owned(),
    };
    (!fits).then(|| format!("{} takes {allowed}.", spec.label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recipe::DataProfile;
    use crate::domain::suggest;

    fn recipe() -> Recipe {
        let profile = DataProfile {
            rows: 100,
            parts: [70, 10, 20],
            classes: vec![("a".into(), 60), ("b".into(), 40)],
            tokens: [8, 20, 25, 40],
        };
        Recipe::suggest(vec!["text".into()], "label".into(), &profile)
    }

    #[test]
    fn every_setting_can_be_read_and_written_back() {
        let text = recipe();
        let table = suggest::with_columns(text.clone(), vec!["size".to_owned()]);
        let mut seen = 0;
        for recipe in suggest::recipes(&table, &DataProfile::empty()) {
            let matters = |spec: &&OptionSpec| spec.methods.contains(&recipe.way());
            for spec in ALL.iter().filter(matters) {
                let value = get(&recipe, spec);
                let same = set(&recipe, spec, &value);
                assert_eq!(same.as_ref(), Ok(&recipe), "{}", spec.pointer);
                seen += 1;
            }
            let issues = recipe.check();
            assert!(
                issues.is_empty(),
                "the defaults are within their ranges: {issues:?}"
            );
        }
        assert!(seen > ALL.len(), "every way was looked at");
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_the_range() {
        let spec = find("/training/epochs").unwrap();
        let refused = set(&recipe(), spec, &OptionValue::Int(501)).unwrap_err();
        assert_eq!(refused, "Epochs takes a whole number from 0 to 500.");
        assert!(set(&recipe(), spec, &OptionValue::Float(3.0)).is_err());
        let rate = find("/training/learning_rate").unwrap();
        assert!(set(&recipe(), rate, &OptionValue::Float(f64::NAN)).is_err());
    }

    #[test]
    fn recipes_from_before_runs_had_a_start_are_read() {
        let mut old = serde_json::to_value(recipe()).unwrap();
        old.as_object_mut().unwrap().remove("start");
        old["training"].as_object_mut().unwrap().remove("transfer");
        assert_eq!(serde_json::from_value::<Recipe>(old).unwrap(), recipe());
    }

    #[test]
    fn old_rows_are_only_asked_about_with_a_start() {
        let spec = find(REHEARSAL).unwrap();
        let mut recipe = recipe();
        assert!(!matters(spec, &recipe));
        recipe.start = Some(crate::domain::start::Start {
            model: "k".to_owned(),
            name: "LoRA".to_owned(),
        });
        assert!(matters(spec, &recipe));
    }

    #[test]
    fn one_group_holds_all_that_works_against_overfitting() {
        let table = suggest::with_columns(recipe(), vec!["size".to_owned()]);
        let held = |way: &str, task: &str| -> Vec<&str> {
            let mut recipes = suggest::recipes(&table, &DataProfile::empty()).into_iter();
            let mut recipe = recipes.find(|recipe| recipe.way().id() == way).unwrap();
            recipe.task = task.to_owned();
            let own = ALL.iter().filter(|spec| matters(spec, &recipe));
            let own = own.filter(|spec| spec.group == Group::Overfitting);
            own.map(|spec| spec.pointer.rsplit('/').next().unwrap())
                .collect()
        };
        let of_network = [
            "dropout",
            "mixup",
            "label_smoothing",
            "weight_decay",
            "patience",
            "l2_sp",
        ];
        assert_eq!(held("tabm", "classify"), of_network);
        assert_eq!(held("mlp", "label_sets"), of_network);
        let of_numbers = ["dropout", "mixup", "weight_decay", "patience", "l2_sp"];
        assert_eq!(held("tabm", "regress"), of_numbers);
        let of_sums = ["label_smoothing", "weight_decay", "patience", "l2_sp"];
        assert_eq!(held("linear", "classify"), of_sums);
        let of_head = ["head_c", "label_smoothing", "patience", "l2_sp"];
        assert_eq!(held("head", "classify"), of_head);
        let of_texts = ["weight_decay", "dropout", "label_smoothing", "patience"];
        assert_eq!(
            held("full", "classify"),
            [&of_texts[..], &["l2_sp"]].concat()
        );
        let of_lora = [&of_texts[..], &["dropout", "l2_sp"]].concat();
        assert_eq!(held("lora", "classify"), of_lora);
    }

    #[test]
    fn pointers_are_unique() {
        for (at, spec) in ALL.iter().enumerate() {
            assert!(
                ALL[..at].iter().all(|other| other.pointer != spec.pointer),
                "{}",
                spec.pointer
            );
        }
    }
}
