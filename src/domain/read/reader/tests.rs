//! From bytes to tables: formats, packing, encodings and samples together.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::zip;
use super::*;
use crate::domain::column::number::Decimal;
use crate::domain::column::summarize;
use crate::domain::csv::{Delimiter, DialectChoice};

const ARCHIVE: &[u8] = include_bytes!("../../../../tests/fixtures/read/tables.zip");

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn read(bytes: &[u8], length: usize, options: &ReadOptions) -> Result<ReadTable, ReadRefusal> {
    let mut reader = TableReader::new("t", options.clone());
    for chunk in bytes.chunks(length) {
        reader.feed(chunk);
    }
    reader.finish()
}

fn rows(table: &Table) -> Vec<Vec<&str>> {
    let header = table.columns().iter().map(|column| column.name()).collect();
    let row = |at| {
        let cells = table
            .columns()
            .iter()
            .map(move |column| column.cells().nth(at));
        cells.map(Option::unwrap).collect()
    };
    std::iter::once(header)
        .chain((0..table.rows()).map(row))
        .collect()
}

/// Reads in chunks of several lengths and checks header, rows and format.
#[track_caller]
fn check(bytes: &[u8], expected: &[&[&str]], format: Format) {
    for packed in [bytes.to_vec(), gzip(bytes)] {
        for length in [1, 7, 1 << 20] {
            let read = read(&packed, length, &ReadOptions::default()).unwrap();
            assert_eq!(rows(&read.table), expected);
            assert_eq!(read.report.format, format);
            assert_eq!(read.report.packed.is_some(), packed != bytes);
            assert_eq!(read.report.bytes, packed.len() as u64);
            assert_eq!(read.report.rows_kept as usize + 1, expected.len());
        }
    }
}

macro_rules! reads {
    ($($name:ident, $bytes:expr, $format:ident, $expected:expr;)*) => {
        $(#[test] fn $name() { check($bytes, &$expected, Format::$format); })*
    };
}

reads! {
    csv, b"text,label\nhello,1\nbye,2\n", Delimited,
        [&["text", "label"], &["hello", "1"], &["bye", "2"]];
    brackets_in_csv, b"[id],{name}\n1,2\n3,4\n", Delimited,
        [&["[id]", "{name}"], &["1", "2"], &["3", "4"]];
    json_lines, b"{\"text\": \"hello\", \"label\": 1}\n{\"text\": \"bye\", \"label\": 2, \"x\": null}\n",
        JsonLines, [&["text", "label", "x"], &["hello", "1", ""], &["bye", "2", ""]];
    json_array, b" [\n {\"a\": {\"b\": \"x\"}},\n {\"a\": {\"b\": \"y\"}, \"c\": [1, 2]}\n]\n", JsonArray,
        [&["a.b", "c"], &["x", ""], &["y", "[1, 2]"]];
    json_over_lines, b"{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n", JsonLines, [&["a"], &["1"], &["2"]];
    json_around_a_list, b"{\"count\": 2, \"items\": [{\"a\": 1}, {\"a\": 2}]}", JsonLines,
        [&["a"], &["1"], &["2"]];
    json_in_utf16, b"\xff\xfe[\0{\0\"\0a\0\"\0:\0\"\0\xe9\0\"\0}\0]\0", JsonArray, [&["a"], &["é"]];
}

/// An archive read as the worker reads it.
fn read_zip(archive: &[u8], options: &ReadOptions) -> Result<ReadTable, ReadRefusal> {
    let (start, length) = zip::list_place(archive, archive.len() as u64)?;
    let list = zip::entries(&archive[start as usize..(start + length) as usize])?;
    let (entry, entries) = zip::choose(&list, options.entry.as_deref())?;
    let from = entry.bytes_at(&archive[entry.header_at as usize..])? as usize;
    let mut reader = TableReader::new("t", options.clone()).of_entry(&entry, entries);
    for chunk in archive[from..from + entry.packed as usize].chunks(5) {
        reader.feed(chunk);
    }
    reader.finish()
}

#[test]
fn a_file_of_an_archive_is_chosen() {
    let read = read_zip(ARCHIVE, &ReadOptions::default()).unwrap();
    assert_eq!(rows(&read.table)[..2], [["text", "label"], ["hello", "1"]]);
    assert_eq!(read.report.entries, ["data/a.csv", "b.tsv"]);
    assert_eq!(read.report.packed.as_deref(), Some("zip"));

    let options = ReadOptions {
        entry: Some("b.tsv".to_owned()),
        ..ReadOptions::default()
    };
    let read = read_zip(ARCHIVE, &options).unwrap();
    assert_eq!(rows(&read.table), [["a", "b"], ["1", "2"]]);
    assert_eq!(read.report.entries, ["b.tsv", "data/a.csv"]);
}

#[test]
fn what_is_no_table_is_refused() {
    let json = |text: &str| text.as_bytes().to_vec();
    for (bytes, id) in [
        (vec![], "empty_file"),
        (json("text,label\n"), "no_rows"),
        (json("[{}, 1]"), "no_objects"),
        (json("{\"a\": \n"), "no_objects"),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0".to_vec(),
            "other_format",
        ),
        (b"%PDF".to_vec(), "other_format"),
        (gzip(b"%PDF-1.7 and more of it"), "other_format"),
        (gzip(b""), "empty_file"),
    ] {
        for length in [1, 1 << 20] {
            let refusal = read(&bytes, length, &ReadOptions::default()).unwrap_err();
            assert_eq!(refusal.id(), id, "{refusal}");
        }
    }
}

#[test]
fn a_cut_archive_gives_its_beginning() {
    let csv = "text,label\nhello there,1\n".to_owned() + &"bye,2\n".repeat(100_000);
    let packed = gzip(csv.as_bytes());
    let read = read(&packed[..packed.len() / 2], 1000, &ReadOptions::default()).unwrap();
    assert!(read.table.rows() > 1000);
    assert_eq!(read.issues[0].id, "damaged_archive");
}

#[test]
fn what_a_person_says_is_taken() {
    let options = ReadOptions {
        format: Some(Format::Delimited),
        encoding: Some("windows-1251".to_owned()),
        dialect: DialectChoice {
            delimiter: Some(Delimiter::Character(';')),
            ..DialectChoice::default()
        },
        ..ReadOptions::default()
    };
    let read = read(b"a,b;c\n\xe4\xe0,1;2\n", 3, &options).unwrap();
    assert_eq!(rows(&read.table), [["a,b", "c"], ["да,1", "2"]]);
    assert_eq!(read.report.encoding, "windows-1251");
    let dialect = read.report.dialect.unwrap();
    assert_eq!(dialect.delimiter, Delimiter::Character(';'));
}

#[test]
fn the_decimal_mark_can_be_chosen() {
    let csv = b"a;b\n1,234;x\n5,678;y\n";
    for (decimal, smallest) in [(Decimal::Point, 1234.0), (Decimal::Comma, 1.234)] {
        let options = ReadOptions {
            decimal: Some(decimal),
            ..ReadOptions::default()
        };
        let read = read(csv, 5, &options).unwrap();
        assert_eq!(summarize(&read.table.columns()[0]).range[0], smallest);
        // Whatever is done to the table, it stays so.
        let mapped = read.table.columns()[0]
            .mapped(|cell| cell.trim().to_owned())
            .renamed("c");
        assert_eq!(summarize(&mapped.only(&[true, true])).range[0], smallest);
        assert_eq!(
            rows(&read.table)[1],
            ["1,234", "x"],
            "the cells stay as they are"
        );
    }
}

/// What the start of a file gives, when a preview reads so many bytes of it.
fn start(bytes: &[u8], until: usize) -> ReadTable {
    let mut reader = TableReader::new("t", ReadOptions::default()).of_start();
    reader.feed(&bytes[..until]);
    reader.finish().unwrap()
}

#[test]
fn a_row_that_a_preview_cuts_is_left_out() {
    // Somebody's long letter was cut by the preview, which said that a quote does not close.
    let letter = format!(
        "\"Dear all,\n{}Yours\",letter\n",
        "many lines\n".repeat(100)
    );
    let csv = format!("text,label\n{letter}hello,greeting\n{letter}");
    for until in [csv.len() - 500, csv.len() - letter.len() + 20] {
        let read = start(csv.as_bytes(), until);
        assert_eq!(read.table.rows(), 2, "{until}");
        assert_eq!(read.issues, [], "{until}");
    }
    // Where nothing else is there, what is there of the row is shown, line by line.
    let read = start(csv.as_bytes(), 400);
    assert!(read.table.rows() >= 1);
    let json = "{\"text\": \"a\", \"n\": 1}\n".repeat(20);
    let read = start(json.as_bytes(), json.len() - 9);
    assert_eq!((read.table.rows(), read.issues.len()), (19, 0));
}

#[test]
fn samples_say_what_they_are() {
    let header = "number,parity\n".to_owned();
    let csv = header
        + &(0..200_000)
            .map(|n| format!("{n},{}\n", n % 2))
            .collect::<String>();
    let sampled = |sample| {
        let options = ReadOptions {
            sample,
            ..ReadOptions::default()
        };
        let mut reader = TableReader::new("t", options);
        let mut fed = 0;
        for chunk in csv.as_bytes().chunks(10_000) {
            if reader.is_enough() {
                break;
            }
            fed += chunk.len();
            reader.feed(chunk);
        }
        let read = reader.finish().unwrap();
        let ids: Vec<String> = read.issues.into_iter().map(|issue| issue.id).collect();
        (read.table, read.report, fed, ids)
    };
    let (table, report, fed, ids) = sampled(Sample::First { rows: 50 });
    assert_eq!(
        (table.rows(), report.rows_seen, report.rows_kept),
        (50, 50, 50)
    );
    assert_eq!(table.columns()[0].cells().last(), Some("49"));
    assert!(fed < 100_000 && ids == ["sample"]);

    let (table, report, _, ids) = sampled(Sample::Random { rows: 500, seed: 7 });
    assert_eq!(
        (table.rows(), report.rows_seen, report.rows_kept),
        (500, 200_000, 500)
    );
    assert_eq!(ids, ["sample"]);
    let numbers: Vec<u32> = table.columns()[0]
        .cells()
        .map(|n| n.parse().unwrap())
        .collect();
    assert!(numbers.is_sorted() && numbers[250] > 50_000);

    let (table, report, _, ids) = sampled(Sample::All);
    assert_eq!((table.rows(), report.rows_seen), (200_000, 200_000));
    assert!(ids.is_empty());
}

#[test]
fn memory_is_bounded() {
    let csv = "text\n".to_owned()
        + &(0..300_000)
            .map(|n| format!("row {n}\n"))
            .collect::<String>();
    let mut reader = TableReader::new("t", ReadOptions::default()).with_budget(1 << 20);
    let mut fed = 0;
    for chunk in csv.as_bytes().chunks(10_000) {
        if reader.is_enough() {
            break;
        }
        fed += chunk.len();
        reader.feed(chunk);
    }
    assert!(fed < csv.len() / 2);
    let read = reader.finish().unwrap();
    assert!(read.issues.iter().any(|issue| issue.id == "memory_full"));
    assert!(read.table.bytes() < 2 << 20);
}
