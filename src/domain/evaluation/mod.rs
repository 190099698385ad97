//! How far a model's figures can be trusted, where it fails, and why: plain maths over scores.
//!
//! Everything random comes from a seed through ChaCha8; what the page shows is serialisable. What
//! needs the model itself takes a closure that predicts.

mod abstain;
pub mod bootstrap;
mod calibration;
mod comparison;
mod curves;
mod error;
mod isotonic;
mod normal;
mod reliability;
mod residuals;
mod share;
mod temperature;

pub use abstain::{CoverageCurve, CoveragePoint, confidence_for, coverage_curve};
pub use bootstrap::{Bootstrap, Estimate, estimate, estimate_all};
pub use calibration::{Calibration, CalibrationState, Calibrator};
pub use comparison::{Comparison, Verdict, compare};
pub use curves::{CurvePoint, Goal, LabelCurves, label_curves, ranking, threshold_for};
pub use error::EvaluationError;
pub use isotonic::Isotonic;
pub use reliability::{BINS, Reliability, ReliabilityBin, reliability};
pub use residuals::{
    Decile, IntervalCoverage, PredictionInterval, ResidualPoint, Residuals, residuals,
};
pub use share::wilson;
pub use temperature::Temperature;
