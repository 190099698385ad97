//! Records of all dialects, and random texts beside csv-core.

use csv_core::{ReadRecordResult, ReaderBuilder};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

const PLAIN: Dialect = Dialect::RFC_4180;

fn cut_all(text: &str, dialect: &Dialect) -> Vec<Vec<String>> {
    let cutter = Cutter::new(dialect);
    let (mut cells, mut at, mut records) = (Cells::default(), 0, Vec::new());
    while at < text.len() {
        if text[at..].starts_with(['\r', '\n']) {
            at += 1;
            continue;
        }
        let cut = cutter.cut(text, at, true, &mut cells).unwrap();
        assert!(cut.next > at);
        records.push(cells.iter(text).map(str::to_owned).collect());
        at = cut.next;
    }
    records
}

fn cut_by_csv_core(text: &str, quote: Option<u8>) -> Vec<Vec<String>> {
    let mut builder = ReaderBuilder::new();
    match quote {
        Some(quote) => builder.quote(quote),
        None => builder.quoting(false),
    };
    let mut reader = builder.build();
    let (mut out, mut ends) = (vec![0; 1024], [0; 256]);
    let (mut at, mut out_len, mut ends_len) = (0, 0, 0);
    let mut records = Vec::new();
    loop {
        let (result, read, written, ended) = reader.read_record(
            &text.as_bytes()[at..],
            &mut out[out_len..],
            &mut ends[ends_len..],
        );
        (at, out_len, ends_len) = (at + read, out_len + written, ends_len + ended);
        match result {
            ReadRecordResult::Record => {
                let mut start = 0;
                let cells = ends[..ends_len].iter().map(|&end| {
                    let cell = String::from_utf8(out[start..end].to_vec()).unwrap();
                    start = end;
                    cell
                });
                records.push(cells.collect());
                (out_len, ends_len) = (0, 0);
            }
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::End => return records,
            full => panic!("{full:?}"),
        }
    }
}

#[test]
fn random_texts_are_cut_as_csv_core_cuts_them() {
    const PIECES: [&str; 9] = [",", "\"", "\n", "\r", "\r\n", "a", "é", " ", "\"\""];
    let mut rng = ChaCha8Rng::seed_from_u64(4180);
    for _ in 0..50_000 {
        let pieces = rng.random_range(0..24);
        let text: String = (0..pieces)
            .map(|_| PIECES[rng.random_range(0..PIECES.len())])
            .collect();
        assert_eq!(
            cut_all(&text, &PLAIN),
            cut_by_csv_core(&text, Some(b'"')),
            "{text:?}"
        );
        let unquoted = Dialect {
            quote: None,
            ..PLAIN
        };
        assert_eq!(
            cut_all(&text, &unquoted),
            cut_by_csv_core(&text, None),
            "{text:?}"
        );
    }
}

/// Cuts a text of one record and compares its cells.
#[track_caller]
fn check(dialect: Dialect, text: &str, expected: &[&str]) {
    assert_eq!(cut_all(text, &dialect), [expected]);
}

macro_rules! cuts {
    ($($name:ident, $dialect:expr, $text:expr, $expected:expr;)*) => {
        $(#[test] fn $name() { check($dialect, $text, &$expected); })*
    };
}

const SPACED: Dialect = Dialect {
    has_spaces_around_quotes: true,
    ..PLAIN
};
const ESCAPED: Dialect = Dialect {
    escape: Some('\\'),
    ..PLAIN
};
const BARE: Dialect = Dialect {
    quote: None,
    ..ESCAPED
};
const BLANKS: Dialect = Dialect {
    delimiter: Delimiter::Whitespace,
    ..PLAIN
};
const BAR: Dialect = Dialect {
    delimiter: Delimiter::Character('¦'),
    ..PLAIN
};

cuts! {
    spaces_around_quotes, SPACED, " \"a,b\" , \"c\"\"d\",\"e\" f, g", ["a,b", "c\"d", "e f", " g"];
    spaces_outside_quotes_without_asking, PLAIN, "\"a\" ,b", ["a ", "b"];
    escaped_quotes, ESCAPED, "\"a\\\"b\\\\\",\"c\\nd\",e\\,f", ["a\"b\\", "c\\nd", "e\\", "f"];
    escapes_without_quotes, BARE, "a\\,b,\"c\",d\\\ne\\x", ["a,b", "\"c\"", "d\ne\\x"];
    runs_of_white_space, BLANKS, "  a \t b  \"c d\"  e  ", ["a", "b", "c d", "e"];
    a_delimiter_of_two_bytes, BAR, "a¦¦\"b¦c\"¦§", ["a", "", "b¦c", "§"];
}

#[test]
fn a_record_is_whole_only_when_its_end_is_known() {
    let cutter = Cutter::new(&PLAIN);
    let mut cells = Cells::default();
    for text in ["a", "a,", "a,b\r", "\"a\"", "\"a\"\r"] {
        let is_quote_open = text == "\"a\"";
        assert_eq!(
            cutter.cut(text, 0, false, &mut cells),
            Err(Unfinished { is_quote_open }),
            "{text:?}"
        );
        assert_eq!(
            cutter.cut(text, 0, true, &mut cells).unwrap().next,
            text.len()
        );
    }
    let open = Unfinished {
        is_quote_open: true,
    };
    assert_eq!(cutter.cut("\"a\n", 0, false, &mut cells), Err(open));
    assert!(cutter.cut("\"a\n", 0, true, &mut cells).unwrap().is_open);
}

#[test]
fn quotes_are_told_by_how_they_close() {
    let cutter = Cutter::new(&PLAIN);
    let mut cells = Cells::default();
    for (text, well, ill, odd) in [
        ("a,b", 0, 0, None),
        ("\"a\",\"b\"\r\n", 2, 0, None),
        ("\"a\" ,b", 1, 0, None),
        ("\"say \"\"hi\"\"\",b", 1, 0, None),
        ("say \"hi\",5\" pipe", 0, 0, None),
        ("a,\"Wow\" he said", 0, 1, Some(1)),
    ] {
        let cut = cutter.cut(text, 0, true, &mut cells).unwrap();
        assert_eq!(
            (cut.well_closed, cut.ill_closed, cut.odd_column),
            (well, ill, odd),
            "{text}"
        );
    }
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    assert_eq!(count_lines(b"a\r\nb\nc\rd\r"), 4);
}
