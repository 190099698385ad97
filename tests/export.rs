//! Taking a model along and opening it again. What other programs make of the files is tested by
//! `tests/exports/parity.py`.

mod support;

use std::io::{Cursor, Read};

use burnish::domain::encoder::OwnEncoder;
use burnish::domain::examples::Examples;
use burnish::domain::recipe::{DataProfile, Method, Recipe};
use burnish::domain::share;
use burnish::domain::table::{Column, Table};
use burnish::engine::export::{self, BroughtEncoder, Facts, Learned, Model, open_burnish};
use burnish::engine::features::FeatureStore;
use burnish::engine::run::{Base, Tuned, tune};
use burnish::engine::share::{Packing, Source, Words, open};
use futures::executor::block_on;
use support::Silent;
use zip::ZipArchive;

const TEXTS: [&str; 3] = ["the film was good", "a bad film", "good good play"];

struct Made {
    base: Base,
    tuned: Tuned,
    model: Model,
}

/// A tiny model of random weights, tuned on sentences of its few words.
fn made(method: Method) -> Made {
    let base = support::random_base(2, 64, 7);
    let words = ["film", "play", "the", "very", "was"];
    let texts: Vec<String> = (0..60)
        .map(|row| {
            let verdict = ["good", "bad"][row % 2];
            format!("{} {} {verdict}", words[row / 2 % 5], words[row / 10 % 5])
        })
        .collect();
    let labels: Vec<&str> = (0..60).map(|row| ["yes", "no"][row % 2]).collect();
    let columns = vec![Column::of("text", &texts), Column::of("label", labels)];
    let table = Table::new("verdicts.csv", columns);
    let nothing = DataProfile::empty();
    let mut recipe = Recipe::suggest(vec!["text".to_owned()], "label".to_owned(), &nothing)
        .with_method(method, &nothing);
    recipe.split.keep_together = false;
    recipe.training.epochs = 2;
    let mut examples = Examples::read(&table, &recipe).unwrap();
    let mut store = FeatureStore::default();
    let mut watcher = Silent;
    let outcome = tune(&base, &mut examples, &recipe, &mut store, &mut watcher);
    let outcome = block_on(outcome).unwrap();
    let facts = Facts::of_run("verdicts.csv", [40, 8, 12], &outcome.report);
    let fitted = &examples.fitted;
    let model = Model::of_text(&outcome.tuned, &base, &recipe, fitted, facts);
    let model = block_on(model).unwrap();
    Made {
        model,
        tuned: outcome.tuned,
        base,
    }
}

fn answers(tuned: &Tuned, base: &Base) -> Vec<Vec<f32>> {
    let answer = |text| block_on(tuned.predict(base, text)).unwrap().0;
    TEXTS.map(answer).to_vec()
}

fn bytes_of(model: &Model, id: &str) -> Vec<u8> {
    export::find(id).unwrap().export(model).unwrap()
}

fn names(zip: &[u8]) -> Vec<String> {
    let archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect()
}

#[test]
fn every_form_holds_what_its_program_needs() {
    let made = made(Method::Lora);
    let expected: [(&str, &[&str]); 6] = [
        (
            "hugging_face",
            &[
                "config.json",
                "model.safetensors",
                "tokenizer.json",
                "tokenizer_config.json",
                "special_tokens_map.json",
                "modules.json",
                "1_Pooling/config.json",
                "3_Dense/model.safetensors",
                "README.md",
                "predict.py",
            ],
        ),
        (
            "peft",
            &[
                "adapter_config.json",
                "adapter_model.safetensors",
                "head.safetensors",
            ],
        ),
        (
            "onnx",
            &["model.onnx", "tokenizer.json", "burnish.json", "predict.py"],
        ),
        ("onnx_f16", &["model.onnx"]),
        ("onnx_int8", &["model.onnx"]),
        ("burnish", &["manifest.json", "learned.safetensors"]),
    ];
    for (id, files) in expected {
        let bytes = bytes_of(&made.model, id);
        assert_eq!(bytes, bytes_of(&made.model, id), "{id} is the same twice");
        let found = names(&bytes);
        for file in files {
            assert!(found.iter().any(|name| name == file), "{id} lacks {file}");
        }
    }
    let card = String::from_utf8(bytes_of(&made.model, "model_card")).unwrap();
    for part in [
        "---\n",
        "license: \"apache-2.0\"",
        "| Accuracy |",
        "## Limits",
        "```json",
    ] {
        assert!(card.contains(part), "{part} in\n{card}");
    }
    assert!(!card.contains("film play good"), "no row is in it");
    let recipe: Recipe = serde_json::from_slice(&bytes_of(&made.model, "recipe")).unwrap();
    assert_eq!(recipe, made.model.recipe);
    for exporter in export::ALL {
        let is_adapter = exporter.id() == "peft";
        let head = Recipe::suggest(Vec::new(), String::new(), &DataProfile::empty())
            .with_method(Method::Head, &DataProfile::empty());
        assert_eq!(
            exporter.refusal(&head).is_some(),
            is_adapter,
            "{}",
            exporter.id()
        );
    }
}

#[test]
fn a_model_file_opens_to_the_same_answers() {
    for method in Method::ALL {
        let made = made(method);
        let opened = open_burnish(&bytes_of(&made.model, "burnish")).unwrap();
        assert_eq!(opened.recipe, made.model.recipe);
        let again = Tuned::restore(&made.base, opened.labels, &opened.recipe, &opened.learned);
        assert_eq!(again.misfit(&opened.learned), None);
        assert_eq!(
            answers(&again, &made.base),
            answers(&made.tuned, &made.base),
            "{method:?}"
        );
    }
}

#[test]
fn damaged_model_files_are_refused_or_open_unchanged() {
    let made = made(Method::Lora);
    let sound = bytes_of(&made.model, "burnish");
    let reference = open_burnish(&sound).unwrap();
    let step = sound.len() / 150;
    let cuts = (0..sound.len())
        .step_by(step)
        .map(|end| sound[..end].to_vec());
    let flips = (0..sound.len()).step_by(step).map(|at| {
        let mut flipped = sound.clone();
        flipped[at] ^= 0x5a;
        flipped
    });
    let (mut refused, mut all) = (0, 0);
    for damaged in cuts.chain(flips) {
        all += 1;
        match open_burnish(&damaged) {
            // A date or the card, which are not read.
            Ok(opened) => {
                assert_eq!(opened.learned, reference.learned);
                assert_eq!(opened.recipe, reference.recipe);
            }
            Err(why) => {
                assert!(why.to_string().len() > 20);
                refused += 1;
            }
        }
    }
    assert!(all >= 300 && refused >= 200, "{refused} of {all}");
}

#[test]
fn a_file_without_an_encoder_inside_keeps_its_form_and_one_that_names_it_says_so() {
    let mut made = made(Method::Head);
    let version = |zip: &[u8]| {
        let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
        let manifest = archive.by_name("manifest.json").unwrap();
        let manifest: serde_json::Value = serde_json::from_reader(manifest).unwrap();
        manifest["version"].as_u64().unwrap()
    };
    let plain = bytes_of(&made.model, "burnish");
    assert_eq!(version(&plain), 2, "earlier pages open it as well");
    assert_eq!(open_burnish(&plain).unwrap().encoder, None);

    let id = format!("sha256:{}", "a".repeat(64));
    let encoder = OwnEncoder {
        id: id.clone(),
        name: "large".to_owned(),
        about: "BERT, 24 layers.".to_owned(),
        parts: vec![("config.json".to_owned(), 7)],
    };
    made.model.recipe.base_model = id;
    made.model.base = None;
    let files = None;
    made.model.own = Some(BroughtEncoder { encoder, files });
    let named = bytes_of(&made.model, "burnish");
    assert_eq!(version(&named), 3);
    let opened = open_burnish(&named).unwrap();
    assert_eq!(opened.encoder_files(&named), Ok(None));
    assert_eq!(opened.encoder.unwrap().name, "large");
}

#[test]
fn weights_of_another_model_are_noticed() {
    for method in [Method::Head, Method::Lora] {
        let made = made(method);
        let file = open_burnish(&bytes_of(&made.model, "burnish")).unwrap();
        let restored = |labels: Vec<String>| {
            let tuned = Tuned::restore(&made.base, labels, &made.model.recipe, &file.learned);
            tuned.misfit(&file.learned)
        };
        assert_eq!(restored(file.labels.clone()), None);
        let more = [&file.labels[..], &["another".to_owned()]].concat();
        assert!(restored(more).is_some());
    }
}

#[test]
fn a_link_opens_to_answers_that_are_near() {
    for (method, limit) in [(Method::Head, 0.01), (Method::Lora, 0.05)] {
        let made = made(method);
        let Learned::Text(weights) = &made.model.learned else {
            panic!("it reads texts")
        };
        let source = Source {
            recipe: &made.model.recipe,
            labels: &made.model.labels,
            fitted: &made.model.fitted,
            weights,
            accuracy: None,
        };
        let packing = Packing::all(weights)[0];
        let link = packing
            .demo(&source, &Words::default())
            .unwrap()
            .link()
            .unwrap();
        let demo = share::read(&link).unwrap();
        let (tuned, _) = open(&demo, &made.base).unwrap();
        let found = answers(&tuned, &made.base);
        for (found, whole) in found.iter().zip(answers(&made.tuned, &made.base)) {
            for (x, y) in found.iter().zip(whole) {
                assert!((x - y).abs() < limit, "{method:?}: {x} and {y}");
            }
        }
    }
}

#[test]
fn an_onnx_file_names_its_labels_and_operators() {
    let made = made(Method::Head);
    let zip = bytes_of(&made.model, "onnx");
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut onnx = Vec::new();
    let mut file = archive.by_name("model.onnx").unwrap();
    file.read_to_end(&mut onnx).unwrap();
    let holds = |words: &str| {
        onnx.windows(words.len())
            .any(|part| part == words.as_bytes())
    };
    for words in [
        "[\"no\",\"yes\"]",
        "LayerNormalization",
        "input_ids",
        "probabilities",
    ] {
        assert!(holds(words), "{words}");
    }
}
