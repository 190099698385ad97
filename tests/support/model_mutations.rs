//! Model files that nobody made: sound ones with something changed, in the archive, in its files
//! with sums that fit, or in the tensors' own header.

use std::io::{Cursor, Read, Write};

use burnish::engine::checkpoint::Checkpoint;
use burnish::engine::export::open_burnish;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A model that chooses between two labels, of form 1: `tune --method head --export burnish=...` on the
/// rows of `tests/session.rs`. One of columns, of form 2: `tune penguins.csv --target species` of a
/// small network. And one of texts on an encoder of form 3, which is inside: `tune films.csv --target label
/// --method head --encoder tests/fixtures/encoders/bert_max` on rows of `tests/own_encoder.rs`. Seeds take
/// turns.
const SOUND: [&[u8]; 3] = [
    include_bytes!("../fixtures/share/form_1.burnish"),
    include_bytes!("../fixtures/share/form_2.burnish"),
    include_bytes!("../fixtures/share/form_3.burnish"),
];

fn of_seed(seed: u64) -> &'static [u8] {
    SOUND[(seed % 3) as usize]
}

/// What stands in JSON where a careless reader expects something else.
const ODD: [&str; 12] = [
    "null",
    "-1",
    "1e400",
    "4294967296",
    "18446744073709551616",
    "\"\"",
    "[]",
    "{}",
    "true",
    "0",
    "[[[[[[[[]]]]]]]]",
    "\"\\u0000\\u202e\"",
];

/// The bytes of an execution.
pub enum Case {
    /// A model file.
    Model(Vec<u8>),
    /// The tensors alone.
    Tensors(Vec<u8>),
}

/// The files of the sound model that a seed changes.
pub fn sound(seed: u64) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(of_seed(seed))).unwrap();
    let files = (0..archive.len()).map(|at| {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().unwrap().into_owned(), bytes)
    });
    files.collect()
}

/// The file of an execution.
pub fn case(files: &[(String, Vec<u8>)], seed: u64, number: u64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9).wrapping_add(number));
    if rng.random_range(0..6) == 0 {
        let mut bytes = of_seed(seed).to_vec();
        for _ in 0..rng.random_range(1..5) {
            mutate(&mut bytes, &mut rng);
        }
        return Case::Model(bytes);
    }
    let mut files = files.to_vec();
    if rng.random_range(0..3) == 0 {
        let (_, mut bytes) = files
            .into_iter()
            .find(|(name, _)| name == "learned.safetensors")
            .unwrap();
        mutate_tensors(&mut bytes, &mut rng);
        return Case::Tensors(bytes);
    }
    for (name, bytes) in &mut files {
        match &**name {
            "manifest.json" => mutate_json(bytes, &mut rng),
            "learned.safetensors" if rng.random::<bool>() => mutate_tensors(bytes, &mut rng),
            _ => {}
        }
    }
    if rng.random_range(0..10) == 0 {
        let at = rng.random_range(0..files.len());
        files.remove(at);
    }
    Case::Model(pack(&files))
}

fn pack(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in files {
        archive.start_file(name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn mutate(bytes: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    if bytes.is_empty() {
        return;
    }
    let at = rng.random_range(0..bytes.len());
    match rng.random_range(0..6) {
        0 => bytes[at] ^= 1 << rng.random_range(0..8),
        1 => bytes[at] = rng.random(),
        2 => bytes.truncate(at),
        3 => drop(bytes.remove(at)),
        4 => bytes.insert(at, rng.random()),
        _ => {
            let end = bytes.len().min(at + 4);
            bytes.splice(at..end, [0xff, 0xff, 0xff, 0x7f]);
        }
    }
}

/// Puts something odd where a value stands, or changes bytes.
fn mutate_json(bytes: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..4) {
        if rng.random_range(0..3) == 0 {
            mutate(bytes, rng);
            continue;
        }
        let colons: Vec<usize> = bytes
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b':')
            .map(|(at, _)| at)
            .collect();
        if colons.is_empty() {
            return;
        }
        let start = colons[rng.random_range(0..colons.len())] + 1;
        let length = bytes[start..]
            .iter()
            .position(|byte| matches!(byte, b',' | b'\n' | b'}' | b']'));
        let end = length.map_or(bytes.len(), |length| start + length);
        let odd = ODD[rng.random_range(0..ODD.len())];
        bytes.splice(start..end, odd.bytes());
    }
}

/// Mostly in the header, which holds shapes and places: weights take any byte.
fn mutate_tensors(bytes: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    let length = bytes
        .first_chunk()
        .map_or(0, |head| u64::from_le_bytes(*head)) as usize;
    if rng.random_range(0..4) == 0 || bytes.len() < 8 + length {
        return mutate(bytes, rng);
    }
    let mut header = bytes[8..8 + length].to_vec();
    mutate_json(&mut header, rng);
    let mut next = (header.len() as u64).to_le_bytes().to_vec();
    next.extend(header);
    next.extend(&bytes[8 + length..]);
    *bytes = next;
}

/// Opens a file; true when it opens.
pub fn execute(case: &Case) -> bool {
    match case {
        Case::Model(bytes) => match open_burnish(bytes) {
            Ok(file) => {
                assert!(file.recipe.check().is_empty() && file.labels.len() >= 2);
                if let Err(why) = file.encoder_files(bytes) {
                    assert!(!why.to_string().is_empty());
                }
                true
            }
            Err(why) => {
                assert!(!why.to_string().is_empty());
                false
            }
        },
        Case::Tensors(bytes) => match Checkpoint::from_bytes(bytes) {
            Ok(checkpoint) => {
                // What opens can be kept again and is the same then.
                let kept = checkpoint.to_bytes();
                assert_eq!(Checkpoint::from_bytes(&kept).unwrap().to_bytes(), kept);
                true
            }
            Err(why) => {
                assert!(!why.to_string().is_empty());
                false
            }
        },
    }
}
