//! Models that need no pretraining and no device: words counted, and a penalised linear model on
//! top. Tuning a pretrained encoder that does not beat it is not worth its time. What such models say of
//! rows that they have not seen is also something that a network can learn from.

mod lbfgs;
mod linear;
#[cfg(test)]
mod parity;
mod ridge;
mod sparse_ridge;
mod tf_idf;

pub use linear::{Fitting, Linear};
pub use ridge::{CrossFit, CrossFitting, Ridge};
pub use tf_idf::{Counts, Sparse, TfIdf};

/// Weights of counted words that a model has at the most: with the directions that L-BFGS remembers they
/// take about 60 MB.
pub const MOST_WEIGHTS: usize = 400_000;
