//! What a run tells: closed shapes of results, the same for the page, the command line and files.

mod input;
mod judged;
mod label_sets;
mod numbers;
mod prediction;
mod scores;
mod summary;

pub use input::{Input, InputKind};
pub use judged::Judged;
pub use label_sets::{SetPrediction, SetsEvaluation};
pub use numbers::{NumberEvaluation, NumberPrediction, RangeReport};
pub use prediction::Prediction;
pub use scores::{BaselineOutputs, Paired, RunScores, Scores, Truth};
pub use summary::RunSummary;

use serde::{Deserialize, Serialize};

use super::cross_validation::CrossValidation;
use super::evaluation::wilson;
use super::metric::{Classes, Confusion, Metric, Scored, most_probable};
use super::recipe::Method;
use super::split::Part;
use super::start::Carried;
use super::table::RowId;

/// What a run is doing, with counts where it can count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The base model comes from the network or the browser's cache.
    Load {
        /// Bytes so far.
        received: u64,
        /// Bytes in all.
        total: u64,
    },
    /// Texts become tokens.
    Tokenize,
    /// The frozen encoder reads every text once.
    Embed {
        /// Texts so far.
        done: u32,
        /// Texts in all.
        total: u32,
    },
    /// The head learns on the frozen embeddings: the baseline, and the start of longer training.
    Probe,
    /// The parameters of the chosen method move.
    Train,
    /// A model for each fold learns and is judged.
    Fold {
        /// Folds so far.
        done: u32,
        /// Folds in all.
        total: u32,
    },
    /// The sealed test rows are read.
    Evaluate,
}

/// How many numbers a run can change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterCount {
    /// Those that move.
    pub trainable: u64,
    /// All of the model.
    pub total: u64,
}

/// Where training is. Sent about ten times a second at the most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps so far.
    pub step: u32,
    /// Steps in all, should no early stop come.
    pub steps: u32,
    /// Epoch that is under way, from 1.
    pub epoch: u32,
    /// Epochs at the most.
    pub epochs: u32,
    /// Mean training loss since the last progress report, where it was read.
    pub loss: Option<f32>,
    /// Rows learned from in a second, over the last steps.
    pub rows_per_second: f32,
    /// Seconds until all steps are done at this speed.
    pub seconds_left: f32,
}

/// The end of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// From 1.
    pub epoch: u32,
    /// Steps so far.
    pub step: u32,
    /// Mean loss over the epoch's training batches, dropout and all.
    pub train_loss: f32,
    /// Share of the epoch's training rows that were right at the time.
    pub train_accuracy: f32,
    /// Mean loss on the validation rows; of a run that moves the encoder at the temperature that suits
    /// them.
    pub valid_loss: f32,
    /// Share of the validation rows that are right.
    pub valid_accuracy: f32,
    /// Whether no epoch before had a lower validation loss.
    pub is_best: bool,
}

impl EpochReport {
    /// The same where so many epochs and steps were before.
    #[must_use]
    pub fn after(self, epochs: u32, steps: u32) -> Self {
        Self {
            epoch: self.epoch + epochs,
            step: self.step + steps,
            ..self
        }
    }
}

/// One figure of merit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricValue {
    /// Stable id, see [`super::metric::ALL`].
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// The figure.
    pub value: f64,
}

impl MetricValue {
    /// The figures of the given metrics, in their order; one that has no value on these rows is left
    /// out.
    pub fn all(metrics: &[&dyn Metric], scored: &Scored) -> Vec<Self> {
        metrics
            .iter()
            .filter_map(|metric| {
                Some(Self {
                    id: metric.id().to_owned(),
                    name: metric.name().to_owned(),
                    value: metric.of(scored).ok()?,
                })
            })
            .collect()
    }
}

/// How well one label is told from the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassReport {
    /// The label.
    pub label: String,
    /// Share of the rows called so that are so.
    pub precision: f64,
    /// Share of the rows that are so that are called so.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Rows that are so.
    pub rows: u32,
}

/// What was predicted for one row whose truth is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RowPrediction {
    /// The row.
    pub row: RowId,
    /// Index of the true label.
    pub truth: u32,
    /// Index of the most probable label.
    pub predicted: u32,
    /// Its probability, 0 to 1.
    pub probability: f32,
}

/// A simple model's figures on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Stable id: `"majority"`, `"label_names"`, `"word_counts"`, `"probe"`, `"mean"`, `"label_shares"` or
    /// `"linear"`.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Its figures.
    pub metrics: Vec<MetricValue>,
}

impl Baseline {
    /// What knowing only the training rows' labels reaches: for every row the same probabilities,
    /// the labels' shares of the training rows, so that the most frequent one is always named.
    ///
    /// `train_rows` holds the number of training rows of each label, `truth` the true labels of
    /// the rows to judge by.
    pub fn majority(train_rows: &[u32], truth: &[u32], metrics: &[&dyn Metric]) -> Self {
        let BaselineOutputs { id, outputs } = BaselineOutputs::majority(train_rows, truth.len());
        let scored = Classes::new(train_rows.len(), truth, &outputs)
            .expect("shares are probabilities of the labels that were counted")
            .into();
        Self {
            id,
            name: "Most frequent label".to_owned(),
            metrics: MetricValue::all(metrics, &scored),
        }
    }

    /// What the labels' names alone reach, see [`super::label_names`].
    pub fn label_names(scored: &Scored, metrics: &[&dyn Metric]) -> Self {
        Self {
            id: "label_names".to_owned(),
            name: "Label names alone".to_owned(),
            metrics: MetricValue::all(metrics, scored),
        }
    }

    /// What a head on the frozen base model's embeddings reaches.
    pub fn probe(scored: &Scored, metrics: &[&dyn Metric]) -> Self {
        Self {
            id: "probe".to_owned(),
            name: "Frozen base model".to_owned(),
            metrics: MetricValue::all(metrics, scored),
        }
    }
}

impl Baseline {
    /// What a linear model on counted words reaches (TF-IDF).
    pub fn word_counts(scored: &Scored, metrics: &[&dyn Metric]) -> Self {
        Self {
            id: "word_counts".to_owned(),
            name: "Counted words".to_owned(),
            metrics: MetricValue::all(metrics, scored),
        }
    }

    /// What a linear model on the columns and the counted words of the texts reaches.
    pub fn linear(scored: &Scored, metrics: &[&dyn Metric]) -> Self {
        Self {
            id: "linear".to_owned(),
            name: "Linear model".to_owned(),
            metrics: MetricValue::all(metrics, scored),
        }
    }

    /// A figure by its id.
    pub fn figure(&self, id: &str) -> Option<f64> {
        let mut metrics = self.metrics.iter();
        Some(metrics.find(|metric| metric.id == id)?.value)
    }
}

/// The baselines that a run of this method is to be compared with, and their accuracy: a new head on
/// the frozen model is what the quick method is.
pub fn rivals(baselines: &[Baseline], method: Method) -> Vec<(&str, f64)> {
    baselines
        .iter()
        .filter(|baseline| !(method == Method::Head && baseline.id == "probe"))
        .filter_map(|baseline| Some((baseline.id.as_str(), baseline.figure("accuracy")?)))
        .collect()
}

/// How good a model is on rows it never saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Which rows.
    pub part: Part,
    /// The labels, by index.
    pub labels: Vec<String>,
    /// The figures, the headline first.
    pub metrics: Vec<MetricValue>,
    /// 95 % interval of the accuracy (Wilson 1927).
    pub accuracy_interval: [f64; 2],
    /// One entry a label, by index.
    pub classes: Vec<ClassReport>,
    /// `confusion[truth][predicted]`: numbers of rows.
    pub confusion: Vec<Vec<u32>>,
    /// Every row of the part.
    pub rows: Vec<RowPrediction>,
    /// What simple models reach on the same rows.
    pub baselines: Vec<Baseline>,
}

impl Evaluation {
    /// Judges predictions by the truth.
    ///
    /// `rows` and `scored` go row by row together; `metrics` come in the order to show them,
    /// `baselines` must stem from the same rows.
    ///
    /// # Panics
    /// When `labels`, `rows` and `scored` do not fit each other.
    pub fn of(
        part: Part,
        labels: &[String],
        rows: &[RowId],
        scored: &Classes,
        metrics: &[&dyn Metric],
        baselines: Vec<Baseline>,
    ) -> Self {
        assert_eq!(labels.len(), scored.classes(), "one name a label");
        assert_eq!(rows.len(), scored.len(), "one truth a row");
        let confusion = Confusion::of(scored);
        Self {
            part,
            labels: labels.to_vec(),
            metrics: MetricValue::all(metrics, &(*scored).into()),
            accuracy_interval: wilson(confusion.rows_right(), scored.len() as u32),
            classes: labels
                .iter()
                .enumerate()
                .map(|(class, label)| ClassReport {
                    label: label.clone(),
                    precision: confusion.precision(class),
                    recall: confusion.recall(class),
                    f1: confusion.f1(class),
                    rows: confusion.rows(class),
                })
                .collect(),
            confusion: confusion.counts().to_vec(),
            rows: rows
                .iter()
                .zip(scored.rows())
                .map(|(&row, (truth, probabilities))| {
                    let predicted = most_probable(probabilities);
                    RowPrediction {
                        row,
                        truth,
                        predicted,
                        probability: probabilities[predicted as usize],
                    }
                })
                .collect(),
            baselines,
        }
    }

    /// A figure by its id.
    pub fn metric(&self, id: &str) -> Option<f64> {
        self.metrics
            .iter()
            .find(|metric| metric.id == id)
            .map(|metric| metric.value)
    }
}

/// Seconds spent in each phase of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Seconds {
    /// Fetching, checking and building the base model.
    pub load: f64,
    /// Turning texts into tokens.
    pub tokenize: f64,
    /// Reading every text once with the frozen encoder.
    pub embed: f64,
    /// Training the head on the embeddings.
    pub probe: f64,
    /// Training by the chosen method.
    pub train: f64,
    /// Training and judging a model a fold.
    #[serde(default)]
    pub cross_validate: f64,
    /// Scoring the test rows.
    pub evaluate: f64,
}

impl Seconds {
    /// All phases together.
    pub fn total(&self) -> f64 {
        self.load
            + self.tokenize
            + self.embed
            + self.probe
            + self.train
            + self.cross_validate
            + self.evaluate
    }
}

/// What a finished run leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// How many numbers moved.
    pub parameters: ParameterCount,
    /// Every epoch, in order.
    pub epochs: Vec<EpochReport>,
    /// The epoch whose weights were kept, from 1; 0 when the start was never bettered.
    pub best_epoch: u32,
    /// Whether a person or early stopping ended it before the last epoch.
    pub ended: Ended,
    /// How good it is on the sealed rows.
    pub evaluation: Judged,
    /// How much the figures depend on the rows; `None` without folds.
    #[serde(default)]
    pub cross_validation: Option<CrossValidation>,
    /// What to ask a person for who tries the model on a row of their own.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// What it took over from an earlier run.
    #[serde(default)]
    pub carried: Option<Carried>,
    /// Seconds by phase.
    pub seconds: Seconds,
}

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All epochs were done.
    Complete,
    /// The validation loss no longer fell.
    Early,
    /// Somebody stopped it.
    Stopped,
}

#[cfg(test)]
mod tests {
    use super::super::task::{Classify, Task};
    use super::*;

    #[test]
    fn an_evaluation_gathers_everything() {
        let labels = ["ham".to_owned(), "spam".to_owned()];
        let rows = [RowId(3), RowId(8), RowId(9)];
        let truth = [0, 1, 1];
        let scored = Classes::new(2, &truth, &[0.75, 0.25, 0.5, 0.5, 0.0, 1.0]).unwrap();
        let majority = Baseline::majority(&[1, 3], &truth, Classify.metrics());
        let found = Evaluation::of(
            Part::Test,
            &labels,
            &rows,
            &scored,
            Classify.metrics(),
            vec![majority],
        );
        assert_eq!(found.metric("accuracy"), Some(2.0 / 3.0));
        assert_eq!(found.confusion, [[1, 0], [1, 1]]);
        assert_eq!(found.classes[1].label, "spam");
        assert_eq!(found.classes[1].recall, 0.5);
        assert_eq!(found.classes[1].rows, 2);
        assert_eq!(
            found.rows[1],
            RowPrediction {
                row: RowId(8),
                truth: 1,
                predicted: 0,
                probability: 0.5
            }
        );
        assert!(found.accuracy_interval[0] < 2.0 / 3.0 && 2.0 / 3.0 < found.accuracy_interval[1]);
        assert_eq!(found.baselines[0].metrics.len(), Classify.metrics().len());
    }

    #[test]
    fn the_majority_is_right_where_the_most_frequent_label_is() {
        let baseline = Baseline::majority(&[30, 10], &[0, 0, 1, 0], Classify.metrics());
        let of = |id| baseline.metrics.iter().find(|m| m.id == id).unwrap().value;
        assert_eq!(of("accuracy"), 0.75);
        assert_eq!(of("balanced_accuracy"), 0.5);
        // The shares of the labels are the same here, so the log loss is their entropy.
        let entropy = -(0.75_f64.ln() * 0.75 + 0.25_f64.ln() * 0.25);
        assert!((of("log_loss") - entropy).abs() < 1e-7);
    }
}
