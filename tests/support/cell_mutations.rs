//! Cells that nobody wrote: pieces of numbers, dates, units and noise, and what must hold however
//! they are read.

use burnish::domain::column::{DateFormat, ListFormat, NumberFormat, date, number, parse_number};
use burnish::domain::missing::is_missing;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What cells are put together from: all that means something to a reader of numbers or dates.
const PIECES: &[&str] = &[
    "0",
    "1",
    "9",
    "12",
    "31",
    "2024",
    "1999",
    "00",
    "007",
    "999999999999999999999",
    "1e",
    "e308",
    "E-9",
    "+",
    "-",
    "\u{2212}",
    "(",
    ")",
    ".",
    ",",
    ", ",
    "'",
    "\u{2019}",
    " ",
    "\u{a0}",
    "\u{202f}",
    "_",
    "/",
    ":",
    "%",
    " %",
    "$",
    "€",
    "£",
    "USD",
    "EUR ",
    "k",
    "M",
    "bn",
    "kg",
    "cm",
    "GB",
    "°C",
    "T",
    "Z",
    "+02:00",
    "-0530",
    "AM",
    "pm",
    "Jan",
    "March",
    "Sept.",
    "Mär",
    "janvier",
    "Monday, ",
    "st",
    "NA",
    "n/a",
    "?",
    "inf",
    "NaN",
    "-∞",
    "0x1F",
    "½",
    "٣",
    "１",
    "[",
    "]",
    "{",
    "}",
    "|",
    ";",
    "\"",
    "a",
    "é",
    "👍",
    "\u{200b}",
    "\u{feff}",
    "\t",
    "\n",
    "\0",
    "1,234",
    "1.234,56",
    "2024-01-31",
    "31/12/99",
    "12:30:59.999999999",
    "20240131",
    "1706659200",
    "9999-12-31",
    "0000-00-00",
];

/// A column of a few cells: the same for the same number in every run with that seed.
pub fn cells(seed: u64, number: u64) -> Vec<String> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number);
    let count = rng.random_range(1..6);
    let piece = |rng: &mut ChaCha8Rng| PIECES[rng.random_range(0..PIECES.len())];
    let base: Vec<&str> = (0..rng.random_range(0..8))
        .map(|_| piece(&mut rng))
        .collect();
    (0..count)
        .map(|_| {
            // Cells of a column are alike, so that its format is one that some other cell has.
            let mut pieces = base.clone();
            for _ in 0..rng.random_range(0..3) {
                let at = rng.random_range(0..=pieces.len());
                match rng.random_range(0..3) {
                    0 if at < pieces.len() => drop(pieces.remove(at)),
                    1 if at < pieces.len() => pieces[at] = piece(&mut rng),
                    _ => pieces.insert(at, piece(&mut rng)),
                }
            }
            let mut cell = pieces.concat();
            if rng.random_bool(0.02) {
                cell = cell.repeat(rng.random_range(2..200));
            }
            cell
        })
        .collect()
}

/// Reads a column's cells in every way and holds it against what must be true of any. How many were
/// read as something.
///
/// # Panics
/// When something is not as it must be.
pub fn execute(cells: &[String]) -> usize {
    let texts = || cells.iter().map(String::as_str);
    let numbers = NumberFormat::detect(texts());
    let dates = DateFormat::detect(texts());
    assert!(!numbers.describe().is_empty() && !dates.describe().is_empty());
    let counted: Vec<(&str, u32)> = texts().map(|cell| (cell, 1)).collect();
    let lists = ListFormat::detect(&counted);
    let mut read = 0;
    for cell in texts() {
        let found = number::read(cell, numbers);
        assert!(found.is_none_or(f64::is_finite), "{cell:?}");
        assert!(parse_number(cell).is_none_or(f64::is_finite), "{cell:?}");
        // A format of another column meets this cell when a new row comes.
        for is_day_first in [true, false] {
            let format = DateFormat {
                is_day_first,
                ..dates
            };
            if let Some(moment) = date::read(cell, format) {
                assert!(!date::shown(moment).is_empty());
            }
        }
        let moment = date::read(cell, dates);
        let items = lists.map_or(0, |lists| lists.split(cell).len());
        assert!(items <= cell.len() + 1, "{cell:?}");
        read += usize::from(found.is_some() || moment.is_some() || is_missing(cell));
        // What was read as a number is written and read back as that number.
        if let Some(number) = found {
            assert_eq!(parse_number(&number.to_string()), Some(number), "{cell:?}");
        }
    }
    read
}
