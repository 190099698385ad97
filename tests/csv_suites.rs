//! The files of public parser suites, opened as a person opens them: nothing but the file is given,
//! its dialect and header are detected.
//!
//! `tests/fixtures/csv/README.md` names sources and licences. Pass counts are printed
//! (`cargo test --test csv_suites -- --nocapture`). A file that is read otherwise than its suite
//! has it stands in [`EXCEPTIONS`] with the reason; one that stands there and is read right fails.

use std::collections::BTreeSet;
use std::path::Path;

use burnish::domain::csv::CsvReader;
use burnish::domain::table::RowId;
use serde::Deserialize;

/// Suite, file, why it is read otherwise.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "csv-spectrum",
        "location_coordinates.csv",
        "the suite's JSON has another telephone number than its CSV",
    ),
    (
        "commons-csv",
        "CSV-141/csv-141.csv",
        "two quotes never close: the lines are read one by one, and told, instead of swallowed",
    ),
    (
        "commons-csv",
        "CSVFileParser/test.csv",
        "spaces around quoted cells are left out, and a row of nothing but commas is",
    ),
    (
        "frictionless",
        "chunk2.headless.csv",
        "the suite says that there is no header; in one record nothing shows it",
    ),
    (
        "frictionless",
        "chunk3.csv",
        "the suite says that there is no header; in one record nothing shows it",
    ),
    (
        "frictionless",
        "dialect.csv",
        "the suite says that # is the quote, of which the file has two cells",
    ),
    (
        "frictionless",
        "issue-1138.csv",
        "the separator at the end of every line makes no column",
    ),
    (
        "frictionless",
        "package-dialect-no-header.csv",
        "the suite says that there is no header above what looks like one",
    ),
    (
        "readr",
        "epa78.txt",
        "columns at fixed places, with spaces in them: the suite states the places",
    ),
    (
        "readr",
        "fwf-sample.txt",
        "columns at fixed places, with spaces in them: the suite states the places",
    ),
    (
        "readr",
        "massey-rating.txt",
        "columns at fixed places, with spaces in them: the suite states the places",
    ),
    (
        "readr",
        "whitespace-sample.txt",
        "four words a line and no numbers: as likely sentences, until a person says otherwise",
    ),
    (
        "w3c-csvw",
        "test258.csv",
        "the first cell stands in its column below as well, as in a file without a header",
    ),
    (
        "w3c-csvw",
        "test283.csv",
        "the names are patterns of numbers, above numbers",
    ),
];

/// Suite, and how many of its files at least are to be read as it has them.
const SUITES: &[(&str, usize)] = &[
    ("csv-spectrum", 11),
    ("commons-csv", 10),
    ("d3-dsv", 5),
    ("frictionless", 80),
    ("papaparse", 4),
    ("readr", 7),
    ("w3c-csvw", 133),
];

#[derive(Deserialize)]
struct Suite {
    source: String,
    licence: String,
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    name: String,
    text: String,
    #[serde(flatten)]
    expected: Read,
}

/// What is read: names and rows, or why there is no table.
#[derive(Debug, PartialEq, Deserialize)]
struct Read {
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    rows: Vec<Vec<String>>,
    refused: Option<String>,
}

fn read(text: &str, chunk: usize) -> Read {
    let mut reader = CsvReader::new("suite.csv");
    for chunk in text.as_bytes().chunks(chunk) {
        reader.feed(chunk);
    }
    match reader.finish() {
        Ok((table, _)) => Read {
            names: table
                .columns()
                .iter()
                .map(|column| column.name().to_owned())
                .collect(),
            rows: (0..table.rows() as u32)
                .map(|row| table.row(RowId(row)))
                .collect(),
            refused: None,
        },
        Err(refusal) => Read {
            names: Vec::new(),
            rows: Vec::new(),
            refused: Some(refusal.id().to_owned()),
        },
    }
}

#[test]
fn suites_are_read_as_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/csv");
    let mut exceptions: BTreeSet<(String, String)> = EXCEPTIONS
        .iter()
        .map(|&(suite, file, _)| (suite.to_owned(), file.to_owned()))
        .collect();
    let mut wrong = Vec::new();
    for &(suite, least) in SUITES {
        let json = std::fs::read(folder.join(format!("{suite}.json"))).unwrap();
        let Suite {
            source,
            licence,
            files,
        } = serde_json::from_slice(&json).unwrap();
        let mut passed = 0;
        for file in &files {
            let found = read(&file.text, usize::MAX);
            assert_eq!(found, read(&file.text, 3), "{suite}/{}", file.name);
            let is_right = found == file.expected;
            passed += usize::from(is_right);
            let is_exception = exceptions.remove(&(suite.to_owned(), file.name.clone()));
            match (is_right, is_exception) {
                (true, false) | (false, true) => {}
                (true, true) => wrong.push(format!("{suite}/{} is no exception", file.name)),
                (false, false) => wrong.push(format!(
                    "{suite}/{}: {:?}\n  read     {found:?}\n  expected {:?}",
                    file.name, file.text, file.expected
                )),
            }
        }
        println!("{suite}: {passed} of {} ({source}, {licence})", files.len());
        assert!(passed >= least, "{suite}: {passed}");
    }
    for (suite, file, why) in EXCEPTIONS {
        println!("{suite}/{file}: {why}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(exceptions.is_empty(), "{exceptions:?}");
}
