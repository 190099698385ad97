//! Bytes of whatever encoding become UTF-8.
//!
//! A byte order mark decides where there is one. Without it a file is UTF-8, and a byte that
//! UTF-8 does not allow is read as Windows-1252, which is what older office programs write in
//! western Europe and the Americas. That is decided anew for every such byte, so it works in a
//! stream, and in files that were glued together from both: a text in Windows-1252 in which two
//! neighbouring bytes happen to be UTF-8 (`Ã` before `©`) hardly exists.

use crate::domain::issue::{Issue, Position, Severity};

/// Turns chunks of bytes into UTF-8.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    encoding: Option<Encoding>,
    /// The start of a character whose end is in the next chunk.
    carry: Vec<u8>,
    /// Bytes that were read as Windows-1252.
    legacy_bytes: u64,
    /// Halves of UTF-16 characters without their other half.
    broken_units: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

impl Decoder {
    /// Appends the next bytes of a file to `text`, which stays valid UTF-8. A character that the
    /// chunk cuts waits for the next one, unless this is the last.
    pub(super) fn decode(&mut self, chunk: &[u8], is_last: bool, text: &mut Vec<u8>) {
        let joined;
        let mut bytes = chunk;
        if !self.carry.is_empty() {
            self.carry.extend(chunk);
            joined = std::mem::take(&mut self.carry);
            bytes = &joined;
        }
        let encoding = match self.encoding {
            Some(encoding) => encoding,
            None if bytes.len() < 4 && !is_last => {
                self.carry = bytes.to_vec();
                return;
            }
            None => {
                let (encoding, mark) = by_first_bytes(bytes);
                self.encoding = Some(encoding);
                bytes = &bytes[mark..];
                encoding
            }
        };
        let rest = match encoding {
            Encoding::Utf8 => self.utf8(bytes, is_last, text),
            Encoding::Utf16Le => self.utf16(bytes, is_last, u16::from_le_bytes, text),
            Encoding::Utf16Be => self.utf16(bytes, is_last, u16::from_be_bytes, text),
        };
        self.carry = rest.to_vec();
    }

    /// What a person should know about the encoding.
    pub(super) fn issue(&self) -> Option<Issue> {
        if self.legacy_bytes > 0 {
            return Some(Issue::new(
                "not_utf8",
                Severity::Warning,
                Position::Table,
                match self.legacy_bytes {
                    1 => "1 byte of the file is not UTF-8; it was read as Windows-1252.".to_owned(),
                    count => format!(
                        "{count} bytes of the file are not UTF-8; they were read as Windows-1252."
                    ),
                },
                "Look at accented letters and quotation marks below. If they are wrong, save the file as UTF-8.",
            ));
        }
        (self.broken_units > 0).then(|| {
            Issue::new(
                "broken_utf16",
                Severity::Warning,
                Position::Table,
                format!(
                    "{} characters of the UTF-16 file are damaged and show as \u{fffd}.",
                    self.broken_units
                ),
                "Save the file again, as UTF-8.",
            )
        })
    }

    /// Gives back the bytes that wait for the next chunk.
    fn utf8<'a>(&mut self, mut bytes: &'a [u8], is_last: bool, text: &mut Vec<u8>) -> &'a [u8] {
        loop {
            let error = match std::str::from_utf8(bytes) {
                Ok(valid) => {
                    text.extend(valid.as_bytes());
                    return &[];
                }
                Err(error) => error,
            };
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            text.extend(valid);
            let strange = match error.error_len() {
                Some(length) => length,
                None if is_last => rest.len(),
                None => return rest,
            };
            let mut buffer = [0; 4];
            for &byte in &rest[..strange] {
                text.extend(windows_1252(byte).encode_utf8(&mut buffer).as_bytes());
            }
            self.legacy_bytes += strange as u64;
            bytes = &rest[strange..];
        }
    }

    /// Gives back the bytes that wait for the next chunk.
    fn utf16<'a>(
        &mut self,
        bytes: &'a [u8],
        is_last: bool,
        unit: fn([u8; 2]) -> u16,
        text: &mut Vec<u8>,
    ) -> &'a [u8] {
        let mut whole = bytes.len() / 2 * 2;
        let is_high = |unit: u16| (0xd800..0xdc00).contains(&unit);
        if !is_last && whole >= 2 && is_high(unit([bytes[whole - 2], bytes[whole - 1]])) {
            whole -= 2;
        }
        let (now, rest) = bytes.split_at(whole);
        let units = now.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let mut buffer = [0; 4];
        for character in char::decode_utf16(units) {
            let character = character.unwrap_or_else(|_| {
                self.broken_units += 1;
                char::REPLACEMENT_CHARACTER
            });
            text.extend(character.encode_utf8(&mut buffer).as_bytes());
        }
        if is_last && !rest.is_empty() {
            self.broken_units += 1;
            text.extend("\u{fffd}".as_bytes());
            return &[];
        }
        rest
    }
}

/// The encoding that the first bytes of a file show, and how many of them are a mark.
///
/// Two ASCII characters in UTF-16 have their zero bytes in places that tell the byte order
/// without a mark, too (the idea of XML 1.0, appendix F.1).
fn by_first_bytes(bytes: &[u8]) -> (Encoding, usize) {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
        [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
        [1..=255, 0, 1..=255, 0, ..] => (Encoding::Utf16Le, 0),
        [0, 1..=255, 0, 1..=255, ..] => (Encoding::Utf16Be, 0),
        _ => (Encoding::Utf8, 0),
    }
}

/// What Windows-1252 has where Latin-1 has control characters, 0x80 to 0x9f. The five bytes that
/// it leaves open stay control characters, as in the WHATWG Encoding Standard.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
];

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..0xa0 => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes in chunks of every length and checks that they make no difference.
    #[track_caller]
    fn check(bytes: &[u8], expected: &str, issue: Option<&str>) {
        for length in 1..=bytes.len().max(1) {
            let mut decoder = Decoder::default();
            let mut text = Vec::new();
            for chunk in bytes.chunks(length) {
                decoder.decode(chunk, false, &mut text);
            }
            decoder.decode(&[], true, &mut text);
            assert_eq!(String::from_utf8(text).unwrap(), expected);
            assert_eq!(decoder.issue().map(|issue| issue.id).as_deref(), issue);
        }
    }

    macro_rules! decodes {
        ($($name:ident, $bytes:expr, $expected:expr, $issue:expr;)*) => {
            $(#[test] fn $name() { check($bytes, $expected, $issue); })*
        };
    }

    decodes! {
        nothing, b"", "", None;
        one_byte, b"a", "a", None;
        utf8, "a,é,日,👍".as_bytes(), "a,é,日,👍", None;
        utf8_mark, b"\xef\xbb\xbfa", "a", None;
        only_a_mark, b"\xef\xbb\xbf", "", None;
        utf16_le_mark, b"\xff\xfea\0\xe9\0=\xd8M\xdc", "aé👍", None;
        utf16_be_mark, b"\xfe\xff\0a\0\xe9\xd8=\xdcM", "aé👍", None;
        utf16_le_without_mark, b"a\0,\0b\0", "a,b", None;
        utf16_be_without_mark, b"\0a\0,\0b", "a,b", None;
        windows, b"caf\xe9 \x80 \x93x\x94", "café € “x”", Some("not_utf8");
        windows_at_the_end, b"caf\xc3", "cafÃ", Some("not_utf8");
        both_in_one_file, b"\xc3\xa9 and \xe9", "é and é", Some("not_utf8");
        half_a_pair, b"\xff\xfea\0=\xd8b\0", "a\u{fffd}b", Some("broken_utf16");
        half_a_unit, b"\xff\xfea\0b", "a\u{fffd}", Some("broken_utf16");
    }
}
