//! Files that nobody wrote: small CSVs, mutated, and what must hold whatever is read.
//!
//! Shared by `tests/csv_fuzz.rs`, which runs some thousands, and `examples/fuzz.rs`, which runs as
//! many as it is told.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use burnish::domain::column::summarize;
use burnish::domain::csv::{CsvReader, Delimiter, Dialect, DialectChoice, Mark};
use burnish::domain::issue::Issue;
use burnish::domain::table::{Column, RowId, Table};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// An execution that takes longer hangs, or will with a longer file. Of the thread's own time on a
/// CPU, which other work on the machine does not add to.
pub const LONGEST: Duration = Duration::from_secs(10);

/// Files longer than this are cut.
const MOST_BYTES: usize = 200_000;

/// Where mutations begin.
const SEEDS: &[&[u8]] = &[
    b"a,b\n1,2\n3,4\n",
    b"text,label\n\"say \"\"hi\"\", you\",1\r\n\"two\nlines\",0\r\n",
    b"sep=;\na;b\n1,5;x\n2,5;y\n",
    b"\"\"\"a\"\";\"\"b\"\";\"\"c\"\"\"\n\"1;\"\"x\"\";2\"\n\"3;\"\"y\"\";4\"\n",
    b" 1.0  2   3\n 4.5 10   3\n 1.0  2  30\n",
    b"# by me\n# today\na\tb\tc\n1\t2\t3\n# x\n4\t5\t6\n",
    b"Title,,\n\n,,\na,b,c\n1,2,3\n4,5,6\n",
    b"t,v,w\ns,m/s,kg\n1,2,3\n4,5,6\n",
    b"Year;Name\nINT;STRING\n1990;x\n1991;y\n",
    b"t,l\n\"the \\\"US\\\" way, yes\",1\n\"b\",2\n",
    b"a,b\n'x, y',1\n'it''s',2\n",
    b"a, b\n\"x\", \"y, z\"\n\"u\", \"v, w\"\n",
    b"\xff\xfea\0,\0b\0\n\0\xe9\0,\0x\0\n\0",
    b"\xef\xbb\xbfn,w\ncaf\xe9,\xe6\x97\xa5\n",
    b"a;b;;,,,\n1;2;;\n3;4;;,\n;;;,,\n",
    b"a\x01b\nx, y\x011\nz, w\x012\n",
    b"2024-01-31,31/01/2024,1.234,50 \xe2\x82\xac,12%,(1.50),1e308\n1:05 PM,Sep 3 2021,-inf,19M,$4.99,?,NA\n",
    b"",
];

/// What is put into files: all that means something to a reader.
const TOKENS: &[&[u8]] = &[
    b",",
    b";",
    b"\t",
    b"|",
    b"\"",
    b"\"\"",
    b"'",
    b"\\",
    b"\n",
    b"\r",
    b"\r\n",
    b" ",
    b"  ",
    b"#",
    b"\0",
    b"\x01",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc2\xa6",
    b"\xe9",
    b"\xf0\x9f\x91\x8d",
    b"sep=,\n",
    b"\",\"",
    b"\n\"",
    b"\"\n",
    b",\"",
    b"\",",
    b"\\\"",
    b"NA",
    b"1",
    b"-1.5e300",
    b"2024-01-31T00:00:00Z",
    b"12:30",
    b"99999999999999999999",
    b"\xe2\x90\x80",
    b"^",
    b"~",
    b":",
    b"//",
];

/// One execution's input.
#[derive(Debug)]
pub struct Case {
    pub bytes: Vec<u8>,
    pub choice: DialectChoice,
    pub chunks: [usize; 2],
}

/// The case of a number: the same in every run with that seed.
pub fn case(seed: u64, number: u64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number);
    let rng = &mut rng;
    let mut bytes = SEEDS[rng.random_range(0..SEEDS.len())].to_vec();
    for _ in 0..rng.random_range(0..12) {
        mutate(&mut bytes, rng);
        bytes.truncate(MOST_BYTES);
    }
    let choice = if rng.random_bool(0.5) {
        DialectChoice::default()
    } else {
        random_choice(rng)
    };
    let chunk = |rng: &mut ChaCha8Rng| match rng.random_range(0..5) {
        0 => 1 + bytes.len() / 2000,
        1 => rng.random_range(1..8) + bytes.len() / 500,
        2 => rng.random_range(8..100) + bytes.len() / 100,
        3 => rng.random_range(100..70_000),
        _ => usize::MAX,
    };
    let chunks = [chunk(rng), chunk(rng)];
    Case {
        bytes,
        choice,
        chunks,
    }
}

fn mutate(bytes: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    let at = rng.random_range(0..=bytes.len());
    let end = (at + rng.random_range(0..40)).min(bytes.len());
    let token = TOKENS[rng.random_range(0..TOKENS.len())];
    match rng.random_range(0..40) {
        0..=9 => drop(bytes.splice(at..at, token.iter().copied())),
        10..=14 => drop(bytes.splice(at..end, token.iter().copied())),
        15..=18 => drop(bytes.drain(at..end)),
        19..=24 => {
            let piece = bytes[at..end].to_vec();
            let to = rng.random_range(0..=bytes.len());
            bytes.splice(to..to, piece);
        }
        25..=28 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.random_range(0..8);
            }
        }
        29..=31 => {
            let random: Vec<u8> = (0..rng.random_range(1..20)).map(|_| rng.random()).collect();
            bytes.splice(at..at, random);
        }
        32..=34 => {
            let other = SEEDS[rng.random_range(0..SEEDS.len())];
            bytes.splice(at..at, other.iter().copied());
        }
        35..=37 => {
            let times = rng.random_range(2..30);
            bytes.splice(at..at, token.repeat(times));
        }
        38 => {
            let times = rng.random_range(2..60);
            *bytes = bytes.repeat(times);
        }
        // Now and then past the sample from which the dialect is chosen.
        _ => {
            if rng.random_bool(0.05) {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece.repeat(70_000 / piece.len().max(1)));
            }
        }
    }
}

fn random_choice(rng: &mut ChaCha8Rng) -> DialectChoice {
    const CHARACTERS: [char; 16] = [
        ',', ';', '\t', '|', '"', '\'', '\\', '#', ' ', '\n', '\r', 'a', '¦', '👍', '\0', '^',
    ];
    let mark = |rng: &mut ChaCha8Rng| match rng.random_range(0..6) {
        0 => Some(Mark::None),
        1 | 2 => Some(Mark::Character(
            CHARACTERS[rng.random_range(0..CHARACTERS.len())],
        )),
        _ => None,
    };
    DialectChoice {
        delimiter: match rng.random_range(0..6) {
            0 => Some(Delimiter::Whitespace),
            1 | 2 => Some(Delimiter::Character(
                CHARACTERS[rng.random_range(0..CHARACTERS.len())],
            )),
            _ => None,
        },
        quote: mark(rng),
        escape: mark(rng),
        comment: mark(rng),
        header: [None, Some(true), Some(false)][rng.random_range(0..3)],
        skip_lines: [None, None, Some(0), Some(rng.random_range(0..9))][rng.random_range(0..4)],
    }
}

/// What became of a case: a table, or its refusal.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    Table(Vec<Vec<String>>, Vec<Issue>),
    Refused(&'static str),
}

/// Reads a case and holds it against what must be true of any file. Gives its outcome.
///
/// # Panics
/// When something is not as it must be.
pub fn execute(case: &Case) -> Outcome {
    let started = cpu_time();
    let outcome = read(case, case.chunks[0]);
    // How a file is cut into chunks is nobody's business.
    let is_same = outcome == read(case, case.chunks[1]);
    assert!(
        is_same,
        "chunks of {:?} bytes give other tables or issues",
        case.chunks
    );

    let text = String::from_utf8_lossy(&case.bytes);
    let dialect = Dialect::detect_with(&text, case.bytes.len().is_multiple_of(2), &case.choice);
    assert!(dialect.preamble_lines as usize <= 9 + text.len());

    if let Outcome::Table(columns, _) = &outcome {
        for cells in columns.iter().take(8) {
            let profile = summarize(&Column::of("t", cells));
            assert!(profile.missing as usize <= cells.len());
            assert!(profile.mean_chars.is_finite());
        }
    }
    let took = cpu_time() - started;
    assert!(took < LONGEST, "{took:?} for {} bytes", case.bytes.len());
    outcome
}

/// How long this thread has been on a CPU; by the clock where the system does not tell.
pub fn cpu_time() -> Duration {
    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    match stat.split(' ').next().map(str::parse) {
        Some(Ok(nanos)) => Duration::from_nanos(nanos),
        _ => STARTED.elapsed(),
    }
}

fn read(case: &Case, chunk: usize) -> Outcome {
    let mut reader = CsvReader::with_choice("t.csv", case.choice.clone());
    for chunk in case.bytes.chunks(chunk) {
        reader.feed(chunk);
    }
    match reader.finish() {
        Ok((table, issues)) => Outcome::Table(columns(&table), issues),
        Err(refusal) => Outcome::Refused(refusal.id()),
    }
}

fn columns(table: &Table) -> Vec<Vec<String>> {
    let rows = table.rows();
    assert!(rows > 0 && !table.columns().is_empty());
    table
        .columns()
        .iter()
        .map(|column| {
            assert_eq!(column.rows(), rows);
            (0..rows as u32)
                .map(|row| column.cell(RowId(row)).to_owned())
                .collect()
        })
        .collect()
}
