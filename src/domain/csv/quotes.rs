//! Whether the quotes of a piece of CSV are quotes.
//!
//! In a well-formed quoted cell (RFC 4180, section 2) the closing quote stands right before a
//! separator or a line's end. A text that merely *begins* with a quotation mark looks the same at
//! first; what gives it away is a word right after the closing one.

/// How many cells open with a quote, by what becomes of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Quotes {
    /// Closed right before a separator or a line's end, spaces aside.
    pub(super) well_closed: usize,
    /// Closed before something else.
    pub(super) ill_closed: usize,
    /// Whether the last one is still open at the end.
    pub(super) is_open: bool,
}

impl Quotes {
    /// Looks at some text that begins where a cell begins.
    pub(super) fn of(text: &[u8], delimiter: u8, quote: u8, escape: Option<u8>) -> Self {
        let mut found = Self::default();
        let mut at = 0;
        let mut is_cell_start = true;
        while at < text.len() {
            if !is_cell_start || text[at] != quote {
                is_cell_start = matches!(text[at], b'\r' | b'\n') || text[at] == delimiter;
                at += 1;
                continue;
            }
            let Some(after) = closing_quote(text, at + 1, quote, escape) else {
                found.is_open = true;
                return found;
            };
            at = after;
            is_cell_start = false;
            match text[at..].iter().find(|&&byte| byte != b' ') {
                None | Some(b'\r' | b'\n') => found.well_closed += 1,
                Some(&byte) if byte == delimiter => found.well_closed += 1,
                Some(_) => found.ill_closed += 1,
            }
        }
        found
    }
}

/// Where the text goes on after the quote that closes a cell.
fn closing_quote(text: &[u8], mut at: usize, quote: u8, escape: Option<u8>) -> Option<usize> {
    while at < text.len() {
        if Some(text[at]) == escape {
            at += 2;
        } else if text[at] != quote {
            at += 1;
        } else if text.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, escape: Option<u8>, expected: (usize, usize, bool)) {
        let found = Quotes::of(text.as_bytes(), b',', b'"', escape);
        assert_eq!(
            (found.well_closed, found.ill_closed, found.is_open),
            expected
        );
    }

    macro_rules! quotes {
        ($($name:ident, $text:expr, $escape:expr, $expected:expr;)*) => {
            $(#[test] fn $name() { check($text, $escape, $expected); })*
        };
    }

    quotes! {
        none, "a,b\nc,d", None, (0, 0, false);
        all_well, "\"a\",\"b\"\r\n\"c\"", None, (3, 0, false);
        spaces_after, "\"a\" ,b", None, (1, 0, false);
        doubled, "\"say \"\"hi\"\"\",b", None, (1, 0, false);
        inside_a_cell, "say \"hi\",5\" pipe", None, (0, 0, false);
        a_text_that_begins_so, "\"Wow\" he said,b", None, (0, 1, false);
        open, "a,\"b\nc,d", None, (0, 0, true);
        open_after_doubled, "\"a\"\"", None, (0, 0, true);
        backslash_unknown, "\"a \\\"b\\\" c\",d", None, (0, 1, false);
        backslash_known, "\"a \\\"b\\\" c\",d", Some(b'\\'), (1, 0, false);
        backslash_at_the_end, "\"a\\", Some(b'\\'), (0, 0, true);
    }
}
