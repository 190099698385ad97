//! Bytes of whatever encoding become text.
//!
//! The encoding is chosen when the first byte beyond ASCII appears, be it megabytes into the
//! file, and by what follows it: before that all encodings read the same. When UTF-8 is
//! contradicted later, the choice is made anew for the rest: files are glued together from parts.
//! Whatever is a guess is told, with the words that came of it.

use encoding_rs::{DecoderResult, Encoding, ISO_2022_JP, UTF_8, WINDOWS_1252};

use super::doubt::Doubt;
use super::encoding::{
    FewChars, Utf8Count, by_mark, guess, is_escaped_japanese, is_unicode, utf16_without_mark,
};
use crate::domain::issue::{Issue, Position, Severity};

/// An encoding is chosen from so many bytes.
const WINDOW_BYTES: usize = 64 * 1024;

/// So many bytes in a window that contradict UTF-8 are strays, however little UTF-8 is around them,
/// if there was some before.
const MOST_STRAYS: usize = 16;

/// UTF-16 without a mark is looked for in so many bytes at the start.
const START_BYTES: usize = 1024;

/// So many bytes before the first one beyond ASCII are kept, as a letter's neighbours tell its
/// encoding.
const BEFORE_BYTES: usize = 32;

/// Turns chunks of bytes into text.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    /// Bytes that wait for the next chunk.
    waiting: Vec<u8>,
    /// The last bytes that were given out as ASCII.
    before: Vec<u8>,
    /// Line ends given out so far.
    lines: u64,
    /// The label that a person gave and that names no encoding.
    unknown_label: Option<String>,
    is_chosen: bool,
    /// UTF-8 so far.
    utf8: Utf8Count,
    /// What UTF-8 was chosen by, as long as that could be another encoding's.
    few: Option<FewChars>,
    doubt: Doubt,
}

enum State {
    /// Too few bytes have been seen to know anything.
    Start,
    /// Nothing but ASCII so far.
    Ascii,
    /// Bytes are gathered to choose by.
    Gathering,
    /// UTF-8; where it is not, Windows-1252 if that was found to be mixed in.
    Utf8 {
        is_mixed: bool,
    },
    Other(Box<encoding_rs::Decoder>),
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Start => "Start",
            Self::Ascii => "Ascii",
            Self::Gathering => "Gathering",
            Self::Utf8 { .. } => "Utf8",
            Self::Other(decoder) => decoder.encoding().name(),
        })
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Decoder {
    /// A decoder of the encoding with that label of the WHATWG Encoding Standard, or of the one
    /// that is detected.
    pub fn new(label: Option<&str>) -> Self {
        let chosen = label.and_then(|label| Encoding::for_label(label.as_bytes()));
        Self {
            state: match chosen {
                Some(encoding) => State::Other(Box::new(encoding.new_decoder())),
                None => State::Start,
            },
            waiting: Vec::new(),
            before: Vec::new(),
            lines: 0,
            unknown_label: label.filter(|_| chosen.is_none()).map(str::to_owned),
            is_chosen: chosen.is_some(),
            utf8: Utf8Count::default(),
            few: None,
            doubt: Doubt::default(),
        }
    }

    /// Appends the next bytes of a file to `text`. A character that the chunk cuts waits for the
    /// next one, unless this is the last.
    pub fn decode(&mut self, chunk: &[u8], is_last: bool, text: &mut String) {
        let joined;
        let mut bytes = chunk;
        if !self.waiting.is_empty() {
            let mut waiting = std::mem::take(&mut self.waiting);
            waiting.extend(chunk);
            joined = waiting;
            bytes = &joined;
        }
        // Every pass takes bytes, changes the state, or waits for more.
        loop {
            bytes = match &mut self.state {
                State::Start => {
                    if bytes.len() < START_BYTES && !is_last {
                        break;
                    }
                    self.start(bytes)
                }
                State::Ascii => self.ascii(bytes, text),
                State::Gathering => {
                    if bytes.len() < WINDOW_BYTES && !is_last {
                        break;
                    }
                    self.choose(bytes, is_last);
                    bytes
                }
                State::Utf8 { is_mixed } => {
                    let is_mixed = *is_mixed;
                    let rest = self.utf8(bytes, is_mixed, is_last, text);
                    if !matches!(self.state, State::Gathering) {
                        bytes = rest;
                        break;
                    }
                    rest
                }
                State::Other(_) => {
                    self.other(bytes, is_last, text);
                    &[]
                }
            };
            if bytes.is_empty() {
                break;
            }
        }
        self.waiting = bytes.to_vec();
    }

    /// The encoding's name. One that was never needed, as all was ASCII, is UTF-8.
    pub fn encoding(&self) -> &'static str {
        match &self.state {
            State::Other(decoder) => decoder.encoding().name(),
            State::Start | State::Ascii | State::Gathering | State::Utf8 { .. } => UTF_8.name(),
        }
    }

    /// Whether the bytes leave no doubt about the encoding.
    pub fn is_sure(&self) -> bool {
        !self.is_weak() && self.doubt.is_none()
    }

    /// What a person should know about the encoding.
    pub fn issues(&self) -> Vec<Issue> {
        let unknown = self.unknown_label.as_ref().map(|label| {
            Issue::new(
                "unknown_encoding",
                Severity::Warning,
                Position::Table,
                format!(
                    "\"{label}\" names no encoding; the file was read as {}.",
                    self.encoding()
                ),
                "Choose one of the list, e.g. utf-8, windows-1252, shift_jis or gb18030.",
            )
        });
        let weak = (self.is_weak() && self.doubt.is_none()).then(|| {
            Issue::new(
                "few_characters",
                Severity::Note,
                Position::Table,
                "The file has so few letters beyond ASCII that UTF-8 is likely but not sure.",
                "Look at them. If they are wrong, choose the encoding of the system that the file is from.",
            )
        });
        unknown
            .into_iter()
            .chain(weak)
            .chain(self.doubt.issues(self.encoding()))
            .collect()
    }

    fn is_weak(&self) -> bool {
        self.few.as_ref().is_some_and(FewChars::are_strange)
    }

    /// Looks at the start of the file; gives back what follows a mark.
    fn start<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (encoding, mark) = match by_mark(bytes) {
            Some((encoding, mark)) => (Some(encoding), mark),
            None => {
                let start = &bytes[..bytes.len().min(START_BYTES)];
                (utf16_without_mark(start), 0)
            }
        };
        self.state = match encoding {
            Some(encoding) if encoding == UTF_8 => State::Utf8 { is_mixed: false },
            Some(encoding) => State::Other(Box::new(encoding.new_decoder_without_bom_handling())),
            None => State::Ascii,
        };
        &bytes[mark..]
    }

    /// Gives back what begins with the first byte beyond ASCII.
    fn ascii<'a>(&mut self, bytes: &'a [u8], text: &mut String) -> &'a [u8] {
        let end = if bytes.contains(&0x1b) && is_escaped_japanese(bytes) {
            bytes.iter().position(|&byte| byte == 0x1b)
        } else {
            None
        };
        let valid = Encoding::ascii_valid_up_to(bytes);
        let (ascii, rest) = bytes.split_at(end.unwrap_or(valid).min(valid));
        self.give(std::str::from_utf8(ascii).unwrap_or_default(), text);
        let kept = &ascii[ascii.len().saturating_sub(BEFORE_BYTES)..];
        self.before.extend(kept);
        let surplus = self.before.len().saturating_sub(BEFORE_BYTES);
        self.before.drain(..surplus);
        if !rest.is_empty() {
            self.state = State::Gathering;
        }
        rest
    }

    /// Chooses the encoding of what was gathered and all that follows.
    fn choose(&mut self, bytes: &[u8], is_last: bool) {
        let window = &bytes[..bytes.len().min(WINDOW_BYTES)];
        let is_last = is_last && window.len() == bytes.len();
        let count = Utf8Count::of(window, is_last);
        let known = self.utf8.chars;
        let is_utf8 = Utf8Count {
            chars: count.chars + known.min(MOST_STRAYS),
            ..count
        }
        .is_mostly_utf8();
        if is_utf8 && count.chars + count.strange > 0 {
            self.state = State::Utf8 {
                is_mixed: count.strange > 0,
            };
            self.few = (known == 0).then(FewChars::default);
            return;
        }
        let mut context = std::mem::take(&mut self.before);
        context.extend(window);
        let encoding = guess(&context, is_last);
        let is_ascii = count.chars + count.strange == 0;
        // Windows-1252 needs no switch: it is what strays are read as anyway.
        let is_stray = known > 0 && encoding == WINDOWS_1252;
        self.state = if is_unicode(encoding) || is_stray || (is_ascii && encoding != ISO_2022_JP) {
            State::Utf8 { is_mixed: true }
        } else {
            self.doubt.begin(encoding.name(), self.lines + 1, known > 0);
            State::Other(Box::new(encoding.new_decoder_without_bom_handling()))
        };
    }

    /// Gives back the bytes that wait for the next chunk, or that contradict UTF-8.
    fn utf8<'a>(
        &mut self,
        mut bytes: &'a [u8],
        is_mixed: bool,
        is_last: bool,
        text: &mut String,
    ) -> &'a [u8] {
        loop {
            let (valid, error) = match std::str::from_utf8(bytes) {
                Ok(valid) => (valid, None),
                Err(error) => {
                    let valid = &bytes[..error.valid_up_to()];
                    (std::str::from_utf8(valid).unwrap_or_default(), Some(error))
                }
            };
            self.give(valid, text);
            self.few = self.few.take().and_then(|few| few.and(valid));
            // Leading bytes of characters beyond ASCII.
            self.utf8.chars += valid.bytes().filter(|&byte| byte >= 0xc0).count();
            let Some(error) = error else { return &[] };
            let rest = &bytes[valid.len()..];
            let strange = match error.error_len() {
                Some(length) => length,
                None if is_last => rest.len(),
                None => return rest,
            };
            if !is_mixed {
                self.before.clear();
                self.state = State::Gathering;
                return rest;
            }
            let (strange, rest) = rest.split_at(strange);
            let (decoded, _) = WINDOWS_1252.decode_without_bom_handling(strange);
            self.doubt.stray(strange.len(), self.lines + 1);
            self.doubt.show(&decoded, self.lines + 1);
            self.give(&decoded, text);
            bytes = rest;
        }
    }

    fn other(&mut self, mut bytes: &[u8], is_last: bool, text: &mut String) {
        let State::Other(decoder) = &mut self.state else {
            return;
        };
        loop {
            let from = text.len();
            let needed = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
            text.reserve(needed.unwrap_or(bytes.len()));
            let (result, read) = decoder.decode_to_string_without_replacement(bytes, text, is_last);
            bytes = &bytes[read..];
            let line = self.lines + 1;
            self.lines += count_lines(&text[from..]);
            if !self.is_chosen {
                self.doubt.show_all(text, from, line);
            }
            match result {
                DecoderResult::InputEmpty => {
                    if is_last {
                        self.doubt.end();
                    }
                    return;
                }
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    text.push(char::REPLACEMENT_CHARACTER);
                    self.doubt.broken(self.lines + 1);
                }
            }
        }
    }

    fn give(&mut self, decoded: &str, text: &mut String) {
        self.lines += count_lines(decoded);
        self.doubt.pass(decoded);
        text.push_str(decoded);
    }
}

fn count_lines(text: &str) -> u64 {
    text.bytes().filter(|&byte| byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests;
