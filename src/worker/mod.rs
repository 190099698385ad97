//! Turns commands into engine calls and engine results into events.
//!
//! [`serve()`] takes its world as arguments: a [`port`] to the page, [`assets`] to fetch, a device.
//! Each has a native half and a browser half with one API, so a native test drives the whole
//! product minus the pixels, and no caller sees which half it has.

mod ask;
pub mod assets;
pub mod clock;
mod earlier;
mod encoders;
mod keeper;
mod open;
mod opened;
pub mod port;
mod recall;
mod run;
mod serve;
mod session;
#[cfg(target_family = "wasm")]
mod start;
pub mod store;
mod study;
mod suggest;
mod tables;
mod watcher;

pub use serve::{Disk, Trainer, serve};
#[cfg(target_family = "wasm")]
pub use start::start_cpu;
#[cfg(all(target_family = "wasm", feature = "gpu"))]
pub use start::start_gpu;
