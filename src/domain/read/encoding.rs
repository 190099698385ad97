//! Which encoding some bytes are in.
//!
//! What leaves no doubt is asked first: a byte order mark, then UTF-16's zero bytes, then whether
//! the bytes are UTF-8, which other encodings' texts hardly ever are by chance. What remains is
//! guessed by chardetng, the detector of Firefox, which knows the encodings of older systems by
//! the letters that stand side by side in their languages.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252,
};

/// So few different characters do not prove UTF-8 when each has but two bytes: one Chinese
/// character in eight of GB18030 is also one of UTF-8.
const FEW_CHARS: usize = 3;

/// A Japanese text has at least one kana in so many characters.
const CHARS_PER_KANA: usize = 5;

/// Text in UTF-16 that is mostly ASCII has a zero in every other byte; bytes that are UTF-8 as they
/// are and have fewer than one in so many are a damaged text.
const BYTES_PER_ZERO: usize = 4;

/// The encoding that a byte order mark names, and its length.
pub(super) fn by_mark(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    Encoding::for_bom(bytes)
}

/// UTF-16 without a mark, by the zero bytes that ASCII characters have there (the idea of XML
/// 1.0, appendix F.1). Separators and line ends show the byte order, as texts in other scripts may
/// hold no other ASCII: their swapped characters are ones that nobody writes.
pub(super) fn utf16_without_mark(start: &[u8]) -> Option<&'static Encoding> {
    let zeros = start.iter().filter(|&&byte| byte == 0).count();
    let is_control = |byte: &u8| (1..32).contains(byte) && !b"\t\n\r".contains(byte);
    let is_utf8 = Utf8Count::of(start, false).strange == 0 && !start.iter().any(is_control);
    if zeros == 0 || (is_utf8 && zeros * BYTES_PER_ZERO < start.len()) {
        return None;
    }
    let units = |order: fn([u8; 2]) -> u16| {
        start
            .chunks_exact(2)
            .map(move |pair| order([pair[0], pair[1]]))
    };
    let score = |order: fn([u8; 2]) -> u16| {
        let signs = [
            9,
            10,
            13,
            32,
            u16::from(b','),
            u16::from(b';'),
            u16::from(b'"'),
        ];
        let signs = units(order).filter(|unit| signs.contains(unit)).count();
        let ascii = units(order)
            .filter(|unit| (0x20..0x7f).contains(unit))
            .count();
        (signs, ascii)
    };
    let (encoding, order, found): (_, fn([u8; 2]) -> u16, _) =
        match (score(u16::from_le_bytes), score(u16::from_be_bytes)) {
            (little, big) if little >= big => (UTF_16LE, u16::from_le_bytes, little),
            (_, big) => (UTF_16BE, u16::from_be_bytes, big),
        };
    if found.0 == 0 {
        return None;
    }
    // The start may end between the halves of a pair.
    let count = start.len() / 2;
    let is_text =
        char::decode_utf16(units(order))
            .enumerate()
            .all(|(at, character)| match character {
                Ok(c) => !c.is_control() || matches!(c, '\t' | '\n' | '\r'),
                Err(_) => at + 1 >= count,
            });
    is_text.then_some(encoding)
}

/// How much of some bytes is UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Utf8Count {
    /// Characters beyond ASCII.
    pub(super) chars: usize,
    /// Bytes that UTF-8 does not allow.
    pub(super) strange: usize,
}

impl Utf8Count {
    /// Counts. A character that is cut at the end counts as nothing, unless the bytes are all there
    /// is.
    pub(super) fn of(bytes: &[u8], is_last: bool) -> Self {
        let mut count = Self::default();
        let mut end: &[u8] = &[];
        for chunk in bytes.utf8_chunks() {
            count.chars += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            end = chunk.invalid();
            count.strange += end.len();
        }
        if !is_last && std::str::from_utf8(end).is_err_and(|error| error.error_len().is_none()) {
            count.strange -= end.len();
        }
        count
    }

    /// Whether this is UTF-8 with some bytes of something else in it, and not something else with
    /// some bytes that could be UTF-8.
    pub(super) fn is_mostly_utf8(self) -> bool {
        self.chars >= self.strange
    }
}

/// The characters beyond ASCII of a text that could be another encoding's, as long as they are
/// few.
#[derive(Debug, Default)]
pub(super) struct FewChars(Vec<char>);

impl FewChars {
    /// Adds those of a piece of text. None when they are enough to prove UTF-8.
    pub(super) fn and(mut self, text: &str) -> Option<Self> {
        for c in text.chars().filter(|c| !c.is_ascii()) {
            if !self.0.contains(&c) {
                self.0.push(c);
            }
            if c.len_utf8() > 2 || self.0.len() > FEW_CHARS {
                return None;
            }
        }
        Some(self)
    }

    /// Whether they are strange enough to be another encoding's: accents of western Europe are
    /// likelier than what their bytes are elsewhere.
    pub(super) fn are_strange(&self) -> bool {
        self.0.iter().any(|&c| c > '\u{ff}')
    }
}

/// The likeliest encoding of bytes that are not UTF-8, which may end within a character if they are
/// not the last. A guess.
pub(super) fn guess(bytes: &[u8], is_last: bool) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, is_last);
    let guessed = detector.guess(None, Utf8Detection::Deny);
    let is_single_byte = guessed.is_single_byte();
    if is_single_byte && reads_kana(bytes) {
        SHIFT_JIS
    } else if is_single_byte && reads_signs_only(bytes) {
        WINDOWS_1252
    } else if guessed == WINDOWS_1252 && reads_cyrillic_words(bytes) {
        WINDOWS_1251
    } else if guessed == GBK {
        // The same decoder under the name of what it reads.
        GB18030
    } else {
        guessed
    }
}

/// Whether Shift_JIS reads all of it and a good part as hiragana or katakana, whose first bytes are
/// rare signs elsewhere. chardetng takes some sentences for Cyrillic.
fn reads_kana(bytes: &[u8]) -> bool {
    let Some(text) = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes) else {
        return false;
    };
    let is_kana = |c: &char| ('\u{3041}'..='\u{30fc}').contains(c);
    let wide = text.chars().filter(|c| !c.is_ascii()).count();
    text.chars().filter(is_kana).count() * CHARS_PER_KANA >= wide
}

/// Whether Windows-1252 reads but signs in some bytes: prices, degrees, typographic quotes. There
/// are no letters then to tell encodings by, and it is the one that most files are in.
fn reads_signs_only(bytes: &[u8]) -> bool {
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    text.chars()
        .filter(|c| !c.is_ascii())
        .all(|c| !c.is_alphabetic() && !c.is_control())
}

/// Whether Windows-1251 reads words that are Cyrillic from end to end: in Windows-1252 they would
/// be words of nothing but accented letters.
fn reads_cyrillic_words(bytes: &[u8]) -> bool {
    let (text, _) = WINDOWS_1251.decode_without_bom_handling(bytes);
    let is_cyrillic = |c: char| ('\u{401}'..='\u{491}').contains(&c);
    let mut words = text
        .split(|c: char| c.is_ascii() && !c.is_ascii_alphabetic())
        .filter(|word| !word.is_ascii());
    let mut is_any_long = false;
    words.all(|word| {
        is_any_long |= word.chars().count() > 1;
        word.chars().all(is_cyrillic)
    }) && is_any_long
}

/// Whether bytes without any beyond ASCII are a text all the same that switches to Japanese by
/// escapes (ISO-2022-JP, as in older mail).
pub(super) fn is_escaped_japanese(bytes: &[u8]) -> bool {
    const TO_JIS: [&[u8]; 2] = [b"\x1b$B", b"\x1b$@"];
    TO_JIS
        .iter()
        .any(|escape| bytes.windows(3).any(|window| window == *escape))
}

/// Whether an encoding is one of Unicode's.
pub(super) fn is_unicode(encoding: &'static Encoding) -> bool {
    [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn utf16_shows_its_byte_order() {
        for text in [
            "a,b",
            "text,label\nhello,1\n",
            "日本語のテキスト,ラベル\n一つ,二\n",
            "Текст;метка\r\n",
            "一,1\n",
            "👍,👎\n",
        ] {
            let little = utf16_without_mark(&utf16(text, u16::to_le_bytes));
            let big = utf16_without_mark(&utf16(text, u16::to_be_bytes));
            assert_eq!((little, big), (Some(UTF_16LE), Some(UTF_16BE)), "{text}");
        }
    }

    #[test]
    fn zero_bytes_alone_are_not_utf16() {
        for bytes in [
            &b"a,b\n1\0,2\n"[..],
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"\0\0\0\0",
            b"plain",
            b"",
        ] {
            assert_eq!(utf16_without_mark(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn utf8_is_counted() {
        let count = |bytes: &[u8], is_last| {
            let count = Utf8Count::of(bytes, is_last);
            (count.chars, count.strange)
        };
        assert_eq!(count("aé日".as_bytes(), true), (2, 0));
        assert_eq!(count(b"caf\xe9", true), (0, 1));
        assert_eq!(count(b"caf\xe9", false), (0, 0));
        assert_eq!(count(b"\xe9caf", false), (0, 1));
        assert_eq!(count(b"a\xe6\x97", false), (0, 0));
    }
}
