//! A finished model on the host: what every exporter starts from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::{adapted, encoder_tensors};
use crate::domain::base_model::{self, BaseModel, BertShape};
use crate::domain::clean::Fitted;
use crate::domain::encoder::OwnEncoder;
use crate::domain::features::FeaturePlan;
use crate::domain::recipe::{Projection, Recipe};
use crate::domain::report::{
    Baseline, ClassReport, Ended, Evaluation, Input, Judged, MetricValue, NumberEvaluation,
    ParameterCount, RangeReport, RunReport, Seconds, SetsEvaluation,
};
use crate::domain::split::Part;
use crate::domain::task::{AnswerKind, answer};
use crate::engine::checkpoint::Checkpoint;
use crate::engine::error::EngineError;
use crate::engine::named::{HostTensor, on_host};
use crate::engine::run::{Base, Tuned};
use crate::engine::tabular::joined::OwnReader;
use crate::engine::tabular::model::{NumberScale, TableFacts, TunedTable};
use crate::engine::tabular::probe::Probes;

/// A finished model with all that is told beside it.
pub struct Model {
    /// How it was made.
    pub recipe: Recipe,
    /// The labels, by index; none of a number.
    pub labels: Vec<String>,
    /// How the cells of a row are prepared before they are read.
    pub fitted: Vec<Fitted>,
    /// The checkpoint that it started from; none of a table without texts.
    pub base: Option<&'static BaseModel>,
    /// The encoder that a person brought, where it started from one.
    pub own: Option<BroughtEncoder>,
    /// The base model's tokenizer, as the text of a `tokenizer.json` that neither pads nor cuts.
    pub tokenizer: Option<String>,
    /// What reads texts, with what training changed in it; none of a table without texts.
    pub encoder: Option<EncoderWeights>,
    /// What was learned.
    pub learned: Learned,
    /// What there is to tell.
    pub facts: Facts,
}

/// An encoder that a person brought, as it goes along with what was learned on it.
pub struct BroughtEncoder {
    /// Which one it is.
    pub encoder: OwnEncoder,
    /// Its files, one after the other; none where they are too large to go along.
    pub files: Option<Vec<u8>>,
}

/// What was learned.
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is never copied"
)]
pub enum Learned {
    /// Labels from texts.
    Text(TextWeights),
    /// From columns, and from texts as the encoder reads them.
    Table(TableWeights),
}

/// An encoder's numbers by the names of Hugging Face's checkpoints, in PyTorch's layout.
pub struct EncoderWeights {
    /// The encoder's shape.
    pub shape: BertShape,
    /// Its tensors, low-rank updates merged.
    pub tensors: BTreeMap<String, HostTensor>,
}

impl EncoderWeights {
    /// A tensor.
    ///
    /// # Panics
    /// When there is none of this name.
    pub fn get(&self, name: &str) -> &HostTensor {
        self.tensors
            .get(name)
            .unwrap_or_else(|| panic!("a BERT encoder has a tensor \"{name}\""))
    }
}

/// A head on the encoder's vectors, and what training changed below it.
pub struct TextWeights {
    /// Shape `[hidden, classes]`, for vectors of length `sqrt(hidden)`.
    pub weight: HostTensor,
    /// Shape `[classes]`.
    pub bias: HostTensor,
    /// The low-rank updates, which the encoder's tensors hold already.
    pub updates: Vec<Update>,
    /// What training changed, and nothing of the base model.
    pub checkpoint: Checkpoint,
}

impl TextWeights {
    /// What a checkpoint of a finished run holds.
    ///
    /// # Panics
    /// When it has no head; what a run learned always has.
    pub fn of(checkpoint: Checkpoint) -> Self {
        let tensors: BTreeMap<String, HostTensor> = checkpoint
            .parameters()
            .map(|(path, tensor)| {
                let path = path.strip_prefix("encoder.").unwrap_or(path);
                let path = path.strip_prefix("head.").unwrap_or(path);
                (path.to_owned(), tensor.clone())
            })
            .collect();
        let head = |name: &str| {
            let found = tensors.get(&format!("linear.{name}"));
            found.expect("every method moves the head").clone()
        };
        Self {
            weight: head("weight"),
            bias: head("bias"),
            updates: adapted(&tensors),
            checkpoint,
        }
    }
}

/// The low-rank update of one projection.
pub struct Update {
    /// Number of the layer, from 0.
    pub layer: usize,
    /// Which projection of it.
    pub projection: Projection,
    /// Shape `[d_input, rank]`.
    pub a: HostTensor,
    /// Shape `[rank, d_output]`.
    pub b: HostTensor,
}

/// The networks on a table's columns.
pub struct TableWeights {
    /// How cells become numbers.
    pub plan: FeaturePlan,
    /// What joins the encoder's vectors.
    pub(super) probes: Probes,
    /// From the scale on which a number is learned back to the number.
    pub scale: Option<NumberScale>,
    /// Each network's tensors by the names of the fields that lead to them.
    pub nets: Vec<BTreeMap<String, HostTensor>>,
    /// What training changed.
    pub checkpoint: Checkpoint,
    /// What the model is besides.
    pub facts: TableFacts,
}

/// What there is to tell about a model, for its card; no row is in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Name of the file that it was learned from.
    pub data: String,
    /// Rows for training, validation and test.
    pub parts: [u32; 3],
    /// How many numbers moved.
    pub parameters: Option<ParameterCount>,
    /// Seconds of the run.
    pub seconds: f64,
    /// What trained, as a person would name it.
    pub device: String,
    /// Figures on the test rows, the headline first.
    pub metrics: Vec<MetricValue>,
    /// 95 % interval of the accuracy.
    pub accuracy_interval: Option<[f64; 2]>,
    /// One entry a label, by index.
    pub classes: Vec<ClassReport>,
    /// How the ranges of numbers kept their promise.
    pub ranges: Option<RangeReport>,
    /// What simple models reach on the same rows.
    pub baselines: Vec<Baseline>,
    /// What to ask a person for who tries the model on a row of their own.
    pub inputs: Vec<Input>,
}

impl Facts {
    /// What a run of this task and these labels would tell, without a row.
    pub fn report(&self, task: &str, labels: &[String]) -> RunReport {
        let (labels, metrics) = (labels.to_vec(), self.metrics.clone());
        let (classes, baselines) = (self.classes.clone(), self.baselines.clone());
        let part = Part::Test;
        let evaluation = match answer(task) {
            AnswerKind::Number => Judged::Numbers(NumberEvaluation {
                part,
                metrics,
                ranges: self.ranges,
                rows: Vec::new(),
                baselines,
            }),
            AnswerKind::Labels => Judged::LabelSets(SetsEvaluation {
                part,
                labels,
                metrics,
                classes,
                rows: Vec::new(),
                baselines,
            }),
            AnswerKind::Label | AnswerKind::Rank => Judged::Labels(Evaluation {
                part,
                labels,
                metrics,
                accuracy_interval: self.accuracy_interval.unwrap_or_default(),
                classes,
                confusion: Vec::new(),
                rows: Vec::new(),
                baselines,
            }),
        };
        RunReport {
            parameters: self.parameters.unwrap_or(ParameterCount {
                trainable: 0,
                total: 0,
            }),
            epochs: Vec::new(),
            best_epoch: 0,
            ended: Ended::Complete,
            evaluation,
            cross_validation: None,
            inputs: self.inputs.clone(),
            carried: None,
            seconds: Seconds::default(),
        }
    }

    /// What a run's report tells.
    pub fn of_run(data: &str, parts: [u32; 3], report: &RunReport) -> Self {
        let mut facts = Self {
            data: data.to_owned(),
            parts,
            parameters: Some(report.parameters),
            seconds: report.seconds.total(),
            metrics: report.evaluation.metrics().to_vec(),
            baselines: report.evaluation.baselines().to_vec(),
            inputs: report.inputs.clone(),
            ..Self::default()
        };
        match &report.evaluation {
            Judged::Labels(evaluation) => {
                facts.accuracy_interval = Some(evaluation.accuracy_interval);
                facts.classes.clone_from(&evaluation.classes);
            }
            Judged::Numbers(evaluation) => facts.ranges = evaluation.ranges,
            Judged::LabelSets(evaluation) => facts.classes.clone_from(&evaluation.classes),
        }
        facts
    }
}

impl Model {
    /// Reads a model that learned from texts off its device.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn of_text(
        tuned: &Tuned,
        base: &Base,
        recipe: &Recipe,
        fitted: &[Fitted],
        facts: Facts,
    ) -> Result<Self, EngineError> {
        let raw = on_host(tuned.encoder(base)).await?;
        let scale = recipe.tuning.lora.alpha / f64::from(recipe.tuning.lora.rank);
        let tensors = encoder_tensors(&raw, scale as f32);
        Ok(Self {
            labels: tuned.labels.clone(),
            fitted: fitted.to_vec(),
            base: base_model::find(&recipe.base_model),
            own: None,
            tokenizer: Some(base.tokenizer().to_json()),
            encoder: Some(EncoderWeights {
                shape: base.shape(),
                tensors,
            }),
            learned: Learned::Text(TextWeights::of(tuned.learned(recipe).await?)),
            recipe: recipe.clone(),
            facts,
        })
    }

    /// Reads a model that learned from a table off its device. `base` is what read its texts.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn of_table(
        tuned: &TunedTable,
        base: Option<&Base>,
        labels: &[String],
        recipe: &Recipe,
        fitted: &[Fitted],
        facts: Facts,
    ) -> Result<Self, EngineError> {
        let own = tuned.reader();
        let encoder = match own.map(|own| &own.base).or(base) {
            Some(base) => Some(EncoderWeights {
                shape: base.shape(),
                tensors: encoder_tensors(
                    &on_host(base.encoder()).await?,
                    own.and_then(OwnReader::scale).unwrap_or(1.0),
                ),
            }),
            None => None,
        };
        let mut nets = Vec::new();
        for net in tuned.nets() {
            nets.push(on_host(net).await?);
        }
        Ok(Self {
            labels: labels.to_vec(),
            fitted: fitted.to_vec(),
            base: base.and_then(|_| base_model::find(&recipe.base_model)),
            own: None,
            tokenizer: base.map(|base| base.tokenizer().to_json()),
            encoder,
            learned: Learned::Table(TableWeights {
                plan: tuned.plan().clone(),
                probes: tuned.probes().clone(),
                scale: tuned.scale(),
                nets,
                checkpoint: tuned.learned(recipe).await?,
                facts: tuned.facts().clone(),
            }),
            recipe: recipe.clone(),
            facts,
        })
    }

    /// A name for files: the data's, without its ending, in letters, digits and hyphens.
    pub fn slug(&self) -> String {
        let stem = self.facts.data.split('.').next().unwrap_or_default();
        let plain: String = stem
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            "model".to_owned()
        } else {
            words.join("-").to_ascii_lowercase()
        }
    }
}
