//! A low-rank update beside the published base model, for Python's `peft`.

use serde_json::json;

use super::archive::Archive;
use super::hugging_face::{about, head};
use super::model::{Learned, Model};
use super::model_card::card;
use super::names::name_of;
use super::safetensors_file::safetensors;
use super::{A_TEXT, ExportError, Exporter};
use crate::domain::recipe::Recipe;
use crate::domain::report::ParameterCount;
use crate::engine::named::HostTensor;

/// A folder for `peft`.
#[derive(Debug, Clone, Copy)]
pub struct Peft;

impl Exporter for Peft {
    fn id(&self) -> &'static str {
        "peft"
    }

    fn name(&self) -> &'static str {
        "PEFT adapter"
    }

    fn about(&self) -> &'static str {
        "For Python's peft: the low-rank update alone, to lay beside the published base model, with the head and a program that predicts."
    }

    fn ending(&self) -> &'static str {
        "peft.zip"
    }

    fn refusal(&self, recipe: &Recipe) -> Option<&'static str> {
        let is_lora = recipe.table.is_none() && recipe.tuning.has_updates();
        (!is_lora).then_some("An adapter is what LoRA learns; this run moved other numbers.")
    }

    fn size(&self, count: ParameterCount) -> u64 {
        count.trainable * 4 + A_TEXT
    }

    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError> {
        let Learned::Text(weights) = &model.learned else {
            return Archive::new().finish();
        };
        let lora = &model.recipe.tuning.lora;
        // peft keeps [rank, d_input] and [d_output, rank].
        let turned: Vec<(String, HostTensor)> = weights
            .updates
            .iter()
            .flat_map(|update| {
                let name = format!(
                    "base_model.model.encoder.layer.{}.{}",
                    update.layer,
                    name_of(update.projection)
                );
                [
                    (format!("{name}.lora_A.weight"), update.a.transposed()),
                    (format!("{name}.lora_B.weight"), update.b.transposed()),
                ]
            })
            .collect();
        let tensors = turned.iter().map(|(name, tensor)| (name.clone(), tensor));
        let mut names: Vec<String> = weights
            .updates
            .iter()
            .map(|update| name_of(update.projection).replace('.', "\\."))
            .collect();
        names.sort_unstable();
        names.dedup();
        let source = model.base.map_or("", |base| base.source);
        let config = json!({
            "peft_type": "LORA",
            "task_type": "FEATURE_EXTRACTION",
            "base_model_name_or_path": source,
            "r": lora.rank,
            "lora_alpha": lora.alpha,
            "lora_dropout": lora.dropout,
            // A pattern for the whole name: "output.dense" alone would mean two layers.
            "target_modules": format!("(.*\\.)?encoder\\.layer\\.\\d+\\.({})", names.join("|")),
            "bias": "none",
            "fan_in_fan_out": false,
            "inference_mode": true,
            "init_lora_weights": true,
            "use_rslora": false,
            "use_dora": false,
            "modules_to_save": null,
            "layers_to_transform": null,
            "revision": null,
        });
        let pretty = |value| serde_json::to_string_pretty(value).expect("plain data");
        let mut archive = Archive::new();
        archive.add("adapter_config.json", pretty(&config).as_bytes())?;
        archive.add("adapter_model.safetensors", &safetensors(tensors))?;
        archive.add("head.safetensors", &head(weights))?;
        archive.add("burnish.json", pretty(&about(model)).as_bytes())?;
        archive.add("predict.py", include_bytes!("python/peft.py"))?;
        archive.add("README.md", card(model).as_bytes())?;
        archive.finish()
    }
}
