//! The pretrained encoder, the parameter groups and the training loop, on burn.
//!
//! Nothing here knows of a browser or of the protocol: results are domain values, and the world
//! (a clock, a place to yield, somebody who wants to stop) comes in as a [`train::Watcher`].

pub mod anchor;
pub mod batch;
pub mod checkpoint;
pub mod classifier;
pub mod contrastive;
pub mod device;
pub mod encoder;
pub mod error;
pub mod explain;
pub mod export;
pub mod features;
pub mod head;
pub mod head_solver;
pub mod loss;
pub mod named;
pub mod optimizer;
pub mod run;
pub mod schedule;
pub mod search;
pub mod self_check;
pub mod share;
pub mod tabular;
pub mod train;
pub mod tuning;
