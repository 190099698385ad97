//! Texts become tokens, with the bytes that each token came from kept for explanations.

mod tokenizer;

pub use tokenizer::{Encoding, TextError, Tokenizer};
