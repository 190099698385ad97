//! Encoders of other architectures, from files as a person has them, against PyTorch
//! (`tests/fixtures/make_encoders.py`).

mod support;

use std::path::{Path, PathBuf};

use burnish::domain::encoder::EncoderFiles;
use burnish::engine::batch::TokenBatch;
use burnish::engine::device::cpu;
use burnish::engine::encoder::{BertEncoderConfig, Weights};
use burnish::engine::run::Base;
use futures::executor::block_on;
use serde::Deserialize;

/// Largest difference to PyTorch in 64-bit floats.
const TOLERANCE: f64 = 1e-4;

#[derive(Deserialize)]
struct Reference {
    max_tokens: usize,
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    ids: Vec<u32>,
    vector: Vec<f64>,
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/encoders")
        .join(name)
}

/// All files of a folder, by their paths below it.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let below = self::files(&path).into_iter();
            files.extend(below.map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            files.push((name, std::fs::read(path).unwrap()));
        }
    }
    files
}

fn view(files: &[(String, Vec<u8>)]) -> EncoderFiles<'_> {
    let files = files.iter();
    files
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
        .collect()
}

#[track_caller]
fn check(name: &str) {
    let owned = files(&folder(name));
    let files = view(&owned);
    let reference: Reference =
        serde_json::from_slice(files.get("reference.json").unwrap()).unwrap();
    let base = Base::from_files(&files, &cpu()).unwrap();
    let config = burnish::domain::encoder::read(&files).unwrap();
    assert_eq!(config.max_tokens, reference.max_tokens);

    // Token ids are those of the reference, prefix included.
    let encoded: Vec<Vec<u32>> = reference
        .texts
        .iter()
        .map(|text| base.tokenizer().encode(&text.text, 512).ids)
        .collect();
    for (ids, text) in encoded.iter().zip(&reference.texts) {
        assert_eq!(*ids, text.ids, "{name}: {:?}", text.text);
    }

    // Vectors as the folder pools them, all texts in one padded batch.
    let weights = files.get("model.safetensors").unwrap();
    let encoder = BertEncoderConfig::new(config)
        .load(&Weights::open(weights).unwrap(), &cpu())
        .unwrap();
    let batch = TokenBatch::new(encoded.iter().map(Vec::as_slice), &cpu());
    let found = support::read(encoder.pooled(batch.ids, batch.mask));
    let mut largest: f64 = 0.0;
    for (found, text) in found.chunks_exact(16).zip(&reference.texts) {
        for (found, expected) in found.iter().zip(&text.vector) {
            largest = largest.max((f64::from(*found) - expected).abs());
        }
    }
    println!("{name}: largest difference to PyTorch {largest:.1e}");
    assert!(largest < TOLERANCE, "{name}: {largest:.1e}");

    // The vectors that heads read are the same on a sphere.
    let texts: Vec<&[u32]> = encoded.iter().map(Vec::as_slice).collect();
    let features = block_on(base.embed(&texts)).unwrap();
    for (found, text) in features.values.chunks_exact(16).zip(&reference.texts) {
        let length = text.vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        for (found, expected) in found.iter().zip(&text.vector) {
            let expected = expected / length * 4.0;
            assert!((f64::from(*found) - expected).abs() < TOLERANCE, "{name}");
        }
    }
}

macro_rules! matches_pytorch {
    ($($name:ident;)*) => {
        $(#[test] fn $name() { check(stringify!($name)); })*
    };
}

matches_pytorch! {
    distilbert;
    roberta;
    xlm_roberta;
    bert_cls;
    bert_max;
}

#[test]
fn files_of_two_models_are_refused_by_name() {
    let mut owned = files(&folder("bert_max"));
    let others = files(&folder("roberta"));
    let tokenizer = others
        .iter()
        .find(|(path, _)| path == "tokenizer.json")
        .unwrap();
    owned.retain(|(path, _)| path != "tokenizer.json");
    owned.push(tokenizer.clone());
    let error = Base::from_files(&view(&owned), &cpu())
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.starts_with("tokenizer.json has tokens up to number ")
            && error.contains("the model has vectors for "),
        "{error}"
    );

    let mut owned = files(&folder("bert_max"));
    let weights = others
        .iter()
        .find(|(path, _)| path == "model.safetensors")
        .unwrap();
    owned.retain(|(path, _)| path != "model.safetensors");
    owned.push(weights.clone());
    let error = Base::from_files(&view(&owned), &cpu())
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("tensor \"roberta.embeddings.word_embeddings.weight\" has shape"),
        "{error}"
    );
}

#[test]
fn weights_in_another_form_are_asked_for_by_name() {
    let mut owned = files(&folder("bert_max"));
    owned.retain(|(path, _)| path != "model.safetensors");
    owned.push(("pytorch_model.bin".to_owned(), vec![0x80, 2]));
    let error = Base::from_files(&view(&owned), &cpu())
        .err()
        .unwrap()
        .to_string();
    assert_eq!(error, "There is no model.safetensors among the files");
}
