//! Rows that are alike: the same but for case, white space and punctuation, or nearly the same text.
//!
//! A model is not judged by a text that it learned with another comma. Comparing every pair of rows
//! would take hours, so texts are reduced to sets of shingles, sets to MinHash signatures, and only
//! texts that share a band of their signature are compared.
//!
//! Sources: Broder 1997, "On the resemblance and containment of documents"; Leskovec, Rajaraman and
//! Ullman 2020, "Mining of Massive Datasets", sections 3.2 to 3.4.

use std::collections::HashMap;

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::groups::{Groups, Union};
use crate::domain::table::Column;

/// Texts are nearly the same from this Jaccard similarity of their shingles on.
pub const NEAR: f64 = 0.8;

/// Shorter texts are compared exactly: one word more or less makes another text of them.
pub const LEAST_CHARS: usize = 40;

/// So many characters in a row make a shingle. With four, a book has nearly every shingle there is,
/// and 7 of the 342 pairs of customer questions found alike in Banking77 have different intents; with
/// six it is 3 of 184, two of which differ in punctuation only.
const SHINGLE: usize = 6;

/// Of a long text the shingles of the smallest hashes stand for all (Broder's sketch).
const SKETCH: usize = 512;

/// Bands of a signature, and hashes in each: a pair of similarity 0.8 shares a band with a
/// probability of 1 - (1 - 0.8^5)^20 = 0.9996, one of 0.4 with 0.19.
const BANDS: usize = 20;
const BAND: usize = 5;

/// A text is compared with so many others of a band's bucket that are not alike to each other.
const COMPARED: usize = 8;

/// Hashes are the same in every run and on every platform, as the split has to be.
const SEED: u64 = 0x0061_6c69_6b65;

/// Groups of rows that are alike in all of these columns.
///
/// Cells are the same when they differ in case, white space or punctuation only. With `near`, cells
/// with the length of a sentence may also differ by a Jaccard similarity of their shingles down to
/// `NEAR`. Rows are joined through others: three rows are a group when the second is alike to
/// both. Rows whose cells are all empty stand alone.
///
/// Takes time in proportion to the text and about 100 bytes a row besides.
///
/// # Panics
/// When the columns differ in length.
pub fn alike(columns: &[&Column], near: bool) -> Groups {
    let Some(rows) = columns.first().map(|column| column.rows()) else {
        return Groups::alone(0);
    };
    let readings: Vec<Reading> = columns.iter().map(|column| Reading::of(column)).collect();
    let mut union = Union::new(rows);
    let mut same = Interner::default();
    // For every row that is the first of its kind: what its short cells are together.
    let mut firsts: Vec<(u32, u64)> = Vec::new();
    for row in 0..rows {
        let codes = || columns.iter().map(|column| column.codes()[row] as usize);
        let keys = || {
            readings
                .iter()
                .zip(codes())
                .map(|(reading, code)| &reading.keys[code])
        };
        if keys().all(|key| key.is_empty) {
            continue;
        }
        let all = keys().fold(EMPTY, |hash, key| {
            [0, 1].map(|half| mix(hash[half] ^ key.hash[half]))
        });
        match same.first_of(all, row as u32) {
            Some(first) => union.join(first, row as u32),
            None if near && keys().any(|key| key.is_long) => {
                let short = keys()
                    .map(|key| if key.is_long { 0 } else { key.hash[0] })
                    .fold(0, |hash, key| mix(hash ^ key));
                firsts.push((row as u32, short));
            }
            None => {}
        }
    }
    drop(same);
    if near {
        join_near(columns, &readings, &firsts, &mut union);
    }
    union.groups()
}

/// What is known of each distinct cell of a column.
struct Reading {
    keys: Vec<Key>,
}

struct Key {
    /// Two independent hashes of the normal form: 128 bits, so that no two of a billion forms are
    /// likely to share them.
    hash: [u64; 2],
    is_empty: bool,
    is_long: bool,
}

impl Reading {
    fn of(column: &Column) -> Self {
        let mut form = String::new();
        let keys = column.distinct().iter().map(|cell| {
            normalize(cell, &mut form);
            Key {
                hash: [0, 1].map(|half| hash(form.as_bytes(), SEED ^ half)),
                is_empty: form.is_empty(),
                is_long: is_long(cell),
            }
        });
        Self {
            keys: keys.collect(),
        }
    }
}

const EMPTY: [u64; 2] = [1, 2];

/// The first row of everything seen.
#[derive(Default)]
struct Interner {
    rows: HashMap<[u64; 2], u32>,
}

impl Interner {
    fn first_of(&mut self, hash: [u64; 2], row: u32) -> Option<u32> {
        match self.rows.entry(hash) {
            std::collections::hash_map::Entry::Occupied(first) => Some(*first.get()),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(row);
                None
            }
        }
    }
}

/// Lower case, one space between words and none around them. Punctuation counts as white space,
/// save in cells without a letter: -1.5 is not 15.
fn normalize(cell: &str, form: &mut String) {
    form.clear();
    let has_letter = cell.chars().any(char::is_alphabetic);
    for c in cell.chars() {
        let is_gap = c.is_whitespace() || c.is_control() || (has_letter && is_punctuation(c));
        if !is_gap {
            form.extend(c.to_lowercase());
        } else if !form.is_empty() && !form.ends_with(' ') {
            form.push(' ');
        }
    }
    form.truncate(form.trim_end().len());
}

/// Marks between words in any script; letters, digits, emoji and combining marks are none.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{a1}'..='\u{bf}' | '\u{2010}'..='\u{206f}' | '\u{3001}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

/// Whether a cell is a sentence rather than a name, an address or a number.
fn is_long(cell: &str) -> bool {
    let is_tall = cell.chars().take(LEAST_CHARS).count() == LEAST_CHARS;
    // Chinese, Japanese and Thai write no spaces between words, and more in a character.
    let is_dense =
        cell.len() >= LEAST_CHARS && cell.chars().filter(char::is_ascii).count() * 4 < cell.len();
    is_dense || (is_tall && cell.split_whitespace().take(LEAST_WORDS).count() == LEAST_WORDS)
}

/// Fewer words are a name, an address or a code.
const LEAST_WORDS: usize = 5;

/// Joins rows whose long cells are nearly the same and whose short cells are the same.
fn join_near(columns: &[&Column], readings: &[Reading], firsts: &[(u32, u64)], union: &mut Union) {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let factors: Vec<u64> = (0..BANDS * BAND).map(|_| rng.next_u64() | 1).collect();
    let mut form = String::new();
    let mut sketch_of = |row: u32, sketch: &mut Vec<u32>| {
        sketch.clear();
        for (column, reading) in columns.iter().zip(readings) {
            let code = column.codes()[row as usize] as usize;
            if reading.keys[code].is_long {
                normalize(&column.distinct()[code], &mut form);
                shingles(&form, sketch);
            }
        }
        sketch.sort_unstable();
        sketch.dedup();
        sketch.truncate(SKETCH);
    };

    let mut sketch = Vec::new();
    // Band by band, so that a band's keys lie together: [band][text].
    let mut keys = vec![0_u32; BANDS * firsts.len()];
    for (at, &(row, short)) in firsts.iter().enumerate() {
        sketch_of(row, &mut sketch);
        for band in 0..BANDS {
            let factors = &factors[band * BAND..(band + 1) * BAND];
            let key = factors.iter().fold(short ^ band as u64, |key, factor| {
                let least = sketch
                    .iter()
                    .map(|&shingle| (u64::from(shingle) + 1).wrapping_mul(*factor) >> 32)
                    .min();
                mix(key ^ least.unwrap_or(0))
            });
            keys[band * firsts.len() + at] = (key >> 32) as u32;
        }
    }

    let mut order: Vec<u32> = Vec::with_capacity(firsts.len());
    let mut compared: Vec<(u32, Vec<u32>)> = Vec::new();
    for keys in keys.chunks_exact(firsts.len().max(1)) {
        order.clear();
        order.extend(0..firsts.len() as u32);
        order.sort_unstable_by_key(|&at| (keys[at as usize], at));
        for bucket in order.chunk_by(|&a, &b| keys[a as usize] == keys[b as usize]) {
            if bucket.len() < 2 {
                continue;
            }
            compared.clear();
            for &at in bucket {
                let (row, short) = firsts[at as usize];
                let found = union.find(row);
                if compared
                    .iter()
                    .any(|(other, _)| union.find(firsts[*other as usize].0) == found)
                {
                    continue;
                }
                sketch_of(row, &mut sketch);
                let near = compared.iter().find(|(other, theirs)| {
                    firsts[*other as usize].1 == short && jaccard(&sketch, theirs) >= NEAR
                });
                match near {
                    Some((other, _)) => union.join(firsts[*other as usize].0, row),
                    None if compared.len() < COMPARED => compared.push((at, sketch.clone())),
                    None => {}
                }
            }
        }
    }
}

/// Appends hashes of every run of [`SHINGLE`] characters.
fn shingles(form: &str, into: &mut Vec<u32>) {
    let mut window = [0_u64; SHINGLE];
    for (at, c) in form.chars().enumerate() {
        window.rotate_left(1);
        window[SHINGLE - 1] = u64::from(u32::from(c));
        if at + 1 >= SHINGLE {
            let packed = window.iter().fold(SEED, |hash, c| mix(hash ^ c));
            into.push((packed >> 32) as u32);
        }
    }
}

/// Similarity of two sets by their sketches; exact where both sketches hold the whole set.
fn jaccard(a: &[u32], b: &[u32]) -> f64 {
    let (mut i, mut j, mut both, mut either) = (0, 0, 0_u32, 0_u32);
    while either < SKETCH as u32 && (i < a.len() || j < b.len()) {
        let (x, y) = (a.get(i), b.get(j));
        let is_both = x == y;
        either += 1;
        both += u32::from(is_both);
        match (x, y) {
            (Some(x), Some(y)) if x < y => i += 1,
            (Some(x), Some(y)) if x > y => j += 1,
            (Some(_), None) => i += 1,
            (None, Some(_)) => j += 1,
            _ => {
                i += 1;
                j += 1;
            }
        }
    }
    f64::from(both) / f64::from(either.max(1))
}

/// FNV-1a (Fowler, Noll, Vo), finished by [`mix`].
fn hash(bytes: &[u8], seed: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ mix(seed);
    mix(bytes.iter().fold(start, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }))
}

/// The finisher of SplitMix64 (Steele, Lea and Flood 2014).
fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::table::RowId;

    fn groups(cells: &[&str]) -> Vec<Vec<u32>> {
        let column = Column::of("text", cells);
        let groups = alike(&[&column], true).several();
        let ids = |group: Vec<RowId>| group.into_iter().map(|row| row.0).collect();
        groups.into_iter().map(ids).collect()
    }

    /// Whether two cells are alike.
    #[track_caller]
    fn check(a: &str, b: &str, expected: bool) {
        assert_eq!(!groups(&[a, b]).is_empty(), expected, "{a:?} and {b:?}");
    }

    macro_rules! alike {
        ($($name:ident, $a:expr, $b:expr, $expected:expr;)*) => {
            $(#[test] fn $name() { check($a, $b, $expected); })*
        };
    }

    alike! {
        the_same, "where is my card", "where is my card", true;
        case_and_punctuation, "Where is my card?!", "where is my  card", true;
        typographic_marks, "“It’s late…”", "it s late", true;
        full_width_marks, "订单延误了。", "订单延误了", true;
        another_emoji, "great 😀", "great 😡", false;
        a_short_text_with_another_word, "where is my card", "where is my cash", false;
        a_negative_number, "-1.5", "1.5", false;
        a_number_with_a_unit, "1.5 kg", "1,5 kg", true;
        two_gaps, "", " ", false;
        two_addresses, "https://example.org/items/of/some/length/101", "https://example.org/items/of/some/length/102", false;
        a_sentence_with_a_letter_more,
            "the parcel that I ordered two weeks ago has not arrived yet and nobody answers",
            "the parcels that I ordered two weeks ago has not arrived yet and nobody answers", true;
        sentences_that_share_half,
            "the parcel that I ordered two weeks ago has not arrived yet and nobody answers",
            "the parcel that I ordered two weeks ago came with a broken lid and a scratch", false;
    }

    #[test]
    fn short_cells_beside_a_long_one_must_be_the_same() {
        let text = "the parcel that I ordered two weeks ago has not arrived yet";
        let texts = Column::of("text", [text, &format!("{text}s"), text]);
        let cities = Column::of("city", ["Oslo", "oslo", "Bergen"]);
        assert_eq!(
            alike(&[&texts, &cities], true).several(),
            [[RowId(0), RowId(1)]]
        );
        assert_eq!(alike(&[&texts, &cities], false).several().len(), 0);
    }

    #[test]
    fn pairs_above_the_similarity_are_found_among_many() {
        // Every second text is the one before with one of its 30 words replaced.
        let word = |at: u64| format!("w{:x}", mix(at) % 0xffff);
        let texts: Vec<String> = (0..2000_u64)
            .map(|row| {
                let words: Vec<String> = (0..30)
                    .map(|at| match (row % 2, at) {
                        (1, 7) => "changed".to_owned(),
                        _ => word(row / 2 * 30 + at),
                    })
                    .collect();
                words.join(" ")
            })
            .collect();
        let groups = alike(&[&Column::of("text", texts)], true).several();
        assert!(
            groups
                .iter()
                .all(|group| group.len() == 2 && group[0].0 / 2 == group[1].0 / 2)
        );
        assert!(groups.len() >= 995, "{}", groups.len());
    }

    #[test]
    fn long_texts_are_compared_by_their_sketch() {
        let long: String = (0..20_000_u64)
            .map(|at| format!("{:x} ", mix(at)))
            .collect();
        let tail = format!("{long} and an ending of its own");
        let other: String = (0..20_000_u64)
            .map(|at| format!("{:x} ", mix(at + 77_777)))
            .collect();
        assert_eq!(groups(&[&long, &tail, &other]), [[0, 1]]);
    }

    #[test]
    fn no_column_and_no_row_are_no_problem() {
        assert_eq!(alike(&[], true).rows(), 0);
        assert!(groups(&[]).is_empty());
    }
}
