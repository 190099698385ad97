//! What a person says about a file's dialect, where detection is not to decide.

use serde::{Deserialize, Serialize};

/// What is said about a dialect; what is not said is detected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DialectChoice {
    /// Stands between cells. Runs of spaces and tabs count as one where this is
    /// [`Delimiter::Whitespace`].
    pub delimiter: Option<Delimiter>,
    /// Stands around cells that hold delimiters or line breaks.
    pub quote: Option<Mark>,
    /// Stands before a quote inside a quoted cell, where quotes are not doubled.
    pub escape: Option<Mark>,
    /// Lines that begin so are left out.
    pub comment: Option<Mark>,
    /// Whether the first record names the columns.
    pub header: Option<bool>,
    /// Lines above the header that are no part of the table.
    pub skip_lines: Option<u32>,
}

/// What stands between cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    /// One ASCII character.
    Character(char),
    /// A run of spaces and tabs.
    Whitespace,
}

/// A character with a meaning, or that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// No character has this meaning.
    None,
    /// This one has; ASCII.
    Character(char),
}

/// How a file was read: a choice in which nothing is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialectReport {
    /// What stood between cells.
    pub delimiter: Delimiter,
    /// What stood around cells.
    pub quote: Mark,
    /// What stood before quotes inside cells.
    pub escape: Mark,
    /// How lines began that were left out.
    pub comment: Mark,
    /// Whether the first record named the columns.
    pub header: bool,
    /// Lines above the table.
    pub skip_lines: u32,
}
