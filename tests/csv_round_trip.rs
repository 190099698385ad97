//! What the writer writes, the reader reads: the same cells, whatever they hold.

use burnish::domain::csv::{CsvReader, CsvWriter};
use burnish::domain::table::{RowId, Table};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const CASES: u64 = 12_000;

/// What cells are made of: all that means something to a reader, and some that only looks so. No
/// zero bytes: the reader shows them as another character, and says so.
const PIECES: [&str; 30] = [
    ",", ";", "\t", "|", "\"", "\"\"", "'", "\\", "\n", "\r", "\r\n", " ", "\u{a0}", "a", "Z", "é",
    "日本", "👍🏽", "عربي", "e\u{301}", "#", "//", "=", "-", "0", "1.5", "\u{feff}", "sep=;", "[[",
    "{\"",
];

fn random_cell(rng: &mut ChaCha8Rng) -> String {
    // Half of the cells are short, and some are empty.
    let pieces = match rng.random_range(0..10) {
        0 | 1 => 0,
        2..=6 => rng.random_range(1..4),
        7 | 8 => rng.random_range(4..12),
        _ => rng.random_range(12..300),
    };
    (0..pieces)
        .map(|_| PIECES[rng.random_range(0..PIECES.len())])
        .collect()
}

fn read(csv: &str, writer: CsvWriter, header: bool, chunk: usize) -> Table {
    let mut reader = CsvReader::with_dialect("t.csv", writer.dialect(header));
    let mut rest = csv;
    while !rest.is_empty() {
        let end = (chunk.min(rest.len())..=rest.len())
            .find(|&end| rest.is_char_boundary(end))
            .unwrap();
        reader.feed_text(&rest[..end]);
        rest = &rest[end..];
    }
    let (table, issues) = reader.finish().unwrap();
    assert!(
        issues
            .iter()
            .all(|issue| ["no_header", "one_column"].contains(&&*issue.id)),
        "{issues:?}"
    );
    table
}

#[test]
fn any_table_is_read_back_as_it_was_written() {
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_122);
    for case in 0..CASES {
        let writer = CsvWriter {
            delimiter: [',', ';', '\t', '|', '^', '¦'][rng.random_range(0..6)],
            quote: ['"', '\''][rng.random_range(0..2)],
            is_formula_safe: false,
        };
        let (columns, rows) = (rng.random_range(1..7), rng.random_range(1..9));
        let header: Option<Vec<String>> = rng.random_bool(0.5).then(|| {
            (0..columns)
                .map(|column| {
                    format!("{}{column}", random_cell(&mut rng))
                        .trim()
                        .to_owned()
                })
                .collect()
        });
        // A table of one cell that stands in for a header is no row.
        let cells: Vec<Vec<String>> = (0..rows)
            .map(|_| (0..columns).map(|_| random_cell(&mut rng)).collect())
            .collect();

        let mut csv = String::new();
        for row in header.iter().chain(&cells) {
            let row: Vec<&str> = row.iter().map(String::as_str).collect();
            writer.write_row(&mut csv, &row);
        }
        let chunk = [1, 2, 5, 64, usize::MAX][rng.random_range(0..5)];
        let table = read(&csv, writer, header.is_some(), chunk);

        let read_rows: Vec<Vec<String>> = (0..table.rows() as u32)
            .map(|row| table.row(RowId(row)))
            .collect();
        assert_eq!(read_rows, cells, "case {case}: {csv:?}");
        if let Some(header) = header {
            let names: Vec<&str> = table.columns().iter().map(|column| column.name()).collect();
            assert_eq!(names, header, "case {case}: {csv:?}");
        }
    }
}

/// Detection may err on cells that were drawn from a hat, but not on a table that looks like one.
#[test]
fn a_table_of_texts_and_labels_is_read_back_with_its_dialect_detected() {
    const WORDS: [&str; 12] = [
        "well",
        "said",
        "\"no\"",
        "it's",
        "so, then",
        "a;b",
        "line\nbreak",
        "naïve",
        "日本",
        "50%",
        "x|y",
        "#1",
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for case in 0..500 {
        let delimiter = [',', ';', '\t', '|'][rng.random_range(0..4)];
        let writer = CsvWriter {
            delimiter,
            ..CsvWriter::default()
        };
        let rows: Vec<[String; 3]> = (0..rng.random_range(20..60))
            .map(|row| {
                let words = rng.random_range(1..12);
                let text: Vec<&str> = (0..words)
                    .map(|_| WORDS[rng.random_range(0..WORDS.len())])
                    .collect();
                let label = ["spam", "ham"][rng.random_range(0..2)];
                [row.to_string(), text.join(" "), label.to_owned()]
            })
            .collect();
        let mut csv = String::new();
        writer.write_row(&mut csv, &["id", "text", "label"]);
        for row in &rows {
            writer.write_row(&mut csv, &[&row[0], &row[1], &row[2]]);
        }
        let mut reader = CsvReader::new("t.csv");
        reader.feed(csv.as_bytes());
        let (table, issues) = reader.finish().unwrap();
        assert!(issues.is_empty(), "case {case}: {issues:?}");
        let read_rows: Vec<Vec<String>> = (0..table.rows() as u32)
            .map(|row| table.row(RowId(row)))
            .collect();
        assert_eq!(read_rows, rows, "case {case}");
    }
}
