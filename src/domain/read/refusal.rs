//! Files that hold no table, or none that can be reached.

use crate::domain::csv::CsvRefusal;

/// Why a file cannot be read as a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadRefusal {
    /// What the reader of delimited files says.
    #[error(transparent)]
    Csv(#[from] CsvRefusal),
    /// JSON without objects.
    #[error("The file is JSON but holds no list of objects.")]
    NoObjects,
    /// A value or record so long that it would fill the memory.
    #[error("{what} that begins on line {line} is longer than {} MB.", .bytes >> 20)]
    TooLong {
        /// What, with its article.
        what: &'static str,
        /// Line of the file, from 1.
        line: u64,
        /// The longest that is read.
        bytes: usize,
    },
    /// More comes of an archive than of any honest one.
    #[error(
        "The archive unpacks to hundreds of times its size, as archives do that are made to harm."
    )]
    Bomb,
    /// A spreadsheet in a zip archive.
    #[error("This is {format}, not a CSV file.")]
    Spreadsheet {
        /// What it is, with its article.
        format: &'static str,
    },
    /// An archive whose list of files cannot be read.
    #[error("The zip archive is damaged: {what}.")]
    BadArchive {
        /// What is wrong with it.
        what: &'static str,
    },
    /// An archive without a table.
    #[error("The archive holds no table: {found}.")]
    NoTableInside {
        /// What it holds.
        found: String,
    },
    /// The file asked for is not in the archive.
    #[error("There is no \"{entry}\" in the archive, but {found}.")]
    NoSuchEntry {
        /// What was asked for.
        entry: String,
        /// What it holds.
        found: String,
    },
    /// A file that needs a password.
    #[error("\"{entry}\" in the archive is encrypted.")]
    Encrypted {
        /// Its path.
        entry: String,
    },
    /// A file that is packed in a way that is not known here.
    #[error("\"{entry}\" in the archive is packed by {method}, which cannot be unpacked here.")]
    OtherMethod {
        /// Its path.
        entry: String,
        /// The method's name or number.
        method: String,
    },
}

impl ReadRefusal {
    /// Stable name of the sort of refusal.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Csv(refusal) => refusal.id(),
            Self::NoObjects => "no_objects",
            Self::TooLong { .. } => "too_long",
            Self::Bomb => "bomb",
            Self::Spreadsheet { .. } => "spreadsheet",
            Self::BadArchive { .. } => "bad_archive",
            Self::NoTableInside { .. } => "no_table_inside",
            Self::NoSuchEntry { .. } => "no_such_entry",
            Self::Encrypted { .. } => "encrypted",
            Self::OtherMethod { .. } => "other_method",
        }
    }

    /// What to do next, as a sentence.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Csv(refusal) => refusal.fix(),
            Self::NoObjects => {
                "Write each row as an object, one a line: {\"text\": \"...\", \"label\": \"...\"}."
            }
            Self::TooLong { .. } => {
                "Look for a quote or bracket there that is never closed, or choose another format."
            }
            Self::Bomb => "If you trust it, unpack it and choose the file inside.",
            Self::Spreadsheet { .. } => {
                "Open it in a spreadsheet program and save the sheet as CSV."
            }
            Self::BadArchive { .. } => "Download or pack it again, or choose the unpacked file.",
            Self::NoTableInside { .. } => {
                "Choose an archive with a CSV, TSV or JSON file, or the file itself."
            }
            Self::NoSuchEntry { .. } => "Choose one of its files.",
            Self::Encrypted { .. } => "Unpack it with its password and choose the file inside.",
            Self::OtherMethod { .. } => {
                "Unpack it and choose the file inside, or pack it again as a plain zip."
            }
        }
    }
}
