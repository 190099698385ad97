//! Files that hold no table, told apart by how they begin.

/// Why a file cannot be read as a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvRefusal {
    /// Nothing in it, or nothing but blank lines.
    #[error("The file is empty.")]
    Empty,
    /// A header and nothing below.
    #[error("The file has a header but no rows below it.")]
    NoRows,
    /// Bytes all over that text never has.
    #[error(
        "The file holds bytes all over that text never has: it is no CSV file, or it is damaged."
    )]
    Binary,
    /// A first row of very many cells above many rows of few.
    #[error("The first row has far more cells than the rows below it, of which there are many.")]
    TooRagged,
    /// A file of another format.
    #[error("This is {format}, not a CSV file.")]
    OtherFormat {
        /// What it is, with its article.
        format: &'static str,
        /// How to make a CSV file of it.
        fix: &'static str,
    },
}

impl CsvRefusal {
    /// Stable name of the sort of refusal.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Empty => "empty_file",
            Self::NoRows => "no_rows",
            Self::Binary => "binary_file",
            Self::TooRagged => "too_ragged",
            Self::OtherFormat { .. } => "other_format",
        }
    }

    /// What to do next, as a sentence.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Empty | Self::NoRows => {
                "Choose a file with a line of column names and a few dozen rows below it."
            }
            Self::Binary => "Export it again, as CSV in UTF-8.",
            Self::TooRagged => {
                "Check what separates the cells, and whether the first row belongs to the table."
            }
            Self::OtherFormat { fix, .. } => fix,
        }
    }
}

const FROM_SPREADSHEET: &str = "Open it in a spreadsheet program and save the sheet as CSV.";
const UNPACK: &str = "Unpack it and choose the CSV file inside.";
const NO_TABLE: &str = "Choose a file with rows of texts and labels, saved as CSV.";
const CONVERT: &str = "Convert it to CSV, with one column for the texts and one for the labels.";

/// Formats by their first bytes.
const FORMATS: [(&[u8], &str, &str); 12] = [
    (
        b"PK\x03\x04",
        "a spreadsheet or a zip archive",
        FROM_SPREADSHEET,
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "an old spreadsheet or office document",
        FROM_SPREADSHEET,
    ),
    (b"\x1f\x8b", "a gzip archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", UNPACK),
    (b"7z\xbc\xaf", "a 7z archive", UNPACK),
    (b"\x89PNG", "a picture", NO_TABLE),
    (b"\xff\xd8\xff", "a picture", NO_TABLE),
    (b"GIF8", "a picture", NO_TABLE),
    (b"%PDF", "a PDF document", NO_TABLE),
    (b"PAR1", "a Parquet file", CONVERT),
    (b"SQLite format 3", "a database", CONVERT),
];

/// Knows a file by its first bytes.
pub(in crate::domain) fn by_head(head: &[u8]) -> Option<CsvRefusal> {
    FORMATS
        .iter()
        .find(|(magic, ..)| head.starts_with(magic))
        .map(|&(_, format, fix)| CsvRefusal::OtherFormat { format, fix })
}

/// Knows a file by the start of its text.
pub(super) fn by_text(text: &[u8]) -> Option<CsvRefusal> {
    let start = text.trim_ascii_start();
    let starts_with = |tag: &[u8]| {
        start
            .get(..tag.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(tag))
    };
    let after_bracket = start.get(1..).unwrap_or_default().trim_ascii_start();
    let format = match (start.first(), after_bracket.first()) {
        // A header cell in brackets is not followed by what JSON has there.
        (Some(b'{'), Some(b'"')) | (Some(b'['), Some(b'{' | b'[')) => "JSON",
        _ if starts_with(b"<!doctype html") || starts_with(b"<html") => "a web page",
        _ if starts_with(b"<?xml") => "an XML file",
        _ => return None,
    };
    Some(CsvRefusal::OtherFormat {
        format,
        fix: CONVERT,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_their_start() {
        let name = |refusal: Option<CsvRefusal>| refusal.map(|refusal| refusal.to_string());
        assert_eq!(
            name(by_head(b"\x89PNG\r\n\x1a\n")).unwrap(),
            "This is a picture, not a CSV file."
        );
        assert!(
            name(by_head(b"PK\x03\x04\x14\0"))
                .unwrap()
                .contains("spreadsheet")
        );
        assert!(
            name(by_text(b" [\n {\"text\": 1}]"))
                .unwrap()
                .contains("JSON")
        );
        assert!(name(by_text(b"{\"text\": 1}\n")).unwrap().contains("JSON"));
        assert!(
            name(by_text(b"<!DOCTYPE html>"))
                .unwrap()
                .contains("web page")
        );
    }

    #[test]
    fn tables_are_not_taken_for_something_else() {
        for text in [
            "text,label\n",
            "[id],{name}\n",
            "",
            "{",
            "<b>,x\n",
            "PAR,x\n",
        ] {
            assert_eq!(by_head(text.as_bytes()), None);
            assert_eq!(by_text(text.as_bytes()), None);
        }
    }
}
