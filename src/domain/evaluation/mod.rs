//! How far a model's figures can be trusted, where it fails, and why: plain maths over scores.
//!
//! Everything random comes from a seed through ChaCha8; what the page shows is serialisable. What
//! needs the model itself takes a closure that predicts.

pub mod bootstrap;
pub mod comparison;
mod normal;

pub use bootstrap::{Bootstrap, Estimate, estimate, estimate_all};
pub use comparison::{Comparison, Verdict, compare};
