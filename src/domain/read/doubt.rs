//! What is doubtful about a file's encoding, and what became of it.

use std::collections::VecDeque;

use crate::domain::issue::{Issue, Position, Severity};

/// So many different words are shown.
const SHOWN_WORDS: usize = 5;

/// So many characters of a word are shown on each side of the one in doubt.
const SHOWN_CHARS: usize = 12;

/// They are looked for in so many bytes of text.
const SEARCHED_BYTES: usize = 1 << 20;

/// What was guessed, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Doubt {
    /// An encoding that was guessed, the line from which on, and whether UTF-8 came before.
    guessed: Option<(&'static str, u64, bool)>,
    /// Bytes in UTF-8 that were read as Windows-1252, and the line of the first.
    stray: Option<(usize, u64)>,
    /// Characters that could not be read, and the line of the first.
    broken: Option<(u64, u64)>,
    /// Words with guessed characters, and their lines.
    words: Vec<(String, u64)>,
    searched: usize,
    /// The word under way.
    word: Word,
    /// The end of what was given out: a word with a stray byte may begin there.
    recent: String,
}

/// A word that may go on in the next text.
#[derive(Debug, Default)]
struct Word {
    /// Its last characters before the first one in doubt.
    before: VecDeque<char>,
    /// From the first one in doubt on.
    from_first: Option<Vec<char>>,
    line: u64,
}

impl Word {
    /// The word, if a character of it is in doubt.
    fn take(&mut self) -> Option<String> {
        let before = std::mem::take(&mut self.before);
        let from_first = self.from_first.take()?;
        Some(before.into_iter().chain(from_first).collect())
    }
}

fn is_word_end(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"')
}

impl Doubt {
    pub(super) fn is_none(&self) -> bool {
        self.guessed.is_none() && self.stray.is_none() && self.broken.is_none()
    }

    /// From this line on the encoding is a guess.
    pub(super) fn begin(&mut self, encoding: &'static str, line: u64, is_after_utf8: bool) {
        self.guessed = Some((encoding, line, is_after_utf8));
    }

    /// Some bytes in UTF-8 were read as Windows-1252.
    pub(super) fn stray(&mut self, bytes: usize, line: u64) {
        self.stray.get_or_insert((0, line)).0 += bytes;
    }

    /// A character could not be read.
    pub(super) fn broken(&mut self, line: u64) {
        self.broken.get_or_insert((0, line)).0 += 1;
    }

    /// Takes note of text that is given out, be it cut into chunks in one way or another.
    pub(super) fn pass(&mut self, given: &str) {
        self.recent
            .push_str(match given.char_indices().rev().nth(SHOWN_CHARS - 1) {
                Some((start, _)) => &given[start..],
                None => given,
            });
        if let Some((start, _)) = self.recent.char_indices().rev().nth(SHOWN_CHARS - 1) {
            self.recent.drain(..start);
        }
    }

    /// Notes the word that ends with this stray character, which is given out next.
    pub(super) fn show(&mut self, stray: &str, line: u64) {
        if self.words.len() >= SHOWN_WORDS {
            return;
        }
        let start: Vec<char> = self
            .recent
            .chars()
            .rev()
            .take_while(|&c| !is_word_end(c))
            .collect();
        let end = stray
            .chars()
            .take_while(|&c| !is_word_end(c))
            .take(SHOWN_CHARS);
        let word: String = start.into_iter().rev().chain(end).collect();
        if !word.is_empty() && self.words.iter().all(|(known, _)| *known != word) {
            self.words.push((word, line));
        }
    }

    /// Notes the first words beyond ASCII in `text[from..]`, which begins on that line. A word may
    /// go on in the next text: how a file is cut into chunks is nobody's business.
    pub(super) fn show_all(&mut self, text: &str, from: usize, line: u64) {
        if self.guessed.is_none() {
            return;
        }
        let mut line = line;
        for c in text[from..].chars() {
            if self.words.len() >= SHOWN_WORDS || self.searched > SEARCHED_BYTES {
                return;
            }
            self.searched += c.len_utf8();
            if is_word_end(c) {
                self.end_word();
                line += u64::from(c == '\n');
                continue;
            }
            match &mut self.word.from_first {
                None if c.is_ascii() => {
                    if self.word.before.len() == SHOWN_CHARS {
                        self.word.before.pop_front();
                    }
                    self.word.before.push_back(c);
                }
                None => {
                    self.word.line = line;
                    self.word.from_first = Some(vec![c]);
                }
                Some(chars) if chars.len() < SHOWN_CHARS => chars.push(c),
                Some(_) => {}
            }
        }
    }

    fn end_word(&mut self) {
        let line = self.word.line;
        if let Some(word) = self.word.take()
            && self.words.iter().all(|(known, _)| *known != word)
        {
            self.words.push((word, line));
        }
    }

    /// Notes the word that the file ends with.
    pub(super) fn end(&mut self) {
        if self.words.len() < SHOWN_WORDS {
            self.end_word();
        }
    }

    /// One issue for each sort of doubt.
    pub(super) fn issues(&self, encoding: &str) -> Vec<Issue> {
        let mut issues = Vec::new();
        if let Some((guessed, line, is_after_utf8)) = self.guessed {
            let what = if is_after_utf8 {
                format!(
                    "From line {line} on the file is not UTF-8 any more; the rest was read as {guessed}, by what is likely: {}.",
                    self.listed()
                )
            } else {
                format!(
                    "The file is not UTF-8; it was read as {guessed}, by what is likely: {}.",
                    self.listed()
                )
            };
            issues.push(Issue::new(
                "not_utf8",
                Severity::Warning,
                Position::Line { line },
                what,
                "Look at these words. If they are wrong, choose another encoding, or save the file as UTF-8.",
            ));
        } else if let Some((bytes, line)) = self.stray {
            let what = match bytes {
                1 => "1 byte of the file is not UTF-8; it was read as windows-1252".to_owned(),
                _ => format!(
                    "{bytes} bytes of the file are not UTF-8, from line {line} on; they were read as windows-1252"
                ),
            };
            issues.push(Issue::new(
                "not_utf8",
                Severity::Warning,
                Position::Line { line },
                format!("{what}: {}.", self.listed()),
                "Look at these words. If they are wrong, choose another encoding, or save the file as UTF-8.",
            ));
        }
        if let Some((characters, line)) = self.broken {
            let what = match characters {
                1 => format!("1 character on line {line} is damaged or not {encoding}"),
                _ => format!(
                    "{characters} characters are damaged or not {encoding}, the first on line {line}"
                ),
            };
            issues.push(Issue::new(
                "broken_text",
                Severity::Warning,
                Position::Line { line },
                format!("{what}; shown as \u{fffd}."),
                "Choose another encoding; if none is right, save the file again as UTF-8.",
            ));
        }
        issues
    }

    fn listed(&self) -> String {
        let words: Vec<String> = self
            .words
            .iter()
            .map(|(word, line)| format!("\"{word}\" (line {line})"))
            .collect();
        words.join(", ")
    }
}
