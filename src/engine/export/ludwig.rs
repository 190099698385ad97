//! The same columns and task as a configuration of Ludwig 0.11, for who outgrows one machine.
//!
//! It is JSON, which is YAML too. What Ludwig has no word for is left to its defaults: it splits,
//! scales and stops by its own rules, so the model will be like this one and not the same.

use serde_json::{Map, Value, json};

use super::model::{Learned, Model};
use super::{A_TEXT, ExportError, Exporter};
use crate::domain::features::ColumnPlan;
use crate::domain::recipe::{Method, Recipe, Schedule};
use crate::domain::report::ParameterCount;
use crate::domain::split::SplitKind;
use crate::domain::task::{self, AnswerKind};

/// A configuration of Ludwig.
#[derive(Debug, Clone, Copy)]
pub struct Ludwig;

impl Exporter for Ludwig {
    fn id(&self) -> &'static str {
        "ludwig"
    }

    fn name(&self) -> &'static str {
        "Ludwig configuration"
    }

    fn about(&self) -> &'static str {
        "The same columns and task for Ludwig, which trains on several machines. Its model will be like this one, not the same."
    }

    fn ending(&self) -> &'static str {
        "ludwig.yaml"
    }

    fn refusal(&self, recipe: &Recipe) -> Option<&'static str> {
        let is_paired = recipe.table.is_none() && recipe.tuning.method == Method::Contrastive;
        is_paired.then_some("Ludwig does not learn from pairs of texts.")
    }

    fn size(&self, _count: ParameterCount) -> u64 {
        A_TEXT
    }

    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError> {
        Ok(serde_json::to_vec_pretty(&configuration(model)).expect("plain data"))
    }
}

fn configuration(model: &Model) -> Value {
    let recipe = &model.recipe;
    let mut inputs: Vec<Value> = recipe
        .text
        .iter()
        .map(|name| text_feature(name, model))
        .collect();
    if let Learned::Table(weights) = &model.learned {
        inputs.extend(weights.plan.features.iter().map(|feature| {
            let kind = match &feature.plan {
                ColumnPlan::Number(_) => "number",
                ColumnPlan::Category(_) => "category",
                ColumnPlan::Boolean(_) => "binary",
                ColumnPlan::Date(_) => "date",
                ColumnPlan::Tokens(_) => "set",
            };
            json!({"name": feature.column, "type": kind})
        }));
    }
    let answer = match task::answer(&recipe.task) {
        AnswerKind::Number => "number",
        AnswerKind::Labels => "set",
        AnswerKind::Label | AnswerKind::Rank => "category",
    };
    // Ludwig compares two sides, of which every column has to be on one.
    let combiner = match &recipe.text[..] {
        [one, other] if recipe.compares() && inputs.len() == 2 => {
            json!({"type": "comparator", "entity_1": [one], "entity_2": [other]})
        }
        _ => json!({"type": "concat"}),
    };
    json!({
        "input_features": inputs,
        "output_features": [{"name": recipe.target, "type": answer}],
        "combiner": combiner,
        "preprocessing": {"split": split(recipe)},
        "trainer": trainer(recipe),
    })
}

fn text_feature(name: &str, model: &Model) -> Value {
    let recipe = &model.recipe;
    let source = model.base.map_or("", |base| base.source);
    let tuning = recipe.text_tuning();
    let is_frozen = tuning.method == Method::Head;
    let mut encoder = Map::from_iter([
        ("type".to_owned(), json!("auto_transformer")),
        ("pretrained_model_name_or_path".to_owned(), json!(source)),
        ("trainable".to_owned(), json!(!is_frozen)),
        ("reduce_output".to_owned(), json!("mean")),
    ]);
    if tuning.method == Method::Lora {
        let lora = &tuning.lora;
        encoder.insert(
            "adapter".to_owned(),
            json!({
                "type": "lora",
                "r": lora.rank,
                "alpha": lora.alpha.round() as u64,
                "dropout": lora.dropout,
            }),
        );
    }
    json!({
        "name": name,
        "type": "text",
        "encoder": encoder,
        "preprocessing": {"max_sequence_length": recipe.max_tokens},
    })
}

fn split(recipe: &Recipe) -> Value {
    let plan = &recipe.split;
    let shares = [1.0 - plan.valid - plan.test, plan.valid, plan.test];
    match &plan.kind {
        SplitKind::Column { column } => json!({"type": "fixed", "column": column}),
        SplitKind::Time { column } => {
            json!({"type": "datetime", "column": column, "probabilities": shares})
        }
        SplitKind::Group { column } => {
            json!({"type": "hash", "column": column, "probabilities": shares})
        }
        SplitKind::Stratified
            if matches!(
                task::answer(&recipe.task),
                AnswerKind::Label | AnswerKind::Rank
            ) =>
        {
            json!({"type": "stratify", "column": recipe.target, "probabilities": shares})
        }
        SplitKind::Random | SplitKind::Stratified | SplitKind::SecondFile => {
            json!({"type": "random", "probabilities": shares})
        }
    }
}

fn trainer(recipe: &Recipe) -> Value {
    let (epochs, batch_size, rate, decay, clip, patience, decays) = match &recipe.table {
        Some(plan) => {
            let own = &plan.network;
            (
                own.epochs,
                own.batch_size,
                own.learning_rate,
                own.weight_decay,
                own.clip_norm,
                own.patience,
                Schedule::Constant,
            )
        }
        None => {
            let own = &recipe.training;
            let rate = match recipe.tuning.method {
                Method::Head => own.head_learning_rate,
                Method::Lora | Method::Full | Method::Contrastive => own.learning_rate,
            };
            (
                own.epochs,
                own.batch_size,
                rate,
                own.weight_decay,
                own.clip_norm,
                own.patience,
                own.schedule,
            )
        }
    };
    let mut trainer = Map::from_iter([
        ("epochs".to_owned(), json!(epochs)),
        ("batch_size".to_owned(), json!(batch_size.max(1))),
        ("learning_rate".to_owned(), json!(rate)),
        (
            "optimizer".to_owned(),
            json!({"type": "adamw", "weight_decay": decay}),
        ),
        // Counted in evaluations, of which Ludwig makes one an epoch; -1 never stops early.
        (
            "early_stop".to_owned(),
            json!(if patience == 0 {
                -1
            } else {
                i64::from(patience)
            }),
        ),
    ]);
    if clip > 0.0 {
        trainer.insert(
            "gradient_clipping".to_owned(),
            json!({"clipglobalnorm": clip}),
        );
    }
    let decay = match decays {
        Schedule::Constant => None,
        Schedule::Linear => Some("linear"),
        Schedule::Cosine => Some("cosine"),
    };
    let warmup = if recipe.table.is_some() {
        0.0
    } else {
        recipe.training.warmup
    };
    if let Some(decay) = decay {
        trainer.insert(
            "learning_rate_scheduler".to_owned(),
            json!({"decay": decay, "warmup_fraction": warmup}),
        );
    }
    trainer.into()
}
