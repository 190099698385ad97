//! Files of all sorts become tables.

mod decode;
mod doubt;
mod encoding;
mod json;
mod keep;
mod reader;
mod refusal;
mod unpack;
mod values;
pub mod zip;

pub use decode::Decoder;
pub use keep::{CELL_BYTES, Rows};
pub use reader::{ReadTable, TableReader};
pub use refusal::ReadRefusal;

use serde::{Deserialize, Serialize};

use super::column::number::Decimal;
use super::csv::{DialectChoice, DialectReport};

/// How a file writes its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Cells with something between them: CSV, TSV and their kin.
    Delimited,
    /// One JSON object a line.
    JsonLines,
    /// One JSON array of objects.
    JsonArray,
}

/// Which rows of a file are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    /// All of them.
    #[default]
    All,
    /// The first ones; the rest of the file is not read.
    First {
        /// How many.
        rows: u32,
    },
    /// Drawn at random from the whole file, in the file's order.
    Random {
        /// How many.
        rows: u32,
        /// Decides which.
        seed: u32,
    },
}

/// What a person says about a file; what is not said is detected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadOptions {
    /// How it writes its rows.
    pub format: Option<Format>,
    /// Its encoding, by a label of the WHATWG Encoding Standard, e.g. `windows-1252`.
    pub encoding: Option<String>,
    /// How it writes its cells, where they are delimited.
    pub dialect: DialectChoice,
    /// The decimal mark of its numbers.
    pub decimal: Option<Decimal>,
    /// Which rows are kept.
    pub sample: Sample,
    /// Which file of an archive, by its path in there.
    pub entry: Option<String>,
}

/// How a file was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadReport {
    /// How it wrote its rows.
    pub format: Format,
    /// What it was packed by: `gzip` or `zip`.
    pub packed: Option<String>,
    /// The files of an archive that could be tables, the one that was read first.
    pub entries: Vec<String>,
    /// Its encoding, by the name that the WHATWG Encoding Standard gives it.
    pub encoding: String,
    /// Whether the bytes leave no doubt about the encoding: a mark, the
    /// zero bytes of UTF-16, plain ASCII or valid UTF-8.
    pub encoding_is_sure: bool,
    /// How it wrote its cells, where they are delimited.
    pub dialect: Option<DialectReport>,
    /// Bytes of the file that were read.
    pub bytes: u64,
    /// Rows that were seen.
    pub rows_seen: u64,
    /// Rows that were kept.
    pub rows_kept: u32,
}
