//! Learning from tables: numbers, categories, dates, yes and no, lists.
//!
//! [`crate::domain::features`] turns cells into three arrays; [`input`] brings them to the device
//! once; [`net`] reads a batch of them in a handful of kernels, however many columns there are;
//! [`objective`] says what its outputs mean; [`fit`] trains it; [`run`] is the whole way from rows to
//! a judged [`model`].

pub mod conformal;
pub mod fit;
pub mod input;
pub(super) mod joined;
mod judge;
pub mod layer;
mod learning_curve;
mod mixup;
pub mod model;
pub mod net;
pub mod objective;
mod plain_linear;
pub(super) mod probe;
pub mod run;
mod start;
pub(super) mod texts;
mod vote;

pub use learning_curve::{NETWORKS, learning_curve};
pub use start::EarlierTable;
