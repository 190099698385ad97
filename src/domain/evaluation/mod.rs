//! How far a model's figures can be trusted, where it fails, and why: plain maths over scores.
//!
//! Everything random comes from a seed through ChaCha8; what the page shows is serialisable. What
//! needs the model itself takes a closure that predicts.

mod abstain;
mod asking;
pub mod bootstrap;
mod calibration;
mod comparison;
mod curves;
mod effects;
mod error;
mod importance;
mod isotonic;
mod label_errors;
mod learning_curve;
mod normal;
mod overfitting;
#[cfg(test)]
mod parity;
mod reliability;
mod residuals;
mod rounds;
mod shapley;
mod share;
mod slices;
mod temperature;
mod turns;

pub use abstain::{
    CoverageCurve, CoveragePoint, answered_from, bound_for, coverage_curve, sureness,
};
pub use asking::{Doubt, rows_to_label};
pub use bootstrap::{Bootstrap, Estimate, estimate, estimate_all};
pub use calibration::{Calibration, CalibrationState, Calibrator};
pub use comparison::{Comparison, Verdict, compare};
pub use curves::{CurvePoint, Goal, LabelCurves, label_curves, ranking, threshold_for};
pub use effects::{
    AccumulatedEffects, Dependence, accumulated_effects, dependence, grid, interaction,
};
pub use error::EvaluationError;
pub use importance::{
    ColumnImportance, Predictions, column_importance, permutation_importance, shuffles,
};
pub use isotonic::Isotonic;
pub use label_errors::{LabelErrors, LabelQuality, Suspect, find_label_errors, label_quality};
pub use learning_curve::{LearningCurve, MoreRows, SizePoint};
pub use overfitting::{FitReading, FitScore, FitVerdict, read_fit};
pub use reliability::{BINS, Reliability, ReliabilityBin, reliability};
pub use residuals::{
    Decile, IntervalCoverage, PredictionInterval, ResidualPoint, Residuals, residuals,
};
pub use rounds::{Flip, Rounds, Said, compare_rounds};
pub use shapley::{Attribution, KernelShap, PermutationShap, mixtures};
pub use share::wilson;
pub use slices::{Slice, SliceColumn, SliceReport, find_slices};
pub use temperature::Temperature;
pub use turns::{Advice, Turn, advise};
