//! The page.

pub mod save;
pub mod scale;
pub mod state;
pub mod words;
