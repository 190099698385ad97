//! Texts become tokens, with the bytes that each token came from kept for explanations.

mod batch;
mod tokenizer;

pub use batch::bucketed;
pub use tokenizer::{Encoding, TextError, Tokenizer};
