//! Cuts JSON values out of text that arrives in pieces.
//!
//! Only brackets and strings are looked at here; whether a value is right is for its reader to
//! say. One value is held at a time, so memory does not grow with the file.

/// A value longer than this is refused: held as a whole it would endanger the tab.
pub(super) const LONGEST_BYTES: usize = 256 << 20;

/// How values stand in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One a line. A damaged line does not harm its neighbours.
    Lines,
    /// The elements of one list.
    List,
    /// One after the other, with any white space between.
    Loose,
}

/// Text on its way to being values.
#[derive(Debug)]
pub(super) struct Values {
    layout: Layout,
    text: String,
    /// Where the next value begins in `text`, or what stands before it.
    start: usize,
    /// How far `text` was looked at.
    at: usize,
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
    /// Whether something of a value was seen since `start`.
    has_begun: bool,
    /// Line on which `start` is, from 1.
    line: u64,
}

impl Values {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            layout,
            text: String::new(),
            start: 0,
            at: 0,
            depth: 0,
            is_in_string: false,
            is_escaped: false,
            has_begun: false,
            line: 1,
        }
    }

    /// Appends text.
    pub(super) fn feed(&mut self, text: &str) {
        self.text.drain(..self.start);
        self.at -= self.start;
        self.start = 0;
        self.text.push_str(text);
    }

    /// The line on which the value begins that waits for its rest.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Bytes that wait for the rest of their value.
    pub(super) fn waiting(&self) -> usize {
        self.text.len() - self.start
    }

    /// The next value with the line on which it begins; `None` when more text is needed.
    pub(super) fn next(&mut self, is_last: bool) -> Option<(&str, u64)> {
        loop {
            let end = match self.layout {
                Layout::Lines => self.line_end(is_last)?,
                Layout::List | Layout::Loose => self.value_end(is_last)?,
            };
            let raw = &self.text[self.start..end];
            let value = raw.trim_start();
            let blank = &raw[..raw.len() - value.len()];
            let line = self.line + count_lines(blank);
            self.line += count_lines(raw);
            let from = end - value.len();
            self.start = end;
            self.at = self.at.max(end);
            let length = value.trim_end().len();
            if length > 0 {
                return Some((&self.text[from..from + length], line));
            }
            if self.start == self.text.len() && self.layout == Layout::Lines {
                return None;
            }
        }
    }

    fn line_end(&mut self, is_last: bool) -> Option<usize> {
        match self.text[self.at..].find('\n') {
            Some(end) => Some(self.at + end + 1),
            None if is_last && self.start < self.text.len() => Some(self.text.len()),
            None => {
                self.at = self.text.len();
                None
            }
        }
    }

    /// Where the value ends that begins at `start`. Signs between values move `start`.
    fn value_end(&mut self, is_last: bool) -> Option<usize> {
        let outer = usize::from(self.layout == Layout::List);
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            self.at += 1;
            if self.is_in_string {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => self.is_in_string = false,
                    _ => {}
                }
                continue;
            }
            let is_between = self.depth == outer;
            match byte {
                b'"' => {
                    self.is_in_string = true;
                    self.has_begun = true;
                }
                b'[' if outer == 1 && self.depth == 0 => {
                    self.depth = 1;
                    self.skip();
                }
                b'{' | b'[' => {
                    self.depth += 1;
                    self.has_begun = true;
                }
                b'}' | b']' if self.depth > outer => {
                    self.depth -= 1;
                    if self.depth == outer {
                        self.has_begun = false;
                        return Some(self.at);
                    }
                }
                b',' | b']' if is_between => {
                    if std::mem::take(&mut self.has_begun) {
                        let end = self.at - 1;
                        self.at = end;
                        return Some(end);
                    }
                    self.skip();
                }
                byte if is_between && !self.has_begun && !byte.is_ascii_whitespace() => {
                    self.has_begun = true;
                }
                _ => {}
            }
        }
        (is_last && std::mem::take(&mut self.has_begun)).then_some(self.text.len())
    }

    /// Leaves out what was looked at.
    fn skip(&mut self) {
        self.line += count_lines(&self.text[self.start..self.at]);
        self.start = self.at;
    }
}

fn count_lines(text: &str) -> u64 {
    text.bytes().filter(|&byte| byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts text in pieces of every length and checks that they make no difference.
    #[track_caller]
    fn check(layout: Layout, text: &str, expected: &[(&str, u64)]) {
        let characters: Vec<char> = text.chars().collect();
        for length in 1..=characters.len().max(1) {
            let mut values = Values::new(layout);
            let mut found = Vec::new();
            for piece in characters.chunks(length) {
                values.feed(&piece.iter().collect::<String>());
                while let Some((value, line)) = values.next(false) {
                    found.push((value.to_owned(), line));
                }
            }
            while let Some((value, line)) = values.next(true) {
                found.push((value.to_owned(), line));
            }
            let found: Vec<(&str, u64)> = found
                .iter()
                .map(|(value, line)| (value.as_str(), *line))
                .collect();
            assert_eq!(found, expected, "pieces of {length}");
        }
    }

    macro_rules! cuts {
        ($($name:ident, $layout:ident, $text:expr, $expected:expr;)*) => {
            $(#[test] fn $name() { check(Layout::$layout, $text, &$expected); })*
        };
    }

    cuts! {
        nothing, Lines, "", [];
        lines, Lines, "{\"a\": 1}\r\n\n{\"a\": 2}", [("{\"a\": 1}", 1), ("{\"a\": 2}", 3)];
        a_damaged_line, Lines, "{\"a\n{\"é\": 2}\n", [("{\"a", 1), ("{\"é\": 2}", 2)];
        list, List, "[{\"a\": 1},\n {\"b\": [1, {\"c\": 2}]}]\n",
            [("{\"a\": 1}", 1), ("{\"b\": [1, {\"c\": 2}]}", 2)];
        brackets_in_strings, List, "[{\"a\": \"}],\\\"{\"}, {\"日\": 1}]",
            [("{\"a\": \"}],\\\"{\"}", 1), ("{\"日\": 1}", 1)];
        plain_elements, List, "[1, \"a,b\",\n[2]]", [("1", 1), ("\"a,b\"", 1), ("[2]", 2)];
        an_open_list, List, "[{\"a\": 1}, {\"a\"", [("{\"a\": 1}", 1), ("{\"a\"", 1)];
        empty_list, List, "[ ]", [];
        loose, Loose, "{\n \"a\": 1\n}\n{\"a\": 2}{\"a\": 3}",
            [("{\n \"a\": 1\n}", 1), ("{\"a\": 2}", 4), ("{\"a\": 3}", 4)];
    }
}
