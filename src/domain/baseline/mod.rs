//! A model that needs no pretraining and no device: words counted, and a penalised linear model on
//! top. Tuning a pretrained encoder that does not beat it is not worth its time.

mod lbfgs;
mod linear;
#[cfg(test)]
mod parity;
mod ridge;
mod sparse_ridge;
mod tf_idf;

pub use linear::{Fitting, Linear};
pub use ridge::{CrossFit, Ridge, cross_fit};
pub use sparse_ridge::cross_fit_sparse;
pub use tf_idf::{Counts, Sparse, TfIdf};
