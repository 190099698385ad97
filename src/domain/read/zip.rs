//! The list of files at the end of a zip archive.
//!
//! After PKWARE's APPNOTE 6.3.10. The list (central directory, section 4.3.12) is what counts:
//! the headers before the files may leave their sizes open. Own code, as the crates read from
//! something that seeks and blocks, which a `File` in a browser does not do.

use super::refusal::ReadRefusal;

/// Bytes at the end of an archive in which its end record is: the record and the longest comment.
pub const TAIL_BYTES: u64 = 22 + 20 + 56 + 65_535;

/// Bytes of the header before a file, without its name and extra field (section 4.3.7).
pub const LOCAL_HEADER_BYTES: u64 = 30;

/// A list longer than this is refused: a million files are no table.
const LONGEST_LIST_BYTES: u64 = 64 << 20;

/// Files that could be tables, by how their names end.
const TABLES: [&str; 10] = [
    ".csv", ".tsv", ".tab", ".psv", ".txt", ".data", ".dat", ".jsonl", ".ndjson", ".json",
];

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path in there.
    pub path: String,
    /// How it is packed (section 4.4.5).
    method: u16,
    is_encrypted: bool,
    /// Bytes that it takes in the archive.
    pub packed: u64,
    /// Where its header begins.
    pub header_at: u64,
}

/// Whether a file begins as a zip archive does.
pub fn is_zip(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06")
}

/// Where the list of files is: its first byte and its length.
///
/// `tail` are the last bytes of the archive, [`TAIL_BYTES`] of them or all; `size` is the
/// archive's.
///
/// # Errors
/// When there is no end record, or it does not fit.
pub fn list_place(tail: &[u8], size: u64) -> Result<(u64, u64), ReadRefusal> {
    let bad = |what| ReadRefusal::BadArchive { what };
    let at = tail
        .windows(4)
        .rposition(|window| window == b"PK\x05\x06")
        .ok_or(bad("its end is missing"))?;
    let end = &tail[at..];
    let (mut length, mut start) = (
        u64::from(number::<4>(end, 12).ok_or(bad("its end is cut"))? as u32),
        u64::from(number::<4>(end, 16).ok_or(bad("its end is cut"))? as u32),
    );
    // Zip64 (section 4.3.15): a locator right before, and in front of it a record with long numbers.
    if start == u64::from(u32::MAX) || length == u64::from(u32::MAX) {
        let record = tail[..at]
            .windows(4)
            .rposition(|window| window == b"PK\x06\x06")
            .map(|at| &tail[at..])
            .ok_or(bad("its end is missing"))?;
        length = number::<8>(record, 40).ok_or(bad("its end is cut"))?;
        start = number::<8>(record, 48).ok_or(bad("its end is cut"))?;
    }
    if length > LONGEST_LIST_BYTES {
        return Err(bad("its list of files is too long"));
    }
    if start.checked_add(length).is_none_or(|end| end > size) {
        return Err(bad("its list of files is beyond its end"));
    }
    Ok((start, length))
}

/// The files in a list, folders left out.
///
/// # Errors
/// When the list is damaged.
pub fn entries(list: &[u8]) -> Result<Vec<Entry>, ReadRefusal> {
    let cut = ReadRefusal::BadArchive {
        what: "its list of files is cut",
    };
    let mut entries = Vec::new();
    let mut rest = list;
    while rest.starts_with(b"PK\x01\x02") {
        let field = |at| number::<2>(rest, at).map(|number| number as usize);
        let (Some(name), Some(extra), Some(comment)) = (field(28), field(30), field(32)) else {
            return Err(cut);
        };
        let (Some(path), Some(extra_bytes)) = (
            rest.get(46..46 + name),
            rest.get(46 + name..46 + name + extra),
        ) else {
            return Err(cut);
        };
        let path = String::from_utf8_lossy(path).into_owned();
        let short = |at| number::<4>(rest, at).ok_or(cut.clone());
        let (plain, packed, header_at) = (short(24)?, short(20)?, short(42)?);
        let [_, packed, header_at] = long_numbers([plain, packed, header_at], extra_bytes);
        if !path.ends_with('/') {
            entries.push(Entry {
                path,
                method: field(10).unwrap_or_default() as u16,
                is_encrypted: field(8).unwrap_or_default() & 1 != 0,
                packed,
                header_at,
            });
        }
        rest = rest.get(46 + name + extra + comment..).unwrap_or_default();
    }
    Ok(entries)
}

/// Chooses the file to read, and gives the paths of all that could be, the chosen one first.
///
/// # Errors
/// When it is a spreadsheet, holds no table, or the file cannot be unpacked.
pub fn choose(
    entries: &[Entry],
    wanted: Option<&str>,
) -> Result<(Entry, Vec<String>), ReadRefusal> {
    let has = |start: &str| entries.iter().any(|entry| entry.path.starts_with(start));
    let spreadsheet = |format| Err(ReadRefusal::Spreadsheet { format });
    if has("xl/workbook") {
        return spreadsheet("an Excel workbook (xlsx)");
    }
    if has("word/document") || has("ppt/presentation") {
        return spreadsheet("an office document");
    }
    if has("META-INF/manifest.xml") && has("content.xml") {
        return spreadsheet("a spreadsheet or document (OpenDocument)");
    }

    // What macOS and editors leave in archives is nobody's table.
    let is_hidden = |path: &str| path.split('/').any(|part| part.starts_with(['.', '_']));
    let is_table = |entry: &&Entry| {
        let path = entry.path.to_lowercase();
        TABLES.iter().any(|end| path.ends_with(end)) && !is_hidden(&entry.path)
    };
    let mut candidates: Vec<&Entry> = entries.iter().filter(is_table).collect();
    if candidates.is_empty()
        && let [only] = entries
    {
        candidates.push(only);
    }
    let found = || match entries {
        [] => "it is empty".to_owned(),
        [only] => format!("\"{}\"", only.path),
        [first, rest @ ..] => format!("\"{}\" and {} more", first.path, rest.len()),
    };
    let chosen = match wanted {
        None => *candidates
            .first()
            .ok_or_else(|| ReadRefusal::NoTableInside { found: found() })?,
        Some(wanted) => entries
            .iter()
            .find(|entry| entry.path == wanted)
            .ok_or_else(|| ReadRefusal::NoSuchEntry {
                entry: wanted.to_owned(),
                found: found(),
            })?,
    };
    if chosen.is_encrypted {
        return Err(ReadRefusal::Encrypted {
            entry: chosen.path.clone(),
        });
    }
    if !matches!(chosen.method, 0 | 8) {
        let method = match chosen.method {
            9 => "Deflate64".to_owned(),
            12 => "bzip2".to_owned(),
            14 => "LZMA".to_owned(),
            93 => "zstd".to_owned(),
            95 => "xz".to_owned(),
            number => format!("method {number}"),
        };
        return Err(ReadRefusal::OtherMethod {
            entry: chosen.path.clone(),
            method,
        });
    }
    let others = candidates.iter().filter(|entry| entry.path != chosen.path);
    let paths = std::iter::once(&chosen.path)
        .chain(others.map(|entry| &entry.path))
        .cloned()
        .collect();
    Ok((chosen.clone(), paths))
}

impl Entry {
    /// Whether it is packed by deflate; else it is stored as it is.
    pub fn is_deflated(&self) -> bool {
        self.method == 8
    }

    /// Where its bytes begin, given the header before them.
    ///
    /// # Errors
    /// When there is no such header.
    pub fn bytes_at(&self, header: &[u8]) -> Result<u64, ReadRefusal> {
        match (number::<2>(header, 26), number::<2>(header, 28)) {
            (Some(name), Some(extra)) if header.starts_with(b"PK\x03\x04") => {
                Ok(self.header_at + LOCAL_HEADER_BYTES + name + extra)
            }
            _ => Err(ReadRefusal::BadArchive {
                what: "a file's header is missing",
            }),
        }
    }
}

/// A little-endian number of `N` bytes.
fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + N)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |number, &byte| number << 8 | u64::from(byte)),
    )
}

/// Numbers that do not fit four bytes stand in the extra field (section 4.5.3), in this order.
fn long_numbers(mut numbers: [u64; 3], mut extra: &[u8]) -> [u64; 3] {
    while let (Some(id), Some(length)) = (number::<2>(extra, 0), number::<2>(extra, 2)) {
        let end = 4 + length as usize;
        if id == 1 {
            let mut at = 4;
            for short in numbers.iter_mut().filter(|n| **n == u64::from(u32::MAX)) {
                *short = number::<8>(extra, at).unwrap_or(*short);
                at += 8;
            }
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    numbers
}

#[cfg(test)]
mod tests;
