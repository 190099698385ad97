//! Speed of reading a CSV of mixed columns: the whole reader with its columns, and what the `csv`
//! crate takes for the records alone and for the records with the same columns.
//!
//! `cargo bench --bench csv -- [MEGABYTES] [FILE]`; with FILE the generated CSV is kept there, for
//! other readers to be timed on (`scripts/csv_speed.py`).

use std::fmt::Write;
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use burnish::domain::csv::CsvReader;
use burnish::domain::table::ColumnBuilder;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Each reader runs so often, in turn; the fastest counts. All use one thread.
const RUNS: usize = 3;

/// A file is read in pieces of so many bytes, as in the browser.
const CHUNK_BYTES: usize = 1 << 20;

/// Reads a whole CSV and gives its rows.
type Reader = fn(&str) -> usize;

fn main() {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let megabytes: usize = args.first().map_or(200, |arg| arg.parse().unwrap());
    let csv = generate(megabytes * 1_000_000);
    if let Some(path) = args.get(1) {
        std::fs::write(path, &csv).unwrap();
    }
    let readers: [(&str, Reader); 3] = [
        ("burnish, detected, into columns", read),
        ("csv crate, StringRecord", read_records),
        ("csv crate, into the same columns", read_columns),
    ];
    let mut best = [f64::INFINITY; 3];
    let mut rows = [0; 3];
    for _ in 0..RUNS {
        for (at, (_, reader)) in readers.iter().enumerate() {
            let begun = cpu_seconds();
            rows[at] = black_box(reader(black_box(&csv)));
            best[at] = best[at].min(cpu_seconds() - begun);
        }
    }
    assert!(rows.iter().all(|&count| count == rows[0]), "{rows:?}");
    for (at, (name, _)) in readers.iter().enumerate() {
        println!(
            "{name}: {:.0} MB/s, {:.2} s, {:.2} of burnish's time",
            csv.len() as f64 / 1e6 / best[at],
            best[at],
            best[at] / best[0],
        );
    }
}

/// Seconds that the process has been on a CPU, which other work on the machine does not add to.
/// Seconds of the clock where the system does not tell.
fn cpu_seconds() -> f64 {
    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    match stat
        .split(' ')
        .next()
        .and_then(|nanos| nanos.parse::<f64>().ok())
    {
        Some(nanos) => nanos / 1e9,
        None => STARTED.elapsed().as_secs_f64(),
    }
}

/// A running number, a name out of few, a price, a date, a flag, a text of which every fourth is
/// in quotes, and a gap now and then.
fn generate(bytes: usize) -> String {
    const CITIES: [&str; 12] = [
        "Ulm", "Pisa", "Lyon", "Graz", "Turku", "Bergen", "Kraków", "Porto", "Gent", "Cork",
        "Brno", "Split",
    ];
    const WORDS: [&str; 24] = [
        "the", "card", "order", "never", "came", "back", "from", "a", "late", "parcel", "and",
        "my", "refund", "is", "still", "missing", "please", "check", "again", "thank", "you",
        "very", "much", "today",
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut csv = String::with_capacity(bytes + 1000);
    csv.push_str("id,city,price,date,open,text,weight\n");
    let mut id = 0;
    while csv.len() < bytes {
        id += 1;
        let city = CITIES[rng.random_range(0..CITIES.len())];
        let price = rng.random_range(0..1_000_000) as f64 / 100.0;
        let (year, month, day) = (
            rng.random_range(2015..2025),
            rng.random_range(1..13),
            rng.random_range(1..29),
        );
        let open = rng.random_bool(0.3);
        write!(
            csv,
            "{id},{city},{price:.2},{year}-{month:02}-{day:02},{open},"
        )
        .unwrap();
        let is_quoted = rng.random_bool(0.25);
        if is_quoted {
            csv.push('"');
        }
        for at in 0..rng.random_range(4..14) {
            if at > 0 {
                csv.push_str(if is_quoted && rng.random_bool(0.2) {
                    ", "
                } else {
                    " "
                });
            }
            csv.push_str(WORDS[rng.random_range(0..WORDS.len())]);
        }
        if is_quoted {
            csv.push_str(" \"\"now\"\"\"");
        }
        if rng.random_bool(0.9) {
            writeln!(csv, ",{}", rng.random_range(1..500)).unwrap();
        } else {
            csv.push_str(",\n");
        }
    }
    csv
}

fn read(csv: &str) -> usize {
    let mut reader = CsvReader::new("bench.csv");
    for chunk in csv.as_bytes().chunks(CHUNK_BYTES) {
        reader.feed(chunk);
    }
    let (table, issues) = reader.finish().unwrap();
    assert!(issues.is_empty(), "{issues:?}");
    table.rows()
}

fn read_records(csv: &str) -> usize {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut rows = 0;
    while reader.read_record(&mut record).unwrap() {
        rows += 1;
    }
    rows
}

fn read_columns(csv: &str) -> usize {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let mut columns: Vec<ColumnBuilder> = headers.iter().map(ColumnBuilder::new).collect();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).unwrap() {
        for (column, cell) in columns.iter_mut().zip(&record) {
            column.push(cell);
        }
    }
    let columns: Vec<_> = columns.into_iter().map(ColumnBuilder::finish).collect();
    columns[0].rows()
}
