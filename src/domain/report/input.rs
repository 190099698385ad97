//! The fields of a form in which a person types a row of their own.

use serde::{Deserialize, Serialize};

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The column.
    pub column: String,
    /// What it takes.
    pub kind: InputKind,
    /// Values that the model knows, the most frequent first; empty where any may be typed.
    pub values: Vec<String>,
    /// A usual cell, as the training rows write it.
    pub example: String,
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// Words to read.
    Text,
    /// A number.
    Number,
    /// One of the values.
    Choice,
    /// A date.
    Date,
    /// Any of the values, separated as the example is.
    List,
}

impl Input {
    /// A field for each text column.
    pub fn texts(columns: &[String]) -> Vec<Self> {
        let field = |column: &String| Self {
            column: column.clone(),
            kind: InputKind::Text,
            values: Vec::new(),
            example: String::new(),
        };
        columns.iter().map(field).collect()
    }
}
