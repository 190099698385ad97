//! Figures of merit over plain slices: one file each, listed in [`ALL`].
//!
//! What they judge is checked when it is put together ([`Classes`], [`LabelSets`], [`Numbers`]), so
//! that no metric meets a NaN; where a figure has no meaning the reason is told ([`Undefined`]).
//!
//! The conventions are scikit-learn's, so that a figure can be compared with one from a notebook:
//! 0/0 counts as 0, the most probable label is the prediction, and on a tie the one of the lowest
//! index is. Means over labels cover all labels of the model, those without a row included, unless
//! a metric says otherwise.

mod accuracy;
mod average_precision;
mod balanced_accuracy;
mod brier;
mod confusion;
mod correlation;
mod hamming_loss;
mod label_counts;
mod label_macro_f1;
mod label_micro_f1;
mod log_loss;
mod macro_f1;
mod mae;
mod mape;
mod matthews;
mod median_absolute_error;
mod pair_auc;
mod pearson;
mod quadratic_kappa;
mod r2;
mod rank_error;
pub mod ranking;
mod rmse;
mod roc_auc;
mod scored;
mod smape;
mod spearman;
mod subset_accuracy;
mod taken;
mod top_k_accuracy;
mod undefined;
mod weighted_f1;

pub use accuracy::Accuracy;
pub use average_precision::AveragePrecision;
pub use balanced_accuracy::BalancedAccuracy;
pub use brier::Brier;
pub use confusion::Confusion;
pub use hamming_loss::HammingLoss;
pub use label_counts::LabelCounts;
pub use label_macro_f1::LabelMacroF1;
pub use label_micro_f1::LabelMicroF1;
pub use log_loss::LogLoss;
pub use macro_f1::MacroF1;
pub use mae::Mae;
pub use mape::Mape;
pub use matthews::Matthews;
pub use median_absolute_error::MedianAbsoluteError;
pub use pair_auc::PairAuc;
pub use pearson::Pearson;
pub use quadratic_kappa::QuadraticKappa;
pub use r2::R2;
pub use rank_error::RankError;
pub use rmse::Rmse;
pub use roc_auc::RocAuc;
pub use scored::{Classes, DEFAULT_THRESHOLD, LabelSets, Numbers, Scored, ScoresError, Shape};
pub use smape::Smape;
pub use spearman::Spearman;
pub use subset_accuracy::SubsetAccuracy;
pub use taken::Taken;
pub use top_k_accuracy::TopKAccuracy;
pub use undefined::Undefined;
pub use weighted_f1::WeightedF1;

use correlation::{correlation, mean_ranks};
use scored::weighted_mean;

/// A figure of merit.
pub trait Metric: Sync {
    /// Stable id, as in reports.
    fn id(&self) -> &'static str;

    /// Name as people read it.
    fn name(&self) -> &'static str;

    /// What it tells, as a sentence.
    fn about(&self) -> &'static str;

    /// Whether a larger figure is a better one.
    fn is_higher_better(&self) -> bool;

    /// Whether a difference reads as points, that is hundredths: so for shares and their kin. The
    /// others have the target's unit, or none.
    fn counts_in_points(&self) -> bool {
        true
    }

    /// What it judges.
    fn judges(&self) -> Shape;

    /// The figure.
    ///
    /// # Errors
    /// When it has no value on these rows, with the reason; also when `scored` is not of the shape
    /// that it judges.
    fn of(&self, scored: &Scored) -> Result<f64, Undefined>;

    /// A quicker way to the figure of resampled rows, where much can be done once for all resamples.
    fn prepared<'a>(&self, _scored: &Scored<'a>) -> Option<Prepared<'a>> {
        None
    }
}

/// Gives the figure when each row occurs so many times, shape `[rows]`.
pub type Prepared<'a> = Box<dyn Fn(&[u32]) -> Result<f64, Undefined> + 'a>;

/// Every metric.
pub const ALL: &[&dyn Metric] = &[
    &Accuracy,
    &MacroF1,
    &BalancedAccuracy,
    &WeightedF1,
    &Matthews,
    &RocAuc,
    &AveragePrecision,
    &TopKAccuracy::<3>,
    &TopKAccuracy::<5>,
    &LogLoss,
    &Brier,
    &RankError,
    &QuadraticKappa,
    &LabelMacroF1,
    &LabelMicroF1,
    &SubsetAccuracy,
    &HammingLoss,
    &Rmse,
    &Mae,
    &R2,
    &MedianAbsoluteError,
    &Mape,
    &Smape,
    &Pearson,
    &Spearman,
    &PairAuc,
];

/// What pairs of texts are judged by: their similarity is a number beside a true one.
pub const PAIRS: &[&dyn Metric] = &[&Spearman, &Pearson, &PairAuc];

/// A metric by its id.
pub fn find(id: &str) -> Option<&'static dyn Metric> {
    ALL.iter().copied().find(|metric| metric.id() == id)
}

/// Index of the largest probability; the lowest one on a tie.
pub fn most_probable(probabilities: &[f32]) -> u32 {
    let mut best = 0;
    for (index, &probability) in probabilities.iter().enumerate() {
        if probability > probabilities[best] {
            best = index;
        }
    }
    best as u32
}

/// A quotient in which 0/0 counts as 0.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

#[cfg(test)]
mod tests;
