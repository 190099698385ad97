//! Burnish fine-tunes a pretrained model on a CSV, entirely inside a browser tab.
//!
//! The crate is read best in the order in which data flows through it:
//!
//! 1. [`domain`]: tables, columns, splits, tasks, metrics, recipes and reports. Plain data and
//!    plain maths; nothing here knows of burn or of a browser.
//! 2. [`protocol`]: the commands that the page sends to the worker and the events that come back.
//! 3. [`engine`]: the pretrained encoder, the parameter groups, the training loop. burn, and no
//!    browser types.
//! 4. [`view`]: parts of screens as markup, drawn from what is known of a run.
//! 5. [`worker`]: turns commands into engine calls and engine results into events. It takes its
//!    port, clock, assets and device as arguments, so a native test drives the whole product
//!    minus the pixels.
//! 6. [`ui`]: the page. It speaks the protocol and never imports the engine or the worker.
//!
//! Nothing is exported through `#[wasm_bindgen]`: the `main`s in `src/bin` are the only entry
//! points, so that the linker can drop the engine from the page's own module.

pub mod domain;
pub mod engine;
pub mod protocol;
pub mod ui;
pub mod view;
pub mod worker;
