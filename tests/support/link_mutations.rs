//! Links that nobody made: sound ones with something changed, before or after packing.

use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use burnish::domain::share;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// Links that are sound.
const SOUND: &str = include_str!("../fixtures/share/form_1.txt");

/// Numbers that a careless reader would believe.
const LARGE: [&[u8]; 4] = [
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0x7f],
    &[0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    &[0x00, 0x00, 0xc0, 0x7f],
];

/// The link of an execution.
pub fn case(seed: u64, number: u64) -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9).wrapping_add(number));
    let sound: Vec<&str> = SOUND.lines().filter(|line| line.starts_with('#')).collect();
    let link = sound[rng.random_range(0..sound.len())];
    let Some((head, text)) = link.split_once('.') else {
        panic!("a sound link has a dot")
    };
    if rng.random_range(0..8) == 0 {
        // In the link itself.
        let mut bytes = link.as_bytes().to_vec();
        mutate(&mut bytes, &mut rng);
        return String::from_utf8_lossy(&bytes).into_owned();
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
    if rng.random_range(0..8) == 0 {
        // In what is packed.
        let mut bytes = bytes;
        mutate(&mut bytes, &mut rng);
        return format!("{head}.{}", URL_SAFE_NO_PAD.encode(bytes));
    }
    // In the body, with a checksum that fits.
    let mut body = Vec::new();
    DeflateDecoder::new(&bytes[8..])
        .read_to_end(&mut body)
        .unwrap();
    for _ in 0..rng.random_range(1..4) {
        mutate(&mut body, &mut rng);
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&body).unwrap();
    let packed = encoder.finish().unwrap();
    let mut bytes = Sha256::digest(&packed)[..8].to_vec();
    bytes.extend(packed);
    format!("{head}.{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn mutate(bytes: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    if bytes.is_empty() {
        return;
    }
    // Most of a body is weights, which take any byte; the counts are at its start.
    let end = if rng.random::<bool>() {
        bytes.len().min(160)
    } else {
        bytes.len()
    };
    let at = rng.random_range(0..end);
    match rng.random_range(0..6) {
        0 => bytes[at] ^= 1 << rng.random_range(0..8),
        1 => bytes[at] = rng.random(),
        2 => bytes.truncate(at),
        3 => drop(bytes.remove(at)),
        4 => bytes.insert(at, rng.random()),
        _ => {
            let large = LARGE[rng.random_range(0..LARGE.len())];
            bytes.splice(at..=at, large.iter().copied());
        }
    }
}

/// Reads a link; true when it opens.
pub fn execute(link: &str) -> bool {
    match share::read(link) {
        Ok(demo) => {
            // What opens can be shared again and is the same then.
            let again = demo.link().map(|link| share::read(&link));
            assert!(again.is_err() || again == Ok(Ok(demo)));
            true
        }
        Err(why) => {
            assert!(!why.to_string().is_empty());
            false
        }
    }
}
