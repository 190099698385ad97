//! Time, and a way to let others run.

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod wasm;

#[cfg(not(target_family = "wasm"))]
pub use native::{now, sleep, yield_now};
#[cfg(target_family = "wasm")]
pub use wasm::{now, sleep, yield_now};
