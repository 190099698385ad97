//! The way to the page: commands with files in, events out.

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod wasm;

#[cfg(not(target_family = "wasm"))]
pub use native::{Attached, Page, Parts, Port, Sender};
#[cfg(target_family = "wasm")]
pub use wasm::{Attached, Parts, Port, Sender};

use crate::protocol::Command;

/// A command with the files that travel beside it.
pub struct Message {
    /// What the page asks.
    pub command: Command,
    /// The files that an [`crate::protocol::Attachment`] indexes.
    pub attached: Vec<Attached>,
}
