//! How a file writes its cells: detected where a person has not said it.

use super::choice::{Delimiter, DialectChoice, DialectReport, Mark};
use super::cut::count_lines;
use super::header::{BelowHeader, Verdict};
use super::preamble;
use super::separator;
use super::survey::{Survey, rows};

/// How a file writes its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Stands between cells.
    pub delimiter: Delimiter,
    /// Stands around cells that hold delimiters or line breaks; `None` when quotes are text.
    pub quote: Option<char>,
    /// Stands before a quote inside a quoted cell, where quotes are not doubled. Without quotes it
    /// stands before delimiters and line breaks.
    pub escape: Option<char>,
    /// Whether spaces before an opening quote and after a closing one are no part of the cell.
    pub has_spaces_around_quotes: bool,
    /// Begins lines that are left out.
    pub comment: Option<char>,
    /// Whether a person said so: then such a line is left out even with as many cells as a row.
    pub comment_is_chosen: bool,
    /// Whether the first record names the columns.
    pub header: bool,
    /// What the record below the header is, if it is no row.
    pub below_header: Option<BelowHeader>,
    /// Lines above the header that are no part of the table.
    pub preamble_lines: u32,
    /// Cells in most records; 0 when that is not known.
    pub columns: usize,
    /// Whether every line is one quoted cell of a comma-separated file, in which the cells of this
    /// dialect are: what a spreadsheet makes of a file when it reads it as one column.
    pub is_nested: bool,
}

/// An inner file is believed when so many of its records agree.
const NESTED_AGREEMENT: f64 = 0.9;

/// So many records tell whether there is a header.
const HEADER_RECORDS: usize = 500;

impl Dialect {
    /// RFC 4180 with a header.
    pub const RFC_4180: Self = Self {
        delimiter: Delimiter::Character(','),
        quote: Some('"'),
        escape: None,
        has_spaces_around_quotes: false,
        comment: None,
        comment_is_chosen: false,
        header: true,
        below_header: None,
        preamble_lines: 0,
        columns: 0,
        is_nested: false,
    };

    /// Chooses the dialect that explains the start of a file best.
    ///
    /// The right delimiter cuts most records into the same number of cells, and the header too.
    /// `is_whole` says that the sample is the file, so its last record is not cut off.
    pub fn detect(sample: &str, is_whole: bool) -> Self {
        Self::detect_with(sample, is_whole, &DialectChoice::default())
    }

    /// The same with what a person says about it, which is taken as it is.
    pub fn detect_with(sample: &str, is_whole: bool, choice: &DialectChoice) -> Self {
        let (hint, above) = match choice.skip_lines {
            Some(lines) => (None, preamble::end_of_lines(sample, lines)),
            None => preamble::separator_hint(sample),
        };
        let rest = &sample[above..];
        let mut choice = choice.clone();
        if let Some(Delimiter::Character('\r' | '\n')) = choice.delimiter {
            // A line's end is what it is; the rest of the choice stands.
            choice.delimiter = None;
        }
        choice.delimiter = choice.delimiter.or(hint);
        let mut dialect =
            nested(rest, is_whole, &choice).unwrap_or_else(|| flat(rest, is_whole, &choice));
        dialect.preamble_lines = match choice.skip_lines {
            Some(lines) => lines,
            None => dialect.preamble_lines + count_lines(&sample.as_bytes()[..above]) as u32,
        };
        dialect
    }

    /// What a person may see of it and change.
    pub fn report(&self) -> DialectReport {
        let mark = |mark: Option<char>| mark.map_or(Mark::None, Mark::Character);
        DialectReport {
            delimiter: self.delimiter,
            quote: mark(self.quote),
            escape: mark(self.escape),
            comment: mark(self.comment),
            header: self.header,
            skip_lines: self.preamble_lines,
        }
    }

    /// The same with quotes as text.
    pub(super) fn without_quotes(&self) -> Self {
        Self {
            quote: None,
            escape: None,
            ..*self
        }
    }

    /// The dialect in which the file's lines are cut.
    pub(super) fn outer(&self) -> Self {
        if self.is_nested {
            Self {
                columns: 1,
                ..Self::RFC_4180
            }
        } else {
            *self
        }
    }
}

/// The dialect of a file as it stands.
fn flat(sample: &str, is_whole: bool, choice: &DialectChoice) -> Dialect {
    let mut dialect = separator::choose(sample, is_whole, choice);
    let survey = Survey::of(sample, &dialect, is_whole);
    dialect.columns = survey.columns;
    (dialect.comment, dialect.comment_is_chosen) = match choice.comment {
        Some(Mark::Character(comment)) => (Some(comment), true),
        Some(Mark::None) => (None, false),
        None => (survey.has_comments().then_some(preamble::COMMENT), false),
    };

    let survey = Survey::of(sample, &dialect, is_whole);
    dialect.columns = survey.columns;
    let start = match choice.skip_lines {
        Some(_) => 0,
        None => preamble::end(sample, &survey, &dialect),
    };
    dialect.preamble_lines = count_lines(&sample.as_bytes()[..start]) as u32;

    let records = rows(&sample[start..], &dialect, is_whole, HEADER_RECORDS);
    dialect.header = choice
        .header
        .unwrap_or_else(|| Verdict::of(&records).is_header());
    if dialect.header {
        dialect.below_header = BelowHeader::of(&records);
    }
    dialect
}

/// The dialect inside the cells of a file whose lines are one quoted cell each.
fn nested(sample: &str, is_whole: bool, choice: &DialectChoice) -> Option<Dialect> {
    if choice.quote.is_some() {
        return None;
    }
    let inner = preamble::unwrapped(sample, is_whole)?;
    let dialect = flat(&inner, is_whole, choice);
    let survey = Survey::of(&inner, &dialect, is_whole);
    let is_table = survey.columns > 1
        && survey.first_fits()
        && survey.agreement() >= NESTED_AGREEMENT
        && (survey.columns > 2 || survey.well_closed > 0);
    is_table.then_some(Dialect {
        is_nested: true,
        ..dialect
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Detects and compares delimiter, quote, preamble lines and columns.
    #[track_caller]
    fn check(sample: &str, delimiter: char, quote: Option<char>, preamble: u32, columns: usize) {
        let found = Dialect::detect(sample, true);
        let delimiter = match delimiter {
            ' ' => Delimiter::Whitespace,
            other => Delimiter::Character(other),
        };
        assert_eq!(found.delimiter, delimiter);
        assert_eq!(found.quote, quote);
        assert_eq!(found.preamble_lines, preamble);
        assert_eq!(found.columns, columns);
    }

    const Q: Option<char> = Some('"');

    macro_rules! detects {
        ($($name:ident, $sample:expr, $delimiter:expr, $quote:expr, $preamble:expr, $columns:expr;)*) => {
            $(#[test] fn $name() { check($sample, $delimiter, $quote, $preamble, $columns); })*
        };
    }

    detects! {
        nothing, "", ',', Q, 0, 0;
        comma, "a,b\n1,2\n", ',', Q, 0, 2;
        semicolon, "a;b\n1,5;2\n2,5;3\n", ';', Q, 0, 2;
        semicolon_with_decimal_commas_everywhere, "a;b;c\n1,5;2,5;1\n3,5;4,5;1\n", ';', Q, 0, 3;
        tab, "a\tb\nhello, you\t1\nhello, we\t2\n", '\t', Q, 0, 2;
        pipe, "a|b\n1|2\n", '|', Q, 0, 2;
        one_column, "text\nhello\nyou\n", ',', Q, 0, 1;
        one_column_of_prose, "text\nwell, well\nno\na, b, c\nyes\n", ';', Q, 0, 1;
        one_column_of_times, "time\n12:30\n12:40\n12:50\n", ',', Q, 0, 1;
        one_column_of_sentences, "text\nI like it\nYou like it\nWe like it\n", ',', Q, 0, 1;
        delimiters_inside_quotes, "a,b\n\"x;y;z\",1\n\"x;y;z\",2\n", ',', Q, 0, 2;
        line_breaks_inside_quotes, "a,b\n\"x\ny\",1\n\"x\n\ny\",2\n", ',', Q, 0, 2;
        unquoted_commas_in_texts, "label\ttext\n1\ta, b\n0\tc\n1\td, e, f\n", '\t', Q, 0, 2;
        some_ragged_rows, "a,b,c\n1,2,3\n1,2\n1,2,3\n1,2,3,4\n", ',', Q, 0, 3;
        quotes_that_are_text, "t\tl\n\"Wow\" he said\t1\n\"No\" said I\t0\n", '\t', None, 0, 2;
        excel_hint, "sep=;\na;b\n1;2\n", ';', Q, 1, 2;
        excel_hint_against_appearance, "SEP=|\r\na,b|c\r\n1,2|3\r\n", '|', Q, 1, 2;
        comment_lines, "# by me\n# today\na,b\n1,2\n3,4\n5,6\n", ',', Q, 0, 2;
        a_header_that_begins_like_a_comment, "#,b\n1,2\n", ',', Q, 0, 2;
        titles_without_delimiters, &format!("Penguins\n2024\n\na,b,c\n{}", "1,2,3\n".repeat(9)), ',', Q, 3, 3;
        title_rows, "Penguins,,\n\n,,\na,b,c\n1,2,3\n", ',', Q, 3, 3;
        a_title_with_a_comma, "Export, by me\na,b,c,d\n1,2,3,4\n1,2,3,5\n", ',', Q, 1, 4;
        a_title_above_two_columns, "Export\na,b\n1,2\n3,4\n5,6\n", ',', Q, 1, 2;
        carriage_returns, "a;b\r1;2\r", ';', Q, 0, 2;

        white_space, " 1.0  2   3\n 4.5 10   3\n 1.0  2  30\n", ' ', Q, 0, 3;
        single_spaces, "x y z\n1 2 3\n4 5 6\n", ' ', Q, 0, 3;
        colons, "a:b:c\nx:1:2\ny:3:4\nz:5:6\n", ':', Q, 0, 3;
        carets, "a^b\nx, y^1\nz, w^2\n", '^', Q, 0, 2;
        tildes, "a~b\nx~1\nz~2\n", '~', Q, 0, 2;
        control_character, "a\u{1}b\nx, y\u{1}1\nz, w\u{1}2\n", '\u{1}', Q, 0, 2;
        broken_bar, "a¦b\nx¦1\nz¦2\n", '¦', Q, 0, 2;
        single_quotes, "a,b\n'x, y',1\n'it''s',2\n'z',3\n", ',', Some('\''), 0, 2;
        apostrophes_are_no_quotes, "a,b\n'tis so,1\n'twas so,2\nit's,3\n", ',', Q, 0, 2;
        spaces_before_quotes, "a, b\n\"x\", \"y, z\"\n\"u\", \"v, w\"\n", ',', Q, 0, 2;
    }

    #[test]
    fn backslashes_are_escapes_where_they_explain_the_quotes() {
        let found = Dialect::detect("t,l\n\"the \\\"US\\\" way, yes\",1\n\"b\",2\n", true);
        assert_eq!(found.escape, Some('\\'));
        let found = Dialect::detect("t,l\n\"C:\\\",1\n\"b\",2\n", true);
        assert_eq!(found.escape, None);
    }

    #[test]
    fn a_record_that_the_sample_cuts_does_not_count() {
        let found = Dialect::detect("a,b,c\n1,2,3\n4", false);
        assert_eq!(found.columns, 3);
    }

    #[test]
    fn what_a_person_says_is_taken() {
        let sample = "x;y,z\n'a;b',1\n# c;d,2\n";
        let choice = DialectChoice {
            delimiter: Some(Delimiter::Character(';')),
            quote: Some(Mark::Character('\'')),
            escape: Some(Mark::Character('^')),
            comment: Some(Mark::Character('#')),
            header: Some(false),
            skip_lines: Some(1),
        };
        let found = Dialect::detect_with(sample, true, &choice);
        let report = found.report();
        assert_eq!(Some(report.delimiter), choice.delimiter);
        assert_eq!(Some(report.quote), choice.quote);
        assert_eq!(Some(report.escape), choice.escape);
        assert_eq!(Some(report.comment), choice.comment);
        assert_eq!(Some(report.header), choice.header);
        assert_eq!(Some(report.skip_lines), choice.skip_lines);

        let nothing = DialectChoice {
            quote: Some(Mark::None),
            escape: Some(Mark::None),
            comment: Some(Mark::None),
            ..DialectChoice::default()
        };
        let found = Dialect::detect_with("# x\na,b\n\"1\",2\n\"3\",4\n", true, &nothing);
        assert_eq!(
            (found.quote, found.escape, found.comment),
            (None, None, None)
        );
    }

    #[test]
    fn a_file_inside_the_cells_of_a_file_is_found() {
        let sample = "\"\"\"age\"\";\"\"job\"\";\"\"y\"\"\"\n\"58;\"\"boss\"\";\"\"no\"\"\"\n\"44;\"\"cook\"\";\"\"no\"\"\"\n";
        let found = Dialect::detect(sample, true);
        assert!(found.is_nested);
        assert_eq!(found.delimiter, Delimiter::Character(';'));
        assert_eq!(found.columns, 3);
        for sample in [
            "\"text\"\n\"well, well\"\n\"no\"\n\"yes, yes, no\"\n",
            "\"a\",\"b\",\"c\"\n\"1\",\"2\",\"3\"\n\"4\",\"5\",\"6\"\n",
            "\"address\"\n\"Ulm, Germany\"\n\"Bonn, Germany\"\n\"Pisa, Italy\"\n",
        ] {
            assert!(!Dialect::detect(sample, true).is_nested, "{sample}");
        }
    }
}
