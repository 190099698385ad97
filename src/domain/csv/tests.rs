//! Whole files through the reader, each in chunks of several lengths.

use super::*;
use crate::domain::issue::Position;

/// Lengths that cut characters, line ends and quotes in half.
const CHUNKS: [usize; 5] = [1, 2, 3, 7, usize::MAX];

type Outcome = Result<(Table, Vec<Issue>), CsvRefusal>;

fn read_in_chunks(bytes: &[u8], length: usize) -> Outcome {
    let mut reader = CsvReader::new("t.csv");
    for chunk in bytes.chunks(length) {
        reader.feed(chunk);
    }
    reader.finish()
}

/// Header and rows.
fn cells(table: &Table) -> Vec<Vec<String>> {
    let header = table
        .columns()
        .iter()
        .map(|column| column.name().to_owned());
    let rows = (0..table.rows() as u32).map(|row| table.row(crate::domain::table::RowId(row)));
    std::iter::once(header.collect()).chain(rows).collect()
}

/// Reads, compares the header and the rows, and compares the ids of the issues.
#[track_caller]
fn check<const N: usize>(bytes: impl AsRef<[u8]>, expected: &[[&str; N]], issues: &[&str]) {
    for length in CHUNKS {
        let (table, found) = read_in_chunks(bytes.as_ref(), length).unwrap();
        assert_eq!(cells(&table), expected, "in chunks of {length}");
        let ids: Vec<&str> = found.iter().map(|issue| issue.id.as_str()).collect();
        assert_eq!(ids, issues, "in chunks of {length}");
    }
}

#[track_caller]
fn check_refused(bytes: impl AsRef<[u8]>, id: &str) {
    for length in CHUNKS {
        let refusal = read_in_chunks(bytes.as_ref(), length).unwrap_err();
        assert_eq!(refusal.id(), id, "in chunks of {length}");
    }
}

macro_rules! parses {
    ($($name:ident, $bytes:expr, $expected:expr $(, $issue:expr)*;)*) => {
        $(#[test] fn $name() { check($bytes, &$expected, &[$($issue),*]); })*
    };
}

macro_rules! refuses {
    ($($name:ident, $bytes:expr, $id:expr;)*) => {
        $(#[test] fn $name() { check_refused($bytes, $id); })*
    };
}

parses! {
    // RFC 4180, section 2, rules 1 to 7.
    rfc_lines, "a,b\r\naaa,bbb\r\nccc,ddd\r\n", [["a", "b"], ["aaa", "bbb"], ["ccc", "ddd"]];
    rfc_no_final_line_end, "a,b\r\nzzz,yyy", [["a", "b"], ["zzz", "yyy"]];
    rfc_spaces_are_part_of_a_cell, "a,b\r\n x , y\r\n", [["a", "b"], [" x ", " y"]];
    rfc_quoted, "\"a\",\"b\"\r\nzzz,\"yyy\"\r\n", [["a", "b"], ["zzz", "yyy"]];
    rfc_quoted_line_break, "a,b\r\n\"x\r\ny\",1\r\n", [["a", "b"], ["x\r\ny", "1"]];
    rfc_doubled_quote, "a,b\r\n\"x\"\"y\",1\r\n", [["a", "b"], ["x\"y", "1"]];

    line_feeds, "a,b\n1,2\n", [["a", "b"], ["1", "2"]];
    carriage_returns, "a,b\r1,2\r3,4", [["a", "b"], ["1", "2"], ["3", "4"]];
    mixed_line_ends, "a,b\r\n1,2\n3,4\r5,6", [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]];
    blank_lines, "\n\r\na,b\n\n\n1,2\n\n3,4\n\n", [["a", "b"], ["1", "2"], ["3", "4"]];
    rows_of_empty_cells, "a,b\n,\n1,2\n , \n", [["a", "b"], ["1", "2"]], "blank_rows";
    an_empty_cell_is_kept, "a,b\n,2\n1,\n", [["a", "b"], ["", "2"], ["1", ""]];
    semicolons, "a;b\nx, y;2\n", [["a", "b"], ["x, y", "2"]];
    tabs, "a\tb\nx\ty\n", [["a", "b"], ["x", "y"]];
    excel_hint, "sep=;\r\na;b\r\n1;2\r\n", [["a", "b"], ["1", "2"]], "preamble";
    comments, "# x\n# y\na,b\n1,2\n3,4\n5,6\n",
        [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]], "comments";

    one_column, "text\na\nb, c\n", [["text"], ["a"], ["b, c"]], "one_column";

    utf8_mark, "\u{feff}a,b\n1,2\n", [["a", "b"], ["1", "2"]];
    utf8_mark_before_a_quote, "\u{feff}\"a\",b\n1,2\n", [["a", "b"], ["1", "2"]];
    utf16, b"\xff\xfea\0,\0b\0\n\0\xe9\0,\0x\0", [["a", "b"], ["é", "x"]];
    windows_1252, b"a,b\ncaf\xe9,1\n", [["a", "b"], ["café", "1"]], "not_utf8";
    other_scripts, "文,b\nعربي,👍🏽\n", [["文", "b"], ["عربي", "👍🏽"]];

    names_are_trimmed, " a ,b\n1,2\n", [["a", "b"], ["1", "2"]];
    nameless_columns, "a,,c\n1,2,3\n", [["a", "column_2", "c"], ["1", "2", "3"]], "nameless_columns";
    same_names, "a,a,a\n1,2,3\n", [["a", "a (2)", "a (3)"], ["1", "2", "3"]], "same_column_names";
    same_names_and_a_taken_one, "a,a,a (2)\n1,2,3\n",
        [["a", "a (3)", "a (2)"], ["1", "2", "3"]], "same_column_names";
    a_header_that_is_too_short, "a,b\n1,2,3\n4,5,6\n7,8,9\n",
        [["a", "b", "column_3"], ["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]],
        "short_header", "nameless_columns";

    short_row, "a,b,c\n1,2,3\n4,5\n6,7,8\n",
        [["a", "b", "c"], ["1", "2", "3"], ["4", "5", ""], ["6", "7", "8"]], "short_row";
    long_row, "a,b\n1,2\n3,4,5\n6,7\n", [["a", "b"], ["1", "2"], ["3", "4"], ["6", "7"]], "long_row";
    empty_extra_cells_are_nothing, "a,b\n1,2\n3,4,,\n", [["a", "b"], ["1", "2"], ["3", "4"]];

    quote_inside_a_cell, "a,b\n5\" pipe,1\nsay \"x\",2\n",
        [["a", "b"], ["5\" pipe", "1"], ["say \"x\"", "2"]];
    backslash_escapes, "a,b\n\"x \\\"y\\\" z, w\",1\n\"v\",2\n",
        [["a", "b"], ["x \"y\" z, w", "1"], ["v", "2"]];
    a_quote_that_never_closes, "a,b\nx,1\n\"y,2\nz,3\n",
        [["a", "b"], ["x", "1"], ["\"y", "2"], ["z", "3"]], "open_quote";
    an_open_quote_on_the_last_line, "a,b\nx,1\n\"y,2\n",
        [["a", "b"], ["x", "1"], ["\"y", "2"]], "open_quote";
    an_open_quote_at_the_very_end, "a,b\nx,1\ny,\"2",
        [["a", "b"], ["x", "1"], ["y", "\"2"]], "open_quote";
    a_quote_that_the_next_one_closes, "a,b\n\"x,1\ny,2\n\"z\",3\n\"w\",4\n",
        [["a", "b"], ["\"x", "1"], ["y", "2"], ["z", "3"], ["w", "4"]], "open_quote";
    an_open_quote_after_a_closed_one, "a,b,c\n1,2,3\n\"x,y\",1,\"z\n4,5,6\n",
        [["a", "b", "c"], ["1", "2", "3"], ["x,y", "1", "z"], ["4", "5", "6"]], "open_quote";
    quotes_that_are_text, "t\tl\n\"Wow\" he said\t1\n\"No\" I said\t0\n",
        [["t", "l"], ["\"Wow\" he said", "1"], ["\"No\" I said", "0"]];
    zero_bytes, "a,b\n1,x\0y\n", [["a", "b"], ["1", "x␀y"]], "nul";
    no_header, "1.5,x\n2.5,y\n3.5,x\n",
        [["column_1", "column_2"], ["1.5", "x"], ["2.5", "y"], ["3.5", "x"]], "no_header";
    white_space, "a  b c\n 1   2 3 \n4 5    6\n\n7 8 9", [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]];
    comments_between, "a,b\n1,2\n# x\n3,4\n# y, z, \"w\n5,6\n7,8\n",
        [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"]], "comments";
    one_odd_row_is_no_comment, "a,b,c\n1,2,3\n#4,5\n6,7,8\n9,10,11\n",
        [["a", "b", "c"], ["1", "2", "3"], ["#4", "5", ""], ["6", "7", "8"], ["9", "10", "11"]], "short_row";
    a_row_that_begins_like_a_comment, "# x\na,b\n1,2\n#3,4\n5,6\n",
        [["a", "b"], ["1", "2"], ["#3", "4"], ["5", "6"]], "preamble";
    separators_at_line_ends, "a;b;\n1;2;\n3;4;\n", [["a", "b"], ["1", "2"], ["3", "4"]], "empty_columns";
    separators_of_two_programs, "a;b;;,,,\n1;2;;\n3;4;;,\n;;;,,\n", [["a", "b"], ["1", "2"], ["3", "4"]],
        "blank_rows", "empty_columns";
    a_cell_below_no_name_is_kept, "a;b;\n1;2;\n3;4;x\n", [["a", "b", "column_3"], ["1", "2", ""], ["3", "4", "x"]], "nameless_columns";
    quoted_nothing_is_no_blank_row, "a,b\n\"\",\"\"\n1,2\n", [["a", "b"], ["", ""], ["1", "2"]];
    types_below_the_header, "Year;Name\nINT;STRING\n1990;x\n1991;y\n",
        [["Year", "Name"], ["1990", "x"], ["1991", "y"]], "below_header";
    units_below_the_header, "t,v,w\ns,m/s,kg\n1,2,3\n4,5,6\n",
        [["t", "v", "w"], ["1", "2", "3"], ["4", "5", "6"]], "below_header";
    nested, "\"\"\"a\"\";\"\"b, c\"\";\"\"d\"\"\"\n\"1;\"\"x \"\"\"\"y\"\"\"\"\"\";2\"\n\"3;\"\"z\"\";4\"\n",
        [["a", "b, c", "d"], ["1", "x \"y\"", "2"], ["3", "z", "4"]], "nested";
    spaces_around_quotes, "a, b, c\n\"x\" , \"y, z\", 1\n\"u\", \"v \"\"w\"\"\" ,2\n",
        [["a", "b", "c"], ["x", "y, z", " 1"], ["u", "v \"w\"", "2"]];
    single_quotes, "a,b\n'x, y',1\n'it''s',2\n", [["a", "b"], ["x, y", "1"], ["it's", "2"]];
    backslashes_that_escape_nothing, "a,b\n\"C:\\new \\\"x\\\" dir\",1\n\"y\",2\n",
        [["a", "b"], ["C:\\new \"x\" dir", "1"], ["y", "2"]];
    a_byte_mark_inside, "a,b\n\u{feff}1,2\n", [["a", "b"], ["\u{feff}1", "2"]];
    a_long_quoted_text_is_left_alone, format!("a,b\n\"{}\",1\n", "line, of prose, here\n".repeat(200)),
        [["a", "b"], [&"line, of prose, here\n".repeat(200), "1"]];
}

refuses! {
    empty, "", "empty_file";
    only_a_mark, "\u{feff}", "empty_file";
    only_blank_lines, "\n\r\n \n", "empty_file";
    header_only, "a,b\n", "no_rows";
    header_and_blank_rows, "a,b\n,\n\n", "no_rows";
    zero_bytes_all_over, "a,b\n1,\0\0\0\0\0\u{3}\u{4}\u{5}\u{6}\u{7}\n", "binary_file";
    a_picture, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "other_format";
    a_spreadsheet, b"PK\x03\x04\x14\0\x06\0", "other_format";
    json, "[{\"text\": \"a\", \"label\": 1}]", "other_format";
    json_lines, "{\"text\": \"a\"}\n{\"text\": \"b\"}\n", "other_format";
}

#[test]
fn issues_know_their_line() {
    let csv = "\n# x\r\na,b\r\n\"two\r\nlines\",1\r\n2\r\n\r\n3,4,5\n6,7\r\n8,9\n";
    for length in CHUNKS {
        let (_, issues) = read_in_chunks(csv.as_bytes(), length).unwrap();
        let found: Vec<(&str, &Position)> =
            issues.iter().map(|issue| (&*issue.id, &issue.at)).collect();
        assert_eq!(
            found,
            [
                (
                    "short_row",
                    &Position::Cell {
                        line: 6,
                        column: "b".to_owned()
                    }
                ),
                ("long_row", &Position::Line { line: 8 }),
                ("comments", &Position::Line { line: 2 }),
            ]
        );
        assert_eq!(
            issues[1].what,
            "Line 8 has 3 cells where the header has 2; \"5\" was left out."
        );
    }
}

#[test]
fn many_issues_of_a_sort_are_counted() {
    let csv = format!("a,b\n{}{}", "1,2\n".repeat(60), "1\n".repeat(50));
    let (table, issues) = read_in_chunks(csv.as_bytes(), 1000).unwrap();
    assert_eq!(table.rows(), 110);
    assert_eq!(issues.len(), 21);
    assert_eq!(issues[20].what, "30 more lines are like these.");
}

#[test]
fn a_file_longer_than_the_sample_is_read_whole() {
    let mut csv = String::from("text,label\n");
    for row in 0..40_000 {
        write_row(&mut csv, &[&format!("row \"{row}\", with a comma"), "x"]);
    }
    for length in [1000, 65_536, usize::MAX] {
        let (table, issues) = read_in_chunks(csv.as_bytes(), length).unwrap();
        assert!(issues.is_empty());
        assert_eq!(table.rows(), 40_000);
        let last = table.columns()[0].cells().last().unwrap();
        assert_eq!(last, "row \"39999\", with a comma");
    }
}

#[test]
fn a_cell_longer_than_every_buffer_is_read_whole() {
    let long = "long, ".repeat(40_000);
    let csv = format!("text,label\n\"{long}\",x\nb,y\n");
    for length in [4096, usize::MAX] {
        let (table, _) = read_in_chunks(csv.as_bytes(), length).unwrap();
        assert_eq!(table.row(crate::domain::table::RowId(0)), [&long, "x"]);
        assert_eq!(table.rows(), 2);
    }
}

/// A person's export of forum posts had one post that began with a quotation mark which was never
/// closed, two thirds down. Readers that follow the standard gave 700 rows of 1,000, the last of
/// them 300 posts long. The file must give all rows, and say which line is odd.
#[test]
fn a_stray_quote_far_below_swallows_nothing() {
    let mut csv = String::from("text,label\n");
    for row in 0..20_000 {
        csv += &format!("post {row} about things,{}\n", row % 2);
        if row == 14_000 {
            csv += "\"so it begins,1\n";
        }
    }
    let (table, issues) = read_in_chunks(csv.as_bytes(), 10_000).unwrap();
    assert_eq!(table.rows(), 20_001);
    assert_eq!(issues.len(), 1);
    assert_eq!(
        issues[0].at,
        Position::Cell {
            line: 14_003,
            column: "text".to_owned()
        }
    );
}

#[test]
fn a_quote_that_is_open_for_too_long_is_not_waited_for() {
    let mut csv = String::from("text,label\n\"open,1\n");
    while csv.len() < 20 << 20 {
        csv.push_str("a row of some words that are repeated,0\n");
    }
    let rows = csv.lines().count() - 1;
    let (table, issues) = read_in_chunks(csv.as_bytes(), 1 << 20).unwrap();
    assert_eq!(table.rows(), rows);
    assert_eq!(issues.len(), 1);
}

/// A header of 20,000 names above rows of one cell: filled up, they would take gigabytes.
#[test]
fn rows_that_are_far_too_short_are_refused() {
    let csv = format!("a{}\n{}", ",a".repeat(20_000), "1\n".repeat(30_000));
    let mut reader = CsvReader::new("t.csv");
    for chunk in csv.as_bytes().chunks(1000) {
        reader.feed(chunk);
    }
    assert!(reader.is_refused());
    assert_eq!(reader.finish().unwrap_err().id(), "too_ragged");
}

#[test]
fn many_columns_of_one_name_are_named_in_time() {
    let csv = format!("a{}\n1{}\n", ",a".repeat(5_000), ",1".repeat(5_000));
    let (table, issues) = read_in_chunks(csv.as_bytes(), usize::MAX).unwrap();
    assert_eq!(table.columns().len(), 5_001);
    assert_eq!(table.columns()[5_000].name(), "a (5001)");
    assert_eq!(issues.len(), 1);
}

/// A person's notes began with a quotation mark that was never closed, on the second line. All that
/// the first 64 KB showed was then two records, one of them as wide as the file is long.
#[test]
fn a_stray_quote_at_the_top_does_not_decide_the_columns() {
    let csv = format!(
        "text,label\n\"so it begins,1\n{}",
        "a few words,0\n".repeat(500)
    );
    let (table, issues) = read_in_chunks(csv.as_bytes(), 1000).unwrap();
    assert_eq!((table.rows(), table.columns().len()), (501, 2));
    assert_eq!(issues.len(), 1);
}

/// Found by the fuzzer: every line opened a quote that the next one closed ill, so each record was
/// cut to the file's end before its first line was taken, which took the square of the file.
#[test]
fn lines_of_stray_quotes_are_read_in_time() {
    let csv = format!("a,b\n{}", "\"u\",\"\n".repeat(60_000));
    let (table, _) = read_in_chunks(csv.as_bytes(), usize::MAX).unwrap();
    assert_eq!(table.rows(), 60_000);
}

/// Found by the fuzzer as a file that took 14 seconds: lines that each leave a quote open were cut to
/// the end of the file, or to where that quote closes, one after the other.
#[test]
fn lines_that_leave_quotes_open_are_read_in_time() {
    const LINES: usize = 100_000;
    // Each of these lines closes the quote before it well, and opens one; as text it has five cells.
    let lines = "\",\",a\",b,\"\n".repeat(LINES);
    for (columns, last, rows) in [
        // Open to the end of the file.
        (5, "", LINES + 1),
        (7, "", LINES + 1),
        // The last quote closes ill: lines that are rows are taken one by one, others are one cell.
        (5, "\"x,y,z\n", LINES + 2),
        (7, "\"x,y,z\n", 2),
        // It closes well: the last fifty lines may be a cell, and those before were rows.
        (5, "\",y,z\n", LINES - 47),
        (7, "\",y,z\n", 2),
    ] {
        let csv = format!("a,b,c,d,e\n1,2,3,4,5\n{lines}{last}");
        let mut reader = CsvReader::with_dialect(
            "t.csv",
            Dialect {
                columns,
                ..Dialect::RFC_4180
            },
        );
        reader.feed(csv.as_bytes());
        let (table, _) = reader.finish().unwrap();
        assert_eq!(table.rows(), rows, "{columns} columns, {last:?} at the end");
        Dialect::detect(&csv, true);
    }
}

/// The preview of a file whose first row was longer than the preview showed that row line by line.
#[test]
fn a_first_row_that_the_start_does_not_hold_whole_is_one_row() {
    let rows = |start: &str| {
        let mut reader = CsvReader::new("t.csv").of_start();
        reader.feed(start.as_bytes());
        reader.finish().unwrap().0.rows()
    };
    let lines = "a line of a letter, and one more\nand a short one\n".repeat(40);
    assert_eq!(rows(&format!("text,label\n\"{lines}")), 1);
    // A quote that nobody closed is no such row.
    assert_eq!(
        rows(&format!(
            "text,label\n\"so it begins,1\n{}",
            "words,0\n".repeat(40)
        )),
        41
    );
}

/// Found by the fuzzer: each of 70,000 columns without a name was looked for among all the others.
#[test]
fn many_nameless_columns_are_left_out_in_time() {
    let csv = format!("a,b{}\n1,2{}\n", ",".repeat(70_000), ",".repeat(70_000));
    let (table, _) = read_in_chunks(csv.as_bytes(), usize::MAX).unwrap();
    assert_eq!(table.columns().len(), 2);
}
