//! Settings described as data, so that the page draws any form without knowing what it is for.
//!
//! An [`OptionSpec`] names a place inside a serialised [`Recipe`] by a JSON pointer (RFC 6901).
//! Reading and writing go through that pointer, so a new setting is a field of the recipe and one
//! entry in [`ALL`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::issue::{Issue, Position, Severity};
use super::recipe::{Method, Recipe};

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
    /// What values it takes.
    pub kind: OptionKind,
    /// The methods that it matters to.
    pub methods: &'static [Method],
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
}

const EVERY: &[Method] = &Method::ALL;
const ENCODER: &[Method] = &[Method::Lora, Method::Full];
const HEAD: &[Method] = &[Method::Head];
const LORA: &[Method] = &[Method::Lora];

/// Every setting, in the order in which a form shows them.
pub const ALL: &[OptionSpec] = &[
    OptionSpec {
        pointer: "/training/epochs",
        label: "Epochs",
        help: "Passes over the training rows, at the most; training may end sooner.",
        kind: OptionKind::Int { min: 1, max: 500 },
        methods: EVERY,
    },
    OptionSpec {
        pointer: "/training/batch_size",
        label: "Batch size",
        help: "Rows in one step. Larger is steadier and takes more memory.",
        kind: OptionKind::Int { min: 1, max: 512 },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/learning_rate",
        label: "Learning rate",
        help: "How far the encoder or its adapters move in a step, at the highest.",
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
        kind: OptionKind::Float {
            min: 1e-7,
            max: 1.0,
        },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/head_c",
        label: "Freedom of the head (C)",
        help: "How freely the head may fit the training rows; lower is stricter. C in scikit-learn.",
        kind: OptionKind::Float {
            min: 1e-4,
            max: 1e6,
        },
        methods: HEAD,
    },
    OptionSpec {
        pointer: "/training/schedule",
        label: "Schedule",
        help: "How the learning rate falls after the warm-up.",
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
        kind: OptionKind::Float { min: 0.0, max: 1.0 },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/weight_decay",
        label: "Weight decay",
        help: "Pulls weights towards zero, which keeps a model from learning rows by heart.",
        kind: OptionKind::Float { min: 0.0, max: 1.0 },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/dropout",
        label: "Dropout",
        help: "Share of values switched off at random in each step, so that no single one is relied on.",
        kind: OptionKind::Float { min: 0.0, max: 0.9 },
        methods: ENCODER,
    },
    OptionSpec {
        pointer: "/training/label_smoothing",
        label: "Label smoothing",
        help: "Share of each label spread over all others, so that the model is never taught to be certain.",
        kind: OptionKind::Float { min: 0.0, max: 0.9 },
        methods: EVERY,
    },
    OptionSpec {
        pointer: "/training/clip_norm",
        label: "Gradient clipping",
        help: "Largest length of a step's gradient; 0 switches it off.",
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
        label: "Patience",
        help: "Stop after so many epochs without a lower validation loss; 0 never stops early.",
        kind: OptionKind::Int { min: 0, max: 100 },
        methods: EVERY,
    },
    OptionSpec {
        pointer: "/tuning/lora/rank",
        label: "LoRA rank",
        help: "Width of the low-rank update: more can learn more, and overfit more.",
        kind: OptionKind::Int { min: 1, max: 128 },
        methods: LORA,
    },
    OptionSpec {
        pointer: "/tuning/lora/alpha",
        label: "LoRA alpha",
        help: "The update is scaled by alpha divided by rank.",
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
        kind: OptionKind::Float { min: 0.0, max: 0.9 },
        methods: LORA,
    },
    OptionSpec {
        pointer: "/tuning/lora/targets",
        label: "LoRA targets",
        help: "Which projections of every layer get a low-rank update.",
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
        pointer: "/max_tokens",
        label: "Longest text",
        help: "Texts are cut after so many tokens; a token is about three quarters of a word.",
        kind: OptionKind::Int { min: 4, max: 256 },
        methods: EVERY,
    },
    OptionSpec {
        pointer: "/split/test",
        label: "Test share",
        help: "Share of the rows that is sealed until the end, to judge by.",
        kind: OptionKind::Float { min: 0.0, max: 0.8 },
        methods: EVERY,
    },
    OptionSpec {
        pointer: "/split/valid",
        label: "Validation share",
        help: "Share of the rows that decides when to stop and which checkpoint is best.",
        kind: OptionKind::Float { min: 0.0, max: 0.8 },
        methods: EVERY,
    },
    OptionSpec {
        pointer: "/split/folds",
        label: "Folds",
        help: "Trains as often on other rows, to tell how much the figures depend on them; 0 does not.",
        kind: OptionKind::Int { min: 0, max: 20 },
        methods: EVERY,
    },
    OptionSpec {
        pointer: "/seed",
        label: "Seed",
        help: "Same seed, same settings, same data: the same result.",
        kind: OptionKind::Int {
            min: 0,
            max: u32::MAX as i64,
        },
        methods: EVERY,
    },
];

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
    let value = recipe
        .pointer(spec.pointer)
        .expect("the pointer names a field of the recipe");
    let read = match spec.kind {
        OptionKind::Int { .. } => value.as_i64().map(OptionValue::Int),
        OptionKind::Float { .. } => value.as_f64().map(OptionValue::Float),
        OptionKind::Choice { .. } => value.as_str().map(|id| OptionValue::Choice(id.to_owned())),
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

/// A recipe with one setting changed.
///
/// # Errors
/// A sentence when the value is out of range or of another kind; the recipe stays as it was.
pub fn set(recipe: &Recipe, spec: &OptionSpec, value: &OptionValue) -> Result<Recipe, String> {
    range_error(spec, value).map_or(Ok(()), Err)?;
    let mut draft = serde_json::to_value(recipe).expect("a recipe is plain data");
    let place = draft
        .pointer_mut(spec.pointer)
        .expect("the pointer names a field of the recipe");
    *place = match value {
        OptionValue::Int(number) => (*number).into(),
        OptionValue::Float(number) => (*number).into(),
        OptionValue::Choice(id) => id.as_str().into(),
        OptionValue::Set(ids) => ids.clone().into(),
    };
    serde_json::from_value(draft).map_err(|error| format!("{}: {error}.", spec.label))
}

/// Every setting of the recipe that is out of its range.
pub fn check(recipe: &Recipe) -> Vec<Issue> {
    ALL.iter()
        .filter(|spec| spec.methods.contains(&recipe.tuning.method))
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
        _ => false,
    };
    let allowed = match spec.kind {
        OptionKind::Int { min, max } => format!("a whole number from {min} to {max}"),
        OptionKind::Float { min, max } => format!("a number from {min} to {max}"),
        OptionKind::Choice { .. } | OptionKind::Set { .. } => {
            "one of the choices in the list".to_owned()
        }
    };
    (!fits).then(|| format!("{} takes {allowed}.", spec.label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recipe::DataProfile;

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
        let recipe = recipe();
        for spec in ALL {
            let value = get(&recipe, spec);
            assert_eq!(
                set(&recipe, spec, &value).as_ref(),
                Ok(&recipe),
                "{}",
                spec.pointer
            );
        }
        assert!(
            recipe.check().is_empty(),
            "the defaults are within their ranges"
        );
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_the_range() {
        let spec = find("/training/epochs").unwrap();
        let refused = set(&recipe(), spec, &OptionValue::Int(0)).unwrap_err();
        assert_eq!(refused, "Epochs takes a whole number from 1 to 500.");
        assert!(set(&recipe(), spec, &OptionValue::Float(3.0)).is_err());
        let rate = find("/training/learning_rate").unwrap();
        assert!(set(&recipe(), rate, &OptionValue::Float(f64::NAN)).is_err());
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
